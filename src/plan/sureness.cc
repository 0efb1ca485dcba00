// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/sureness.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "plan/discarding.h"
#include "plan/undo_common.h"
#include "plan/written_since.h"

namespace ashlar::plan {

namespace {
using Standing = Version::Standing;

std::string runs_text(const std::vector<SeqnoRun>& runs) {
  std::vector<std::string> words;
  for (const SeqnoRun& run : runs)
    words.push_back(run.first == run.last ? fmt::format("{}", run.first) : fmt::format("{}-{}", run.first, run.last));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Numbers that no known version has.
void look_for_gaps(const History& history, const Version& from, Doubts& doubts) {
  const Version& now = *history.current();
  if (auto unknown = unknown_between(history, from.vg.seqno, now.vg.seqno); !unknown.empty())
    doubts.grave.push_back(
        fmt::format("between seqno {} and the current {} these versions are unknown: {}: what they used cannot be told",
                    from.vg.seqno, now.vg.seqno, runs_text(unknown)));
  for (const Version& v : history.versions) {
    if (!v.counts() || v.skipped == 0 || v.vg.seqno <= from.vg.seqno) continue;
    for (const Uuid& pv : v.away) {
      // A text of a number in between would lie behind the older one in the area.
      if (history.area_of(pv).oldest < v.vg.seqno) continue;
      doubts.grave.push_back(fmt::format(
          "seqno {0} was written while {1} was missing: {1} may have held a version before it that no other "
          "PV has, and what that used cannot be told",
          v.vg.seqno, pv_name(now.vg, pv)));
    }
  }
}

/// The first version from `from` on of which nothing but its number says that the next one came of it, or null.
const Version* untied(const History& history, const Version& from) {
  for (const Version& v : history.versions) {
    if (v.counts() && v.vg.seqno >= from.vg.seqno && v.tie != Version::Tie::Proven) return &v;
  }
  return nullptr;
}

/// Why `from` may be of another history of the VG than the one that led to the current version.
void look_for_other_histories(const History& history, const Version& from, Doubts& doubts) {
  const Version* loose = untied(history, from);
  if (loose == nullptr) return;
  for (const Version& v : history.versions) {
    if (!v.counts() || v.vg.seqno < from.vg.seqno || v.tie != Version::Tie::Contradicted) continue;
    doubts.grave.push_back(
        fmt::format("seqno {} may be of another history of VG {}: by its archive another command was to make seqno {} "
                    "than the one that made it: what was used "
                    "since cannot be told",
                    v.vg.seqno, history.current()->vg.name, v.vg.seqno + 1));
    return;
  }
  auto other = std::find_if(history.versions.begin(), history.versions.end(),
                            [](const Version& v) { return v.standing == Standing::Elsewhere; });
  if (other == history.versions.end())
    doubts.mild.push_back(fmt::format("only their numbers tie seqno {} to what followed", loose->vg.seqno));
  else
    doubts.grave.push_back(fmt::format(
        "seqno {} may be of another history of VG {}: of seqno {} the disks hold another text than {}: what was used "
        "since cannot be told",
        loose->vg.seqno, history.current()->vg.name, other->vg.seqno, printable(other->places.front().name)));
}

/// A PV made anew under its old id, or another disk under that id, has in its area only what was written since.
void look_at_areas(const History& history, const Version& from, const std::vector<Uuid>& pvs, Doubts& doubts) {
  for (const Uuid& pv : pvs) {
    const AreaTells area = history.area_of(pv);
    if (area.since <= from.vg.seqno) continue;
    const std::string name = pv_name(history.current()->vg, pv);
    doubts.mild.push_back(area.since == AreaTells::kNothing
                              ? fmt::format("no metadata area of {0} tells of that time: if {0} was made anew since "
                                            "under its old id (pvcreate --uuid), the data on it is gone",
                                            name)
                              : fmt::format("the metadata area of {0} tells of the time since seqno {1} only: if {0} "
                                            "was made anew before under its old id (pvcreate --uuid), the data "
                                            "on it is gone",
                                            name, area.since));
  }
}

void look_at_texts(const History& history, const Version& from, Doubts& doubts) {
  for (const Version& v : history.versions) {
    const std::string doubt = fmt::format("several texts say that they are seqno {}", v.vg.seqno);
    const bool between = v.vg.seqno > from.vg.seqno && v.vg.seqno < history.current()->vg.seqno;
    if (v.standing == Standing::Disputed && between && (doubts.mild.empty() || doubts.mild.back() != doubt))
      doubts.mild.push_back(doubt);
  }
  if (from.places.size() == 1 && from.places.front().kind == Place::Kind::Ring)
    doubts.mild.push_back(
        fmt::format("seqno {} is known from one old copy alone, whose checksum is known no more", from.vg.seqno));
  const bool ahead = std::any_of(history.versions.begin(), history.versions.end(),
                                 [](const Version& v) { return v.standing == Standing::Ahead; });
  if (ahead)
    doubts.mild.emplace_back(
        "there are texts with a higher seqno than the current one, from a write that was cut off or from before a "
        "backup was restored");
}

}  // namespace

Result<Sureness> how_sure(const History& history, const Version& from, const Claims& then,
                          const std::vector<Piece>& back, const Circumstances& circumstances) {
  const bool brings_back = !back.empty();
  if (from.standing == Standing::Disputed)
    return refused(fmt::format(
        "several texts say that they are seqno {}, and nothing tells which was in effect ('history {}' shows them)",
        from.vg.seqno, history.current()->vg.name));
  Doubts doubts;
  look_for_gaps(history, from, doubts);
  look_for_other_histories(history, from, doubts);
  look_at_texts(history, from, doubts);
  look_for_interruption(history, from, then, doubts);
  if (brings_back) {
    const std::vector<Uuid> pvs = pvs_of(back);
    TRY(look_at_use(history, from, back, doubts));
    look_for_absence(history, from, pvs, doubts);
    look_at_areas(history, from, pvs, doubts);
    look_for_discards(history, from, back, circumstances, doubts);
  }
  if (!doubts.grave.empty() && !circumstances.force)
    return refused(fmt::format("{}; --force goes on all the same", fmt::join(doubts.grave, "; ")));

  std::vector<std::string> all = std::move(doubts.grave);
  all.insert(all.end(), doubts.mild.begin(), doubts.mild.end());
  if (all.empty() && !brings_back)
    return Sureness{
        true,
        fmt::format("certain: every version since seqno {} is known, and no extents come back", from.vg.seqno),
        {}};
  if (all.empty())
    return Sureness{true,
                    fmt::format("certain: every version since seqno {} is known, and none gave the extents that come "
                                "back to anything else or discarded them",
                                from.vg.seqno),
                    {}};
  Sureness likely{false, {}, {}};
  likely.text = fmt::format(
      "likely: {}; {}", fmt::join(all, "; "),
      brings_back ? "no version of the VG itself that is known gave the extents that come back to anything else"
                  : "but no extents come back");
  if (brings_back && !circumstances.force)
    likely.question =
        fmt::format("What comes back may not be what it was: {}. Bring it back all the same?", fmt::join(all, "; "));
  return likely;
}

}  // namespace ashlar::plan
