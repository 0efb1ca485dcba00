// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/loops.h"

#include <sys/stat.h>

namespace ashlar::device {

std::optional<std::string> LoopFiles::loop_of(dev_t filesystem, ino_t inode) {
  // Not std::call_once: an exception would pass through the C library, which a program that brings its own unwinder does
  // not survive.
  std::scoped_lock lock(mutex_);
  if (!read_) {
    for (std::string& name : block_device_names(host_)) {
      if (!name.starts_with("loop")) continue;
      const std::optional<std::string> file = read_line(host_.sys + "/class/block/" + name + "/loop/backing_file");
      struct stat st {};
      if (file && !file->empty() && ::stat(file->c_str(), &st) == 0)
        loops_.emplace(std::pair(st.st_dev, st.st_ino), std::move(name));
    }
    read_ = true;
  }
  const auto found = loops_.find({filesystem, inode});
  return found == loops_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace ashlar::device
