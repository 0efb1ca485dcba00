// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that the kernel shows as loop devices.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "device/sysfs.h"

namespace ashlar::device {

/// The name of a loop device ("loop0") that shows this file, by its filesystem's number and its inode.
std::optional<std::string> loop_of_file(const HostPaths& host, dev_t filesystem, ino_t inode);

}  // namespace ashlar::device
