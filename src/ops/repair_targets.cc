// SPDX-License-Identifier: LGPL-2.1-or-later
// Which VGs a person may mean who names devices, or nothing.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "metadata/model/query.h"
#include "ops/damaged_vg.h"
#include "ops/devices.h"
#include "ops/vg_access.h"
#include "store/remains.h"

namespace ashlar::ops {

namespace {
/// VGs that are not seen, of which something lies on PVs that cannot be read or on devices without a label.
void add_lost(const store::Picture& picture, device::BlockDevice* device, bool named, std::set<std::string>& names, std::vector<std::string>& unknown) {
  auto pv = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& f) { return f.device == device; });
  auto add = [&](const std::vector<text::ReadVg>& texts, const std::optional<Uuid>& id) {
    const text::ReadVg* newest = nullptr;
    for (const text::ReadVg& read : texts) {
      if (id && find_pv(read.vg, *id) == nullptr) continue;
      if (newest == nullptr || read.header.creation_time > newest->header.creation_time) newest = &read;
    }
    if (newest != nullptr) names.insert(newest->vg.name);
    return newest != nullptr;
  };
  bool found = false;
  auto add_members = [&](const Uuid& id) {
    for (const store::VgState& state : picture.vgs) {
      if (find_pv(state.vg, id) == nullptr) continue;
      names.insert(state.vg.name);
      found = true;
    }
  };
  if (pv != picture.scan.pvs.end()) {
    const auto at = static_cast<std::size_t>(pv - picture.scan.pvs.begin());
    if (const store::VgState* state = vg_of(picture, at)) {
      names.insert(state->vg.name);
      return;
    }
    if (!pv->label.used() && !named) return;
    for (const store::Mda& mda : pv->mdas) {
      auto texts = store::texts_in(*device, mda.area);
      found = (texts && add(*texts, pv->label.pv)) || found;
    }
    add_members(pv->label.pv);
  } else {
    auto remains = store::read_remains(*device);
    if (remains && remains->released) return;
    found = remains && add(remains->texts, std::nullopt);
    if (remains && remains->id) add_members(*remains->id);
  }
  if (found) return;
  for (const store::Problem& problem : picture.problems) {
    if (problem.device == device->path()) unknown.push_back(fmt::format("{}; nothing on it says of which VG it was: name that, and the device", problem.what));
  }
  if (named && unknown.empty()) unknown.push_back(fmt::format("nothing on {} says of which VG it was: ashlar repair VG {}", device->path(), device->path()));
}
}  // namespace

Result<RepairTargets> repair_targets(System& sys, const std::vector<std::string>& words) {
  const store::Picture picture = TRY(look(sys));
  RepairTargets targets;
  std::set<std::string> names;
  if (words.empty()) {
    for (const store::VgState& state : picture.vgs) names.insert(state.vg.name);
    for (device::BlockDevice* device : picture.scan.read) add_lost(picture, device, false, names, targets.unknown);
  }
  std::vector<device::BlockDevice*> devices;
  for (const std::string& word : words) {
    const bool vg = word.find('/') == std::string::npos && (state_of(picture, word) != nullptr || !sys.devices->find(word));
    if (vg) {
      names.insert(word);
      continue;
    }
    devices.push_back(TRY(sys.devices->find(word)));
    targets.devices.push_back(word);
  }
  const bool vg_is_named = !names.empty() && !words.empty();
  for (device::BlockDevice* device : devices) {
    std::vector<std::string> unknown;
    add_lost(picture, device, true, names, unknown);
    if (!vg_is_named) targets.unknown.insert(targets.unknown.end(), unknown.begin(), unknown.end());
  }
  targets.vgs.assign(names.begin(), names.end());
  return targets;
}

}  // namespace ashlar::ops
