// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <string_view>

#include "config/document.h"
#include "config/lexer.h"

namespace ashlar::config {
namespace {

void append_scalar(std::string& out, const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::String) {
    append_quoted(out, scalar.text);
  } else {
    out += scalar.text;
  }
}

void append_entry(std::string& out, Node node, std::size_t depth) {
  out.append(depth, '\t');
  out += is_plain_name(node.key()) ? std::string(node.key()) : quoted(node.key());
  if (node.is_section()) {
    out += " {\n";
    for (const Node child : node) append_entry(out, child, depth + 1);
    out.append(depth, '\t');
    out += "}\n";
    return;
  }
  out += node.is_array() ? "=[" : "=";
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Scalar scalar = node.at(i);
    if (i > 0) out += ',';
    append_scalar(out, scalar);
    // A bare word swallows what follows up to white space.
    if (node.is_array() && scalar.kind == Scalar::Kind::Bare) out += ' ';
  }
  out += node.is_array() ? "]\n" : "\n";
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  const auto special = [](char c) { return c == '"' || c == '\\'; };
  // find_first_of() would call the C library for each character.
  const auto plain = std::find_if(text.begin(), text.end(), special);
  out.append(text.begin(), plain);
  for (auto c = plain; c != text.end(); ++c) {
    if (special(*c)) out += '\\';
    out += *c;
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string print_entry(Node node) {
  std::string out;
  append_entry(out, node, 0);
  return out;
}

std::string print(Node node) {
  if (!node.is_section()) return print_entry(node);
  std::string out;
  for (const Node child : node) append_entry(out, child, 0);
  return out;
}

}  // namespace ashlar::config
