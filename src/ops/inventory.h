// SPDX-License-Identifier: LGPL-2.1-or-later
// What a report shows: every VG found with its PVs, what the kernel has of it, and PVs without a VG.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/table.h"
#include "metadata/model/query.h"
#include "metadata/model/volume_group.h"
#include "store/scan.h"

namespace ashlar::ops {

/// One metadata area of a PV.
struct MdaInfo {
  Bytes start, size;
  Bytes free;  ///< room that one more copy of the metadata could still grow by
  bool ignored = false;
};

/// Stands for the path of a device that is not there.
inline constexpr const char* kUnknownDevice = "[unknown]";

/// A PV beyond what the VG's text says of it.
struct PvInfo {
  PhysicalVolume pv;   ///< of an orphan: id, pe_start, dev_size, ba only; of a duplicate: the id
  std::string device;  ///< path; kUnknownDevice where no device has its id
  std::optional<dm::DevNumber> number;
  Bytes device_size;  ///< of the device; 0 where there is none
  std::vector<MdaInfo> mdas;
  bool missing = false;    ///< no device, or the MISSING flag: then it may have a device again
  bool in_use = false;     ///< label says that it belongs to a VG
  bool duplicate = false;  ///< another device with its id is used
  bool outdated = false;   ///< carries an older text of a VG that has it no longer
  bool has_device() const { return device != kUnknownDevice; }
  bool aside() const { return duplicate || outdated; }  ///< shown only where all are, or it is named
};

struct VgInfo {
  VolumeGroup vg;
  std::vector<PvInfo> pvs;                            ///< parallel to vg.pvs
  std::vector<PvUsage> usage;                         ///< parallel to vg.pvs
  std::unordered_map<Uuid, dm::ActiveDevice> active;  ///< by LV id; the LV's own device, not its layers
  bool kernel_known = false;                          ///< false: nobody asked the kernel, activity is unknown
  bool foreign = false;                               ///< another host's (system ID)
  std::vector<std::string> damage;                    ///< why it is shown read-only or in part
  std::vector<std::string> size_warnings = {};        ///< of PVs whose device became smaller
  std::vector<std::string> still = {};                ///< LVs that a stopped command left suspended (ops/stopped.h)
};

struct Inventory {
  std::vector<VgInfo> vgs;                    ///< by name
  std::vector<PvInfo> orphans;                ///< PVs of no VG, by device; then duplicates, of whichever VG
  std::vector<store::Problem> problems = {};  ///< what could not be read; not empty: the answer may be partial
  std::vector<std::string> warnings = {};     ///< of PVs on several devices
  std::vector<PvInfo> others = {};            ///< devices that are no PVs: without an id
};

}  // namespace ashlar::ops
