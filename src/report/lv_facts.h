// SPDX-License-Identifier: LGPL-2.1-or-later
// How the LVs of a VG stand to one another, from their segments: the bodies of types that Ashlar does not handle name
// their pools, origins and parts. Keys by type: docs/format.md 3.6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/document.h"
#include "metadata/model/volume_group.h"

namespace ashlar::report {

/// What an LV is to another one that is made of it.
enum class Part : std::uint8_t {
  None,
  MirrorImage,
  MirrorLog,
  RaidImage,
  RaidMeta,
  ThinData,
  ThinMeta,
  CacheData,
  CacheMeta,
  CacheOrigin,
  CacheVol,
  WriteOrigin,
  VdoData,
  IntegrityOrigin,
  IntegrityMeta,
  PoolSpare,
  SnapshotCow,
  SnapshotLink,
};

/// Positions in vg.lvs; -1: none.
using LvIndex = std::int32_t;

struct LvFacts {
  Part part = Part::None;
  LvIndex parent = -1;  ///< the LV it is a part of; nothing for origins and cache volumes
  LvIndex origin = -1;  ///< of a snapshot, thin snapshot, cache
  LvIndex pool = -1;    ///< of a thin, cache, VDO LV
  LvIndex data = -1, metadata = -1, log = -1;
  LvIndex link = -1;               ///< of a snapshot: the hidden LV with its segment
  LvIndex remembered_origin = -1;  ///< of a thin snapshot whose origins were removed: the next one that was not
  std::uint32_t snapshots = 0, thin_snapshots = 0, external_thins = 0, thins = 0;
  std::vector<LvIndex> descendants;             ///< snapshots of either kind, one step
  std::vector<LvIndex> remembered_descendants;  ///< the other way round
  bool merging = false;                         ///< a snapshot being merged
  bool merge_target = false;                    ///< ... into this one
  bool snapshot_merges = false;                 ///< ... and it has a store of its own
  bool of_writecache = false;                   ///< a CacheVol that is one of those
};

/// A parsed Foreign body; nothing in it for any other segment or one that cannot be parsed.
class Body {
 public:
  Body() = default;
  explicit Body(const Segment& segment);
  /// The keys that no type of segment knows.
  static Body unknown_keys(const Segment& segment);

  std::optional<std::uint64_t> number(const char* key) const;
  std::string text(const char* key) const;  ///< empty: none
  /// The strings of an array, numbers passed over.
  std::vector<std::string> names(const char* key) const;
  /// "key=value" of every setting of a section.
  std::vector<std::string> settings(const char* section) const;
  /// "key=value" of the one setting; empty: there is none.
  std::string setting(const char* key) const;

 private:
  std::optional<config::Document> document_;
};

/// The type without its "+FLAG"s: "linear", "striped", "thin-pool", ...
std::string_view base_type(const Segment& segment);
/// Of the first segment; empty without segments.
std::string_view base_type(const LogicalVolume& lv);

inline bool is_raid(std::string_view type) { return type.starts_with("raid"); }
inline bool is_pool(std::string_view type) { return type == "thin-pool" || type == "cache-pool" || type == "vdo-pool"; }

/// Parallel to vg.lvs. `visible` as metadata/model/visibility.h has it.
std::vector<LvFacts> lv_facts(const VolumeGroup& vg, const std::vector<bool>& visible,
                              const std::unordered_map<std::string_view, LvIndex>& by_name);

}  // namespace ashlar::report
