// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace ashlar::report {

namespace {

constexpr double kPercent = 1'000'000;  // one percent, as libdevmapper counts them

/// Nothing that comes from a disk gets at the terminal, the JSON or a shell's quotes.
std::string safe(std::string text) {
  for (char c : text)
    if (c < 0x20 || c > 0x7e) return printable(text);
  return text;
}

/// In one pass: a value may be as long as a disk says.
void replace_all(std::string& text, char what, std::string_view by) {
  std::size_t at = text.find(what);
  if (at == std::string::npos) return;
  std::string replaced;
  for (std::size_t from = 0; from < text.size(); from = at + 1, at = std::min(text.find(what, from), text.size())) {
    replaced.append(text, from, at - from);
    if (at < text.size()) replaced += by;
  }
  text = std::move(replaced);
}

/// As it is to be shown: the engine escapes " in JSON but not \, and nothing in '...'.
std::string shown(std::string text, const Layout& layout) {
  if (layout.json) replace_all(text, '\\', "\\\\");
  if (layout.name_prefixes && layout.quoted) replace_all(text, '\'', "\\x27");
  return text;
}

std::string time_text(std::uint64_t seconds, const std::string& format) {
  auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 256> out;
  if (seconds > std::uint64_t{std::numeric_limits<std::int64_t>::max()} || localtime_r(&when, &parts) == nullptr)
    return fmt::format("{}", seconds);
  return std::string(out.data(), std::strftime(out.data(), out.size(), format.c_str(), &parts));
}

/// `unknown` empty: a question that does not arise, and is not answered with --binary either.
std::string flag_text(const Field& field, std::optional<std::uint64_t> value, std::string unknown, bool binary) {
  if (!value) return binary && !unknown.empty() ? "-1" : unknown;
  if (binary) return *value != 0 ? "1" : "0";
  return *value != 0 ? field.word : "";
}

}  // namespace

Cell make_cell(const Field& field, Value value, const Layout& layout) {
  Cell cell{.text = safe(std::move(value.text)), .number = value.number.value_or(kUndefined)};
  std::string& text = cell.text;
  std::uint64_t n = cell.number;
  switch (field.type) {
    case Type::Text:
      if (value.key) cell.text_key = safe(std::move(*value.key));
      if (layout.json || layout.name_prefixes) {
        if (!cell.text_key) cell.text_key = text;
        text = shown(std::move(text), layout);
      }
      break;
    case Type::Flag:
      text = flag_text(field, value.number, std::move(text), layout.binary);
      break;
    case Type::Number:
      if (value.number && text.empty()) text = fmt::format("{}", n);
      break;
    case Type::Percent:
      if (value.number) text = fmt::format("{:.2f}", static_cast<double>(n) / kPercent);
      break;
    case Type::Size:
      // The engine compares sizes as a number of sectors. One that is not there counts as 0, as in LVM2.
      if (value.number)
        cell.sectors = static_cast<double>(n) / static_cast<double>(kSectorSize);
      else if (!text.empty())
        cell.sectors = kUndefinedSize;
      if (value.number && text.empty()) text = report_size(Bytes{n}, layout.units);
      break;
    case Type::Time:
      cell.number = value.number.value_or(0);
      if (value.number) text = shown(safe(time_text(n, layout.time_format)), layout);
      break;
    case Type::TextList:
      break;
  }
  return cell;
}

std::string shown_item(const std::string& item, const Layout& layout) { return shown(safe(item), layout); }

}  // namespace ashlar::report
