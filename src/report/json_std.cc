// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/json_std.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace ashlar::report {

namespace {

// Control bytes never stand in a value: the engine's are printable. So these separate without doubt.
constexpr char kBetweenFields = '\x1f', kBetweenItems = '\x1e';

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Digits, perhaps a sign and a fraction.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  std::size_t dot = text.find('.');
  auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return digits(text.substr(0, dot)) && (dot == std::string_view::npos || digits(text.substr(dot + 1)));
}

std::string array(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(kBetweenItems));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    items.push_back(quoted(item));
  }
  return fmt::format("[{}]", fmt::join(items, ","));
}

/// `typed`: sizes are numbers, yes and no are true and false, and what is not there is null; else sizes are words with
/// a unit, and the rest is as in LVM2. `field` null: one that only counts.
std::string json_value(const Field* field, std::string_view text, bool typed) {
  const Type type = field == nullptr || (typed && field->digits) ? Type::Number : field->type;
  if (typed && type != Type::TextList) {
    if (text.empty() || (type == Type::Number && text == "-1")) return "null";
    if (type == Type::Flag) return text == "1" ? "true" : text == "0" ? "false" : "null";
  }
  switch (type) {
    case Type::TextList:
      return array(text);
    case Type::Number:
    case Type::Percent:
    case Type::Flag:
      if (text.empty()) return "null";
      return is_json_number(text) ? std::string(text) : quoted(text);
    case Type::Size:
      return typed && is_json_number(text) ? std::string(text) : quoted(text);
    case Type::Text:
    case Type::Time:
      return quoted(text);
  }
  return "null";
}

/// One line "LVM2_LV_NAME=root<US>LVM2_LV_SIZE=4.00m<US>..." to an object.
std::string json_object(std::string_view line, const std::unordered_map<std::string, const Field*>& fields,
                        bool typed) {
  std::vector<std::string> members;
  while (!line.empty()) {
    std::string_view pair = line.substr(0, line.find(kBetweenFields));
    line.remove_prefix(std::min(line.size(), pair.size() + 1));
    std::size_t equals = std::min(pair.find('='), pair.size());
    std::string id;
    for (char c : pair.substr(0, equals)) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (id.starts_with("lvm2_")) id.erase(0, 5);
    auto field = fields.find(id);
    std::string_view text = pair.substr(std::min(equals + 1, pair.size()));
    members.push_back(quoted(id) + ":" + json_value(field == fields.end() ? nullptr : field->second, text, typed));
  }
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

}  // namespace

Result<std::vector<std::string>> json_std(const Columns& columns, const Options& options, Line line, const Feed& feed) {
  Layout layout;
  layout.separator = std::string(1, kBetweenFields);
  layout.list_separator = std::string(1, kBetweenItems);
  layout.one_list_separator = true;
  layout.time_format = options.time_format;
  layout.now = static_cast<std::int64_t>(options.now);
  layout.units = options.units;
  layout.headings = layout.aligned = layout.quoted = false;
  layout.name_prefixes = layout.binary = true;
  layout.compact = options.compact;
  std::vector<std::string> rows = TRY(run_engine(columns, options.select, line, layout, feed));

  std::unordered_map<std::string, const Field*> fields;
  for (const Field* field : fields_of(line)) fields.emplace(field->id, field);
  std::vector<std::string> out = {"{", "    \"report\": [", "        {",
                                  fmt::format("            \"{}\": [", line_name(line))};
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back("                " + json_object(rows[i], fields, options.json_typed) +
                  (i + 1 < rows.size() ? "," : ""));
  for (const char* closing : {"            ]", "        }", "    ]", "}"}) out.emplace_back(closing);
  return out;
}

}  // namespace ashlar::report
