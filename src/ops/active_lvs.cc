// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/active_lvs.h"

#include <algorithm>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
void add_numbers(const dm::Params& params, std::vector<dm::DevNumber>& on) {
  auto add = [&](const dm::Below& below) {
    if (const auto* number = std::get_if<dm::DevNumber>(&below.device)) on.push_back(*number);
  };
  if (const auto* linear = std::get_if<dm::LinearTarget>(&params)) add(linear->area);
  if (const auto* striped = std::get_if<dm::StripedTarget>(&params))
    std::for_each(striped->areas.begin(), striped->areas.end(), add);
}

ActiveLv::In compare(const VolumeGroup& vg, const dm::ActiveDevice& device, const dm::LayoutContext& context) {
  const auto id = dm::split_uuid(device.device.uuid);
  const LogicalVolume* lv = id ? find_lv(vg, id->lv) : nullptr;
  if (lv == nullptr) return ActiveLv::In::Lacks;
  if (auto wanted = dm::lv_device(vg, *lv, context))
    return wanted->table == device.device.table ? ActiveLv::In::Same : ActiveLv::In::Differs;
  std::uint64_t length = 0;
  for (const dm::Target& target : device.device.table) length += target.length.n;
  return length == to_sectors(lv->extents(), vg.extent_size).n ? ActiveLv::In::Same : ActiveLv::In::Differs;
}
}  // namespace

Result<std::vector<ActiveLv>> active_lvs(System& sys, const store::Picture& picture, const VolumeGroup& vg) {
  std::vector<ActiveLv> lvs;
  const std::vector<dm::ActiveDevice> devices = TRY(sys.kernel->active(vg.id));
  if (devices.empty()) return lvs;
  store::VgState state;
  state.vg = vg;
  const auto& pvs = picture.scan.pvs;
  for (PhysicalVolume& pv : state.vg.pvs) {
    auto at = std::find_if(pvs.begin(), pvs.end(),
                           [&](const store::FoundPv& f) { return f.device != nullptr && f.label.pv == pv.id; });
    state.members.push_back(at == pvs.end() ? store::kNoPv : static_cast<std::size_t>(at - pvs.begin()));
    pv.status.set(PvFlag::Missing, at == pvs.end());
  }
  const dm::LayoutContext context = layout_context(sys, picture, state);
  for (const dm::ActiveDevice& device : devices) {
    const auto id = dm::split_uuid(device.device.uuid);
    if (id && !id->suffix.empty()) continue;  // an LV's own parts
    ActiveLv& lv = lvs.emplace_back(ActiveLv{device.device.name, compare(state.vg, device, context), {}});
    for (const dm::Target& target : device.device.table) add_numbers(target.params, lv.on);
  }
  return lvs;
}

std::string names_of(const std::vector<ActiveLv>& lvs) {
  std::string names;
  for (const ActiveLv& lv : lvs) names += " " + lv.device;
  return names;
}

}  // namespace ashlar::ops
