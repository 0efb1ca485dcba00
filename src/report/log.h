// SPDX-License-Identifier: LGPL-2.1-or-later
// The log of a command as a report: what was done to which object, and what was said. Its fields are rows of
// log_fields.cc. Source: lvmreport(7), "Log report specifics".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/report.h"

namespace ashlar::report {

/// What a row is about; empty strings: nothing in particular.
struct LogObject {
  std::string type;  ///< "cmd", "orphan", "pv", "label", "vg" or "lv"
  std::string name, id;
  std::string group, group_id;  ///< the VG of a PV or LV
};

struct LogRow {
  std::uint64_t number = 0;  ///< from 1, in the order in which it happened
  std::string type;          ///< "status", "print", "warn" or "error"
  std::string context;       ///< "processing", or "shell": before and after that, and only there
  LogObject object;
  std::string message;            ///< of a status "success" or "failure"
  bool error = false;             ///< an error was told, here or before in the same context: log_errno is -1
  std::uint64_t return_code = 0;  ///< of a status: 1, or the exit status of what failed
};

/// The rows as a report, with headings even where there is no row; as JSON with an array "log" in it, and nothing
/// around. Errors as of print().
Result<std::vector<std::string>> print_log(const std::vector<LogRow>& rows, const Options& options);

}  // namespace ashlar::report
