// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <iterator>

namespace ashlar::text {

namespace {
constexpr unsigned kMaxTabs = 5;
constexpr std::size_t kTab = 8;
constexpr std::string_view kEquals = " = ";  // its length is known, other than a literal's
constexpr std::size_t kCommentTabs = 6;      // comments line up at column 48 where the text is shorter

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

/// "4 Megabytes": KiB divided while above 1024, printed as %g.
void append_size(std::string& out, Sectors size) {
  static constexpr std::array<std::string_view, 6> kUnits = {" Kilobytes", " Megabytes", " Gigabytes",
                                                             " Terabytes", " Petabytes", " Exabytes"};
  constexpr std::uint64_t kShort = 1'000'000;  // %g prints as many digits as a whole number of this size has
  double value = static_cast<double>(size.n) / 2;
  std::size_t unit = 0;
  while (value > 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  if (auto whole = static_cast<std::uint64_t>(value); whole < kShort && static_cast<double>(whole) == value)
    append_number(out, whole);
  else
    fmt::format_to(std::back_inserter(out), "{:g}", value);
  out += kUnits[unit];
}

void append_name(std::string& out, std::string_view key) {
  if (config::is_plain_name(key))
    out += key;
  else
    config::append_quoted(out, key);
}

void append_value(std::string& out, config::Node node, std::string_view separator) {
  if (node.is_array()) out += '[';
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (i != 0) out += separator;
    const config::Scalar scalar = node.at(i);
    if (scalar.kind == config::Scalar::Kind::String)
      config::append_quoted(out, scalar.text);
    else
      out += scalar.text;
    // A bare word in a list swallows what follows up to white space.
    if (node.is_array() && scalar.kind == config::Scalar::Kind::Bare) out += ' ';
  }
  if (node.is_array()) out += ']';
}
}  // namespace

/// Returns where the line's own text begins.
std::size_t Writer::start() {
  constexpr std::string_view kTabs = "\t\t\t\t\t";
  static_assert(kTabs.size() == kMaxTabs);
  if (form_ == Form::File) out_ += kTabs.substr(0, depth_);
  return out_.size();
}

/// "key = "; returns where the line's own text begins.
std::size_t Writer::start(std::string_view key) {
  const std::size_t begin = start();
  out_ += key;
  out_ += kEquals;
  return begin;
}

void Writer::line(std::string_view text) {
  start();
  out_ += text;
  out_ += '\n';
}

void Writer::line(std::string_view text, std::string_view comment) {
  const std::size_t begin = start();
  out_ += text;
  end(begin, [&] { out_ += comment; });
}

/// The end of the line that begins at `begin` of the output, with its comment in File form.
template <class Comment>
void Writer::end(std::size_t begin, Comment comment) {
  if (form_ == Form::File) {
    const std::size_t tabs = std::min(depth_, kMaxTabs);
    std::size_t column = (kTab * tabs + (out_.size() - begin)) / kTab + 1;
    out_ += '\t';
    while (++column < kCommentTabs) out_ += '\t';
    out_ += "# ";
    comment();
  }
  out_ += '\n';
}

void Writer::open(std::string_view name) {
  start();
  out_ += name;
  out_ += " {\n";
  ++depth_;
}

void Writer::close() {
  --depth_;
  line("}");
}

void Writer::number(std::string_view key, std::uint64_t value) {
  start(key);
  append_number(out_, value);
  out_ += '\n';
}
void Writer::number(std::string_view key, std::int64_t value) { line(fmt::format("{} = {}", key, value)); }

void Writer::sized(std::string_view key, std::uint64_t value, Sectors size) {
  const std::size_t begin = start(key);
  append_number(out_, value);
  end(begin, [&] { append_size(out_, size); });
}

void Writer::time(std::string_view key, std::uint64_t seconds) {
  const std::size_t begin = start(key);
  append_number(out_, seconds);
  end(begin, [&] { append_time(seconds); });
}

/// "2026-11-22 08:00:59 +0000". Zones change at whole quarters of an hour, and LVs are made many at a time: what the C
/// library says of one quarter serves all that fall into it.
void Writer::append_time(std::uint64_t seconds) {
  constexpr std::uint64_t kQuarter = 900;
  if (quarter_.number != seconds / kQuarter || quarter_.date.empty()) {
    auto t = static_cast<std::time_t>(seconds / kQuarter * kQuarter);
    std::tm tm{};
    if (::localtime_r(&t, &tm) == nullptr || tm.tm_sec != 0 || tm.tm_min % 15 != 0) {
      t = static_cast<std::time_t>(seconds);  // a zone with seconds, or a year that does not fit
      std::array<char, 64> text;
      if (::localtime_r(&t, &tm) == nullptr)
        append_number(out_, seconds);
      else
        out_.append(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %T %z", &tm));
      return;
    }
    std::array<char, 64> date, zone;
    quarter_ = {seconds / kQuarter,
                static_cast<unsigned>(tm.tm_min),
                {date.data(), std::strftime(date.data(), date.size(), "%Y-%m-%d %H:", &tm)},
                {zone.data(), std::strftime(zone.data(), zone.size(), " %z", &tm)}};
  }
  const auto within = static_cast<unsigned>(seconds % kQuarter);
  const unsigned minute = quarter_.minute + within / 60, second = within % 60;
  out_ += quarter_.date;
  for (unsigned digit : {minute / 10, minute % 10, 10u, second / 10, second % 10})
    out_ += digit == 10u ? ':' : static_cast<char>('0' + digit);
  out_ += quarter_.zone;
}

void Writer::id(const Uuid& id) {
  start("id");
  out_ += '"';
  id.append_dashed(out_);
  out_ += "\"\n";
}

void Writer::text(std::string_view key, std::string_view value) {
  start(key);
  config::append_quoted(out_, value);
  out_ += '\n';
}

void Writer::area(std::string_view name, std::uint64_t start_extent, bool last) {
  start();
  config::append_quoted(out_, name);
  out_ += ", ";
  append_number(out_, start_extent);
  out_ += last ? "\n" : ",\n";
}

void Writer::list(std::string_view key, const std::vector<std::string>& values) {
  open_list(key);
  for (const std::string& value : values) listed(value);
  close_list();
}

void Writer::open_list(std::string_view key) {
  start(key);
  out_ += '[';
}

void Writer::listed(std::string_view word) {
  if (out_.back() != '[') out_ += ", ";
  config::append_quoted(out_, word);
}

void Writer::close_list() { out_ += "]\n"; }

void Writer::node(config::Node node) {
  start();
  append_name(out_, node.key());
  if (!node.is_section()) {
    out_ += kEquals;
    append_value(out_, node, ", ");
    out_ += '\n';
    return;
  }
  out_ += " {\n";
  ++depth_;
  for (config::Node child : node) this->node(child);
  close();
}

void Writer::compact(config::Node node, unsigned tabs) {
  start();
  out_.append(tabs, '\t');
  append_name(out_, node.key());
  if (!node.is_section()) {
    out_ += '=';
    append_value(out_, node, ",");
    out_ += '\n';
    return;
  }
  out_ += " {\n";
  for (config::Node child : node) compact(child, tabs + 1);
  start();
  out_.append(tabs, '\t');
  out_ += "}\n";
}

void Writer::kept(const std::string& body) {
  if (body.empty()) return;
  auto document = config::Document::view(body, "kept keys");
  ASHLAR_REQUIRE(document.ok());  // it was printed by us from a parsed document
  for (config::Node child : document->root()) node(child);
}

}  // namespace ashlar::text
