// SPDX-License-Identifier: LGPL-2.1-or-later
// PVs join and leave, and what a VG is called to be: vgcreate, vgextend, vgreduce, vgchange.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"
#include "metadata/model/lies_on.h"
#include "plan/common.h"
#include "plan/vg_change.h"

namespace ashlar::plan {

namespace {
constexpr const char* kNothingToInherit = "Volume Group allocation policy cannot inherit from anything";
constexpr std::uint64_t kExtentUnit = 256;  // an extent size that is no power of two is a multiple of 128 KiB

}  // namespace

Status check_extent_size(Sectors size) {
  if (size.n == 0) return invalid("Physical extent size may not be zero");
  if (size.n > UINT32_MAX) return invalid("Physical extent size must be smaller than <2.00 TiB.");
  if (!is_power_of_two(size.n) && size.n % kExtentUnit != 0)
    return refused(
        fmt::format("Physical Extent size must be a multiple of 128.00 KiB when not a power of 2. {} is neither.",
                    human_size(to_bytes(size))));
  return ok();
}

namespace {

/// How many extents fit between pe_start and what is reserved at the end.
Result<Extents> extents_of(const JoiningPv& pv, Sectors extent_size) {
  auto taken = checked_add(pv.pe_start.n, pv.end_reserved.n);
  std::uint64_t room = taken && *taken < pv.dev_size.n ? pv.dev_size.n - *taken : 0;
  std::uint64_t count = room / extent_size.n;
  if (count == 0)
    return Error(Errc::NoSpace,
                 fmt::format("{} is too small for volume group extents of {}: of its {} only {} are left "
                             "beside its metadata",
                             printable(pv.device), human_size(to_bytes(extent_size)), human_size(to_bytes(pv.dev_size)),
                             human_size(to_bytes(Sectors{room}))));
  if (count > kMaxExtents)
    return refused(fmt::format("{} would have {} extents, at most {} are possible: choose larger extents",
                               printable(pv.device), count, kMaxExtents));
  return Extents{count};
}

Status add_pvs(VolumeGroup& vg, std::span<const JoiningPv> joining) {
  const std::size_t had = vg.pvs.size();
  for (const JoiningPv& pv : joining) {
    if (find_pv(vg, pv.id) != nullptr)
      return refused(
          fmt::format("Physical volume '{}' is already in volume group '{}'", printable(pv.device), vg.name));
    if (vg.max_pv != 0 && vg.pvs.size() >= vg.max_pv)
      return refused(fmt::format(
          "No space for '{}' - volume group '{}' holds max {} physical volume(s). {} -p {} {} makes room for it.",
          printable(pv.device), vg.name, vg.max_pv, had == 0 ? "vgcreate" : "vgchange", had + joining.size(), vg.name));
    if (pv.block_size > to_bytes(vg.extent_size))
      return refused(
          fmt::format("Physical extent size used for volume group {} is less than logical block size ({} "
                      "bytes) that {} uses.",
                      vg.name, pv.block_size.n, printable(pv.device)));
    PhysicalVolume added;
    added.id = pv.id;
    added.device = pv.device;
    added.status.set(PvFlag::Allocatable);
    added.dev_size = pv.dev_size;
    added.pe_start = pv.pe_start;
    added.pe_count = TRY(extents_of(pv, vg.extent_size));
    added.ba_start = pv.ba_start;
    added.ba_size = pv.ba_size;
    vg.pvs.push_back(std::move(added));
  }
  if (total_extents(vg).n > kMaxExtents)
    return refused(fmt::format("VG {} would have {} extents, at most {} are possible: choose larger extents", vg.name,
                               total_extents(vg).n, kMaxExtents));
  return ok();
}

/// Disks of one VG must agree on their block size: an LV across both could not promise either.
Status check_block_sizes(std::span<const JoiningPv> joining) {
  for (const JoiningPv& pv : joining) {
    const JoiningPv& first = joining.front();
    if (pv.block_size != first.block_size)
      return refused(
          fmt::format("Devices have inconsistent logical block sizes ({} and {}). They are those of {} and {}.",
                      first.block_size.n, pv.block_size.n, printable(first.device), printable(pv.device)));
  }
  return ok();
}

bool used_by_foreign(const VolumeGroup& vg) {
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      if (!std::holds_alternative<Foreign>(segment.body)) continue;
      ForeignAreas areas = foreign_areas(vg, segment);
      if (!areas.known || !areas.areas.empty()) return true;
    }
  }
  return false;
}
}  // namespace

Result<Planned> create_vg(const CreateVg& request, Random& random) {
  TRY(check_name("New volume group name", request.name));
  if (request.alloc == AllocPolicy::Inherit) return invalid(kNothingToInherit);
  TRY(check_extent_size(request.extent_size));
  if (request.pvs.empty()) return invalid(fmt::format("VG {} needs at least one PV", request.name));
  if (!request.mixed_block_sizes) TRY(check_block_sizes(request.pvs));
  Planned planned;
  VolumeGroup& vg = planned.vg;
  vg.name = request.name;
  vg.id = random.uuid();
  for (VgFlag flag : {VgFlag::Resizeable, VgFlag::Read, VgFlag::Write}) vg.status.set(flag);
  vg.status.set(VgFlag::NoAutoActivate, !request.autoactivate);
  TRY(change_tags(vg.tags, request.tags, {}));
  vg.system_id = request.system_id;
  vg.profile = request.profile;
  vg.extent_size = request.extent_size;
  vg.max_lv = request.max_lv;
  vg.max_pv = request.max_pv;
  vg.alloc = request.alloc;
  vg.metadata_copies = kept_copies(request.metadata_copies);
  TRY(add_pvs(vg, request.pvs));
  return finish(nullptr, std::move(planned));
}

Result<Planned> extend_vg(const VolumeGroup& vg, std::span<const JoiningPv> pvs, bool mixed_block_sizes) {
  TRY(check_writable(vg));
  TRY(check_resizeable(vg));
  if (!mixed_block_sizes) TRY(check_block_sizes(pvs));
  Planned planned{vg, {}, {}};
  TRY(add_pvs(planned.vg, pvs));
  return finish(&vg, std::move(planned));
}

Result<Planned> reduce_vg(const VolumeGroup& vg, std::span<const Uuid> pvs) {
  TRY(check_writable(vg));
  TRY(check_resizeable(vg));
  std::vector<PvUsage> usage = pv_usage(vg);
  Planned planned{vg, {}, {}};
  for (const Uuid& id : pvs) {
    const PhysicalVolume* pv = find_pv(vg, id);
    if (pv == nullptr)
      return Error(Errc::NotFound,
                   fmt::format("Failed to find physical volume {} in volume group \"{}\"", id.dashed(), vg.name));
    if (usage[static_cast<std::size_t>(pv - vg.pvs.data())].used_extents.n != 0) return still_in_use(vg, *pv);
    std::erase_if(planned.vg.pvs, [&](const PhysicalVolume& p) { return p.id == id; });
  }
  if (planned.vg.pvs.empty()) return final_pv(vg, vg.pvs.back());
  // Names of PVs in a segment that is carried through are positions: they must stay what they are.
  bool moved = !std::equal(planned.vg.pvs.begin(), planned.vg.pvs.end(), vg.pvs.begin(),
                           [](const PhysicalVolume& a, const PhysicalVolume& b) { return a.id == b.id; });
  if (moved && used_by_foreign(vg))
    return Error(Errc::Unsupported, fmt::format("VG {} has segments of a type that is not handled yet and that name "
                                                "PVs by position; only its last PV could leave",
                                                vg.name));
  return finish(&vg, std::move(planned));
}

namespace {

/// `resizeable`: the VG was it, before it may have stopped to be.
Status change_limits(VolumeGroup& vg, const ChangeVg& request, bool resizeable) {
  if (request.max_lv) {
    if (!resizeable)
      return refused(fmt::format("Volume group \"{}\" must be resizeable to change MaxLogicalVolume", vg.name));
    if (*request.max_lv != 0 && visible_lv_count(vg) > *request.max_lv)
      return refused(fmt::format("MaxLogicalVolume is less than the current number {} of LVs for {}",
                                 visible_lv_count(vg), vg.name));
    vg.max_lv = *request.max_lv;
  }
  if (request.max_pv) {
    if (!resizeable)
      return refused(fmt::format("Volume group \"{}\" must be resizeable to change MaxPhysicalVolumes", vg.name));
    if (*request.max_pv != 0 && vg.pvs.size() > *request.max_pv)
      return refused(fmt::format("MaxPhysicalVolumes is less than the current number {} of PVs for \"{}\"",
                                 vg.pvs.size(), vg.name));
    vg.max_pv = *request.max_pv;
  }
  return ok();
}

}  // namespace

namespace {
std::string copies_word(std::uint32_t copies) {
  return copies == 0 ? "unmanaged" : copies == UINT32_MAX ? "all" : std::to_string(copies);
}
}  // namespace

Result<Planned> change_vg(const VolumeGroup& vg, const ChangeVg& request) {
  TRY(check_writable(vg));
  Planned planned{vg, {}, {}};
  VolumeGroup& now = planned.vg;
  if (request.alloc == AllocPolicy::Inherit) return refused(kNothingToInherit);
  if (request.resizeable) {
    if (vg.status.has(VgFlag::Resizeable) == *request.resizeable)
      return refused(fmt::format("Volume group \"{}\" is already {}", vg.name,
                                 *request.resizeable ? "resizeable" : "not resizeable"));
    now.status.set(VgFlag::Resizeable, *request.resizeable);
  }
  if (request.alloc) {
    if (vg.alloc == *request.alloc)
      return refused(fmt::format("Volume group allocation policy is already {}", policy_word(vg.alloc)));
    now.alloc = *request.alloc;
  }
  if (request.autoactivate) {
    if (vg.status.has(VgFlag::NoAutoActivate) != *request.autoactivate)
      return refused(fmt::format("Volume group autoactivation is already {}.", *request.autoactivate ? "yes" : "no"));
    now.status.set(VgFlag::NoAutoActivate, !*request.autoactivate);
  }
  TRY(change_limits(now, request, vg.status.has(VgFlag::Resizeable)));
  if (request.extent_size) TRY(change_extent_size(now, *request.extent_size, planned.notes));
  if (request.profile) now.profile = *request.profile;
  if (request.new_id) now.id = *request.new_id;
  if (request.system_id) now.system_id = *request.system_id;
  if (request.metadata_copies) {
    if (vg.metadata_copies == *request.metadata_copies)
      planned.notes.push_back(fmt::format("WARNING: Number of metadata copies for VG {} is already {}.", vg.name,
                                          copies_word(vg.metadata_copies)));
    now.metadata_copies = kept_copies(*request.metadata_copies);
  }
  // A tag that is both added and taken off stays on a VG; on an LV or PV it does not. So LVM2 has it.
  TRY(change_tags(now.tags, {}, request.del_tags));
  TRY(change_tags(now.tags, request.add_tags, {}));
  return finish(&vg, std::move(planned));
}

Error final_pv(const VolumeGroup& vg, const PhysicalVolume& pv) {
  return {Errc::Refused,
          fmt::format("Can't remove final physical volume \"{0}\" from volume group \"{1}\": vgremove {1} "
                      "removes both",
                      printable(pv.device), vg.name)};
}

Error still_in_use(const VolumeGroup& vg, const PhysicalVolume& pv) {
  const auto index = static_cast<std::size_t>(&pv - vg.pvs.data());
  std::string names;
  for (const std::size_t lv : LvsOnPvs(vg).on(pv.id))
    names += (names.empty() ? " by " : ", ") + printable(vg.lvs[lv].name);
  return {Errc::Busy,
          fmt::format("Physical volume \"{}\" still in use: {}{}; lvremove frees them, and LVM2's pvmove moves them",
                      printable(pv.device), shown(pv_usage(vg)[index].used_extents, vg.extent_size), names)};
}

}  // namespace ashlar::plan
