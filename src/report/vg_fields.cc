// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "metadata/model/alloc_policy.h"
#include "report/attr.h"
#include "report/row.h"
#include "report/value.h"

namespace ashlar::report {

namespace {

/// All metadata areas of the VG's PVs folded into one number.
template <class Fold>
std::uint64_t over_mdas(const Row& r, std::uint64_t start, Fold fold) {
  std::uint64_t out = start;
  for (const ops::PvInfo& pv : r.vg->info->pvs)
    for (const ops::MdaInfo& mda : pv.mdas) out = fold(out, mda);
  return out;
}

constexpr std::uint64_t kNone = ~std::uint64_t{0};

std::uint64_t mda_count(const Row& r, bool used_only) {
  return over_mdas(r, 0,
                   [&](std::uint64_t n, const ops::MdaInfo& mda) { return n + (used_only && mda.ignored ? 0 : 1); });
}
Bytes mda_free(const Row& r) {
  std::uint64_t n = over_mdas(r, kNone, [](std::uint64_t least, const ops::MdaInfo& mda) {
    return mda.ignored ? least : std::min(least, mda.free.n);
  });
  return {n == kNone ? 0 : n};
}
Bytes mda_size(const Row& r) {
  std::uint64_t n =
      over_mdas(r, kNone, [](std::uint64_t least, const ops::MdaInfo& mda) { return std::min(least, mda.size.n); });
  return {n == kNone ? 0 : n};
}

constexpr std::uint32_t kAllCopies = 0xFFFFFFFF;
Value mda_copies(const Row& r) {
  std::uint32_t copies = r.vg->vg().metadata_copies;
  Value value = number(copies);
  if (copies == 0) value.text = "unmanaged";
  if (copies == kAllCopies) value.text = "all";
  return value;
}

bool has(const Row& r, VgFlag flag) { return r.vg->vg().status.has(flag); }
bool is_shared(const VolumeGroup& vg) {
  return vg.status.has(VgFlag::Shared) || (!vg.lock_type.empty() && vg.lock_type != "none");
}

constexpr const char* kUnmanaged[] = {"unmanaged", nullptr};
constexpr const char* kAll[] = {"all", nullptr};
constexpr Synonym kCopies[] = {{0, nullptr, kUnmanaged}, {kAllCopies, nullptr, kAll}};
constexpr Synonym kVgPermissions[] = {{0, "writeable", kWriteable}, {0, "read-only", kReadOnly}};

constexpr Field kVgFields[] = {
    {Object::Vg, "vg_fmt", "Fmt", Type::Text, 3, "Metadata format.",
     [](const Row& r) { return text(r.vg->vg().format); }},
    {Object::Vg, "vg_uuid", "VG UUID", Type::Text, 38, "UUID of the VG.",
     [](const Row& r) { return text(r.has_vg ? r.vg->vg().id.dashed() : ""); }},
    {Object::Vg, "vg_name", "VG", Type::Text, 2, "Name of the VG.", [](const Row& r) { return text(r.vg->vg().name); }},
    {Object::Vg, "vg_attr", "Attr", Type::Text, 5, "Attributes, see vgs(8).",
     [](const Row& r) { return text(vg_attr(*r.vg)); }},
    {Object::Vg, "vg_permissions", "VPerms", Type::Text, 10, "May it be changed.",
     [](const Row& r) { return text(is_writable(r.vg->vg()) ? "writeable" : "read-only"); }, "", false, nullptr,
     kVgPermissions},
    {Object::Vg, "vg_extendable", "Extendable", Type::Flag, 10, "May PVs be added.",
     [](const Row& r) { return flag(has(r, VgFlag::Resizeable)); }, "extendable"},
    {Object::Vg, "vg_exported", "Exported", Type::Flag, 10, "Is it exported.",
     [](const Row& r) { return flag(has(r, VgFlag::Exported)); }, "exported"},
    {Object::Vg, "vg_autoactivation", "AutoAct", Type::Flag, 7, "May it be activated by itself.",
     [](const Row& r) { return flag(!has(r, VgFlag::NoAutoActivate)); }, "enabled"},
    {Object::Vg, "vg_partial", "Partial", Type::Flag, 10, "Is a PV missing.",
     [](const Row& r) { return flag(r.vg->missing_pvs != 0); }, "partial"},
    {Object::Vg, "vg_allocation_policy", "AllocPol", Type::Text, 10, "How extents are chosen.",
     [](const Row& r) { return text(r.has_vg ? std::string(policy_word(r.vg->vg().alloc)) : "unknown"); }},
    {Object::Vg, "vg_clustered", "Clustered", Type::Flag, 10, "Is it of a cluster (clvmd).",
     [](const Row& r) { return flag(has(r, VgFlag::Clustered)); }, "clustered"},
    {Object::Vg, "vg_shared", "Shared", Type::Flag, 7, "Is it shared between hosts (lvmlockd).",
     [](const Row& r) { return flag(is_shared(r.vg->vg())); }, "shared"},
    {Object::Vg, "vg_size", "VSize", Type::Size, 5, "Size of all PVs together.",
     [](const Row& r) { return size(r.vg->bytes(r.vg->total)); }},
    {Object::Vg, "vg_free", "VFree", Type::Size, 5, "Space of no LV.",
     [](const Row& r) { return size(r.vg->bytes(r.vg->free)); }},
    {Object::Vg, "vg_sysid", "SYS ID", Type::Text, 6, "System ID of the host that owns it.",
     [](const Row& r) { return text(r.vg->vg().system_id); }},
    {Object::Vg, "vg_systemid", "System ID", Type::Text, 9, "System ID of the host that owns it.",
     [](const Row& r) { return text(r.vg->vg().system_id); }},
    {Object::Vg, "vg_lock_type", "LockType", Type::Text, 8, "Lock manager of a shared VG.",
     [](const Row& r) { return text(is_shared(r.vg->vg()) ? r.vg->vg().lock_type : ""); }},
    {Object::Vg, "vg_lock_args", "VLockArgs", Type::Text, 9, "What the lock manager keeps with it.",
     [](const Row& r) { return text(r.vg->vg().lock_args); }},
    {Object::Vg, "vg_extent_size", "Ext", Type::Size, 3, "Size of an extent.",
     [](const Row& r) { return size(r.vg->vg().extent_size); }},
    {Object::Vg, "vg_extent_count", "#Ext", Type::Number, 4, "Number of extents.",
     [](const Row& r) { return number(r.vg->total.n); }},
    {Object::Vg, "vg_free_count", "Free", Type::Number, 4, "Number of extents of no LV.",
     [](const Row& r) { return number(r.vg->free.n); }},
    {Object::Vg, "max_lv", "MaxLV", Type::Number, 5, "Most LVs it may have; 0: no limit.",
     [](const Row& r) { return number(r.vg->vg().max_lv); }},
    {Object::Vg, "max_pv", "MaxPV", Type::Number, 5, "Most PVs it may have; 0: no limit.",
     [](const Row& r) { return number(r.vg->vg().max_pv); }},
    {Object::Vg, "pv_count", "#PV", Type::Number, 3, "Number of PVs.",
     [](const Row& r) { return number(r.vg->vg().pvs.size()); }},
    {Object::Vg, "vg_missing_pv_count", "#PV Missing", Type::Number, 11, "Number of PVs whose device is not there.",
     [](const Row& r) { return number(r.vg->missing_pvs); }},
    {Object::Vg, "lv_count", "#LV", Type::Number, 3, "Number of LVs without the hidden ones.",
     [](const Row& r) { return number(r.vg->visible_lvs); }},
    {Object::Vg, "snap_count", "#SN", Type::Number, 3, "Number of snapshots with a store of their own.",
     [](const Row& r) { return number(r.vg->snapshots); }},
    {Object::Vg, "vg_seqno", "Seq", Type::Number, 3, "How often its metadata was changed.",
     [](const Row& r) { return number(r.vg->vg().seqno); }},
    {Object::Vg, "vg_tags", "VG Tags", Type::TextList, 7, "Tags.", [](const Row& r) { return list(r.vg->vg().tags); }},
    {Object::Vg, "vg_profile", "VProfile", Type::Text, 8, "Profile of settings.",
     [](const Row& r) { return text(r.vg->vg().profile); }},
    {Object::Vg, "vg_mda_count", "#VMda", Type::Number, 5, "Number of metadata areas on its PVs.",
     [](const Row& r) { return number(mda_count(r, false)); }},
    {Object::Vg, "vg_mda_used_count", "#VMdaUse", Type::Number, 8, "Number of metadata areas in use.",
     [](const Row& r) { return number(mda_count(r, true)); }},
    {Object::Vg, "vg_mda_free", "VMdaFree", Type::Size, 9, "Room left in the fullest metadata area in use.",
     [](const Row& r) { return size(mda_free(r)); }},
    {Object::Vg, "vg_mda_size", "VMdaSize", Type::Size, 9, "Size of the smallest metadata area.",
     [](const Row& r) { return size(mda_size(r)); }},
    {Object::Vg, "vg_mda_copies", "#VMdaCps", Type::Number, 9, "How many metadata areas are to be in use.", mda_copies,
     "", false, nullptr, kCopies},
};

}  // namespace

std::span<const Field> vg_fields() { return kVgFields; }

}  // namespace ashlar::report
