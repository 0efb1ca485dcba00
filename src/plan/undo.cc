// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/undo.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "plan/claims.h"
#include "plan/common.h"
#include "plan/undo_common.h"

namespace ashlar::plan {

namespace {
using Standing = Version::Standing;

/// Changes of an LV that more than its own metadata depends on are for those who handle its type.
bool same_but_for_words(const LogicalVolume& a, const LogicalVolume& b) {
  return a.name == b.name && a.segments == b.segments && a.status == b.status && a.major == b.major &&
         a.minor == b.minor;
}

Status check_all_plain(const VolumeGroup& then, const VolumeGroup& now) {
  for (const LogicalVolume& lv : then.lvs) {
    const LogicalVolume* other = find_lv(now, lv.id);
    if (other == nullptr || !same_but_for_words(lv, *other)) TRY(check_plain(then, lv, "bring back"));
  }
  for (const LogicalVolume& lv : now.lvs) {
    const LogicalVolume* other = find_lv(then, lv.id);
    if (other == nullptr || !same_but_for_words(lv, *other)) TRY(check_plain(now, lv, "take back"));
  }
  return ok();
}

/// Extents of LVs that both have must not be cut off in their midst: what was written to them since lies there.
Status check_stays_in_place(const VolumeGroup& now, const Claims& before, const VolumeGroup& then,
                            const Claims& after) {
  for (const Piece& left : not_in(before, after)) {
    const LogicalVolume* lv = find_lv(then, left.claim->lv);
    if (lv == nullptr) continue;
    const Extents le = left.claim->le_of(left.start);
    if (le >= lv->extents()) continue;  // what it grew by
    return refused(
        fmt::format("LV {}/{} has {} of {} now, and other ones then: what was written there since would be lost",
                    now.name, printable(lv->name), pe_text(left.start, left.length), pv_name(now, left.pv)));
  }
  return ok();
}

/// What a PV of then is now: where it lies and ends is the machine's.
Result<PhysicalVolume> pv_now(const Version& from, const PhysicalVolume& then, const VolumeGroup& now,
                              const UndoRequest& request, std::vector<std::string>& notes) {
  const PhysicalVolume* pv = find_pv(now, then.id);
  if (pv == nullptr) {
    auto orphan = std::find_if(request.orphans.begin(), request.orphans.end(),
                               [&](const JoiningPv& o) { return o.id == then.id; });
    const auto other = std::find_if(now.pvs.begin(), now.pvs.end(), [&](const PhysicalVolume& p) {
      return p.device == then.device && p.pe_start == then.pe_start && find_pv(from.vg, p.id) == nullptr;
    });
    if (orphan == request.orphans.end() && other != now.pvs.end())
      return refused(
          fmt::format("PV {} has the id {} now, and had {} at seqno {}: what was before it got another id "
                      "(pvchange -u) is not brought back",
                      printable(then.device), other->id.dashed(), then.id.dashed(), from.vg.seqno));
    if (orphan == request.orphans.end())
      return refused(fmt::format("PV {} (id {}) was in VG {} at seqno {} and is no unused PV of this machine now",
                                 printable(then.device), then.id.dashed(), now.name, from.vg.seqno));
    const Sectors end = then.pe_start + to_sectors(then.pe_count, from.vg.extent_size);
    if (orphan->pe_start != then.pe_start || end + orphan->end_reserved > orphan->dev_size)
      return refused(fmt::format("PV {} (id {}) is not laid out as it was when it left VG {}",
                                 printable(orphan->device), then.id.dashed(), now.name));
    PhysicalVolume back = then;
    back.device = orphan->device;
    back.status.set(PvFlag::Missing, false);
    back.status.set(PvFlag::Exported, false);
    return back;
  }
  if (pv->pe_start != then.pe_start)
    return refused(
        fmt::format("the data of PV {} begins at sector {} now, and began at {} at seqno {}: it was made anew",
                    pv_name(now, pv->id), pv->pe_start.n, then.pe_start.n, from.vg.seqno));
  if (pv->pe_count != then.pe_count)
    notes.push_back(fmt::format("PV {} keeps its {} extents (it had {}): pvresize changes that", printable(pv->device),
                                pv->pe_count.n, then.pe_count.n));
  PhysicalVolume out = *pv;
  out.tags = then.tags;
  out.status.set(PvFlag::Allocatable, then.status.has(PvFlag::Allocatable));
  return out;
}

/// The VG as it was, on the machine as it is.
Result<VolumeGroup> value_then(const Version& from, const VolumeGroup& now, const UndoRequest& request,
                               std::vector<std::string>& notes) {
  VolumeGroup vg = from.vg;
  TRY(check_extent_size(now, from.vg));
  vg.seqno = now.seqno;
  if (vg.name != now.name)
    notes.push_back(
        fmt::format("VG {} keeps its name (it was {}): vgrename changes that", now.name, printable(vg.name)));
  if (vg.status.has(VgFlag::Exported) != now.status.has(VgFlag::Exported))
    notes.push_back(fmt::format("VG {} stays imported: vgexport changes that", now.name));
  if (vg.system_id != now.system_id)
    notes.push_back(fmt::format("VG {} keeps its system ID: vgchange --systemid changes that", now.name));
  if (vg.metadata_copies != now.metadata_copies)
    notes.push_back(
        fmt::format("VG {} keeps its number of metadata copies: vgchange --vgmetadatacopies changes that", now.name));
  vg.name = now.name;
  vg.metadata_copies = now.metadata_copies;
  vg.status.set(VgFlag::Exported, now.status.has(VgFlag::Exported));
  vg.system_id = now.system_id;
  vg.lock_type = now.lock_type;
  vg.lock_args = now.lock_args;
  for (PhysicalVolume& pv : vg.pvs) pv = TRY(pv_now(from, pv, now, request, notes));
  return vg;
}

/// A PV that joined with LVs on it brought them from another VG: they were not made here, and going back would lose
/// them.
Status check_leaving(const History& history, const Version& from, const VolumeGroup& now) {
  for (const PhysicalVolume& pv : now.pvs) {
    if (find_pv(from.vg, pv.id) != nullptr) continue;
    for (const Version& v : history.versions) {
      if (!v.counts() || v.vg.seqno <= from.vg.seqno || find_pv(v.vg, pv.id) == nullptr) continue;
      const Claims claims = claims_of(v.vg);
      auto on_it = claims.find(pv.id);
      if (on_it == claims.end()) break;  // it joined empty
      const auto lost = std::find_if(on_it->second.begin(), on_it->second.end(),
                                     [&](const Claim& claim) { return find_lv(now, claim.lv) != nullptr; });
      if (lost == on_it->second.end()) break;  // they are gone again
      const std::string& lv = find_lv(now, lost->lv)->name;
      return refused(
          fmt::format("PV {0} joined VG {1} at seqno {2}{3} with LV {4} on it, which would be lost: vgsplit takes both "
                      "out; or, if nothing on it is needed: lvremove {1}/{4} first",
                      printable(pv.device), now.name, v.vg.seqno, made_by(v), printable(lv)));
    }
  }
  return ok();
}

/// The newest version whose content is another than the current one's.
const Version* before_last_change(const History& history) {
  const Version& now = *history.current();
  const VolumeGroup content = content_of(now.vg);
  for (auto v = history.versions.rbegin(); v != history.versions.rend(); ++v) {
    const bool candidate =
        v->vg.seqno < now.vg.seqno && (v->standing == Standing::Past || v->standing == Standing::Disputed);
    if (candidate && content_of(v->vg) != content) return &*v;
  }
  return nullptr;
}
}  // namespace

Result<Restored> undo(const History& history, const UndoRequest& request) {
  TRY(check_has_current(history));
  const VolumeGroup& now = history.current()->vg;
  TRY(check_writable(now));
  const Version* from = request.to ? history.find(*request.to) : before_last_change(history);
  if (from == nullptr && request.to)
    return Error(Errc::NotFound, fmt::format("seqno {} of VG {} is not known any more ('history {}' lists what is)",
                                             *request.to, now.name, now.name));
  if (from == nullptr) return Error(Errc::NotFound, fmt::format("no earlier state of VG {} is known", now.name));
  if (from->standing == Standing::Current)
    return refused(fmt::format("seqno {} is what VG {} is now", from->vg.seqno, now.name));
  VolumeGroup imported = from->vg;  // whether it was exported does not come back
  imported.status.set(VgFlag::Exported, false);
  TRY(check_writable(imported));

  Restored restored{{}, from->vg.seqno, {}, {}, {}};
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
  restored.sureness = TRY(how_sure(history, *from, after, back, request.circumstances));
  Planned planned = TRY(finish(&now, {std::move(restored.vg), {}, {}}));
  restored.vg = std::move(planned.vg);
  return restored;
}

}  // namespace ashlar::plan
