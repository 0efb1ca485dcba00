// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel says of an LV. The status lines of its targets (how full, how much in sync) are not asked for: Ashlar
// makes no target that has any, and of other LVs those fields are as of an LV that is not active.
#include "report/attr.h"
#include "report/row.h"
#include "report/value.h"

namespace ashlar::report {

namespace {

Value device_flag(const Row& r, bool (*ask)(const dm::ActiveDevice&)) {
  return r.lv->device == nullptr ? undefined("unknown") : flag(ask(*r.lv->device));
}

Value number_part(const Row& r, std::uint32_t dm::DevNumber::*part) {
  return r.lv->device == nullptr ? undefined("-1") : number(r.lv->device->info.number.*part);
}

Value permissions(const Row& r) {
  if (r.lv->lv->status.has(LvFlag::PvMove)) return undefined();
  if (r.has_lv && !is_writable(*r.lv->lv)) return text("read-only");
  if (r.lv->device == nullptr) return text("unknown");
  return text(r.lv->device->info.read_only ? "read-only-override" : "writeable");
}

Value health(const Row& r) {
  switch (lv_health(*r.vg, *r.lv)) {
    case Health::Good:
      return undefined();
    case Health::Partial:
      return text("partial");
    case Health::Unknown:
      return text("unknown");
    case Health::WriteMostly:
      return text("writemostly");
  }
  return undefined();
}

Value nothing(const Row&) { return undefined(); }
Value unknown(const Row&) { return undefined("unknown"); }

constexpr const char* kOverride[] = {"read-only-override", "ro-override", "r-override", "R", nullptr};
constexpr Synonym kPermissions[] = {
    {0, "writeable", kWriteable}, {0, "read-only", kReadOnly}, {0, "read-only-override", kOverride}};

constexpr Field kLvKernelFields[] = {
    {Object::LvInfo, "lv_kernel_major", "KMaj", Type::Number, 4, "Major number of the active LV, or -1.",
     [](const Row& r) { return number_part(r, &dm::DevNumber::major); }},
    {Object::LvInfo, "lv_kernel_minor", "KMin", Type::Number, 4, "Minor number of the active LV, or -1.",
     [](const Row& r) { return number_part(r, &dm::DevNumber::minor); }},
    {Object::LvInfo, "lv_kernel_read_ahead", "KRahead", Type::Size, 7, "How far the kernel reads ahead, or -1.",
     [](const Row& r) {
       return r.lv->device == nullptr ? undefined("-1") : size(Sectors{r.lv->device->info.read_ahead});
     }},
    {Object::LvInfo, "lv_permissions", "LPerms", Type::Text, 8, "May it be written.", permissions, "", false, nullptr,
     kPermissions},
    {Object::LvInfo, "lv_suspended", "Suspended", Type::Flag, 10, "Is it suspended.",
     [](const Row& r) { return device_flag(r, [](const dm::ActiveDevice& d) { return d.info.suspended; }); },
     "suspended"},
    {Object::LvInfo, "lv_live_table", "LiveTable", Type::Flag, 20, "Has it a live table.",
     [](const Row& r) { return device_flag(r, [](const dm::ActiveDevice& d) { return d.info.live_table; }); },
     "live table present"},
    {Object::LvInfo, "lv_inactive_table", "InactiveTable", Type::Flag, 20, "Has it a table that is not live yet.",
     [](const Row& r) { return device_flag(r, [](const dm::ActiveDevice& d) { return d.info.inactive_table; }); },
     "inactive table present"},
    {Object::LvInfo, "lv_device_open", "DevOpen", Type::Flag, 10, "Is it open.",
     [](const Row& r) { return device_flag(r, [](const dm::ActiveDevice& d) { return d.info.open_count > 0; }); },
     "open"},
    {Object::LvStatus, "data_percent", "Data%", Type::Percent, 6, "How full a snapshot, cache, pool or thin LV is.",
     nothing},
    {Object::LvStatus, "snap_percent", "Snap%", Type::Percent, 6, "How full a snapshot is.", nothing},
    {Object::LvStatus, "metadata_percent", "Meta%", Type::Percent, 6, "How full the metadata of a cache or pool is.",
     nothing},
    {Object::LvStatus, "copy_percent", "Cpy%Sync", Type::Percent, 8, "How much of a cache, RAID or mirror is in sync.",
     nothing},
    {Object::LvStatus, "sync_percent", "Cpy%Sync", Type::Percent, 8, "The same.", nothing},
    {Object::LvStatus, "cache_total_blocks", "CacheTotalBlocks", Type::Number, 16, "Blocks of a cache.", nothing},
    {Object::LvStatus, "cache_used_blocks", "CacheUsedBlocks", Type::Number, 16, "Blocks of a cache in use.", nothing},
    {Object::LvStatus, "cache_dirty_blocks", "CacheDirtyBlocks", Type::Number, 16, "Blocks yet to be written back.",
     nothing},
    {Object::LvStatus, "cache_read_hits", "CacheReadHits", Type::Number, 16, "Reads that the cache served.", nothing},
    {Object::LvStatus, "cache_read_misses", "CacheReadMisses", Type::Number, 16, "Reads that it did not.", nothing},
    {Object::LvStatus, "cache_write_hits", "CacheWriteHits", Type::Number, 16, "Writes that the cache took.", nothing},
    {Object::LvStatus, "cache_write_misses", "CacheWriteMisses", Type::Number, 16, "Writes that it did not.", nothing},
    {Object::LvStatus, "kernel_cache_settings", "KCacheSettings", Type::TextList, 18, "Settings of an active cache.",
     nothing},
    {Object::LvStatus, "kernel_cache_policy", "KCachePolicy", Type::Text, 18, "Policy of an active cache.", nothing},
    {Object::LvStatus, "kernel_metadata_format", "KMFmt", Type::Number, 5, "Metadata format of an active cache.",
     nothing},
    {Object::LvStatus, "lv_health_status", "Health", Type::Text, 15, "What is wrong with it.", health},
    {Object::LvStatus, "kernel_discards", "KDiscards", Type::Text, 9, "What an active thin pool does with discards.",
     nothing},
    {Object::LvStatus, "lv_check_needed", "CheckNeeded", Type::Flag, 15, "Must a pool's metadata be checked.", unknown,
     "check needed"},
    {Object::LvStatus, "lv_merge_failed", "MergeFailed", Type::Flag, 15, "Did a merge fail.", unknown, "merge failed"},
    {Object::LvStatus, "lv_snapshot_invalid", "SnapInvalid", Type::Flag, 15, "Has a snapshot become invalid.", unknown,
     "snapshot invalid"},
    {Object::LvStatus, "vdo_operating_mode", "VDOOperatingMode", Type::Text, 16, "Mode of an active VDO pool.",
     nothing},
    {Object::LvStatus, "vdo_compression_state", "VDOCompressionState", Type::Text, 19, "Does a VDO pool compress.",
     nothing},
    {Object::LvStatus, "vdo_index_state", "VDOIndexState", Type::Text, 13, "State of a VDO pool's index.", nothing},
    {Object::LvStatus, "vdo_used_size", "VDOUsedSize", Type::Size, 11, "Space that a VDO pool uses.", nothing},
    {Object::LvStatus, "vdo_saving_percent", "VDOSaving%", Type::Percent, 10, "Space that a VDO pool saves.", nothing},
    {Object::LvStatus, "writecache_total_blocks", "WCacheTotalBlocks", Type::Number, 17, "Blocks of a write cache.",
     nothing},
    {Object::LvStatus, "writecache_free_blocks", "WCacheFreeBlocks", Type::Number, 16, "Blocks of it that are free.",
     nothing},
    {Object::LvStatus, "writecache_writeback_blocks", "WCacheWritebackBlocks", Type::Number, 21,
     "Blocks being written back.", nothing},
    {Object::LvStatus, "writecache_error", "WCacheErrors", Type::Number, 12, "Errors of a write cache.", nothing},
    {Object::LvInfoStatus, "lv_attr", "Attr", Type::Text, 10, "Attributes, see lvs(8).",
     [](const Row& r) { return text(r.has_lv ? lv_attr(*r.vg, *r.lv) : ""); }},
};

}  // namespace

std::span<const Field> lv_kernel_fields() { return kLvKernelFields; }

}  // namespace ashlar::report
