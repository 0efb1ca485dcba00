// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a configuration. The document is walked, which is short, and not the table.
#include <fmt/format.h>

#include <span>

#include "base/log.h"
#include "config/settings_rows.h"

namespace ashlar::config {
namespace {

std::string_view type_name(const Setting& row) {
  struct Name {
    bool may_be_empty;
    std::string_view operator()(Section) const { return "a section"; }
    std::string_view operator()(bool) const { return "a flag (0 or 1)"; }
    std::string_view operator()(std::int64_t) const { return "a whole number"; }
    std::string_view operator()(std::string_view) const {
      return may_be_empty ? "a string in quotes" : "a string in quotes that is not empty";
    }
    std::string_view operator()(Words) const {
      return may_be_empty ? "a list of strings" : "a list of strings that is not empty";
    }
  };
  return std::visit(Name{row.is(kMayBeEmpty)}, row.initial);
}

/// Calls visit(path, row or nullptr, node) for what a document has, but for what is in a section of which all is known.
template <class Visit>
void walk(Node section, const std::string& above, const Visit& visit) {
  for (const Node node : section) {
    const std::string path = above.empty() ? std::string(node.key()) : fmt::format("{}/{}", above, node.key());
    const Setting* row = find_setting(path);
    if (row != nullptr && row->is_section() != node.is_section()) row = nullptr;
    visit(path, row, node);
    if (node.is_section() && row != nullptr && !row->is(kFree)) walk(node, path, visit);
  }
}

/// "lvm.conf:12: backup/backup is a flag (0 or 1)".
std::string type_sentence(const Document& layer, const std::string& path, const Setting& row, Node node) {
  return fmt::format("{}:{}: {} is {}", layer.source(), node.line(), printable(path), type_name(row));
}

/// As it is written, cut to a length that a message bears.
std::string value_of(Node node) {
  std::string value = print_entry(node);
  value = value.substr(value.find('=') + 1, 60);
  if (value.ends_with('\n')) value.pop_back();
  return printable(value);
}

}  // namespace

std::vector<std::string> wrong_types(const Document& layer) {
  std::vector<std::string> sentences;
  walk(layer.root(), "", [&](const std::string& path, const Setting* row, Node node) {
    if (row == nullptr || node.is_section() || fits(*row, node)) return;
    sentences.push_back(
        fmt::format("{}; the value {} is passed over", type_sentence(layer, path, *row, node), value_of(node)));
  });
  return sentences;
}

std::vector<std::string> unknown(const Document& layer) {
  std::vector<std::string> sentences;
  walk(layer.root(), "", [&](const std::string& path, const Setting* row, Node node) {
    if (row != nullptr) return;
    const char* kind = node.is_section() ? "section" : "setting";
    sentences.push_back(fmt::format("{}:{}: there is no {} {}", layer.source(), node.line(), kind, printable(path)));
  });
  return sentences;
}

std::vector<std::string> Settings::check() const {
  std::vector<std::string> sentences;
  for (const Document& layer : layers_)
    for (std::string& sentence : wrong_types(layer)) sentences.push_back(std::move(sentence));
  return sentences;
}

Status Settings::check_strictly() const {
  if (!flag("config/checks") || !flag("config/abort_on_errors")) return ok();
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    std::vector<std::string> sentences = wrong_types(*layer);
    for (std::string& sentence : unknown(*layer)) sentences.push_back(std::move(sentence));
    if (sentences.empty()) continue;
    return Error(layer->source() == "--config" ? Errc::Refused : Errc::Corrupt,
                 sentences.front() +
                     ", and config/abort_on_errors is set: correct it, or add --config "
                     "config/abort_on_errors=0");
  }
  return ok();
}

Status Settings::check_limits() const {
  for (const std::span<const Setting> section : setting_sections()) {
    for (const Setting& row : section) {
      if (!row.is(kLimits)) continue;
      for (const Document& layer : layers_) {
        const Node node = layer.find_path(row.path);
        if (!node || node.is_section()) continue;
        if (fits(row, node)) break;  // what weaker layers say does not count
        const std::string path(row.path);
        return Error(Errc::Refused, fmt::format("{}; with the value {} nothing is used",
                                                type_sentence(layer, path, row, node), value_of(node)));
      }
    }
  }
  return ok();
}

}  // namespace ashlar::config
