// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/sureness.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "plan/common.h"
#include "plan/discarding.h"

namespace ashlar::plan {

Error refused(std::string message) { return {Errc::Refused, std::move(message)}; }

const LogicalVolume* lv_by_id(const VolumeGroup& vg, const Uuid& id) {
  auto at = std::find_if(vg.lvs.begin(), vg.lvs.end(), [&](const LogicalVolume& lv) { return lv.id == id; });
  return at == vg.lvs.end() ? nullptr : &*at;
}

std::string pe_text(Extents start, Extents length) {
  return length.n == 1 ? fmt::format("extent {}", start.n) : fmt::format("extents {}-{}", start.n, (start + length).n - 1);
}

std::string pv_name(const VolumeGroup& vg, const Uuid& id) {
  const PhysicalVolume* pv = find_pv(vg, id);
  return pv != nullptr && !pv->device.empty() ? printable(pv->device) : id.dashed();
}

std::string made_by(const Version& v) { return v.command.empty() ? "" : fmt::format(", made by '{}'", printable(v.command)); }

Status check_has_current(const History& history) {
  return history.current() != nullptr ? ok() : Status(Error(Errc::NotFound, "there is no such VG now; vgcfgrestore brings a removed one back"));
}

Status check_inside(const VolumeGroup& vg, const Claims& claims) {
  for (const auto& [id, list] : claims) {
    const PhysicalVolume* pv = find_pv(vg, id);
    if (pv == nullptr) continue;
    for (const Claim& claim : list) {
      if (claim.start + claim.length <= pv->pe_count) continue;
      return refused(fmt::format("LV {}/{} had {} of {}, which has only {} extents now", vg.name, printable(claim.name), pe_text(claim.start, claim.length),
                                 pv_name(vg, id), pv->pe_count.n));
    }
  }
  return ok();
}

namespace {
using Standing = Version::Standing;

/// Why it is not certain. With grave ones nobody goes on who does not insist.
struct Doubts {
  std::vector<std::string> grave, mild;
};

bool holds(const std::vector<Uuid>& ids, const Uuid& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

std::string runs_text(const std::vector<SeqnoRun>& runs) {
  std::vector<std::string> words;
  for (const SeqnoRun& run : runs) words.push_back(run.first == run.last ? fmt::format("{}", run.first) : fmt::format("{}-{}", run.first, run.last));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Every version that may have come behind `from`: the number of one that is not in the line to the current one says nothing.
std::vector<const Version*> since(const History& history, const Version& from) {
  std::vector<const Version*> later;
  for (const Version& v : history.versions) {
    const bool newer = from.time != 0 && v.time > from.time;
    if (&v != &from && (!v.was_in_effect() || v.vg.seqno >= from.vg.seqno || newer)) later.push_back(&v);
  }
  return later;
}

// ---- What the versions say ----------------------------------------------------------------------------------------------

/// Why what lay on the piece in `from` may not lie there behind `v`; nothing if that version has not touched it.
std::optional<std::string> touched(const VolumeGroup& now, const Version& from, const Version& v, const Claims& claims, const Piece& piece) {
  const std::string which = fmt::format("seqno {}{}", v.vg.seqno, made_by(v));
  const std::string what = fmt::format("{} of {} come back to LV {}/{}", pe_text(piece.start, piece.length), pv_name(now, piece.pv), now.name, printable(piece.claim->name));
  const PhysicalVolume *was = find_pv(from.vg, piece.pv), *pv = find_pv(v.vg, piece.pv);
  if (pv == nullptr || was == nullptr) return fmt::format("{}, but that PV was not in the VG at {}: what was written to it then is not known", what, which);
  if (pv->pe_start != was->pe_start) return fmt::format("{}, but that PV's data began elsewhere at {}", what, which);
  if (piece.start + piece.length > pv->pe_count)
    return fmt::format("{}, but that PV had only {} extents at {}: what was written behind them then is not known", what, pv->pe_count.n, which);
  if (const Claim* other = taken_by(piece, claims))
    return fmt::format("{}, but LV {}/{} had some of them at {}: they may hold its data now", what, printable(v.vg.name), printable(other->name), which);
  return std::nullopt;
}

/// Looks at what each version did to the extents. What versions in effect did is refused; others were perhaps never in effect
/// on these disks.
Status look_at_use(const History& history, const Version& from, const std::vector<Piece>& back, Doubts& doubts) {
  const VolumeGroup& now = history.current()->vg;
  for (const Version* v : since(history, from)) {
    std::optional<std::string> why;
    if (v->vg.extent_size != from.vg.extent_size)
      why = fmt::format("the extents of VG {} had another size at seqno {}{}, so what was used then is not comparable", now.name, v->vg.seqno, made_by(*v));
    const Claims claims = claims_of(v->vg);
    for (auto piece = back.begin(); !why && piece != back.end(); ++piece) why = touched(now, from, *v, claims, *piece);
    if (why && v->was_in_effect()) return refused(*why);
    if (why) doubts.grave.push_back(fmt::format("{} (if the text in {} was in effect on these disks)", *why, printable(v->places.front().name)));
    if (!check_free_known(v->vg)) doubts.grave.push_back(fmt::format("where all LVs of seqno {} lay is not known", v->vg.seqno));
  }
  return ok();
}

/// A PV that was away was perhaps used elsewhere.
void look_for_absence(const History& history, const Version& from, const std::vector<Uuid>& pvs, Doubts& doubts) {
  std::vector<const Version*> versions = since(history, from);
  versions.insert(versions.begin(), &from);
  for (const Uuid& pv : pvs) {
    auto at = std::find_if(versions.begin(), versions.end(), [&](const Version* v) { return holds(v->away, pv); });
    if (at == versions.end()) continue;
    doubts.grave.push_back(fmt::format("{} was missing while seqno {} was in effect: what was written to it elsewhere then is not known", pv_name(history.current()->vg, pv),
                                       (*at)->vg.seqno));
  }
}

// ---- What is not known --------------------------------------------------------------------------------------------------

/// Numbers that no known version has.
void look_for_gaps(const History& history, const Version& from, Doubts& doubts) {
  const Version& now = *history.current();
  if (auto unknown = unknown_between(history, from.vg.seqno, now.vg.seqno); !unknown.empty())
    doubts.grave.push_back(fmt::format("between seqno {} and the current {} these versions are unknown: {}: what they used cannot be told", from.vg.seqno, now.vg.seqno,
                                       runs_text(unknown)));
  for (const Version& v : history.versions) {
    if (!v.counts() || v.skipped == 0 || v.vg.seqno <= from.vg.seqno) continue;
    for (const Uuid& pv : v.away) {
      // A text of a number in between would lie behind the older one in the area.
      if (history.area_of(pv).oldest < v.vg.seqno) continue;
      doubts.grave.push_back(fmt::format("seqno {} was written while {} was missing, so a version with a number before it may have been on that PV alone, and does not lie there any "
                                         "more: what it used cannot be told", v.vg.seqno, pv_name(now.vg, pv)));
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
    doubts.grave.push_back(fmt::format("seqno {} may be of another history of VG {}: by its archive another command was to make seqno {} than the one that made it: what was used "
                                       "since cannot be told", v.vg.seqno, history.current()->vg.name, v.vg.seqno + 1));
    return;
  }
  auto other = std::find_if(history.versions.begin(), history.versions.end(), [](const Version& v) { return v.standing == Standing::Elsewhere; });
  if (other == history.versions.end())
    doubts.mild.push_back(fmt::format("only their numbers tie seqno {} to what followed", loose->vg.seqno));
  else
    doubts.grave.push_back(fmt::format("seqno {} may be of another history of VG {}: of seqno {} the disks hold another text than {}: what was used since cannot be told",
                                       loose->vg.seqno, history.current()->vg.name, other->vg.seqno, printable(other->places.front().name)));
}

/// A PV made anew under its old id, or another disk under that id, has in its area only what was written since.
void look_at_areas(const History& history, const Version& from, const std::vector<Uuid>& pvs, Doubts& doubts) {
  for (const Uuid& pv : pvs) {
    const AreaTells area = history.area_of(pv);
    if (area.since <= from.vg.seqno) continue;
    const std::string name = pv_name(history.current()->vg, pv);
    doubts.mild.push_back(area.since == AreaTells::kNothing
                              ? fmt::format("no metadata area of {0} tells of that time: if {0} was made anew since under its old id (pvcreate --uuid), the data on it is gone", name)
                              : fmt::format("the metadata area of {0} tells of the time since seqno {1} only: if {0} was made anew before under its old id (pvcreate --uuid), the data "
                                            "on it is gone", name, area.since));
  }
}

void look_at_texts(const History& history, const Version& from, Doubts& doubts) {
  for (const Version& v : history.versions) {
    const std::string doubt = fmt::format("several texts say that they are seqno {}", v.vg.seqno);
    const bool between = v.vg.seqno > from.vg.seqno && v.vg.seqno < history.current()->vg.seqno;
    if (v.standing == Standing::Disputed && between && (doubts.mild.empty() || doubts.mild.back() != doubt)) doubts.mild.push_back(doubt);
  }
  if (from.places.size() == 1 && from.places.front().kind == Place::Kind::Ring)
    doubts.mild.push_back(fmt::format("seqno {} is known from one old copy alone, whose checksum is known no more", from.vg.seqno));
  const bool ahead = std::any_of(history.versions.begin(), history.versions.end(), [](const Version& v) { return v.standing == Standing::Ahead; });
  if (ahead) doubts.mild.emplace_back("there are texts with a higher seqno than the current one, from a write that was cut off or from before a backup was restored");
}

std::vector<Uuid> pvs_of(const std::vector<Piece>& pieces) {
  std::vector<Uuid> pvs;
  for (const Piece& piece : pieces) {
    if (!holds(pvs, piece.pv)) pvs.push_back(piece.pv);
  }
  return pvs;
}
}  // namespace

Result<Sureness> how_sure(const History& history, const Version& from, const std::vector<Piece>& back, const Circumstances& circumstances) {
  const bool brings_back = !back.empty();
  if (from.standing == Standing::Disputed)
    return refused(fmt::format("several texts say that they are seqno {}, and nothing tells which was in effect ('history {}' shows them)", from.vg.seqno,
                               history.current()->vg.name));
  Doubts doubts;
  look_for_gaps(history, from, doubts);
  look_for_other_histories(history, from, doubts);
  look_at_texts(history, from, doubts);
  if (brings_back) {
    const std::vector<Uuid> pvs = pvs_of(back);
    TRY(look_at_use(history, from, back, doubts));
    look_for_absence(history, from, pvs, doubts);
    look_at_areas(history, from, pvs, doubts);
    look_for_discards(history, from, back, circumstances, doubts.grave, doubts.mild);
  }
  if (!doubts.grave.empty() && !circumstances.force) return refused(fmt::format("{}; --force goes on all the same", fmt::join(doubts.grave, "; ")));

  std::vector<std::string> all = std::move(doubts.grave);
  all.insert(all.end(), doubts.mild.begin(), doubts.mild.end());
  if (all.empty() && !brings_back) return Sureness{true, fmt::format("certain: every version since seqno {} is known, and no extents come back", from.vg.seqno), {}};
  if (all.empty())
    return Sureness{true, fmt::format("certain: every version since seqno {} is known, and none gave the extents that come back to anything else (devices/issue_discards is off; "
                                      "had it been on when they were given up, nothing would tell)", from.vg.seqno), {}};
  Sureness likely{false, {}, {}};
  likely.text = fmt::format("likely: {}; {}", fmt::join(all, "; "),
                            brings_back ? "no version of the VG itself that is known gave the extents that come back to anything else" : "but no extents come back");
  if (brings_back && !circumstances.force) likely.question = fmt::format("What comes back may not be what it was: {}. Bring it back all the same?", fmt::join(all, "; "));
  return likely;
}

}  // namespace ashlar::plan
