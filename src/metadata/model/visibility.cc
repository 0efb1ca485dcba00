// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/visibility.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "config/document.h"

namespace ashlar {

namespace {
/// The COW LV that a snapshot's link LV names, or empty.
std::string cow_of(const LogicalVolume& lv) {
  if (lv.segments.size() != 1) return {};
  const auto* foreign = std::get_if<Foreign>(&lv.segments[0].body);
  if (foreign == nullptr || foreign->type != "snapshot") return {};
  auto body = config::Document::parse(foreign->body, lv.name);
  if (!body) return {};
  for (const char* key : {"cow_store", "merging_store"}) {
    if (config::Node node = body->root().find(key)) {
      if (auto name = node.string()) return std::string(*name);
    }
  }
  return {};
}
}  // namespace

std::vector<bool> visibility(const VolumeGroup& vg) {
  std::vector<bool> visible(vg.lvs.size());
  std::unordered_set<std::string> cows;
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    std::string cow = cow_of(vg.lvs[i]);
    visible[i] = vg.lvs[i].visible() && cow.empty();
    if (!cow.empty()) cows.insert(std::move(cow));
  }
  if (cows.empty()) return visible;
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    if (cows.contains(vg.lvs[i].name)) visible[i] = true;
  }
  return visible;
}

void order_as_written(VolumeGroup& vg) {
  std::vector<bool> visible = visibility(vg);
  if (std::is_partitioned(visible.begin(), visible.end(), [](bool shown) { return shown; })) return;
  std::vector<LogicalVolume> ordered;
  ordered.reserve(vg.lvs.size());
  for (bool shown : {true, false}) {
    for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
      if (visible[i] == shown) ordered.push_back(std::move(vg.lvs[i]));
    }
  }
  vg.lvs = std::move(ordered);
}

}  // namespace ashlar
