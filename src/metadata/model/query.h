// SPDX-License-Identifier: LGPL-2.1-or-later
// Questions about a VG, all pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/model/volume_group.h"

namespace ashlar {

const LogicalVolume* find_lv(const VolumeGroup& vg, std::string_view name);
LogicalVolume* find_lv(VolumeGroup& vg, std::string_view name);
const LogicalVolume* find_lv(const VolumeGroup& vg, const Uuid& id);
const PhysicalVolume* find_pv(const VolumeGroup& vg, const Uuid& id);
PhysicalVolume* find_pv(VolumeGroup& vg, const Uuid& id);

/// The PV, which must be there, under another id, also where segments lie on it. Those of types that are carried
/// through name PVs by position.
void rename_pv(VolumeGroup& vg, const Uuid& from, const Uuid& to);

/// NotFound, in the words that scripts look for.
Error no_such_lv(std::string_view vg, std::string_view lv);

/// Half-open run of PEs on one PV.
struct PeRun {
  Extents start, length;
  friend bool operator==(const PeRun&, const PeRun&) = default;
};

/// What each PV holds, in the order of vg.pvs: used and free runs sorted by start. One pass over the VG.
/// Extents of mirror segments that lie directly on PVs count as used, and so does what a segment of an unknown type
/// says it has, at most.
struct PvUsage {
  std::vector<PeRun> used, free;
  Extents used_extents, free_extents;
};
std::vector<PvUsage> pv_usage(const VolumeGroup& vg);
/// Runs of `a` without those of `b`; both sorted by start.
std::vector<PeRun> without(const std::vector<PeRun>& a, const std::vector<PeRun>& b);

/// Where the PV ends as its VG has it: its size, or its last extent if that is farther. Saturates.
Sectors end_of(const PhysicalVolume& pv, Sectors extent_size);
/// How many of the PV's extents, from the first, lie wholly on a device of that size.
Extents extents_within(const PhysicalVolume& pv, Sectors extent_size, Sectors device);

Extents total_extents(const VolumeGroup& vg);
Extents free_extents(const VolumeGroup& vg);          ///< on all PVs
std::size_t visible_lv_count(const VolumeGroup& vg);  ///< as `vgs` counts: without hidden ones
bool is_partial(const VolumeGroup& vg);               ///< some PV has the MISSING flag
bool is_partial(const VolumeGroup& vg, const LogicalVolume& lv);

/// A PV area named in the body of a Foreign segment, as far as its type is known to lie on PVs itself ("mirror").
/// `known` is false if the body names a PV section in any other way: nothing may then be allocated or removed.
struct ForeignAreas {
  std::vector<PvArea> areas;  ///< each of segment.length extents
  /// What a type that is not known may have at most: "PV section", number in any of its lists.
  std::vector<std::pair<Uuid, PeRun>> perhaps;
  bool known = true;
};
ForeignAreas foreign_areas(const VolumeGroup& vg, const Segment& segment);

/// LVs that the bodies of the LV's segments name, areas or Foreign keys ("thin_pool", "origin", ...).
std::vector<std::string> used_lvs(const VolumeGroup& vg, const LogicalVolume& lv);
/// LVs whose segments name `lv`.
std::vector<std::string> users_of(const VolumeGroup& vg, std::string_view lv);

/// Has one of the LV's striped segments an area on the PV?
bool lies_on_pv(const LogicalVolume& lv, const Uuid& pv);

/// The type word: "linear", "striped", or the Foreign type.
std::string_view type_name(const Segment& segment);
const Foreign* foreign(const LogicalVolume& lv);  ///< its first Foreign segment, or null

/// Is every status word of the VG, its PVs and LVs understood? Names the one that is not.
Status check_status_known(const VolumeGroup& vg);
/// Can anything be written? Names the unknown status word or the segment that is not understood otherwise.
Status check_writable(const VolumeGroup& vg);

}  // namespace ashlar
