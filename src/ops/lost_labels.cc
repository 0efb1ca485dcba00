// SPDX-License-Identifier: LGPL-2.1-or-later
// Labels that are gone: which device had which, and whether it may be written again.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "ops/active_lvs.h"
#include "ops/damaged_vg.h"
#include "ops/past.h"
#include "store/remains.h"

namespace ashlar::ops {

namespace {
/// A device without a label that may have been a PV.
struct Candidate {
  device::BlockDevice* device;
  store::Remains remains;
  bool named;
};

Result<std::vector<Candidate>> candidates_of(System& sys, const store::Picture& picture,
                                             const std::vector<std::string>& named, std::vector<std::string>& notes) {
  std::set<const device::BlockDevice*> by_name;
  for (const std::string& path : named) by_name.insert(TRY(sys.devices->find(path)));
  std::vector<Candidate> candidates;
  for (device::BlockDevice* device : store::without_pv(picture.scan)) {
    auto remains = store::read_remains(*device);
    if (!remains) {
      notes.push_back(fmt::format("{} was not searched: {}", device->path(), remains.error().message()));
      continue;
    }
    const bool is_named = by_name.contains(device);
    if (remains->released || (!is_named && !remains->id && remains->texts.empty())) continue;
    auto signatures = sys.devices->signatures(*device);
    if (!signatures || !signatures->empty()) {
      if (is_named)
        notes.push_back(fmt::format("{} carries a signature of {}: it is left alone", device->path(),
                                    signatures ? printable(signatures->front().type) : signatures.error().message()));
      continue;
    }
    candidates.push_back({device, std::move(*remains), is_named});
  }
  return candidates;
}

/// The newest state of a VG that no PV carries as committed, for telling which PVs it had.
std::optional<VolumeGroup> newest_of(System& sys, const store::Picture& picture, const RepairTarget& vg,
                                     const std::vector<Candidate>& candidates) {
  std::optional<VolumeGroup> newest;
  const Uuid* id = vg.id ? &*vg.id : nullptr;
  if (auto past = read_past(sys, picture, nullptr, vg.name, id); past && !past->history.versions.empty())
    newest = past->history.versions.back().vg;
  for (const Candidate& c : candidates) {
    for (const text::ReadVg& read : c.remains.texts) {
      const bool ours = id != nullptr ? read.vg.id == *id : read.vg.name == vg.name;
      if (ours && validate(read.vg).empty() && (!newest || newest->seqno < read.vg.seqno)) newest = read.vg;
    }
  }
  return newest;
}

/// The candidates that carry metadata of the VG and whose labels stay lost, as PVs without one.
std::vector<store::FoundPv> carriers(const std::vector<Candidate>& candidates,
                                     const std::vector<plan::LabelMatch>& matches, const Uuid& vg) {
  std::vector<store::FoundPv> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    const bool carries =
        std::ranges::any_of(c.remains.texts, [&](const text::ReadVg& read) { return read.vg.id == vg; });
    const bool matched = std::ranges::any_of(matches, [&](const plan::LabelMatch& match) { return match.device == i; });
    if (!carries || matched) continue;
    store::FoundPv& pv = found.emplace_back();
    pv.device = c.device;
    for (const disk::DiskArea& area : store::searched_areas(c.remains, *c.device))
      pv.mdas.push_back({area, {}, {}, {}, {}});
  }
  return found;
}

/// May the labels be written? A device that is in use is left alone, unless LVs of this VG use it, where the VG says
/// that they lie: then it is that PV, and nobody else has claimed it.
Status check_labels(System& sys, const VolumeGroup& vg, DamagedVg& all, std::vector<plan::RepairObstacle>& obstacles) {
  for (LostLabel& label : all.labels) {
    auto& device = const_cast<device::BlockDevice&>(*label.with.device);
    Status free = sys.devices->check_claim(device);
    if (free) continue;
    bool differs = false;
    for (const ActiveLv& lv : TRY(active_lvs(sys, *all.picture, vg))) {
      const bool here = device.number() && std::find(lv.on.begin(), lv.on.end(), *device.number()) != lv.on.end();
      label.in_use = label.in_use || here;
      differs = differs || lv.in != ActiveLv::In::Same;
    }
    label.in_use = label.in_use && !differs;
    if (label.in_use) continue;
    obstacles.push_back(
        {fmt::format("{} is in use, and not by LVs that lie where VG {} says, so its label cannot be written: {}.",
                     device.path(), vg.name, free.error().message()),
         fmt::format("end that use (vgchange -an {0}, umount), then ashlar repair {0}", vg.name)});
  }
  return ok();
}

}  // namespace

Status find_labels(System& sys, const RepairTarget& target, const std::vector<std::string>& named, DamagedVg& all,
                   plan::RepairFindings& findings, std::vector<plan::RepairObstacle>& obstacles) {
  const std::string& name = all.repair.vg;
  const store::Picture& picture = *all.picture;
  auto on_no_device = [&](const PhysicalVolume& pv) {
    return std::none_of(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                        [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
  };
  if (all.state != nullptr && std::none_of(all.state->vg.pvs.begin(), all.state->vg.pvs.end(), on_no_device))
    return ok();
  const std::vector<Candidate> candidates = TRY(candidates_of(sys, picture, named, all.repair.notes));
  std::optional<VolumeGroup> vg;
  if (all.state != nullptr)
    vg = all.state->vg;
  else
    vg = newest_of(sys, picture, target, candidates);
  if (!vg) return ok();
  std::vector<plan::LostPv> lost;
  for (const PhysicalVolume& pv : vg->pvs) {
    if (on_no_device(pv)) lost.push_back({&*vg, &pv});
  }
  // A device that was away when PVs left the VG may be one of them: the last text on it still has them.
  for (const Candidate& c : candidates) {
    const VolumeGroup* last = nullptr;
    for (const text::ReadVg& read : c.remains.texts)
      if (read.vg.id == vg->id && (last == nullptr || last->seqno < read.vg.seqno)) last = &read.vg;
    if (last == nullptr) continue;
    for (const PhysicalVolume& pv : last->pvs) {
      const bool listed = std::ranges::any_of(lost, [&](const plan::LostPv& one) { return one.pv->id == pv.id; });
      if (!listed && on_no_device(pv)) lost.push_back({last, &pv, true});
    }
  }
  const auto wanted = std::ranges::count_if(lost, [](const plan::LostPv& one) { return !one.left; });
  std::vector<plan::Unlabelled> devices;
  for (const Candidate& c : candidates) {
    plan::Unlabelled& device = devices.emplace_back(
        plan::Unlabelled{c.device->path(), to_sectors(c.device->size()), c.remains.id, {}, c.named});
    for (const text::ReadVg& read : c.remains.texts) device.vgs.push_back(read.vg.id);
  }
  plan::LabelMatches found = plan::match_labels(devices, lost);
  findings.undecided = std::move(found.undecided);
  findings.undecided_stops = all.state == nullptr;
  if (all.state == nullptr && std::ssize(found.matches) < wanted)
    all.unlabelled = carriers(candidates, found.matches, vg->id);
  for (const plan::LabelMatch& match : found.matches) {
    const Candidate& c = candidates[match.device];
    all.labels.push_back({{c.device, store::label_of(c.remains, *vg, *match.lost.pv, *c.device)}});
    findings.labels.push_back({c.device->path(), match.lost.pv->id.dashed(), match.unknown});
    all.repair.damage.push_back(fmt::format("{} has no label any more, and was PV {} of VG {}", c.device->path(),
                                            match.lost.pv->id.dashed(), name));
  }
  if (all.labels.empty()) return ok();
  std::vector<store::Relabelled::With> with;
  for (const LostLabel& label : all.labels) with.push_back(label.with);
  store::Relabelled relabelled(*sys.devices, std::move(with));
  all.picture = std::make_shared<store::Picture>(store::consensus(TRY(store::scan(relabelled))));
  all.state = TRY(state_of(*all.picture, {name, vg->id}));
  if (all.state != nullptr) all.unlabelled.clear();  // what counts is known: what else lies about is not needed for it
  return check_labels(sys, all.state != nullptr ? all.state->vg : *vg, all, obstacles);
}

}  // namespace ashlar::ops
