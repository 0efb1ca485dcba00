// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/allocate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace ashlar::plan {

namespace {

/// A free run in the order in which it is looked at: longest first, then the one known longer.
struct Free {
  Extents length, start;
  std::uint64_t turn = 0;
  friend bool operator<(const Free& a, const Free& b) {
    return a.length != b.length ? a.length > b.length : a.turn < b.turn;
  }
};

struct FreeSpace {
  std::size_t pv = 0;
  std::set<Free> runs;
};

/// A free run that may become an area.
struct Pick {
  std::size_t space = 0;
  Free run;
  Extents used;  ///< of it, at most what an area needs
};

/// Where an area of the last segment ends.
struct Last {
  std::size_t pv = 0;
  Extents end;
};

class Allocator {
 public:
  Allocator(const VolumeGroup& vg, const LogicalVolume* lv, const std::vector<Space>& spaces, const Wanted& wanted)
      : vg_(vg), wanted_(wanted), left_(wanted.extents) {
    for (std::size_t i = 0; i < vg.pvs.size(); ++i) pv_index_.emplace(vg.pvs[i].id, i);
    for (const Space& space : spaces) {
      FreeSpace& mine = spaces_.emplace_back(FreeSpace{space.pv, {}});
      for (const PeRun& run : space.runs) mine.runs.insert({run.length, run.start, turn_++});
    }
    clings_.resize(vg.pvs.size());
    if (lv != nullptr) {
      next_ = lv->extents();
      for (const Segment& segment : lv->segments) note(segment);
    }
  }

  Allocation run() {
    for (AllocPolicy policy : {AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::ClingByTags,
                               AllocPolicy::Normal, AllocPolicy::Anywhere}) {
      if (policy > wanted_.policy && !(policy == AllocPolicy::ClingByTags && wanted_.policy == AllocPolicy::Cling))
        break;
      if (policy == AllocPolicy::ClingByTags && wanted_.cling_tags.empty()) continue;
      while (left_.n != 0 && round(policy)) {
      }
    }
    return {std::move(segments_), left_};
  }

 private:
  void note(const Segment& segment) {
    last_.clear();
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) return;
    Extents length = segment.length / striped->areas.size();
    for (const Area& area : striped->areas) {
      const auto* on_pv = std::get_if<PvArea>(&area);
      if (on_pv == nullptr) continue;
      std::size_t pv = pv_index_.at(on_pv->pv);
      clings_[pv] = true;
      last_.push_back({pv, on_pv->start + length});
    }
    anything_ = true;
  }

  bool continues() const { return last_.size() == wanted_.stripes; }

  /// Tries to find one area for each stripe and takes them. False if the policy allows none.
  bool round(AllocPolicy policy) {
    Extents need = left_ / wanted_.stripes;
    std::vector<std::optional<Pick>> slots(wanted_.stripes);
    if (policy == AllocPolicy::Contiguous && continues()) {
      for (std::size_t slot = 0; slot < slots.size(); ++slot) slots[slot] = following(last_[slot], need);
      return take(slots, need);
    }
    if (policy == AllocPolicy::Cling && continues()) {
      for (std::size_t slot = 0; slot < slots.size(); ++slot) slots[slot] = on_same_pv(slot, need);
      if (take(slots, need)) return true;
      slots.assign(slots.size(), std::nullopt);
    }
    std::vector<Pick> found;
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      const FreeSpace& space = spaces_[s];
      if (space.runs.empty() || !allowed(policy, space.pv)) continue;
      if (policy == AllocPolicy::Anywhere) {
        for (const Free& run : space.runs) found.push_back({s, run, std::min(run.length, need)});
        continue;
      }
      Free run = best(space.runs, need);
      if (policy != AllocPolicy::Contiguous || run.length >= need)
        found.push_back({s, run, std::min(run.length, need)});
    }
    if (found.size() < slots.size()) return false;
    std::stable_sort(found.begin(), found.end(), [](const Pick& a, const Pick& b) { return a.used > b.used; });
    for (std::size_t slot = 0; slot < slots.size(); ++slot) slots[slot] = found[slot];
    return take(slots, need);
  }

  bool allowed(AllocPolicy policy, std::size_t pv) const {
    if (!anything_) return true;
    if (policy == AllocPolicy::Cling) return clings_[pv];
    if (policy == AllocPolicy::ClingByTags) return clings_[pv] || shares_tag(pv);
    return true;
  }

  /// The run that starts where the last segment's area ends.
  std::optional<Pick> following(const Last& last, Extents need) const {
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      if (spaces_[s].pv != last.pv) continue;
      const std::set<Free>& runs = spaces_[s].runs;
      auto run = std::find_if(runs.begin(), runs.end(), [&](const Free& f) { return f.start == last.end; });
      if (run != runs.end()) return Pick{s, *run, std::min(run->length, need)};
    }
    return std::nullopt;
  }

  /// The longest run of the first PV that holds this stripe already.
  std::optional<Pick> on_same_pv(std::size_t slot, Extents need) const {
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      const FreeSpace& space = spaces_[s];
      if (space.runs.empty() || last_[slot].pv != space.pv) continue;
      return Pick{s, *space.runs.begin(), std::min(space.runs.begin()->length, need)};
    }
    return std::nullopt;
  }

  /// LVM2 looks at the runs of a PV longest first and prefers a later one that is still long enough. What it takes of
  /// a run puts that run back in the list by what is left, so that runs longer than that are passed over.
  static Free best(const std::set<Free>& runs, Extents need) {
    auto run = runs.begin();
    while (run->length >= need) {
      auto next = std::next(run);
      if (run->length > need) next = runs.lower_bound(Free{run->length - need - Extents{1}, {}, 0});
      if (next == runs.end() || next->length < need) break;
      run = next;
    }
    return *run;
  }

  bool shares_tag(std::size_t pv) const {
    for (std::size_t other = 0; other < vg_.pvs.size(); ++other) {
      if (!clings_[other]) continue;
      for (const std::string& tag : vg_.pvs[pv].tags) {
        const std::vector<std::string>& theirs = vg_.pvs[other].tags;
        if (std::find(theirs.begin(), theirs.end(), tag) == theirs.end()) continue;
        for (std::string_view listed : wanted_.cling_tags)
          if (listed == "@*" || listed.substr(1) == tag) return true;
      }
    }
    return false;
  }

  bool take(const std::vector<std::optional<Pick>>& slots, Extents need) {
    Extents length = need;
    for (const std::optional<Pick>& slot : slots) {
      if (!slot) return false;
      length = std::min(length, slot->used);
    }
    Striped striped;
    if (slots.size() > 1) striped.stripe_size = wanted_.stripe_size;
    for (const std::optional<Pick>& slot : slots) {
      std::set<Free>& runs = spaces_[slot->space].runs;
      runs.erase(slot->run);
      if (slot->run.length > length) runs.insert({slot->run.length - length, slot->run.start + length, turn_++});
      striped.areas.push_back(PvArea{vg_.pvs[spaces_[slot->space].pv].id, slot->run.start});
    }
    Segment segment{next_, length * slots.size(), {}, std::move(striped), {}};
    next_ += segment.length;
    left_ -= segment.length;
    note(segment);
    segments_.push_back(std::move(segment));
    return true;
  }

  const VolumeGroup& vg_;
  const Wanted& wanted_;
  Extents left_, next_;
  std::uint64_t turn_ = 0;
  std::unordered_map<Uuid, std::size_t> pv_index_;
  std::vector<FreeSpace> spaces_;
  std::vector<bool> clings_;
  bool anything_ = false;
  std::vector<Last> last_;
  std::vector<Segment> segments_;
};

bool overlap(const PeRun& a, const PeRun& b) {
  return a.start < b.start + b.length && b.start < a.start + a.length;
}

std::string shown(const PeRun& run) {
  return fmt::format("{}-{}", run.start.n, (run.start + run.length).n - 1);
}

/// The parts of sorted `free` inside `range`.
void clip(std::span<const PeRun> free, const PeRun& range, std::vector<PeRun>& out) {
  auto first = std::partition_point(free.begin(), free.end(),
                                    [&](const PeRun& run) { return run.start + run.length <= range.start; });
  for (; first != free.end() && first->start < range.start + range.length; ++first) {
    Extents start = std::max(first->start, range.start);
    out.push_back({start, std::min(first->start + first->length, range.start + range.length) - start});
  }
}

}  // namespace

Result<std::vector<Space>> candidates(const VolumeGroup& vg, const std::optional<std::vector<PvChoice>>& pvs) {
  std::vector<PvUsage> usage = pv_usage(vg);
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
  std::unordered_map<std::size_t, std::size_t> seen;  // PV to its place in `chosen`
  std::vector<std::pair<std::size_t, std::vector<PeRun>>> chosen;
  for (const PvChoice& choice : *pvs) {
    auto found = index.find(choice.pv);
    if (found == index.end())
      return Error(Errc::NotFound,
                   fmt::format("Physical Volume {} not found in Volume Group \"{}\".", choice.pv.dashed(), vg.name));
    const PhysicalVolume& pv = vg.pvs[found->second];
    auto [place, fresh] = seen.emplace(found->second, chosen.size());
    if (fresh) chosen.push_back({found->second, {}});
    std::vector<PeRun>& ranges = chosen[place->second].second;
    std::vector<PeRun> wanted = choice.ranges;
    if (wanted.empty()) wanted.push_back({{}, pv.pe_count});
    for (const PeRun& range : wanted) {
      auto end = checked_add(range.start.n, range.length.n);
      if (!end || *end > pv.pe_count.n || range.length.n == 0)
        return Error(Errc::InvalidArgument,
                     fmt::format("PE range error: start extent {} to end extent {}. {} has extents 0-{}.",
                                 range.start.n, end.value_or(0) - 1, pv.device, pv.pe_count.n - 1));
      for (const PeRun& other : ranges)
        if (overlap(range, other))
          return Error(Errc::InvalidArgument, fmt::format("Overlapping PE ranges specified ({}, {}) on {}.",
                                                          shown(range), shown(other), pv.device));
      ranges.push_back(range);
    }
  }
  for (const auto& [pv, ranges] : chosen) {
    if (!allowed(pv) || usage[pv].free_extents.n == 0) continue;
    Space space{pv, {}};
    for (const PeRun& range : ranges) clip(usage[pv].free, range, space.runs);
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

Allocation allocate(const VolumeGroup& vg, const LogicalVolume* lv, std::vector<Space> spaces, const Wanted& wanted) {
  return Allocator(vg, lv, spaces, wanted).run();
}

namespace {
/// Does `next` go on where `segment` ends, on every area?
bool continued_by(const Segment& segment, const Segment& next) {
  const auto* a = std::get_if<Striped>(&segment.body);
  const auto* b = std::get_if<Striped>(&next.body);
  if (a == nullptr || b == nullptr || a->stripe_size != b->stripe_size || a->areas.size() != b->areas.size() ||
      segment.tags != next.tags || segment.extra != next.extra)
    return false;
  Extents length = segment.length / a->areas.size();
  for (std::size_t i = 0; i < a->areas.size(); ++i) {
    Area expected = a->areas[i];
    std::visit([&](auto& area) { area.start += length; }, expected);
    if (expected != b->areas[i]) return false;
  }
  return true;
}
}  // namespace

void append_segments(LogicalVolume& lv, std::vector<Segment> segments) {
  for (Segment& segment : segments) {
    if (!lv.segments.empty() && continued_by(lv.segments.back(), segment)) {
      lv.segments.back().length += segment.length;
    } else {
      lv.segments.push_back(std::move(segment));
    }
  }
}

}  // namespace ashlar::plan
