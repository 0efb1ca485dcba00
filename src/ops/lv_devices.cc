// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_devices.h"

#include "activation/names.h"
#include "metadata/model/query.h"

namespace ashlar::ops {

LvDevices::LvDevices(std::vector<dm::ActiveDevice> devices) {
  for (dm::ActiveDevice& device : devices) {
    const auto ids = dm::split_uuid(device.device.uuid);
    if (!ids) continue;
    std::vector<dm::ActiveDevice>& of = by_lv_[ids->lv];
    of.insert(ids->suffix.empty() ? of.begin() : of.end(), std::move(device));
  }
}

Result<LvDevices> LvDevices::read(System& sys, const Uuid& vg) { return LvDevices(TRY(sys.kernel->active(vg))); }

Result<LvDevices> LvDevices::read(System& sys, const Uuid& vg, const LogicalVolume& lv) {
  return LvDevices(TRY(sys.kernel->active_of(vg, {&lv.id, 1})));
}

Result<LvDevices> LvDevices::read(System& sys, const VolumeGroup& vg, std::span<const std::string> names) {
  std::vector<Uuid> ids;
  for (const std::string& name : names)
    if (const LogicalVolume* lv = find_lv(vg, name)) ids.push_back(lv->id);
  return LvDevices(TRY(sys.kernel->active_of(vg.id, ids)));
}

const std::vector<dm::ActiveDevice>& LvDevices::of(const LogicalVolume& lv) const {
  static const std::vector<dm::ActiveDevice> none;
  const auto at = by_lv_.find(lv.id);
  return at == by_lv_.end() ? none : at->second;
}

}  // namespace ashlar::ops
