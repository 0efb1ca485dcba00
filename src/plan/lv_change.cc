// SPDX-License-Identifier: LGPL-2.1-or-later
// What does not touch extents: lvremove, lvrename, lvchange.
#include <fmt/format.h>

#include "metadata/model/visibility.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

std::string full_name(const VolumeGroup& vg, const LogicalVolume& lv) { return vg.name + "/" + lv.name; }

Status set_writable(const VolumeGroup& vg, LogicalVolume& lv, bool writable) {
  if (lv.status.has(LvFlag::Write) == writable)
    return refused(
        fmt::format("Logical volume \"{}\" is already {}.", full_name(vg, lv), writable ? "writable" : "read only"));
  lv.status.set(LvFlag::Write, writable);
  return ok();
}

Status set_policy(const VolumeGroup& vg, LogicalVolume& lv, AllocPolicy policy) {
  if (lv.alloc == policy)
    return refused(
        fmt::format("Allocation policy of logical volume {} is already {}.", full_name(vg, lv), policy_word(policy)));
  lv.alloc = policy;
  return ok();
}

Status set_read_ahead(const VolumeGroup& vg, LogicalVolume& lv, std::int32_t wanted, std::vector<std::string>& notes) {
  std::optional<std::int32_t> sectors = TRY(checked_read_ahead(wanted, notes));
  if (lv.read_ahead.value_or(0) == sectors.value_or(0)) {
    std::string word = !sectors ? "auto" : *sectors == -1 ? "none" : std::to_string(*sectors);
    return refused(fmt::format("Read ahead is already {} for {}.", word, full_name(vg, lv)));
  }
  lv.read_ahead = sectors;
  return ok();
}

Status set_persistent(const VolumeGroup& vg, LogicalVolume& lv, const ChangeLv& request) {
  if (request.persistent == false) {
    if (request.major || request.minor) return refused("Options --major and --minor are incompatible with -Mn.");
    if (!lv.status.has(LvFlag::FixedMinor))
      return refused(fmt::format("Minor number is already not persistent for {}.", full_name(vg, lv)));
    lv.status.set(LvFlag::FixedMinor, false);
    lv.major.reset();
    lv.minor.reset();
    return ok();
  }
  if (!request.minor) return refused("Please specify minor number with --minor when using -My.");
  return fix_minor(lv, request.major, *request.minor);
}

/// What the kernel's device shows can be changed where the LV is on its own; tags and flags everywhere.
Status check_changeable(const VolumeGroup& vg, const LogicalVolume& lv, const ChangeLv& request) {
  if (!visibility(vg)[static_cast<std::size_t>(&lv - vg.lvs.data())])
    return refused(fmt::format("Operation not permitted on hidden LV {}.", full_name(vg, lv)));
  bool device = request.writable || request.read_ahead || request.persistent || request.major || request.minor;
  return device ? check_plain(vg, lv, "change the device of") : ok();
}

Result<const LogicalVolume*> removable(const VolumeGroup& vg, const std::string& lv) {
  TRY(check_writable(vg));
  const LogicalVolume* found = TRY(existing_lv(vg, lv));
  TRY(check_plain(vg, *found, "remove"));
  return found;
}

}  // namespace

Status check_removable(const VolumeGroup& vg, const std::string& lv) {
  TRY(removable(vg, lv));
  return ok();
}

Result<Planned> remove_lv(VolumeGroup vg, const std::string& lv) {
  const LogicalVolume* found = TRY(removable(vg, lv));
  vg.lvs.erase(vg.lvs.begin() + (found - vg.lvs.data()));  // no other names it, and what is left stays legal
  return Planned{std::move(vg), {}, lv};
}

Result<Planned> rename_lv(const VolumeGroup& vg, const std::string& from, const std::string& to) {
  TRY(check_writable(vg));
  if (from == to) return Error(Errc::InvalidArgument, "Old and new logical volume names must differ");
  const LogicalVolume* found = TRY(existing_lv(vg, from));
  TRY(check_plain(vg, *found, "rename"));
  TRY(check_free_lv_name(vg, to));
  Planned planned{vg, {}, to};
  LogicalVolume& lv = *find_lv(planned.vg, from);
  lv.name = to;
  return finish_lv(std::move(planned), lv);
}

Result<Planned> change_lv(const VolumeGroup& vg, const ChangeLv& request) {
  TRY(check_writable(vg));
  const LogicalVolume* before = TRY(existing_lv(vg, request.lv));
  TRY(check_changeable(vg, *before, request));
  Planned planned{vg, {}, request.lv};
  LogicalVolume& lv = *find_lv(planned.vg, request.lv);
  if (request.writable) TRY(set_writable(vg, lv, *request.writable));
  if (request.alloc) TRY(set_policy(vg, lv, *request.alloc));
  if (request.read_ahead) TRY(set_read_ahead(vg, lv, *request.read_ahead, planned.notes));
  if (request.persistent || request.major || request.minor) TRY(set_persistent(vg, lv, request));
  if (request.profile) lv.profile = *request.profile;
  if (request.activation_skip) lv.status.set(LvFlag::ActivationSkip, *request.activation_skip);
  if (request.autoactivate) lv.status.set(LvFlag::NoAutoActivate, !*request.autoactivate);
  TRY(change_tags(lv.tags, request.add_tags, request.del_tags));
  return finish_lv(std::move(planned), lv);
}

}  // namespace ashlar::plan
