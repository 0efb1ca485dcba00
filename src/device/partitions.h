// SPDX-License-Identifier: LGPL-2.1-or-later
// Marks of other users of a whole disk in its own bytes: partition tables and md superblocks. Source:
// docs/format.md 7.4.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "device/block_device.h"

namespace ashlar::device {

/// An MBR or GPT with at least one used entry. `first` are the first bytes of the device, at least two blocks; entries
/// of a GPT that lie beyond them are read from the device.
Result<bool> has_partition_table(BlockDevice& device, std::span<const std::byte> first);

/// "1.1" or "1.2" if an md superblock of that version is in `first`, where the array's data follows it.
std::optional<std::string> md_superblock_at_start(std::span<const std::byte> first);

/// The same for what md and firmware RAID put at the end of a device: "0.90", "1.0", "imsm" or "ddf". Reads the end.
Result<std::optional<std::string>> raid_superblock_at_end(BlockDevice& device);

}  // namespace ashlar::device
