// SPDX-License-Identifier: LGPL-2.1-or-later
// Typed values of one section, with messages that say where. Used by the readers of this folder.
#pragma once

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/uuid.h"
#include "config/document.h"
#include "metadata/model/flags.h"

namespace ashlar::text {

/// A name or word from a text, for a message.
inline std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 128;
  return printable(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "");
}

inline Error bad_value(const std::string& where, config::Node node, const char* expected) {
  return Error(Errc::Corrupt,
               fmt::format("{}: {} in line {} is not {}", where, shown(node.key()), node.line(), expected));
}

inline Error missing_key(const std::string& where, config::Node section, const char* key) {
  return Error(Errc::Corrupt, fmt::format("{}: {} is missing in the section of line {}", where, key, section.line()));
}

/// A whole number between 0 and max.
inline Result<std::uint64_t> read_number(const std::string& where, config::Node node,
                                         std::uint64_t max = std::numeric_limits<std::int64_t>::max()) {
  auto n = node.unsigned_integer();
  if (!n || *n > max) return bad_value(where, node, "a whole number in range");
  return *n;
}
inline Result<std::uint32_t> read_u32(const std::string& where, config::Node node) {
  return static_cast<std::uint32_t>(TRY(read_number(where, node, std::numeric_limits<std::uint32_t>::max())));
}
inline Result<std::int32_t> read_i32(const std::string& where, config::Node node) {
  auto n = node.integer();
  if (!n || *n < std::numeric_limits<std::int32_t>::min() || *n > std::numeric_limits<std::int32_t>::max())
    return bad_value(where, node, "a number in range");
  return static_cast<std::int32_t>(*n);
}
inline Result<std::string> read_string(const std::string& where, config::Node node) {
  auto s = node.string();
  if (!s) return bad_value(where, node, "a string");
  return std::string(*s);
}
inline Result<Uuid> read_uuid(const std::string& where, config::Node node) {
  auto s = node.string();
  auto id = s ? parse_uuid(*s) : std::nullopt;
  if (!id) return bad_value(where, node, "a UUID");
  return *id;
}

/// Strings of an array, or of a single string.
inline Result<std::vector<std::string>> read_strings(const std::string& where, config::Node node) {
  std::vector<std::string> out;
  if (node.is_section()) return bad_value(where, node, "a list of strings");
  out.reserve(node.size());
  for (std::size_t i = 0; i < node.size(); ++i) {
    const config::Scalar& s = node.at(i);
    if (s.kind != config::Scalar::Kind::String && s.kind != config::Scalar::Kind::Bare)
      return bad_value(where, node, "a list of strings");
    out.emplace_back(s.text);
  }
  return out;
}

/// Words of "status" or "flags"; a word is accepted in either, as LVM2 does.
template <class F>
Status read_flags(const std::string& where, config::Node node, bool compatible, FlagSet<F>& into) {
  if (node.is_section()) return bad_value(where, node, "a list of strings");
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (const config::Scalar::Kind kind = node.at(i).kind;
        kind != config::Scalar::Kind::String && kind != config::Scalar::Kind::Bare)
      return bad_value(where, node, "a list of strings");
    std::string_view word = node.at(i).text;
    bool known = false;
    for (const FlagWord& w : flag_words(F{})) {
      if (w.word != word) continue;
      into.bits |= w.bit;
      known = true;
      break;
    }
    if (!known) (compatible ? into.unknown_flags : into.unknown_status).emplace_back(word);
  }
  return ok();
}

}  // namespace ashlar::text
