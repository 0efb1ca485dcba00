// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parts of plan_repair() share.
#pragma once

#include <optional>
#include <string>

#include "plan/repair.h"

namespace ashlar::plan {

/// Where the PV's extents end; none if that is no number.
std::optional<Sectors> end_of(const VolumeGroup& vg, const PhysicalVolume& pv);

/// The file that has the newest state of the VG that is known.
struct RestoreFile {
  std::string path;  ///< FILE where it has to be made first
  std::string make;  ///< what makes it; empty: it is there
};
std::optional<RestoreFile> restore_file(const History& history);

/// How a person restores the VG from a file; where none is known, how to make one of what lies on a disk.
std::string by_hand(const RepairFindings& found);

/// Of a VG whose newest copy counts: the rest is brought to it.
void mend(const RepairFindings& found, RepairPlan& plan);

}  // namespace ashlar::plan
