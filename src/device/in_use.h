// SPDX-License-Identifier: LGPL-2.1-or-later
// Is a device somebody else's? Asked before it is initialised; see DeviceSource::claim().
#pragma once

#include "base/result.h"
#include "device/block_device.h"
#include "device/sysfs.h"

namespace ashlar::device {

/// Errc::Busy with one sentence if the device is partitioned, lies under a device-mapper or md device, is mounted or
/// swap; for an image file, if a loop device is attached to it or it is swap. Looks at the system as it is now.
/// Where /sys or /proc is not there, what they would tell is not checked; claim_device()'s exclusive opening remains.
Status check_not_in_use(BlockDevice& device, const HostPaths& host);

/// check_not_in_use(), then no partition table and no RAID superblock in its bytes (Errc::Refused), then opens it
/// exclusively; Errc::Busy if the kernel refuses.
Status claim_device(BlockDevice& device, const HostPaths& host);
/// The same without keeping it or opening it for writing.
Status check_claim_device(BlockDevice& device, const HostPaths& host);
void unclaim_device(BlockDevice& device);

}  // namespace ashlar::device
