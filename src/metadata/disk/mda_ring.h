// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the next copy of the text goes in a metadata area: pure arithmetic. The area is a header sector and a ring;
// a copy starts on a sector boundary behind the committed one and may wrap once to offset 512. Offsets are from the
// start of the area. Source: docs/format.md 2.3, 2.4.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "metadata/disk/mda_header.h"

namespace ashlar::disk {

/// Largest text (with its NUL) that always leaves room for its successor: (size - 512) / 2 - 512.
Bytes max_text_size(Bytes mda_size);

/// Bytes to write at one offset.
struct RingPiece {
  Bytes offset, length;
  friend bool operator==(const RingPiece&, const RingPiece&) = default;
};

/// A place for `size` bytes: one piece, or two when it wraps.
struct RingPlace {
  Bytes offset, size;
  std::vector<RingPiece> pieces;  ///< without padding
};

/// Errc::NoSpace if the text is larger than max_text_size, or would overlap the committed text.
Result<RingPlace> next_place(Bytes mda_size, const RawLocn& committed, Bytes size);

/// The pieces that a committed text occupies.
std::vector<RingPiece> pieces_of(Bytes mda_size, const RawLocn& locn);

}  // namespace ashlar::disk
