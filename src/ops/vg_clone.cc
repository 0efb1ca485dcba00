// SPDX-License-Identifier: LGPL-2.1-or-later
// vgimportclone: copies of a VG's disks become a VG of their own.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/log.h"
#include "metadata/model/query.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/remains.h"
#include "store/roll_forward.h"

namespace ashlar::ops {

namespace {
/// What a scan would find if there were only these devices.
store::Scan only(const store::Scan& all, const std::vector<device::BlockDevice*>& devices) {
  store::Scan part;
  std::vector<std::size_t> moved(all.pvs.size(), SIZE_MAX);
  for (std::size_t i = 0; i < all.pvs.size(); ++i) {
    if (std::find(devices.begin(), devices.end(), all.pvs[i].device) == devices.end()) continue;
    moved[i] = part.pvs.size();
    part.pvs.push_back(all.pvs[i]);
  }
  for (store::Version version : all.versions) {
    std::vector<store::CopyAt> copies;
    for (store::CopyAt at : version.copies) {
      if (moved[at.pv] != SIZE_MAX) copies.push_back({moved[at.pv], at.mda});
    }
    if (copies.empty()) continue;
    version.copies = std::move(copies);
    part.versions.push_back(std::move(version));
  }
  for (const store::CutCommit& cut : all.cut) {
    store::CutCommit own{.vgs = cut.vgs};  // told of, not finished from here
    for (store::CopyAt at : cut.areas) {
      if (moved[at.pv] != SIZE_MAX) own.areas.push_back({moved[at.pv], at.mda});
    }
    if (!own.areas.empty()) part.cut.push_back(std::move(own));
  }
  return part;
}

/// The name asked for, or the first of NAME1, NAME2, ... that no VG has.
std::string free_name(const store::Picture& picture, const std::string& base, bool as_it_is) {
  auto taken = [&](const std::string& name) {
    return std::any_of(picture.vgs.begin(), picture.vgs.end(),
                       [&](const store::VgState& s) { return s.vg.name == name; });
  };
  std::string name = base;
  for (std::uint32_t n = 1; taken(name) || (!as_it_is && name == base); ++n) name = base + std::to_string(n);
  return name;
}
void give_id(store::FoundPv& pv, const Uuid& id) {
  pv.was = pv.label;
  pv.label.pv = id;
}

Status write_clone(System& sys, const VolumeGroup* before, std::vector<store::FoundPv> present, VolumeGroup clone,
                   std::vector<std::string>& notes) {
  for (const store::FoundPv& pv : present)
    if (sys.devices_file && !sys.conduct.test) sys.devices_file->put(*pv.device, pv.label.pv);
  const std::string name = clone.name;
  TRY(apply(sys, before, std::move(present), std::move(clone), {}, notes).context("importing the clone as VG " + name));
  forget_hints(sys);
  write_devices_file(sys, notes);
  return ok();
}

/// An import that was cut off: some of the devices, or all, are of the new VG.
struct BegunImport {
  VolumeGroup clone;
  std::map<Uuid, Uuid> new_ids;  ///< of PVs by the ids that they have still
};

/// Was `clone` made of a copy of `original`? PV by PV the same, but for the ids, and later: of two that differ in the
/// ids alone the other one was made of this one, and to go on with it would give the copies the original's ids again.
bool is_clone_of(const VolumeGroup& clone, const VolumeGroup& original) {
  return clone.id != original.id && clone.seqno > original.seqno && clone.lvs.size() == original.lvs.size() &&
         std::equal(clone.pvs.begin(), clone.pvs.end(), original.pvs.begin(), original.pvs.end(),
                    [](const PhysicalVolume& a, const PhysicalVolume& b) {
                      return a.id != b.id && a.dev_size == b.dev_size && a.pe_start == b.pe_start &&
                             a.pe_count == b.pe_count;
                    });
}

/// `clones`: the devices, and nothing else. The text that was there before is still in the rings: it tells which PV is
/// which.
Result<std::optional<BegunImport>> begun_import(const store::Picture& clones) {
  const bool whole = clones.vgs.size() == 1 && clones.orphans.empty();
  for (const store::VgState& state : clones.vgs) {
    if (whole && clones.scan.cut.empty()) break;  // nothing is left to be done
    for (const store::FoundPv& pv : store::present_members(clones, state)) {
      for (const store::Mda& mda : pv.mdas) {
        for (const text::ReadVg& old : TRY(store::texts_in(*pv.device, mda.area))) {
          if (!is_clone_of(state.vg, old.vg)) continue;
          BegunImport begun{state.vg, {}};
          for (std::size_t i = 0; i < old.vg.pvs.size(); ++i)
            begun.new_ids.emplace(old.vg.pvs[i].id, state.vg.pvs[i].id);
          const bool covers =
              std::all_of(clones.scan.pvs.begin(), clones.scan.pvs.end(), [&](const store::FoundPv& each) {
                return find_pv(state.vg, each.label.pv) != nullptr || begun.new_ids.contains(each.label.pv);
              });
          if (covers) return std::optional(std::move(begun));
        }
      }
    }
  }
  return std::optional<BegunImport>{};
}

/// The global lock is held.
Result<ImportedClone> finish_import(System& sys, const ImportClone& request, const BegunImport& begun) {
  lock::Held lock = TRY(sys.locks->vg(begun.clone.name, lock::Mode::Exclusive));
  std::vector<device::BlockDevice*> devices;
  for (const std::string& path : request.devices) devices.push_back(TRY(sys.devices->find(path)));
  store::Scan scan = TRY(scan_devices(sys));
  store::Scan part = only(scan, devices);
  auto now = std::find_if(scan.versions.begin(), scan.versions.end(),
                          [&](const store::Version& v) { return v.vg.id == begun.clone.id; });
  if (now == scan.versions.end())
    return Error(Errc::Busy, fmt::format("VG {} changed just now; try again", begun.clone.name));
  ImportedClone done;
  done.name = begun.clone.name;
  done.outcome.notes.push_back(
      fmt::format("The import of VG {} had been cut off; it is brought to its end.", done.name));
  if (sys.conduct.test || sys.transaction != nullptr) return done;
  for (const store::CutCommit& cut : scan.cut) {
    if (cut.vgs.contains(done.name)) TRY(store::finish(scan, cut));
  }
  bool renames = false;
  for (store::FoundPv& pv : part.pvs) {
    auto id = begun.new_ids.find(pv.label.pv);
    if (id == begun.new_ids.end()) continue;
    give_id(pv, id->second);
    renames = true;
  }
  if (!renames) return done;
  VolumeGroup clone = now->vg;
  const VolumeGroup before = clone;
  TRY(write_clone(sys, &before, std::move(part.pvs), std::move(clone), done.outcome.notes));
  return done;
}
}  // namespace

Result<ImportedClone> import_clone(System& sys, const ImportClone& request) {
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  if (request.list) admit_devices(sys, request.devices);
  store::Scan scan = TRY(scan_devices(sys));
  std::vector<device::BlockDevice*> devices;
  for (const std::string& path : request.devices) devices.push_back(TRY(sys.devices->find(path)));
  store::Picture clones = store::consensus(only(scan, devices));
  store::Picture all = store::consensus(std::move(scan));
  draw_no_id_of(sys, all);
  for (device::BlockDevice* device : devices) {
    bool pv = std::any_of(clones.scan.pvs.begin(), clones.scan.pvs.end(),
                          [&](const store::FoundPv& p) { return p.device == device; });
    if (!pv) return Error(Errc::NotFound, fmt::format("Failed to find physical volume \"{}\".", device->path()));
  }
  if (auto begun = TRY(begun_import(clones))) return finish_import(sys, request, *begun);
  if (clones.vgs.size() != 1 || !clones.orphans.empty())
    return Error(Errc::Refused, fmt::format("The devices must be all PVs of one volume group, they are of {}{}",
                                            clones.vgs.size(), clones.orphans.empty() ? "" : " and some are in none"));
  const store::VgState& state = clones.vgs[0];
  if (state.vg.status.has(VgFlag::Exported) && !request.import)
    return Error(Errc::Refused, fmt::format("Volume group {} is exported; --import takes it in", state.vg.name));
  TRY(check_allowed(sys, state, Need::AllowExported));

  ImportedClone done;
  done.name = free_name(all, request.base_name.empty() ? state.vg.name : request.base_name, !request.base_name.empty());
  done.from = fmt::format("VG {} ({}), seqno {}", state.vg.name, state.vg.id.dashed(), state.vg.seqno);
  lock::Held lock = TRY(sys.locks->vg(done.name, lock::Mode::Exclusive));
  if (sys.transaction != nullptr) return done;  // a plan: two VGs of one id are nothing that it could hold
  plan::ClonedVg clone = TRY(plan::clone_vg(state.vg, done.name, *sys.random));
  std::vector<store::FoundPv> present = store::present_members(clones, state);
  for (store::FoundPv& pv : present) give_id(pv, clone.new_ids.at(pv.label.pv));
  TRY(write_clone(sys, nullptr, std::move(present), std::move(clone.vg), done.outcome.notes));
  return done;
}

}  // namespace ashlar::ops
