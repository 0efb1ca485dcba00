// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/lv_devices.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "ops/transaction.h"
#include "ops/wipe.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kCleared = 4096;
}  // namespace

bool on_images(const store::Picture& picture, const store::VgState& state) {
  return std::any_of(state.members.begin(), state.members.end(), [&](std::size_t member) {
    return member != store::kNoPv && !picture.scan.pvs[member].device->number();
  });
}

Status deactivate_one(System& sys, const VolumeGroup& vg, const std::string& lv) {
  const LogicalVolume* found = find_lv(vg, lv);
  ASHLAR_REQUIRE(found != nullptr);
  return carry_out(sys, dm::diff(TRY(LvDevices::read(sys, vg.id)).of(*found), {}));
}

Status clear_device(System& sys, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe, std::vector<std::string>& notes) {
  auto device = TRY(sys.open_lv(dm::device_name(vg.name, lv)));
  std::string name = fmt::format("/dev/{}/{}", vg.name, lv);
  if (wipe) TRY(wipe_signatures(sys, *device, name, false, notes));
  if (zero) {
    std::array<std::byte, kCleared> zeros{};
    std::size_t n = std::min<std::size_t>(kCleared, device->size().n);
    TRY(device->write({0}, std::span<const std::byte>(zeros).first(n)).context("clearing the start of " + name));
  }
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

Status clear_start_on_pvs(System& sys, const OpenVg& open, const LogicalVolume& lv) {
  if (sys.transaction == nullptr) return clear_start_on_pvs(open.vg(), store::present_members(open.picture, open.state()), lv);
  sys.transaction->clear(open.vg().id, {lv.id, false, true, false});
  return ok();
}

Status clear_start_on_pvs(const VolumeGroup& vg, const std::vector<store::FoundPv>& present, const LogicalVolume& lv) {
  // 4 KiB never reach past the first extent of a segment's first area unless extents are smaller than that.
  const auto* striped = std::get_if<Striped>(&lv.segments.front().body);
  if (striped == nullptr) return ok();
  const auto* area = std::get_if<PvArea>(&striped->areas.front());
  if (area == nullptr) return ok();
  const PhysicalVolume* pv = find_pv(vg, area->pv);
  for (const store::FoundPv& found : present) {
    if (pv == nullptr || found.label.pv != area->pv) continue;
    std::array<std::byte, kCleared> zeros{};
    std::size_t n = std::min<std::size_t>(kCleared, to_bytes(vg.extent_size).n);
    Bytes at = to_bytes(pv->pe_start + to_sectors(area->start, vg.extent_size));
    TRY(found.device->write(at, std::span<const std::byte>(zeros).first(n)));
    return found.device->flush();
  }
  return ok();
}

}  // namespace ashlar::ops
