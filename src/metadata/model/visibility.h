// SPDX-License-Identifier: LGPL-2.1-or-later
// Which LVs a person sees. Old-style snapshots are stored the wrong way round: the COW LV that people know has no
// VISIBLE flag, the link LV "snapshotN" has it. Source: docs/format.md 3.6.
#pragma once

#include <string>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar {

/// Parallel to vg.lvs. One pass.
std::vector<bool> visibility(const VolumeGroup& vg);

/// The LVs that are meant: those that people see, or the `named` ones. One pass.
struct MeantLvs {
  std::vector<const LogicalVolume*> lvs;   ///< in the order of the VG
  std::vector<std::string> missing;        ///< of those named: those that it does not have
  std::vector<std::string> names() const;  ///< of both, what is missing last
};
MeantLvs meant_lvs(const VolumeGroup& vg, const std::vector<std::string>& named);

/// Indices of the LVs in the order a text has them: visible ones first, else as they are.
std::vector<std::size_t> written_order(const VolumeGroup& vg);
/// Puts the LVs into the order a text has them.
void order_as_written(VolumeGroup& vg);

}  // namespace ashlar
