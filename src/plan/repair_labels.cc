// SPDX-License-Identifier: LGPL-2.1-or-later
// Which device was which PV.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "plan/repair_parts.h"

namespace ashlar::plan {

namespace {
bool has_size(const Unlabelled& device, const LostPv& lost) {
  const auto end = end_of(*lost.vg, *lost.pv);
  if (!end || *end > device.size) return false;
  return !lost.pv->dev_size || *lost.pv->dev_size == device.size;
}

bool has_id(const Unlabelled& device, const LostPv& lost) {
  return device.id == lost.pv->id && end_of(*lost.vg, *lost.pv).value_or(Sectors{UINT64_MAX}) <= device.size;
}

/// Of what no id tells.
bool fits(const Unlabelled& device, const LostPv& lost) {
  if (device.id) return false;
  const bool carries = std::find(device.vgs.begin(), device.vgs.end(), lost.vg->id) != device.vgs.end();
  return has_size(device, lost) && (carries || (device.named && device.vgs.empty()));
}
}  // namespace

LabelMatches match_labels(const std::vector<Unlabelled>& devices, const std::vector<LostPv>& lost) {
  LabelMatches result;
  auto by_id = [&](const LostPv& one) {
    return std::any_of(devices.begin(), devices.end(), [&](const Unlabelled& d) { return has_id(d, one); });
  };
  for (const LostPv& one : lost) {
    if (one.left) continue;
    const bool known = by_id(one);
    std::vector<std::size_t> fitting;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      if (known ? has_id(devices[d], one) : fits(devices[d], one)) fitting.push_back(d);
    }
    if (fitting.empty()) continue;
    std::string paths;
    for (std::size_t d : fitting) paths += " " + printable(devices[d].path);
    std::size_t pvs = 0;
    for (const LostPv& other : lost)
      pvs += &other == &one || (!known && !by_id(other) && fits(devices[fitting[0]], other)) ? 1 : 0;
    if (fitting.size() > 1 || pvs > 1) {
      result.undecided.push_back(
          {one.pv->id, fitting.size() > 1
                           ? fmt::format("PV {} has no label any more, and more than one device could be it:{}.",
                                         one.pv->id.dashed(), paths)
                           : fmt::format("{} without a label could be PV {}, and other PVs too.", paths.substr(1),
                                         one.pv->id.dashed())});
      continue;
    }
    const Unlabelled& device = devices[fitting[0]];
    LabelMatch match{fitting[0], one, {}};
    if (!device.id && device.vgs.empty())
      match.unknown = "nothing on the device says that it was that PV; its size is the same, and you named it";
    else if (!device.id)
      match.unknown =
          "the PV's id cannot be read; the device has its size and carries metadata of the VG, and no other device and no other PV fits; pvremove -ff would have left the same";
    result.matches.push_back(std::move(match));
  }
  return result;
}

}  // namespace ashlar::plan
