// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/log.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/model/recount.h"

namespace ashlar {

namespace {
using Words = std::vector<std::string>;

void compare_tags(const Words& before, const Words& after, Words& what) {
  auto missing = [](const Words& in, const std::string& tag) {
    return std::find(in.begin(), in.end(), tag) == in.end();
  };
  for (const std::string& tag : after)
    if (missing(before, tag)) what.push_back("tag " + printable(tag) + " added");
  for (const std::string& tag : before)
    if (missing(after, tag)) what.push_back("tag " + printable(tag) + " removed");
}

template <class F>
void compare_flags(const FlagSet<F>& before, const FlagSet<F>& after, Words& what) {
  for (const FlagWord& word : flag_words(F{})) {
    if ((before.bits & word.bit) == (after.bits & word.bit)) continue;
    bool set = (after.bits & word.bit) != 0;
    if (word.word == "WRITE")
      what.push_back(set ? "writable" : "read-only");
    else
      what.push_back(fmt::format("flag {} {}", word.word, set ? "set" : "cleared"));
  }
}

void compare_number(const char* name, std::uint64_t before, std::uint64_t after, Words& what) {
  if (before != after) what.push_back(fmt::format("{} {} instead of {}", name, after, before));
}

std::string read_ahead_word(const std::optional<std::int32_t>& sectors) {
  if (!sectors || *sectors == 0) return "auto";
  return *sectors == -1 ? "none" : fmt::format("{} sectors", *sectors);
}

Words properties(const LogicalVolume& before, const LogicalVolume& after) {
  Words what;
  compare_tags(before.tags, after.tags, what);
  compare_flags(before.status, after.status, what);
  if (before.alloc != after.alloc)
    what.push_back(
        fmt::format("allocation policy {} instead of {}", policy_word(after.alloc), policy_word(before.alloc)));
  if (before.read_ahead != after.read_ahead)
    what.push_back(fmt::format("read-ahead {} instead of {}", read_ahead_word(after.read_ahead),
                               read_ahead_word(before.read_ahead)));
  if (before.major != after.major || before.minor != after.minor)
    what.push_back(after.minor ? fmt::format("minor number {}", *after.minor) : std::string("no fixed minor number"));
  bool other = before.creation_time != after.creation_time || before.creation_host != after.creation_host ||
               before.lock_args != after.lock_args || before.profile != after.profile || before.extra != after.extra;
  if (other) what.push_back("other properties");
  if (before.extents() == after.extents() && before.segments != after.segments)
    what.push_back("other extents of the same number");
  return what;
}

Words properties(const VolumeGroup& before, const VolumeGroup& after) {
  Words what;
  compare_tags(before.tags, after.tags, what);
  compare_flags(before.status, after.status, what);
  if (before.alloc != after.alloc)
    what.push_back(
        fmt::format("allocation policy {} instead of {}", policy_word(after.alloc), policy_word(before.alloc)));
  if (before.id != after.id) what.push_back(fmt::format("id {} instead of {}", after.id.dashed(), before.id.dashed()));
  compare_number("extent size in sectors", before.extent_size.n, after.extent_size.n, what);
  compare_number("most LVs", before.max_lv, after.max_lv, what);
  compare_number("most PVs", before.max_pv, after.max_pv, what);
  compare_number("metadata copies", before.metadata_copies, after.metadata_copies, what);
  if (before.system_id != after.system_id)
    what.push_back(
        fmt::format("system ID \"{}\" instead of \"{}\"", printable(after.system_id), printable(before.system_id)));
  bool other = before.lock_type != after.lock_type || before.lock_args != after.lock_args ||
               before.profile != after.profile || before.historical != after.historical || before.extra != after.extra;
  if (other) what.push_back("other properties");
  return what;
}

Words properties(const PhysicalVolume& before, const PhysicalVolume& after) {
  Words what;
  compare_tags(before.tags, after.tags, what);
  compare_flags(before.status, after.status, what);
  compare_number("extents", before.pe_count.n, after.pe_count.n, what);
  return what;
}

std::vector<PeRun> joined(std::vector<PeRun> runs) {
  std::sort(runs.begin(), runs.end(), [](const PeRun& a, const PeRun& b) { return a.start < b.start; });
  std::vector<PeRun> out;
  for (const PeRun& run : runs) {
    if (!out.empty() && run.start <= out.back().start + out.back().length)
      out.back().length = std::max(out.back().start + out.back().length, run.start + run.length) - out.back().start;
    else
      out.push_back(run);
  }
  return out;
}

template <class Item>
std::unordered_map<Uuid, std::size_t> by_id(const std::vector<Item>* items) {
  std::unordered_map<Uuid, std::size_t> index;
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) index.emplace((*items)[i].id, i);
  return index;
}

/// What an LV has of each PV: sorted, adjacent runs joined.
std::unordered_map<Uuid, std::vector<PeRun>> runs_of(const VolumeGroup& vg, const LogicalVolume& lv) {
  std::unordered_map<Uuid, std::vector<PeRun>> runs;
  for (const Segment& segment : lv.segments) {
    if (const auto* striped = std::get_if<Striped>(&segment.body); striped != nullptr && !striped->areas.empty()) {
      for (const Area& area : striped->areas)
        if (const auto* on_pv = std::get_if<PvArea>(&area))
          runs[on_pv->pv].push_back({on_pv->start, segment.length / striped->areas.size()});
    }
    for (const PvArea& area : foreign_areas(vg, segment).areas) runs[area.pv].push_back({area.start, segment.length});
  }
  for (auto& [pv, list] : runs) list = joined(std::move(list));
  return runs;
}

/// Extents that LVs take and give back, by PV.
struct Moves {
  std::unordered_map<Uuid, std::vector<PeRun>> taken, freed;

  void add(std::unordered_map<Uuid, std::vector<PeRun>> before, std::unordered_map<Uuid, std::vector<PeRun>> after) {
    for (auto& [pv, runs] : after) append(taken[pv], without(runs, before[pv]));
    for (auto& [pv, runs] : before) append(freed[pv], without(runs, after[pv]));
  }
  static void append(std::vector<PeRun>& to, const std::vector<PeRun>& runs) {
    to.insert(to.end(), runs.begin(), runs.end());
    to = joined(std::move(to));
  }
};

void compare_lvs(const VolumeGroup* before, const VolumeGroup* after, VgDifference& d, Moves& moves) {
  auto old_ones = by_id(before != nullptr ? &before->lvs : nullptr);
  auto new_ones = by_id(after != nullptr ? &after->lvs : nullptr);
  auto type_of = [](const LogicalVolume& lv) {
    return lv.segments.empty() ? std::string() : printable(type_name(lv.segments.front()));
  };
  for (std::size_t i = 0; after != nullptr && i < after->lvs.size(); ++i) {
    const LogicalVolume& lv = after->lvs[i];
    auto old = old_ones.find(lv.id);
    if (old == old_ones.end()) {
      LvDifference made{Fate::Made, lv.name, {}, lv.id, {}, lv.extents(), type_of(lv), {}};
      compare_tags({}, lv.tags, made.what);
      if (!lv.status.has(LvFlag::Write)) made.what.push_back("read-only");
      d.lvs.push_back(std::move(made));
      moves.add({}, runs_of(*after, lv));
      continue;
    }
    const LogicalVolume& was = before->lvs[old->second];
    if (was == lv) continue;
    d.lvs.push_back({Fate::Changed, lv.name, was.name != lv.name ? was.name : "", lv.id, was.extents(), lv.extents(),
                     type_of(lv), properties(was, lv)});
    moves.add(runs_of(*before, was), runs_of(*after, lv));
  }
  for (std::size_t i = 0; before != nullptr && i < before->lvs.size(); ++i) {
    const LogicalVolume& lv = before->lvs[i];
    if (new_ones.contains(lv.id)) continue;
    d.lvs.push_back({Fate::Removed, lv.name, {}, lv.id, lv.extents(), {}, type_of(lv), {}});
    moves.add(runs_of(*before, lv), {});
  }
}

void compare_pvs(const VolumeGroup* before, const VolumeGroup* after, VgDifference& d, Moves& moves) {
  auto old_ones = by_id(before != nullptr ? &before->pvs : nullptr);
  auto new_ones = by_id(after != nullptr ? &after->pvs : nullptr);
  std::vector<PvUsage> used_before, used_after;
  if (before != nullptr) used_before = pv_usage(*before);
  if (after != nullptr) used_after = pv_usage(*after);
  for (std::size_t i = 0; after != nullptr && i < after->pvs.size(); ++i) {
    const PhysicalVolume& pv = after->pvs[i];
    auto old = old_ones.find(pv.id);
    PvDifference diff{Fate::Made,
                      pv.id,
                      pv.device,
                      pv.pe_count,
                      {},
                      used_after[i].free_extents,
                      std::move(moves.taken[pv.id]),
                      std::move(moves.freed[pv.id]),
                      {}};
    if (old != old_ones.end()) {
      diff.free_before = used_before[old->second].free_extents;
      diff.what = properties(before->pvs[old->second], pv);
      diff.fate = diff.what.empty() ? Fate::Unchanged : Fate::Changed;
    }
    d.pvs.push_back(std::move(diff));
  }
  for (std::size_t i = 0; before != nullptr && i < before->pvs.size(); ++i) {
    const PhysicalVolume& pv = before->pvs[i];
    if (new_ones.contains(pv.id)) continue;
    d.pvs.push_back({Fate::Removed,
                     pv.id,
                     pv.device,
                     pv.pe_count,
                     used_before[i].free_extents,
                     {},
                     {},
                     std::move(moves.freed[pv.id]),
                     {}});
  }
}
/// A value with PV ids and extents as another has them, so that what stays the same is seen to.
struct Counterpart {
  VolumeGroup vg;
  std::unordered_map<Uuid, Uuid> old_ids;  ///< of PVs, by the new one
  bool differs = false;
};

Counterpart in_terms_of(const VolumeGroup& before, const VolumeGroup& after) {
  Counterpart like;
  std::vector<const PhysicalVolume*> gone, come;
  for (const PhysicalVolume& pv : before.pvs)
    if (find_pv(after, pv.id) == nullptr) gone.push_back(&pv);
  for (const PhysicalVolume& pv : after.pvs)
    if (!gone.empty() && find_pv(before, pv.id) == nullptr) come.push_back(&pv);
  const bool resized = before.extent_size != after.extent_size && after.extent_size.n != 0;
  if (come.empty() && !resized) return like;
  like.vg = before;
  for (const PhysicalVolume* pv : gone) {
    const auto same = std::find_if(come.begin(), come.end(), [&](const PhysicalVolume* other) {
      return other->device == pv->device && other->dev_size == pv->dev_size && other->pe_start == pv->pe_start &&
             other->pe_count == pv->pe_count;
    });
    if (same == come.end()) continue;
    rename_pv(like.vg, pv->id, (*same)->id);
    like.old_ids.emplace((*same)->id, pv->id);
    come.erase(same);
    like.differs = true;
  }
  if (resized) {
    const Recount count(before.extent_size, after.extent_size);
    VolumeGroup counted = like.vg;
    bool even = true;
    for (PhysicalVolume& pv : counted.pvs) even = even && count.apply(pv.pe_count);
    for (LogicalVolume& lv : counted.lvs)
      for (Segment& segment : lv.segments) even = even && foreign(lv) == nullptr && count.apply(segment);
    counted.extent_size = after.extent_size;
    if (even) like.vg = std::move(counted);
    like.differs = like.differs || even;
  }
  return like;
}
}  // namespace

VgDifference difference(const VolumeGroup* before, const VolumeGroup* after) {
  ASHLAR_REQUIRE(before != nullptr || after != nullptr);
  if (before != nullptr && after != nullptr) {
    if (Counterpart like = in_terms_of(*before, *after); like.differs) {
      VgDifference d = difference(&like.vg, after);
      d.fate = Fate::Changed;
      d.what = properties(*before, *after);
      for (PvDifference& pv : d.pvs) {
        const auto was = like.old_ids.find(pv.id);
        if (was == like.old_ids.end()) continue;
        pv.what.push_back(fmt::format("id {} instead of {}", pv.id.dashed(), was->second.dashed()));
        pv.fate = Fate::Changed;
      }
      return d;
    }
  }
  const VolumeGroup& any = after != nullptr ? *after : *before;
  VgDifference d{before == nullptr   ? Fate::Made
                 : after == nullptr  ? Fate::Removed
                 : *before == *after ? Fate::Unchanged
                                     : Fate::Changed,
                 any.name,
                 {},
                 any.id,
                 {},
                 {},
                 {}};
  if (before != nullptr && after != nullptr) {
    d.what = properties(*before, *after);
    if (before->name != after->name) d.old_name = before->name;
  } else if (after != nullptr) {
    compare_tags({}, after->tags, d.what);
  }
  Moves moves;
  compare_lvs(before, after, d, moves);
  compare_pvs(before, after, d, moves);
  return d;
}

}  // namespace ashlar
