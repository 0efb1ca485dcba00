// SPDX-License-Identifier: LGPL-2.1-or-later
// What a field's function sees: the objects of one line, each with what is worked out of its VG once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/inventory.h"
#include "report/lv_facts.h"
#include "report/report.h"
#include "report/value.h"

namespace ashlar::report {

struct LvView {
  const LogicalVolume* lv = nullptr;
  const dm::ActiveDevice* device = nullptr;  ///< null: not active, or nobody asked (VgInfo::kernel_known)
  bool visible = true;
  bool bracketed = false;  ///< hidden, and shown as such
  bool partial = false;    ///< some of it lies on a missing PV
  LvFacts facts;
};

struct VgView {
  VgView(const ops::VgInfo& vg_info, ValueSettings with);
  VgView(VgView&&) = default;

  const LvView* lv(LvIndex i) const { return i < 0 ? nullptr : &lvs[static_cast<std::size_t>(i)]; }
  const LvView* lv(std::string_view name) const;
  /// ValueSettings::unknown_device for a PV that has no device or is not of this VG.
  const std::string& device_name(const Uuid& pv) const;
  const VolumeGroup& vg() const { return info->vg; }
  Bytes bytes(Extents e) const { return to_bytes(to_sectors(e, vg().extent_size)); }

  const ops::VgInfo* info;
  ValueSettings settings;
  std::vector<LvView> lvs;  ///< parallel to vg.lvs
  std::unordered_map<std::string_view, LvIndex> by_name;
  std::unordered_map<Uuid, std::size_t> pv_by_id;
  Extents total, free;
  std::size_t missing_pvs = 0, visible_lvs = 0, snapshots = 0;
};

/// A row of /proc/devices as LVM2 knows it.
struct DeviceType {
  const char* name;
  std::uint64_t partitions;  ///< most minor numbers of one device
  const char* description;
};

struct LogRow;

/// One line. No pointer is null: of what a line does not have it points to an empty one.
struct Row {
  Row();

  const VgView* vg;
  const LvView* lv;
  const Segment* segment;
  const ops::PvInfo* pv;
  const PvUsage* usage = nullptr;  ///< null: a PV of no VG
  PeRun pv_segment;
  const DeviceType* device_type = nullptr;  ///< of a line of those
  const LogRow* log = nullptr;              ///< of a line of the log
  bool has_vg = false, has_lv = false;
};

/// "name", or "[name]" if it is hidden and hidden ones are marked.
std::string display_name(const LvView& lv);
/// The same as a value that sorts and is selected without the brackets; nothing for null.
Value name_value(const LvView* lv);
Value uuid_value(const LvView* lv);

/// May it be written, as the metadata says.
bool is_writable(const LogicalVolume& lv);
bool is_writable(const VolumeGroup& vg);
char policy_letter(AllocPolicy policy);  ///< as in the attributes

/// A piece of a PV or LV that a segment lies on.
struct AreaRef {
  std::string name;  ///< device path or LV name
  Extents start, length;
  bool hidden = false;  ///< an LV that is shown in brackets
};
std::vector<AreaRef> data_areas(const VgView& vg, const Segment& segment);
std::vector<AreaRef> metadata_areas(const VgView& vg, const Segment& segment);

}  // namespace ashlar::report
