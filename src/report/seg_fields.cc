// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments of LVs and of PVs.
#include <fmt/format.h>

#include <algorithm>

#include "metadata/model/query.h"
#include "report/row.h"
#include "report/stripes.h"
#include "report/value.h"

namespace ashlar::report {

namespace {

std::string_view type_of(const Row& r) { return base_type(*r.segment); }
Body segment_body(const Row& r) { return Body(*r.segment); }

Value number_or_none(std::optional<std::uint64_t> n) { return n ? number(*n) : undefined(); }

/// RAID types that can be reshaped show that they are not.
bool reshapes(std::string_view type) { return is_raid(type) && type != "raid1" && !type.starts_with("raid0"); }

bool shows_reshape(const Row& r) {
  if (r.lv->facts.part != Part::RaidImage) return reshapes(type_of(r));
  const LvView* array = r.vg->lv(r.lv->facts.parent);
  return array != nullptr && reshapes(base_type(*array->lv));
}

Value reshape_extents(const Row& r, Value (*show)(const Row&, Extents)) {
  if (!shows_reshape(r)) return undefined();
  if (r.lv->facts.part != Part::RaidImage) return show(r, reshape_room(*r.segment, false));
  // Of an image its first segment has all that is kept.
  return r.segment->start.n == 0 ? show(r, reshape_room_of_image(*r.segment)) : undefined();
}

Value stripe_size(const Row& r) {
  if (const auto* striped = std::get_if<Striped>(&r.segment->body)) return size(striped->stripe_size);
  return size(Sectors{segment_body(r).number("stripe_size").value_or(0)});
}

/// The segment that has the pool's keys: its own, or that of the pool it belongs to.
const Segment* pool_segment(const Row& r) {
  std::string_view type = type_of(r);
  if (type == "thin-pool" || type == "cache-pool" || type == "vdo-pool") return r.segment;
  if (type != "thin" && type != "cache" && type != "vdo") return nullptr;
  const LvView* pool = r.vg->lv(r.lv->facts.pool);
  if (pool == nullptr || pool->lv->segments.empty()) return nullptr;
  // A cache volume is a plain LV: its keys are in the cache's own segment.
  return is_pool(base_type(*pool->lv)) ? &pool->lv->segments.front() : r.segment;
}

Body pool_body(const Row& r, std::string_view family) {
  const Segment* segment = type_of(r).starts_with(family) ? pool_segment(r) : nullptr;
  return segment == nullptr ? Body() : Body(*segment);
}

/// Of a write cache LVM2 shows these, in this order, and last the one that it does not know itself.
std::vector<std::string> writecache_settings(const Body& body) {
  std::vector<std::string> out;
  for (const char* key : {"high_watermark", "low_watermark", "writeback_jobs", "autocommit_blocks", "autocommit_time",
                          "fua", "nofua", "cleaner", "max_age"})
    if (std::string setting = body.setting(key); !setting.empty()) out.push_back(std::move(setting));
  if (std::string key = body.text("writecache_setting_key"); !key.empty())
    out.push_back(key + "=" + body.text("writecache_setting_val"));
  return out;
}

std::vector<std::string> cache_settings(const Row& r) {
  if (type_of(r) == "writecache") return writecache_settings(segment_body(r));
  return pool_body(r, "cache").settings("policy_settings");
}

Value chunk_size(const Row& r) {
  if (const LvView* link = r.vg->lv(r.lv->facts.link); link != nullptr && !link->lv->segments.empty())
    return size(Sectors{Body(link->lv->segments.front()).number("chunk_size").value_or(0)});
  // Thin LVs have none of their own.
  const Segment* segment = type_of(r) == "thin" || type_of(r) == "vdo" ? nullptr : pool_segment(r);
  return size(Sectors{segment == nullptr ? 0 : Body(*segment).number("chunk_size").value_or(0)});
}

Value thin_zero(const Row& r) {
  if (!type_of(r).starts_with("thin")) return undefined("unknown");
  return flag(pool_body(r, "thin").number("zero_new_blocks").value_or(0) != 0);
}

Value discards(const Row& r) {
  if (!type_of(r).starts_with("thin")) return undefined();
  std::string word = pool_body(r, "thin").text("discards");
  return text(word.empty() ? "ignore" : word);
}

Value parity_chunks(const Row& r) {
  std::uint64_t copies = data_copies(*r.segment);
  return copies > 1 ? number(copies - 1) : undefined();
}

/// "name:first-last" of each area.
std::vector<std::string> ranges(const std::vector<AreaRef>& areas, bool brackets) {
  std::vector<std::string> out;
  for (const AreaRef& area : areas) {
    std::uint64_t last = area.start.n + (area.length.n == 0 ? 0 : area.length.n - 1);
    out.push_back(brackets && area.hidden ? fmt::format("[{}]:{}-{}", area.name, area.start.n, last)
                                          : fmt::format("{}:{}-{}", area.name, area.start.n, last));
  }
  return out;
}
std::vector<std::string> starts(const std::vector<AreaRef>& areas) {
  std::vector<std::string> out;
  for (const AreaRef& area : areas) out.push_back(fmt::format("{}({})", area.name, area.start.n));
  return out;
}

/// Of a VDO pool, and of an LV in it.
Body vdo_body(const Row& r) { return pool_body(r, "vdo"); }
Value vdo_number(const Row& r, const char* key) { return number_or_none(vdo_body(r).number(key)); }
Value vdo_flag(const Row& r, const char* key) {
  if (!type_of(r).starts_with("vdo")) return undefined();
  return flag(vdo_body(r).number(key).value_or(0) != 0);
}
Value vdo_mib(const Row& r, const char* key) {
  auto mib = vdo_body(r).number(key);
  auto bytes = mib ? checked_mul(*mib, 1 << 20) : std::nullopt;
  return bytes ? size(Bytes{*bytes}) : undefined();
}

constexpr Field kSegmentFields[] = {
    {Object::Segment, "segtype", "Type", Type::Text, 4, "Type of the segment.",
     [](const Row& r) { return text(std::string(type_of(r))); }},
    {Object::Segment, "stripes", "#Str", Type::Number, 4, "Number of stripes or images.",
     [](const Row& r) { return number(stripes(*r.segment)); }},
    {Object::Segment, "data_stripes", "#DStr", Type::Number, 5, "Number of those without parity.",
     [](const Row& r) { return number(data_stripes(*r.segment)); }},
    {Object::Segment, "reshape_len", "RSize", Type::Size, 5, "Space kept for reshaping a RAID LV.",
     [](const Row& r) {
       return reshape_extents(r, [](const Row& row, Extents kept) { return size(row.vg->bytes(kept)); });
     }},
    {Object::Segment, "reshape_len_le", "RSize", Type::Number, 5, "The same in extents.",
     [](const Row& r) { return reshape_extents(r, [](const Row&, Extents kept) { return number(kept.n); }); }},
    {Object::Segment, "data_copies", "#Cpy", Type::Number, 4, "How often data is there.",
     [](const Row& r) { return r.has_lv ? number(data_copies(*r.segment)) : undefined(); }},
    {Object::Segment, "data_offset", "DOff", Type::Number, 4, "Where data starts on each image.",
     [](const Row&) { return undefined(); }},
    {Object::Segment, "new_data_offset", "NOff", Type::Number, 4, "Where it starts after a reshape.",
     [](const Row&) { return undefined(); }},
    {Object::Segment, "parity_chunks", "#Par", Type::Number, 4, "Number of parity chunks in a stripe.",
     [](const Row& r) { return parity_chunks(r); }},
    {Object::Segment, "stripe_size", "Stripe", Type::Size, 6, "How much goes to one device before the next.",
     stripe_size},
    {Object::Segment, "region_size", "Region", Type::Size, 6, "What a mirror synchronises at a time.",
     [](const Row& r) { return size(Sectors{segment_body(r).number("region_size").value_or(0)}); }},
    {Object::Segment, "chunk_size", "Chunk", Type::Size, 5, "What a snapshot, pool or cache handles at a time.",
     chunk_size},
    {Object::Segment, "thin_count", "#Thins", Type::Number, 6, "Number of thin LVs in a thin pool.",
     [](const Row& r) { return type_of(r) == "thin-pool" ? number(r.lv->facts.thins) : undefined(); }},
    {Object::Segment, "discards", "Discards", Type::Text, 8, "What a thin pool does with discards.", discards},
    {Object::Segment, "cache_metadata_format", "CMFmt", Type::Number, 5, "Metadata format of a cache.",
     [](const Row& r) { return number_or_none(pool_body(r, "cache").number("metadata_format")); }},
    {Object::Segment, "cache_mode", "CacheMode", Type::Text, 9, "When a cache writes back.",
     [](const Row& r) { return text(pool_body(r, "cache").text("cache_mode")); }},
    {Object::Segment, "zero", "Zero", Type::Flag, 4, "Does a thin pool zero new blocks.", thin_zero, "zero"},
    {Object::Segment, "transaction_id", "TransId", Type::Number, 7, "Of a thin pool or LV, its transaction.",
     [](const Row& r) {
       return type_of(r).starts_with("thin") ? number(segment_body(r).number("transaction_id").value_or(0))
                                             : undefined();
     }},
    {Object::Segment, "thin_id", "ThId", Type::Number, 4, "Number of a thin LV in its pool.",
     [](const Row& r) {
       return type_of(r) == "thin" ? number_or_none(segment_body(r).number("device_id")) : undefined();
     }},
    {Object::Segment, "seg_start", "Start", Type::Size, 5, "Where in the LV it starts.",
     [](const Row& r) { return size(r.vg->bytes(r.segment->start)); }},
    {Object::Segment, "seg_start_pe", "Start", Type::Number, 5, "The same in extents.",
     [](const Row& r) { return number(r.segment->start.n); }},
    {Object::Segment, "seg_size", "SSize", Type::Size, 5, "Its size.",
     [](const Row& r) { return size(r.vg->bytes(r.segment->length)); }},
    {Object::Segment, "seg_size_pe", "SSize", Type::Number, 5, "Its size in extents.",
     [](const Row& r) { return number(r.segment->length.n); }},
    {Object::Segment, "seg_tags", "Seg Tags", Type::TextList, 8, "Tags.",
     [](const Row& r) { return list(r.segment->tags); }},
    {Object::Segment, "seg_pe_ranges", "PE Ranges", Type::TextList, 9, "What it lies on, as in PV arguments.",
     [](const Row& r) { return list(ranges(data_areas(*r.vg, *r.segment), false)); }, "", true, " "},
    {Object::Segment, "seg_le_ranges", "LE Ranges", Type::TextList, 9, "The same, hidden LVs in brackets.",
     [](const Row& r) { return list(ranges(data_areas(*r.vg, *r.segment), true)); }, "", true},
    {Object::Segment, "seg_metadata_le_ranges", "Metadata LE Ranges", Type::TextList, 18, "What its metadata lies on.",
     [](const Row& r) { return list(ranges(metadata_areas(*r.vg, *r.segment), true)); }, "", true},
    {Object::Segment, "devices", "Devices", Type::TextList, 7, "What it lies on, each with its first extent.",
     [](const Row& r) { return list(starts(data_areas(*r.vg, *r.segment))); }, "", true},
    {Object::Segment, "metadata_devices", "Metadata Devs", Type::TextList, 13, "The same for its metadata.",
     [](const Row& r) { return list(starts(metadata_areas(*r.vg, *r.segment))); }, "", true},
    {Object::Segment, "seg_monitor", "Monitor", Type::Text, 7, "Does dmeventd watch it.",
     [](const Row&) { return undefined(); }},
    {Object::Segment, "cache_policy", "CachePolicy", Type::Text, 11, "Policy of a cache.",
     [](const Row& r) { return text(pool_body(r, "cache").text("policy")); }},
    {Object::Segment, "cache_settings", "CacheSettings", Type::TextList, 13, "Settings of that policy.",
     [](const Row& r) { return list(cache_settings(r)); }, "", true},
    {Object::Segment, "vdo_compression", "VDOCompression", Type::Flag, 14, "Does a VDO pool compress.",
     [](const Row& r) { return vdo_flag(r, "use_compression"); }, "enabled"},
    {Object::Segment, "vdo_deduplication", "VDODeduplication", Type::Flag, 16, "Does a VDO pool find duplicates.",
     [](const Row& r) { return vdo_flag(r, "use_deduplication"); }, "enabled"},
    {Object::Segment, "vdo_use_metadata_hints", "VDOMetadataHints", Type::Flag, 16, "Are metadata writes marked.",
     [](const Row& r) { return vdo_flag(r, "use_metadata_hints"); }, "enabled"},
    {Object::Segment, "vdo_minimum_io_size", "VDOMinimumIOSize", Type::Size, 16, "Least size of I/O.",
     [](const Row& r) {
       auto bytes = vdo_body(r).number("minimum_io_size");
       return bytes ? size(Bytes{*bytes}) : undefined();
     }},
    {Object::Segment, "vdo_block_map_cache_size", "VDOBlockMapCacheSize", Type::Size, 20,
     "Memory of the block map cache.", [](const Row& r) { return vdo_mib(r, "block_map_cache_size_mb"); }},
    {Object::Segment, "vdo_block_map_era_length", "VDOBlockMapEraLength", Type::Number, 20,
     "How fast that cache writes.", [](const Row& r) { return vdo_number(r, "block_map_era_length"); }},
    {Object::Segment, "vdo_use_sparse_index", "VDOSparseIndex", Type::Flag, 14, "Is the index sparse.",
     [](const Row& r) { return vdo_flag(r, "use_sparse_index"); }, "enabled"},
    {Object::Segment, "vdo_index_memory_size", "VDOIndexMemorySize", Type::Size, 18, "Memory of the index.",
     [](const Row& r) { return vdo_mib(r, "index_memory_size_mb"); }},
    {Object::Segment, "vdo_slab_size", "VDOSlabSize", Type::Size, 11, "What a VDO pool grows by.",
     [](const Row& r) { return vdo_mib(r, "slab_size_mb"); }},
    {Object::Segment, "vdo_ack_threads", "VDOAckThreads", Type::Number, 13, "Threads that acknowledge.",
     [](const Row& r) { return vdo_number(r, "ack_threads"); }},
    {Object::Segment, "vdo_bio_threads", "VDOBioThreads", Type::Number, 13, "Threads that submit I/O.",
     [](const Row& r) { return vdo_number(r, "bio_threads"); }},
    {Object::Segment, "vdo_bio_rotation", "VDOBioRotation", Type::Number, 14, "Requests before the next of those.",
     [](const Row& r) { return vdo_number(r, "bio_rotation"); }},
    {Object::Segment, "vdo_cpu_threads", "VDOCPUThreads", Type::Number, 13, "Threads that compress and hash.",
     [](const Row& r) { return vdo_number(r, "cpu_threads"); }},
    {Object::Segment, "vdo_hash_zone_threads", "VDOHashZoneThreads", Type::Number, 18, "Threads of the hash zones.",
     [](const Row& r) { return vdo_number(r, "hash_zone_threads"); }},
    {Object::Segment, "vdo_logical_threads", "VDOLogicalThreads", Type::Number, 17, "Threads of the logical zones.",
     [](const Row& r) { return vdo_number(r, "logical_threads"); }},
    {Object::Segment, "vdo_physical_threads", "VDOPhysicalThreads", Type::Number, 18, "Threads of the physical zones.",
     [](const Row& r) { return vdo_number(r, "physical_threads"); }},
    {Object::Segment, "vdo_max_discard", "VDOMaxDiscard", Type::Number, 13, "Largest discard taken.",
     [](const Row& r) { return vdo_number(r, "max_discard"); }},
    {Object::Segment, "vdo_write_policy", "VDOWritePolicy", Type::Text, 14, "When writes are acknowledged.",
     [](const Row& r) { return text(vdo_body(r).text("write_policy")); }},
    {Object::Segment, "vdo_header_size", "VDOHeaderSize", Type::Size, 13, "Header in front of a VDO pool.",
     [](const Row& r) {
       auto sectors = vdo_body(r).number("header_size");
       return sectors && *sectors < (std::uint64_t{1} << 54) ? size(Sectors{*sectors}) : undefined();
     }},
    {Object::PvSegment, "pvseg_start", "Start", Type::Number, 5, "First extent of a piece of a PV.",
     [](const Row& r) { return number(r.pv_segment.start.n); }},
    {Object::PvSegment, "pvseg_size", "SSize", Type::Number, 5, "Number of its extents.",
     [](const Row& r) { return number(r.pv_segment.length.n); }},
};

}  // namespace

std::span<const Field> segment_fields() { return kSegmentFields; }

std::vector<const Field*> all_fields() {
  std::vector<const Field*> out;
  for (auto table : {lv_fields(), lv_kernel_fields(), pv_fields(), vg_fields(), segment_fields()})
    for (const Field& field : table) out.push_back(&field);
  return out;
}

}  // namespace ashlar::report
