// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/log.h"
#include "metadata/model/foreign.h"

namespace ashlar {

namespace {

template <class Items, class Match>
auto* first_of(Items& items, Match match) {
  auto it = std::find_if(items.begin(), items.end(), match);
  return it == items.end() ? nullptr : &*it;
}

/// The PV areas of a segment, each with its length.
template <class Visit>
void for_each_pv_run(const VolumeGroup& vg, const Segment& segment, Visit visit) {
  std::visit(overloaded{[&](const Striped& striped) {
                          if (striped.areas.empty()) return;
                          Extents length = segment.length / striped.areas.size();
                          for (const Area& area : striped.areas)
                            if (const auto* on_pv = std::get_if<PvArea>(&area)) visit(*on_pv, length);
                        },
                        [&](const Foreign&) {
                          const ForeignAreas found = foreign_areas(vg, segment);
                          for (const PvArea& area : found.areas) visit(area, segment.length);
                          for (const auto& [pv, run] : found.perhaps) visit(PvArea{pv, run.start}, run.length);
                        },
                        [](const Unbacked&) {}},
             segment.body);
}

/// Sorted by start, overlapping and adjacent runs joined: damaged VGs may have either.
void sort_and_join(std::vector<PeRun>& runs) {
  auto by_start = [](const PeRun& a, const PeRun& b) { return a.start < b.start; };
  if (!std::is_sorted(runs.begin(), runs.end(), by_start)) std::sort(runs.begin(), runs.end(), by_start);
  std::size_t kept = 0;
  for (const PeRun& run : runs) {
    if (kept != 0 && run.start <= runs[kept - 1].start + runs[kept - 1].length) {
      Extents end = std::max(runs[kept - 1].start + runs[kept - 1].length, run.start + run.length);
      runs[kept - 1].length = end - runs[kept - 1].start;
    } else {
      runs[kept++] = run;
    }
  }
  runs.resize(kept);
}

std::vector<std::string> names_in(const VolumeGroup& vg, const Segment& segment) {
  return std::visit(overloaded{[](const Striped& striped) {
                                 std::vector<std::string> names;
                                 for (const Area& area : striped.areas)
                                   if (const auto* on_lv = std::get_if<LvArea>(&area)) names.push_back(on_lv->lv);
                                 return names;
                               },
                               [&](const Foreign&) { return foreign_names(vg, segment).lvs; },
                               [](const Unbacked&) { return std::vector<std::string>(); }},
                    segment.body);
}

}  // namespace

const LogicalVolume* find_lv(const VolumeGroup& vg, std::string_view name) {
  return first_of(vg.lvs, [&](const LogicalVolume& lv) { return lv.name == name; });
}
LogicalVolume* find_lv(VolumeGroup& vg, std::string_view name) {
  return first_of(vg.lvs, [&](const LogicalVolume& lv) { return lv.name == name; });
}
const LogicalVolume* find_lv(const VolumeGroup& vg, const Uuid& id) {
  return first_of(vg.lvs, [&](const LogicalVolume& lv) { return lv.id == id; });
}
const PhysicalVolume* find_pv(const VolumeGroup& vg, const Uuid& id) {
  return first_of(vg.pvs, [&](const PhysicalVolume& pv) { return pv.id == id; });
}
PhysicalVolume* find_pv(VolumeGroup& vg, const Uuid& id) {
  return first_of(vg.pvs, [&](const PhysicalVolume& pv) { return pv.id == id; });
}

Error no_such_lv(std::string_view vg, std::string_view lv) {
  return Error(Errc::NotFound, "Failed to find logical volume \"" + std::string(vg) + "/" + printable(lv) + "\"");
}

std::vector<PvUsage> pv_usage(const VolumeGroup& vg) {
  std::vector<PvUsage> usage(vg.pvs.size());
  std::unordered_map<Uuid, std::size_t> index;
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) index.emplace(vg.pvs[i].id, i);

  std::size_t last = 0;  // what is allocated together lies mostly on one PV
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      for_each_pv_run(vg, segment, [&](const PvArea& area, Extents length) {
        if (vg.pvs.empty()) return;
        if (vg.pvs[last].id != area.pv) {
          auto found = index.find(area.pv);
          if (found == index.end()) return;
          last = found->second;
        }
        Extents pe_count = vg.pvs[last].pe_count;
        if (area.start >= pe_count || length.n == 0) return;
        std::vector<PeRun>& used = usage[last].used;
        length = std::min(length, pe_count - area.start);
        // What is allocated together mostly adjoins.
        if (!used.empty() && used.back().start + used.back().length == area.start)
          used.back().length += length;
        else
          used.push_back({area.start, length});
      });
    }
  }
  for (std::size_t i = 0; i < usage.size(); ++i) {
    PvUsage& pv = usage[i];
    sort_and_join(pv.used);
    Extents next;
    for (const PeRun& run : pv.used) {
      if (run.start > next) pv.free.push_back({next, run.start - next});
      next = run.start + run.length;
      pv.used_extents += run.length;
    }
    if (next < vg.pvs[i].pe_count) pv.free.push_back({next, vg.pvs[i].pe_count - next});
    pv.free_extents = vg.pvs[i].pe_count - pv.used_extents;
  }
  return usage;
}

Extents total_extents(const VolumeGroup& vg) {
  Extents total;
  for (const PhysicalVolume& pv : vg.pvs) total += pv.pe_count;
  return total;
}

Extents free_extents(const VolumeGroup& vg) {
  Extents total;
  for (const PvUsage& pv : pv_usage(vg)) total += pv.free_extents;
  return total;
}

std::size_t visible_lv_count(const VolumeGroup& vg) {
  // Of an old snapshot the link LV has the flag in the metadata and the COW store has not: still one for each.
  return static_cast<std::size_t>(
      std::count_if(vg.lvs.begin(), vg.lvs.end(), [](const LogicalVolume& lv) { return lv.visible(); }));
}

std::vector<PeRun> without(const std::vector<PeRun>& a, const std::vector<PeRun>& b) {
  std::vector<PeRun> out;
  std::size_t from = 0;
  for (const PeRun& run : a) {
    Extents start = run.start;
    const Extents end = run.start + run.length;
    while (from < b.size() && b[from].start + b[from].length <= start) ++from;
    for (std::size_t i = from; i < b.size() && b[i].start < end; ++i) {
      if (start < b[i].start) out.push_back({start, b[i].start - start});
      start = std::max(start, b[i].start + b[i].length);
    }
    if (start < end) out.push_back({start, end - start});
  }
  return out;
}

Sectors end_of(const PhysicalVolume& pv, Sectors extent_size) {
  const auto length = checked_mul(pv.pe_count.n, extent_size.n);
  const auto end = length ? checked_add(pv.pe_start.n, *length) : std::nullopt;
  return std::max(pv.dev_size.value_or(Sectors{}), Sectors{end.value_or(UINT64_MAX)});
}

Extents extents_within(const PhysicalVolume& pv, Sectors extent_size, Sectors device) {
  if (extent_size.n == 0 || device <= pv.pe_start) return {};
  return std::min(pv.pe_count, Extents{(device - pv.pe_start).n / extent_size.n});
}

bool is_partial(const VolumeGroup& vg) {
  return std::any_of(vg.pvs.begin(), vg.pvs.end(),
                     [](const PhysicalVolume& pv) { return pv.status.has(PvFlag::Missing); });
}

bool is_partial(const VolumeGroup& vg, const LogicalVolume& lv) {
  if (!is_partial(vg)) return false;
  std::unordered_set<Uuid> missing;
  for (const PhysicalVolume& pv : vg.pvs)
    if (pv.status.has(PvFlag::Missing)) missing.insert(pv.id);
  std::unordered_map<std::string_view, const LogicalVolume*> by_name;
  for (const LogicalVolume& each : vg.lvs) by_name.emplace(each.name, &each);

  std::vector<const LogicalVolume*> to_see{&lv};
  std::unordered_set<const LogicalVolume*> seen{&lv};
  while (!to_see.empty()) {
    const LogicalVolume* each = to_see.back();
    to_see.pop_back();
    for (const Segment& segment : each->segments) {
      bool hit = false;
      for_each_pv_run(vg, segment, [&](const PvArea& area, Extents) { hit = hit || missing.contains(area.pv); });
      if (hit) return true;
      std::vector<std::string> below =
          std::holds_alternative<Foreign>(segment.body) ? foreign_names(vg, segment).below : names_in(vg, segment);
      for (const std::string& name : below) {
        auto found = by_name.find(name);
        if (found != by_name.end() && seen.insert(found->second).second) to_see.push_back(found->second);
      }
    }
  }
  return false;
}

std::vector<std::string> used_lvs(const VolumeGroup& vg, const LogicalVolume& lv) {
  std::unordered_set<std::string> existing;
  std::vector<std::string> names;
  for (const Segment& segment : lv.segments) {
    for (std::string& name : names_in(vg, segment)) {
      if (existing.empty())
        for (const LogicalVolume& each : vg.lvs) existing.insert(each.name);
      // Erasing keeps each name once.
      if (existing.erase(name) != 0) names.push_back(std::move(name));
      if (existing.empty()) return names;
    }
  }
  return names;
}

std::vector<std::string> users_of(const VolumeGroup& vg, std::string_view lv) {
  std::vector<std::string> users;
  for (const LogicalVolume& each : vg.lvs) {
    bool uses = std::any_of(each.segments.begin(), each.segments.end(), [&](const Segment& segment) {
      std::vector<std::string> names = names_in(vg, segment);
      return std::find(names.begin(), names.end(), lv) != names.end();
    });
    if (uses) users.push_back(each.name);
  }
  return users;
}

std::string_view type_name(const Segment& segment) {
  return std::visit(overloaded{[](const Striped& striped) -> std::string_view {
                                 return striped.areas.size() == 1 ? "linear" : "striped";
                               },
                               [](const Foreign& other) -> std::string_view { return other.type; },
                               [](const Unbacked& unbacked) { return unbacked.word(); }},
                    segment.body);
}

const Foreign* foreign(const LogicalVolume& lv) {
  for (const Segment& segment : lv.segments)
    if (const auto* other = std::get_if<Foreign>(&segment.body)) return other;
  return nullptr;
}

namespace {
Error unknown_status(const std::string& whose, const std::string& word) {
  return {Errc::Unsupported, "Unknown status flag '" + printable(word) + "' in " + whose +
                                 ": it was written by a newer program, and nothing here may change the volume group"};
}
}  // namespace

Status check_status_known(const VolumeGroup& vg) {
  if (!vg.status.unknown_status.empty()) return unknown_status("VG " + vg.name, vg.status.unknown_status.front());
  for (const PhysicalVolume& pv : vg.pvs)
    if (!pv.status.unknown_status.empty())
      return unknown_status("PV " + printable(pv.device) + " of VG " + vg.name, pv.status.unknown_status.front());
  for (const LogicalVolume& lv : vg.lvs)
    if (!lv.status.unknown_status.empty())
      return unknown_status("LV " + vg.name + "/" + lv.name, lv.status.unknown_status.front());
  return ok();
}

bool lies_on_pv(const LogicalVolume& lv, const Uuid& pv) {
  return std::any_of(lv.segments.begin(), lv.segments.end(), [&](const Segment& segment) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    return striped != nullptr && std::any_of(striped->areas.begin(), striped->areas.end(), [&](const Area& area) {
             const auto* on_pv = std::get_if<PvArea>(&area);
             return on_pv != nullptr && on_pv->pv == pv;
           });
  });
}

Status check_writable(const VolumeGroup& vg) {
  if (vg.format != "lvm2" && !vg.format.empty())
    return Error(Errc::Unsupported,
                 "Cannot change VG " + vg.name + ": its metadata format is \"" + printable(vg.format) + "\"");
  TRY(check_status_known(vg));
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      const auto* foreign = std::get_if<Foreign>(&segment.body);
      if (foreign != nullptr && !is_known_type(foreign->type))
        return Error(Errc::Unsupported, "Cannot change VG " + vg.name + " with unknown segments in it! LV " + vg.name +
                                            "/" + lv.name + " has a segment of type \"" + printable(foreign->type) +
                                            "\"");
    }
  }
  if (vg.status.has(VgFlag::Exported))
    return Error(Errc::Refused, "Volume group " + vg.name + " is exported: vgimport " + vg.name + " takes it in");
  if (vg.status.has(VgFlag::Clustered))
    return Error(Errc::Unsupported, "Cannot change clustered VG " + vg.name + ": clustering by clvmd is not supported");
  if (vg.status.has(VgFlag::Shared) || (!vg.lock_type.empty() && vg.lock_type != "none"))
    return Error(Errc::Unsupported, "Cannot change shared VG " + vg.name + " with lock type \"" +
                                        printable(vg.lock_type) + "\": it needs lvmlockd, which is not supported");
  if (!vg.status.has(VgFlag::Write) && !vg.status.has(VgFlag::WriteLocked))
    return Error(Errc::Refused, "Volume group " + vg.name + " is read-only");
  return ok();
}

void rename_pv(VolumeGroup& vg, const Uuid& from, const Uuid& to) {
  find_pv(vg, from)->id = to;
  for (LogicalVolume& lv : vg.lvs) {
    for (Segment& segment : lv.segments) {
      auto* striped = std::get_if<Striped>(&segment.body);
      if (striped == nullptr) continue;
      for (Area& area : striped->areas) {
        if (auto* pv = std::get_if<PvArea>(&area); pv != nullptr && pv->pv == from) pv->pv = to;
      }
    }
  }
}

}  // namespace ashlar
