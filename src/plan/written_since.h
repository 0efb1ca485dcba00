// SPDX-License-Identifier: LGPL-2.1-or-later
// What may have been written since a version to extents that come back of it, as the versions since tell. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/claims.h"
#include "plan/history.h"

namespace ashlar::plan {

/// Why it is not certain that data is what it was: sentences. With grave ones nobody goes on who does not insist.
struct Doubts {
  std::vector<std::string> grave, mild;
};

/// PVs on which the pieces lie, each once.
std::vector<Uuid> pvs_of(const std::vector<Piece>& pieces);

/// Looks at what each version did to the extents. Errc::Refused for what versions in effect did; others were perhaps
/// never in effect on these disks.
Status look_at_use(const History& history, const Version& from, const std::vector<Piece>& back, Doubts& doubts);

/// Extents by which LVs became smaller and larger again: they took them as new ones.
void look_for_interruption(const History& history, const Version& from, const Claims& then, Doubts& doubts);

/// A PV that was missing may have been used elsewhere.
void look_for_absence(const History& history, const Version& from, const std::vector<Uuid>& pvs, Doubts& doubts);

}  // namespace ashlar::plan
