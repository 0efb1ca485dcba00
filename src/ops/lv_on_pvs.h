// SPDX-License-Identifier: LGPL-2.1-or-later
// An LV as a device, read and written through its PVs: no root, no device-mapper.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/block_device.h"
#include "metadata/model/volume_group.h"
#include "store/pv_store.h"

namespace ashlar::ops {

/// Linear, striped, error and zero segments, by the table that activation would load; no byte outside of the LV's
/// extents can be reached. `name` stands in messages. The PVs' devices must outlive it. Errors as of dm::lv_device().
Result<std::unique_ptr<device::BlockDevice>> lv_on_pvs(const VolumeGroup& vg,
                                                       const std::vector<store::FoundPv>& present,
                                                       const LogicalVolume& lv, std::string name);

}  // namespace ashlar::ops
