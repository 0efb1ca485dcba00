// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/undo_common.h"

#include <fmt/format.h>

#include "base/log.h"

namespace ashlar::plan {

std::string pe_text(Extents start, Extents length) {
  return length.n == 1 ? fmt::format("extent {}", start.n)
                       : fmt::format("extents {}-{}", start.n, (start + length).n - 1);
}

std::string pv_name(const VolumeGroup& vg, const Uuid& id) {
  const PhysicalVolume* pv = find_pv(vg, id);
  return pv != nullptr && !pv->device.empty() ? printable(pv->device) : id.dashed();
}

std::string made_by(const Version& v) {
  return v.command.empty() ? "" : fmt::format(", made by '{}'", printable(v.command));
}

Status check_has_current(const History& history) {
  return history.current() != nullptr
             ? ok()
             : Status(Error(Errc::NotFound, "there is no such VG now; vgcfgrestore brings a removed one back"));
}

Status check_extent_size(const VolumeGroup& now, const VolumeGroup& then) {
  if (now.extent_size == then.extent_size) return ok();
  return refused(fmt::format(
      "the extents of VG {0} have {1} sectors now and had {2} at seqno {3}: `vgchange -s {2}s {0}` first gives "
      "them that size again",
      now.name, now.extent_size.n, then.extent_size.n, then.seqno));
}

Status check_inside(const VolumeGroup& vg, const Claims& claims) {
  for (const auto& [id, list] : claims) {
    const PhysicalVolume* pv = find_pv(vg, id);
    if (pv == nullptr) continue;
    for (const Claim& claim : list) {
      if (claim.start + claim.length <= pv->pe_count) continue;
      return refused(fmt::format("LV {}/{} had {} of {}, which has only {} extents now", vg.name, printable(claim.name),
                                 pe_text(claim.start, claim.length), pv_name(vg, id), pv->pe_count.n));
    }
  }
  return ok();
}

}  // namespace ashlar::plan
