// SPDX-License-Identifier: LGPL-2.1-or-later
// How the data of a segment is spread: stripes, copies, and the room that a reshape needs.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "metadata/model/segment.h"

namespace ashlar::report {

/// Stripes or images, 0: it has none.
std::uint64_t stripes(const Segment& segment);
/// How often each byte is there, parity counted as a copy.
std::uint64_t data_copies(const Segment& segment);
/// Stripes without those for parity and copies.
std::uint64_t data_stripes(const Segment& segment);

/// Extents that each image of a RAID segment, or of an image itself, keeps free while it is reshaped.
Extents reshape_room_of_image(const Segment& segment);
/// The same of a whole RAID segment; with `data_only` what its own extents count of it.
Extents reshape_room(const Segment& segment, bool data_only);

}  // namespace ashlar::report
