// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "activation/names.h"
#include "base/log.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/lv_devices.h"
#include "ops/ops.h"
#include "ops/stopped.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// What a label and its areas say; text_size: of the VG's text, 0 for an orphan.
void add_device(PvInfo& info, const store::FoundPv& found, Bytes text_size) {
  info.device = found.device->path();
  info.number = found.device->number();
  info.device_size = found.device->size();
  info.in_use = found.label.used();
  for (const store::Mda& mda : found.mdas) {
    MdaInfo area{mda.area.offset, mda.area.size, disk::max_text_size(mda.area.size), false};
    area.ignored = mda.header && mda.header->ignored();
    area.free = area.free > text_size ? to_bytes(to_sectors(area.free - text_size)) : Bytes{};
    info.mdas.push_back(area);
  }
}

PvInfo orphan(const store::FoundPv& found) {
  PvInfo info;
  info.pv.id = found.label.pv;
  info.pv.status.set(PvFlag::Allocatable);
  if (found.label.device_size.n != 0) info.pv.dev_size = to_sectors(found.label.device_size);
  if (!found.label.data_areas.empty()) info.pv.pe_start = to_sectors(found.label.data_areas[0].offset);
  if (!found.label.bootloader.empty()) {
    info.pv.ba_start = to_sectors(found.label.bootloader[0].offset);
    info.pv.ba_size = to_sectors(found.label.bootloader[0].size);
  }
  add_device(info, found, {});
  return info;
}

/// Nothing on it can be used: no sizes, as LVM2 shows it.
PvInfo duplicate(const store::FoundPv& found) {
  PvInfo info;
  info.pv.id = found.label.pv;
  info.pv.dev_size = Sectors{};
  info.device = found.device->path();
  info.number = found.device->number();
  info.device_size = found.device->size();
  info.in_use = found.label.used();
  info.duplicate = true;
  return info;
}

/// The device in no VG that carries the PV's id.
std::size_t returned(const store::Picture& picture, const Uuid& id) {
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) {
    if (picture.scan.pvs[i].label.pv == id && vg_of(picture, i) == nullptr) return i;
  }
  return store::kNoPv;
}

/// Is the PV listed by some VG?
bool listed(const std::vector<VgInfo>& vgs, const Uuid& id) {
  return std::any_of(vgs.begin(), vgs.end(), [&](const VgInfo& vg) { return find_pv(vg.vg, id) != nullptr; });
}

/// Takes the VG out of `state`: there may be much of it.
VgInfo describe(System& sys, const store::Picture& picture, store::VgState& state) {
  VgInfo info;
  info.usage = pv_usage(state.vg);
  info.damage = state.damage;
  info.size_warnings = size_warnings(sys, picture, state);
  info.foreign = !owns(sys.host.system_ids, state.vg.system_id);
  for (std::size_t i = 0; i < state.vg.pvs.size(); ++i) {
    PvInfo pv;
    pv.pv = state.vg.pvs[i];
    pv.missing = pv.pv.status.has(PvFlag::Missing);
    // One that was missing and is back is no member until somebody says so, but it is there to be seen.
    std::size_t back = state.members[i] == store::kNoPv ? returned(picture, pv.pv.id) : state.members[i];
    if (back == store::kNoPv)
      pv.device = kUnknownDevice;
    else
      add_device(pv, picture.scan.pvs[back], state.text_size);
    info.pvs.push_back(std::move(pv));
  }
  info.vg = std::move(state.vg);
  return info;
}

/// The kernel's devices. One that stands still may be in the middle of a change, which takes milliseconds: only one
/// that does so for longer was left behind. Nobody is waited for who may be stuck himself.
Result<std::vector<dm::ActiveDevice>> kernel_devices(System& sys) {
  constexpr int kLooks = 6;
  constexpr auto kNap = std::chrono::milliseconds(50);
  for (int look = 1;; ++look) {
    std::vector<dm::ActiveDevice> devices = TRY(sys.kernel->list());
    const bool still = std::any_of(devices.begin(), devices.end(), [](const dm::ActiveDevice& device) {
      return stands_still(device) && dm::split_uuid(device.device.uuid).has_value();
    });
    if (!still || look == kLooks) return devices;
    std::this_thread::sleep_for(kNap);
  }
}

/// One question for all devices of the kernel, shared out to the VGs.
void add_activity(std::vector<VgInfo>& vgs, std::vector<dm::ActiveDevice> devices) {
  std::unordered_map<Uuid, VgInfo*> by_id;
  for (VgInfo& vg : vgs) {
    vg.kernel_known = true;
    by_id.emplace(vg.vg.id, &vg);
  }
  std::vector<std::pair<VgInfo*, dm::ActiveDevice>> beneath;
  for (dm::ActiveDevice& device : devices) {
    auto id = dm::split_uuid(device.device.uuid);
    // Of a pool that has its own device too, LVM2 shows the one beneath, which does the work.
    const bool pool = id && id->suffix == "tpool";
    if (!id || (!pool && !id->suffix.empty() && dm::is_layer(device.device.name))) continue;
    auto at = by_id.find(id->vg);
    if (at == by_id.end()) continue;
    auto& shown = at->second->active;
    if (!pool)
      shown.emplace(id->lv, std::move(device));
    else if (dm::is_layer(device.device.name))
      beneath.emplace_back(at->second, std::move(device));
    else
      shown.insert_or_assign(id->lv, std::move(device));
  }
  for (auto& [vg, device] : beneath) {
    const auto pool = vg->active.find(dm::split_uuid(device.device.uuid)->lv);
    if (pool != vg->active.end()) pool->second = std::move(device);
  }
  for (VgInfo& vg : vgs) {
    for (const LogicalVolume& lv : vg.vg.lvs) {
      auto device = vg.active.find(lv.id);
      if (device == vg.active.end()) continue;
      if (std::string still = still_sentence(vg.vg, lv, device->second); !still.empty())
        vg.still.push_back(std::move(still));
    }
  }
}
}  // namespace

Result<std::vector<std::string>> meant_lvs(System& sys, const std::string& vg, const std::vector<std::string>& named) {
  store::Picture picture = TRY(look(sys));
  const store::VgState& state = *TRY(store::find_vg(picture, vg));
  TRY(check_allowed(sys, state, Need::Activation));
  return ashlar::meant_lvs(state.vg, named).names();
}

Result<std::vector<std::string>> inactive_lvs(System& sys, const std::string& vg, const std::vector<std::string>& lvs) {
  store::Picture picture = TRY(look(sys));
  const VolumeGroup& seen = TRY(store::find_vg(picture, vg))->vg;
  for (const std::string& lv : lvs) {
    if (find_lv(seen, lv) == nullptr) return no_such_lv(vg, lv);
  }
  const LvDevices devices = TRY(lvs.empty() ? LvDevices::read(sys, seen.id) : LvDevices::read(sys, seen, lvs));
  const std::vector<bool> visible = visibility(seen);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < visible.size(); ++i) {
    const LogicalVolume& lv = seen.lvs[i];
    const bool meant = lvs.empty() ? visible[i] : std::find(lvs.begin(), lvs.end(), lv.name) != lvs.end();
    if (meant && !devices.active(lv)) names.push_back(lv.name);
  }
  return names;
}

Result<Inventory> inventory(System& sys) {
  store::Picture picture = TRY(look(sys));
  Inventory inventory;
  inventory.problems = picture.problems;
  inventory.warnings = picture.warnings;
  for (store::VgState& state : picture.vgs) inventory.vgs.push_back(describe(sys, picture, state));
  for (std::size_t i : picture.orphans) {
    if (listed(inventory.vgs, picture.scan.pvs[i].label.pv)) continue;
    inventory.orphans.push_back(orphan(picture.scan.pvs[i]));
    inventory.orphans.back().outdated =
        std::any_of(picture.vgs.begin(), picture.vgs.end(), [&](const store::VgState& s) {
          return std::find(s.outdated.begin(), s.outdated.end(), i) != s.outdated.end();
        });
  }
  for (std::size_t i : picture.duplicates) inventory.orphans.push_back(duplicate(picture.scan.pvs[i]));
  for (const device::BlockDevice* device : store::without_pv(picture.scan)) {
    PvInfo other;
    other.device = device->path();
    other.number = device->number();
    other.device_size = device->size();
    inventory.others.push_back(std::move(other));
  }
  if (sys.ask_kernel) {
    auto devices = kernel_devices(sys);
    if (devices)
      add_activity(inventory.vgs, std::move(*devices));
    else if (sys.kernel->available())
      inventory.problems.push_back({devices.error().message(), {}, {}});
    else  // without a driver nothing can be active, and the rest of the answer is whole
      log(LogLevel::Warning, devices.error().message());
  }
  return inventory;
}

Result<std::vector<SeenDevice>> seen_devices(System& sys) {
  store::Scan scan = TRY(scan_devices(sys));
  std::vector<SeenDevice> seen;
  for (const device::BlockDevice* device : TRY(sys.devices->candidates()).devices) {
    bool pv = std::any_of(scan.pvs.begin(), scan.pvs.end(),
                          [&](const store::FoundPv& found) { return found.device == device; });
    seen.push_back({device->path(), device->size(), pv});
  }
  return seen;
}

Result<Outcome> make_nodes(System& sys) {
  Outcome outcome;
  if (sys.conduct.test) return outcome;
  TRY(sys.kernel->available());
  for (const std::string& path : TRY(sys.kernel->make_nodes()))
    outcome.notes.push_back(fmt::format("Created {}", path));
  return outcome;
}

}  // namespace ashlar::ops
