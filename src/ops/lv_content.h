// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies on an LV, as far as signatures tell.
#pragma once

#include <string>
#include <vector>

#include "device/block_device.h"
#include "ops/system.h"

namespace ashlar::ops {

/// Of an active LV through its device, which knows what is not on the disks yet; of any other through its PVs. None:
/// nothing that is known, which is not to say nothing. Errc::NotFound: no such LV; else what keeps it from being read.
Result<std::vector<device::DeviceSource::Signature>> lv_signatures(System& sys, const std::string& vg,
                                                                   const std::string& lv);

}  // namespace ashlar::ops
