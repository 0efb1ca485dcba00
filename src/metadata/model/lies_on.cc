// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/lies_on.h"

#include <algorithm>
#include <unordered_set>

#include "metadata/model/foreign.h"

namespace ashlar {

namespace {
/// Calls with each PV, each LV that holds the segment's data, and each LV that it names at all.
template <class OnPv, class Below, class Uses>
void visit_named(const VolumeGroup& vg, const Segment& segment, OnPv on_pv, Below below, Uses uses) {
  if (const auto* striped = std::get_if<Striped>(&segment.body)) {
    for (const Area& area : striped->areas) {
      if (const auto* pv = std::get_if<PvArea>(&area)) on_pv(pv->pv);
      if (const auto* lv = std::get_if<LvArea>(&area)) below(lv->lv), uses(lv->lv);
    }
  } else if (std::holds_alternative<Foreign>(segment.body)) {
    const ForeignNames names = foreign_names(vg, segment);
    for (const PvArea& area : names.pvs.areas) on_pv(area.pv);
    for (const std::string& lv : names.below) below(lv);
    for (const std::string& lv : names.lvs) uses(lv);
  }
}
}  // namespace

LvsOnPvs::LvsOnPvs(const VolumeGroup& vg) : above_(vg.lvs.size()) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) by_name.emplace(vg.lvs[i].name, i);
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    const auto on_pv = [&](const Uuid& pv) {
      std::vector<std::size_t>& lvs = directly_[pv];
      if (lvs.empty() || lvs.back() != i) lvs.push_back(i);
    };
    const auto below = [&](const std::string& name) {
      if (auto found = by_name.find(name); found != by_name.end()) above_[found->second].push_back(i);
    };
    for (const Segment& segment : vg.lvs[i].segments) visit_named(vg, segment, on_pv, below, [](const std::string&) {});
  }
}

std::vector<std::size_t> LvsOnPvs::on(const Uuid& pv) const {
  auto direct = directly_.find(pv);
  if (direct == directly_.end()) return {};
  std::vector<std::size_t> lvs = direct->second;
  std::unordered_set<std::size_t> seen(lvs.begin(), lvs.end());  // a damaged VG may go round in circles
  for (std::size_t next = 0; next < lvs.size(); ++next) {
    for (std::size_t above : above_[lvs[next]]) {
      if (seen.insert(above).second) lvs.push_back(above);
    }
  }
  std::sort(lvs.begin(), lvs.end());
  return lvs;
}

std::unordered_map<std::string, std::string> first_users(const VolumeGroup& vg) {
  std::unordered_map<std::string, std::string> users;
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments)
      visit_named(
          vg, segment, [](const Uuid&) {}, [](const std::string&) {},
          [&](const std::string& name) { users.emplace(name, lv.name); });
  }
  return users;
}

}  // namespace ashlar
