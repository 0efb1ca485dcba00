// SPDX-License-Identifier: LGPL-2.1-or-later
// How many metadata areas of a VG are used (--vgmetadatacopies).
#pragma once

#include <cstdint>
#include <vector>

#include "ops/system.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// metadata/vgmetadatacopies, for a VG that is made without another wish.
std::uint32_t copies_of_new_vg(const config::Settings& settings);

/// `copies` areas hold the metadata, those that do so already before others; 0: all as they are, and one where there is
/// none. They take the next text; returned are areas that did and shall not any more, by PV, which are to be ignored
/// once that is written.
std::vector<store::FoundPv> choose_areas(std::vector<store::FoundPv>& present, std::uint32_t copies);

/// Marks their areas as ignored. No-op under -t.
Status ignore_areas(System& sys, const std::vector<store::FoundPv>& pvs);

}  // namespace ashlar::ops
