// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include "activation/target.h"
#include "metadata/model/segment.h"

namespace ashlar::dm {
namespace {

constexpr std::string_view kLinear = "linear";
constexpr std::string_view kStriped = "striped";
constexpr std::string_view kError = "error";
constexpr std::string_view kZero = "zero";

struct Parser {
  std::string_view type;
  std::optional<Params> (*parse)(std::string_view params);
};

template <auto parse>
std::optional<Params> as_params(std::string_view text) {
  auto target = parse(text);
  if (!target) return std::nullopt;
  return Params(*std::move(target));
}

/// Neither has parameters.
template <bool zero>
std::optional<UnbackedTarget> parse_unbacked(std::string_view params) {
  if (!params.empty()) return std::nullopt;
  return UnbackedTarget{zero};
}

constexpr Parser kParsers[] = {{kLinear, as_params<parse_linear>},
                               {kStriped, as_params<parse_striped>},
                               {kError, as_params<parse_unbacked<false>>},
                               {kZero, as_params<parse_unbacked<true>>}};

}  // namespace

std::string_view target_type(const Params& params) {
  return std::visit(
      overloaded{[](const LinearTarget&) { return kLinear; }, [](const StripedTarget&) { return kStriped; },
                 [](const UnbackedTarget& t) { return t.zero ? kZero : kError; },
                 [](const ForeignTarget& t) { return std::string_view(t.type); }},
      params);
}

std::string print_params(const Params& params, const NumberOf& number_of) {
  return std::visit(
      overloaded{[&](const LinearTarget& t) { return print_linear(t, number_of); },
                 [&](const StripedTarget& t) { return print_striped(t, number_of); },
                 [](const UnbackedTarget&) { return std::string(); }, [](const ForeignTarget& t) { return t.params; }},
      params);
}

Params parse_params(std::string_view type, std::string_view params) {
  for (const Parser& parser : kParsers) {
    if (parser.type != type) continue;
    std::optional<Params> parsed = parser.parse(params);
    // Anything the kernel writes in another form than ours is kept word for word, so that printing never changes it.
    if (parsed && print_params(*parsed, [](const std::string&) { return std::string(); }) == params) return *parsed;
  }
  return ForeignTarget{std::string(type), std::string(params)};
}

std::string print_below(const Below& below, const NumberOf& number_of) {
  std::string device = std::visit(overloaded{[](const DevNumber& n) { return fmt::format("{}:{}", n.major, n.minor); },
                                             [&](const std::string& uuid) { return number_of(uuid); }},
                                  below.device);
  return fmt::format("{} {}", device, below.offset.n);
}

std::optional<Below> parse_below(std::string_view device, std::string_view offset) {
  const std::size_t colon = device.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> major = parse_number(device.substr(0, colon));
  const std::optional<std::uint64_t> minor = parse_number(device.substr(colon + 1));
  const std::optional<std::uint64_t> start = parse_number(offset);
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (!major || !minor || !start || *major > kMax || *minor > kMax) return std::nullopt;
  return Below{DevNumber{static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)}, Sectors{*start}};
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::uint64_t> parse_number(std::string_view word) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return n;
}

void locate(Params& params, const std::function<std::optional<DevNumber>(const std::string& uuid)>& number_of) {
  const auto resolve = [&](Below& below) {
    const auto* uuid = std::get_if<std::string>(&below.device);
    if (uuid == nullptr) return;
    if (const std::optional<DevNumber> number = number_of(*uuid)) below.device = *number;
  };
  std::visit(overloaded{[&](LinearTarget& t) { resolve(t.area); },
                        [&](StripedTarget& t) { std::for_each(t.areas.begin(), t.areas.end(), resolve); },
                        [](UnbackedTarget&) {}, [](ForeignTarget&) {}},
             params);
}

}  // namespace ashlar::dm
