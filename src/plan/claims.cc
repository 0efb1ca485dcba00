// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/claims.h"

#include <algorithm>

namespace ashlar::plan {

namespace {
const std::vector<Claim>* on_pv(const Claims& claims, const Uuid& pv) {
  auto at = claims.find(pv);
  return at == claims.end() ? nullptr : &at->second;
}

Extents claim_end(const Claim& claim) { return claim.start + claim.length; }

/// The first claim that ends behind `pe`. Claims of a legal VG do not overlap, so their ends are sorted too.
std::vector<Claim>::const_iterator first_behind(const std::vector<Claim>& list, Extents pe) {
  return std::partition_point(list.begin(), list.end(), [&](const Claim& c) { return claim_end(c) <= pe; });
}
}  // namespace

Claims claims_of(const VolumeGroup& vg) {
  Claims claims;
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      if (const auto* striped = std::get_if<Striped>(&segment.body)) {
        const std::size_t stripes = striped->areas.size();
        for (std::size_t i = 0; i < stripes; ++i) {
          if (const auto* area = std::get_if<PvArea>(&striped->areas[i]))
            claims[area->pv].push_back({area->start, segment.length / stripes, lv.id, lv.name, segment.start, stripes,
                                        i, striped->stripe_size, true});
        }
      }
      for (const PvArea& area : foreign_areas(vg, segment).areas)
        claims[area.pv].push_back({area.start, segment.length, lv.id, lv.name, segment.start, 1, 0, {}, false});
    }
  }
  for (auto& [pv, list] : claims)
    std::sort(list.begin(), list.end(), [](const Claim& a, const Claim& b) { return a.start < b.start; });
  return claims;
}

std::vector<Piece> not_in(const Claims& claims, const Claims& others) {
  std::vector<Piece> pieces;
  for (const auto& [pv, list] : claims) {
    const std::vector<Claim>* there = on_pv(others, pv);
    for (const Claim& claim : list) {
      if (!claim.known) continue;
      Extents from = claim.start;
      if (there != nullptr) {
        for (auto other = first_behind(*there, from); other != there->end() && other->start < claim_end(claim);
             ++other) {
          // Two claims that hold the same data at one PE do so at each that both have.
          const Extents start = std::max(claim.start, other->start);
          if (!claim.same_data(*other, start)) continue;
          if (from < start) pieces.push_back({pv, from, start - from, &claim});
          from = std::min(claim_end(claim), claim_end(*other));
        }
      }
      if (from < claim_end(claim)) pieces.push_back({pv, from, claim_end(claim) - from, &claim});
    }
  }
  return pieces;
}

Claims as_claims(const std::vector<Piece>& pieces) {
  Claims claims;
  for (const Piece& piece : pieces) {
    Claim claim = *piece.claim;
    claim.first_le = piece.claim->le_of(piece.start);
    claim.start = piece.start;
    claim.length = piece.length;
    claims[piece.pv].push_back(std::move(claim));
  }
  return claims;
}

const Claim* taken_by(const Piece& piece, const Claims& others) {
  const std::vector<Claim>* there = on_pv(others, piece.pv);
  if (there == nullptr) return nullptr;
  for (auto other = first_behind(*there, piece.start);
       other != there->end() && other->start < piece.start + piece.length; ++other) {
    if (!piece.claim->same_data(*other, std::max(piece.start, other->start))) return &*other;
  }
  return nullptr;
}

}  // namespace ashlar::plan
