// SPDX-License-Identifier: LGPL-2.1-or-later
// Commits that one header cannot make whole: of two VGs between which PVs move, and of PVs that get another id. All
// their texts are staged on all disks before the first of them counts; so where one counts, a reader finds the others
// in the precommitted slots and takes them for committed. Source: docs/commit-protocol.md, docs/decisions/0010.
#pragma once

#include "base/result.h"
#include "store/scan.h"

namespace ashlar::store {

/// Takes staged texts for committed, in memory, and tells of it in scan.cut. Reads nothing unless an area has a
/// precommitted slot and VGs claim one PV, or a PV is in no VG's text.
void roll_forward(Scan& scan);

/// Writes the headers as roll_forward() took them to be, flushed. The caller holds the locks of cut.vgs and has scanned
/// under them.
Status finish(const Scan& scan, const CutCommit& cut);

}  // namespace ashlar::store
