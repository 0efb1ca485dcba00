// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/log.h"

namespace ashlar {

namespace {
constexpr std::size_t kMaxName = 127;
constexpr std::size_t kMaxTag = 1024;

/// Letters, digits and `punctuation`.
constexpr std::array<bool, 256> char_set(std::string_view punctuation) {
  std::array<bool, 256> in{};
  for (char c = 'a'; c <= 'z'; ++c) in[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) in[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) in[static_cast<unsigned char>(c)] = true;
  for (char c : punctuation) in[static_cast<unsigned char>(c)] = true;
  return in;
}
constexpr std::array<bool, 256> kNameChars = char_set("+_.-");
constexpr std::array<bool, 256> kTagChars = char_set("_+.-/=!:&#");

bool all_in(std::string_view text, const std::array<bool, 256>& set) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

constexpr std::string_view kReservedPrefixes[] = {"pvmove", "snapshot"};
constexpr std::string_view kReservedInfixes[] = {"_cdata",  "_cmeta", "_corig",  "_cpool",   "_cvol",   "_wcorig",
                                                 "_mimage", "_mlog",  "_rimage", "_rmeta",   "_tdata",  "_tmeta",
                                                 "_vdata",  "_imeta", "_iorig",  "_pmspare", "_vorigin"};
}  // namespace

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name[0] != '-' && name != "." && name != ".." &&
         all_in(name, kNameChars);
}

Status check_name(std::string_view what, std::string_view name) {
  if (is_valid_name(name)) return ok();
  std::string shown = std::string(what) + " \"" + printable(name.substr(0, 2 * kMaxName)) + "\" is not valid: ";
  if (name.empty()) return Error(Errc::InvalidArgument, shown + "it is empty");
  if (name.size() > kMaxName)
    return Error(Errc::InvalidArgument, shown + std::to_string(name.size()) + " characters, at most 127 are allowed");
  if (name[0] == '-') return Error(Errc::InvalidArgument, shown + "it starts with a hyphen");
  if (name == "." || name == "..") return Error(Errc::InvalidArgument, shown + "it names a directory");
  return Error(Errc::InvalidArgument, shown + "only A-Z a-z 0-9 + _ . - are allowed");
}

Status check_new_lv_name(std::string_view name) {
  TRY(check_name("Logical volume name", name));
  for (std::string_view prefix : kReservedPrefixes) {
    if (name.starts_with(prefix))
      return Error(Errc::InvalidArgument, "Names starting \"" + std::string(prefix) +
                                              "\" are reserved. Please choose a different LV name than \"" +
                                              std::string(name) + "\".");
  }
  for (std::string_view infix : kReservedInfixes) {
    if (name.find(infix) != std::string_view::npos)
      return Error(Errc::InvalidArgument, "Names including \"" + std::string(infix) +
                                              "\" are reserved. Please choose a different LV name than \"" +
                                              std::string(name) + "\".");
  }
  return ok();
}

Status check_tag(std::string_view tag) {
  if (!tag.empty() && tag.size() <= kMaxTag && all_in(tag, kTagChars)) return ok();
  return Error(Errc::InvalidArgument, "Tag \"" + printable(tag.substr(0, 80)) +
                                          "\" is not valid: 1 to 1024 of A-Z a-z 0-9 _ + . - / = ! : & # are allowed");
}

}  // namespace ashlar
