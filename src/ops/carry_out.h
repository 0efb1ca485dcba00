// SPDX-License-Identifier: LGPL-2.1-or-later
// A transaction's changes brought about: everything that can be refused first, one commit of each VG in the middle,
// what cannot be taken back last.
#pragma once

#include <string>
#include <vector>

#include "ops/changes.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

/// What one transaction cannot do in one commit a VG: Errc::Refused.
Status check_possible(const Changes& changes);

/// Are the VGs and PVs that change still what they were? Errc::Busy, naming what moved.
Status check_unmoved(System& sys, const Changes& changes, const store::Picture& now);

/// The locks that cover `changes` are held, and `now` was read under them. An error leaves everything as it was, but
/// for signatures wiped and PVs made, which it names; Errc::Partial says what is not.
Status carry_out(System& sys, const Changes& changes, const store::Picture& now, std::vector<std::string>& notes);

}  // namespace ashlar::ops
