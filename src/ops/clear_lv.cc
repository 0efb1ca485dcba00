// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"
#include "ops/clear_lv.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
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
  std::string uuid = dm::device_uuid(vg.id, found->id);
  dm::Change change;
  for (const dm::ActiveDevice& active : TRY(sys.kernel->active(vg.id))) {
    if (active.device.uuid == uuid) change = dm::diff({active}, {});
  }
  return carry_out(sys, std::move(change));
}

Status clear_active_lv(System& sys, const OpenVg& open, const VolumeGroup& vg, const std::string& lv, bool zero, bool wipe,
                       std::vector<std::string>& notes) {
  const LogicalVolume& value = *find_lv(vg, lv);
  {
    auto device = TRY(sys.open_lv(dm::device_name(vg.name, lv)));
    std::string name = fmt::format("/dev/{}/{}", vg.name, lv);
    if (wipe) TRY(wipe_signatures(sys, *device, name, false, notes));
    if (zero) {
      std::array<std::byte, kCleared> zeros{};
      std::size_t n = std::min<std::size_t>(kCleared, device->size().n);
      TRY(device->write({0}, std::span<const std::byte>(zeros).first(n)).context("clearing the start of " + name));
    }
    TRY(device->flush());
  }
  dm::Device wanted = TRY(dm::lv_device(vg, value, layout_context(sys, open.picture, open.state())));
  return carry_out(sys, {{dm::Reload{std::move(wanted), false, true}}}).context("showing the cleared LV to udev");
}

Status clear_start_on_pvs(const OpenVg& open, Sectors extent_size, const LogicalVolume& lv) {
  // 4 KiB never reach past the first extent of a segment's first area unless extents are smaller than that.
  const auto* striped = std::get_if<Striped>(&lv.segments.front().body);
  if (striped == nullptr) return ok();
  const auto* area = std::get_if<PvArea>(&striped->areas.front());
  if (area == nullptr) return ok();
  const VolumeGroup& vg = open.vg();
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) {
    if (vg.pvs[i].id != area->pv || open.state().members[i] == store::kNoPv) continue;
    device::BlockDevice& device = *open.picture.scan.pvs[open.state().members[i]].device;
    std::array<std::byte, kCleared> zeros{};
    std::size_t n = std::min<std::size_t>(kCleared, to_bytes(extent_size).n);
    Bytes at = to_bytes(vg.pvs[i].pe_start + to_sectors(area->start, extent_size));
    TRY(device.write(at, std::span<const std::byte>(zeros).first(n)));
    return device.flush();
  }
  return ok();
}

}  // namespace ashlar::ops
