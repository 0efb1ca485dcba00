// SPDX-License-Identifier: LGPL-2.1-or-later
// The largest request that would succeed, found by asking the allocator itself. Pure.
#pragma once

#include <optional>
#include <string>

#include "plan/plan.h"

namespace ashlar::plan {

struct Largest {
  Extents extents;      ///< 0: nothing would succeed
  std::string refusal;  ///< of the smallest request; empty if that succeeds
};

/// By how many extents the LV can grow. `request.size` and direction are filled in.
Largest largest_growth(const VolumeGroup& vg, ResizeLv request);
/// How large a new LV can be. `request.size` is filled in. Nothing is drawn from chance but ids that are thrown away.
Largest largest_new(const VolumeGroup& vg, CreateLv request, Random& random);

}  // namespace ashlar::plan
