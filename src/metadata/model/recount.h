// SPDX-License-Identifier: LGPL-2.1-or-later
// Extents of one size counted in another.
#pragma once

#include "metadata/model/segment.h"

namespace ashlar {

class Recount {
 public:
  Recount(Sectors from, Sectors to) : from_(from), to_(to) {}
  /// False, and `e` as it was, if it does not come out even or is more than a PV can have.
  bool apply(Extents& e) const;
  /// Of linear and striped segments the areas too. False: a part of it may be counted anew by then.
  bool apply(Segment& segment) const;

 private:
  Sectors from_, to_;
};

}  // namespace ashlar
