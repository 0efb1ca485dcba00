// SPDX-License-Identifier: LGPL-2.1-or-later
// What the metadata says of an LV. What the kernel says of it is in lv_kernel_fields.cc.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "activation/names.h"
#include "metadata/model/alloc_policy.h"
#include "report/lv_role.h"
#include "report/row.h"
#include "report/stripes.h"
#include "report/value.h"

namespace ashlar::report {

namespace {

const LogicalVolume& lv(const Row& r) { return *r.lv->lv; }
const LvFacts& facts(const Row& r) { return r.lv->facts; }
const LvView* other(const Row& r, LvIndex i) { return r.vg->lv(i); }
bool has(const Row& r, LvFlag flag) { return lv(r).status.has(flag); }

/// The body of the first segment.
Body body(const Row& r) { return lv(r).segments.empty() ? Body() : Body(lv(r).segments.front()); }

std::string path(const Row& r) {
  if (!r.lv->visible || base_type(lv(r)) == "thin-pool") return {};
  return fmt::format("/dev/{}/{}", r.vg->vg().name, lv(r).name);
}

constexpr std::uint64_t kAutoReadAhead = std::numeric_limits<std::uint32_t>::max() * kSectorSize;
Value read_ahead(const Row& r) {
  std::int32_t sectors = lv(r).read_ahead.value_or(0);
  const bool none = sectors < 0 || (sectors == 0 && !r.vg->settings.auto_read_ahead);
  if (!r.has_lv || none) return size(Sectors{0});
  if (sectors == 0) return {.text = "auto", .number = kAutoReadAhead};
  return size(Sectors{static_cast<std::uint64_t>(sectors)});
}

Value persistent(const Row& r, const std::optional<std::int32_t>& part) {
  if (!has(r, LvFlag::FixedMinor) || !part || *part < 0) return undefined("-1");
  return number(static_cast<std::uint64_t>(*part));
}

Value metadata_size(const Row& r) {
  if (const LvView* metadata = other(r, facts(r).metadata)) return size(r.vg->bytes(metadata->lv->extents()));
  if (base_type(lv(r)) == "cache")
    if (auto sectors = body(r).number("metadata_len")) return size(Sectors{*sectors});
  return undefined();
}

Value origin_size(const Row& r) {
  const LvView* of = other(r, facts(r).origin);
  const bool external = base_type(lv(r)) == "thin" && of != nullptr && base_type(*of->lv) != "thin";
  const LvView* origin = facts(r).part == Part::SnapshotCow || external ? of : facts(r).snapshots != 0 ? r.lv : nullptr;
  return origin == nullptr ? undefined() : size(r.vg->bytes(origin->lv->extents()));
}

/// Of a snapshot: what it was taken of. Caches and the like have an origin too, but are no copies of it.
LvIndex taken_of(const LvView& lv, bool full) {
  if (lv.facts.part != Part::SnapshotCow && base_type(*lv.lv) != "thin") return -1;
  return lv.facts.origin < 0 && full ? lv.facts.remembered_origin : lv.facts.origin;
}

/// `full`: over LVs that were removed and are remembered.
std::vector<std::string> ancestors(const Row& r, bool full) {
  std::vector<std::string> out;
  std::unordered_set<LvIndex> seen;  // a damaged VG may go round in circles
  for (LvIndex at = taken_of(*r.lv, full); at >= 0 && seen.insert(at).second; at = taken_of(*other(r, at), full))
    out.push_back(other(r, at)->lv->name);
  return out;
}

std::vector<std::string> descendants(const Row& r, bool full) {
  std::vector<std::string> out;
  std::unordered_set<LvIndex> seen;
  std::vector<const LvView*> todo{r.lv};
  for (std::size_t next = 0; next < todo.size(); ++next) {
    const LvView* at = todo[next];
    auto add = [&](LvIndex i) {
      if (!seen.insert(i).second) return;
      todo.push_back(other(r, i));
      out.push_back(todo.back()->lv->name);
    };
    for (LvIndex i : at->facts.descendants) add(i);
    if (!full) continue;
    for (LvIndex i : at->facts.remembered_descendants) add(i);
  }
  return out;
}

/// A number that RAID segments may have.
Value raid_number(const Row& r, const char* key) {
  auto n = is_raid(base_type(lv(r))) ? body(r).number(key) : std::nullopt;
  return n ? number(*n) : undefined();
}

/// The segment with the integrity of an image, or of the first image of an array that has any.
Body integrity(const Row& r) {
  if (base_type(lv(r)) == "integrity") return body(r);
  if (!is_raid(base_type(lv(r)))) return {};
  for (const AreaRef& image : data_areas(*r.vg, lv(r).segments.front()))
    if (const LvView* at = r.vg->lv(image.name); at != nullptr && base_type(*at->lv) == "integrity")
      return Body(at->lv->segments.front());
  return {};
}

Value integrity_mode(const Row& r) {
  const std::string mode = integrity(r).text("mode");
  return text(mode == "J" ? "journal" : mode == "B" ? "bitmap" : mode);
}

Value integrity_block_size(const Row& r) {
  auto bytes = integrity(r).number("block_size");
  return bytes ? number(*bytes) : undefined("-1");
}

/// Without the room that an array keeps for its reshape.
Value lv_size(const Row& r) {
  Extents size_of = lv(r).extents();
  for (const Segment& segment : lv(r).segments) {
    if (!is_raid(base_type(segment))) continue;
    size_of -= std::min(size_of, reshape_room(segment, true));
  }
  return size(r.vg->bytes(size_of));
}

/// The PV that a pvmove LV moves from.
std::string move_source(const Row& r, bool uuid) {
  if (!has(r, LvFlag::PvMove)) return {};
  for (const Segment& segment : lv(r).segments) {
    ForeignAreas areas = foreign_areas(r.vg->vg(), segment);
    if (!areas.areas.empty()) return uuid ? areas.areas.front().pv.dashed() : r.vg->device_name(areas.areas.front().pv);
  }
  return {};
}

Value when_full(const Row& r) {
  if (base_type(lv(r)) != "thin-pool") return undefined();
  return text(has(r, LvFlag::ErrorWhenFull) ? "error" : "queue");
}

Value creation_time(const Row& r) { return lv(r).creation_time ? number(*lv(r).creation_time) : undefined(); }

Value synced(const Row& r) {
  bool mirrored = base_type(lv(r)) == "mirror" || is_raid(base_type(lv(r)));
  return flag(mirrored && !has(r, LvFlag::NotSynced));
}
Value image_synced(const Row& r) {
  bool image = facts(r).part == Part::MirrorImage || facts(r).part == Part::RaidImage;
  const LvView* parent = other(r, facts(r).parent);
  return flag(image && parent != nullptr && parent->device != nullptr);
}

constexpr const char* kUndefined[] = {"-1", "undefined", "undef", "unknown", nullptr};
constexpr Synonym kNumbers[] = {{std::numeric_limits<std::uint64_t>::max(), nullptr, kUndefined}};
constexpr const char* kAuto[] = {"auto", nullptr};
constexpr Synonym kReadAhead[] = {{kAutoReadAhead, nullptr, kAuto}};

constexpr Field kLvFields[] = {
    {Object::Lv, "lv_uuid", "LV UUID", Type::Text, 38, "UUID of the LV.",
     [](const Row& r) { return text(r.has_lv ? lv(r).id.dashed() : ""); }},
    {Object::Lv, "lv_name", "LV", Type::Text, 4, "Name; in brackets for a hidden LV.",
     [](const Row& r) { return name_value(r.lv); }},
    {Object::Lv, "lv_full_name", "LV", Type::Text, 4, "VG/LV.",
     [](const Row& r) { return text(r.has_lv ? r.vg->vg().name + "/" + lv(r).name : ""); }},
    {Object::Lv, "lv_path", "Path", Type::Text, 4, "Path below /dev; none for hidden LVs and thin pools.",
     [](const Row& r) { return text(r.has_lv ? path(r) : ""); }},
    {Object::Lv, "lv_dm_path", "DMPath", Type::Text, 6, "Path in /dev/mapper.",
     [](const Row& r) { return text(r.has_lv ? "/dev/mapper/" + dm::device_name(r.vg->vg().name, lv(r).name) : ""); }},
    {Object::Lv, "lv_parent", "Parent", Type::Text, 6, "The LV that this one is a part of.",
     [](const Row& r) { return name_value(r.lv->visible ? nullptr : other(r, facts(r).parent)); }},
    {Object::Lv, "lv_layout", "Layout", Type::TextList, 10, "How it is built.",
     [](const Row& r) { return list(lv_layout(r)); }, "", true},
    {Object::Lv, "lv_role", "Role", Type::TextList, 10, "What it is for.",
     [](const Row& r) { return list(lv_role(r)); }, "", true},
    {Object::Lv, "lv_initial_image_sync", "InitImgSync", Type::Flag, 10, "Were the images of a new mirror made equal.",
     synced, "initial image sync"},
    {Object::Lv, "lv_image_synced", "ImgSynced", Type::Flag, 10, "Does an image of a mirror hold the data.",
     image_synced, "image synced"},
    {Object::Lv, "lv_merging", "Merging", Type::Flag, 10, "Is a snapshot being merged into its origin.",
     [](const Row& r) { return flag(facts(r).merging || facts(r).snapshot_merges); }, "merging"},
    {Object::Lv, "lv_converting", "Converting", Type::Flag, 10, "Is it being converted.",
     [](const Row&) { return flag(false); }, "converting"},
    {Object::Lv, "lv_allocation_policy", "AllocPol", Type::Text, 10, "How extents are chosen.",
     [](const Row& r) { return text(r.has_lv ? std::string(policy_word(lv(r).alloc)) : "unknown"); }},
    {Object::Lv, "lv_allocation_locked", "AllocLock", Type::Flag, 10,
     "May its extents not be changed now, as in pvmove.", [](const Row& r) { return flag(has(r, LvFlag::Locked)); },
     "allocation locked"},
    {Object::Lv, "lv_fixed_minor", "FixMin", Type::Flag, 10, "Is its device number persistent.",
     [](const Row& r) { return flag(has(r, LvFlag::FixedMinor)); }, "fixed minor"},
    {Object::Lv, "lv_skip_activation", "SkipAct", Type::Flag, 15, "Is it left out when the VG is activated.",
     [](const Row& r) { return flag(has(r, LvFlag::ActivationSkip)); }, "skip activation"},
    {Object::Lv, "lv_autoactivation", "AutoAct", Type::Flag, 7, "May it be activated by itself.",
     [](const Row& r) { return flag(!has(r, LvFlag::NoAutoActivate)); }, "enabled"},
    {Object::Lv, "lv_when_full", "WhenFull", Type::Text, 15, "What a full thin pool does with writes.", when_full},
    {Object::Lv, "lv_active", "Active", Type::Text, 6, "Is it active.",
     [](const Row& r) {
       return text(!r.vg->info->kernel_known ? "unknown" : r.lv->device != nullptr ? "active" : "");
     }},
    {Object::Lv, "lv_active_locally", "ActLocal", Type::Flag, 10, "Is it active on this host.",
     [](const Row& r) { return r.vg->info->kernel_known ? flag(r.lv->device != nullptr) : undefined("unknown"); },
     "active locally"},
    {Object::Lv, "lv_active_remotely", "ActRemote", Type::Flag, 10, "Is it active on another host.",
     [](const Row& r) { return r.vg->info->kernel_known ? flag(false) : undefined("unknown"); }, "active remotely"},
    {Object::Lv, "lv_active_exclusively", "ActExcl", Type::Flag, 10, "Is it active on one host alone.",
     [](const Row& r) { return r.vg->info->kernel_known ? flag(r.lv->device != nullptr) : undefined("unknown"); },
     "active exclusively"},
    {Object::Lv, "lv_major", "Maj", Type::Number, 3, "Persistent major number, or -1.",
     [](const Row& r) { return persistent(r, lv(r).major); }, "", false, nullptr, kNumbers},
    {Object::Lv, "lv_minor", "Min", Type::Number, 3, "Persistent minor number, or -1.",
     [](const Row& r) { return persistent(r, lv(r).minor); }, "", false, nullptr, kNumbers},
    {Object::Lv, "lv_read_ahead", "Rahead", Type::Size, 6, "How far to read ahead.", read_ahead, "", false, nullptr,
     kReadAhead},
    {Object::Lv, "lv_size", "LSize", Type::Size, 5, "Size of the LV.", lv_size},
    {Object::Lv, "lv_metadata_size", "MSize", Type::Size, 5, "Of a pool, the size of its metadata.", metadata_size},
    {Object::Lv, "seg_count", "#Seg", Type::Number, 4, "Number of segments.",
     [](const Row& r) { return number(lv(r).segments.size()); }},
    {Object::Lv, "origin", "Origin", Type::Text, 6, "What a snapshot was taken of, or what a cache speeds up.",
     [](const Row& r) { return name_value(other(r, facts(r).origin)); }},
    {Object::Lv, "origin_uuid", "Origin UUID", Type::Text, 38, "UUID of the origin.",
     [](const Row& r) { return uuid_value(other(r, facts(r).origin)); }},
    {Object::Lv, "origin_size", "OSize", Type::Size, 5, "Size of a snapshot's origin.", origin_size},
    {Object::Lv, "lv_ancestors", "Ancestors", Type::TextList, 9, "The origin, its origin and so on.",
     [](const Row& r) { return list(ancestors(r, false)); }, "", true},
    {Object::Lv, "lv_full_ancestors", "FAncestors", Type::TextList, 10,
     "The same with removed LVs that are remembered.", [](const Row& r) { return list(ancestors(r, true)); }, "", true},
    {Object::Lv, "lv_descendants", "Descendants", Type::TextList, 11, "Snapshots, snapshots of those and so on.",
     [](const Row& r) { return list(descendants(r, false)); }, "", true},
    {Object::Lv, "lv_full_descendants", "FDescendants", Type::TextList, 12,
     "The same with removed LVs that are remembered.", [](const Row& r) { return list(descendants(r, true)); }, "",
     true},
    {Object::Lv, "raid_mismatch_count", "Mismatches", Type::Number, 10, "Of RAID, differences found.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "raid_sync_action", "SyncAction", Type::Text, 10, "Of RAID, what is being synchronised.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "raid_write_behind", "WBehind", Type::Number, 7, "Of RAID, writes that may be outstanding.",
     [](const Row& r) { return raid_number(r, "writebehind"); }},
    {Object::Lv, "raid_min_recovery_rate", "MinSync", Type::Number, 7, "Of RAID, least KiB/s of a recovery.",
     [](const Row& r) { return raid_number(r, "min_recovery_rate"); }},
    {Object::Lv, "raid_max_recovery_rate", "MaxSync", Type::Number, 7, "Of RAID, most KiB/s of a recovery.",
     [](const Row& r) { return raid_number(r, "max_recovery_rate"); }},
    {Object::Lv, "raidintegritymode", "IntegMode", Type::Text, 9, "How integrity data is written.", integrity_mode},
    {Object::Lv, "raidintegrityblocksize", "IntegBlkSize", Type::Number, 12, "Block size of integrity data.",
     integrity_block_size},
    {Object::Lv, "integritymismatches", "IntegMismatches", Type::Number, 15, "Integrity errors found.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "move_pv", "Move", Type::Text, 4, "The PV that pvmove moves from.",
     [](const Row& r) { return text(move_source(r, false)); }},
    {Object::Lv, "move_pv_uuid", "Move UUID", Type::Text, 38, "UUID of that PV.",
     [](const Row& r) { return text(move_source(r, true)); }},
    {Object::Lv, "convert_lv", "Convert", Type::Text, 7, "The temporary LV of a conversion.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "convert_lv_uuid", "Convert UUID", Type::Text, 38, "UUID of that LV.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "mirror_log", "Log", Type::Text, 3, "The LV with a mirror's log.",
     [](const Row& r) { return name_value(other(r, facts(r).log)); }},
    {Object::Lv, "mirror_log_uuid", "Log UUID", Type::Text, 38, "UUID of that LV.",
     [](const Row& r) { return uuid_value(other(r, facts(r).log)); }},
    {Object::Lv, "data_lv", "Data", Type::Text, 4, "The LV with a pool's data.",
     [](const Row& r) { return name_value(other(r, facts(r).data)); }},
    {Object::Lv, "data_lv_uuid", "Data UUID", Type::Text, 38, "UUID of that LV.",
     [](const Row& r) { return uuid_value(other(r, facts(r).data)); }},
    {Object::Lv, "metadata_lv", "Meta", Type::Text, 4, "The LV with a pool's metadata.",
     [](const Row& r) { return name_value(other(r, facts(r).metadata)); }},
    {Object::Lv, "metadata_lv_uuid", "Meta UUID", Type::Text, 38, "UUID of that LV.",
     [](const Row& r) { return uuid_value(other(r, facts(r).metadata)); }},
    {Object::Lv, "pool_lv", "Pool", Type::Text, 4, "The pool of a thin, cached or VDO LV.",
     [](const Row& r) { return name_value(other(r, facts(r).pool)); }},
    {Object::Lv, "pool_lv_uuid", "Pool UUID", Type::Text, 38, "UUID of the pool.",
     [](const Row& r) { return uuid_value(other(r, facts(r).pool)); }},
    {Object::Lv, "lv_tags", "LV Tags", Type::TextList, 7, "Tags.", [](const Row& r) { return list(lv(r).tags); }},
    {Object::Lv, "lv_profile", "LProfile", Type::Text, 8, "Profile of settings.",
     [](const Row& r) { return text(lv(r).profile); }},
    {Object::Lv, "lv_lockargs", "LLockArgs", Type::Text, 9, "What the lock manager keeps with it.",
     [](const Row& r) { return text(lv(r).lock_args); }},
    {Object::Lv, "lv_time", "CTime", Type::Time, 26, "When it was made.", creation_time},
    {Object::Lv, "lv_time_removed", "RTime", Type::Time, 26, "When it was removed.",
     [](const Row&) { return undefined(); }},
    {Object::Lv, "lv_host", "Host", Type::Text, 10, "The host it was made on.",
     [](const Row& r) { return text(lv(r).creation_host); }},
    {Object::Lv, "lv_modules", "Modules", Type::TextList, 7, "Kernel modules it needs.",
     [](const Row& r) { return list(lv_modules(r)); }},
    {Object::Lv, "lv_historical", "Historical", Type::Flag, 10, "Is it a removed LV that is remembered.",
     [](const Row&) { return flag(false); }, "historical"},
    {Object::Lv, "writecache_block_size", "WCacheBlkSize", Type::Number, 13, "Block size of a write cache.",
     [](const Row& r) {
       auto bytes = base_type(lv(r)) == "writecache" ? body(r).number("writecache_block_size") : std::nullopt;
       return bytes ? number(*bytes) : undefined("-1");
     }},
};

}  // namespace

std::span<const Field> lv_fields() { return kLvFields; }

}  // namespace ashlar::report
