// SPDX-License-Identifier: LGPL-2.1-or-later
// How the versions of a VG are shown, for all commands that show them.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/json_output.h"

namespace ashlar::cli {

/// Each version with what it differs in from the one in effect before it. The rows point into `history`.
std::vector<HistoryRow> history_rows(const plan::History& history);
/// Hosts other than `this_host` are named.
void show_version(Session& session, const HistoryRow& row, const std::string& this_host);

}  // namespace ashlar::cli
