// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the library's account of its work goes: stderr by -v, a file by log/file and log/level.
#pragma once

#include <memory>

#include "base/log.h"
#include "cli/output.h"
#include "config/settings.h"

namespace ashlar::cli {

/// Installs the sink while it lives. `command`: its name, for log/command_names. `verbose`: how many -v.
class Logging {
 public:
  Logging(Output& output, std::string_view command, int verbose);
  ~Logging();

 private:
  std::unique_ptr<ScopedLogSink> sink_;
};

/// The settings under log/, once the configuration is read.
void apply_log_settings(const config::Settings& settings, Output& output, int verbose);

}  // namespace ashlar::cli
