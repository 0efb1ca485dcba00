// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/recount.h"

#include <algorithm>

#include "metadata/model/volume_group.h"

namespace ashlar {

bool Recount::apply(Extents& e) const {
  const auto sectors = checked_mul(e.n, from_.n);
  if (!sectors || *sectors % to_.n != 0 || *sectors / to_.n > kMaxExtents) return false;
  e = Extents{*sectors / to_.n};
  return true;
}

bool Recount::apply(Segment& segment) const {
  if (!apply(segment.start) || !apply(segment.length)) return false;
  auto* striped = std::get_if<Striped>(&segment.body);
  if (striped == nullptr) return true;
  return std::all_of(striped->areas.begin(), striped->areas.end(),
                     [&](Area& area) { return std::visit([&](auto& a) { return apply(a.start); }, area); });
}

}  // namespace ashlar
