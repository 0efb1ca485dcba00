// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether extents may have been discarded when LVs gave them up. A discard leaves no trace in the extents' place on
// disks: the texts that Ashlar wrote tell of it, of others the command lines that they carry, at most. Pure.
#pragma once

#include <vector>

#include "plan/sureness.h"
#include "plan/written_since.h"

namespace ashlar::plan {

/// Looks at the versions that gave up some of `back` since `from`, and at the setting of now where they do not tell.
void look_for_discards(const History& history, const Version& from, const std::vector<Piece>& back,
                       const Circumstances& circumstances, Doubts& doubts);

}  // namespace ashlar::plan
