// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/device_sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/model/query.h"

namespace ashlar::ops {

namespace {
Error past_end(const PhysicalVolume& pv, const device::BlockDevice& device, const VolumeGroup& vg) {
  const std::string& path = device.path();
  return {
      Errc::Refused,
      fmt::format(
          "Something new would lie past the end of {}: it has {} sectors, as a PV of VG {} {}. pvresize {} makes the PV as "
          "large as its device; or give the device its size again",
          path, to_sectors(device.size()).n, vg.name, end_of(pv, vg.extent_size).n, path)};
}
}  // namespace

plan::Reach reach(const store::Picture& picture, const store::VgState& state) {
  plan::Reach reach;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] == store::kNoPv) continue;
    const PhysicalVolume& pv = state.vg.pvs[i];
    const Extents left =
        extents_within(pv, state.vg.extent_size, to_sectors(picture.scan.pvs[state.members[i]].device->size()));
    if (left < pv.pe_count) reach.emplace(pv.id, left);
  }
  return reach;
}

Error with_reach(Error error, const store::Picture& picture, const store::VgState& state) {
  const plan::Reach reached = reach(picture, state);
  if (error.code() != Errc::NoSpace || reached.empty()) return error;
  std::string message = error.message();
  while (message.ends_with('.')) message.pop_back();
  for (const auto& [id, left] : reached) {
    for (std::size_t i = 0; i < state.vg.pvs.size(); ++i) {
      const PhysicalVolume& pv = state.vg.pvs[i];
      if (pv.id != id) continue;
      const device::BlockDevice& device = *picture.scan.pvs[state.members[i]].device;
      message += fmt::format(
          ". Of {}, extents from {} on are not given out: it has only {} sectors of {}; pvresize {} makes the PV as large as its device",
          device.path(), left.n, to_sectors(device.size()).n, end_of(pv, state.vg.extent_size).n, device.path());
    }
  }
  return Error(error.code(), std::move(message), error.sys_errno()).noted(error.notes());
}

std::vector<std::string> size_warnings(const System& sys, const store::Picture& picture, const store::VgState& state) {
  std::vector<std::string> warnings;
  if (!sys.settings.flag("metadata/check_pv_device_sizes")) return warnings;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] == store::kNoPv) continue;
    const device::BlockDevice& device = *picture.scan.pvs[state.members[i]].device;
    const Sectors size = to_sectors(device.size()), end = end_of(state.vg.pvs[i], state.vg.extent_size);
    if (size >= end) continue;
    warnings.push_back(fmt::format(
        "Device {} has size of {} sectors which is smaller than corresponding PV size of {} sectors. Was device resized?",
        device.path(), size.n, end.n));
  }
  if (!warnings.empty())
    warnings.push_back(fmt::format("One or more devices used as PVs in VG {} have changed sizes.", state.vg.name));
  return warnings;
}

std::string cut_off_text(const std::string& vg) {
  return fmt::format("Devices are smaller than PVs of VG {}: what lies past their ends is lost", vg);
}
std::string cut_off_mend(const std::string& vg) {
  return fmt::format(
      "give them their sizes again, or pvresize makes PVs of VG {} as large as their devices once no LV lies there",
      vg);
}

Status check_within_devices(const VgStep& step) {
  if (step.before == nullptr) return ok();
  std::vector<PvUsage> was, is;
  for (std::size_t i = 0; i < step.after.pvs.size(); ++i) {
    const PhysicalVolume& pv = step.after.pvs[i];
    const auto found = std::find_if(step.present.begin(), step.present.end(),
                                    [&](const store::FoundPv& each) { return each.label.pv == pv.id; });
    if (found == step.present.end() || found->device == nullptr) continue;
    const Extents left = extents_within(pv, step.after.extent_size, to_sectors(found->device->size()));
    if (left >= pv.pe_count) continue;
    const auto before = std::find_if(step.before->pvs.begin(), step.before->pvs.end(),
                                     [&](const PhysicalVolume& each) { return each.id == pv.id; });
    if (before == step.before->pvs.end()) continue;
    if (is.empty()) {
      was = pv_usage(*step.before);
      is = pv_usage(step.after);
    }
    // Runs are sorted: the last ends farthest.
    const std::vector<PeRun> added =
        without(is[i].used, was[static_cast<std::size_t>(before - step.before->pvs.begin())].used);
    if (!added.empty() && left < added.back().start + added.back().length)
      return past_end(pv, *found->device, step.after);
  }
  return ok();
}

}  // namespace ashlar::ops
