// SPDX-License-Identifier: LGPL-2.1-or-later
// Which LVs a person sees. Old-style snapshots are stored the wrong way round: the COW LV that people know has no
// VISIBLE flag, the link LV "snapshotN" has it. Source: docs/format.md 3.6.
#pragma once

#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar {

/// Parallel to vg.lvs. One pass.
std::vector<bool> visibility(const VolumeGroup& vg);

/// Indices of the LVs in the order a text has them: visible ones first, else as they are.
std::vector<std::size_t> written_order(const VolumeGroup& vg);
/// Puts the LVs into the order a text has them.
void order_as_written(VolumeGroup& vg);

}  // namespace ashlar
