// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel has active of a VG, held against a state that is about to become the VG: who writes an older state
// over a newer one learns here which LVs of the newer one are in use.
#pragma once

#include <string>
#include <vector>

#include "ops/system.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// An active LV, and what the state says of it.
struct ActiveLv {
  std::string device;  ///< "vg0-data"
  enum class In : std::uint8_t { Same, Differs, Lacks } in = In::Same;
  std::vector<dm::DevNumber> on;  ///< the devices that its own table maps to; none where that is a layer's
};

/// The LVs that are active under the id of `vg`, once each, also those that have parts alone in the kernel: of a pool
/// that LVM2 made it is only these. PVs are found in `picture` by their ids. Where a table cannot be
/// worked out (a segment type that Ashlar does not activate, a PV that is not there), sizes are compared.
Result<std::vector<ActiveLv>> active_lvs(System& sys, const store::Picture& picture, const VolumeGroup& vg);

/// Their names, each after a blank.
std::string names_of(const std::vector<ActiveLv>& lvs);

}  // namespace ashlar::ops
