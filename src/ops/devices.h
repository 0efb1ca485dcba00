// SPDX-License-Identifier: LGPL-2.1-or-later
// From names on a command line to PVs of a picture.
#pragma once

#include <string>
#include <vector>

#include "ops/system.h"
#include "plan/requests.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// Index into picture.scan.pvs of the PV on the device of that name. Errc::NotFound: "Failed to find physical volume".
Result<std::size_t> find_pv_by_name(System& sys, const store::Picture& picture, const std::string& name);

/// The state of which the PV is a member, or null.
const store::VgState* vg_of(const store::Picture& picture, std::size_t pv);

/// The state of which the PV is one that was missing and is back, or null.
const store::VgState* returned_to(const store::Picture& picture, std::size_t pv);

/// The state of which the PV carries an older text and is no member any more, or null.
const store::VgState* vg_it_left(const store::Picture& picture, std::size_t pv);

/// May the PV be one of the VG? Errc::Refused if it is another VG's, carries another's text, or its id is on several
/// devices.
Status check_may_join(const store::Picture& picture, std::size_t pv, const Uuid& vg);

/// Is the device as large as the VG says that its PV is? Errc::Refused.
Status check_size(const store::FoundPv& found, const VolumeGroup& vg);

/// May a VG or a command of its own take a PV that is in no VG? Errc::Refused for one that a VG misses, or that is
/// marked as some VG's.
Status check_unused(const store::Picture& picture, std::size_t pv);

/// Allocation arguments of a VG: "/dev/sdb", "/dev/sdb:0-99:200-", "@tag". Order kept; a PV named twice has the ranges
/// of both.
Result<std::vector<plan::PvChoice>> choose_pvs(System& sys, const store::Picture& picture, const store::VgState& state,
                                               const std::vector<std::string>& arguments);

}  // namespace ashlar::ops
