// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts that still lie in the ring of a metadata area: the committed one and those from before it, which nobody has
// written over yet. Nothing is known of an old text but what it says itself. Source: docs/format.md 2.3, 2.4.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/units.h"

namespace ashlar::text {

/// One text of the ring, from its place in the area (bytes from the area's start) on, without its NUL.
/// Returns whether it is whole: then nothing else is looked for in the bytes that it takes.
using TakeText = std::function<bool(Bytes at, const std::string& text)>;

/// Offers every run of bytes that may be a text: it starts on a sector as a VG's text does, ends in a NUL, perhaps
/// behind the ring's end and its start, and is no longer than a text can be. `area`: the whole area, its header sector
/// included. `begins`: looked for in the first sector of each, so that texts of others cost nothing; empty: all are
/// offered. The work is bounded by a small multiple of the area's size, whatever is in it; false if that kept it from
/// looking at all.
bool search_ring(std::span<const std::byte> area, std::string_view begins, const TakeText& take);

}  // namespace ashlar::text
