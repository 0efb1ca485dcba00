// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables that activation would load, without a kernel.
#include <fmt/format.h>

#include <unordered_map>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/ops.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// Paths of PVs in image files, which have no device number: such a PV stands in the table by its path.
using Images = std::unordered_map<std::uint32_t, std::string>;
constexpr std::uint32_t kNoMajor = 0;  // no block device has it

void show_path(dm::Below& below, const Images& images) {
  const auto* number = std::get_if<dm::DevNumber>(&below.device);
  if (number != nullptr && number->major == kNoMajor) below.device = images.at(number->minor);
}

dm::Params with_paths(dm::Params params, const Images& images) {
  std::visit(overloaded{[&](dm::LinearTarget& t) { show_path(t.area, images); },
                        [&](dm::StripedTarget& t) {
                          for (dm::Below& area : t.areas) show_path(area, images);
                        },
                        [](dm::UnbackedTarget&) {}, [](dm::ForeignTarget&) {}},
             params);
  return params;
}
}  // namespace

Result<Tables> tables(System& sys, const std::string& vg_name, const std::string& lv_name) {
  store::Picture picture = TRY(look(sys));
  const store::VgState& state = *TRY(store::find_vg(picture, vg_name));
  if (state.unsafe) return *state.unsafe;
  dm::LayoutContext context = layout_context(sys, picture, state);
  Images images;
  for (std::uint32_t i = 0; i < state.vg.pvs.size(); ++i) {
    const Uuid& id = state.vg.pvs[i].id;
    if (state.members[i] == store::kNoPv || context.pv_numbers.contains(id)) continue;
    context.pv_numbers.emplace(id, dm::DevNumber{kNoMajor, i});
    images.emplace(i, context.pv_paths.at(id));
  }
  std::vector<bool> visible = visibility(state.vg);
  const dm::VgLayout layout(state.vg, context);
  Tables tables;
  bool found = false;
  for (std::size_t i = 0; i < state.vg.lvs.size(); ++i) {
    const LogicalVolume& lv = state.vg.lvs[i];
    if (lv_name.empty() ? !visible[i] : lv.name != lv_name) continue;
    found = true;
    auto devices = layout.devices(lv);
    if (!devices && !lv_name.empty()) return std::move(devices).error();
    if (!devices) {
      tables.failures.push_back(std::move(devices).error());
      continue;
    }
    const dm::Device& device = devices->back();
    for (const dm::Target& target : device.table) {
      std::string params =
          dm::print_params(with_paths(target.params, images), [](const std::string& path) { return path; });
      tables.lines.push_back(fmt::format("{}: {} {} {} {}", device.name, target.start.n, target.length.n,
                                         dm::target_type(target.params), params));
    }
  }
  if (!found && !lv_name.empty()) return no_such_lv(vg_name, lv_name);
  return tables;
}

}  // namespace ashlar::ops
