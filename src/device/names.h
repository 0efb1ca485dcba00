// SPDX-License-Identifier: LGPL-2.1-or-later
// Every name of every block device below /dev, and which of a device's names is shown. Source: docs/format.md 7.1.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "device/block_device.h"
#include "device/filter.h"

namespace ashlar::device {

struct DeviceName {
  std::string path;
  bool is_link = false;
  friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

struct NamedDevice {
  DevNumber number;
  std::vector<DeviceName> names;  ///< as found: folder by folder, in alphabetical order; at least one
};

/// Walks the directories. Not entered: symbolic links to directories, names that begin with a dot, and directly below
/// `scan` those folders of /dev where no disk is, or where any user may put a link to one (shm, mqueue).
/// A directory that cannot be read is passed over. Ordered by device number.
std::vector<NamedDevice> find_block_devices(std::span<const std::string> scan);

/// Does LVM2 show `a` rather than `b`? `preferred` are the regexes of devices/preferred_names, `dev` is /dev.
bool is_better_name(const DeviceName& a, const DeviceName& b, std::span<const Regex> preferred, const std::string& dev);

/// The paths of the device, the one to show first, the others as found.
std::vector<std::string> ordered_names(const NamedDevice& device, std::span<const Regex> preferred,
                                       const std::string& dev);

}  // namespace ashlar::device
