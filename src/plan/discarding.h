// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether extents may have been discarded when LVs gave them up. A discard leaves no trace on disks; only the command
// lines that the versions carry, and where they were run, say something of it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/sureness.h"

namespace ashlar::plan {

/// Does a command line, as LVM2 and Ashlar keep it, set devices/issue_discards to something else than 0?
bool asks_for_discards(std::string_view command);

/// What is to be doubted of the versions that gave up some of `back` since `from`.
void look_for_discards(const History& history, const Version& from, const std::vector<Piece>& back, const Circumstances& circumstances,
                       std::vector<std::string>& grave, std::vector<std::string>& mild);

}  // namespace ashlar::plan
