// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/mda_ring.h"

#include <fmt/format.h>

namespace ashlar::disk {

namespace {
constexpr Bytes kRingStart{kSectorSize};

std::vector<RingPiece> split(Bytes mda_size, Bytes offset, Bytes size) {
  Bytes to_end = mda_size - offset;
  if (size <= to_end) return {{offset, size}};
  return {{offset, to_end}, {kRingStart, size - to_end}};
}

bool overlap(const std::vector<RingPiece>& a, const std::vector<RingPiece>& b) {
  for (const RingPiece& x : a) {
    for (const RingPiece& y : b) {
      if (x.offset < y.offset + y.length && y.offset < x.offset + x.length) return true;
    }
  }
  return false;
}

/// First sector boundary behind the committed text; the start of the ring when less than a sector is left.
Bytes start_after(Bytes mda_size, const RawLocn& committed) {
  if (committed.empty() || committed.ignored()) return kRingStart;
  RingPiece last = split(mda_size, committed.offset, committed.size).back();
  Bytes last_byte = last.offset + last.length - Bytes{1};
  if (mda_size - last_byte < Bytes{kSectorSize}) return kRingStart;
  Bytes start{round_up(last_byte.n + 1, kSectorSize)};
  return start > mda_size - Bytes{kSectorSize} ? kRingStart : start;
}
}  // namespace

Bytes max_text_size(Bytes mda_size) {
  std::uint64_t half = (mda_size.n - kSectorSize) / 2;
  return {half > kSectorSize ? half - kSectorSize : 0};
}

std::vector<RingPiece> pieces_of(Bytes mda_size, const RawLocn& locn) {
  if (locn.empty()) return {};
  return split(mda_size, locn.offset, locn.size);
}

Result<RingPlace> next_place(Bytes mda_size, const RawLocn& committed, Bytes size) {
  if (size > max_text_size(mda_size))
    return Error(Errc::NoSpace,
                 fmt::format("metadata of {} bytes exceeds the maximum of {} bytes in its area: only removals "
                             "make room in it (pvcreate --metadatasize makes larger areas on PVs that join, "
                             "pvchange --metadataignore y leaves a small one out)",
                             size.n, max_text_size(mda_size).n));
  Bytes offset = start_after(mda_size, committed);
  RingPlace place{offset, size, split(mda_size, offset, size)};
  bool live = !committed.empty() && !committed.ignored();
  if (live && overlap(place.pieces, split(mda_size, committed.offset, committed.size)))
    return Error(Errc::NoSpace,
                 fmt::format("metadata of {} bytes does not fit beside the {} bytes in use", size.n, committed.size.n));
  return place;
}

}  // namespace ashlar::disk
