// SPDX-License-Identifier: LGPL-2.1-or-later
// "striped": COUNT CHUNK then COUNT times DEVICE OFFSET; CHUNK in sectors
#include <fmt/format.h>

#include "activation/target.h"

namespace ashlar::dm {

std::string print_striped(const StripedTarget& target, const NumberOf& number_of) {
  std::string text = fmt::format("{} {}", target.areas.size(), target.chunk.n);
  for (const Below& area : target.areas) text += ' ' + print_below(area, number_of);
  return text;
}

std::optional<StripedTarget> parse_striped(std::string_view params) {
  const std::vector<std::string_view> words = split_words(params);
  if (words.size() < 4 || words.size() % 2 != 0) return std::nullopt;
  const std::optional<std::uint64_t> count = parse_number(words[0]);
  const std::optional<std::uint64_t> chunk = parse_number(words[1]);
  if (!count || !chunk || *count != words.size() / 2 - 1) return std::nullopt;
  StripedTarget target{Sectors{*chunk}, {}};
  target.areas.reserve(words.size() / 2 - 1);
  for (std::size_t i = 2; i < words.size(); i += 2) {
    std::optional<Below> area = parse_below(words[i], words[i + 1]);
    if (!area) return std::nullopt;
    target.areas.push_back(*std::move(area));
  }
  return target;
}

}  // namespace ashlar::dm
