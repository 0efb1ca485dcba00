// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ashlar::text {

namespace {
constexpr unsigned kMaxTabs = 5;
constexpr std::size_t kTab = 8;
constexpr std::size_t kCommentTabs = 6;  // comments line up at column 48 where the text is shorter

/// "4 Megabytes": KiB divided while above 1024, printed as %g.
std::string size_comment(Sectors size) {
  static constexpr std::array<const char*, 6> kUnits = {"Kilobytes", "Megabytes", "Gigabytes",
                                                        "Terabytes", "Petabytes", "Exabytes"};
  double value = static_cast<double>(size.n) / 2;
  std::size_t unit = 0;
  while (value > 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:g} {}", value, kUnits[unit]);
}

std::string scalar_text(const config::Scalar& s) {
  return s.kind == config::Scalar::Kind::String ? config::quoted(s.text) : std::string(s.text);
}

std::string name_text(std::string_view key) {
  return config::is_plain_name(key) ? std::string(key) : config::quoted(key);
}

std::string value_text(config::Node node, const char* separator) {
  std::string value;
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (i != 0) value += separator;
    const config::Scalar scalar = node.at(i);
    value += scalar_text(scalar);
    // A bare word in a list swallows what follows up to white space.
    if (node.is_array() && scalar.kind == config::Scalar::Kind::Bare) value += ' ';
  }
  return node.is_array() ? '[' + value + ']' : value;
}
}  // namespace

void Writer::start() {
  if (form_ == Form::File) out_.append(std::min(depth_, kMaxTabs), '\t');
}

void Writer::line(std::string_view text) {
  start();
  out_ += text;
  out_ += '\n';
}

void Writer::line(std::string_view text, std::string_view comment) {
  start();
  out_ += text;
  if (form_ == Form::File) {
    std::size_t column = (kTab * std::min(depth_, kMaxTabs) + text.size()) / kTab + 1;
    out_ += '\t';
    while (++column < kCommentTabs) out_ += '\t';
    out_ += "# ";
    out_ += comment;
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
  line(fmt::format("{} = {}", key, value));
}
void Writer::number(std::string_view key, std::int64_t value) {
  line(fmt::format("{} = {}", key, value));
}

void Writer::sized(std::string_view key, std::uint64_t value, Sectors size) {
  if (form_ == Form::File)
    line(fmt::format("{} = {}", key, value), size_comment(size));
  else
    number(key, value);
}

void Writer::text(std::string_view key, std::string_view value) {
  start();
  out_ += key;
  out_ += " = ";
  out_ += config::quoted(value);
  out_ += '\n';
}

void Writer::list(std::string_view key, const std::vector<std::string>& values) {
  start();
  out_ += key;
  out_ += " = [";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out_ += ", ";
    out_ += config::quoted(values[i]);
  }
  out_ += "]\n";
}

void Writer::node(config::Node node) {
  if (!node.is_section()) return line(name_text(node.key()) + " = " + value_text(node, ", "));
  open(name_text(node.key()));
  for (config::Node child : node) this->node(child);
  close();
}

void Writer::compact(config::Node node, unsigned tabs) {
  start();
  out_.append(tabs, '\t');
  out_ += name_text(node.key());
  if (!node.is_section()) {
    out_ += '=' + value_text(node, ",") + '\n';
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
  auto document = config::Document::parse(body, "kept keys");
  ASHLAR_REQUIRE(document.ok());  // it was printed by us from a parsed document
  for (config::Node child : document->root()) node(child);
}

}  // namespace ashlar::text
