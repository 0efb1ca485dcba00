// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/clear_lv.h"

#include <algorithm>

#include <fmt/format.h>

#include "device/signatures.h"
#include "metadata/model/query.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/wipe.h"
#include "plan/claims.h"

namespace ashlar::ops {

namespace {
constexpr Bytes kCleared{4096};

/// Has `vg` any extent that the LV has?
bool shares_extents(const VolumeGroup& vg, const LogicalVolume& lv) {
  VolumeGroup alone;
  alone.lvs = {lv};
  const plan::Claims taken = plan::claims_of(vg);
  for (const auto& [pv, claims] : plan::claims_of(alone)) {
    auto of_pv = taken.find(pv);
    if (of_pv == taken.end()) continue;
    for (const plan::Claim& claim : claims) {
      if (std::any_of(of_pv->second.begin(), of_pv->second.end(), [&](const plan::Claim& other) {
            return other.start < claim.start + claim.length && claim.start < other.start + other.length;
          }))
        return true;
    }
  }
  return false;
}
}  // namespace

Result<Clearing> Clearing::prepare(System& sys, const VgStep& step, const LvClear& clear) {
  auto at = std::find_if(step.after.lvs.begin(), step.after.lvs.end(), [&](const LogicalVolume& lv) { return lv.id == clear.lv; });
  ASHLAR_REQUIRE(at != step.after.lvs.end());
  const bool image = std::any_of(step.present.begin(), step.present.end(), [](const store::FoundPv& pv) { return !pv.device->number(); });
  Clearing made;
  made.name_ = fmt::format("{}{}/{}", image ? "" : "/dev/", step.after.name, at->name);
  made.device_ = TRY(lv_on_pvs(step.after, step.present, *at, made.name_));
  if (clear.wipe) made.signatures_ = TRY(ask_to_wipe(sys, *made.device_, made.name_, false));
  made.zero_ = clear.zero;
  made.was_used_ = step.before != nullptr && shares_extents(*step.before, *at);
  return made;
}

Status Clearing::write(std::vector<std::string>& notes) {
  for (const auto& signature : signatures_) {
    TRY(device::wipe(*device_, signature).context("wiping a signature on " + name_));
    notes.push_back(wiping_sentence(signature, name_));
  }
  if (zero_) return device::zero_start(*device_, kCleared).context("clearing the start of " + name_);
  return device_->flush();
}

bool clears_used_extents(const VgStep& step) {
  return step.before != nullptr && std::any_of(step.clears.begin(), step.clears.end(), [&](const LvClear& clear) {
    auto at = std::find_if(step.after.lvs.begin(), step.after.lvs.end(), [&](const LogicalVolume& lv) { return lv.id == clear.lv; });
    return at != step.after.lvs.end() && shares_extents(*step.before, *at);
  });
}

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

}  // namespace ashlar::ops
