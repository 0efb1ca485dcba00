// SPDX-License-Identifier: LGPL-2.1-or-later
// "linear": DEVICE OFFSET
#include "activation/target.h"

namespace ashlar::dm {

std::string print_linear(const LinearTarget& target, const NumberOf& number_of) {
  return print_below(target.area, number_of);
}

std::optional<LinearTarget> parse_linear(std::string_view params) {
  const std::vector<std::string_view> words = split_words(params);
  if (words.size() != 2) return std::nullopt;
  std::optional<Below> area = parse_below(words[0], words[1]);
  if (!area) return std::nullopt;
  return LinearTarget{*std::move(area)};
}

}  // namespace ashlar::dm
