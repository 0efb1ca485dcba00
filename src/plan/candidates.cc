// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "plan/allocate.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

bool overlap(const PeRun& a, const PeRun& b) { return a.start < b.start + b.length && b.start < a.start + a.length; }

std::string run_text(const PeRun& run) { return fmt::format("{}-{}", run.start.n, (run.start + run.length).n - 1); }

/// The parts of sorted `free` inside `range`.
void clip(std::span<const PeRun> free, const PeRun& range, std::vector<PeRun>& out) {
  auto first = std::partition_point(free.begin(), free.end(),
                                    [&](const PeRun& run) { return run.start + run.length <= range.start; });
  for (; first != free.end() && first->start < range.start + range.length; ++first) {
    Extents start = std::max(first->start, range.start);
    out.push_back({start, std::min(first->start + first->length, range.start + range.length) - start});
  }
}

/// What lies at `end` and behind it is not free.
void cut_off(PvUsage& usage, Extents end) {
  std::vector<PeRun> left;
  clip(usage.free, {{}, end}, left);
  usage.free = std::move(left);
  usage.free_extents = {};
  for (const PeRun& run : usage.free) usage.free_extents += run.length;
}

/// The ranges of a choice (all of the PV if it names none), checked and added to those already named.
Status add_ranges(const PhysicalVolume& pv, const PvChoice& choice, std::vector<PeRun>& ranges) {
  std::vector<PeRun> wanted = choice.ranges;
  if (wanted.empty()) wanted.push_back({{}, pv.pe_count});
  for (const PeRun& range : wanted) {
    auto end = checked_add(range.start.n, range.length.n);
    if (!end || *end > pv.pe_count.n || range.length.n == 0)
      return refused(fmt::format("PE range error: start extent {} to end extent {}. {} has extents 0-{}.",
                                 range.start.n, end.value_or(0) - 1, pv.device, pv.pe_count.n - 1));
    for (const PeRun& other : ranges) {
      if (overlap(range, other))
        return refused(fmt::format("Overlapping PE ranges specified ({}, {}) on {}.", run_text(range), run_text(other),
                                   pv.device));
    }
    ranges.push_back(range);
  }
  return ok();
}

/// A PV named in the request, with all ranges given for it.
struct Chosen {
  std::size_t pv = 0;
  std::vector<PeRun> ranges;
};

}  // namespace

Result<std::vector<Space>> candidates(const VolumeGroup& vg, const std::optional<std::vector<PvChoice>>& pvs,
                                      const Reach& reach, std::vector<std::string>& notes) {
  std::vector<PvUsage> usage = pv_usage(vg);
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) {
    if (auto at = reach.find(vg.pvs[i].id); at != reach.end()) cut_off(usage[i], at->second);
  }
  auto allowed = [&](std::size_t pv) {
    return vg.pvs[pv].status.has(PvFlag::Allocatable) && !vg.pvs[pv].status.has(PvFlag::Missing);
  };
  std::vector<Space> spaces;
  if (!pvs) {
    for (std::size_t i = 0; i < vg.pvs.size(); ++i)
      if (allowed(i) && usage[i].free_extents.n != 0) spaces.push_back({i, std::move(usage[i].free)});
    return spaces;
  }

  std::unordered_map<Uuid, std::size_t> index;
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) index.emplace(vg.pvs[i].id, i);
  std::unordered_map<std::size_t, std::size_t> places;  // of a PV in `chosen`
  std::vector<Chosen> chosen;
  for (const PvChoice& choice : *pvs) {
    auto found = index.find(choice.pv);
    if (found == index.end())
      return Error(Errc::NotFound,
                   fmt::format("Physical Volume {} not found in Volume Group \"{}\".", choice.pv.dashed(), vg.name));
    const PhysicalVolume& pv = vg.pvs[found->second];
    if (!allowed(found->second)) {
      notes.push_back(fmt::format("WARNING: Physical volume {} not allocatable.", pv.device));
      continue;
    }
    if (usage[found->second].free_extents.n == 0) {
      notes.push_back(fmt::format("WARNING: No free extents on physical volume \"{}\".", pv.device));
      continue;
    }
    auto [place, fresh] = places.emplace(found->second, chosen.size());
    if (fresh) chosen.push_back({found->second, {}});
    TRY(add_ranges(pv, choice, chosen[place->second].ranges));
  }
  for (const Chosen& each : chosen) {
    Space space{each.pv, {}};
    for (const PeRun& range : each.ranges) clip(usage[each.pv].free, range, space.runs);
    spaces.push_back(std::move(space));
  }
  if (spaces.empty()) return Error(Errc::NoSpace, "No specified PVs have space available.");
  return spaces;
}

Extents extents_in(std::span<const Space> spaces) {
  Extents sum;
  for (const Space& space : spaces)
    for (const PeRun& run : space.runs) sum += run.length;
  return sum;
}

}  // namespace ashlar::plan
