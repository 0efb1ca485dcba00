// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <string_view>

#include "config/document.h"
#include "config/lexer.h"

namespace ashlar::config {
namespace {

using config::append_quoted;

/// How long something is that is printed: what may be large is not copied while it grows.
struct Length {
  std::size_t n = 0;
  void append(std::size_t count, char) { n += count; }
  void operator+=(std::string_view text) { n += text.size(); }
  void operator+=(char) { ++n; }
};

void append_quoted(Length& out, std::string_view text) {
  const auto escaped = std::count_if(text.begin(), text.end(), [](char c) { return c == '"' || c == '\\'; });
  out.n += text.size() + 2 + static_cast<std::size_t>(escaped);
}

template <class Out>
void append_scalar(Out& out, const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::String) {
    append_quoted(out, scalar.text);
  } else {
    out += scalar.text;
  }
}

template <class Out>
void append_entry(Out& out, Node node, std::size_t depth) {
  out.append(depth, '\t');
  if (is_plain_name(node.key()))
    out += node.key();
  else
    append_quoted(out, node.key());
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

void append_printed(std::string& out, Node node) {
  Length length;
  append_entry(length, node, 0);
  out.reserve(out.size() + length.n);
  append_entry(out, node, 0);
}

std::string print_entry(Node node) {
  std::string out;
  append_printed(out, node);
  return out;
}

std::string print(Node node) {
  if (!node.is_section()) return print_entry(node);
  std::string out;
  for (const Node child : node) append_entry(out, child, 0);
  return out;
}

}  // namespace ashlar::config
