// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/host_tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace ashlar::config {
namespace {

/// Part of a file's name: no more than letters, digits and _ + . - and no dots alone.
bool is_host_tag(std::string_view tag) {
  auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
           c == '.' || c == '-';
  };
  return !tag.empty() && tag.size() <= 128 && tag.front() != '-' && std::ranges::all_of(tag, legal);
}

Status add(std::string_view tag, const Document& file, std::vector<std::string>& tags) {
  if (!is_host_tag(tag))
    return Error(Errc::Corrupt, fmt::format("{}: Invalid tag in config file: {}", file.source(), printable(tag)));
  if (std::ranges::find(tags, tag) == tags.end()) tags.emplace_back(tag);
  return ok();
}

Result<bool> lists(Node section, const std::string& host, const Document& file) {
  Node list = section.find("host_list");
  if (!list) return true;  // every host
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Scalar name = list.at(i);
    if (name.kind != Scalar::Kind::String && name.kind != Scalar::Kind::Bare)
      return Error(Errc::Corrupt, fmt::format("{}:{}: Invalid hostname string for tag {}", file.source(), list.line(),
                                              printable(section.key())));
    if (name.text == host) return true;
  }
  return false;
}

}  // namespace

Status add_host_tags(const Document& file, const std::string& host, std::vector<std::string>& tags) {
  Node section = file.root().section("tags");
  if (!section || host.empty()) return ok();
  const Node of_name = section.find("hosttags");
  if (of_name && of_name.integer().value_or(0) != 0) TRY(add(host, file, tags));
  for (Node node : section) {
    if (!node.is_section()) continue;
    std::string_view tag = node.key();
    if (tag.starts_with('@')) tag.remove_prefix(1);
    if (!is_host_tag(tag)) TRY(add(tag, file, tags));
    if (TRY(lists(node, host, file))) TRY(add(tag, file, tags));
  }
  return ok();
}

}  // namespace ashlar::config
