// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a PV inside its VG: pvchange and pvresize.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/size_text.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

Result<PhysicalVolume*> existing_pv(VolumeGroup& vg, const Uuid& id) {
  PhysicalVolume* pv = find_pv(vg, id);
  if (pv == nullptr)
    return Error(Errc::NotFound,
                 fmt::format("Failed to find physical volume {} in volume group \"{}\"", id.dashed(), vg.name));
  return pv;
}

/// One past the last extent in use.
Extents used_end(const PvUsage& usage) {
  return usage.used.empty() ? Extents{} : usage.used.back().start + usage.used.back().length;
}

}  // namespace

Result<Planned> change_pv(const VolumeGroup& vg, const ChangePv& request) {
  TRY(check_writable(vg));
  Planned planned{vg, {}, {}};
  PhysicalVolume& pv = *TRY(existing_pv(planned.vg, request.pv));
  if (request.allocatable) {
    if (pv.status.has(PvFlag::Allocatable) == *request.allocatable)
      planned.notes.push_back(fmt::format("Physical volume \"{}\" is already {}.", printable(pv.device),
                                          *request.allocatable ? "allocatable" : "unallocatable"));
    pv.status.set(PvFlag::Allocatable, *request.allocatable);
  }
  TRY(change_tags(pv.tags, request.add_tags, request.del_tags));
  if (request.new_id) {
    if (find_pv(vg, *request.new_id) != nullptr)
      return Error(Errc::Exists, "PV id " + request.new_id->dashed() + " is taken");
    rename_pv(planned.vg, request.pv, *request.new_id);
  }
  return finish(&vg, std::move(planned));
}

Result<ClonedVg> clone_vg(const VolumeGroup& vg, const std::string& name, Random& random) {
  ClonedVg clone{TRY(rename_vg(vg, name)).vg, {}};
  clone.vg.id = random.uuid();
  clone.vg.status.set(VgFlag::Exported, false);
  for (PhysicalVolume& pv : clone.vg.pvs) pv.status.set(PvFlag::Exported, false);
  for (const PhysicalVolume& pv : vg.pvs) {
    clone.new_ids.emplace(pv.id, random.uuid());
    rename_pv(clone.vg, pv.id, clone.new_ids.at(pv.id));
  }
  return clone;
}

Result<Planned> resize_pv(const VolumeGroup& vg, const ResizePv& request) {
  TRY(check_writable(vg));
  Planned planned{vg, {}, {}};
  PhysicalVolume& pv = *TRY(existing_pv(planned.vg, request.pv));
  const std::string name = printable(pv.device);
  Sectors end = request.size;
  if (request.end_area > pv.pe_start) end = std::min(end, request.end_area);
  std::uint64_t room = end > pv.pe_start ? (end - pv.pe_start).n : 0;
  Extents count{room / vg.extent_size.n};
  if (count.n == 0)
    return Error(Errc::NoSpace,
                 fmt::format("Size must leave space for at least one physical extent of {} sectors on PV {}.",
                             vg.extent_size.n, name));
  if (count.n > kMaxExtents)
    return Error(Errc::Refused,
                 fmt::format("{} would have {} extents, at most {} are possible", name, count.n, kMaxExtents));
  if (count < pv.pe_count) {
    TRY(check_free_known(vg));
    PvUsage usage = pv_usage(vg)[static_cast<std::size_t>(&pv - planned.vg.pvs.data())];
    if (count < usage.used_extents)
      return Error(
          Errc::Refused,
          fmt::format(
              "{}: cannot resize to {} extents as {} are allocated, {} and not {}; lvreduce and lvremove free some",
              name, count.n, usage.used_extents.n, human_size(to_bytes(to_sectors(usage.used_extents, vg.extent_size))),
              human_size(to_bytes(to_sectors(count, vg.extent_size)))));
    if (count < used_end(usage))
      return Error(Errc::Refused,
                   fmt::format("{}: cannot resize to {} extents as later ones are allocated.", name, count.n));
  }
  pv.dev_size = request.size;
  pv.pe_count = count;
  return finish(&vg, std::move(planned));
}

}  // namespace ashlar::plan
