// SPDX-License-Identifier: LGPL-2.1-or-later
// The system's log, for log/syslog.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ashlar::cli {

/// Keeps the messages of a command and sends them when it ends: whoever writes the log may have to wait for a device
/// that the command has suspended.
class Syslog {
 public:
  Syslog() = default;
  Syslog(const Syslog&) = delete;
  Syslog& operator=(const Syslog&) = delete;
  ~Syslog();  ///< sends

  /// `priority`: of syslog(3), LOG_ERR to LOG_DEBUG. Of very many the last ones are lost, and their number is told.
  void add(int priority, std::string message);

 private:
  std::vector<std::pair<int, std::string>> messages_;
  std::size_t lost_ = 0;
};

}  // namespace ashlar::cli
