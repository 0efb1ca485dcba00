// SPDX-License-Identifier: LGPL-2.1-or-later
// libdevmapper's messages, which it would print, as text for our errors and our log.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace ashlar::dm {

/// While it lives, the calling thread's libdevmapper messages come here; the innermost one gets them. Lines for the
/// log wait until flush() or the end, since a log file may lie on a device that is suspended just now.
class DmLog {
 public:
  DmLog();
  ~DmLog();
  DmLog(const DmLog&) = delete;
  DmLog& operator=(const DmLog&) = delete;

  /// What has gone wrong since the last call, joined with "; ".
  std::string take_errors();
  /// `what`, with libdevmapper's reasons if it gave any.
  Error error(const std::string& what, int sys_errno = 0);
  void flush();

  void receive(int level, std::string line);  ///< for the callback

 private:
  std::string errors_;
  std::vector<std::pair<LogLevel, std::string>> lines_;
  DmLog* outer_;
};

}  // namespace ashlar::dm
