// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/layered.h"

#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "base/log.h"
#include "metadata/model/lies_on.h"

namespace ashlar::ops {

namespace {
/// As layout names them: what stands in for areas on missing PVs (docs/format.md 8.10). They are a plain LV's own.
constexpr std::string_view kFiller = "missing_";

std::string named_with_type(const VolumeGroup& vg, const std::string& name) {
  const LogicalVolume* lv = find_lv(vg, name);
  const Foreign* type = lv != nullptr ? foreign(*lv) : nullptr;
  return fmt::format("{}/{}{}", vg.name, name, type != nullptr ? fmt::format(" (type {})", printable(type->type)) : "");
}
}  // namespace

Layered::Layered(const VolumeGroup& vg) : vg_(vg), users_(first_users(vg)) {}

std::optional<std::string> Layered::why(const LogicalVolume& lv, const std::vector<dm::ActiveDevice>& active) const {
  if (const Foreign* type = foreign(lv))
    return fmt::format("its segment type {} is not handled yet", printable(type->type));
  if (const auto user = users_.find(lv.name); user != users_.end())
    return fmt::format("it is used by {}, which is not handled yet", named_with_type(vg_, user->second));
  for (const Segment& segment : lv.segments) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) continue;
    for (const Area& area : striped->areas)
      if (const auto* below = std::get_if<LvArea>(&area))
        return fmt::format("it lies on {}, which is not handled yet", named_with_type(vg_, below->lv));
  }
  for (const dm::ActiveDevice& each : active) {
    const auto ids = dm::split_uuid(each.device.uuid);
    if (ids && !ids->suffix.empty() && !ids->suffix.starts_with(kFiller))
      return fmt::format("the kernel has {} beneath it, which is of a kind that is not handled yet",
                         printable(each.device.name));
  }
  return std::nullopt;
}

std::vector<std::string> Layered::left_behind(const std::vector<bool>& visible, std::unordered_set<Uuid> active) const {
  std::vector<std::string> left;
  std::unordered_set<std::string_view> shown;
  for (std::size_t i = 0; i < vg_.lvs.size(); ++i)
    if (visible[i] && active.erase(vg_.lvs[i].id) != 0) shown.insert(vg_.lvs[i].name);
  for (const LogicalVolume& lv : vg_.lvs) {
    if (active.erase(lv.id) == 0 || shown.contains(lv.name)) continue;
    // No longer way up than there are LVs: a damaged VG may go round in circles.
    auto user = users_.find(lv.name);
    for (std::size_t i = 0; i < vg_.lvs.size() && user != users_.end() && !shown.contains(user->second); ++i)
      user = users_.find(user->second);
    if (user == users_.end() || !shown.contains(user->second)) left.push_back(fmt::format("{}/{}", vg_.name, lv.name));
  }
  for (const Uuid& unknown : active)
    left.push_back(fmt::format("an LV of id {}, which {} has not", unknown.dashed(), vg_.name));
  std::sort(left.begin(), left.end());
  return left;
}

}  // namespace ashlar::ops
