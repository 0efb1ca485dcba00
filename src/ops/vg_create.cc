// SPDX-License-Identifier: LGPL-2.1-or-later
// vgcreate and vgextend: PVs join a VG.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/names.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "ops/devices.h"
#include "ops/metadata_copies.h"
#include "ops/pv.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// PVs that are about to join: found as orphans, or prepared and not written yet.
struct Joiners {
  std::vector<store::FoundPv> pvs;
  std::vector<PreparedPv> to_make;
  std::vector<plan::JoiningPv> described;
};

}  // namespace

plan::JoiningPv joining_pv(const store::FoundPv& pv) {
  plan::JoiningPv joining;
  joining.id = pv.label.pv;
  joining.device = pv.device->path();
  joining.dev_size =
      to_sectors(std::min(pv.label.device_size.n != 0 ? pv.label.device_size : pv.device->size(), pv.device->size()));
  if (!pv.label.data_areas.empty()) joining.pe_start = to_sectors(pv.label.data_areas[0].offset);
  for (const disk::DiskArea& mda : pv.label.mdas) {
    if (to_sectors(mda.offset) > joining.pe_start) joining.end_reserved = to_sectors(mda.size);
  }
  if (!pv.label.bootloader.empty()) {
    joining.ba_start = to_sectors(pv.label.bootloader[0].offset);
    joining.ba_size = to_sectors(pv.label.bootloader[0].size);
  }
  joining.block_size = pv.device->block_size();
  return joining;
}

namespace {
bool in_a_vg(const store::Picture& picture, std::size_t pv) {
  return vg_of(picture, pv) != nullptr || !check_unused(picture, pv);
}

/// As LVM2 has them: those that are PVs first, then those that become one, both in the order in which they are named.
/// `take`: also PVs of other VGs and those marked as used, which are made anew after asking.
Result<Joiners> find_joiners(System& sys, const store::Picture& picture, const std::vector<std::string>& devices,
                             const CreatePvs& request, bool take, std::vector<std::string>& notes) {
  Joiners joiners;
  for (const std::string& path : devices) {
    device::BlockDevice* device = TRY(sys.devices->find(path));
    for (const store::FoundPv& joining : joiners.pvs) {
      if (joining.device == device)
        return Error(Errc::Refused, fmt::format("{} is the same device as {}, which is named before it",
                                                printable(path), device->path()));
    }
    auto known = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                              [&](const store::FoundPv& pv) { return pv.device == device; });
    store::FoundPv pv;
    const auto at = static_cast<std::size_t>(known - picture.scan.pvs.begin());
    if (known != picture.scan.pvs.end() && !(take && in_a_vg(picture, at))) {
      TRY(store::check_single(picture, at));
      if (const store::VgState* state = vg_of(picture, at))
        return Error(Errc::Refused,
                     fmt::format("Physical volume '{0}' is already in volume group '{1}': vgreduce {1} {0} "
                                 "takes it out if nothing lies on it",
                                 device->path(), state->vg.name));
      TRY(check_unused(picture, at));
      TRY(sys.devices->claim(*device).context("Can't add " + device->path()));
      pv = *known;
    } else {
      joiners.to_make.push_back(TRY(prepare_pv(sys, picture, path, request, notes)));
      const PreparedPv& prepared = joiners.to_make.back();
      pv = {prepared.device, prepared.write.label, {}};
    }
    joiners.pvs.push_back(std::move(pv));
  }
  std::stable_partition(joiners.pvs.begin(), joiners.pvs.end(), [&](const store::FoundPv& pv) {
    return std::none_of(joiners.to_make.begin(), joiners.to_make.end(),
                        [&](const PreparedPv& made) { return made.device == pv.device; });
  });
  for (const store::FoundPv& pv : joiners.pvs) joiners.described.push_back(joining_pv(pv));
  return joiners;
}

/// An LV across disks of different block sizes could not promise either to its filesystem.
Status check_block_size(const std::vector<store::FoundPv>& members, const std::vector<plan::JoiningPv>& joining,
                        const std::string& vg) {
  for (const plan::JoiningPv& pv : joining) {
    for (const store::FoundPv& member : members) {
      if (member.device->block_size() == pv.block_size) continue;
      return Error(Errc::Refused,
                   fmt::format("Devices have inconsistent logical block sizes ({} and {}): {} of VG {} and {}.",
                               member.device->block_size().n, pv.block_size.n, member.device->path(), vg, pv.device));
    }
  }
  return ok();
}

/// A VG takes them: the devices file lists them.
void list_joiners(System& sys, const Joiners& joiners) {
  if (sys.conduct.test || sys.transaction != nullptr || sys.devices_file == nullptr) return;
  for (const store::FoundPv& pv : joiners.pvs) sys.devices_file->put(*pv.device, pv.label.pv);
}

/// Writes the labels of those that were no PVs.
Status make_joiners(System& sys, Joiners& joiners, std::vector<std::string>& notes) {
  for (const PreparedPv& prepared : joiners.to_make) {
    store::FoundPv made = TRY(make_pv(sys, prepared, notes));
    for (store::FoundPv& pv : joiners.pvs) {
      if (pv.device == made.device) pv = made;
    }
    notes.push_back(fmt::format("Physical volume \"{}\" successfully created.", made.device->path()));
  }
  return ok();
}
}  // namespace

Result<Outcome> create_vg(System& sys, plan::CreateVg request, const std::vector<std::string>& devices,
                          const CreatePvs& pv) {
  TRY(check_name("New volume group name", request.name));
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  admit_devices(sys, devices);
  auto locks = TRY(lock_with_owners(sys, {request.name}, devices, pv.force));
  auto picture = TRY(read_devices(sys));
  for (const store::VgState& state : picture->vgs) {
    if (state.vg.name == request.name)
      return Error(Errc::Exists, fmt::format("A volume group called {} already exists.", request.name));
  }
  Outcome outcome;
  Joiners joiners = TRY(find_joiners(sys, *picture, devices, pv, pv.force > 1, outcome.notes).noted(outcome.notes));
  TRY(check_dev_name(sys, request.name, joiners.pvs).noted(outcome.notes));
  request.pvs = joiners.described;
  request.mixed_block_sizes = sys.settings.flag("devices/allow_mixed_block_sizes");
  plan::Planned planned = TRY(plan::create_vg(request, *sys.random).noted(outcome.notes));
  TRY(check_archive(sys).context("creating VG " + request.name).noted(outcome.notes));
  SignalShield shield;
  TRY(make_joiners(sys, joiners, outcome.notes).noted(outcome.notes));
  list_joiners(sys, joiners);
  outcome.notes.insert(outcome.notes.end(), planned.notes.begin(), planned.notes.end());
  const std::vector<store::FoundPv> ignored = choose_areas(joiners.pvs, request.metadata_copies);
  TRY(apply(sys, nullptr, std::move(joiners.pvs), std::move(planned.vg), {}, outcome.notes)
          .noted(outcome.notes)
          .context("creating VG " + request.name));
  TRY(ignore_areas(sys, ignored).noted(outcome.notes));
  forget_hints(sys);
  write_devices_file(sys, outcome.notes);
  return outcome;
}

Result<Outcome> extend_vg(System& sys, const std::string& vg, const std::vector<std::string>& devices,
                          const CreatePvs& pv) {
  admit_devices(sys, devices);
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global | Need::AllowPartial));
  Outcome outcome;
  Joiners joiners = TRY(find_joiners(sys, open.picture, devices, pv, false, outcome.notes).noted(outcome.notes));
  const bool mixed = sys.settings.flag("devices/allow_mixed_block_sizes");
  if (!mixed) TRY(check_block_size(store::present_members(open.picture, open.state()), joiners.described, vg));
  plan::Planned planned = TRY(plan::extend_vg(open.vg(), joiners.described, mixed).noted(outcome.notes));
  SignalShield shield;
  TRY(make_joiners(sys, joiners, outcome.notes).noted(outcome.notes));
  list_joiners(sys, joiners);
  outcome.notes.insert(outcome.notes.end(), planned.notes.begin(), planned.notes.end());
  std::vector<store::FoundPv> present = store::written_members(open.picture, open.state());
  for (store::FoundPv& joining : joiners.pvs) present.push_back(std::move(joining));
  const std::vector<store::FoundPv> ignored = choose_areas(present, planned.vg.metadata_copies);
  TRY(apply(sys, &open.vg(), std::move(present), std::move(planned.vg), {}, outcome.notes)
          .noted(outcome.notes)
          .context("extending VG " + vg));
  TRY(ignore_areas(sys, ignored).noted(outcome.notes));
  forget_hints(sys);
  write_devices_file(sys, outcome.notes);
  return outcome;
}

}  // namespace ashlar::ops
