// SPDX-License-Identifier: LGPL-2.1-or-later
// PVs with their LVs go from one VG to another: vgsplit and vgmerge; and those that are missing are given up: vgreduce
// --removemissing.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

/// Segments that are carried through name PVs by position: a VG with such LVs stays as it is.
Status check_known(const VolumeGroup& vg, std::string_view verb) {
  for (const LogicalVolume& lv : vg.lvs) {
    if (const Foreign* f = foreign(lv))
      return Error(Errc::Unsupported,
                   fmt::format("Cannot {} VG {}: {} has a segment of type {}, which is not handled yet", verb, vg.name,
                               lv.name, printable(f->type)));
  }
  return ok();
}

std::set<Uuid> pvs_of(const LogicalVolume& lv) {
  std::set<Uuid> pvs;
  for (const Segment& segment : lv.segments) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) continue;
    for (const Area& area : striped->areas) {
      if (const auto* pv = std::get_if<PvArea>(&area)) pvs.insert(pv->pv);
    }
  }
  return pvs;
}

/// Of error and zero alone: it lies nowhere.
bool lies_nowhere(const LogicalVolume& lv) {
  return std::all_of(lv.segments.begin(), lv.segments.end(),
                     [](const Segment& segment) { return std::holds_alternative<Unbacked>(segment.body); });
}

Error extents_differ(const VolumeGroup& to, const VolumeGroup& from) {
  const VolumeGroup& larger = to.extent_size > from.extent_size ? to : from;
  const Sectors smaller = std::min(to.extent_size, from.extent_size);
  return refused(fmt::format("Extent sizes differ: {} ({}) and {} ({}) sectors, {} and {}{}", to.extent_size.n, to.name,
                             from.extent_size.n, from.name, human_size(to_bytes(to.extent_size)),
                             human_size(to_bytes(from.extent_size)),
                             larger.extent_size.n % smaller.n != 0
                                 ? ""
                                 : fmt::format(": vgchange -s {}s {} makes them alike", smaller.n, larger.name)));
}

/// Everything of `from` that may stand in `to`'s way.
Status check_compatible(const VolumeGroup& to, const VolumeGroup& from) {
  if (to.extent_size != from.extent_size) return extents_differ(to, from);
  if (to.max_pv != 0 && to.pvs.size() + from.pvs.size() > to.max_pv)
    return refused(
        fmt::format("Maximum number of physical volumes ({1}) exceeded  for \"{0}\" and \"{2}\": vgchange -p raises it",
                    to.name, to.max_pv, from.name));
  if (to.max_lv != 0 && visible_lv_count(to) + visible_lv_count(from) > to.max_lv)
    return refused(
        fmt::format("Maximum number of logical volumes ({1}) exceeded  for \"{0}\" and \"{2}\": vgchange -l raises it",
                    to.name, to.max_lv, from.name));
  for (const LogicalVolume& lv : from.lvs) {
    if (find_lv(to, lv.name) != nullptr)
      return refused(
          fmt::format("Duplicate logical volume name \"{}\" in \"{}\" and \"{}\"", lv.name, to.name, from.name));
    if (to.name.size() + lv.name.size() > kMaxNames)
      return refused(
          fmt::format("Volume group name {} and logical volume name {} have more than {} characters together", to.name,
                      lv.name, kMaxNames));
    for (const LogicalVolume& other : to.lvs) {
      if (other.id == lv.id)
        return refused(
            fmt::format("Logical volumes {}/{} and {}/{} have the same id", to.name, other.name, from.name, lv.name));
    }
  }
  return ok();
}

void append(VolumeGroup& to, const VolumeGroup& from) {
  to.pvs.insert(to.pvs.end(), from.pvs.begin(), from.pvs.end());
  to.lvs.insert(to.lvs.end(), from.lvs.begin(), from.lvs.end());
}

}  // namespace

Result<Planned> merge_vgs(const VolumeGroup& to, const VolumeGroup& from) {
  // As LVM2 has it, two VGs become one also where none is resizeable.
  for (const VolumeGroup* vg : {&to, &from}) {
    TRY(check_writable(*vg));
    TRY(check_known(*vg, "merge"));
  }
  TRY(check_compatible(to, from));
  Planned planned{to, {}, {}};
  append(planned.vg, from);
  return finish(&to, std::move(planned));
}

Result<SplitVg> split_vg(const VolumeGroup& vg, const VolumeGroup* into, const SplitRequest& request, Random& random) {
  TRY(check_writable(vg));
  TRY(check_known(vg, "split"));
  TRY(check_resizeable(vg));
  std::set<Uuid> moving(request.pvs.begin(), request.pvs.end());
  if (!request.lv.empty()) {
    const LogicalVolume* lv = find_lv(vg, request.lv);
    if (lv == nullptr)
      return Error(Errc::NotFound, fmt::format("Logical volume {} not in volume group {}", request.lv, vg.name));
    moving = pvs_of(*lv);
    if (moving.empty())
      return refused(fmt::format("Logical volume {}/{} lies on no physical volume", vg.name, request.lv));
  }
  VolumeGroup rest = vg, moved;
  moved.name = vg.name;
  moved.extent_size = vg.extent_size;
  rest.pvs.clear();
  rest.lvs.clear();
  for (const PhysicalVolume& pv : vg.pvs) (moving.contains(pv.id) ? moved : rest).pvs.push_back(pv);
  for (const LogicalVolume& lv : vg.lvs) {
    std::set<Uuid> on = pvs_of(lv);
    std::size_t inside = static_cast<std::size_t>(
        std::count_if(on.begin(), on.end(), [&](const Uuid& id) { return moving.contains(id); }));
    if (inside != 0 && inside != on.size())
      return refused(fmt::format("Can't split Logical Volume {} between two Volume Groups", lv.name));
    // What lies on no PV goes along, as LVM2 has it: it would keep a VG without any.
    (inside != 0 || lies_nowhere(lv) ? moved : rest).lvs.push_back(lv);
  }
  SplitVg result;
  if (into != nullptr) {
    TRY(check_writable(*into));
    TRY(check_known(*into, "extend"));
    TRY(check_resizeable(*into));
    TRY(check_compatible(*into, moved));
    result.into = *into;
  } else {
    TRY(check_name("New volume group name", request.name));
    if (request.alloc == AllocPolicy::Inherit)
      return Error(Errc::InvalidArgument, "Volume Group allocation policy cannot inherit from anything");
    VolumeGroup& fresh = result.into;
    fresh.name = request.name;
    fresh.id = random.uuid();
    for (VgFlag flag : {VgFlag::Resizeable, VgFlag::Read, VgFlag::Write}) fresh.status.set(flag);
    fresh.extent_size = vg.extent_size;
    fresh.max_lv = request.max_lv.value_or(vg.max_lv);
    fresh.max_pv = request.max_pv.value_or(vg.max_pv);
    fresh.alloc = request.alloc.value_or(vg.alloc);
    fresh.system_id = vg.system_id;
    fresh.metadata_copies = kept_copies(request.metadata_copies.value_or(0));
  }
  append(result.into, moved);
  result.into = TRY(finish(into, Planned{std::move(result.into), {}, {}})).vg;
  if (!rest.pvs.empty())
    result.rest = TRY(finish(&vg, Planned{std::move(rest), {}, {}})).vg;
  else if (!rest.lvs.empty())
    return refused(fmt::format("Volume group {} keeps logical volumes and would have no physical volume", vg.name));
  return result;
}

Result<Reduced> remove_missing(const VolumeGroup& vg, bool force) {
  TRY(check_writable(vg));
  Reduced reduced{{vg, {}, {}}, {}, {}};
  VolumeGroup& now = reduced.planned.vg;
  for (const LogicalVolume& lv : vg.lvs) {
    if (!is_partial(vg, lv)) continue;
    if (!force) {
      reduced.partial.push_back(lv.name);
      continue;
    }
    TRY(check_plain(vg, lv, "remove"));
    reduced.removed_lvs.push_back(lv.name);
    std::erase_if(now.lvs, [&](const LogicalVolume& each) { return each.name == lv.name; });
  }
  TRY(check_free_known(now));
  std::vector<PvUsage> usage = pv_usage(now);
  std::vector<PhysicalVolume> kept;
  for (std::size_t i = 0; i < now.pvs.size(); ++i) {
    if (!now.pvs[i].status.has(PvFlag::Missing) || usage[i].used_extents.n != 0) kept.push_back(now.pvs[i]);
  }
  if (kept.empty()) return refused(fmt::format("Volume group \"{}\" has no physical volume that is present", vg.name));
  now.pvs = std::move(kept);
  reduced.planned = TRY(finish(&vg, std::move(reduced.planned)));
  return reduced;
}

}  // namespace ashlar::plan
