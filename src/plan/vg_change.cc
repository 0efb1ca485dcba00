// SPDX-License-Identifier: LGPL-2.1-or-later
// What a VG is called and how it counts: vgrename, vgexport, vgimport, and the extent size of vgchange.
#include "plan/vg_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"
#include "metadata/model/recount.h"
#include "metadata/model/visibility.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

/// Whether or not it is exported.
Status check_writable_exported(VolumeGroup vg) {
  vg.status.set(VgFlag::Exported, false);
  return check_writable(vg);
}

}  // namespace

Result<Planned> rename_vg(const VolumeGroup& vg, const std::string& name) {
  TRY(check_writable_exported(vg));
  TRY(check_name("New volume group name", name));
  for (const LogicalVolume& lv : vg.lvs) {
    if (name.size() + lv.name.size() > kMaxNames)
      return refused(
          fmt::format("New volume group name {} and logical volume name {} have more than {} characters together", name,
                      lv.name, kMaxNames));
  }
  Planned planned{vg, {}, {}};
  planned.vg.name = name;
  return finish(&vg, std::move(planned));
}

Result<Planned> export_vg(const VolumeGroup& vg) {
  TRY(check_writable(vg));
  if (vg.status.has(VgFlag::Exported)) return refused(fmt::format("Volume group \"{}\" is already exported", vg.name));
  Planned planned{vg, {}, {}};
  planned.vg.status.set(VgFlag::Exported);
  planned.vg.system_id.clear();
  for (PhysicalVolume& pv : planned.vg.pvs) pv.status.set(PvFlag::Exported);
  return finish(&vg, std::move(planned));
}

Result<Planned> import_vg(const VolumeGroup& vg, const std::string& system_id) {
  TRY(check_writable_exported(vg));
  if (!vg.status.has(VgFlag::Exported)) return refused(fmt::format("Volume group \"{}\" is not exported", vg.name));
  Planned planned{vg, {}, {}};
  planned.vg.status.set(VgFlag::Exported, false);
  planned.vg.system_id = system_id;
  for (PhysicalVolume& pv : planned.vg.pvs) pv.status.set(PvFlag::Exported, false);
  return finish(&vg, std::move(planned));
}

Status change_extent_size(VolumeGroup& vg, Sectors size, std::vector<std::string>& notes) {
  if (!vg.status.has(VgFlag::Resizeable))
    return refused(fmt::format("Volume group \"{}\" must be resizeable to change PE size", vg.name));
  if (Status legal = check_extent_size(size); !legal) return refused(legal.error().message());
  if (size == vg.extent_size) {
    notes.push_back(
        fmt::format("WARNING: Physical extent size of VG {} is already {}.", vg.name, human_size(to_bytes(size))));
    return ok();
  }
  for (const LogicalVolume& lv : vg.lvs) {
    if (const Foreign* f = foreign(lv))
      return Error(
          Errc::Unsupported,
          fmt::format("Cannot change the extent size of VG {}: {} has a segment of type {}, which is not handled yet",
                      vg.name, lv.name, printable(f->type)));
  }
  const Recount count(vg.extent_size, size);
  for (PhysicalVolume& pv : vg.pvs) {
    Extents before = pv.pe_count;
    if (!count.apply(pv.pe_count))
      return refused(
          fmt::format("New extent size is not a perfect fit: the {} extents of {} are no whole number of new ones",
                      before.n, printable(pv.device)));
  }
  for (LogicalVolume& lv : vg.lvs) {
    for (Segment& segment : lv.segments) {
      if (!count.apply(segment))
        return refused(fmt::format(
            "New extent size is not a perfect fit: logical volume {} does not end or lie on whole new extents",
            lv.name));
      const auto* striped = std::get_if<Striped>(&segment.body);
      if (striped != nullptr && striped->stripe_size > size)
        return refused(fmt::format("Stripes of logical volume {} are larger than the new extents", lv.name));
    }
  }
  vg.extent_size = size;
  return ok();
}

}  // namespace ashlar::plan
