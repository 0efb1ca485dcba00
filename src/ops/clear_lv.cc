// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"
#include "ops/clear_lv.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/transaction.h"
#include "ops/wipe.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kCleared = 4096;

Status clear_start(device::BlockDevice& device) {
  std::array<std::byte, kCleared> zeros{};
  std::size_t n = std::min<std::size_t>(kCleared, device.size().n);
  return device.write({0}, std::span<const std::byte>(zeros).first(n)).context("clearing the start of " + device.path());
}
}  // namespace

bool on_images(const store::Picture& picture, const store::VgState& state) {
  return std::any_of(state.members.begin(), state.members.end(), [&](std::size_t member) {
    return member != store::kNoPv && !picture.scan.pvs[member].device->number();
  });
}

Status deactivate_one(System& sys, const VolumeGroup& vg, const std::string& lv) {
  const LogicalVolume* found = find_lv(vg, lv);
  ASHLAR_REQUIRE(found != nullptr);
  const LvDevices devices = TRY(LvDevices::read(sys, vg.id));
  return carry_out(sys, dm::diff(devices.of(*found), {}));
}

Status clear_device(System& sys, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe, std::vector<std::string>& notes) {
  auto device = TRY(sys.open_lv(dm::device_name(vg.name, lv)));
  std::string name = fmt::format("/dev/{}/{}", vg.name, lv);
  if (wipe) TRY(wipe_signatures(sys, *device, name, false, notes));
  if (zero) TRY(clear_start(*device));
  return device->flush();
}

Status clear_active_lv(System& sys, const OpenVg& open, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe,
                       std::vector<std::string>& notes) {
  const LogicalVolume& value = *find_lv(vg, lv);
  if (sys.transaction != nullptr) {
    sys.transaction->clear(vg.id, {value.id, true, zero, wipe});
    return ok();
  }
  TRY(clear_device(sys, vg, lv, zero, wipe, notes));
  dm::Device wanted = TRY(dm::lv_device(vg, value, layout_context(sys, open.picture, open.state())));
  return carry_out(sys, {{dm::Reload{std::move(wanted), false, true}}}).context("showing the cleared LV to udev");
}

Status clear_on_pvs(System& sys, const OpenVg& open, const VolumeGroup& vg, const LogicalVolume& lv, bool zero, bool wipe,
                    std::vector<std::string>& notes) {
  if (sys.transaction == nullptr) return clear_on_pvs(sys, vg, store::present_members(open.picture, open.state()), lv, zero, wipe, notes);
  sys.transaction->clear(vg.id, {lv.id, false, zero, wipe});
  return ok();
}

Status clear_on_pvs(System& sys, const VolumeGroup& vg, const std::vector<store::FoundPv>& present, const LogicalVolume& lv, bool zero,
                    bool wipe, std::vector<std::string>& notes) {
  std::string name = fmt::format("{}/{}", vg.name, lv.name);
  auto device = TRY(lv_on_pvs(vg, present, lv, name));
  if (wipe) TRY(wipe_signatures(sys, *device, name, false, notes));
  if (zero) TRY(clear_start(*device));
  return device->flush();
}

}  // namespace ashlar::ops
