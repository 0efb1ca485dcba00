// SPDX-License-Identifier: LGPL-2.1-or-later
// A volume group is a value: plain structs, compared with ==, copied to plan, compare and undo. Relations are by
// name or id. Nothing here knows a disk, a kernel or a file. Field names are the metadata's. Source: docs/format.md 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "base/uuid.h"
#include "metadata/model/flags.h"
#include "metadata/model/segment.h"

namespace ashlar {

inline constexpr std::uint64_t kMaxExtents = 0xFFFFFFFF;  ///< of a PV, LV or VG

enum class AllocPolicy : std::uint8_t { Contiguous, Cling, ClingByTags, Normal, Anywhere, Inherit };

struct PhysicalVolume {
  Uuid id;
  std::string device;  ///< last known path; a hint only; "[unknown]" if missing when written
  std::string device_id, device_id_type;
  FlagSet<PvFlag> status;
  std::vector<std::string> tags;
  std::optional<Sectors> dev_size;
  Sectors pe_start;
  Extents pe_count;
  Sectors ba_start, ba_size;  ///< bootloader area; size 0: none
  std::string extra;          ///< unknown keys, in the metadata grammar
  friend bool operator==(const PhysicalVolume&, const PhysicalVolume&) = default;
};

struct LogicalVolume {
  std::string name;
  Uuid id;
  FlagSet<LvFlag> status;
  std::vector<std::string> tags;
  std::optional<std::uint64_t> creation_time;  ///< seconds since 1970; with creation_host or not at all
  std::string creation_host;
  std::string lock_args;
  AllocPolicy alloc = AllocPolicy::Inherit;
  std::string profile;
  std::optional<std::int32_t> read_ahead;  ///< sectors; none: auto; -1: none, 0: auto
  std::optional<std::int32_t> major, minor;
  std::vector<Segment> segments;  ///< by start, without gaps
  std::string extra;
  friend bool operator==(const LogicalVolume&, const LogicalVolume&) = default;

  bool visible() const { return status.has(LvFlag::Visible); }
  Extents extents() const { return segments.empty() ? Extents{} : segments.back().start + segments.back().length; }
};

struct VolumeGroup {
  std::string name;
  Uuid id;
  std::uint32_t seqno = 0;
  std::string format = "lvm2";
  FlagSet<VgFlag> status;
  std::vector<std::string> tags;
  std::string system_id, lock_type, lock_args;
  Sectors extent_size;
  std::uint32_t max_lv = 0, max_pv = 0;  ///< 0: no limit
  AllocPolicy alloc = AllocPolicy::Normal;
  std::string profile;
  std::uint32_t metadata_copies = 0;  ///< 0: unmanaged, 0xFFFFFFFF: all
  std::vector<PhysicalVolume> pvs;    ///< in order of joining
  std::vector<LogicalVolume> lvs;     ///< in order of creation, hidden ones among them
  std::string historical;             ///< historical_logical_volumes, carried through, in the metadata grammar
  std::string extra;
  friend bool operator==(const VolumeGroup&, const VolumeGroup&) = default;
};

}  // namespace ashlar
