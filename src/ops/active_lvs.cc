// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/active_lvs.h"

#include <algorithm>
#include <unordered_map>

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

/// Of an LV with several devices the one that is as long as the LV comes first: a snapshot's own is as long as its
/// origin, and what stands for a part is no longer than that (docs/format.md 8.2).
int rank(const dm::ActiveDevice& device) {
  const auto id = dm::split_uuid(device.device.uuid);
  if (!id || id->suffix == "cow" || id->suffix == "cvol") return 0;
  if (id->suffix.empty()) return 1;
  return dm::is_layer(device.device.name) ? 3 : 2;
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
  std::unordered_map<Uuid, std::size_t> counted;
  std::vector<const dm::ActiveDevice*> ordered;
  for (const dm::ActiveDevice& device : devices) ordered.push_back(&device);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return rank(*a) < rank(*b); });
  for (const dm::ActiveDevice* device : ordered) {
    const auto id = dm::split_uuid(device->device.uuid);
    if (id) {
      const auto [at, is_new] = counted.emplace(id->lv, lvs.size());
      if (!is_new && id->suffix.empty()) lvs[at->second].device = device->device.name;
      if (!is_new) continue;
    }
    ActiveLv& lv = lvs.emplace_back(ActiveLv{device->device.name, compare(state.vg, *device, context), {}});
    if (id && !id->suffix.empty()) continue;
    for (const dm::Target& target : device->device.table) add_numbers(target.params, lv.on);
  }
  std::sort(lvs.begin(), lvs.end(), [](const ActiveLv& a, const ActiveLv& b) { return a.device < b.device; });
  return lvs;
}

std::string names_of(const std::vector<ActiveLv>& lvs) {
  std::string names;
  for (const ActiveLv& lv : lvs) names += " " + lv.device;
  return names;
}

}  // namespace ashlar::ops
