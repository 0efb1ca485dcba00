// SPDX-License-Identifier: LGPL-2.1-or-later
// A new LV must not show what an earlier owner of its extents left there.
#pragma once

#include <string>
#include <vector>

#include "ops/vg_access.h"

namespace ashlar::ops {

/// Does some PV of the VG lie in a regular file? Such a VG has no device-mapper devices.
bool on_images(const store::Picture& picture, const store::VgState& state);

/// Wipes signatures (after asking) and the first 4 KiB of an LV that was activated unscanned, then lets udev see it.
Status clear_active_lv(System& sys, const OpenVg& open, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe,
                       std::vector<std::string>& notes);

/// The same for an LV that is not active, through its PVs. `vg`: the VG with the new LV.
Status clear_on_pvs(System& sys, const OpenVg& open, const VolumeGroup& vg, const LogicalVolume& lv, bool zero, bool wipe,
                    std::vector<std::string>& notes);
/// The same, for PVs of the VG as found.
Status clear_on_pvs(System& sys, const VolumeGroup& vg, const std::vector<store::FoundPv>& present, const LogicalVolume& lv, bool zero,
                    bool wipe, std::vector<std::string>& notes);

/// Wipes and clears through the device that `name` has; whoever closes it lets udev see it.
Status clear_device(System& sys, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe, std::vector<std::string>& notes);

/// Takes the LV's device down if it is there.
Status deactivate_one(System& sys, const VolumeGroup& vg, const std::string& lv);

}  // namespace ashlar::ops
