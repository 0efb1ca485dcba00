// SPDX-License-Identifier: LGPL-2.1-or-later
// From what a person asks ("5m", "+50%FREE", 3 stripes) to extents: rounding, percentages and stripe sizes, with the
// notes LVM2 prints. Source: docs/format.md 4.4, 9.3.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/allocate.h"

namespace ashlar::plan {

struct Stripes {
  std::uint32_t count = 1;
  Sectors size;  ///< 0 if count is 1
};
struct Size {
  Extents extents;
  bool approximate = false;  ///< from a percentage: as much as there is will do
};

Result<Stripes> new_stripes(const CreateLv& request, Sectors extent_size, std::vector<std::string>& notes);
/// The extents of a new LV, a multiple of its stripes. At least one.
Result<Size> size_of_new(const VolumeGroup& vg, const CreateLv& request, std::span<const Space> spaces,
                         std::vector<std::string>& notes);

/// The stripes of what is added to an LV: asked for, or those that all its segments have; one where it is of `another`
/// type than the end of the LV.
Result<Stripes> more_stripes(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request, bool another,
                             std::vector<std::string>& notes);
/// The new size asked for, before stripes are looked at.
Result<Size> size_asked(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request,
                        std::span<const Space> spaces, std::vector<std::string>& notes);

/// Allocates and appends to `lv`. NoSpace names how much is missing and what would fit.
Status allocate_onto(const VolumeGroup& vg, LogicalVolume& lv, std::vector<Space> spaces, const Wanted& wanted);

}  // namespace ashlar::plan
