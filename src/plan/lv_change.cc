// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "plan/common.h"

namespace ashlar::plan {

namespace {
Error invalid(std::string message) {
  return {Errc::InvalidArgument, std::move(message)};
}
}  // namespace

Result<Planned> remove_lv(const VolumeGroup& vg, const std::string& lv) {
  TRY(check_writable(vg));
  const LogicalVolume* found = TRY(existing_lv(vg, lv));
  TRY(check_plain(vg, *found, "remove"));
  Planned planned{vg, {}, lv};
  planned.vg.lvs.erase(planned.vg.lvs.begin() + (found - vg.lvs.data()));
  return finish(&vg, std::move(planned));
}

Result<Planned> rename_lv(const VolumeGroup& vg, const std::string& from, const std::string& to) {
  TRY(check_writable(vg));
  if (from == to) return invalid("Old and new logical volume names must differ");
  const LogicalVolume* found = TRY(existing_lv(vg, from));
  TRY(check_plain(vg, *found, "rename"));
  TRY(check_free_lv_name(vg, to));
  Planned planned{vg, {}, to};
  find_lv(planned.vg, from)->name = to;
  return finish(&vg, std::move(planned));
}

Result<Planned> change_lv(const VolumeGroup& vg, const ChangeLv& request) {
  TRY(check_writable(vg));
  TRY(existing_lv(vg, request.lv));
  Planned planned{vg, {}, request.lv};
  return finish(&vg, std::move(planned));
}

}  // namespace ashlar::plan
