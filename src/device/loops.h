// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that the kernel shows as loop devices.
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "device/sysfs.h"

namespace ashlar::device {

/// What /sys says of them when it is asked first: once for a command, however many files that writes. Any thread may
/// ask.
class LoopFiles {
 public:
  explicit LoopFiles(HostPaths host = {}) : host_(std::move(host)) {}
  /// The name of a loop device ("loop0") that shows this file, by its filesystem's number and its inode.
  std::optional<std::string> loop_of(dev_t filesystem, ino_t inode);

 private:
  HostPaths host_;
  std::mutex mutex_;
  bool read_ = false;
  std::map<std::pair<dev_t, ino_t>, std::string> loops_;
};

}  // namespace ashlar::device
