// SPDX-License-Identifier: LGPL-2.1-or-later
// vgimportclone: copies of a VG's disks become a VG of their own.
#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "metadata/model/query.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"

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
  return part;
}

/// The name asked for, or the first of NAME1, NAME2, ... that no VG has.
std::string free_name(const store::Picture& picture, const std::string& base, bool as_it_is) {
  auto taken = [&](const std::string& name) {
    return std::any_of(picture.vgs.begin(), picture.vgs.end(), [&](const store::VgState& s) { return s.vg.name == name; });
  };
  std::string name = base;
  for (std::uint32_t n = 1; taken(name) || (!as_it_is && name == base); ++n) name = base + std::to_string(n);
  return name;
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
  for (device::BlockDevice* device : devices) {
    bool pv = std::any_of(clones.scan.pvs.begin(), clones.scan.pvs.end(), [&](const store::FoundPv& p) { return p.device == device; });
    if (!pv) return Error(Errc::NotFound, fmt::format("Failed to find physical volume \"{}\".", device->path()));
  }
  if (clones.vgs.size() != 1 || !clones.orphans.empty())
    return Error(Errc::Refused, fmt::format("The devices must be all PVs of one volume group, they are of {}{}", clones.vgs.size(),
                                            clones.orphans.empty() ? "" : " and some are in none"));
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
  for (store::FoundPv& pv : present) pv.label.pv = clone.new_ids.at(pv.label.pv);
  std::vector<store::FoundPv> labels = present;
  for (const store::FoundPv& pv : present)
    if (sys.devices_file && !sys.conduct.test) sys.devices_file->put(*pv.device, pv.label.pv);
  TRY(apply(sys, nullptr, std::move(present), std::move(clone.vg), {}, done.outcome.notes).context("importing the clone as VG " + done.name));
  for (store::FoundPv& pv : labels) {
    pv.label.ext_flags |= disk::kExtUsed;
    if (!sys.conduct.test)
      TRY(store::rewrite_label(*pv.device, pv.label).context(fmt::format("VG {} is written, the label of {} has its old id still (pvcreate --uuid {} --norestorefile)", done.name,
                                                                         pv.device->path(), pv.label.pv.dashed())));
  }
  forget_hints(sys);
  write_devices_file(sys, done.outcome.notes);
  return done;
}

}  // namespace ashlar::ops
