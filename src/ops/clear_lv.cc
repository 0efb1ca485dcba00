// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/clear_lv.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "device/signatures.h"
#include "metadata/model/query.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/wipe.h"
#include "plan/claims.h"

namespace ashlar::ops {

namespace {
constexpr Bytes kCleared{4096};

const LogicalVolume& cleared_lv(const VgStep& step, const LvClear& clear) {
  auto at = std::find_if(step.after.lvs.begin(), step.after.lvs.end(),
                         [&](const LogicalVolume& lv) { return lv.id == clear.lv; });
  ASHLAR_REQUIRE(at != step.after.lvs.end());
  return *at;
}

plan::Claims claims_before(const VgStep& step) {
  return step.before == nullptr || step.clears.empty() ? plan::Claims() : plan::claims_of(*step.before);
}

plan::Claims claims_of(const LogicalVolume& lv) {
  VolumeGroup alone;
  alone.lvs = {lv};
  return plan::claims_of(alone);
}

bool any_taken(const plan::Claims& claims, const plan::Claims& others) {
  return std::any_of(claims.begin(), claims.end(), [&](const auto& of_pv) {
    return std::any_of(of_pv.second.begin(), of_pv.second.end(), [&](const plan::Claim& claim) {
      return plan::taken_by({of_pv.first, claim.start, claim.length, &claim}, others) != nullptr;
    });
  });
}
}  // namespace

Result<std::vector<Clearing>> Clearing::prepare(System& sys, const VgStep& step) {
  const bool image = std::any_of(step.present.begin(), step.present.end(),
                                 [](const store::FoundPv& pv) { return !pv.device->number(); });
  const plan::Claims before = claims_before(step);
  std::vector<Clearing> all;
  for (const LvClear& clear : step.clears) {
    const LogicalVolume& lv = cleared_lv(step, clear);
    Clearing made;
    made.name_ = fmt::format("{}{}/{}", image ? "" : "/dev/", step.after.name, lv.name);
    made.device_ = TRY(lv_on_pvs(step.after, step.present, lv, made.name_));
    if (clear.wipe) made.signatures_ = TRY(ask_to_wipe(sys, *made.device_, made.name_, clear.agreed));
    made.zero_ = clear.zero;
    const plan::Claims claims = claims_of(lv);
    made.was_used_ = any_taken(claims, before);
    for (const store::FoundPv& pv : step.present)
      if (claims.count(pv.label.pv) != 0) made.pvs_.push_back(pv.device);
    all.push_back(std::move(made));
  }
  return all;
}

Status Clearing::write(std::vector<std::string>& notes) {
  for (const auto& signature : signatures_) {
    TRY(device::wipe(*device_, signature).context("wiping a signature on " + name_));
    notes.push_back(wiping_sentence(signature, name_));
  }
  return zero_ ? device::zero_start(*device_, kCleared).context("clearing the start of " + name_) : ok();
}

Status clear(std::vector<Clearing>& clearings, bool was_used, std::vector<std::string>& notes) {
  std::set<device::BlockDevice*> pvs;
  for (Clearing& each : clearings) {
    if (each.was_used() != was_used) continue;
    TRY(each.write(notes));
    pvs.insert(each.pvs().begin(), each.pvs().end());
  }
  for (device::BlockDevice* pv : pvs) TRY(pv->flush());
  return ok();
}

bool clears_used_extents(const VgStep& step) {
  const plan::Claims before = claims_before(step);
  return std::any_of(step.clears.begin(), step.clears.end(),
                     [&](const LvClear& clear) { return any_taken(claims_of(cleared_lv(step, clear)), before); });
}

bool on_images(const store::Picture& picture, const store::VgState& state) {
  return std::any_of(state.members.begin(), state.members.end(), [&](std::size_t member) {
    return member != store::kNoPv && !picture.scan.pvs[member].device->number();
  });
}

Status deactivate_one(System& sys, const VolumeGroup& vg, const std::string& lv) {
  const LogicalVolume* found = find_lv(vg, lv);
  ASHLAR_REQUIRE(found != nullptr);
  const LvDevices devices = TRY(LvDevices::read(sys, vg.id, *found));
  return carry_out(sys, dm::diff(devices.of(*found), {}));
}

}  // namespace ashlar::ops
