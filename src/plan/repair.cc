// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/repair.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "metadata/model/query.h"

namespace ashlar::plan {

namespace {
std::optional<Sectors> end_of(const VolumeGroup& vg, const PhysicalVolume& pv) {
  auto size = checked_mul(pv.pe_count.n, vg.extent_size.n);
  auto end = size ? checked_add(pv.pe_start.n, *size) : std::nullopt;
  return end ? std::optional(Sectors{*end}) : std::nullopt;
}

bool has_size(const Unlabelled& device, const LostPv& lost) {
  const auto end = end_of(*lost.vg, *lost.pv);
  if (!end || *end > device.size) return false;
  return !lost.pv->dev_size || *lost.pv->dev_size == device.size;
}

bool has_id(const Unlabelled& device, const LostPv& lost) {
  return device.id == lost.pv->id && end_of(*lost.vg, *lost.pv).value_or(Sectors{UINT64_MAX}) <= device.size;
}

/// Of what no id tells.
bool fits(const Unlabelled& device, const LostPv& lost) {
  if (device.id) return false;
  const bool carries = std::find(device.vgs.begin(), device.vgs.end(), lost.vg->id) != device.vgs.end();
  return has_size(device, lost) && (carries || (device.named && device.vgs.empty()));
}

/// A VG's file that pvcreate and vgcfgrestore may be given.
std::string by_hand(const std::string& vg) { return fmt::format("ashlar history {0}; vgcfgrestore -f FILE {0} restores the state that is in a file", printable(vg)); }
}  // namespace

LabelMatches match_labels(const std::vector<Unlabelled>& devices, const std::vector<LostPv>& lost) {
  LabelMatches result;
  auto by_id = [&](const LostPv& one) { return std::any_of(devices.begin(), devices.end(), [&](const Unlabelled& d) { return has_id(d, one); }); };
  for (const LostPv& one : lost) {
    const bool known = by_id(one);
    std::vector<std::size_t> fitting;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      if (known ? has_id(devices[d], one) : fits(devices[d], one)) fitting.push_back(d);
    }
    if (fitting.empty()) continue;
    std::string paths;
    for (std::size_t d : fitting) paths += " " + printable(devices[d].path);
    std::size_t pvs = 0;
    for (const LostPv& other : lost) pvs += &other == &one || (!known && !by_id(other) && fits(devices[fitting[0]], other)) ? 1 : 0;
    if (fitting.size() > 1 || pvs > 1) {
      result.obstacles.push_back({fitting.size() > 1 ? fmt::format("PV {} has no label any more, and more than one device could be it:{}.", one.pv->id.dashed(), paths)
                                                     : fmt::format("{} without a label could be PV {}, and other PVs too.", paths.substr(1), one.pv->id.dashed()),
                                  fmt::format("if you know which one it is: pvcreate --uuid {} --restorefile FILE DEVICE, then vgcfgrestore -f FILE {}", one.pv->id.dashed(), printable(one.vg->name))});
      continue;
    }
    const Unlabelled& device = devices[fitting[0]];
    LabelMatch match{fitting[0], one, {}};
    if (!device.id && device.vgs.empty())
      match.unknown = "nothing on the device says that it was that PV; its size is the same, and you named it";
    else if (!device.id)
      match.unknown = "the PV's id cannot be read; the device has its size and carries metadata of the VG, and no other device and no other PV fits";
    result.matches.push_back(std::move(match));
  }
  return result;
}

bool same_on_pv(const VolumeGroup& vg, const VolumeGroup& own, const Uuid& pv) {
  const PhysicalVolume* now = find_pv(vg, pv);
  const PhysicalVolume* then = find_pv(own, pv);
  if (now == nullptr || then == nullptr || vg.extent_size != own.extent_size) return false;
  if (now->pe_start != then->pe_start || now->pe_count != then->pe_count) return false;
  VolumeGroup alone = vg;
  for (PhysicalVolume& other : alone.pvs) other.status.set(PvFlag::Missing, other.id == pv);
  for (const LogicalVolume& lv : alone.lvs) {
    if (!is_partial(alone, lv)) continue;
    auto old = std::find_if(own.lvs.begin(), own.lvs.end(), [&](const LogicalVolume& l) { return l.id == lv.id; });
    if (old == own.lvs.end()) return false;
    for (const Segment& segment : lv.segments) {
      const auto* striped = std::get_if<Striped>(&segment.body);
      const bool elsewhere = striped != nullptr && std::none_of(striped->areas.begin(), striped->areas.end(), [&](const Area& area) {
        const auto* on = std::get_if<PvArea>(&area);
        return on == nullptr || on->pv == pv;
      });
      if (!elsewhere && std::find(old->segments.begin(), old->segments.end(), segment) == old->segments.end()) return false;
    }
  }
  return true;
}

std::string where_text(const Version& version) {
  if (version.places.empty()) return "a copy";
  // A whole file says more for itself than what nobody has written over yet.
  const Place& place = *std::max_element(version.places.begin(), version.places.end(), [](const Place& a, const Place& b) { return a.kind < b.kind; });
  switch (place.kind) {
    case Place::Kind::Committed:
    case Place::Kind::Ring: return "what still lies in " + printable(place.name);
    case Place::Kind::Archive: return "archive " + printable(place.name);
    case Place::Kind::Backup: break;
  }
  return "backup " + printable(place.name);
}

namespace {
/// The PVs of the state are all there and nobody else's.
void check_devices(const RepairFindings& found, const VolumeGroup& vg, RepairPlan& plan) {
  for (const PhysicalVolume& pv : vg.pvs) {
    std::vector<const RepairFindings::Device*> on;
    for (const auto& device : found.devices) {
      if (device.pv == pv.id) on.push_back(&device);
    }
    const std::string hint = fmt::format("PV {} (last seen at {})", pv.id.dashed(), printable(pv.device));
    if (on.empty()) {
      plan.obstacles.push_back({hint + " is on no device.", fmt::format("bring the disk back; or, if its label is gone, name the device: ashlar repair {} DEVICE", printable(vg.name))});
      continue;
    }
    const auto end = end_of(vg, pv);
    if (on.size() > 1)
      plan.obstacles.push_back({fmt::format("{} is on {} and on {}.", hint, on[0]->path, on[1]->path), "take one of them away, or vgimportclone it"});
    else if (!on[0]->vg.empty())
      plan.obstacles.push_back({fmt::format("{} belongs to VG {} now.", on[0]->path, on[0]->vg), by_hand(vg.name)});
    else if (!on[0]->used)
      plan.obstacles.push_back({fmt::format("{} is not marked as a VG's: VG {} was removed, or the PV left it, on purpose.", on[0]->path, vg.name), by_hand(vg.name)});
    else if (!end || *end > on[0]->size)
      plan.obstacles.push_back({fmt::format("{} is smaller than the PV that VG {} had.", on[0]->path, vg.name), by_hand(vg.name)});
    if (pv.status.has(PvFlag::Missing)) plan.obstacles.push_back({hint + " was missing when the newest state that is known was written.", by_hand(vg.name)});
  }
}

void restore(const RepairFindings& found, RepairPlan& plan) {
  const History& history = *found.history;
  const Version* newest = nullptr;
  for (const Version& v : history.versions) {
    if (v.standing != Version::Standing::Dropped) newest = &v;
  }
  if (newest == nullptr) {
    plan.obstacles.push_back({fmt::format("No copy of VG {} that counts can be read.", found.vg), by_hand(found.vg)});
    return;
  }
  for (std::string& what : disputes(history, *newest))
    plan.obstacles.push_back({std::move(what), fmt::format("ashlar history {0} shows them, ashlar diff {0} FILE FILE what differs; vgcfgrestore -f FILE {0} restores the one that you choose, "
                                                           "pvck --dump metadata_search DEVICE shows the texts of a metadata area", printable(found.vg))});
  check_devices(found, newest->vg, plan);
  if (!found.refusal.empty()) plan.obstacles.push_back({found.refusal, by_hand(found.vg)});
  std::string unknown = "whether there was a newer state: the copies that counted cannot be read";
  if (!newest->command.empty()) unknown = fmt::format("whether there was a newer state than that of '{}': the copies that counted cannot be read", printable(newest->command));
  const bool ring = std::all_of(newest->places.begin(), newest->places.end(), [](const Place& p) { return p.kind == Place::Kind::Ring; });
  if (ring) unknown += "; and whether that text ever counted and is whole: nothing but itself says so";
  if (!newest->host.empty() && newest->host != found.host) unknown += fmt::format("; and whether host {}, which wrote it, uses the VG still", printable(newest->host));
  plan.steps.push_back({fmt::format("Restore VG {} as it was at seqno {}, from {}.", found.vg, newest->vg.seqno, where_text(*newest)), std::move(unknown)});
  plan.writes_vg = true;
  plan.restored = newest->vg;
}

/// A PV that was marked as missing and is there.
void take_back(const RepairFindings& found, const RepairFindings::Returned& back, RepairPlan& plan) {
  const VolumeGroup& vg = *found.current;
  const std::string restore = fmt::format("vgextend --restoremissing {} {}", vg.name, back.path);
  if (!back.refusal.empty())
    plan.rest.push_back({fmt::format("{}, and VG {} misses it.", back.refusal, vg.name), fmt::format("vgreduce --removemissing --force {} gives up what lay on it", vg.name)});
  else if (back.released)
    plan.rest.push_back({fmt::format("{} was missing and is back, and it was released: it is marked as a PV of no VG.", back.path), "if its data is that of then: " + restore});
  else if (back.own == nullptr)
    plan.rest.push_back({fmt::format("{} was missing and is back, and nothing on it says what it was.", back.path), "if its data is that of then: " + restore});
  else if (!same_on_pv(vg, *back.own, back.pv))
    plan.rest.push_back({fmt::format("{} was missing and is back, and VG {} has changed what lies on it since seqno {}.", back.path, vg.name, back.own->seqno),
                         fmt::format("ashlar diff {} {}; if it may come back all the same: {}", vg.name, back.own->seqno, restore)});
  else {
    plan.steps.push_back({fmt::format("Take {} in again as PV of VG {}: its extents lie as the VG says.", back.path, vg.name), "whether its data was written elsewhere while it was away"});
    plan.taken_back.push_back(back.pv);
    plan.writes_vg = true;
  }
}

/// A state that is none of the VG's past.
std::string branch_text(const VolumeGroup& vg, const Version& other) {
  std::string lvs;
  for (const LogicalVolume& lv : other.vg.lvs) {
    const bool known = std::any_of(vg.lvs.begin(), vg.lvs.end(), [&](const LogicalVolume& l) { return l.id == lv.id && l.name == lv.name; });
    if (!known) lvs += " " + printable(lv.name);
  }
  std::string text = fmt::format("seqno {} of another branch of VG {}", other.vg.seqno, vg.name);
  if (!other.host.empty()) text += ", written on host " + printable(other.host);
  if (!lvs.empty()) text += ", with LVs that the VG does not have:" + lvs;
  return text;
}

void tell_left(const RepairFindings& found, const RepairFindings::Left& left, RepairPlan& plan) {
  const std::string take_off = fmt::format("vgck --updatemetadata {} takes it off", found.vg);
  if (left.own == nullptr || left.own->standing == Version::Standing::Past) {
    plan.rest.push_back({fmt::format("{} left VG {} and still carries an old copy of it.", left.path, found.vg), take_off});
    return;
  }
  std::string active;
  for (const std::string& name : left.active) active += " " + printable(name);
  plan.obstacles.push_back({fmt::format("{} is no PV of VG {} and carries {}{}.", left.path, found.vg, branch_text(*found.current, *left.own), active.empty() ? "" : "; active of them:" + active),
                            fmt::format("ashlar history {} shows both; if that copy is to go: {}, and what only it knows is lost", found.vg, take_off)});
}

/// A copy that is behind is written over; one that is of no past of the VG would be lost.
void tell_branch(const RepairFindings& found, const RepairFindings::Area& area, RepairPlan& plan) {
  if (area.own == nullptr || area.own->was_in_effect() || !area.keep.empty()) return;
  plan.obstacles.push_back({fmt::format("{} carries {}.", area.name, branch_text(*found.current, *area.own)),
                            fmt::format("ashlar history {0} shows both; if that copy is to go: vgck --updatemetadata {0}, and what only it knows is lost", found.vg)});
}

void mend(const RepairFindings& found, RepairPlan& plan) {
  const VolumeGroup& vg = *found.current;
  plan.rest = found.undecided;
  for (const RepairFindings::Gone& gone : found.gone) {
    const std::string perhaps = gone.perhaps.empty() ? "" : fmt::format("{0} has no label and is as large as the PV: if it is the PV, ashlar repair {1} {0}; ", gone.perhaps, vg.name);
    plan.rest.push_back({fmt::format("PV {} (last seen at {}) is on no device.", gone.pv.id.dashed(), printable(gone.pv.device)),
                         fmt::format("{1}bring the disk back; or, if its label is gone, name it: ashlar repair {0} DEVICE; or give it up: vgreduce --removemissing {0}", vg.name, perhaps)});
  }
  for (const std::string& path : found.released)
    plan.obstacles.push_back({fmt::format("VG {} lists {}, and that was released: it is marked as a PV of no VG.", vg.name, path),
                              fmt::format("if it is to be the VG's again: vgck --updatemetadata {}; if the VG was removed on purpose: vgremove {}", vg.name, vg.name)});
  for (const auto& left : found.left) tell_left(found, left, plan);
  for (const auto& back : found.returned) take_back(found, back, plan);
  for (const RepairFindings::Area& area : found.areas) tell_branch(found, area, plan);
  const bool unread = std::ranges::any_of(found.areas, [](const auto& area) { return !area.keep.empty(); });
  if (!found.areas.empty()) {
    std::string names, marked;
    for (const auto& area : found.areas) names += (names.empty() ? "" : ", ") + area.name;
    std::uint64_t absent = 0;
    for (const PhysicalVolume& pv : vg.pvs) {
      const bool stays = pv.status.has(PvFlag::Missing) && std::find(plan.taken_back.begin(), plan.taken_back.end(), pv.id) == plan.taken_back.end();
      if (!stays) continue;
      absent += 1;
      marked += fmt::format(" PV {} is marked as missing.", pv.id.dashed());
    }
    plan.steps.push_back({fmt::format("Write VG {}, seqno {} after {}, to all its metadata areas: {} {} not as the others.{}", vg.name, std::uint64_t{vg.seqno} + 1 + absent, vg.seqno, names,
                                      found.areas.size() == 1 ? "is" : "are", marked),
                          unread ? "whether what cannot be read was newer" : ""});
  }
  plan.writes_vg = plan.writes_vg || !found.areas.empty();
  const VolumeGroup content = content_of(vg);
  for (const Version& v : found.history->versions) {
    const bool kept = std::ranges::any_of(v.places, [&](const Place& p) {
      return p.is_file() || std::ranges::any_of(found.areas, [&](const auto& area) { return !area.keep.empty() && area.name == p.name; });
    });
    if (unread && kept && v.standing == Version::Standing::Ahead && content_of(v.vg) != content)
      plan.obstacles.push_back({fmt::format("The copies that can be read have seqno {}, but {} has seqno {}: those that cannot be read may be newer.", vg.seqno, where_text(v), v.vg.seqno),
                                fmt::format("ashlar diff {0} {1} shows what differs; vgck --updatemetadata {0} keeps seqno {2}, vgcfgrestore -f FILE {0} takes the other", vg.name, v.vg.seqno, vg.seqno)});
  }
  if (!found.refusal.empty() && (found.unsafe || plan.writes_vg || !plan.obstacles.empty() || !plan.rest.empty() || !found.labels.empty())) plan.obstacles.push_back({found.refusal, by_hand(vg.name)});
}
}  // namespace

RepairPlan plan_repair(const RepairFindings& found) {
  RepairPlan plan;
  for (const auto& label : found.labels)
    plan.steps.push_back({fmt::format("Write the label of PV {} of VG {} on {} again.", label.pv, found.vg, label.path), label.unknown});
  for (const auto& area : found.areas) {
    if (!area.keep.empty()) plan.steps.push_back({fmt::format("Save the bytes of {} as {} beside the backups.", area.name, area.keep), {}});
  }
  if (found.current != nullptr)
    mend(found, plan);
  else
    restore(found, plan);
  return plan;
}

}  // namespace ashlar::plan
