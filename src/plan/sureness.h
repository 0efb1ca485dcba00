// SPDX-License-Identifier: LGPL-2.1-or-later
// How sure it is that extents which come back to LVs still hold what they held: what undo and undelete share. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/claims.h"
#include "plan/history.h"

namespace ashlar::plan {

/// What the one who asks brings along.
struct Circumstances {
  bool force = false;     ///< goes on in spite of grave doubts, and is not asked
  bool discards = false;  ///< devices/issue_discards as it is set now
};

struct Sureness {
  bool certain = false;
  std::string text;      ///< "certain: every version since …" or "likely: …"
  std::string question;  ///< to be answered with yes before data comes back; empty: none
};

/// `then`: what the LVs have when it is done; `back`: of that, what comes back. Every version that may have come since
/// is looked at, and how far the disks themselves tell of that time. Errc::Refused where something else was in those
/// extents, and, unless forced, where that may well be.
Result<Sureness> how_sure(const History& history, const Version& from, const Claims& then,
                          const std::vector<Piece>& back, const Circumstances& circumstances);

}  // namespace ashlar::plan
