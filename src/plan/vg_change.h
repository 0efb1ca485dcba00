// SPDX-License-Identifier: LGPL-2.1-or-later
// Rules of VGs that more than one plan looks at.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "metadata/model/volume_group.h"

namespace ashlar::plan {

/// A power of two, or a multiple of 128 KiB, below 2 TiB.
Status check_extent_size(Sectors size);
/// Counts everything in extents of another size; refused unless all comes out even.
Status change_extent_size(VolumeGroup& vg, Sectors size, std::vector<std::string>& notes);

}  // namespace ashlar::plan
