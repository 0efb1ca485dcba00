// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/planned_kernel.h"

#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "activation/order.h"
#include "base/log.h"
#include "metadata/model/segment.h"

namespace ashlar::ops {

namespace {
class Nothing final : public dm::Preloaded {
 public:
  Status finish() override { return ok(); }
};

const std::string& uuid_of(const dm::Step& step) {
  return std::visit(overloaded{[](const dm::Create& s) -> const std::string& { return s.device.uuid; },
                               [](const dm::Reload& s) -> const std::string& { return s.device.uuid; },
                               [](const dm::Rename& s) -> const std::string& { return s.uuid; },
                               [](const dm::Remove& s) -> const std::string& { return s.uuid; }},
                    step);
}

auto with_uuid(std::vector<dm::ActiveDevice>& devices, const std::string& uuid) {
  return std::find_if(devices.begin(), devices.end(), [&](const dm::ActiveDevice& d) { return d.device.uuid == uuid; });
}
}  // namespace

Result<PlannedKernel::Devices*> PlannedKernel::devices(const Uuid& vg) {
  auto at = by_vg_.find(vg);
  if (at == by_vg_.end()) {
    std::vector<dm::ActiveDevice> active = TRY(real_.active(vg));
    at = by_vg_.emplace(vg, Devices{active, active, {}, {}}).first;
  }
  return &at->second;
}

Result<std::vector<dm::ActiveDevice>> PlannedKernel::active(const Uuid& vg) { return TRY(devices(vg))->now; }

/// A name is free whose device the transaction removes or calls something else.
Status PlannedKernel::check_name_free(const std::string& name, const std::string& uuid) {
  if (!names_) names_ = TRY(real_.names());
  const auto holder = names_->find(name);
  if (holder == names_->end() || holder->second == uuid) return ok();
  if (const auto ids = dm::split_uuid(holder->second)) {
    Devices& of_vg = *TRY(devices(ids->vg));
    const auto now = with_uuid(of_vg.now, holder->second);
    if (now == of_vg.now.end() || now->device.name != name) return ok();
  }
  return Error(Errc::Exists, fmt::format("The device-mapper name {} is taken by the device with UUID \"{}\".", name,
                                         printable(holder->second)));
}

Status PlannedKernel::take(const dm::Step& step) {
  const std::string& uuid = uuid_of(step);
  auto ids = dm::split_uuid(uuid);
  if (!ids) return Error(Errc::InvalidArgument, uuid + " is not the UUID of a logical volume's device");
  Devices& of_vg = *TRY(devices(ids->vg));
  auto at = with_uuid(of_vg.now, uuid);
  const auto* remove = std::get_if<dm::Remove>(&step);
  // What stands in for a missing PV is open as long as the LV above it is there, which goes before it.
  if (remove != nullptr && !remove->lv_name.empty() && at != of_vg.now.end() && at->info.open_count > 0)
    return Error(Errc::Busy, fmt::format("Logical volume {}/{} in use.", remove->vg_name, remove->lv_name));
  of_vg.touched.insert(uuid);
  if (const auto* create = std::get_if<dm::Create>(&step)) {
    if (at != of_vg.now.end()) return Error(Errc::Exists, create->device.name + " is in the kernel already");
    auto first = with_uuid(of_vg.first, uuid);
    if (first != of_vg.first.end() && create->device.fixed && create->device.fixed->minor != first->info.number.minor)
      return Error(
          Errc::Unsupported,
          create->device.name +
              " would have to go and come with another number, which no transaction does: run that command by itself");
    dm::ActiveDevice made{create->device, {}};
    made.info.read_only = create->device.read_only;
    of_vg.now.push_back(std::move(made));
    return ok();
  }
  if (at == of_vg.now.end()) return Error(Errc::NotFound, uuid + " is not in the kernel");
  std::visit(overloaded{[](const dm::Create&) {},
                        [&](const dm::Reload& s) {
                          std::string name = at->device.name;
                          at->device = s.device;
                          at->info.read_only = s.device.read_only;
                          at->info.suspended = false;
                          if (s.force) of_vg.refreshed.insert(uuid);
                          if (name != s.device.name) at->device.name = s.device.name;
                        },
                        [&](const dm::Rename& s) {
                          at->device.name = s.to;
                          at->device.vg_name = s.device.vg_name;
                          at->device.lv_name = s.device.lv_name;
                        },
                        [](const dm::Remove&) {}},
             step);
  if (remove != nullptr) {
    of_vg.now.erase(at);
    of_vg.refreshed.erase(uuid);
  }
  return ok();
}

Result<std::unique_ptr<dm::Preloaded>> PlannedKernel::preload(const dm::Change& change) {
  TRY(dm::phases(change));
  if (!change.empty()) TRY(real_.available());
  for (const dm::Step& step : change.steps) TRY(take(step));
  for (const dm::Step& step : change.steps) {
    if (const auto* create = std::get_if<dm::Create>(&step))
      TRY(check_name_free(create->device.name, create->device.uuid));
    else if (const auto* rename = std::get_if<dm::Rename>(&step))
      TRY(check_name_free(rename->to, rename->uuid));
  }
  return std::unique_ptr<dm::Preloaded>(std::make_unique<Nothing>());
}

PlannedKernel::Fate PlannedKernel::fate(const Uuid& vg) const {
  Fate fate;
  auto at = by_vg_.find(vg);
  if (at == by_vg_.end()) return fate;
  const Devices& of_vg = at->second;
  for (const dm::ActiveDevice& d : of_vg.first) {
    if (of_vg.touched.contains(d.device.uuid)) fate.had.push_back(d);
  }
  for (const dm::ActiveDevice& d : of_vg.now) {
    if (of_vg.touched.contains(d.device.uuid)) fate.wanted.push_back(d.device);
  }
  fate.refreshed = of_vg.refreshed;
  return fate;
}

std::vector<Uuid> PlannedKernel::touched() const {
  std::vector<Uuid> vgs;
  for (const auto& [vg, devices] : by_vg_) {
    if (!devices.touched.empty()) vgs.push_back(vg);
  }
  return vgs;
}

}  // namespace ashlar::ops
