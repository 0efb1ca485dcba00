// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parts of plan_repair() share.
#pragma once

#include <optional>
#include <string>

#include "plan/repair.h"

namespace ashlar::plan {

/// Where the PV's extents end; none if that is no number.
std::optional<Sectors> end_of(const VolumeGroup& vg, const PhysicalVolume& pv);

/// How a person restores the VG from a file.
std::string by_hand(const std::string& vg);

/// Of a VG whose newest copy counts: the rest is brought to it.
void mend(const RepairFindings& found, RepairPlan& plan);

}  // namespace ashlar::plan
