// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/visibility.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "config/document.h"

namespace ashlar {

namespace {
/// What a snapshot's link LV names.
struct Link {
  std::string cow;  ///< the COW LV; empty while it is merged back: it is hidden then, as LVM2 has it
};

std::optional<Link> link_of(const LogicalVolume& lv) {
  if (lv.segments.size() != 1) return std::nullopt;
  const auto* foreign = std::get_if<Foreign>(&lv.segments[0].body);
  if (foreign == nullptr || foreign->type != "snapshot") return std::nullopt;
  Link link;
  auto body = config::Document::parse(foreign->body, lv.name);
  if (!body) return link;
  if (auto name = body->root().find("cow_store").string()) link.cow = *name;
  return link;
}
}  // namespace

std::vector<bool> visibility(const VolumeGroup& vg) {
  std::vector<bool> visible(vg.lvs.size());
  std::unordered_set<std::string> cows;
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    std::optional<Link> link = link_of(vg.lvs[i]);
    visible[i] = vg.lvs[i].visible() && !link;
    if (link && !link->cow.empty()) cows.insert(std::move(link->cow));
  }
  if (cows.empty()) return visible;
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    if (cows.contains(vg.lvs[i].name)) visible[i] = true;
  }
  return visible;
}

MeantLvs meant_lvs(const VolumeGroup& vg, const std::vector<std::string>& named) {
  MeantLvs meant;
  const std::vector<bool> visible = named.empty() ? visibility(vg) : std::vector<bool>();
  std::unordered_set<std::string_view> left(named.begin(), named.end());
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    if (named.empty() ? visible[i] : left.erase(vg.lvs[i].name) != 0) meant.lvs.push_back(&vg.lvs[i]);
  }
  for (const std::string& name : named) {
    if (left.erase(name) != 0) meant.missing.push_back(name);
  }
  return meant;
}

std::vector<std::string> MeantLvs::names() const {
  std::vector<std::string> all;
  for (const LogicalVolume* lv : lvs) all.push_back(lv->name);
  all.insert(all.end(), missing.begin(), missing.end());
  return all;
}

std::vector<std::size_t> written_order(const VolumeGroup& vg) {
  const std::vector<bool> visible = visibility(vg);
  std::vector<std::size_t> order;
  order.reserve(vg.lvs.size());
  for (bool shown : {true, false}) {
    for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
      if (visible[i] == shown) order.push_back(i);
    }
  }
  return order;
}

void order_as_written(VolumeGroup& vg) {
  const std::vector<std::size_t> order = written_order(vg);
  if (std::is_sorted(order.begin(), order.end())) return;
  std::vector<LogicalVolume> ordered;
  ordered.reserve(order.size());
  for (std::size_t i : order) ordered.push_back(std::move(vg.lvs[i]));
  vg.lvs = std::move(ordered);
}

}  // namespace ashlar
