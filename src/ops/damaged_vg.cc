// SPDX-License-Identifier: LGPL-2.1-or-later
// What is left of a damaged VG put together. What a label's loss hides is seen by reading the devices as they would be with
// it, so that one plan serves all that is wrong at once.
#include "ops/damaged_vg.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "ops/devices.h"
#include "ops/past.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"
#include "store/remains.h"
#include "store/text_copy.h"

namespace ashlar::ops {

namespace {
using store::kNoPv;

/// A device without a label that may have been a PV.
struct Candidate {
  device::BlockDevice* device;
  store::Remains remains;
  bool named;
};

Result<std::vector<Candidate>> candidates_of(System& sys, const store::Picture& picture, const std::vector<std::string>& named, std::vector<std::string>& notes) {
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
      if (is_named) notes.push_back(fmt::format("{} carries a signature of {}: it is left alone", device->path(), signatures ? printable(signatures->front().type) : signatures.error().message()));
      continue;
    }
    candidates.push_back({device, std::move(*remains), is_named});
  }
  return candidates;
}

/// The newest state of a VG that no PV carries as committed, for telling which PVs it had.
std::optional<VolumeGroup> newest_of(System& sys, const store::Picture& picture, const std::string& vg, const std::vector<Candidate>& candidates) {
  std::optional<VolumeGroup> newest;
  if (auto past = read_past(sys, picture, nullptr, vg); past && !past->history.versions.empty()) newest = past->history.versions.back().vg;
  for (const Candidate& c : candidates) {
    for (const text::ReadVg& read : c.remains.texts) {
      if (read.vg.name == vg && validate(read.vg).empty() && (!newest || newest->seqno < read.vg.seqno)) newest = read.vg;
    }
  }
  return newest;
}

/// Finds out which devices lost a label, and reads all again as if they had it.
Status find_labels(System& sys, const std::vector<std::string>& named, DamagedVg& all, std::vector<plan::RepairFindings::Label>& labels, std::vector<plan::RepairObstacle>& obstacles) {
  const std::string& name = all.repair.vg;
  const store::Picture& picture = *all.picture;
  auto on_no_device = [&](const PhysicalVolume& pv) {
    return std::none_of(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
  };
  if (all.state != nullptr && std::none_of(all.state->vg.pvs.begin(), all.state->vg.pvs.end(), on_no_device)) return ok();
  const std::vector<Candidate> candidates = TRY(candidates_of(sys, picture, named, all.repair.notes));
  std::optional<VolumeGroup> vg;
  if (all.state != nullptr)
    vg = all.state->vg;
  else
    vg = newest_of(sys, picture, name, candidates);
  if (!vg) return ok();
  std::vector<plan::LostPv> lost;
  for (const PhysicalVolume& pv : vg->pvs) {
    if (on_no_device(pv)) lost.push_back({&*vg, &pv});
  }
  std::vector<plan::Unlabelled> devices;
  for (const Candidate& c : candidates) {
    plan::Unlabelled& device = devices.emplace_back(plan::Unlabelled{c.device->path(), to_sectors(c.device->size()), c.remains.id, {}, c.named});
    for (const text::ReadVg& read : c.remains.texts) device.vgs.push_back(read.vg.id);
  }
  plan::LabelMatches found = plan::match_labels(devices, lost);
  obstacles = std::move(found.obstacles);
  for (const plan::LabelMatch& match : found.matches) {
    const Candidate& c = candidates[match.device];
    all.labels.push_back({c.device, store::label_of(c.remains, *vg, *match.lost.pv, *c.device)});
    labels.push_back({c.device->path(), match.lost.pv->id.dashed(), match.unknown});
    all.repair.damage.push_back(fmt::format("{} has no label any more, and was PV {} of VG {}", c.device->path(), match.lost.pv->id.dashed(), name));
  }
  if (all.labels.empty()) return ok();
  store::Relabelled relabelled(*sys.devices, all.labels);
  all.picture = std::make_shared<store::Picture>(store::consensus(TRY(store::scan(relabelled))));
  all.state = state_of(*all.picture, name);
  return ok();
}

/// Areas of the PV that do not hold the state with this seqno.
void find_bad_areas(const store::Picture& picture, std::size_t pv, std::optional<std::uint32_t> seqno, std::vector<BadArea>& areas) {
  const store::FoundPv& found = picture.scan.pvs[pv];
  for (std::size_t m = 0; m < found.mdas.size(); ++m) {
    const store::Mda& mda = found.mdas[m];
    auto end = checked_add(mda.area.offset.n, mda.area.size.n);
    if (!end || *end > found.device->size().n) continue;  // no write reaches it
    if (!mda.problem.empty())
      areas.push_back({pv, m, mda.problem, true});
    else if (mda.header && !mda.header->ignored() && mda.header->committed.empty())
      areas.push_back({pv, m, "it has no text", false});
    else if (mda.header && !mda.header->ignored() && seqno && mda.seqno != seqno)
      areas.push_back({pv, m, fmt::format("it has seqno {}, seqno {} rules", mda.seqno.value_or(0), *seqno), false});
    else if (mda.header && !mda.header->ignored() && !mda.header->committed.empty()) {
      // A scan reads one of all copies that their headers call the same.
      if (auto text = store::read_text(found, *mda.header); !text) areas.push_back({pv, m, text.error().message(), true});
    }
  }
}

/// What the areas of a PV that was away say of the VG.
const VolumeGroup* own_of(const plan::History& history, const store::FoundPv& pv) {
  for (const plan::Version& v : history.versions) {
    for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
      const bool here = std::any_of(v.places.begin(), v.places.end(), [&](const plan::Place& p) { return p.name == store::mda_name(pv, m); });
      if (here && pv.mdas[m].seqno == v.vg.seqno) return &v.vg;
    }
  }
  return nullptr;
}

void find_members(DamagedVg& all, plan::RepairFindings& findings) {
  const store::VgState& state = *all.state;
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] != kNoPv) {
      find_bad_areas(*all.picture, state.members[i], state.vg.seqno, all.areas);
      continue;
    }
    auto at = std::find_if(pvs.begin(), pvs.end(), [&](const store::FoundPv& f) { return f.label.pv == state.vg.pvs[i].id; });
    if (at == pvs.end())
      findings.gone.push_back(state.vg.pvs[i]);
    else
      all.returned.push_back(static_cast<std::size_t>(at - pvs.begin()));
  }
  for (std::size_t pv : all.returned) find_bad_areas(*all.picture, pv, state.vg.seqno, all.areas);
  std::set<std::string> left;
  for (std::size_t i : state.outdated) left.insert(pvs[i].device->path());
  findings.left.assign(left.begin(), left.end());
}

void find_orphans(DamagedVg& all, plan::RepairFindings& findings) {
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < pvs.size(); ++i) {
    const store::VgState* owner = vg_of(*all.picture, i);
    findings.devices.push_back({pvs[i].label.pv, pvs[i].device->path(), to_sectors(pvs[i].device->size()), pvs[i].label.used(), owner != nullptr ? owner->vg.name : ""});
  }
}

}  // namespace

const store::VgState* state_of(const store::Picture& picture, const std::string& vg) {
  auto found = store::find_vg(picture, vg);
  return found ? *found : nullptr;
}

std::string saved_name(const std::string& vg, const store::FoundPv& pv, std::size_t mda, std::span<const std::byte> bytes) {
  return fmt::format("{}_{}_area{}_{:08x}.saved", vg, pv.label.pv.dashed(), mda + 1, crc32(bytes));
}

Result<std::vector<std::byte>> read_area(const store::FoundPv& pv, std::size_t mda) {
  const disk::DiskArea& area = pv.mdas[mda].area;
  if (area.size > store::kMaxText) return Error(Errc::Refused, fmt::format("{} has {} bytes, more than {} are not saved", store::mda_name(pv, mda), area.size.n, store::kMaxText.n));
  std::vector<std::byte> bytes(area.size.n);
  TRY(pv.device->read(area.offset, bytes).context("saving what lies there"));
  return bytes;
}

Result<DamagedVg> look_closely(System& sys, store::Picture&& picture, const std::string& name, const std::vector<std::string>& named) {
  DamagedVg all;
  all.repair.vg = name;
  all.picture = std::make_shared<store::Picture>(std::move(picture));
  if (auto found = store::find_vg(*all.picture, name); found)
    all.state = *found;
  else if (found.error().code() != Errc::NotFound)
    return std::move(found).error();
  plan::RepairFindings findings;
  findings.vg = name;
  std::vector<plan::RepairObstacle> obstacles;
  TRY(find_labels(sys, named, all, findings.labels, obstacles));
  if (all.state != nullptr) {
    findings.current = &all.state->vg;
    find_members(all, findings);
    if (Status may = check_allowed(sys, *all.state, Need::AllowPartial | Need::AllowExported); !may) findings.refusal = may.error().message();
    findings.unsafe = all.state->unsafe.has_value();
    if (findings.labels.empty() && obstacles.empty() && all.areas.empty() && all.state->damage.empty() && !findings.unsafe) return all;  // the rings are not searched
    for (const std::string& what : all.state->damage) all.repair.damage.push_back(what);
  }
  Past past = TRY(read_past(sys, *all.picture, all.state, name));
  all.repair.history = std::move(past.history);
  all.repair.notes.insert(all.repair.notes.end(), past.notes.begin(), past.notes.end());
  findings.history = &all.repair.history;
  if (all.state == nullptr) {
    find_orphans(all, findings);
    const VolumeGroup& newest = all.repair.history.versions.back().vg;
    if (!owns(sys.host.system_ids, newest.system_id)) findings.refusal = fmt::format("VG {} belongs to another host, whose system ID is {}.", name, printable(newest.system_id));
    for (std::size_t i = 0; i < all.picture->scan.pvs.size(); ++i) {
      if (find_pv(newest, all.picture->scan.pvs[i].label.pv) != nullptr) find_bad_areas(*all.picture, i, std::nullopt, all.areas);
    }
  }
  for (std::size_t i : all.returned) {
    const store::FoundPv& pv = all.picture->scan.pvs[i];
    findings.returned.push_back({pv.label.pv, pv.device->path(), own_of(all.repair.history, pv)});
  }
  for (const BadArea& area : all.areas) {
    const store::FoundPv& pv = all.picture->scan.pvs[area.pv];
    plan::RepairFindings::Area told{store::mda_name(pv, area.mda), area.fault, {}};
    auto& damage = all.repair.damage;
    if (std::none_of(damage.begin(), damage.end(), [&](const std::string& known) { return known.find(told.name) != std::string::npos; }))
      damage.push_back(told.name + ": " + area.fault);
    if (area.unreadable) {
      auto bytes = read_area(pv, area.mda);
      if (bytes)
        told.keep = saved_name(name, pv, area.mda, *bytes);
      else
        obstacles.push_back({fmt::format("What lies in {} cannot be saved before it is written over: {}.", told.name, bytes.error().message()),
                             fmt::format("if it may be lost: vgck --updatemetadata {0}, or vgcfgrestore -f FILE {0}", name)});
    }
    findings.areas.push_back(std::move(told));
  }
  all.repair.plan = plan::plan_repair(findings);
  auto& found = all.repair.plan.obstacles;
  if (all.repair.plan.steps.empty() && found.empty() && obstacles.empty()) {
    for (const std::string& damage : all.repair.damage) found.push_back({damage + ".", "ashlar why " + name});
  }
  found.insert(found.begin(), obstacles.begin(), obstacles.end());
  if (!found.empty()) all.repair.plan.steps.clear();
  return all;
}

Result<Repair> find_repair(System& sys, const std::string& vg, const std::vector<std::string>& devices) {
  return TRY(look_closely(sys, TRY(look(sys)), vg, devices)).repair;
}

}  // namespace ashlar::ops
