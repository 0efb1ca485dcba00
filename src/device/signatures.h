// SPDX-License-Identifier: LGPL-2.1-or-later
// What of others lies on a device (filesystems, swap, RAID, LUKS, partition tables), by libblkid; and its removal.
#pragma once

#include <vector>

#include "base/result.h"
#include "device/block_device.h"

namespace ashlar::device {

/// All signatures with the place of their magic bytes, in the order libblkid finds them, each copy on its own (both
/// GPT headers). Not LVM2's own. Of a device without a descriptor the first 8 MiB and the last are looked at. At
/// most 64.
Result<std::vector<DeviceSource::Signature>> find_signatures(BlockDevice& device);

/// Overwrites exactly the magic bytes with zeros. Not flushed.
Status wipe(BlockDevice& device, const DeviceSource::Signature& signature);

/// Zeros `length` bytes from the start (no more than the device has): nobody finds in a new LV what an earlier one left
/// there. Not flushed.
Status zero_start(BlockDevice& device, Bytes length);

}  // namespace ashlar::device
