// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "report/attr.h"
#include "report/row.h"
#include "report/value.h"

namespace ashlar::report {

namespace {

Bytes least(const std::vector<ops::MdaInfo>& mdas, Bytes ops::MdaInfo::*what, bool used_only) {
  Bytes out{~std::uint64_t{0}};
  for (const ops::MdaInfo& mda : mdas)
    if (!used_only || !mda.ignored) out = std::min(out, mda.*what);
  return out.n == ~std::uint64_t{0} ? Bytes{} : out;
}

std::uint64_t used_mdas(const ops::PvInfo& pv) {
  return static_cast<std::uint64_t>(
      std::count_if(pv.mdas.begin(), pv.mdas.end(), [](const ops::MdaInfo& mda) { return !mda.ignored; }));
}

/// A device that is no PV.
bool no_pv(const ops::PvInfo& pv) { return pv.pv.id.empty(); }

/// Of a PV in no VG all counts as free: what its label says, which need not be the device's size.
Bytes size_of_orphan(const ops::PvInfo& pv) {
  return no_pv(pv) ? Bytes{} : pv.pv.dev_size ? to_bytes(*pv.pv.dev_size) : pv.device_size;
}

Bytes pv_size(const Row& r) { return r.usage == nullptr ? size_of_orphan(*r.pv) : r.vg->bytes(r.pv->pv.pe_count); }
Bytes pv_free(const Row& r) { return r.usage == nullptr ? size_of_orphan(*r.pv) : r.vg->bytes(r.usage->free_extents); }
Extents pv_used(const Row& r) { return r.usage == nullptr ? Extents{} : r.usage->used_extents; }

std::string device_number(const Row& r, std::uint32_t dm::DevNumber::*part) {
  return fmt::format("{}", r.pv->number.value_or(dm::DevNumber{}).*part);
}

constexpr Field kPvFields[] = {
    {Object::Label, "pv_fmt", "Fmt", Type::Text, 3, "Metadata format.",
     [](const Row& r) { return text(no_pv(*r.pv) ? "" : "lvm2"); }},
    {Object::Label, "pv_uuid", "PV UUID", Type::Text, 38, "UUID of the PV.",
     [](const Row& r) { return text(r.pv->pv.id.empty() ? "" : r.pv->pv.id.dashed()); }},
    {Object::Label, "dev_size", "DevSize", Type::Size, 7, "Size of the device below.",
     [](const Row& r) { return size(r.pv->device_size); }},
    {Object::Label, "pv_name", "PV", Type::Text, 10, "Path of the device.",
     [](const Row& r) { return text(r.pv->has_device() ? r.pv->device : r.vg->settings.unknown_device); }},
    {Object::Label,
     "pv_major",
     "Maj",
     Type::Text,
     3,
     "Major number of the device.",
     [](const Row& r) { return text(device_number(r, &dm::DevNumber::major)); },
     "",
     false,
     nullptr,
     {},
     true},
    {Object::Label,
     "pv_minor",
     "Min",
     Type::Text,
     3,
     "Minor number of the device.",
     [](const Row& r) { return text(device_number(r, &dm::DevNumber::minor)); },
     "",
     false,
     nullptr,
     {},
     true},
    {Object::Label, "pv_mda_free", "PMdaFree", Type::Size, 9, "Room left in the fullest metadata area in use.",
     [](const Row& r) { return size(least(r.pv->mdas, &ops::MdaInfo::free, true)); }},
    {Object::Label, "pv_mda_size", "PMdaSize", Type::Size, 9, "Size of the smallest metadata area.",
     [](const Row& r) { return size(least(r.pv->mdas, &ops::MdaInfo::size, false)); }},
    {Object::Label, "pv_ext_vsn", "PExtVsn", Type::Number, 7, "Version of the PV header extension.",
     [](const Row& r) { return r.pv->missing || no_pv(*r.pv) ? undefined() : number(2); }},
    {Object::Pv, "pe_start", "1st PE", Type::Size, 7, "Where the data area starts on the device.",
     [](const Row& r) { return size(r.pv->pv.pe_start); }},
    {Object::Pv, "pv_size", "PSize", Type::Size, 5, "Size of the PV.", [](const Row& r) { return size(pv_size(r)); }},
    {Object::Pv, "pv_free", "PFree", Type::Size, 5, "Space of no LV.", [](const Row& r) { return size(pv_free(r)); }},
    {Object::Pv, "pv_used", "Used", Type::Size, 4, "Space of LVs.",
     [](const Row& r) { return size(r.vg->bytes(pv_used(r))); }},
    {Object::Pv, "pv_attr", "Attr", Type::Text, 4, "Attributes, see pvs(8).",
     [](const Row& r) { return text(pv_attr(r)); }},
    {Object::Pv, "pv_allocatable", "Allocatable", Type::Flag, 11, "May new extents be taken from it.",
     [](const Row& r) { return flag(r.has_vg && r.pv->pv.status.has(PvFlag::Allocatable)); }, "allocatable"},
    {Object::Pv, "pv_exported", "Exported", Type::Flag, 10, "Does it belong to an exported VG.",
     [](const Row& r) {
       return flag(r.pv->pv.status.has(PvFlag::Exported) || r.vg->vg().status.has(VgFlag::Exported));
     },
     "exported"},
    {Object::Pv, "pv_missing", "Missing", Type::Flag, 10, "Is its device not there.",
     [](const Row& r) { return flag(r.pv->missing); }, "missing"},
    {Object::Pv, "pv_pe_count", "PE", Type::Number, 3, "Number of extents.",
     [](const Row& r) { return number(r.pv->pv.pe_count.n); }},
    {Object::Pv, "pv_pe_alloc_count", "Alloc", Type::Number, 5, "Number of extents of LVs.",
     [](const Row& r) { return number(pv_used(r).n); }},
    {Object::Pv, "pv_tags", "PV Tags", Type::TextList, 7, "Tags.", [](const Row& r) { return list(r.pv->pv.tags); }},
    {Object::Pv, "pv_mda_count", "#PMda", Type::Number, 5, "Number of metadata areas.",
     [](const Row& r) { return number(r.pv->mdas.size()); }},
    {Object::Pv, "pv_mda_used_count", "#PMdaUse", Type::Number, 8, "Number of metadata areas in use.",
     [](const Row& r) { return number(used_mdas(*r.pv)); }},
    {Object::Pv, "pv_ba_start", "BA Start", Type::Size, 8, "Where the bootloader area starts on the device.",
     [](const Row& r) { return size(r.pv->pv.ba_start); }},
    {Object::Pv, "pv_ba_size", "BA Size", Type::Size, 7, "Size of the bootloader area.",
     [](const Row& r) { return size(r.pv->pv.ba_size); }},
    {Object::Pv, "pv_in_use", "PInUse", Type::Flag, 6, "Does it belong to a VG.",
     [](const Row& r) { return flag(r.has_vg || r.pv->in_use); }, "used"},
    {Object::Pv, "pv_duplicate", "Duplicate", Type::Flag, 9, "Is it a copy of a PV on another device that was chosen.",
     [](const Row& r) { return flag(r.pv->duplicate); }, "duplicate"},
    {Object::Pv, "pv_device_id", "DeviceID", Type::Text, 8, "ID of the device, like its WWID.",
     [](const Row& r) { return text(r.pv->pv.device_id); }},
    {Object::Pv, "pv_device_id_type", "DeviceIDType", Type::Text, 12, "Kind of that ID.",
     [](const Row& r) { return text(r.pv->pv.device_id_type); }},
};

}  // namespace

std::span<const Field> pv_fields() { return kPvFields; }

}  // namespace ashlar::report
