// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the library's account of its work goes: stderr by -v, by log/level a file (log/file) and the system's log
// (log/syslog).
#pragma once

#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "cli/output.h"
#include "config/settings.h"

namespace ashlar::cli {

struct LogTarget;

/// Installs the sink while it lives. `command`: its name, for log/command_names. `verbose`: how many -v.
class Logging {
 public:
  Logging(Output& output, std::string_view command, int verbose);
  ~Logging();

 private:
  std::unique_ptr<LogTarget> own_;
  LogTarget* around_ = nullptr;  ///< of the command that this one runs within
  std::unique_ptr<ScopedLogSink> sink_;
};

/// What a command fails with, for the file and the system's log.
void log_failure(const Error& error);

/// The settings under log/, once the configuration is read.
void apply_log_settings(const config::Settings& settings, Output& output, int verbose);

}  // namespace ashlar::cli
