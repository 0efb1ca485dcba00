// SPDX-License-Identifier: LGPL-2.1-or-later
// What undo, undelete and their doubts share: words for parts of a history, and what is looked at before.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/claims.h"
#include "plan/common.h"
#include "plan/history.h"

namespace ashlar::plan {

std::string pe_text(Extents start, Extents length);          ///< "extents 0-4"
std::string pv_name(const VolumeGroup& vg, const Uuid& id);  ///< its device, or its id; printable
std::string made_by(const Version& v);                       ///< ", made by 'lvremove vg0/a'", or nothing

/// Is there a current version? Errc::NotFound else.
Status check_has_current(const History& history);
/// Are extents now of the size they had `then`? Where they lie is counted in them.
Status check_extent_size(const VolumeGroup& now, const VolumeGroup& then);
/// Does each claim lie inside its PV as it is now?
Status check_inside(const VolumeGroup& vg, const Claims& claims);

}  // namespace ashlar::plan
