// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/loops.h"

#include <sys/stat.h>

namespace ashlar::device {

std::optional<std::string> loop_of_file(const HostPaths& host, dev_t filesystem, ino_t inode) {
  for (std::string& name : block_device_names(host)) {
    if (!name.starts_with("loop")) continue;
    const std::optional<std::string> file = read_line(host.sys + "/class/block/" + name + "/loop/backing_file");
    struct stat st {};
    if (file && !file->empty() && ::stat(file->c_str(), &st) == 0 && st.st_dev == filesystem && st.st_ino == inode) return std::move(name);
  }
  return std::nullopt;
}

}  // namespace ashlar::device
