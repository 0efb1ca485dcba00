// SPDX-License-Identifier: LGPL-2.1-or-later
// Who keeps a block device open, as far as the kernel tells: mounts, swap, and devices on top of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/block_device.h"
#include "device/sysfs.h"

namespace ashlar::device {

/// "mounted on /srv", "used as swap", "used by dm-3 (vg1-data)"; empty if nobody is known.
std::vector<std::string> device_users(const HostPaths& host, DevNumber number);

/// One place where a filesystem is mounted.
struct Mount {
  std::string point;    ///< "/srv"
  std::string options;  ///< "rw,noatime,errors=remount-ro": as mount -o takes them to do it again
  bool whole = true;    ///< not just a folder of it
  friend bool operator==(const Mount&, const Mount&) = default;
};
/// Where the filesystem on the device is mounted.
std::vector<Mount> mounts(const HostPaths& host, DevNumber number);
/// Its pure part: `mountinfo` as in /proc/self/mountinfo. Filesystems with device numbers of their own (btrfs) are
/// found by their source, looked up with `number_of_path`.
std::vector<Mount> mounts(std::string_view mountinfo, DevNumber number,
                          const std::function<std::optional<DevNumber>(const std::string&)>& number_of_path);

/// What is swapped to, devices and files, by their paths.
std::vector<std::string> swaps(const HostPaths& host);

/// The \040-style escapes of mountinfo and /proc/swaps undone.
std::string unescape_octal(std::string_view text);

}  // namespace ashlar::device
