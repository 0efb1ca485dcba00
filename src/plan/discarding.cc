// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/discarding.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/log.h"
#include "plan/undo_common.h"

namespace ashlar::plan {

namespace {
Claims as_claims(const std::vector<Piece>& pieces) {
  Claims claims;
  for (const Piece& piece : pieces) {
    Claim claim = *piece.claim;
    claim.first_le = piece.claim->le_of(piece.start);
    claim.start = piece.start;
    claim.length = piece.length;
    claims[piece.pv].push_back(std::move(claim));
  }
  return claims;
}

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

/// Does a command line, as LVM2 and Ashlar keep it, set devices/issue_discards to something else than 0?
bool asks_for_discards(std::string_view command) {
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
    if (!off) return true;
  }
  return false;
}
}  // namespace

void look_for_discards(const History& history, const Version& from, const std::vector<Piece>& back,
                       const Circumstances& circumstances, Doubts& doubts) {
  if (circumstances.discards)
    doubts.grave.emplace_back(
        "devices/issue_discards is on: the extents that come back were given up, and may have been discarded then");
  for (const Version* v : givers(history, from, back)) {
    if (asks_for_discards(v->command))
      doubts.grave.push_back(
          fmt::format("extents that come back were given up at seqno {}{}: they may have been discarded then",
                      v->vg.seqno, made_by(*v)));
    else if (v->command.empty())
      doubts.mild.push_back(
          fmt::format("which command made seqno {}, where extents that come back were given up, is not known: it may "
                      "have discarded them",
                      v->vg.seqno));
    else if (!circumstances.host.empty() && v->host != circumstances.host)
      doubts.mild.push_back(
          fmt::format("extents that come back were given up at seqno {} {}, and whether devices/issue_discards was on "
                      "there is not known",
                      v->vg.seqno, v->host.empty() ? "on a host that is not known" : "on host " + printable(v->host)));
  }
}

}  // namespace ashlar::plan
