// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel's list of device-mapper devices with their UUIDs, in one command. libdevmapper 1.02.185 does not ask for
// the UUIDs, so this speaks to /dev/mapper/control itself. Source: linux/dm-ioctl.h, DM_LIST_DEVICES, DM_DEV_STATUS.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "activation/table.h"
#include "base/unique_fd.h"

namespace ashlar::dm {

struct Listed {
  std::string name, uuid;
  DevNumber number;
};

/// The control node, which must be there; opening it has the kernel load the driver's module.
Result<UniqueFd> open_control(const std::string& dev_dir);
/// Every device-mapper device, of any subsystem.
Result<std::vector<Listed>> list_devices(const std::string& dev_dir);

/// The LVM devices among them with their state, without their tables.
Result<std::vector<ActiveDevice>> list_lvm_devices(const std::string& dev_dir);

/// The records of an answer: bytes from its first dm_name_list on. UUIDs that the kernel did not give are empty, and
/// `complete` is then false. Errc::Corrupt if a record leaves the bytes.
struct DeviceList {
  std::vector<Listed> devices;
  bool complete = true;
};
Result<DeviceList> parse_device_list(std::span<const std::byte> records);

}  // namespace ashlar::dm
