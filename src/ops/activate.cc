// SPDX-License-Identifier: LGPL-2.1-or-later
// vgchange -a, lvchange -a, --refresh, and the tables they would load.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/clear_lv.h"
#include "ops/ops.h"
#include "ops/permission_rules.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
using What = Activate::What;

Result<std::vector<const LogicalVolume*>> chosen_lvs(const VolumeGroup& vg, const std::vector<std::string>& names) {
  std::vector<const LogicalVolume*> lvs;
  if (names.empty()) {
    std::vector<bool> visible = visibility(vg);
    for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
      if (visible[i]) lvs.push_back(&vg.lvs[i]);
    }
    return lvs;
  }
  for (const std::string& name : names) {
    const LogicalVolume* lv = find_lv(vg, name);
    if (lv == nullptr) return no_such_lv(vg.name, name);
    lvs.push_back(lv);
  }
  return lvs;
}

/// The steps for one LV: up, down, or its table loaded anew.
Result<dm::Change> change_for(const LogicalVolume& lv, const dm::ActiveDevice* active,
                              const Activate& request, const dm::VgLayout& layout) {
  switch (request.what) {
    case What::Off:
      return active == nullptr ? dm::Change{} : dm::diff({*active}, {});
    case What::Refresh: {
      if (active == nullptr) return dm::Change{};
      dm::Device wanted = TRY(layout.device(lv));
      return dm::Change{{dm::Reload{std::move(wanted), false, true}}};
    }
    case What::On:
    case What::AutoOn:
      break;
  }
  dm::Device wanted = TRY(layout.device(lv));
  if (active == nullptr) return dm::diff({}, {wanted});
  return dm::diff({*active}, {wanted});
}

/// The VG's devices in the kernel, found by UUID.
class Devices {
 public:
  explicit Devices(std::vector<dm::ActiveDevice> found) : list(std::move(found)) {
    for (std::size_t i = 0; i < list.size(); ++i) by_uuid_.emplace(list[i].device.uuid, i);
  }

  const dm::ActiveDevice* of(const VolumeGroup& vg, const LogicalVolume& lv) const {
    auto at = by_uuid_.find(dm::device_uuid(vg.id, lv.id));
    return at == by_uuid_.end() ? nullptr : &list[at->second];
  }
  /// The LV's own device or one of its layers.
  bool any_of(const VolumeGroup& vg, const LogicalVolume& lv) const {
    std::string uuid = dm::device_uuid(vg.id, lv.id);
    return std::any_of(list.begin(), list.end(), [&](const dm::ActiveDevice& d) { return d.device.uuid.starts_with(uuid); });
  }

  std::vector<dm::ActiveDevice> list;

 private:
  std::unordered_map<std::string, std::size_t> by_uuid_;
};

/// An LV of a type that is not handled: nothing to do if it already is as wanted, refused by name if not.
Status check_foreign(const VolumeGroup& vg, const LogicalVolume& lv, bool is_active, bool up) {
  if (is_active == up) return ok();
  return Error(Errc::Unsupported, fmt::format("Cannot {} {}/{}: its segment type {} is not handled yet", up ? "activate" : "deactivate",
                                              vg.name, lv.name, printable(foreign(lv)->type)));
}
}  // namespace

Result<Activated> activate(System& sys, const Activate& request) {
  const bool up = request.what != What::Off;
  OpenVg open = TRY(open_for_update(sys, request.vg, Need::Activation));
  const VolumeGroup& vg = open.vg();
  if (up && on_images(open.picture, open.state()))
    return Error(Errc::Unsupported, fmt::format("VG {} lies in image files, which the kernel cannot map; `ashlar tables {}` shows its tables", vg.name, vg.name));
  // Nothing is active where there is no kernel to ask: then there is nothing to refresh.
  if (up && request.what != What::Refresh) TRY(sys.kernel->available());
  Devices devices{TRY(sys.kernel->active(vg.id))};
  const dm::LayoutContext context = layout_context(sys, open.picture, open.state());
  const dm::VgLayout layout(vg, context);
  const dm::ActivationRules rules = activation_rules(sys);

  Activated result;
  dm::Change all;
  std::vector<const LogicalVolume*> changing;
  for (const LogicalVolume* lv : TRY(chosen_lvs(vg, request.lvs))) {
    const dm::ActiveDevice* active = devices.of(vg, *lv);
    if (foreign(*lv) != nullptr) {
      if (Status s = check_foreign(vg, *lv, devices.any_of(vg, *lv), up); !s) result.outcome.failures.push_back(std::move(s).error());
      continue;
    }
    auto denied = up && active == nullptr
                      ? dm::activation_denied(rules, vg, *lv, {request.what == What::AutoOn, request.ignore_skip})
                      : std::nullopt;
    if (denied) {
      if (denied->reason != dm::Denial::Reason::NoAutoActivate) result.outcome.notes.push_back(denied->message);
      continue;
    }
    auto change = change_for(*lv, active, request, layout);
    if (!change) {
      result.outcome.failures.push_back(std::move(change).error());
    } else if (!change->empty()) {
      changing.push_back(lv);
      std::move(change->steps.begin(), change->steps.end(), std::back_inserter(all.steps));
    }
  }

  // One pass and one wait for udev serve all LVs. When that fails, one by one tells which of them stands in the way.
  Status together = carry_out(sys, all);
  result.changed = together ? changing.size() : 0;
  if (!together && changing.size() == 1) result.outcome.failures.push_back(std::move(together).error());
  for (std::size_t i = 0; !together && changing.size() > 1 && i < changing.size(); ++i) {
    devices = Devices(TRY(sys.kernel->active(vg.id)));
    Status one = carry_out(sys, TRY(change_for(*changing[i], devices.of(vg, *changing[i]), request, layout)));
    if (one)
      ++result.changed;
    else
      result.outcome.failures.push_back(std::move(one).error());
  }

  devices = Devices(TRY(sys.kernel->active(vg.id)));
  for (const LogicalVolume* lv : TRY(chosen_lvs(vg, {}))) result.active += devices.of(vg, *lv) != nullptr ? 1 : 0;
  return result;
}

}  // namespace ashlar::ops
