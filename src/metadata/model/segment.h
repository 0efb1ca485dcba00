// SPDX-License-Identifier: LGPL-2.1-or-later
// A segment: a run of an LV's extents and what backs it. One struct per type in the variant; a type Ashlar does not
// handle is a Foreign, carried through unchanged. A new alternative does not compile until every std::visit names it;
// docs/architecture.md lists what the compiler does not tell.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/units.h"
#include "base/uuid.h"

namespace ashlar {

/// Helper of std::visit: one lambda per alternative, no catch-all.
template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

/// A run of extents on a PV of the same VG.
struct PvArea {
  Uuid pv;
  Extents start;  ///< first PE
  friend bool operator==(const PvArea&, const PvArea&) = default;
};
/// A run of extents of another (hidden) LV of the same VG, e.g. a pvmove mirror.
struct LvArea {
  std::string lv;
  Extents start;  ///< first LE
  friend bool operator==(const LvArea&, const LvArea&) = default;
};
using Area = std::variant<PvArea, LvArea>;

/// `striped` on disk; linear is the case of one area. Each area holds length / areas.size() extents.
struct Striped {
  Sectors stripe_size;      ///< 0 if and only if there is one area
  std::vector<Area> areas;  ///< 1 .. 128
  friend bool operator==(const Striped&, const Striped&) = default;
};

/// `error` and `zero`: nothing is behind it. Reading fails, or gives zeros; what is written is lost.
struct Unbacked {
  enum class Kind : std::uint8_t { Error, Zero } kind = Kind::Error;
  std::string_view word() const { return kind == Kind::Zero ? "zero" : "error"; }
  friend bool operator==(const Unbacked&, const Unbacked&) = default;
};

/// Any other type. `body` is its keys (all but start_extent, extent_count, type, tags) in the metadata grammar, in
/// order.
struct Foreign {
  std::string type;  ///< as on disk, "+FLAG"s included
  std::string body;
  friend bool operator==(const Foreign&, const Foreign&) = default;
};

struct Segment {
  Extents start;   ///< first LE
  Extents length;  ///< LEs
  std::vector<std::string> tags;
  std::variant<Striped, Foreign, Unbacked> body;
  std::string extra;  ///< unknown keys of a known type, in the metadata grammar
  friend bool operator==(const Segment&, const Segment&) = default;
};

inline constexpr std::size_t kMaxStripes = 128;

}  // namespace ashlar
