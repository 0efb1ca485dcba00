// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "plan/claims.h"
#include "plan/common.h"
#include "plan/undo.h"
#include "plan/undo_common.h"

namespace ashlar::plan {

namespace {
using Standing = Version::Standing;

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
      const LogicalVolume* there = find_lv(now, lv.id);
      if (there == nullptr && lv.visible()) others.insert(lv.name);
      if (lv.name != name) continue;
      if (there != nullptr)
        still = there;
      else if (!id)
        id = lv.id;
    }
  }
  if (!id && still == nullptr) still = find_lv(now, name);  // made by the last change
  if (!id && still != nullptr)
    return Error(Errc::Exists, fmt::format("LV {}/{} was not removed: it is there{}", now.name, printable(name),
                                           still->name != name ? " as " + still->name : ""));
  for (const Version& v : history.versions) {
    if (id || v.standing != Standing::Elsewhere || find_lv(v.vg, name) == nullptr) continue;
    return refused(fmt::format(
        "LV {}/{} is known from another history of this VG alone, seqno {} in {}: the disks hold another seqno {}",
        now.name, printable(name), v.vg.seqno, printable(v.places.front().name), v.vg.seqno));
  }
  if (!id)
    return Error(Errc::NotFound,
                 fmt::format("no known version of VG {} had an LV {}; {}", now.name, printable(name),
                             others.empty() ? "no removed LV is known"
                                            : fmt::format("removed ones that are known: {}", fmt::join(others, ", "))));
  for (auto v = history.versions.rbegin(); v != history.versions.rend(); ++v) {
    if (v->standing != Standing::Past && v->standing != Standing::Disputed) continue;
    if (const LogicalVolume* lv = find_lv(v->vg, *id)) return Lost{&*v, lv};
  }
  return Error(Errc::NotFound, fmt::format("LV {}/{} is not known any more", now.name, printable(name)));
}

/// Behind the LV that came before it then, so that bringing it back leaves no trace in the order of LVs.
std::ptrdiff_t place_of(const VolumeGroup& then, const LogicalVolume& lv, const VolumeGroup& now) {
  for (const LogicalVolume* before = &lv; before != then.lvs.data();) {
    --before;
    if (const LogicalVolume* there = find_lv(now, before->id)) return there - now.lvs.data() + 1;
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
  TRY(check_extent_size(now, from.vg));

  Restored restored{now, from.vg.seqno, request.new_name.empty() ? request.lv : request.new_name, {}, {}};
  if (find_lv(now, restored.lv) != nullptr)
    return Error(Errc::Exists,
                 fmt::format("VG {} has another LV called {} now: --name NEW brings the removed one back as NEW",
                             now.name, restored.lv));
  TRY(check_free_lv_name(now, restored.lv));
  LogicalVolume back = *lost.lv;
  if (back.name != request.lv)
    restored.notes.push_back(
        fmt::format("The last name of LV {}/{} was {}.", now.name, request.lv, printable(back.name)));
  back.name = restored.lv;

  VolumeGroup alone = from.vg;
  alone.lvs = {*lost.lv};
  const Claims claims = claims_of(alone);
  for (const auto& [id, list] : claims) {
    const PhysicalVolume *then = find_pv(from.vg, id), *pv = find_pv(now, id);
    if (pv == nullptr)
      return refused(fmt::format("PV {} (id {}) of LV {}/{} left the VG: what was written to it since is not known",
                                 pv_name(from.vg, id), id.dashed(), now.name, request.lv));
    if (then == nullptr || pv->pe_start != then->pe_start)
      return refused(fmt::format("the data of PV {} begins elsewhere now: it was made anew", pv_name(now, id)));
  }
  TRY(check_inside(now, claims));
  const std::vector<Piece> pieces = not_in(claims, {});
  restored.sureness = TRY(how_sure(history, from, claims, pieces, request.circumstances));
  restored.vg.lvs.insert(restored.vg.lvs.begin() + place_of(from.vg, *lost.lv, now), std::move(back));
  Planned planned = TRY(finish(&now, {std::move(restored.vg), {}, {}}));
  restored.vg = std::move(planned.vg);
  return restored;
}

}  // namespace ashlar::plan
