// SPDX-License-Identifier: LGPL-2.1-or-later
// A VG of which a copy counts: its other copies and PVs are brought to that, as far as nothing else would be lost.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "metadata/model/lies_on.h"
#include "plan/repair_parts.h"

namespace ashlar::plan {

bool same_on_pv(const VolumeGroup& vg, const VolumeGroup& own, const Uuid& pv) {
  const PhysicalVolume* now = find_pv(vg, pv);
  const PhysicalVolume* then = find_pv(own, pv);
  if (now == nullptr || then == nullptr || vg.extent_size != own.extent_size) return false;
  if (now->pe_start != then->pe_start || now->pe_count != then->pe_count) return false;
  for (std::size_t on_it : LvsOnPvs(vg).on(pv)) {
    const LogicalVolume& lv = vg.lvs[on_it];
    auto old = std::find_if(own.lvs.begin(), own.lvs.end(), [&](const LogicalVolume& l) { return l.id == lv.id; });
    if (old == own.lvs.end()) return false;
    for (const Segment& segment : lv.segments) {
      const auto* striped = std::get_if<Striped>(&segment.body);
      const bool elsewhere =
          striped != nullptr && std::none_of(striped->areas.begin(), striped->areas.end(), [&](const Area& area) {
            const auto* on = std::get_if<PvArea>(&area);
            return on == nullptr || on->pv == pv;
          });
      if (!elsewhere && std::find(old->segments.begin(), old->segments.end(), segment) == old->segments.end())
        return false;
    }
  }
  return true;
}

namespace {
/// A PV that was marked as missing and is there.
void take_back(const RepairFindings& found, const RepairFindings::Returned& back, RepairPlan& plan) {
  const VolumeGroup& vg = *found.current;
  const std::string restore = fmt::format("vgextend --restoremissing {} {}", vg.name, back.path);
  if (!back.refusal.empty())
    plan.rest.push_back({fmt::format("{}, and VG {} misses it.", back.refusal, vg.name),
                         fmt::format("vgreduce --removemissing --force {} gives up what lay on it", vg.name)});
  else if (back.released)
    plan.rest.push_back(
        {fmt::format("{} was missing and is back, and it was released: it is marked as a PV of no VG.", back.path),
         "if its data is that of then: " + restore});
  else if (back.own == nullptr)
    plan.rest.push_back({fmt::format("{} was missing and is back, and nothing on it says what it was.", back.path),
                         "if its data is that of then: " + restore});
  else if (!same_on_pv(vg, *back.own, back.pv))
    plan.rest.push_back(
        {fmt::format("{} was missing and is back, and VG {} has changed what lies on it since seqno {}.", back.path,
                     vg.name, back.own->seqno),
         fmt::format("ashlar diff {} {}; if it may come back all the same: {}", vg.name, back.own->seqno, restore)});
  else {
    plan.steps.push_back(
        {fmt::format("Take {} in again as PV of VG {}: its extents lie as the VG says.", back.path, vg.name),
         "whether its data was written elsewhere while it was away"});
    plan.taken_back.push_back(back.pv);
    plan.writes_vg = true;
  }
}

/// A state that is none of the VG's past.
std::string branch_text(const VolumeGroup& vg, const Version& other) {
  std::string lvs;
  for (const LogicalVolume& lv : other.vg.lvs) {
    const bool known = std::any_of(vg.lvs.begin(), vg.lvs.end(),
                                   [&](const LogicalVolume& l) { return l.id == lv.id && l.name == lv.name; });
    if (!known) lvs += " " + printable(lv.name);
  }
  std::string text = fmt::format("seqno {} of another branch of VG {}", other.vg.seqno, vg.name);
  if (!other.host.empty()) text += ", written on host " + printable(other.host);
  if (!lvs.empty()) text += ", with LVs that the VG does not have:" + lvs;
  return text;
}

/// All that is undone of its leaving is to say so on the PV, as vgreduce would have: what it carries is known to be the
/// state before the VG's next one, is elsewhere too and has no LV there; and no disk is away that could know better.
bool left_for_good(const RepairFindings& found, const RepairFindings::Left& left) {
  if (left.alone || left.own->tie != Version::Tie::Proven || !left.active.empty() || !found.gone.empty() ||
      !found.returned.empty())
    return false;
  const std::vector<PvUsage> usage = pv_usage(left.own->vg);
  for (std::size_t i = 0; i < usage.size(); ++i) {
    if (left.own->vg.pvs[i].id == left.pv) return usage[i].used_extents.n == 0;
  }
  return false;
}

void take_off(const RepairFindings& found, const RepairFindings::Left& left, RepairPlan& plan) {
  const std::string by_hand = fmt::format("vgck --updatemetadata {} takes it off", found.vg);
  if (left.own == nullptr || left.own->standing == Version::Standing::Past) {
    if (left.own != nullptr && left_for_good(found, left)) {
      plan.steps.push_back(
          {fmt::format(
               "Take the old copy of VG {} off {}, which left it with seqno {} or later and held nothing: it becomes an unused PV.",
               found.vg, left.path, std::uint64_t{left.own->vg.seqno} + 1),
           {}});
      plan.taken_off.push_back(left.pv);
    } else {
      plan.rest.push_back(
          {fmt::format("{} left VG {} and still carries an old copy of it.", left.path, found.vg), by_hand});
    }
    return;
  }
  std::string active;
  for (const std::string& name : left.active) active += " " + printable(name);
  plan.obstacles.push_back(
      {fmt::format("{} is no PV of VG {} and carries {}{}.", left.path, found.vg,
                   branch_text(*found.current, *left.own), active.empty() ? "" : "; active of them:" + active),
       fmt::format("ashlar history {} shows both; if that copy is to go: {}, and what only it knows is lost", found.vg,
                   by_hand)});
}

/// A copy that is behind is written over; one that is of no past of the VG would be lost.
void tell_branch(const RepairFindings& found, const RepairFindings::Area& area, RepairPlan& plan) {
  if (area.own == nullptr || area.own->was_in_effect() || !area.keep.empty()) return;
  plan.obstacles.push_back(
      {fmt::format("{} carries {}.", area.name, branch_text(*found.current, *area.own)),
       fmt::format(
           "ashlar history {0} shows both; if that copy is to go: vgck --updatemetadata {0}, and what only it knows is lost",
           found.vg)});
}

}  // namespace

void mend(const RepairFindings& found, RepairPlan& plan) {
  const VolumeGroup& vg = *found.current;
  for (const RepairFindings::Gone& gone : found.gone) {
    const std::string perhaps =
        gone.perhaps.empty()
            ? ""
            : fmt::format("{0} has no label and is as large as the PV: if it is the PV, ashlar repair {1} {0}; ",
                          gone.perhaps, vg.name);
    plan.rest.push_back(
        {fmt::format("PV {} (last seen at {}) is on no device.", gone.pv.id.dashed(), printable(gone.pv.device)),
         fmt::format(
             "{1}bring the disk back; or, if its label is gone, name it: ashlar repair {0} DEVICE; or give it up: vgreduce --removemissing {0}",
             vg.name, perhaps)});
  }
  for (const std::string& path : found.released)
    plan.obstacles.push_back(
        {fmt::format("VG {} lists {}, and that was released: it is marked as a PV of no VG.", vg.name, path),
         fmt::format(
             "if it is to be the VG's again: vgck --updatemetadata {}; if the VG was removed on purpose: vgremove {}",
             vg.name, vg.name)});
  for (const auto& back : found.returned) take_back(found, back, plan);
  for (const RepairFindings::Area& area : found.areas) tell_branch(found, area, plan);
  const bool unread = std::ranges::any_of(found.areas, [](const auto& area) { return !area.keep.empty(); });
  if (!found.areas.empty()) {
    std::string names, marked;
    for (const auto& area : found.areas) names += (names.empty() ? "" : ", ") + area.name;
    std::uint64_t absent = 0;
    for (const PhysicalVolume& pv : vg.pvs) {
      const bool stays = pv.status.has(PvFlag::Missing) &&
                         std::find(plan.taken_back.begin(), plan.taken_back.end(), pv.id) == plan.taken_back.end();
      if (!stays) continue;
      absent += 1;
      marked += fmt::format(" PV {} is marked as missing.", pv.id.dashed());
    }
    plan.steps.push_back(
        {fmt::format("Write VG {}, seqno {} after {}, to all its metadata areas: {} {} not as the others.{}", vg.name,
                     std::uint64_t{vg.seqno} + 1 + absent, vg.seqno, names, found.areas.size() == 1 ? "is" : "are",
                     marked),
         unread ? "whether what cannot be read was newer" : ""});
  }
  plan.writes_vg = plan.writes_vg || !found.areas.empty();
  for (const auto& left : found.left) take_off(found, left, plan);
  const VolumeGroup content = content_of(vg);
  for (const Version& v : found.history->versions) {
    const bool kept = std::ranges::any_of(v.places, [&](const Place& p) {
      return p.is_file() || std::ranges::any_of(found.areas, [&](const auto& area) {
               return !area.keep.empty() && area.name == p.name;
             });
    });
    if (unread && kept && v.standing == Version::Standing::Ahead && content_of(v.vg) != content)
      plan.obstacles.push_back(
          {fmt::format(
               "The copies that can be read have seqno {}, but {} has seqno {}: those that cannot be read may be newer.",
               vg.seqno, where_text(v), v.vg.seqno),
           ways_between(vg.name, vg.seqno, v.vg.seqno)});
  }
  if (!found.refusal.empty() && (found.unsafe || !plan.healthy()))
    plan.obstacles.push_back({found.refusal, found.refusal_mend.empty() ? by_hand(found) : found.refusal_mend});
}

}  // namespace ashlar::plan
