// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/attr.h"

#include <cctype>

namespace ashlar::report {

namespace {

bool has_writable_pool_zeroing(const VgView& vg, const LvView& lv) {
  const LvView* pool = base_type(*lv.lv) == "thin" ? vg.lv(lv.facts.pool) : &lv;
  return pool != nullptr && base_type(*pool->lv) == "thin-pool" &&
         Body(pool->lv->segments.front()).number("zero_new_blocks").value_or(0) != 0;
}

/// Whether an image holds the data cannot be seen without the kernel's status; an active parent is taken as in sync.
bool in_sync(const VgView& vg, const LvView& image) {
  const LvView* parent = vg.lv(image.facts.parent);
  return parent != nullptr && parent->device != nullptr;
}

char part_letter(const VgView& vg, const LvView& lv) {
  switch (lv.facts.part) {
    case Part::MirrorImage:
    case Part::RaidImage:
      return base_type(*lv.lv) == "integrity" ? 'g' : in_sync(vg, lv) ? 'i' : 'I';
    case Part::MirrorLog:
      return base_type(*lv.lv) == "mirror" ? '\0' : 'l';
    case Part::RaidMeta:
    case Part::ThinMeta:
    case Part::CacheMeta:
    case Part::IntegrityMeta:
    case Part::PoolSpare:
      return 'e';
    case Part::ThinData:
      return 'T';
    case Part::CacheData:
    case Part::CacheVol:
      return 'C';
    case Part::CacheOrigin:
    case Part::WriteOrigin:
      return 'o';
    case Part::VdoData:
      return 'D';
    case Part::SnapshotCow:
      return lv.facts.merging ? 'S' : 's';
    case Part::IntegrityOrigin:
    case Part::SnapshotLink:
    case Part::None:
      return '\0';
  }
  return '\0';
}

/// What an LV is by the type of its segments, plain '-'.
char type_letter(const LvView& lv) {
  std::string_view type = base_type(*lv.lv);
  bool not_synced = lv.lv->status.has(LvFlag::NotSynced);
  if (type == "mirror") return not_synced ? 'M' : 'm';
  if (is_raid(type)) return not_synced ? 'R' : 'r';
  if (type == "thin-pool") return 't';
  if (type == "thin") return 'V';
  if (type == "cache" || type == "cache-pool" || type == "writecache") return 'C';
  if (type == "vdo-pool") return 'd';
  if (type == "integrity") return 'g';
  if (type == "linear" || type == "striped" || type.empty()) return '-';
  return 'v';  // error, zero, vdo, and what is not known
}

char volume_type(const VgView& vg, const LvView& lv) {
  if (lv.lv->status.has(LvFlag::PvMove)) return 'p';
  if (char letter = part_letter(vg, lv)) return letter;
  const LvFacts& facts = lv.facts;
  if (facts.merging) return 'S';
  if (facts.merge_target) return 'O';
  if (facts.snapshots != 0 || facts.external_thins != 0) return 'o';
  return type_letter(lv);
}

char permission(const LvView& lv) {
  if (lv.lv->status.has(LvFlag::PvMove)) return '-';
  if (!is_writable(*lv.lv)) return 'r';
  return lv.device != nullptr && lv.device->info.read_only ? 'R' : 'w';
}

char allocation(const LogicalVolume& lv) {
  char letter = policy_letter(lv.alloc);
  return lv.status.has(LvFlag::Locked) ? static_cast<char>(std::toupper(static_cast<unsigned char>(letter))) : letter;
}

char state(const VgView& vg, const LvView& lv) {
  if (!vg.info->kernel_known) return 'X';
  if (lv.device == nullptr) return '-';
  const dm::Info& info = lv.device->info;
  if (info.suspended) return 's';
  if (info.live_table) return 'a';
  return info.inactive_table ? 'i' : 'd';
}

char open_state(const VgView& vg, const LvView& lv) {
  if (!vg.info->kernel_known) return 'X';
  return lv.device != nullptr && lv.device->info.open_count > 0 ? 'o' : '-';
}

char target(const LvView& lv) {
  switch (lv.facts.part) {
    case Part::MirrorImage:
    case Part::MirrorLog:
      return 'm';
    case Part::RaidImage:
    case Part::RaidMeta:
      return 'r';
    case Part::CacheOrigin:
    case Part::CacheVol:
    case Part::WriteOrigin:
      return 'C';
    case Part::SnapshotCow:
      return 's';
    default:
      break;
  }
  std::string_view type = base_type(*lv.lv);
  if (type == "thin" || type == "thin-pool") return 't';
  if (lv.facts.snapshots != 0) return 's';
  if (type == "cache" || type == "cache-pool" || type == "writecache") return 'C';
  if (type == "mirror") return 'm';
  if (is_raid(type)) return 'r';
  if (type == "error" || type == "zero" || type == "vdo") return 'v';
  if (type == "linear" || type == "striped" || type == "vdo-pool" || type == "integrity" || type.empty()) return '-';
  return 'u';
}

char health_letter(Health health) {
  switch (health) {
    case Health::Good:
      return '-';
    case Health::Partial:
      return 'p';
    case Health::Unknown:
      return 'X';
    case Health::WriteMostly:
      return 'w';
  }
  return '-';
}

}  // namespace

Health lv_health(const VgView& vg, const LvView& lv) {
  if (lv.partial) return Health::Partial;
  bool raid = is_raid(base_type(*lv.lv)) || lv.facts.part == Part::RaidImage || lv.facts.part == Part::RaidMeta;
  if (!raid) return Health::Good;
  // The state of a RAID array is the kernel's to know.
  if (!vg.info->kernel_known) return Health::Unknown;
  return lv.lv->status.has(LvFlag::WriteMostly) ? Health::WriteMostly : Health::Good;
}

std::string lv_attr(const VgView& vg, const LvView& lv) {
  return {volume_type(vg, lv),
          permission(lv),
          allocation(*lv.lv),
          lv.lv->status.has(LvFlag::FixedMinor) ? 'm' : '-',
          state(vg, lv),
          open_state(vg, lv),
          target(lv),
          has_writable_pool_zeroing(vg, lv) ? 'z' : '-',
          health_letter(lv_health(vg, lv)),
          lv.lv->status.has(LvFlag::ActivationSkip) ? 'k' : '-'};
}

std::string vg_attr(const VgView& view) {
  const VolumeGroup& vg = view.vg();
  bool shared = vg.status.has(VgFlag::Shared) || (!vg.lock_type.empty() && vg.lock_type != "none");
  // An empty VG stands for none: it has no policy.
  return {is_writable(vg) ? 'w' : 'r',
          vg.status.has(VgFlag::Resizeable) ? 'z' : '-',
          vg.status.has(VgFlag::Exported) ? 'x' : '-',
          view.missing_pvs != 0 ? 'p' : '-',
          vg.name.empty() ? '-' : policy_letter(vg.alloc),
          vg.status.has(VgFlag::Clustered) ? 'c'
          : shared                         ? 's'
                                           : '-'};
}

std::string pv_attr(const Row& row) {
  const PhysicalVolume& pv = row.pv->pv;
  bool exported = pv.status.has(PvFlag::Exported) || row.vg->vg().status.has(VgFlag::Exported);
  bool used = row.has_vg || row.pv->in_use;
  return {row.pv->duplicate                                  ? 'd'
          : row.has_vg && pv.status.has(PvFlag::Allocatable) ? 'a'
          : used                                             ? 'u'
                                                             : '-',
          exported ? 'x' : '-', row.pv->missing ? 'm' : '-'};
}

}  // namespace ashlar::report
