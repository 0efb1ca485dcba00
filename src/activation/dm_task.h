// SPDX-License-Identifier: LGPL-2.1-or-later
// Single questions and commands to device-mapper, by UUID. Trees of devices are dm_tree.h's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "activation/dm_log.h"
#include "activation/table.h"

struct dm_info;

namespace ashlar::dm {

/// A device with its live table; nothing if there is none of that UUID.
Result<std::optional<ActiveDevice>> query_device(DmLog& log, const std::string& uuid);

/// What the kernel says now of a device that a change has worked on.
struct State {
  bool exists = false, suspended = false, live_table = false, inactive_table = false;
  std::int32_t open_count = 0;
  DevNumber number;
  std::string name;
};
State state_of(const dm_info& info);
Result<State> device_state(DmLog& log, const std::string& uuid);

/// What the block device reads ahead, in sectors; 0 if sysfs does not say.
std::uint32_t read_ahead_of(const DevNumber& number);

Status clear_inactive_table(DmLog& log, const std::string& uuid);
/// What a command's event tells udev, and the semaphore to count it on (0: none).
struct Event {
  std::uint32_t cookie = 0;
  std::uint16_t udev_flags = 0;
};
Status resume_device(DmLog& log, const std::string& uuid, Event event);
Status remove_device(DmLog& log, const std::string& uuid, Event event);

Result<std::string> driver_version(DmLog& log);

}  // namespace ashlar::dm
