// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kept body of a Foreign segment says about other parts of the VG: the PEs it lies on and the LVs it names.
// Types and their keys: docs/format.md 3.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metadata/model/query.h"

namespace ashlar {

/// Everything a Foreign body names. Names may be of LVs that do not exist; the caller decides what that means.
struct ForeignNames {
  ForeignAreas pvs;
  std::vector<std::string> lvs;    ///< every LV named; for an unknown type every string that could be a name
  std::vector<std::string> below;  ///< those of `lvs` that hold its data: must not lead back to it
};
/// Nothing, known, for a segment that is not Foreign.
ForeignNames foreign_names(const VolumeGroup& vg, const Segment& segment);

/// A type word as on disk, "+FLAG"s included, that LVM2 2.03 writes.
bool is_known_type(std::string_view type);

}  // namespace ashlar
