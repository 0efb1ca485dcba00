// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/discarding.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/log.h"
#include "plan/undo_common.h"

namespace ashlar::plan {

namespace {
/// How many of the extents do not hold in `vg` what they are to hold.
std::uint64_t lacking(const Claims& claims, const VolumeGroup& vg) {
  std::uint64_t count = 0;
  for (const Piece& piece : not_in(claims, claims_of(vg))) count += piece.length.n;
  return count;
}

/// The versions that gave some of them up.
std::vector<const Version*> givers(const History& history, const Version& from, const std::vector<Piece>& back) {
  const Claims claims = as_claims(back);
  std::vector<const Version*> found;
  std::uint64_t before = 0;
  for (const Version& v : history.versions) {
    if (!v.counts() || v.vg.seqno <= from.vg.seqno) continue;
    const std::uint64_t lacks = lacking(claims, v.vg);
    if (lacks > before) found.push_back(&v);
    before = lacks;
  }
  return found;
}

/// What a command line, as LVM2 and Ashlar keep it, sets devices/issue_discards to, as far as it does.
std::optional<bool> asks_for_discards(std::string_view command) {
  std::optional<bool> asks;
  constexpr std::string_view kSetting = "issue_discards";
  for (std::size_t at = command.find(kSetting); at != std::string_view::npos; at = command.find(kSetting, at)) {
    at += kSetting.size();
    std::string_view rest = command.substr(at);
    auto skip_blanks = [&] { rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size())); };
    skip_blanks();
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    skip_blanks();
    const bool off = rest.starts_with('0') &&
                     (rest.size() == 1 || std::string_view(" \t'\"};").find(rest[1]) != std::string_view::npos);
    asks = asks.value_or(false) || !off;
  }
  return asks;
}
}  // namespace

void look_for_discards(const History& history, const Version& from, const std::vector<Piece>& back,
                       const Circumstances& circumstances, Doubts& doubts) {
  for (const Version* v : givers(history, from, back)) {
    const std::string where = fmt::format("at seqno {}{}", v->vg.seqno, made_by(*v));
    const std::optional<bool> asked = v->discarded ? v->discarded : asks_for_discards(v->command);
    if (asked == false) continue;
    if (v->discarded)
      doubts.grave.push_back(fmt::format("extents that come back were given up and discarded {}", where));
    else if (asked)
      doubts.grave.push_back(
          fmt::format("extents that come back were given up {}: they may have been discarded then", where));
    else if (circumstances.discards)
      doubts.grave.push_back(fmt::format(
          "devices/issue_discards is on: extents that come back were given up {}, and may have been discarded then",
          where));
    else
      doubts.mild.push_back(
          fmt::format("whether devices/issue_discards was on where extents that come back were given "
                      "up, {}, is not known",
                      where));
  }
}

}  // namespace ashlar::plan
