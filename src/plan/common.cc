// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/common.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/names.h"
#include "base/size_text.h"
#include "metadata/model/validate.h"

namespace ashlar::plan {

Result<const LogicalVolume*> existing_lv(const VolumeGroup& vg, std::string_view name) {
  if (const LogicalVolume* lv = find_lv(vg, name)) return lv;
  return no_such_lv(vg.name, name);
}

Status check_plain(const VolumeGroup& vg, const LogicalVolume& lv, std::string_view verb) {
  auto refuse = [&](const std::string& why) -> Status {
    return Error(Errc::Refused, fmt::format("Cannot {} logical volume {}/{}: {}", verb, vg.name, lv.name, why));
  };
  if (lv.status.has(LvFlag::PvMove)) return refuse("it is the mirror of an unfinished pvmove");
  if (lv.status.has(LvFlag::Locked)) return refuse("it is locked by an unfinished pvmove");
  std::vector<std::string> users = users_of(vg, lv.name);
  if (!users.empty()) {
    const LogicalVolume* user = find_lv(vg, users.front());
    const Foreign* type = user != nullptr ? foreign(*user) : nullptr;
    return refuse(fmt::format("it is part of logical volume {}/{} (type {})", vg.name, users.front(),
                              type != nullptr ? std::string_view(type->type) : "striped"));
  }
  if (const Foreign* type = foreign(lv))
    return refuse(fmt::format("it has segments of type \"{}\", which are only carried through", type->type));
  if (!lv.visible()) return refuse("it is a hidden logical volume");
  return ok();
}

Status check_resizeable(const VolumeGroup& vg) {
  if (vg.status.has(VgFlag::Resizeable)) return ok();
  return refused(fmt::format("Volume group {} is not resizeable. vgchange -xy makes it so.", vg.name));
}

Status check_free_known(const VolumeGroup& vg) {
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      if (std::holds_alternative<Foreign>(segment.body) && !foreign_areas(vg, segment).known)
        return Error(Errc::Unsupported, fmt::format("Cannot allocate in volume group {}: LV {}/{} of type \"{}\" names "
                                                    "physical volumes in a way that is not understood",
                                                    vg.name, vg.name, lv.name, type_name(segment)));
    }
  }
  return ok();
}

Status check_free_lv_name(const VolumeGroup& vg, std::string_view name) {
  TRY(check_new_lv_name(name));
  if (find_lv(vg, name) != nullptr)
    return Error(Errc::Exists,
                 fmt::format("Logical Volume \"{}\" already exists in volume group \"{}\"", name, vg.name));
  if (vg.name.size() + name.size() > kMaxNames)
    return Error(Errc::InvalidArgument,
                 fmt::format("Logical volume name \"{}\" is too long: with the name of volume group {} it has {} "
                             "characters, at most {} are allowed",
                             name, vg.name, vg.name.size() + name.size(), kMaxNames));
  return ok();
}

Status change_tags(std::vector<std::string>& tags, const std::vector<std::string>& add,
                   const std::vector<std::string>& del) {
  for (const std::string& tag : add) {
    TRY(check_tag(tag));
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
  }
  for (const std::string& tag : del) std::erase(tags, tag);
  return ok();
}

Result<std::optional<std::int32_t>> checked_read_ahead(std::optional<std::int32_t> sectors,
                                                       std::vector<std::string>& notes) {
  if (!sectors || *sectors == 0) return std::optional<std::int32_t>{};
  if (*sectors == -1) return sectors;
  if (*sectors < 0) return Error(Errc::InvalidArgument, fmt::format("Read ahead of {} sectors is not valid", *sectors));
  constexpr auto kPage = static_cast<std::int32_t>(kPageSectors);
  std::int32_t rounded = std::max(*sectors / kPage * kPage, kPage);
  if (rounded != *sectors)
    notes.push_back(fmt::format("WARNING: Overriding readahead to {} sectors, a multiple of 4K page size.", rounded));
  return std::optional(rounded);
}

Status fix_minor(LogicalVolume& lv, std::optional<std::int32_t> major, std::int32_t minor) {
  if (minor < 0 || minor > kMaxMinor)
    return Error(Errc::Refused, fmt::format("Minor number {} outside range 0-{}.", minor, kMaxMinor));
  if (major.value_or(0) < 0 || major.value_or(0) > kMaxMajor)
    return Error(Errc::Refused, fmt::format("Major number {} outside range 0-{}.", *major, kMaxMajor));
  lv.status.set(LvFlag::FixedMinor);
  lv.major = major.value_or(0);
  lv.minor = minor;
  return ok();
}

Extents most_extents(const VolumeGroup& vg) {
  constexpr std::uint64_t kMaxSectors = (std::uint64_t{1} << 63) / kSectorSize;
  return {std::min(kMaxExtents, kMaxSectors / std::max<std::uint64_t>(vg.extent_size.n, 1))};
}

std::string shown(Extents extents, Sectors extent_size) {
  return fmt::format("{} extents ({})", extents.n, human_size(to_bytes(to_sectors(extents, extent_size))));
}

AllocPolicy effective_policy(const VolumeGroup& vg, AllocPolicy lv) {
  if (lv != AllocPolicy::Inherit) return lv;
  return vg.alloc == AllocPolicy::Inherit ? AllocPolicy::Normal : vg.alloc;
}

namespace {
Error not_valid(const Violation& found) {
  return {Errc::Corrupt, "internal error: the planned volume group is not valid: " + found.what};
}
}  // namespace

Result<Planned> finish_lv(Planned planned, const LogicalVolume& lv) {
  const std::vector<Violation> found = validate_lv(planned.vg, static_cast<std::size_t>(&lv - planned.vg.lvs.data()));
  if (!found.empty()) return not_valid(found.front());
  return planned;
}

Result<Planned> finish(const VolumeGroup* before, Planned planned) {
  std::vector<Violation> after = validate(planned.vg);
  if (after.empty()) return planned;
  if (before != nullptr) {
    std::vector<Violation> known = validate(*before);
    std::erase_if(after, [&](const Violation& each) {
      return std::any_of(known.begin(), known.end(), [&](const Violation& other) { return other.what == each.what; });
    });
    if (after.empty()) return Error(Errc::Corrupt, known.front().what).context("volume group " + before->name);
  }
  return not_valid(after.front());
}

}  // namespace ashlar::plan
