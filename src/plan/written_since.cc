// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/written_since.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "plan/common.h"
#include "plan/undo_common.h"

namespace ashlar::plan {

namespace {
bool holds(const std::vector<Uuid>& ids, const Uuid& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

/// Every version that may have come behind `from`: the number of one that is not in the line to the current one says
/// nothing.
std::vector<const Version*> since(const History& history, const Version& from) {
  std::vector<const Version*> later;
  for (const Version& v : history.versions) {
    const bool newer = from.time != 0 && v.time > from.time;
    if (&v != &from && (!v.was_in_effect() || v.vg.seqno >= from.vg.seqno || newer)) later.push_back(&v);
  }
  return later;
}

/// Why what lay on the piece in `from` may not lie there behind `v`; nothing if that version has not touched it.
std::optional<std::string> touched(const VolumeGroup& now, const Version& from, const Version& v, const Claims& claims,
                                   const Piece& piece) {
  const std::string which = fmt::format("seqno {}{}", v.vg.seqno, made_by(v));
  const std::string what = fmt::format("{} of {} come back to LV {}/{}", pe_text(piece.start, piece.length),
                                       pv_name(now, piece.pv), now.name, printable(piece.claim->name));
  const PhysicalVolume *was = find_pv(from.vg, piece.pv), *pv = find_pv(v.vg, piece.pv);
  if (pv == nullptr || was == nullptr)
    return fmt::format("{}, but that PV was not in the VG at {}: what was written to it then is not known", what,
                       which);
  if (pv->pe_start != was->pe_start) return fmt::format("{}, but that PV's data began elsewhere at {}", what, which);
  if (piece.start + piece.length > pv->pe_count)
    return fmt::format("{}, but that PV had only {} extents at {}: what was written behind them then is not known",
                       what, pv->pe_count.n, which);
  if (const Claim* other = taken_by(piece, claims))
    return fmt::format("{}, but LV {}/{} had some of them at {}: they may hold its data now", what,
                       printable(v.vg.name), printable(other->name), which);
  return std::nullopt;
}
}  // namespace

std::vector<Uuid> pvs_of(const std::vector<Piece>& pieces) {
  std::vector<Uuid> pvs;
  for (const Piece& piece : pieces) {
    if (!holds(pvs, piece.pv)) pvs.push_back(piece.pv);
  }
  return pvs;
}
Status look_at_use(const History& history, const Version& from, const std::vector<Piece>& back, Doubts& doubts) {
  const VolumeGroup& now = history.current()->vg;
  for (const Version* v : since(history, from)) {
    std::optional<std::string> why;
    if (v->vg.extent_size != from.vg.extent_size)
      why = fmt::format("the extents of VG {} had another size at seqno {}{}, so what was used then is not comparable",
                        now.name, v->vg.seqno, made_by(*v));
    const Claims claims = claims_of(v->vg);
    for (auto piece = back.begin(); !why && piece != back.end(); ++piece) why = touched(now, from, *v, claims, *piece);
    if (why && v->was_in_effect()) return refused(*why);
    if (why)
      doubts.grave.push_back(
          fmt::format("{} (if the text in {} was in effect on these disks)", *why, printable(v->places.front().name)));
    if (!check_free_known(v->vg))
      doubts.grave.push_back(fmt::format("where all LVs of seqno {} lay is not known", v->vg.seqno));
  }
  return ok();
}

void look_for_interruption(const History& history, const Version& from, const Claims& then, Doubts& doubts) {
  const Version* before = nullptr;
  std::vector<Piece> lacked;
  for (const Version& v : history.versions) {
    if (!v.counts() || v.vg.seqno <= from.vg.seqno) continue;
    std::vector<Piece> lacks = not_in(then, claims_of(v.vg));
    const Claims out = as_claims(lacked);
    for (const Piece& again : not_in(out, as_claims(lacks))) {
      // An LV that was gone came back by undo or undelete, with what it had; one that grew took the extents as new
      // ones.
      if (find_lv(before->vg, again.claim->lv) == nullptr) continue;
      doubts.mild.push_back(fmt::format(
          "{} of {} were not LV {}/{}'s at seqno {}{}, and are again since: what it had there at seqno {} may be gone",
          pe_text(again.start, again.length), pv_name(history.current()->vg, again.pv), history.current()->vg.name,
          printable(again.claim->name), before->vg.seqno, made_by(*before), from.vg.seqno));
      return;
    }
    lacked = std::move(lacks);
    before = &v;
  }
}

void look_for_absence(const History& history, const Version& from, const std::vector<Uuid>& pvs, Doubts& doubts) {
  std::vector<const Version*> versions = since(history, from);
  versions.insert(versions.begin(), &from);
  for (const Uuid& pv : pvs) {
    auto at = std::find_if(versions.begin(), versions.end(), [&](const Version* v) { return holds(v->away, pv); });
    if (at == versions.end()) continue;
    doubts.grave.push_back(
        fmt::format("{} was missing while seqno {} was in effect: what was written to it elsewhere then is not known",
                    pv_name(history.current()->vg, pv), (*at)->vg.seqno));
  }
}

}  // namespace ashlar::plan
