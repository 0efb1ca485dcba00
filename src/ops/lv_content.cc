// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_content.h"

#include <fmt/format.h>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

Result<std::vector<device::DeviceSource::Signature>> lv_signatures(System& sys, const std::string& vg,
                                                                   const std::string& lv) {
  auto picture = TRY(read_devices(sys));
  const store::VgState& state = *TRY(store::find_vg(*picture, vg));
  const LogicalVolume* found = find_lv(state.vg, lv);
  if (found == nullptr) return no_such_lv(vg, lv);
  if (TRY(LvDevices::read(sys, state.vg.id, *found)).active(*found)) {
    auto device = sys.open_lv(dm::device_name(vg, lv));
    if (device) return sys.devices->signatures(**device);
    if (device.error().code() != Errc::NotFound) return std::move(device).error();  // to become active with this change
  }
  auto device = TRY(lv_on_pvs(state.vg, store::present_members(*picture, state), *found, fmt::format("{}/{}", vg, lv)));
  return sys.devices->signatures(*device);
}

}  // namespace ashlar::ops
