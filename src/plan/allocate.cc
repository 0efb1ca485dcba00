// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/allocate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

namespace ashlar::plan {

namespace {

/// A free run in the order in which it is looked at: longest first, then the one known longer.
struct Free {
  Extents length, start;
  std::uint64_t turn = 0;
  friend bool operator==(const Free&, const Free&) = default;
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

/// Where an area of a segment ends.
struct AreaEnd {
  std::size_t pv = 0;
  Extents end;
};

class Allocator {
 public:
  Allocator(const VolumeGroup& vg, const LogicalVolume* lv, const std::vector<Space>& spaces, const Wanted& wanted)
      : vg_(vg), wanted_(wanted), left_(wanted.extents), near_(vg.pvs.size()), taken_(vg.pvs.size()) {
    for (std::size_t i = 0; i < vg.pvs.size(); ++i) pv_index_.emplace(vg.pvs[i].id, i);
    for (const Space& space : spaces) {
      std::vector<Free> sorted;
      sorted.reserve(space.runs.size());
      for (const PeRun& run : space.runs) sorted.push_back({run.length, run.start, turn_++});
      std::sort(sorted.begin(), sorted.end());
      spaces_.push_back({space.pv, {sorted.begin(), sorted.end()}});  // linear, since sorted
    }
    if (lv == nullptr) return;
    next_ = lv->extents();
    // With another number of areas than the last segment it is as if the LV were new.
    if (lv->segments.empty() || ends_of(lv->segments.back()).size() != wanted.stripes) return;
    for (const Segment& segment : lv->segments) {
      note(segment);
      for (const AreaEnd& end : last_) near_[end.pv] = true;
    }
    grows_ = true;
  }

  Allocation run() {
    for (AllocPolicy policy : {AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::ClingByTags,
                               AllocPolicy::Normal, AllocPolicy::Anywhere}) {
      // LVM2 lets "cling" include clinging by tags.
      AllocPolicy last = wanted_.policy == AllocPolicy::Cling ? AllocPolicy::ClingByTags : wanted_.policy;
      if (policy > last) break;
      if (policy == AllocPolicy::ClingByTags && wanted_.cling_tags.empty()) continue;
      while (left_.n != 0 && round(policy)) {
      }
    }
    return {std::move(segments_), left_};
  }

 private:
  using Slots = std::vector<std::optional<Pick>>;

  std::vector<AreaEnd> ends_of(const Segment& segment) const {
    std::vector<AreaEnd> ends;
    if (const auto* striped = std::get_if<Striped>(&segment.body)) {
      Extents length = segment.length / striped->areas.size();
      for (const Area& area : striped->areas)
        if (const auto* on_pv = std::get_if<PvArea>(&area))
          ends.push_back({pv_index_.at(on_pv->pv), on_pv->start + length});
    }
    return ends;
  }

  /// Remembers where a segment lies, for what is to be near it.
  void note(const Segment& segment) {
    last_ = ends_of(segment);
    if (anchor_.empty() || !wanted_.maximise_cling) anchor_ = last_;
    if (grows_) return;
    // What a new LV clings to by tags spreads with it; an existing LV's own PVs say where it belongs.
    stripes_on_.resize(std::max(stripes_on_.size(), last_.size()));
    for (std::size_t slot = 0; slot < last_.size(); ++slot) {
      std::vector<std::size_t>& pvs = stripes_on_[slot];
      if (!wanted_.maximise_cling) pvs.clear();
      if (std::find(pvs.begin(), pvs.end(), last_[slot].pv) == pvs.end()) pvs.push_back(last_[slot].pv);
    }
  }

  /// Takes one area for each stripe, as long as the shortest of them. False if the policy allows none.
  bool round(AllocPolicy policy) {
    Extents need = left_ / wanted_.stripes;
    if (policy == AllocPolicy::Contiguous && !last_.empty()) return take(following(need), need);
    if (policy == AllocPolicy::Cling && !last_.empty()) return cling(need);
    if (policy == AllocPolicy::ClingByTags && !last_.empty()) return cling_by_tags(need);
    if (policy >= AllocPolicy::Normal && wanted_.maximise_cling && again(need)) return true;
    return policy == AllocPolicy::Anywhere ? anywhere(need) : spread(policy, need);
  }

  Pick pick(std::size_t space, const Free& run, Extents need) const { return {space, run, std::min(run.length, need)}; }

  /// The runs that start where the last segment's areas end.
  Slots following(Extents need) const {
    Slots slots(wanted_.stripes);
    for (std::size_t slot = 0; slot < std::min(slots.size(), last_.size()); ++slot) {
      for (std::size_t s = 0; s < spaces_.size() && !slots[slot]; ++s) {
        if (spaces_[s].pv != last_[slot].pv) continue;
        const std::set<Free>& runs = spaces_[s].runs;
        auto run = std::find_if(runs.begin(), runs.end(), [&](const Free& f) { return f.start == last_[slot].end; });
        if (run != runs.end()) slots[slot] = pick(s, *run, need);
      }
    }
    return slots;
  }

  /// Each stripe where it is in the first segment (the last, without maximise_cling), or else all of them whole on any
  /// PVs that the LV lies on.
  bool cling(Extents need) {
    Slots slots(wanted_.stripes);
    std::vector<bool> used(spaces_.size());
    for (std::size_t slot = 0; slot < std::min(slots.size(), anchor_.size()); ++slot) {
      for (std::size_t s = 0; s < spaces_.size() && !slots[slot]; ++s) {
        if (used[s] || spaces_[s].pv != anchor_[slot].pv || spaces_[s].runs.empty()) continue;
        slots[slot] = pick(s, *spaces_[s].runs.begin(), need);
        used[s] = true;
      }
    }
    if (take(slots, need)) return true;
    if (!wanted_.maximise_cling) return false;
    for (const std::optional<Pick>& slot : slots)
      if (slot) put_back(*slot);

    std::vector<Pick> found;
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      if (!near_[spaces_[s].pv] || spaces_[s].runs.empty()) continue;
      Free run = best(spaces_[s].runs, need);
      if (run.length >= need) found.push_back(pick(s, run, need));
    }
    return take_most(std::move(found), need);
  }

  /// Each stripe on the first PV that has a listed tag in common with one that it lies on.
  bool cling_by_tags(Extents need) {
    Slots slots(wanted_.stripes);
    std::vector<bool> used(spaces_.size());
    for (std::size_t slot = 0; slot < std::min(slots.size(), stripes_on_.size()); ++slot) {
      for (std::size_t s = 0; s < spaces_.size() && !slots[slot]; ++s) {
        if (used[s] || spaces_[s].runs.empty()) continue;
        if (std::none_of(stripes_on_[slot].begin(), stripes_on_[slot].end(),
                         [&](std::size_t pv) { return pv == spaces_[s].pv || share_tag(pv, spaces_[s].pv); }))
          continue;
        slots[slot] = pick(s, *spaces_[s].runs.begin(), need);
        used[s] = true;
      }
    }
    return take(slots, need);
  }

  /// Any PVs that the policy allows, those that give most first.
  bool spread(AllocPolicy policy, Extents need) {
    std::vector<Pick> found;
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      const FreeSpace& space = spaces_[s];
      if (space.runs.empty()) continue;
      Free run = best(space.runs, need);
      if (policy == AllocPolicy::Contiguous && run.length < need) continue;
      found.push_back(pick(s, run, need));
    }
    return take_most(std::move(found), need, policy < AllocPolicy::Normal);
  }

  /// After the first segment of a call: the PVs that it took from, and those of the segment to cling to.
  bool again(Extents need) {
    if (segments_.empty()) return false;
    std::vector<Pick> found;
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      const FreeSpace& space = spaces_[s];
      if (space.runs.empty()) continue;
      if (taken_[space.pv]) {
        found.push_back(pick(s, last(space.runs, need), need));
      } else if (is_anchor(space.pv)) {
        found.push_back(pick(s, best(space.runs, need), need));
      }
    }
    return found.size() >= wanted_.stripes && take_most(std::move(found), need);
  }

  bool is_anchor(std::size_t pv) const {
    return std::any_of(anchor_.begin(), anchor_.end(), [&](const AreaEnd& area) { return area.pv == pv; });
  }

  /// Any runs, several of one PV and of one run if it cannot be otherwise.
  bool anywhere(Extents need) {
    struct Reserved {
      std::size_t space;
      Free whole, left;
    };
    std::vector<Reserved> reserved;
    std::vector<Pick> found;
    for (std::size_t before = 1; found.size() < wanted_.stripes && before != found.size();) {
      before = found.size();
      for (std::size_t s = 0; s < spaces_.size(); ++s) {
        std::set<Free>& runs = spaces_[s].runs;
        std::size_t of_this = 0;
        for (auto run = runs.begin(); run != runs.end() && of_this < wanted_.stripes; ++of_this) {
          Free now = *run;
          auto known = std::find_if(reserved.begin(), reserved.end(),
                                    [&](const Reserved& r) { return r.space == s && r.left == now; });
          if (known == reserved.end()) known = reserved.insert(reserved.end(), {s, now, now});
          found.push_back({s, known->whole, std::min(now.length, need)});
          run = runs.erase(run);
          known->left = {now.length - found.back().used, now.start, turn_++};
          if (known->left.length.n != 0) run = std::next(runs.insert(known->left).first);
        }
      }
    }
    for (const Reserved& each : reserved) {
      spaces_[each.space].runs.erase(each.left);
      spaces_[each.space].runs.insert(each.whole);
    }
    return take_most(std::move(found), need);
  }

  /// The longest of `found`; `apart`: no two of them on PVs whose tags say that they belong together.
  bool take_most(std::vector<Pick> found, Extents need, bool apart = false) {
    std::stable_sort(found.begin(), found.end(), [](const Pick& a, const Pick& b) { return a.used > b.used; });
    Slots slots;
    std::vector<Pick> unused;
    for (const Pick& each : found) {
      bool fits = slots.size() < wanted_.stripes;
      for (std::size_t s = 0; apart && fits && s < slots.size(); ++s)
        fits = !share_tag(spaces_[each.space].pv, spaces_[slots[s]->space].pv);
      if (fits) {
        slots.push_back(each);
      } else {
        unused.push_back(each);
      }
    }
    bool enough = slots.size() == wanted_.stripes && take(slots, need);
    for (const Pick& each : enough ? unused : found) put_back(each);
    return enough;
  }

  // LVM2 looks at the runs of a PV longest first. What it would take of one puts that run back in the list by what is
  // left of it, so that runs at least as long as that are passed over; one that is taken whole stays where it is.

  static std::set<Free>::const_iterator after(const std::set<Free>& runs, std::set<Free>::const_iterator run,
                                              Extents need) {
    return run->length > need ? runs.upper_bound(Free{run->length - need, {}, kLastTurn}) : std::next(run);
  }

  /// Of the runs looked at, the last that is long enough; if none is, the longest.
  static Free best(const std::set<Free>& runs, Extents need) {
    auto run = runs.begin();
    for (auto next = after(runs, run, need); next != runs.end() && next->length >= need; next = after(runs, run, need))
      run = next;
    return *run;
  }

  /// The last that is looked at.
  static Free last(const std::set<Free>& runs, Extents need) {
    auto run = runs.begin();
    while (run->length > need) {
      auto next = after(runs, run, need);
      if (next == runs.end()) return *run;
      run = next;
    }
    return *runs.rbegin();
  }

  /// A run that was looked at, but not taken, comes after those of its length.
  void put_back(const Pick& unused) {
    std::set<Free>& runs = spaces_[unused.space].runs;
    auto node = runs.extract(unused.run);
    if (node.empty()) return;
    node.value().turn = turn_++;
    runs.insert(std::move(node));
  }

  /// Have two PVs a tag in common that is listed in allocation/cling_tag_list?
  bool share_tag(std::size_t a, std::size_t b) const {
    const std::vector<std::string>& theirs = vg_.pvs[b].tags;
    return std::any_of(vg_.pvs[a].tags.begin(), vg_.pvs[a].tags.end(), [&](const std::string& tag) {
      return std::find(theirs.begin(), theirs.end(), tag) != theirs.end() &&
             std::any_of(wanted_.cling_tags.begin(), wanted_.cling_tags.end(), [&](std::string_view listed) {
               return listed == "@*" || (listed.starts_with('@') && listed.substr(1) == tag);
             });
    });
  }

  bool take(const Slots& slots, Extents need) {
    Extents length = need;
    for (const std::optional<Pick>& slot : slots) {
      if (!slot) return false;
      length = std::min(length, slot->used);
    }
    Striped striped;
    if (slots.size() > 1) striped.stripe_size = wanted_.stripe_size;
    std::vector<Pick> runs;  // each once, `used` being what is taken of it
    for (const std::optional<Pick>& slot : slots) {
      auto run = std::find_if(runs.begin(), runs.end(),
                              [&](const Pick& each) { return each.space == slot->space && each.run == slot->run; });
      if (run == runs.end()) run = runs.insert(runs.end(), {slot->space, slot->run, {}});
      striped.areas.push_back(PvArea{vg_.pvs[spaces_[run->space].pv].id, run->run.start + run->used});
      run->used += length;
    }
    for (const Pick& each : runs) {
      FreeSpace& space = spaces_[each.space];
      space.runs.erase(each.run);
      if (each.run.length > each.used)
        space.runs.insert({each.run.length - each.used, each.run.start + each.used, turn_++});
      taken_[space.pv] = true;
    }
    Segment segment{next_, length * slots.size(), {}, std::move(striped), {}};
    next_ += segment.length;
    left_ -= segment.length;
    note(segment);
    segments_.push_back(std::move(segment));
    return true;
  }

  static constexpr std::uint64_t kLastTurn = std::numeric_limits<std::uint64_t>::max();

  const VolumeGroup& vg_;
  const Wanted& wanted_;
  Extents left_, next_;
  std::uint64_t turn_ = 0;
  std::unordered_map<Uuid, std::size_t> pv_index_;
  std::vector<FreeSpace> spaces_;
  std::vector<bool> near_;                            ///< of each PV: does the LV lie on it
  std::vector<bool> taken_;                           ///< of each PV: has this call taken from it
  std::vector<AreaEnd> last_;                         ///< of the last segment, if it has as many areas as are wanted
  std::vector<std::vector<std::size_t>> stripes_on_;  ///< of each stripe: the PVs it lies on
  std::vector<AreaEnd> anchor_;                       ///< of the segment to cling to
  bool grows_ = false;                                ///< is there an LV to go on with
  std::vector<Segment> segments_;
};

}  // namespace

Allocation allocate(const VolumeGroup& vg, const LogicalVolume* lv, std::vector<Space> spaces, const Wanted& wanted) {
  return Allocator(vg, lv, spaces, wanted).run();
}

namespace {
/// Does `next` go on where `segment` ends, on every area?
bool continued_by(const Segment& segment, const Segment& next) {
  if (std::holds_alternative<Unbacked>(segment.body) && segment.body == next.body)
    return segment.tags == next.tags && segment.extra == next.extra;
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
