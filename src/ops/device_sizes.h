// SPDX-License-Identifier: LGPL-2.1-or-later
// Devices that became smaller than their VG says: a partition made anew, a LUN or an image file cut off. What lies past
// their end is lost; nothing new may be put there. Larger ones are as good as they were. Source: docs/format.md 7.8.
#pragma once

#include <string>
#include <vector>

#include "ops/vg_access.h"
#include "plan/requests.h"

namespace ashlar::ops {

/// How far the devices of those PVs of the VG reach.
plan::Reach reach(const store::Picture& picture, const store::VgState& state);

/// A sentence for each such PV and one for the VG, in the words that scripts look for. None with
/// metadata/check_pv_device_sizes off.
std::vector<std::string> size_warnings(const System& sys, const store::Picture& picture, const store::VgState& state);

/// What such a VG lost, and what a person may do about it.
std::string cut_off_text(const std::string& vg);
std::string cut_off_mend(const std::string& vg);

/// The same error; where room is what is missing, it also says of which devices some is out of reach, and what to do.
Error with_reach(Error error, const store::Picture& picture, const store::VgState& state);

/// Errc::Refused if the step puts something past the end of a device where nothing was before it.
Status check_within_devices(const VgStep& step);

}  // namespace ashlar::ops
