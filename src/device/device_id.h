// SPDX-License-Identifier: LGPL-2.1-or-later
// Ids of devices that outlive their names, as a devices file has them, read from sysfs. Source: docs/format.md 7.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "device/block_device.h"
#include "device/sysfs.h"

namespace ashlar::device {

struct DeviceId {
  std::string type, name;
  std::uint32_t part = 0;  ///< the device is this partition of the one that has the id
  friend bool operator==(const DeviceId&, const DeviceId&) = default;
};

/// One of mpath_uuid, crypt_uuid, lvmlv_uuid, md_uuid, loop_file, sys_wwid, sys_serial; devname is no such id.
bool is_id_type(std::string_view type);

/// The device's id of that type, if it has one.
std::optional<DeviceId> device_id(const HostPaths& host, DevNumber number, std::string_view type);

/// The one that LVM2 would choose for a new entry; none: only its name.
std::optional<DeviceId> best_device_id(const HostPaths& host, DevNumber number);

}  // namespace ashlar::device
