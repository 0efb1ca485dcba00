// SPDX-License-Identifier: LGPL-2.1-or-later
// The size that a specification gives an LV, so that it is the same number whenever it is asked for: what is free, and
// what the LV has by now, mean nothing. Pure.
#pragma once

#include <variant>

#include "plan/requests.h"

namespace ashlar::plan {

/// Bytes are rounded up to whole extents. A percentage is one of `total`, the extents of the VG, rounded down to
/// extents and then to a multiple of `stripes`, but to no less than one extent a stripe. Errc::InvalidArgument: more
/// than an LV can have.
Result<Extents> desired_extents(const std::variant<Bytes, Percent>& amount, Extents total, Sectors extent_size,
                                std::uint64_t stripes);

/// Has the LV that size, as nearly as its stripes allow? An LV ends with a whole stripe, so it may be larger by less
/// than one: growing or shrinking it to `wanted` comes to such a size.
bool has_size(const LogicalVolume& lv, Extents wanted);

/// Stripes of a segment: 1 where there are none.
std::uint32_t stripes_of(const Segment& segment);

}  // namespace ashlar::plan
