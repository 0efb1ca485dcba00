// SPDX-License-Identifier: LGPL-2.1-or-later
// Who keeps a block device open, as far as the kernel tells: mounts, swap, and devices on top of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "activation/table.h"

namespace ashlar::dm {

/// "mounted on /srv", "used as swap", "used by dm-3 (vg1-data)"; empty if nobody is known.
std::vector<std::string> device_users(DevNumber number);

/// The pure parts, for tests: mount points in the text of /proc/self/mountinfo of file systems on the device. File
/// systems with device numbers of their own (btrfs) are found by their source, looked up with `number_of_path`.
std::vector<std::string> mount_points(
    std::string_view mountinfo, DevNumber number,
    const std::function<std::optional<DevNumber>(const std::string&)>& number_of_path);

}  // namespace ashlar::dm
