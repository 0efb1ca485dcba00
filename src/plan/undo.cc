// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/undo.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "plan/claims.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {
using Standing = Version::Standing;

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

std::string runs_text(const std::vector<SeqnoRun>& runs) {
  std::vector<std::string> words;
  for (const SeqnoRun& run : runs) words.push_back(run.first == run.last ? fmt::format("{}", run.first) : fmt::format("{}-{}", run.first, run.last));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Every version that may have come behind `from`, whatever its number says.
std::vector<const Version*> since(const History& history, const Version& from) {
  std::vector<const Version*> later;
  for (const Version& v : history.versions) {
    if (&v == &from || v.standing == Standing::Elsewhere) continue;
    const bool newer = from.time != 0 && v.time > from.time;
    if (v.vg.seqno >= from.vg.seqno || newer) later.push_back(&v);
  }
  return later;
}

/// May what lay on these extents in `from` still lie there?
Status check_untouched(const History& history, const Version& from, const std::vector<Piece>& back) {
  const VolumeGroup& now = history.current()->vg;
  for (const Version* v : since(history, from)) {
    if (back.empty()) break;
    const std::string which = fmt::format("seqno {}{}", v->vg.seqno, made_by(*v));
    if (v->vg.extent_size != from.vg.extent_size)
      return refused(fmt::format("the extents of VG {} had another size at {}, so what was used then is not comparable", now.name, which));
    const Claims claims = claims_of(v->vg);
    for (const Piece& piece : back) {
      const PhysicalVolume* was = find_pv(from.vg, piece.pv);
      const PhysicalVolume* pv = find_pv(v->vg, piece.pv);
      const std::string what = fmt::format("{} of {} come back to LV {}/{}", pe_text(piece.start, piece.length), pv_name(now, piece.pv), now.name, piece.claim->name);
      if (pv == nullptr || was == nullptr)
        return refused(fmt::format("{}, but that PV was not in the VG at {}: what was written to it then is not known", what, which));
      if (pv->pe_start != was->pe_start) return refused(fmt::format("{}, but that PV's data began elsewhere at {}", what, which));
      if (const Claim* other = taken_by(piece, claims))
        return refused(fmt::format("{}, but LV {}/{} had some of them at {}: they may hold its data now", what, v->vg.name, printable(other->name), which));
    }
  }
  return ok();
}

/// The first version from `from` on of which nothing but its number says that the next one came of it, or null.
const Version* untied(const History& history, const Version& from) {
  for (const Version& v : history.versions) {
    if (v.counts() && v.vg.seqno >= from.vg.seqno && v.tie != Version::Tie::Proven) return &v;
  }
  return nullptr;
}

/// Why `from` may be of another history of the VG than the one that led to the current version.
std::optional<std::string> other_history(const History& history, const Version& from) {
  for (const Version& v : history.versions) {
    if (v.counts() && v.vg.seqno >= from.vg.seqno && v.tie == Version::Tie::Contradicted)
      return fmt::format("seqno {} may be of another history of VG {}: by its archive another command was to make seqno {} than the one that made it", v.vg.seqno,
                         history.current()->vg.name, v.vg.seqno + 1);
  }
  const Version* loose = untied(history, from);
  auto other = std::find_if(history.versions.begin(), history.versions.end(), [](const Version& v) { return v.standing == Standing::Elsewhere; });
  if (loose == nullptr || other == history.versions.end()) return std::nullopt;
  return fmt::format("seqno {} may be of another history of VG {}: of seqno {} the disks hold another text than {}", loose->vg.seqno, history.current()->vg.name,
                     other->vg.seqno, printable(other->places.front().name));
}

/// How much is known of the time since `from`. Errc::Refused where that is too little and nobody insists.
struct Known {
  bool certain = true;
  std::string text;
};
Result<Known> judge(const History& history, const Version& from, const std::vector<Piece>& back, bool discards, bool force) {
  const bool brings_back = !back.empty();
  const Version& now = *history.current();
  const std::string insist = "; --force goes on all the same";
  std::vector<std::string> doubts;
  if (auto unknown = unknown_between(history, from.vg.seqno, now.vg.seqno); !unknown.empty()) {
    doubts.push_back(fmt::format("of the versions since seqno {} these are unknown: {}", from.vg.seqno, runs_text(unknown)));
    if (!force)
      return refused(fmt::format("between seqno {} and the current {} these versions are unknown: {}: what they used cannot be told{}", from.vg.seqno,
                                 now.vg.seqno, runs_text(unknown), insist));
  }
  if (auto other = other_history(history, from)) {
    doubts.push_back(*other);
    if (!force) return refused(*other + ": what was used since cannot be told" + insist);
  } else if (const Version* loose = untied(history, from)) {
    doubts.push_back(fmt::format("only their numbers tie seqno {} to what followed", loose->vg.seqno));
  }
  if (from.standing == Standing::Disputed)
    return refused(fmt::format("several texts say that they are seqno {}, and nothing tells which was in effect ('history {}' shows them)", from.vg.seqno, now.vg.name));
  if (discards && brings_back) {
    doubts.emplace_back("devices/issue_discards is on: what was given up may have been discarded");
    if (!force) return refused("devices/issue_discards is on: the extents that come back were given up, and may have been discarded then" + insist);
  }
  for (const Version& v : history.versions) {
    if (v.standing == Standing::Disputed && v.vg.seqno > from.vg.seqno && v.vg.seqno < now.vg.seqno)
      doubts.push_back(fmt::format("several texts say that they are seqno {}", v.vg.seqno));
  }
  doubts.erase(std::unique(doubts.begin(), doubts.end()), doubts.end());
  for (const AreaBegins& area : history.begins) {
    const bool used = std::any_of(back.begin(), back.end(), [&](const Piece& piece) { return piece.pv == area.pv; });
    if (used && area.seqno > from.vg.seqno)
      doubts.push_back(fmt::format("the metadata area of {} begins with seqno {}: if it was made anew then with its old id (pvcreate --uuid), the data on it is gone",
                                   pv_name(now.vg, area.pv), area.seqno));
  }
  const bool one_old_copy = from.places.size() == 1 && from.places.front().kind == Place::Kind::Ring;
  if (one_old_copy) doubts.push_back(fmt::format("seqno {} is known from one old copy alone, whose checksum is known no more", from.vg.seqno));
  const bool ahead = std::any_of(history.versions.begin(), history.versions.end(), [](const Version& v) { return v.standing == Standing::Ahead; });
  if (ahead) doubts.emplace_back("there are texts with a higher seqno than the current one, from a write that was cut off or from before a backup was restored");

  const std::string none = brings_back ? "none gave the extents that come back to anything else; only a discard (devices/issue_discards) when they "
                                         "were given up would leave no trace"
                                       : "no extents come back";
  if (!doubts.empty()) return Known{false, fmt::format("likely: {}; of the versions that are known, {}", fmt::join(doubts, "; "), brings_back ? none : "none matters: " + none)};
  return Known{true, fmt::format("certain: every version since seqno {} is known, and {}", from.vg.seqno, none)};
}

/// Changes of an LV that more than its own metadata depends on are for those who handle its type.
bool same_but_for_words(const LogicalVolume& a, const LogicalVolume& b) {
  return a.name == b.name && a.segments == b.segments && a.status == b.status && a.major == b.major && a.minor == b.minor;
}

Status check_all_plain(const VolumeGroup& then, const VolumeGroup& now) {
  for (const LogicalVolume& lv : then.lvs) {
    const LogicalVolume* other = lv_by_id(now, lv.id);
    if (other == nullptr || !same_but_for_words(lv, *other)) TRY(check_plain(then, lv, "bring back"));
  }
  for (const LogicalVolume& lv : now.lvs) {
    const LogicalVolume* other = lv_by_id(then, lv.id);
    if (other == nullptr || !same_but_for_words(lv, *other)) TRY(check_plain(now, lv, "take back"));
  }
  return ok();
}

/// Extents of LVs that both have must not be cut off in their midst: what was written to them since lies there.
Status check_stays_in_place(const VolumeGroup& now, const Claims& before, const VolumeGroup& then, const Claims& after) {
  for (const Piece& left : not_in(before, after)) {
    const LogicalVolume* lv = lv_by_id(then, left.claim->lv);
    if (lv == nullptr) continue;
    const Extents le = left.claim->le_of(left.start);
    if (le >= lv->extents()) continue;  // what it grew by
    return refused(fmt::format("LV {}/{} has {} of {} now, and other ones then: what was written there since would be lost", now.name, printable(lv->name),
                               pe_text(left.start, left.length), pv_name(now, left.pv)));
  }
  return ok();
}

/// Does each claim lie inside its PV as it is now?
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

/// What a PV of then is now: where it lies and ends is the machine's.
Result<PhysicalVolume> pv_now(const Version& from, const PhysicalVolume& then, const VolumeGroup& now, const UndoRequest& request,
                              std::vector<std::string>& notes) {
  const PhysicalVolume* pv = find_pv(now, then.id);
  if (pv == nullptr) {
    auto orphan = std::find_if(request.orphans.begin(), request.orphans.end(), [&](const JoiningPv& o) { return o.id == then.id; });
    if (orphan == request.orphans.end())
      return refused(fmt::format("PV {} (id {}) was in VG {} at seqno {} and is no unused PV of this machine now", printable(then.device), then.id.dashed(), now.name, from.vg.seqno));
    const Sectors end = then.pe_start + to_sectors(then.pe_count, from.vg.extent_size);
    if (orphan->pe_start != then.pe_start || end + orphan->end_reserved > orphan->dev_size)
      return refused(fmt::format("PV {} (id {}) is not laid out as it was when it left VG {}", printable(orphan->device), then.id.dashed(), now.name));
    PhysicalVolume back = then;
    back.device = orphan->device;
    back.status.set(PvFlag::Missing, false);
    return back;
  }
  if (pv->pe_start != then.pe_start)
    return refused(fmt::format("the data of PV {} begins at sector {} now, and began at {} at seqno {}: it was made anew", printable(pv->device), pv->pe_start.n,
                               then.pe_start.n, from.vg.seqno));
  if (pv->pe_count != then.pe_count)
    notes.push_back(fmt::format("PV {} keeps its {} extents (it had {}): pvresize changes that", printable(pv->device), pv->pe_count.n, then.pe_count.n));
  PhysicalVolume out = *pv;
  out.tags = then.tags;
  out.status.set(PvFlag::Allocatable, then.status.has(PvFlag::Allocatable));
  return out;
}

/// The VG as it was, on the machine as it is.
Result<VolumeGroup> value_then(const Version& from, const VolumeGroup& now, const UndoRequest& request, std::vector<std::string>& notes) {
  VolumeGroup vg = from.vg;
  if (vg.extent_size != now.extent_size)
    return refused(fmt::format("the extents of VG {} have another size now than at seqno {}: vgchange -s is not undone", now.name, from.vg.seqno));
  vg.seqno = now.seqno;
  if (vg.name != now.name) notes.push_back(fmt::format("VG {} keeps its name (it was {}): vgrename changes that", now.name, printable(vg.name)));
  if (vg.status.has(VgFlag::Exported) != now.status.has(VgFlag::Exported)) notes.push_back(fmt::format("VG {} stays imported: vgexport changes that", now.name));
  if (vg.system_id != now.system_id) notes.push_back(fmt::format("VG {} keeps its system ID: vgchange --systemid changes that", now.name));
  if (vg.metadata_copies != now.metadata_copies) notes.push_back(fmt::format("VG {} keeps its number of metadata copies: vgchange --vgmetadatacopies changes that", now.name));
  vg.name = now.name;
  vg.metadata_copies = now.metadata_copies;
  vg.status.set(VgFlag::Exported, now.status.has(VgFlag::Exported));
  vg.system_id = now.system_id;
  vg.lock_type = now.lock_type;
  vg.lock_args = now.lock_args;
  for (PhysicalVolume& pv : vg.pvs) pv = TRY(pv_now(from, pv, now, request, notes));
  return vg;
}

/// A PV that joined with LVs on it brought them from another VG: they were not made here, and going back would lose them.
Status check_leaving(const History& history, const Version& from, const VolumeGroup& now) {
  for (const PhysicalVolume& pv : now.pvs) {
    if (find_pv(from.vg, pv.id) != nullptr) continue;
    for (const Version& v : history.versions) {
      if (!v.counts() || v.vg.seqno <= from.vg.seqno || find_pv(v.vg, pv.id) == nullptr) continue;
      const Claims claims = claims_of(v.vg);
      auto on_it = claims.find(pv.id);
      if (on_it == claims.end()) break;  // it joined empty
      return refused(fmt::format("PV {} joined VG {} at seqno {}{} with LV {} on it, which would be lost: vgsplit takes both out", printable(pv.device), now.name, v.vg.seqno,
                                 made_by(v), printable(on_it->second.front().name)));
    }
  }
  return ok();
}

/// The newest version whose content is another than the current one's.
const Version* before_last_change(const History& history) {
  const Version& now = *history.current();
  const VolumeGroup content = content_of(now.vg);
  for (auto v = history.versions.rbegin(); v != history.versions.rend(); ++v) {
    const bool candidate = v->vg.seqno < now.vg.seqno && (v->standing == Standing::Past || v->standing == Standing::Disputed);
    if (candidate && content_of(v->vg) != content) return &*v;
  }
  return nullptr;
}

Status check_has_current(const History& history) {
  return history.current() != nullptr ? ok() : Status(Error(Errc::NotFound, "there is no such VG now; vgcfgrestore brings a removed one back"));
}
}  // namespace

Result<Restored> undo(const History& history, const UndoRequest& request) {
  TRY(check_has_current(history));
  const VolumeGroup& now = history.current()->vg;
  TRY(check_writable(now));
  const Version* from = request.to ? history.find(*request.to) : before_last_change(history);
  if (from == nullptr && request.to)
    return Error(Errc::NotFound, fmt::format("seqno {} of VG {} is not known any more ('history {}' lists what is)", *request.to, now.name, now.name));
  if (from == nullptr) return Error(Errc::NotFound, fmt::format("no earlier state of VG {} is known", now.name));
  if (from->standing == Standing::Current) return refused(fmt::format("seqno {} is what VG {} is now", from->vg.seqno, now.name));
  TRY(check_writable(from->vg));

  Restored restored{{}, from->vg.seqno, {}, false, {}, {}};
  restored.vg = TRY(value_then(*from, now, request, restored.notes));
  if (content_of(restored.vg) == content_of(now)) {
    std::string why = fmt::format("Nothing of VG {} is brought back by going to seqno {}", now.name, from->vg.seqno);
    for (const std::string& note : restored.notes) why += "; " + note;
    return refused(why);
  }
  TRY(check_leaving(history, *from, now));
  TRY(check_all_plain(restored.vg, now));
  const Claims before = claims_of(now), after = claims_of(restored.vg);
  TRY(check_inside(restored.vg, after));
  TRY(check_stays_in_place(now, before, restored.vg, after));
  const std::vector<Piece> back = not_in(after, before);
  TRY(check_untouched(history, *from, back));
  Known known = TRY(judge(history, *from, back, request.discards, request.force));
  restored.certain = known.certain;
  restored.sure = std::move(known.text);
  Planned planned = TRY(finish(&now, {std::move(restored.vg), {}, {}}));
  restored.vg = std::move(planned.vg);
  return restored;
}

namespace {
/// The LV that is meant, in the newest version that had it.
struct Lost {
  const Version* version;
  const LogicalVolume* lv;
};
Result<Lost> find_lost(const History& history, const std::string& name) {
  const VolumeGroup& now = history.current()->vg;
  const LogicalVolume* still = nullptr;
  std::optional<Uuid> id;
  std::set<std::string> others;
  for (auto v = history.versions.rbegin(); v != history.versions.rend(); ++v) {
    if (v->standing != Standing::Past && v->standing != Standing::Disputed) continue;
    for (const LogicalVolume& lv : v->vg.lvs) {
      const LogicalVolume* there = lv_by_id(now, lv.id);
      if (there == nullptr && lv.visible()) others.insert(lv.name);
      if (lv.name != name) continue;
      if (there != nullptr) still = there;
      else if (!id) id = lv.id;
    }
  }
  if (!id && still != nullptr)
    return Error(Errc::Exists, fmt::format("LV {}/{} was not removed: it is there{}", now.name, printable(name), still->name != name ? " as " + still->name : ""));
  for (const Version& v : history.versions) {
    if (id || v.standing != Standing::Elsewhere || find_lv(v.vg, name) == nullptr) continue;
    return refused(fmt::format("LV {}/{} is known from another history of this VG alone, seqno {} in {}: the disks hold another seqno {}", now.name, printable(name), v.vg.seqno,
                               printable(v.places.front().name), v.vg.seqno));
  }
  if (!id)
    return Error(Errc::NotFound, fmt::format("no known version of VG {} had an LV {}; {}", now.name, printable(name),
                                             others.empty() ? "no removed LV is known" : fmt::format("removed ones that are known: {}", fmt::join(others, ", "))));
  for (auto v = history.versions.rbegin(); v != history.versions.rend(); ++v) {
    if (v->standing != Standing::Past && v->standing != Standing::Disputed) continue;
    if (const LogicalVolume* lv = lv_by_id(v->vg, *id)) return Lost{&*v, lv};
  }
  return Error(Errc::NotFound, fmt::format("LV {}/{} is not known any more", now.name, printable(name)));
}

/// Behind the LV that came before it then, so that bringing it back leaves no trace in the order of LVs.
std::ptrdiff_t place_of(const VolumeGroup& then, const LogicalVolume& lv, const VolumeGroup& now) {
  for (const LogicalVolume* before = &lv; before != then.lvs.data();) {
    --before;
    if (const LogicalVolume* there = lv_by_id(now, before->id)) return there - now.lvs.data() + 1;
  }
  return 0;
}
}  // namespace

Result<Restored> undelete(const History& history, const UndeleteRequest& request) {
  TRY(check_has_current(history));
  const VolumeGroup& now = history.current()->vg;
  TRY(check_writable(now));
  TRY(check_free_known(now));
  const Lost lost = TRY(find_lost(history, request.lv));
  const Version& from = *lost.version;
  TRY(check_plain(from.vg, *lost.lv, "bring back"));
  if (from.vg.extent_size != now.extent_size)
    return refused(fmt::format("the extents of VG {} have another size now than at seqno {}", now.name, from.vg.seqno));

  Restored restored{now, from.vg.seqno, request.new_name.empty() ? request.lv : request.new_name, false, {}, {}};
  if (find_lv(now, restored.lv) != nullptr)
    return Error(Errc::Exists, fmt::format("VG {} has another LV called {} now: --name NEW brings the removed one back as NEW", now.name, restored.lv));
  TRY(check_free_lv_name(now, restored.lv));
  LogicalVolume back = *lost.lv;
  if (back.name != request.lv) restored.notes.push_back(fmt::format("The last name of LV {}/{} was {}.", now.name, request.lv, printable(back.name)));
  back.name = restored.lv;

  VolumeGroup alone = from.vg;
  alone.lvs = {*lost.lv};
  const Claims claims = claims_of(alone);
  for (const auto& [id, list] : claims) {
    const PhysicalVolume *then = find_pv(from.vg, id), *pv = find_pv(now, id);
    if (pv == nullptr) return refused(fmt::format("PV {} (id {}) of LV {}/{} left the VG: what was written to it since is not known", pv_name(from.vg, id), id.dashed(), now.name, request.lv));
    if (then == nullptr || pv->pe_start != then->pe_start) return refused(fmt::format("the data of PV {} begins elsewhere now: it was made anew", pv_name(now, id)));
  }
  TRY(check_inside(now, claims));
  const std::vector<Piece> pieces = not_in(claims, {});
  TRY(check_untouched(history, from, pieces));
  Known known = TRY(judge(history, from, pieces, request.discards, request.force));
  restored.certain = known.certain;
  restored.sure = std::move(known.text);
  restored.vg.lvs.insert(restored.vg.lvs.begin() + place_of(from.vg, *lost.lv, now), std::move(back));
  Planned planned = TRY(finish(&now, {std::move(restored.vg), {}, {}}));
  restored.vg = std::move(planned.vg);
  return restored;
}

}  // namespace ashlar::plan
