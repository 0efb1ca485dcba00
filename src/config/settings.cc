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

const Setting& row_of(std::string_view path) {
  if (const Setting* row = find_setting(path)) return *row;
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

/// The one scalar of a setting; that of a list of one as well, as LVM2 has it.
std::optional<Scalar> scalar(Node node) { return node.size() == 1 ? std::optional(node.at(0)) : std::nullopt; }
bool is_text(const Scalar& s) { return s.kind == Scalar::Kind::String || s.kind == Scalar::Kind::Bare; }

/// A node's value as the type of a row, or nothing if it is of another.
std::optional<std::int64_t> as_number(Node node) {
  const auto value = scalar(node);
  return value && value->kind == Scalar::Kind::Integer ? std::optional(value->integer) : std::nullopt;
}
std::optional<std::string_view> as_text(Node node) {
  const auto value = scalar(node);
  return value && is_text(*value) ? std::optional(value->text) : std::nullopt;
}
std::optional<bool> as_flag(Node node) {
  if (const auto number = as_number(node)) return *number != 0;
  const auto word = as_text(node);
  return word ? flag_word(*word) : std::nullopt;
}
StringList as_list(Node node) {
  StringList list;
  for (std::size_t i = 0; i < node.size(); ++i) list.emplace_back(node.at(i).text);
  return list;
}

Node setting_in(const Document& layer, std::string_view path) {
  const Node node = layer.find_path(path);
  return node && !node.is_section() ? node : Node();
}

struct Fits {
  Node node;
  const Setting& row;

  bool operator()(Section) const { return false; }
  bool operator()(bool) const { return as_flag(node).has_value(); }
  bool operator()(std::int64_t) const { return as_number(node).has_value(); }
  bool operator()(std::string_view) const {
    const auto text = as_text(node);
    return text && (!text->empty() || row.is(kMayBeEmpty));
  }
  bool operator()(Words) const {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const Scalar item = node.at(i);
      if (!is_text(item) && !(row.is(kNumbersToo) && item.kind == Scalar::Kind::Integer)) return false;
    }
    return row.is(kMayBeEmpty) || (node.size() > 0 && !(node.size() == 1 && node.at(0).text.empty()));
  }
};

}  // namespace

bool fits(const Setting& row, Node node) { return std::visit(Fits{node, row}, row.initial); }

std::string print_value(const SettingValue& value) {
  struct Printer {
    std::string operator()(Section) const { return "{ }"; }
    std::string operator()(bool flag) const { return flag ? "1" : "0"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(std::string_view text) const { return config::quoted(text); }
    std::string operator()(Words list) const {
      std::string out = "[";
      for (const std::string_view text : list) out += (out.size() > 1 ? ", " : " ") + config::quoted(text);
      return out + (list.empty() ? "]" : " ]");
    }
  };
  return std::visit(Printer{}, value);
}

std::pair<const Document*, Node> Settings::deciding(const Setting& row) const {
  for (const Document& layer : layers_) {
    const Node node = setting_in(layer, row.path);
    if (node && fits(row, node)) return {&layer, node};
  }
  return {};
}

Node Settings::effective(const Setting& row) const { return deciding(row).second; }

template <class T>
T Settings::initial(const Setting& row) const {
  ASHLAR_REQUIRE(std::holds_alternative<T>(row.initial));
  return *std::get_if<T>(&row.initial);
}

bool Settings::flag(std::string_view path) const {
  const Setting& row = row_of(path);
  const bool usual = initial<bool>(row);
  const Node node = effective(row);
  return node ? *as_flag(node) : usual;
}
std::int64_t Settings::number(std::string_view path) const {
  const Setting& row = row_of(path);
  const std::int64_t usual = initial<std::int64_t>(row);
  const Node node = effective(row);
  return node ? *as_number(node) : usual;
}
StringList Settings::list(std::string_view path) const {
  const Setting& row = row_of(path);
  const Words usual = initial<Words>(row);
  const Node node = effective(row);
  return node ? as_list(node) : StringList(usual.begin(), usual.end());
}

std::string Settings::text(std::string_view path) const {
  const Setting& row = row_of(path);
  const std::string_view usual = initial<std::string_view>(row);
  if (const Node node = effective(row)) return std::string(*as_text(node));
  if (!usual.starts_with(kUsualDirectory)) return std::string(usual);
  return directory_ + std::string(usual.substr(kUsualDirectory.size() - 1));
}

bool Settings::is_set(std::string_view path) const {
  const Setting& row = row_of(path);
  return !(row.is(kUnset) || row.is(kDerived)) || effective(row);
}

std::string Settings::where(std::string_view path) const {
  const auto [layer, node] = deciding(row_of(path));
  return layer == nullptr ? std::string() : fmt::format("{}:{}", layer->source(), node.line());
}

std::string Settings::where(std::string_view path, std::size_t i) const {
  const auto [layer, node] = deciding(row_of(path));
  return i >= node.size() ? std::string() : fmt::format("{}:{}", layer->source(), node.line(i));
}

}  // namespace ashlar::config
