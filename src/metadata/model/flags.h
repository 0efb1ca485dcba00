// SPDX-License-Identifier: LGPL-2.1-or-later
// Status words of PVs, VGs and LVs. "status" words must be understood: an unknown one makes the VG read-only here;
// "flags" words are compatible: unknown ones are kept and written back. Source: docs/format.md 3.7.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ashlar {

enum class VgFlag : std::uint32_t {
  Exported = 1 << 0,
  Resizeable = 1 << 1,
  PvMove = 1 << 2,
  Read = 1 << 3,
  Write = 1 << 4,
  Clustered = 1 << 5,
  Shared = 1 << 6,
  WriteLocked = 1 << 7,
  NoAutoActivate = 1 << 8,
};
enum class PvFlag : std::uint32_t { Allocatable = 1 << 0, Exported = 1 << 1, Missing = 1 << 2 };
enum class LvFlag : std::uint32_t {
  Read = 1 << 0,
  Write = 1 << 1,
  FixedMinor = 1 << 2,
  Visible = 1 << 3,
  PvMove = 1 << 4,
  Locked = 1 << 5,
  NotSynced = 1 << 6,
  Rebuild = 1 << 7,
  WriteMostly = 1 << 8,
  WriteLocked = 1 << 9,
  ActivationSkip = 1 << 10,
  NoAutoActivate = 1 << 11,
  ErrorWhenFull = 1 << 12,
  CacheVol = 1 << 13,
};

/// A set of flags plus the words nobody here knows, in the order they were read.
template <class F>
struct FlagSet {
  std::uint32_t bits = 0;
  std::vector<std::string> unknown_status;  ///< not understood: refuse to write
  std::vector<std::string> unknown_flags;   ///< kept and written back

  bool has(F f) const { return (bits & static_cast<std::uint32_t>(f)) != 0; }
  void set(F f, bool on = true) {
    if (on)
      bits |= static_cast<std::uint32_t>(f);
    else
      bits &= ~static_cast<std::uint32_t>(f);
  }
  friend bool operator==(const FlagSet&, const FlagSet&) = default;
};

/// One word of a flag set: where it is written. Order is the order of writing.
struct FlagWord {
  std::uint32_t bit;
  std::string_view word;
  bool compatible;  ///< written in "flags", not in "status"
};
std::span<const FlagWord> flag_words(VgFlag);
std::span<const FlagWord> flag_words(PvFlag);
std::span<const FlagWord> flag_words(LvFlag);

}  // namespace ashlar
