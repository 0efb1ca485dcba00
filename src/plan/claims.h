// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose data lies in which extents of a PV, and where in an LV it belongs: what comparing two states of a VG needs.
// Pure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "metadata/model/query.h"

namespace ashlar::plan {

/// A run of PEs that an LV has.
struct Claim {
  Extents start, length;
  Uuid lv;
  std::string name;        ///< of the LV
  Extents first_le;        ///< where the first PE belongs in the LV; each further one `step` LEs on
  std::uint64_t step = 1;  ///< stripes of the segment
  std::size_t stripe = 0;  ///< which of them this is
  Sectors stripe_size;
  bool known = true;  ///< false: a segment that is only carried through; nobody knows its order

  Extents le_of(Extents pe) const { return first_le + Extents{(pe - start).n * step}; }
  /// Does PE `pe` hold the same part of the same LV in both?
  bool same_data(const Claim& other, Extents pe) const {
    return known && other.known && lv == other.lv && step == other.step && stripe == other.stripe &&
           stripe_size == other.stripe_size && le_of(pe) == other.le_of(pe);
  }
};

/// Of every PV, sorted by start.
using Claims = std::unordered_map<Uuid, std::vector<Claim>>;
Claims claims_of(const VolumeGroup& vg);

/// A part of a claim, on a PV.
struct Piece {
  Uuid pv;
  Extents start, length;
  const Claim* claim;
};

/// What of the known `claims` does not hold the same data in `others`. Points into `claims`.
std::vector<Piece> not_in(const Claims& claims, const Claims& others);

/// The pieces as claims of their own.
Claims as_claims(const std::vector<Piece>& pieces);

/// The first claim of `others` that has a PE of the piece for other data, or null.
const Claim* taken_by(const Piece& piece, const Claims& others);

}  // namespace ashlar::plan
