// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/size_text.h"
#include "plan/common.h"
#include "plan/size.h"

namespace ashlar::plan {

namespace {

/// "lvolN", one above the highest N in use; "lvol9x" counts as 9.
std::string next_name(const VolumeGroup& vg) {
  constexpr std::string_view kPrefix = "lvol";
  std::int64_t next = 0;
  for (const LogicalVolume& lv : vg.lvs) {
    if (!lv.name.starts_with(kPrefix)) continue;
    std::int32_t number = 0;
    auto [end, failed] = std::from_chars(lv.name.data() + kPrefix.size(), lv.name.data() + lv.name.size(), number);
    if (failed == std::errc{} && number >= 0) next = std::max<std::int64_t>(next, std::int64_t{number} + 1);
  }
  return fmt::format("{}{}", kPrefix, next);
}

Status check_room(const VolumeGroup& vg, Extents wanted) {
  Extents free = free_extents(vg);
  if (wanted <= free) return ok();
  return Error(
      Errc::NoSpace,
      fmt::format(
          "Volume group \"{}\" has insufficient free space ({} extents): {} required. {} are missing: vgextend {} DEVICE adds room.",
          vg.name, free.n, wanted.n, shown(wanted - free, vg.extent_size), vg.name));
}

void set_properties(LogicalVolume& lv, const CreateLv& request) {
  lv.status.set(LvFlag::Read);
  lv.status.set(LvFlag::Write, request.writable);
  lv.status.set(LvFlag::Visible);
  lv.status.set(LvFlag::ActivationSkip, request.activation_skip);
  lv.status.set(LvFlag::NoAutoActivate, request.no_autoactivate);
  lv.alloc = request.alloc.value_or(AllocPolicy::Inherit);
  if (request.creation_time != 0) {
    lv.creation_time = request.creation_time;
    lv.creation_host = request.creation_host;
  }
}

/// The LV's first extents.
Status allocate_new(const VolumeGroup& vg, LogicalVolume& lv, const CreateLv& request,
                    std::vector<std::string>& notes) {
  Stripes stripes = TRY(new_stripes(request, vg.extent_size, notes));
  std::vector<Space> spaces = TRY(candidates(vg, request.pvs, request.reach, notes));
  Size size = TRY(size_of_new(vg, request, spaces, notes));
  Wanted wanted{.extents = size.extents,
                .stripes = stripes.count,
                .stripe_size = stripes.size,
                .policy = effective_policy(vg, request.alloc.value_or(AllocPolicy::Inherit)),
                .approximate = size.approximate,
                .cling_tags = request.cling_tags,
                .maximise_cling = request.maximise_cling};
  // Also when the VG's own policy is "anywhere": LVM2 asks for the word on the command line.
  std::size_t pvs = request.pvs ? spaces.size() : vg.pvs.size();
  if (stripes.count > pvs && request.alloc != AllocPolicy::Anywhere)
    return Error(
        Errc::NoSpace,
        fmt::format(
            "Number of stripes ({}) must not exceed number of physical volumes ({}): vgextend {} DEVICE adds one",
            stripes.count, pvs, vg.name));
  if (!size.approximate && size.extents > extents_in(spaces)) TRY(check_room(vg, size.extents));
  return allocate_onto(vg, lv, std::move(spaces), wanted);
}

}  // namespace

Result<Planned> create_lv(VolumeGroup given, const CreateLv& request, Random& random) {
  Planned planned{std::move(given), {}, {}};
  const VolumeGroup& vg = planned.vg;
  TRY(check_writable(vg));
  planned.lv = request.name.empty() ? next_name(vg) : request.name;
  if (vg.max_lv != 0 && visible_lv_count(vg) >= vg.max_lv)
    return Error(
        Errc::Refused,
        fmt::format(
            "Maximum number of logical volumes ({}) reached in volume group {}: vgchange -l {} {} makes room for one",
            vg.max_lv, vg.name, visible_lv_count(vg) + 1, vg.name));
  TRY(check_free_lv_name(vg, planned.lv));
  if (!request.unbacked) TRY(check_free_known(vg));

  LogicalVolume lv;
  lv.name = planned.lv;
  // The same command with the same seed draws the same ids again.
  do lv.id = random.uuid();
  while (std::any_of(vg.lvs.begin(), vg.lvs.end(), [&](const LogicalVolume& other) { return other.id == lv.id; }));
  set_properties(lv, request);
  lv.read_ahead = TRY(checked_read_ahead(request.read_ahead, planned.notes));
  TRY(change_tags(lv.tags, request.tags, {}));
  lv.profile = request.profile;
  if (request.minor) TRY(fix_minor(lv, request.major, *request.minor));
  if (request.unbacked) {
    std::vector<Space> none;
    Size size = TRY(size_of_new(vg, request, none, planned.notes));
    if (size.extents > most_extents(vg))
      return Error(Errc::Refused, fmt::format("An LV has at most {} extents", most_extents(vg).n));
    lv.segments.push_back({{}, size.extents, {}, Unbacked{*request.unbacked}, {}});
  } else {
    TRY(allocate_new(vg, lv, request, planned.notes).noted(planned.notes));
  }
  planned.vg.lvs.push_back(std::move(lv));
  const LogicalVolume& made = planned.vg.lvs.back();
  return finish_lv(std::move(planned), made);
}

}  // namespace ashlar::plan
