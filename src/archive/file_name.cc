// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/file_name.h"

#include <fmt/format.h>

#include <charconv>

#include "base/names.h"

namespace ashlar::archive {

namespace {
constexpr std::string_view kSuffix = ".vg";
constexpr std::size_t kShortest = 7;
}  // namespace

std::string archive_name(std::string_view vg_name, std::uint32_t index, std::uint32_t random) {
  return fmt::format("{}_{:05}-{}{}", vg_name, index, random, kSuffix);
}

std::string archive_name(std::string_view vg_name, std::string_view tail) {
  return fmt::format("{}_{}{}", vg_name, tail, kSuffix);
}

std::optional<std::uint32_t> index_of_tail(std::string_view tail) {
  std::uint32_t index = 0;
  const char* end = tail.data() + tail.size();
  auto [rest, error] = std::from_chars(tail.data(), end, index);
  if (error != std::errc() || (rest != end && *rest != '-')) return std::nullopt;
  if (index > kLastIndex || tail.find_first_of("_/") != std::string_view::npos) return std::nullopt;
  return index;
}

std::optional<ParsedName> parse_archive_name(std::string_view name) {
  if (name.size() < kShortest || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const std::size_t underscore = name.rfind('_');
  if (underscore == std::string_view::npos) return std::nullopt;

  const std::string_view vg_name = name.substr(0, underscore), tail = name.substr(underscore + 1);
  const std::optional<std::uint32_t> index = index_of_tail(tail);
  if (!index || !is_valid_name(vg_name)) return std::nullopt;
  return ParsedName{vg_name, *index, tail};
}

}  // namespace ashlar::archive
