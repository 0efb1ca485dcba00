// SPDX-License-Identifier: LGPL-2.1-or-later
// On how many PVs a VG's metadata is kept (--vgmetadatacopies).
#pragma once

#include <cstdint>
#include <vector>

#include "ops/system.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// The areas of the first `copies` PVs that have any hold the metadata; 0: all as they are. They take the next text;
/// returned are the PVs whose areas are to be ignored once that is written.
std::vector<store::FoundPv> choose_areas(std::vector<store::FoundPv>& present, std::uint32_t copies);

/// Marks their areas as ignored. No-op under -t.
Status ignore_areas(System& sys, const std::vector<store::FoundPv>& pvs);

}  // namespace ashlar::ops
