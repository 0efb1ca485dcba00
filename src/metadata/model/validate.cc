// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "base/names.h"
#include "base/position_index.h"
#include "metadata/model/foreign.h"

namespace ashlar {

namespace {

constexpr std::size_t kMaxViolations = 100;
constexpr std::size_t kMaxMembers = std::size_t{1} << 16;  ///< PVs, and LVs: a policy, not the format's
constexpr std::size_t kMaxNames = 124;                     ///< VG name + LV name: a device-mapper name holds both
constexpr std::size_t kMaxDepth = 32;                      ///< LVs stacked on LVs
constexpr std::uint64_t kMaxSectors = (std::uint64_t{1} << 63) / kSectorSize;

/// A segment by the positions of its LV and of itself; named only when there is something to say.
struct Place {
  std::size_t lv, segment;
};

/// An area of an LV on a PV, for the overlap check.
struct Taken {
  Extents start, end;
  std::size_t lv;
};

struct PvIds {
  const VolumeGroup& vg;
  std::string_view operator()(std::size_t i) const { return vg.pvs[i].id.raw(); }
};
struct LvNames {
  const VolumeGroup& vg;
  std::string_view operator()(std::size_t i) const { return vg.lvs[i].name; }
};
struct LvIds {
  const VolumeGroup& vg;
  std::string_view operator()(std::size_t i) const { return vg.lvs[i].id.raw(); }
};
constexpr std::size_t kNone = SIZE_MAX;

class Validator {
 public:
  /// `lvs`: how many of the VG's are looked at.
  Validator(const VolumeGroup& vg, bool import, std::size_t lvs)
      : vg_(vg),
        import_(import),
        pvs_(vg.pvs.size(), {vg}),
        lvs_(lvs, {vg}),
        lv_ids_(lvs, {vg}),
        taken_(vg.pvs.size()) {
    extents_.reserve(lvs);
  }

  std::vector<Violation> run() {
    group();
    for (at_pv_ = 0; *at_pv_ < vg_.pvs.size(); ++*at_pv_) pv(*at_pv_);
    at_pv_.reset();
    for (at_lv_ = 0; *at_lv_ < vg_.lvs.size(); ++*at_lv_) lv_head(*at_lv_);
    for (at_lv_ = 0; *at_lv_ < vg_.lvs.size(); ++*at_lv_) segments(*at_lv_, extents_[*at_lv_]);
    overlaps();
    at_lv_.reset();
    stacking();
    return std::move(found_);
  }

  /// Of an LV that lies on PVs alone, or on nothing.
  std::vector<Violation> run_one(std::size_t i) {
    group();
    for (std::size_t p = 0; p < vg_.pvs.size(); ++p) pvs_.add(p);
    at_lv_ = i;
    lv_itself(i);
    twins(i);
    segments(i, sum_of_lengths(vg_.lvs[i]));
    overlaps();
    at_lv_ = i;
    overlaps_with_others(i);
    return std::move(found_);
  }

 private:
  template <class... Args>
  void report(bool fatal, fmt::format_string<Args...> text, Args&&... args) {
    if (found_.size() < kMaxViolations)
      found_.push_back({fmt::format(text, std::forward<Args>(args)...), fatal, at_pv_, at_lv_});
  }

  void group() {
    if (auto name = check_name("Volume group name", vg_.name); !name.ok()) report(false, "{}", name.error().message());
    if (vg_.id.empty()) report(false, "VG {} has no id", vg_.name);
    if (vg_.seqno == std::numeric_limits<std::uint32_t>::max())
      report(false, "VG {} has sequence number {}: there is no next one", vg_.name, vg_.seqno);
    if (std::uint64_t size = vg_.extent_size.n;
        size == 0 || size > kMaxExtents || (!is_power_of_two(size) && size % 256 != 0)) {
      report(true, "VG {} has an extent size of {} sectors: neither a power of two nor a multiple of 256 below 2^32",
             vg_.name, size);
    }
    if (vg_.pvs.size() > kMaxMembers)
      report(false, "VG {} has {} PVs, more than {}", vg_.name, vg_.pvs.size(), kMaxMembers);
    if (vg_.lvs.size() > kMaxMembers)
      report(false, "VG {} has {} LVs, more than {}", vg_.name, vg_.lvs.size(), kMaxMembers);
    tags(vg_.tags, [&] { return "VG " + vg_.name; });
    lock_type();
    std::uint64_t extents = 0;
    for (const PhysicalVolume& each : vg_.pvs) extents += std::min(each.pe_count.n, kMaxExtents);
    if (extents > kMaxExtents) report(false, "VG {} has {} extents, more than {}", vg_.name, extents, kMaxExtents);
  }

  template <class Owner>
  void tags(const std::vector<std::string>& words, Owner owner) {
    if (!import_) return;
    for (const std::string& tag : words)
      if (Status good = check_tag(tag); !good) report(false, "{}: {}", owner(), good.error().message());
  }

  void lock_type() {
    const std::string_view type = vg_.lock_type;
    if (!import_ || type.empty() || type == "none" || type == "clvm") return;
    const bool known = type == "dlm" || type == "sanlock" || type == "idm";
    if (!known)
      report(false, "VG {} has the lock_type \"{}\": none, dlm, sanlock, idm and clvm are known", vg_.name,
             printable(type));
    if (known && vg_.lock_args.empty()) report(false, "VG {} has the lock_type {} and no lock_args", vg_.name, type);
  }

  std::string pv_name(std::size_t i) const {
    const PhysicalVolume& pv = vg_.pvs[i];
    return fmt::format("PV {} ({})", pv.device.empty() ? "[unknown]" : printable(pv.device), pv.id.dashed());
  }
  std::string name(Place where) const { return fmt::format("{}, segment {}", lv_name(where.lv), where.segment + 1); }
  std::string lv_name(std::size_t i) const { return fmt::format("LV {}/{}", vg_.name, vg_.lvs[i].name); }

  void pv(std::size_t i) {
    const PhysicalVolume& pv = vg_.pvs[i];
    if (pv.id.empty()) {
      report(true, "{} at position {} of VG {} has no id", pv_name(i), i, vg_.name);
    } else if (pvs_.add(i) != i) {
      report(true, "PV id {} is listed twice in VG {}", pv.id.dashed(), vg_.name);
    }
    tags(pv.tags, [&] { return pv_name(i); });
    if (pv.pe_count.n > kMaxExtents)
      report(true, "{} has {} extents, more than {}", pv_name(i), pv.pe_count.n, kMaxExtents);
    auto data = checked_mul(pv.pe_count.n, vg_.extent_size.n);
    auto end = data ? checked_add(*data, pv.pe_start.n) : std::nullopt;
    if (!end || *end > kMaxSectors) {
      report(true, "{} ends beyond 2^63 bytes: {} extents of {} sectors from sector {}", pv_name(i), pv.pe_count.n,
             vg_.extent_size.n, pv.pe_start.n);
    } else if (pv.dev_size && pv.dev_size->n != 0 && *data > pv.dev_size->n) {
      // dev_size may already be without pe_start and the second metadata area (docs/format.md 3.4), so the extents
      // alone are compared.
      report(false, "{} has {} extents of {} sectors, more than its size of {} sectors", pv_name(i), pv.pe_count.n,
             vg_.extent_size.n, pv.dev_size->n);
    }
    auto ba_end = checked_add(pv.ba_start.n, pv.ba_size.n);
    if (!ba_end || *ba_end > kMaxSectors)
      report(false, "{} has a bootloader area of {} sectors from sector {}", pv_name(i), pv.ba_size.n, pv.ba_start.n);
  }

  void lv_head(std::size_t i) {
    const LogicalVolume& lv = vg_.lvs[i];
    lv_itself(i);
    if (lvs_.add(i) != i) same_name(i);
    if (std::size_t first = lv.id.empty() ? i : lv_ids_.add(i); first != i) same_id(first, i);
    extents_.push_back(sum_of_lengths(lv));
  }
  void same_name(std::size_t i) { report(true, "LV name {} is listed twice in VG {}", vg_.lvs[i].name, vg_.name); }
  void same_id(std::size_t first, std::size_t i) {
    report(false, "{} and {} have the same id {}", lv_name(first), lv_name(i), vg_.lvs[i].id.dashed());
  }

  /// What the index of all finds in lv_head().
  void twins(std::size_t i) {
    const LogicalVolume& lv = vg_.lvs[i];
    for (std::size_t other = 0; other < vg_.lvs.size(); ++other) {
      if (other == i) continue;
      // Names of many are alike but for their ends.
      const std::string& name = vg_.lvs[other].name;
      if (name.size() == lv.name.size() && (name.empty() || name.back() == lv.name.back()) && name == lv.name)
        same_name(i);
      if (vg_.lvs[other].id == lv.id && !lv.id.empty()) same_id(other, i);
    }
  }

  void lv_itself(std::size_t i) {
    const LogicalVolume& lv = vg_.lvs[i];
    if (auto name = check_name("Logical volume name", lv.name); !name.ok())
      report(false, "VG {}: {}", vg_.name, name.error().message());
    if (vg_.name.size() + lv.name.size() > kMaxNames)
      report(false, "The names of VG {} and LV {} are together longer than {} characters", vg_.name, lv.name,
             kMaxNames);
    if (lv.id.empty()) report(false, "{} has no id", lv_name(i));
    tags(lv.tags, [&] { return lv_name(i); });
    if (!lv.creation_time && !lv.creation_host.empty())
      report(false, "{} has a creation host without a creation time", lv_name(i));
  }

  /// Capped, so that no sum overflows.
  static std::uint64_t sum_of_lengths(const LogicalVolume& lv) {
    std::uint64_t total = 0;
    for (const Segment& segment : lv.segments)
      total = std::min(checked_add(total, segment.length.n).value_or(kMaxExtents + 1), kMaxExtents + 1);
    return total;
  }

  /// `extents`: the sum of their lengths.
  void segments(std::size_t i, std::uint64_t extents) {
    const LogicalVolume& lv = vg_.lvs[i];
    if (lv.segments.empty()) report(false, "{} has no segments", lv_name(i));
    if (extents > kMaxExtents) {
      report(true, "{} has more than {} extents", lv_name(i), kMaxExtents);
    } else if (checked_mul(extents, vg_.extent_size.n).value_or(kMaxSectors + 1) > kMaxSectors) {
      report(true, "{} is larger than 2^63 bytes", lv_name(i));
    }
    std::uint64_t next = 0;
    for (std::size_t s = 0; s < lv.segments.size(); ++s) {
      const Segment& segment = lv.segments[s];
      Place where{i, s};
      tags(segment.tags, [&] { return name(where); });
      if (segment.length.n == 0) report(false, "{} is empty", name(where));
      if (segment.start.n != next)
        report(true, "{} starts at extent {}, expected {}", name(where), segment.start.n, next);
      next = checked_add(segment.start.n, segment.length.n).value_or(std::numeric_limits<std::uint64_t>::max());
      std::visit(overloaded{[&](const Striped& striped) { striped_segment(where, segment, striped); },
                            [&](const Foreign&) { foreign_segment(where, segment); }, [](const Unbacked&) {}},
                 segment.body);
    }
  }

  void striped_segment(Place where, const Segment& segment, const Striped& striped) {
    std::size_t count = striped.areas.size();
    if (count == 0 || count > kMaxStripes) {
      report(true, "{} has {} stripes, 1 to {} are allowed", name(where), count, kMaxStripes);
      return;
    }
    if (count == 1 && striped.stripe_size.n != 0)
      report(false, "{} has one stripe and a stripe size of {} sectors", name(where), striped.stripe_size.n);
    // LVM2 cuts a stripe size down to the extent size, which need not be a power of two.
    if (count > 1 && (striped.stripe_size.n == 0 || striped.stripe_size.n > kMaxExtents))
      report(false, "{} has a stripe size of {} sectors, which is not between 1 and 2^32", name(where),
             striped.stripe_size.n);
    if (segment.length.n % count != 0)
      report(false, "{} has {} extents, not a multiple of its {} stripes", name(where), segment.length.n, count);
    Extents length = segment.length / count;
    for (const Area& area : striped.areas) {
      std::visit(overloaded{[&](const PvArea& on_pv) { pv_area(where, on_pv, length); },
                            [&](const LvArea& on_lv) { lv_area(where, on_lv, length); }},
                 area);
    }
  }

  void foreign_segment(Place where, const Segment& segment) {
    ForeignNames names = foreign_names(vg_, segment);
    for (const PvArea& area : names.pvs.areas) pv_area(where, area, segment.length);
    if (!is_known_type(type_name(segment))) return;
    for (const std::string& lv : names.lvs)
      if (!lvs_.contains(lv)) report(false, "{} refers to LV {}, which does not exist", name(where), lv);
    for (const std::string& lv : names.below)
      if (std::size_t found = lvs_.find(lv); found != kNone) lies_on(where.lv, found);
  }

  void pv_area(Place where, const PvArea& area, Extents length) {
    const std::size_t found = position_of(area.pv);
    if (found == kNone) {
      report(true, "{} refers to PV {}, which is not in VG {}", name(where), area.pv.dashed(), vg_.name);
      return;
    }
    auto end = checked_add(area.start.n, length.n);
    if (!end || *end > vg_.pvs[found].pe_count.n) {
      report(false, "{} needs {} extents from {} of {}, which has {}", name(where), length.n, area.start.n,
             pv_name(found), vg_.pvs[found].pe_count.n);
      return;
    }
    if (length.n != 0) taken_[found].push_back({area.start, {*end}, where.lv});
  }

  std::size_t position_of(const Uuid& pv) {
    // What is allocated together lies mostly on one PV.
    if (last_pv_ < vg_.pvs.size() && vg_.pvs[last_pv_].id == pv && !pv.empty()) return last_pv_;
    const std::size_t found = pvs_.find(pv.raw());
    if (found != kNone) last_pv_ = found;
    return found;
  }

  void lv_area(Place where, const LvArea& area, Extents length) {
    std::size_t found = lvs_.find(area.lv);
    if (found == kNone) {
      report(true, "{} refers to LV {}, which does not exist", name(where), area.lv);
      return;
    }
    lies_on(where.lv, found);
    auto end = checked_add(area.start.n, length.n);
    if (!end || *end > extents_[found])
      report(false, "{} needs {} extents from {} of {}, which has {}", name(where), length.n, area.start.n,
             lv_name(found), extents_[found]);
  }

  void overlaps() {
    for (std::size_t p = 0; p < taken_.size(); ++p) {
      std::vector<Taken>& runs = taken_[p];
      auto by_start = [](const Taken& a, const Taken& b) { return a.start < b.start; };
      if (!std::is_sorted(runs.begin(), runs.end(), by_start)) std::sort(runs.begin(), runs.end(), by_start);
      for (std::size_t r = 1, furthest = 0; r < runs.size(); ++r) {
        const Taken& before = runs[furthest];
        if (runs[r].start < before.end) both_use(before, runs[r], p);
        if (runs[r].end > before.end) furthest = r;
      }
    }
  }
  /// The later of them is at fault.
  void both_use(const Taken& before, const Taken& later, std::size_t pv) {
    at_lv_ = later.lv;
    report(false, "{} and {} both use extents {}-{} of {}", lv_name(before.lv), lv_name(later.lv), later.start.n,
           std::min(before.end, later.end).n - 1, pv_name(pv));
  }

  /// After overlaps(), which has sorted what the LV itself has.
  void overlaps_with_others(std::size_t i) {
    if (std::all_of(taken_.begin(), taken_.end(), [](const auto& runs) { return runs.empty(); })) return;
    for (std::size_t other = 0; other < vg_.lvs.size(); ++other) {
      if (other == i) continue;
      for (const Segment& segment : vg_.lvs[other].segments)
        std::visit(overloaded{[&](const Striped& striped) {
                                for (const Area& area : striped.areas)
                                  if (const auto* on_pv = std::get_if<PvArea>(&area))
                                    overlap_with(other, *on_pv, segment.length / striped.areas.size());
                              },
                              [&](const Foreign&) {
                                for (const PvArea& area : foreign_names(vg_, segment).pvs.areas)
                                  overlap_with(other, area, segment.length);
                              },
                              [](const Unbacked&) {}},
                   segment.body);
    }
  }
  void overlap_with(std::size_t other, const PvArea& area, Extents length) {
    const std::size_t pv = position_of(area.pv);
    if (pv == kNone || taken_[pv].empty() || length.n == 0) return;
    const Taken theirs{area.start, area.start + length, other};
    const auto mine = std::partition_point(taken_[pv].begin(), taken_[pv].end(),
                                           [&](const Taken& run) { return run.end <= theirs.start; });
    if (mine == taken_[pv].end() || mine->start >= theirs.end) return;
    if (mine->start < theirs.start)
      both_use(*mine, theirs, pv);
    else
      both_use(theirs, *mine, pv);
  }

  void lies_on(std::size_t lv, std::size_t below) {
    if (below_.empty()) below_.resize(vg_.lvs.size());
    below_[lv].push_back(below);
  }

  /// Depth-first over "lies on", with a stack of our own: hostile chains are as long as the text allows.
  void stacking() {
    if (below_.empty()) return;
    enum class Mark : std::uint8_t { Fresh, Open, Done };
    struct Step {
      std::size_t lv, next;
    };
    std::vector<Mark> mark(vg_.lvs.size(), Mark::Fresh);
    std::vector<std::size_t> height(vg_.lvs.size(), 1);
    std::vector<Step> path;
    for (std::size_t root = 0; root < vg_.lvs.size(); ++root) {
      if (mark[root] != Mark::Fresh) continue;
      path.push_back({root, 0});
      mark[root] = Mark::Open;
      while (!path.empty()) {
        Step& step = path.back();
        if (step.next == below_[step.lv].size()) {
          std::size_t done = step.lv;
          path.pop_back();
          mark[done] = Mark::Done;
          if (height[done] == kMaxDepth + 1)
            report(true, "{} lies on more than {} LVs on top of each other", lv_name(done), kMaxDepth);
          if (!path.empty()) height[path.back().lv] = std::max(height[path.back().lv], height[done] + 1);
          continue;
        }
        std::size_t child = below_[step.lv][step.next++];
        if (mark[child] == Mark::Open) {
          report(true, "{} lies on {}, which lies on it", lv_name(step.lv), lv_name(child));
        } else if (mark[child] == Mark::Done) {
          height[step.lv] = std::max(height[step.lv], height[child] + 1);
        } else {
          mark[child] = Mark::Open;
          path.push_back({child, 0});
        }
      }
    }
  }

  const VolumeGroup& vg_;
  bool import_;
  std::vector<Violation> found_;
  std::optional<std::size_t> at_pv_, at_lv_;  ///< what is looked at
  PositionIndex<PvIds> pvs_;
  std::size_t last_pv_ = 0;  ///< found last
  PositionIndex<LvNames> lvs_;
  PositionIndex<LvIds> lv_ids_;
  std::vector<std::uint64_t> extents_;           ///< of each LV, at most kMaxExtents + 1
  std::vector<std::vector<Taken>> taken_;        ///< of each PV
  std::vector<std::vector<std::size_t>> below_;  ///< LVs that each LV lies on; empty while there are none
};

}  // namespace

std::vector<Violation> validate(const VolumeGroup& vg) { return Validator(vg, false, vg.lvs.size()).run(); }
std::vector<Violation> validate_import(const VolumeGroup& vg) { return Validator(vg, true, vg.lvs.size()).run(); }

std::vector<Violation> validate_lv(const VolumeGroup& vg, std::size_t lv) {
  const auto on_pv = [](const Area& area) { return std::holds_alternative<PvArea>(area); };
  for (const Segment& segment : vg.lvs[lv].segments) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    const bool stacked = striped != nullptr && !std::all_of(striped->areas.begin(), striped->areas.end(), on_pv);
    if (stacked || std::holds_alternative<Foreign>(segment.body)) return validate(vg);
  }
  return Validator(vg, false, 0).run_one(lv);
}

}  // namespace ashlar
