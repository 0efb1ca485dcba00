// SPDX-License-Identifier: LGPL-2.1-or-later
// What the plan functions share: rules that are looked at before, and the check of what came out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "metadata/model/alloc_policy.h"
#include "plan/allocate.h"
#include "plan/plan.h"

namespace ashlar::plan {

inline constexpr std::size_t kMaxNames = 124;  ///< VG name and LV name together: docs/format.md 4.2
inline constexpr std::int32_t kMaxMinor = 1048575, kMaxMajor = 4095;
inline constexpr std::uint32_t kPageSectors = 8;

/// What this VG or LV does not allow.
inline Error refused(std::string message) { return {Errc::Refused, std::move(message)}; }
/// What no VG would.
inline Error invalid(std::string message) { return {Errc::InvalidArgument, std::move(message)}; }

/// The LV, or NotFound with the text that scripts look for.
Result<const LogicalVolume*> existing_lv(const VolumeGroup& vg, std::string_view name);
/// May `verb` ("resize", "remove", "rename") be done to the LV as if it were alone? Refuses hidden and locked ones,
/// those of another type than striped and those that other LVs lie on, naming what stands in the way.
Status check_plain(const VolumeGroup& vg, const LogicalVolume& lv, std::string_view verb);
/// May its PVs and LVs grow in number or size?
Status check_resizeable(const VolumeGroup& vg);
/// May free extents be given out? Not while a segment that is only carried through may lie on them.
Status check_free_known(const VolumeGroup& vg);
/// Legal for a new LV of this VG and not taken.
Status check_free_lv_name(const VolumeGroup& vg, std::string_view name);
/// Adds tags at the end, then deletes. New ones are checked.
Status change_tags(std::vector<std::string>& tags, const std::vector<std::string>& add,
                   const std::vector<std::string>& del);
/// Sectors of readahead as stored: rounded down to pages, at least one; -1 none, 0 auto.
Result<std::optional<std::int32_t>> checked_read_ahead(std::optional<std::int32_t> sectors,
                                                       std::vector<std::string>& notes);

/// Keeps the LV's device number; without a major the device-mapper's own stands for it.
Status fix_minor(LogicalVolume& lv, std::optional<std::int32_t> major, std::int32_t minor);

/// An LV has at most 2^32-1 extents and 2^63 bytes.
Extents most_extents(const VolumeGroup& vg);
/// "5 extents (20.00 MiB)".
std::string shown(Extents extents, Sectors extent_size);
AllocPolicy effective_policy(const VolumeGroup& vg, AllocPolicy lv);

/// The result, after validate(): a violation that the VG before did not have is an error of ours.
Result<Planned> finish(const VolumeGroup* before, Planned planned);
/// The result where `lv`, which is one of it, alone has changed, after validate_lv(): the rest was read as legal, and the
/// commit looks at all of it.
Result<Planned> finish_lv(Planned planned, const LogicalVolume& lv);

}  // namespace ashlar::plan
