// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/row.h"

#include "metadata/model/foreign.h"
#include "metadata/model/visibility.h"

namespace ashlar::report {

namespace {

bool on_missing(const VgView& view, const LogicalVolume& lv) {
  auto missing = [&](const Uuid& pv) {
    auto found = view.pv_by_id.find(pv);
    return found == view.pv_by_id.end() || view.info->pvs[found->second].missing;
  };
  for (const Segment& segment : lv.segments) {
    if (const auto* striped = std::get_if<Striped>(&segment.body)) {
      for (const Area& area : striped->areas)
        if (const auto* on_pv = std::get_if<PvArea>(&area); on_pv != nullptr && missing(on_pv->pv)) return true;
    } else {
      for (const PvArea& area : foreign_areas(view.vg(), segment).areas)
        if (missing(area.pv)) return true;
    }
  }
  return false;
}

std::vector<LvIndex> below(const VgView& view, const LogicalVolume& lv) {
  std::vector<LvIndex> out;
  auto add = [&](std::string_view name) {
    if (auto found = view.by_name.find(name); found != view.by_name.end()) out.push_back(found->second);
  };
  for (const Segment& segment : lv.segments) {
    if (const auto* striped = std::get_if<Striped>(&segment.body)) {
      for (const Area& area : striped->areas)
        if (const auto* on_lv = std::get_if<LvArea>(&area)) add(on_lv->lv);
    } else {
      for (const std::string& name : foreign_names(view.vg(), segment).below) add(name);
    }
  }
  return out;
}

/// Marks LVs with something on a missing PV, and what is made of those: from below upward, each once.
void mark_partial(VgView& view) {
  std::vector<std::vector<std::size_t>> users(view.lvs.size());
  std::vector<std::size_t> todo;
  for (std::size_t i = 0; i < view.lvs.size(); ++i) {
    for (LvIndex j : below(view, *view.lvs[i].lv)) users[static_cast<std::size_t>(j)].push_back(i);
    view.lvs[i].partial = on_missing(view, *view.lvs[i].lv);
    if (view.lvs[i].partial) todo.push_back(i);
  }
  while (!todo.empty()) {
    std::size_t i = todo.back();
    todo.pop_back();
    for (std::size_t user : users[i]) {
      if (view.lvs[user].partial) continue;
      view.lvs[user].partial = true;
      todo.push_back(user);
    }
  }
}

const VgView& no_vg() {
  static const ops::VgInfo info = [] {
    ops::VgInfo none;
    none.vg.extent_size = {};
    none.vg.alloc = AllocPolicy::Inherit;
    return none;
  }();
  static const VgView view(info, {});
  return view;
}
const LvView& no_lv() {
  static const LogicalVolume lv;
  static const LvView view{.lv = &lv};
  return view;
}

}  // namespace

VgView::VgView(const ops::VgInfo& vg_info, ValueSettings with) : info(&vg_info), settings(std::move(with)) {
  const VolumeGroup& group = vg_info.vg;
  std::vector<bool> visible = visibility(group);
  by_name.reserve(group.lvs.size());
  bool related = false;
  for (std::size_t i = 0; i < group.lvs.size(); ++i) {
    by_name.emplace(group.lvs[i].name, static_cast<LvIndex>(i));
    for (const Segment& segment : group.lvs[i].segments)
      related = related || std::holds_alternative<Foreign>(segment.body);
  }
  lvs.resize(group.lvs.size());
  std::vector<LvFacts> facts;
  if (related) facts = lv_facts(group, visible, by_name);
  for (std::size_t i = 0; i < lvs.size(); ++i) {
    LvView& view = lvs[i];
    view.lv = &group.lvs[i];
    view.visible = visible[i];
    view.bracketed = !view.visible && settings.mark_hidden_devices;
    if (related) view.facts = std::move(facts[i]);
    if (auto active = vg_info.active.find(view.lv->id); active != vg_info.active.end()) view.device = &active->second;
    visible_lvs += view.visible ? 1 : 0;
    snapshots += view.facts.part == Part::SnapshotCow ? 1 : 0;
  }

  for (std::size_t i = 0; i < vg_info.pvs.size(); ++i) {
    pv_by_id.emplace(vg_info.pvs[i].pv.id, i);
    missing_pvs += vg_info.pvs[i].missing ? 1 : 0;
  }
  total = total_extents(group);
  for (const PvUsage& usage : vg_info.usage) free += usage.free_extents;
  if (missing_pvs != 0) mark_partial(*this);
}

const LvView* VgView::lv(std::string_view name) const {
  auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : lv(found->second);
}

const std::string& VgView::device_name(const Uuid& pv) const {
  auto found = pv_by_id.find(pv);
  if (found == pv_by_id.end() || !info->pvs[found->second].has_device()) return settings.unknown_device;
  return info->pvs[found->second].device;
}

Row::Row() : vg(&no_vg()), lv(&no_lv()) {
  static const Segment no_segment{.start = {}, .length = {}, .tags = {}, .body = Foreign{"free", ""}, .extra = {}};
  static const ops::PvInfo no_pv;
  segment = &no_segment;
  pv = &no_pv;
}

std::string display_name(const LvView& lv) { return lv.bracketed ? "[" + lv.lv->name + "]" : lv.lv->name; }

Value name_value(const LvView* lv) {
  if (lv == nullptr) return undefined();
  Value value = text(display_name(*lv));
  if (lv->bracketed) value.key = lv->lv->name;
  return value;
}

Value uuid_value(const LvView* lv) { return lv == nullptr ? undefined() : text(lv->lv->id.dashed()); }

bool is_writable(const LogicalVolume& lv) { return lv.status.has(LvFlag::Write) || lv.status.has(LvFlag::WriteLocked); }
bool is_writable(const VolumeGroup& vg) { return vg.status.has(VgFlag::Write) || vg.status.has(VgFlag::WriteLocked); }

char policy_letter(AllocPolicy policy) {
  switch (policy) {
    case AllocPolicy::Contiguous:
      return 'c';
    case AllocPolicy::Cling:
    case AllocPolicy::ClingByTags:
      return 'l';
    case AllocPolicy::Normal:
      return 'n';
    case AllocPolicy::Anywhere:
      return 'a';
    case AllocPolicy::Inherit:
      return 'i';
  }
  return '-';
}

namespace {

AreaRef lv_area(const VgView& vg, const std::string& name, Extents start, Extents length) {
  const LvView* lv = vg.lv(name);
  return {name, start, length, lv != nullptr && lv->bracketed};
}
AreaRef pv_area(const VgView& vg, const PvArea& area, Extents length) {
  return {vg.device_name(area.pv), area.start, length, false};
}
Extents whole(const VgView& vg, const std::string& name) {
  const LvView* lv = vg.lv(name);
  return lv == nullptr ? Extents{} : lv->lv->extents();
}

std::vector<AreaRef> raid_areas(const VgView& vg, const Body& body, bool metadata) {
  std::vector<AreaRef> out;
  for (const char* key : {"raids", "raid0_lvs"})
    for (const std::string& name : body.names(key))
      if ((name.find("_rmeta_") != std::string::npos) == metadata)
        out.push_back(lv_area(vg, name, {}, whole(vg, name)));
  return out;
}

}  // namespace

std::vector<AreaRef> data_areas(const VgView& vg, const Segment& segment) {
  std::vector<AreaRef> out;
  if (const auto* striped = std::get_if<Striped>(&segment.body)) {
    for (const Area& area : striped->areas) {
      Extents length = segment.length / striped->areas.size();
      out.push_back(std::visit(overloaded{[&](const PvArea& pv) { return pv_area(vg, pv, length); },
                                          [&](const LvArea& lv) { return lv_area(vg, lv.lv, lv.start, length); }},
                               area));
    }
    return out;
  }
  std::string_view type = base_type(segment);
  Body body(segment);
  if (is_raid(type)) return raid_areas(vg, body, false);
  if (type == "mirror") {
    for (const PvArea& area : foreign_areas(vg.vg(), segment).areas) out.push_back(pv_area(vg, area, segment.length));
    if (!out.empty()) return out;
    for (const std::string& name : body.names("mirrors")) out.push_back(lv_area(vg, name, {}, segment.length));
    return out;
  }
  std::string below = type == "thin-pool"                                              ? body.text("pool")
                      : type == "cache-pool" || type == "vdo-pool"                     ? body.text("data")
                      : type == "cache" || type == "writecache" || type == "integrity" ? body.text("origin")
                      : type == "vdo"                                                  ? body.text("vdo_pool")
                                                                                       : std::string();
  // An LV in a VDO pool is as large as it likes: what it lies on is all of the pool.
  const Extents length = type == "vdo" ? whole(vg, below) : segment.length;
  if (!below.empty()) out.push_back(lv_area(vg, below, {body.number("vdo_offset").value_or(0)}, length));
  return out;
}

std::vector<AreaRef> metadata_areas(const VgView& vg, const Segment& segment) {
  if (!is_raid(base_type(segment))) return {};
  return raid_areas(vg, Body(segment), true);
}

}  // namespace ashlar::report
