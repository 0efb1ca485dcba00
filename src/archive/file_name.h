// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of archive files, VG_NNNNN-RANDOM.vg. Source: docs/format.md 5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashlar::archive {

/// What a name says. `tail` is the part between "VG_" and ".vg": the index, and mostly a hyphen and a random number.
struct ParsedName {
  std::string_view vg_name;
  std::uint32_t index = 0;
  std::string_view tail;
};

/// At least five digits of index, then the random part.
std::string archive_name(std::string_view vg_name, std::uint32_t index, std::uint32_t random);
std::string archive_name(std::string_view vg_name, std::string_view tail);

/// The last index there is: so many changes no VG has seen. A file with a larger one is a stray that nobody wrote for
/// an archive, and must not be what the next ones are counted from.
inline constexpr std::uint32_t kLastIndex = 999'999'999;

/// Reads a file's name; nothing if it is no archive's. The VG's name ends at the last underscore, for it may contain
/// some itself. The index is decimal, of any width, and at most kLastIndex. The views are into `name`.
std::optional<ParsedName> parse_archive_name(std::string_view name);

/// The index that a tail begins with; nothing if no archive's name has this tail.
std::optional<std::uint32_t> index_of_tail(std::string_view tail);

}  // namespace ashlar::archive
