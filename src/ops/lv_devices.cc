// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_devices.h"

#include "activation/names.h"

namespace ashlar::ops {

Result<LvDevices> LvDevices::read(System& sys, const Uuid& vg) {
  LvDevices devices;
  for (dm::ActiveDevice& device : TRY(sys.kernel->active(vg))) {
    const auto ids = dm::split_uuid(device.device.uuid);
    if (!ids) continue;
    std::vector<dm::ActiveDevice>& of = devices.by_lv_[ids->lv];
    of.insert(ids->suffix.empty() ? of.begin() : of.end(), std::move(device));
  }
  return devices;
}

const std::vector<dm::ActiveDevice>& LvDevices::of(const LogicalVolume& lv) const {
  static const std::vector<dm::ActiveDevice> none;
  const auto at = by_lv_.find(lv.id);
  return at == by_lv_.end() ? none : at->second;
}

}  // namespace ashlar::ops
