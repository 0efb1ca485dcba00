// SPDX-License-Identifier: LGPL-2.1-or-later
// What is left of a damaged VG put together. What a label's loss hides is seen by reading the devices as they would be
// with it, so that one plan serves all that is wrong at once.
#include "ops/damaged_vg.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "ops/active_lvs.h"
#include "ops/device_sizes.h"
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

/// A device without anything on it that is where the PV was last seen, and as large.
std::string perhaps(System& sys, const store::Picture& picture, const PhysicalVolume& pv) {
  for (device::BlockDevice* device : store::without_pv(picture.scan)) {
    if (device->path() != pv.device || !pv.dev_size || to_bytes(*pv.dev_size) != device->size()) continue;
    auto signatures = sys.devices->signatures(*device);
    if (signatures && signatures->empty()) return device->path();
  }
  return {};
}

}  // namespace

void find_bad_areas(const store::Picture& picture, std::size_t pv, std::optional<std::uint32_t> seqno,
                    std::vector<BadArea>& areas) {
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
      if (auto text = store::read_text(*found.device, *mda.header); !text)
        areas.push_back({pv, m, text.error().message(), true});
    }
  }
}

namespace {
/// What lies committed in the area.
const plan::Version* carried_by(const plan::History& history, const store::FoundPv& pv, std::size_t m) {
  const plan::Version* carried = nullptr;
  for (const plan::Version& v : history.versions) {
    for (const plan::Place& p : v.places) {
      if (p.name != store::mda_name(pv, m) || pv.mdas[m].seqno != v.vg.seqno) continue;
      if (carried == nullptr || p.kind == plan::Place::Kind::Committed)
        carried = &v;  // its ring may hold another with that seqno
    }
  }
  return carried;
}

/// What the areas of a PV that was away said of the VG before it was marked as missing.
const VolumeGroup* own_of(const plan::History& history, const store::FoundPv& pv) {
  const VolumeGroup* own = nullptr;
  for (const plan::Version& v : history.versions) {
    const PhysicalVolume* listed = find_pv(v.vg, pv.label.pv);
    if (listed == nullptr || listed->status.has(PvFlag::Missing)) continue;
    for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
      const bool here = std::any_of(v.places.begin(), v.places.end(),
                                    [&](const plan::Place& p) { return p.name == store::mda_name(pv, m); });
      if (here && pv.mdas[m].seqno && v.vg.seqno <= *pv.mdas[m].seqno) own = &v.vg;  // they are sorted
    }
  }
  return own;
}

/// Made an unused PV. One that was joining when that was cut off is not marked as used either, but has the staged text.
bool is_released(const store::FoundPv& pv) {
  const bool emptied = std::all_of(pv.mdas.begin(), pv.mdas.end(), [](const store::Mda& mda) {
    return mda.header && mda.header->committed.empty() && mda.header->precommitted.empty();
  });
  return emptied && pv.label.ext_version >= disk::kExtensionVersion && !pv.label.used();
}

void find_members(System& sys, DamagedVg& all, plan::RepairFindings& findings) {
  const store::VgState& state = *all.state;
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] != kNoPv) {
      find_bad_areas(*all.picture, state.members[i], state.vg.seqno, all.areas);
      continue;
    }
    auto at =
        std::find_if(pvs.begin(), pvs.end(), [&](const store::FoundPv& f) { return f.label.pv == state.vg.pvs[i].id; });
    if (at == pvs.end())
      findings.gone.push_back({state.vg.pvs[i], perhaps(sys, *all.picture, state.vg.pvs[i])});
    else
      all.returned.push_back(static_cast<std::size_t>(at - pvs.begin()));
  }
}

/// No file says which of two devices is meant.
void tell_doubled(const DamagedVg& all, plan::RepairFindings& findings) {
  if (!all.state->unsafe || findings.refusal != all.state->unsafe->message()) return;
  for (std::size_t member : all.state->members) {
    if (member == kNoPv || !store::is_doubled(*all.picture, member)) continue;
    findings.refusal = fmt::format("VG {} has a PV on several devices: {}.", all.repair.vg,
                                   store::devices_text(all.picture->scan, all.picture->scan.pvs[member].label.pv));
    findings.refusal_mend = store::kSingleAgain;
    return;
  }
}

/// What the past says of members and of PVs that were away.
void judge_members(System& sys, DamagedVg& all, plan::RepairFindings& findings) {
  const store::VgState& state = *all.state;
  const auto& pvs = all.picture->scan.pvs;
  const plan::History& history = all.repair.history;
  for (std::size_t member : state.members) {
    if (member == kNoPv) continue;
    // Without an area, a PV that joined with the newest change may lack the mark because that was cut off.
    const bool was_in =
        !pvs[member].mdas.empty() ||
        std::any_of(history.versions.begin(), history.versions.end(), [&](const plan::Version& v) {
          return v.vg.seqno < state.vg.seqno && v.was_in_effect() && find_pv(v.vg, pvs[member].label.pv) != nullptr;
        });
    if (was_in && is_released(pvs[member])) findings.released.push_back(pvs[member].device->path());
  }
  for (std::size_t i : all.returned) {
    const store::FoundPv& pv = pvs[i];
    plan::RepairFindings::Returned& back = findings.returned.emplace_back(
        plan::RepairFindings::Returned{pv.label.pv, pv.device->path(), {}, is_released(pv), own_of(history, pv)});
    Status may = check_may_join(*all.picture, i, state.vg.id);
    if (may) may = check_size(pv, state.vg);
    if (!may) back.refusal = may.error().message();
    if (!may || back.released) continue;
    std::vector<BadArea> areas;
    find_bad_areas(*all.picture, i, state.vg.seqno, areas);
    const bool readable = std::none_of(areas.begin(), areas.end(), [](const BadArea& area) { return area.unreadable; });
    if (readable || (back.own != nullptr && plan::same_on_pv(state.vg, *back.own, back.pv)))
      all.areas.insert(all.areas.end(), areas.begin(), areas.end());
  }
  std::set<std::size_t> left(state.outdated.begin(), state.outdated.end());
  for (std::size_t i : left) {
    plan::RepairFindings::Left& one = findings.left.emplace_back(
        plan::RepairFindings::Left{pvs[i].label.pv, pvs[i].device->path(), nullptr, false, {}});
    std::set<std::string> here;
    for (std::size_t m = 0; m < pvs[i].mdas.size(); ++m) {
      here.insert(store::mda_name(pvs[i], m));
      if (const plan::Version* own = carried_by(history, pvs[i], m)) one.own = own;
    }
    const bool elsewhere = one.own != nullptr && std::ranges::any_of(one.own->places, [&](const plan::Place& p) {
                             return !here.contains(p.name);
                           });
    one.alone = !elsewhere || store::is_doubled(*all.picture, i);
    auto active = active_lvs(sys, *all.picture, state.vg);
    for (const ActiveLv& lv : active ? *active : std::vector<ActiveLv>{}) {
      if (lv.in == ActiveLv::In::Lacks) one.active.push_back(lv.device);
    }
  }
}

/// LVs that are in use keep a state from being written that does not have them, or has them elsewhere.
void check_active(System& sys, const DamagedVg& all, const VolumeGroup& target, bool older,
                  std::vector<plan::RepairObstacle>& obstacles) {
  const std::string mend = fmt::format(
      "if that state is to be the VG's: dmsetup remove or umount and vgchange -an what is active of {0}, then ashlar repair {0}; "
      "vgcfgrestore -f FILE {0} restores a state that you choose",
      target.name);
  auto active = active_lvs(sys, *all.picture, target);
  if (!active) {
    obstacles.push_back(
        {fmt::format("What is active of VG {} cannot be told: {}.", target.name, active.error().message()), mend});
    return;
  }
  for (const ActiveLv& lv : *active) {
    if (lv.in == ActiveLv::In::Lacks)
      obstacles.push_back(
          {fmt::format("{} is active, and seqno {} of VG {} does not have it.", lv.device, target.seqno, target.name),
           mend});
    if (lv.in == ActiveLv::In::Differs && older)
      obstacles.push_back({fmt::format("{} is active, and lies elsewhere than seqno {} of VG {} says.", lv.device,
                                       target.seqno, target.name),
                           mend});
  }
}

void find_orphans(DamagedVg& all, plan::RepairFindings& findings) {
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < pvs.size(); ++i) {
    const store::VgState* owner = vg_of(*all.picture, i);
    std::string vg = owner != nullptr ? owner->vg.name : "";
    for (const store::VgState& state : all.picture->vgs) {
      if (std::find(state.outdated.begin(), state.outdated.end(), i) != state.outdated.end()) vg = state.vg.name;
    }
    findings.devices.push_back({pvs[i].label.pv, pvs[i].device->path(), to_sectors(pvs[i].device->size()),
                                pvs[i].label.used(), std::move(vg)});
  }
}

/// Of a VG of which no copy counts.
void judge_lost(System& sys, DamagedVg& all, plan::RepairFindings& findings,
                std::vector<plan::RepairObstacle>& obstacles) {
  find_orphans(all, findings);
  const std::vector<plan::Version>& versions = all.repair.history.versions;
  const VolumeGroup& newest = versions.back().vg;
  for (const plan::Version& v : versions) {
    const bool on_disk = !std::ranges::all_of(v.places, &plan::Place::is_file);
    if ((on_disk || &v == &versions.back()) && !owns(sys.host.system_ids, v.vg.system_id))
      findings.refusal = fmt::format("VG {} belongs to another host: by its seqno {} its system ID is {}.",
                                     all.repair.vg, v.vg.seqno, printable(v.vg.system_id));
  }
  for (const store::VgState& state : all.picture->vgs) {
    if (state.vg.name == newest.name && state.vg.id != newest.id)
      obstacles.push_back({fmt::format("Another VG is called {} (id {}).", newest.name, state.vg.id.dashed()),
                           fmt::format("vgrename {} NEW gives that another name", state.vg.id.dashed())});
  }
  for (std::size_t i = 0; i < all.picture->scan.pvs.size(); ++i) {
    if (find_pv(newest, all.picture->scan.pvs[i].label.pv) != nullptr)
      find_bad_areas(*all.picture, i, std::nullopt, all.areas);
  }
}

/// Names the bad areas, and the files that keep what cannot be read.
void tell_areas(DamagedVg& all, plan::RepairFindings& findings, std::vector<plan::RepairObstacle>& obstacles) {
  const std::string& name = all.repair.vg;
  for (const BadArea& area : all.areas) {
    const store::FoundPv& pv = all.picture->scan.pvs[area.pv];
    plan::RepairFindings::Area told{
        store::mda_name(pv, area.mda), area.fault, {}, carried_by(all.repair.history, pv, area.mda)};
    auto& damage = all.repair.damage;
    if (std::none_of(damage.begin(), damage.end(),
                     [&](const std::string& known) { return known.find(told.name) != std::string::npos; }))
      damage.push_back(told.name + ": " + area.fault);
    if (area.unreadable) {
      auto bytes = read_area(pv, area.mda);
      if (bytes)
        told.keep = saved_name(name, pv, area.mda, *bytes);
      else
        obstacles.push_back(
            {fmt::format("What lies in {} cannot be saved before it is written over: {}.", told.name,
                         bytes.error().message()),
             fmt::format("if it may be lost: vgck --updatemetadata {0}, or vgcfgrestore -f FILE {0}", name)});
    }
    findings.areas.push_back(std::move(told));
  }
}

/// A command that changed this VG and another and was cut off; what else there is shows when that is finished.
bool plan_to_finish(const store::Picture& picture, Repair& repair) {
  for (const store::CutCommit& cut : picture.scan.cut) {
    if (!cut.vgs.contains(repair.vg)) continue;
    const std::string vgs = fmt::format("{}", fmt::join(cut.vgs, " and "));
    repair.damage.push_back(
        fmt::format("a command that changed VGs {} was cut off; its changes count, but not for all programs", vgs));
    repair.plan.steps.push_back({fmt::format("Write the headers that the command on VGs {} left unwritten.", vgs), {}});
    repair.plan.finishes_commit = true;
    return true;
  }
  return false;
}
}  // namespace

Result<const store::VgState*> state_of(const store::Picture& picture, const RepairTarget& target) {
  const store::VgState* found = nullptr;
  for (const store::VgState& state : picture.vgs) {
    if (target.id ? state.vg.id != *target.id : state.vg.name != target.name) continue;
    if (found != nullptr) return store::two_of_one_name(found->vg, state.vg);
    found = &state;
  }
  return found;
}

std::string saved_name(const std::string& vg, const store::FoundPv& pv, std::size_t mda,
                       std::span<const std::byte> bytes) {
  return fmt::format("{}_{}_area{}_{:08x}.saved", vg, pv.label.pv.dashed(), mda + 1, crc32(bytes));
}

Result<std::vector<std::byte>> read_area(const store::FoundPv& pv, std::size_t mda) {
  const disk::DiskArea& area = pv.mdas[mda].area;
  if (area.size > store::kMaxText)
    return Error(Errc::Refused, fmt::format("{} has {} bytes, more than {} are not saved", store::mda_name(pv, mda),
                                            area.size.n, store::kMaxText.n));
  std::vector<std::byte> bytes(area.size.n);
  TRY(pv.device->read(area.offset, bytes).context("saving what lies there"));
  return bytes;
}

Result<DamagedVg> look_closely(System& sys, store::Picture&& picture, const RepairTarget& target,
                               const std::vector<std::string>& named) {
  DamagedVg all;
  const std::string& name = target.name;
  all.repair.vg = name;
  all.repair.id = target.id;
  all.picture = std::make_shared<store::Picture>(std::move(picture));
  all.state = TRY(state_of(*all.picture, target));
  if (plan_to_finish(*all.picture, all.repair)) return all;
  plan::RepairFindings findings;
  findings.vg = name;
  findings.host = sys.host.name;
  std::vector<plan::RepairObstacle> obstacles;
  TRY(find_labels(sys, target, named, all, findings, obstacles));
  std::vector<std::string> sizes;
  if (all.state != nullptr) {
    sizes = size_warnings(sys, *all.picture, *all.state);
    findings.current = &all.state->vg;
    find_members(sys, all, findings);
    if (Status may = check_allowed(sys, *all.state, Need::AllowPartial | Need::AllowExported); !may)
      findings.refusal = may.error().message();
    findings.unsafe = all.state->unsafe.has_value();
    tell_doubled(all, findings);
    if (findings.labels.empty() && obstacles.empty() && findings.undecided.empty() && all.areas.empty() &&
        all.state->damage.empty() && !findings.unsafe && sizes.empty())
      return all;  // the rings are not searched
    for (const std::string& what : all.state->damage) all.repair.damage.push_back(what);
  }
  Past past = TRY(read_past(sys, *all.picture, all.state, name, target.id ? &*target.id : nullptr, all.unlabelled));
  all.repair.history = std::move(past.history);
  all.repair.notes.insert(all.repair.notes.end(), past.notes.begin(), past.notes.end());
  findings.history = &all.repair.history;
  if (all.state != nullptr)
    judge_members(sys, all, findings);
  else
    judge_lost(sys, all, findings, obstacles);
  tell_areas(all, findings, obstacles);
  all.repair.plan = plan::plan_repair(findings);
  plan::RepairPlan& plan = all.repair.plan;
  const bool unread = std::ranges::any_of(findings.areas, [](const auto& area) { return !area.keep.empty(); });
  if (plan.writes_vg)
    check_active(sys, all, plan.restored ? *plan.restored : *findings.current, plan.restored || unread, obstacles);
  if (plan.steps.empty() && plan.obstacles.empty() && plan.rest.empty() && obstacles.empty()) {
    for (const std::string& damage : all.repair.damage) plan.rest.push_back({damage + ".", "ashlar why " + name});
  }
  if (!sizes.empty()) plan.rest.push_back({cut_off_text(name) + ".", cut_off_mend(name)});
  all.repair.notes.insert(all.repair.notes.end(), sizes.begin(), sizes.end());
  plan.obstacles.insert(plan.obstacles.begin(), obstacles.begin(), obstacles.end());
  if (!plan.obstacles.empty()) plan.steps.clear();
  return all;
}

Result<Repair> find_repair(System& sys, const RepairTarget& vg, const std::vector<std::string>& devices) {
  return TRY(look_closely(sys, TRY(look(sys)), vg, devices)).repair;
}

}  // namespace ashlar::ops
