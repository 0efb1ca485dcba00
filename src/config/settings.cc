// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings.h"

#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <optional>
#include <string>

#include "base/log.h"
#include "config/settings_rows.h"

namespace ashlar::config {
namespace {

/// Where the rows say the configuration lives; Settings puts its own directory in this place.
constexpr std::string_view kUsualDirectory = "/etc/lvm/";

std::vector<Setting> make_rows() {
  std::vector<Setting> rows;
  add_device_rows(rows);
  add_metadata_rows(rows);
  add_global_rows(rows);
  add_activation_rows(rows);
  add_report_rows(rows);
  return rows;
}

const Setting& row_of(std::string_view path) {
  for (const Setting& row : all_settings()) {
    if (row.path == path) return row;
  }
  broken_invariant(__FILE__, __LINE__, ("no such setting: " + std::string(path)).c_str());
}

std::optional<bool> flag_word(std::string_view word) {
  constexpr std::array<const char*, 4> kYes = {"y", "yes", "on", "true"};
  constexpr std::array<const char*, 4> kNo = {"n", "no", "off", "false"};
  const std::string text(word);
  for (const char* yes : kYes) {
    if (strcasecmp(text.c_str(), yes) == 0) return true;
  }
  for (const char* no : kNo) {
    if (strcasecmp(text.c_str(), no) == 0) return false;
  }
  return std::nullopt;
}

/// A node's value as the type of a row, or nothing if it is of another.
template <class T>
std::optional<T> as(Node node);

template <>
std::optional<bool> as<bool>(Node node) {
  if (const auto number = node.integer()) return *number != 0;
  const auto word = node.string();
  return word ? flag_word(*word) : std::nullopt;
}
template <>
std::optional<std::int64_t> as<std::int64_t>(Node node) {
  return node.integer();
}
template <>
std::optional<double> as<double>(Node node) {
  if (node.size() != 1 || node.is_array()) return std::nullopt;
  const Scalar scalar = node.at(0);
  if (scalar.kind == Scalar::Kind::Integer) return static_cast<double>(scalar.integer);
  return scalar.kind == Scalar::Kind::Float ? std::optional(scalar.real) : std::nullopt;
}
template <>
std::optional<std::string> as<std::string>(Node node) {
  const auto text = node.string();
  return text ? std::optional(std::string(*text)) : std::nullopt;
}
template <>
std::optional<StringList> as<StringList>(Node node) {
  StringList list;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Scalar scalar = node.at(i);
    if (scalar.kind != Scalar::Kind::String && scalar.kind != Scalar::Kind::Bare) return std::nullopt;
    list.emplace_back(scalar.text);
  }
  return list;
}

Node setting_in(const Document& layer, std::string_view path) {
  const Node node = layer.find_path(path);
  return node && !node.is_section() ? node : Node();
}

bool fits(const Setting& row, Node node) {
  return std::visit([&]<class T>(const T&) { return as<T>(node).has_value(); }, row.initial);
}

std::string_view type_name(const SettingValue& value) {
  constexpr std::array<std::string_view, 5> kNames = {"a flag (0 or 1)", "a whole number", "a number",
                                                      "a string in quotes", "a list of strings"};
  static_assert(kNames.size() == std::variant_size_v<SettingValue>);
  return kNames[value.index()];
}

}  // namespace

std::span<const Setting> all_settings() {
  static const std::vector<Setting> rows = make_rows();
  return rows;
}

std::string print_value(const SettingValue& value) {
  struct Printer {
    std::string operator()(bool flag) const { return flag ? "1" : "0"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return fmt::format("{:f}", number); }
    std::string operator()(const std::string& text) const { return config::quoted(text); }
    std::string operator()(const StringList& list) const {
      std::string out = "[";
      for (const std::string& text : list) out += (out.size() > 1 ? ", " : " ") + config::quoted(text);
      return out + (list.empty() ? "]" : " ]");
    }
  };
  return std::visit(Printer{}, value);
}

Node Settings::effective(const Setting& row) const {
  for (const Document& layer : layers_) {
    const Node node = setting_in(layer, row.path);
    if (node && fits(row, node)) return node;
  }
  return {};
}

template <class T>
T Settings::get(const Setting& row) const {
  ASHLAR_REQUIRE(std::holds_alternative<T>(row.initial));
  const Node node = effective(row);
  return node ? *as<T>(node) : *std::get_if<T>(&row.initial);
}

bool Settings::flag(std::string_view path) const {
  return get<bool>(row_of(path));
}
std::int64_t Settings::number(std::string_view path) const {
  return get<std::int64_t>(row_of(path));
}
StringList Settings::list(std::string_view path) const {
  return get<StringList>(row_of(path));
}

std::string Settings::text(std::string_view path) const {
  const Setting& row = row_of(path);
  std::string value = get<std::string>(row);
  if (!value.starts_with(kUsualDirectory) || effective(row)) return value;
  return directory_ + value.substr(kUsualDirectory.size() - 1);
}

bool Settings::is_set(std::string_view path) const {
  const Setting& row = row_of(path);
  return row.defined_by_default || effective(row);
}

std::string Settings::where(std::string_view path) const {
  const Setting& row = row_of(path);
  for (const Document& layer : layers_) {
    const Node node = setting_in(layer, row.path);
    if (node && fits(row, node)) return fmt::format("{}:{}", layer.source(), node.line());
  }
  return {};
}

std::vector<std::string> wrong_types(const Document& layer) {
  std::vector<std::string> sentences;
  for (const Setting& row : all_settings()) {
    const Node node = setting_in(layer, row.path);
    if (!node || fits(row, node)) continue;
    std::string value = print_entry(node);
    value = value.substr(value.find('=') + 1, 60);
    if (value.ends_with('\n')) value.pop_back();
    sentences.push_back(fmt::format("{}:{}: {} is {}; the value {} is passed over", layer.source(), node.line(), row.path,
                                    type_name(row.initial), printable(value)));
  }
  return sentences;
}

std::vector<std::string> Settings::check() const {
  std::vector<std::string> sentences;
  for (const Document& layer : layers_)
    for (std::string& sentence : wrong_types(layer)) sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace ashlar::config
