// SPDX-License-Identifier: LGPL-2.1-or-later
// The parameters of each target type as text, one target_x.cc per type; table.cc picks the type.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activation/table.h"

namespace ashlar::dm {

using NumberOf = std::function<std::string(const std::string& uuid)>;

std::string print_linear(const LinearTarget& target, const NumberOf& number_of);
std::string print_striped(const StripedTarget& target, const NumberOf& number_of);

/// Nothing if the words are not of the form Ashlar knows.
std::optional<LinearTarget> parse_linear(std::string_view params);
std::optional<StripedTarget> parse_striped(std::string_view params);

/// "254:0 2048"
std::string print_below(const Below& below, const NumberOf& number_of);
/// A device word "MAJOR:MINOR" and an offset word.
std::optional<Below> parse_below(std::string_view device, std::string_view offset);
/// The words between single or repeated blanks.
std::vector<std::string_view> split_words(std::string_view text);
/// A decimal number of at most 64 bits and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view word);

}  // namespace ashlar::dm
