// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/repair.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "plan/repair_parts.h"

namespace ashlar::plan {

std::optional<Sectors> end_of(const VolumeGroup& vg, const PhysicalVolume& pv) {
  auto size = checked_mul(pv.pe_count.n, vg.extent_size.n);
  auto end = size ? checked_add(pv.pe_start.n, *size) : std::nullopt;
  return end ? std::optional(Sectors{*end}) : std::nullopt;
}

std::optional<RestoreFile> restore_file(const History& history) {
  for (auto version = history.versions.rbegin(); version != history.versions.rend(); ++version) {
    if (!version->counts()) continue;
    const Place* best = nullptr;  // a file, of those the backup; else a disk that pvck can read it from
    for (const Place& place : version->places) {
      if (place.is_file() ? best == nullptr || best->kind < place.kind : best == nullptr && !place.device.empty())
        best = &place;
    }
    if (best == nullptr) continue;
    return best->is_file() ? RestoreFile{printable(best->name), ""} : RestoreFile{"FILE", dump_command(*best)};
  }
  return std::nullopt;
}

std::string by_hand(const RepairFindings& found) {
  const std::string vg = printable(found.vg);
  const auto& versions = found.history->versions;
  const bool files =
      std::ranges::any_of(versions, [](const Version& v) { return std::ranges::any_of(v.places, &Place::is_file); });
  if (files)
    return fmt::format("ashlar history {0}; vgcfgrestore -f FILE {0} restores the state that is in a file", vg);
  if (const auto file = restore_file(*found.history))
    return fmt::format("no file has a state of the VG; {} makes one, vgcfgrestore -f FILE {} restores it", file->make,
                       vg);
  return "no file and no disk has another state of the VG that can be read";
}

std::string ways_between(const std::string& vg, std::uint32_t kept, std::uint32_t other) {
  return fmt::format(
      "ashlar diff {0} {1} shows what differs; vgck --updatemetadata {0} keeps seqno {2}, vgcfgrestore -f FILE {0} takes the other",
      vg, other, kept);
}

std::string where_text(const Version& version) {
  if (version.places.empty()) return "a copy";
  // A whole file says more for itself than what nobody has written over yet.
  const Place& place = *std::max_element(version.places.begin(), version.places.end(),
                                         [](const Place& a, const Place& b) { return a.kind < b.kind; });
  switch (place.kind) {
    case Place::Kind::Committed:
    case Place::Kind::Ring:
      return "what still lies in " + printable(place.name);
    case Place::Kind::Archive:
      return "archive " + printable(place.name);
    case Place::Kind::Backup:
      break;
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
    const bool told = std::ranges::any_of(found.undecided, [&](const auto& label) { return label.pv == pv.id; });
    if (on.empty() && told) continue;
    if (on.empty()) {
      plan.obstacles.push_back(
          {hint + " is on no device.",
           fmt::format("bring the disk back; or, if its label is gone, name the device: ashlar repair {} DEVICE",
                       printable(vg.name))});
      continue;
    }
    const auto end = end_of(vg, pv);
    if (on.size() > 1)
      plan.obstacles.push_back({fmt::format("{} is on {} and on {}.", hint, on[0]->path, on[1]->path),
                                "take one of them away, or vgimportclone it"});
    else if (!on[0]->vg.empty())
      plan.obstacles.push_back({fmt::format("{} belongs to VG {} now.", on[0]->path, on[0]->vg), by_hand(found)});
    else if (!on[0]->used)
      plan.obstacles.push_back(
          {fmt::format("{} is not marked as a VG's: VG {} was removed, or the PV left it, on purpose.", on[0]->path,
                       vg.name),
           by_hand(found)});
    else if (!end || *end > on[0]->size)
      plan.obstacles.push_back(
          {fmt::format("{} is smaller than the PV that VG {} had.", on[0]->path, vg.name), by_hand(found)});
    if (pv.status.has(PvFlag::Missing))
      plan.obstacles.push_back(
          {hint + " was missing when the newest state that is known was written.", by_hand(found)});
  }
}

/// Labels that only a person can write: what else there is of the VG says which PVs it had, not where each was.
void tell_undecided(const RepairFindings& found, RepairPlan& plan) {
  for (const UndecidedLabel& label : found.undecided) {
    std::string mend = by_hand(found);
    if (const auto file = restore_file(*found.history))
      mend = fmt::format(
          "if you know which one it is: {0}{1}pvcreate --uuid {2} --restorefile {3} DEVICE; once each PV has its label: vgcfgrestore -f {3} {4}",
          file->make, file->make.empty() ? "" : "; ", label.pv.dashed(), file->path, printable(found.vg));
    (found.undecided_stops ? plan.obstacles : plan.rest).push_back({label.what, std::move(mend)});
  }
}

void restore(const RepairFindings& found, RepairPlan& plan) {
  const History& history = *found.history;
  const Version* newest = nullptr;
  for (const Version& v : history.versions) {
    if (v.standing != Version::Standing::Dropped) newest = &v;
  }
  if (newest == nullptr) {
    plan.obstacles.push_back({fmt::format("No copy of VG {} that counts can be read.", found.vg), by_hand(found)});
    return;
  }
  for (std::string& what : disputes(history, *newest))
    plan.obstacles.push_back(
        {std::move(what),
         fmt::format(
             "ashlar history {0} shows them, ashlar diff {0} FILE FILE what differs; vgcfgrestore -f FILE {0} restores the one that you choose, "
             "pvck --dump metadata_search DEVICE shows the texts of a metadata area",
             printable(found.vg))});
  check_devices(found, newest->vg, plan);
  if (!found.refusal.empty()) plan.obstacles.push_back({found.refusal, by_hand(found)});
  std::string unknown = "whether there was a newer state: the copies that counted cannot be read";
  if (!newest->command.empty())
    unknown = fmt::format("whether there was a newer state than that of '{}': the copies that counted cannot be read",
                          printable(newest->command));
  const bool ring = std::all_of(newest->places.begin(), newest->places.end(),
                                [](const Place& p) { return p.kind == Place::Kind::Ring; });
  if (ring) unknown += "; and whether that text ever counted and is whole: nothing but itself says so";
  if (!newest->host.empty() && newest->host != found.host)
    unknown += fmt::format("; and whether host {}, which wrote it, uses the VG still", printable(newest->host));
  plan.steps.push_back(
      {fmt::format("Restore VG {} as it was at seqno {}, from {}.", found.vg, newest->vg.seqno, where_text(*newest)),
       std::move(unknown)});
  plan.writes_vg = true;
  plan.restored = newest->vg;
}
}  // namespace

RepairPlan plan_repair(const RepairFindings& found) {
  RepairPlan plan;
  tell_undecided(found, plan);
  for (const auto& label : found.labels)
    plan.steps.push_back(
        {fmt::format("Write the label of PV {} of VG {} on {} again.", label.pv, found.vg, label.path), label.unknown});
  for (const auto& area : found.areas) {
    if (!area.keep.empty())
      plan.steps.push_back({fmt::format("Save the bytes of {} as {} beside the backups.", area.name, area.keep), {}});
  }
  if (found.current != nullptr)
    mend(found, plan);
  else
    restore(found, plan);
  return plan;
}

}  // namespace ashlar::plan
