// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds extents for a new or growing LV in the free runs of the PVs, as LVM2 would choose them.
// Source: docs/format.md 9.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/requests.h"

namespace ashlar::plan {

/// A PV on which may be allocated, with the free runs that may be taken.
struct Space {
  std::size_t pv = 0;       ///< position in vg.pvs
  std::vector<PeRun> runs;  ///< in the order in which equally long ones are preferred; not overlapping
};

/// What is looked for.
struct Wanted {
  Extents extents;                           ///< a multiple of stripes
  std::uint32_t stripes = 1;                 ///< 1 .. 128
  Sectors stripe_size;                       ///< 0 if stripes is 1
  AllocPolicy policy = AllocPolicy::Normal;  ///< not Inherit
  bool approximate = false;                  ///< fewer extents are as good
  std::span<const std::string> cling_tags;   ///< "@tag" or "@*"
  bool maximise_cling = true;
};

/// The PVs on which the request allows allocation, in the order of `pvs` or else of the VG: not missing, allocatable,
/// not full, with their free runs clipped to the ranges and to `reach`. Errors: a PV not in the VG, ranges past its end
/// or overlapping; NoSpace if none of `pvs` is left. Those passed over are told in `notes`.
Result<std::vector<Space>> candidates(const VolumeGroup& vg, const std::optional<std::vector<PvChoice>>& pvs,
                                      const Reach& reach, std::vector<std::string>& notes);

Extents extents_in(std::span<const Space> spaces);

/// New segments for the end of `lv` (null: of a new LV), of `wanted.extents` in all, or fewer if approximate. They
/// start where the LV ends; the caller joins adjacent ones (append_segments). Error NoSpace with `short_by` set.
struct Allocation {
  std::vector<Segment> segments;
  Extents short_by;  ///< LEs that were not found
};
Allocation allocate(const VolumeGroup& vg, const LogicalVolume* lv, std::vector<Space> spaces, const Wanted& wanted);

/// Adds `segments` to the end, joining those that continue the one before: docs/format.md 9.6.
void append_segments(LogicalVolume& lv, std::vector<Segment> segments);

}  // namespace ashlar::plan
