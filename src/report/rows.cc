// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "activation/names.h"
#include "base/log.h"
#include "base/names.h"
#include "metadata/model/foreign.h"
#include "metadata/model/query.h"

namespace ashlar::report {

namespace {

bool tagged(const std::vector<std::string>& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

/// The names of a command line, sorted by what they can mean.
struct Names {
  bool any = false;
  std::unordered_set<std::string> tags, vgs, lvs, pvs;  ///< lvs: "VG/LV"

  bool tag_of(const std::vector<std::string>& of) const {
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return tagged(of, tag); });
  }
  bool vg(const VolumeGroup& vg) const { return !any || vgs.contains(vg.name) || tag_of(vg.tags); }
  bool pv(const ops::PvInfo& pv) const { return !any || pvs.contains(pv.device) || tag_of(pv.pv.tags); }
  bool lv(const VolumeGroup& group, const LogicalVolume& lv) const {
    return vg(group) || lvs.contains(group.name + "/" + lv.name) || tag_of(lv.tags);
  }
  bool lv_by_name(const VolumeGroup& group, const LogicalVolume& lv) const {
    return lvs.contains(group.name + "/" + lv.name);
  }
};

/// "/dev/vg/lv", "/dev/mapper/vg-lv" or "vg/lv" to "vg/lv"; "/dev/vg" to "vg". "vg/" stays, and is no LV.
std::string plain_name(const std::string& name, Kind kind) {
  constexpr std::string_view kMapper = "/dev/mapper/", kDev = "/dev/";
  if (name.starts_with(kMapper)) {
    dm::SplitName parts = dm::split_name(std::string_view(name).substr(kMapper.size()));
    return parts.lv.empty() ? parts.vg : parts.vg + "/" + parts.lv;
  }
  std::string plain = name.starts_with(kDev) ? name.substr(kDev.size()) : name;
  while (kind != Kind::Lvs && plain.ends_with('/')) plain.pop_back();
  return plain;
}

Names parse_names(const Options& options) {
  Names names;
  for (const std::string& name : options.names) {
    names.any = true;
    if (name.starts_with('@')) {
      names.tags.insert(name.substr(1));
    } else if (options.kind == Kind::Pvs) {
      names.pvs.insert(name);
    } else if (std::string plain = plain_name(name, options.kind); plain.find('/') != std::string::npos) {
      names.lvs.insert(plain);
    } else {
      names.vgs.insert(plain);
    }
  }
  return names;
}

/// Runs of a PV, used and free by start, each with the LV segment on it.
struct PvRun {
  PeRun run;
  const LvView* lv = nullptr;
  const Segment* segment = nullptr;
};

/// Parallel to info.pvs.
std::vector<std::vector<PvRun>> pv_runs(const VgView& view) {
  std::vector<std::vector<PvRun>> runs(view.info->pvs.size());
  for (const LvView& lv : view.lvs) {
    for (const Segment& segment : lv.lv->segments) {
      auto add = [&](const PvArea& area, Extents length) {
        auto found = view.pv_by_id.find(area.pv);
        if (found != view.pv_by_id.end()) runs[found->second].push_back({{area.start, length}, &lv, &segment});
      };
      if (const auto* striped = std::get_if<Striped>(&segment.body)) {
        for (const Area& area : striped->areas)
          if (const auto* on_pv = std::get_if<PvArea>(&area)) add(*on_pv, segment.length / striped->areas.size());
      } else {
        const ForeignAreas areas = foreign_areas(view.vg(), segment);
        for (const PvArea& area : areas.areas) add(area, segment.length);
        for (const auto& [pv, run] : areas.perhaps) add(PvArea{pv, run.start}, run.length);
      }
    }
  }
  for (std::size_t i = 0; i < runs.size() && i < view.info->usage.size(); ++i) {
    for (const PeRun& free : view.info->usage[i].free) runs[i].push_back({free});
    std::stable_sort(runs[i].begin(), runs[i].end(),
                     [](const PvRun& a, const PvRun& b) { return a.run.start < b.run.start; });
  }
  return runs;
}

class LineMaker {
 public:
  LineMaker(const Options& options, Line line, bool by_name, bool labels, const std::function<void(Row&)>& emit)
      : options_(options), names_(parse_names(options)), line_(line), by_name_(by_name), labels_(labels), emit_(emit) {}

  void vg(const ops::VgInfo& info) {
    if (info.foreign && !options_.foreign && !labels_) return;
    if (options_.kind == Kind::Vgs && !names_.vg(info.vg)) return;
    if (options_.kind == Kind::Lvs && !options_.exported && skip_exported(info.vg)) return;
    VgView view(info, options_.values);
    Row row;
    row.vg = &view;
    row.has_vg = true;
    switch (line_) {
      case Line::Vg:
        return emit_(row);
      case Line::Lv:
      case Line::Segment:
        return lvs(view, row);
      case Line::Pv:
      case Line::PvSegment:
        return pvs(view, row);
      case Line::DeviceType:  // of no VG
      case Line::Log:
        return;
    }
  }

  void orphan(const ops::PvInfo& pv) {
    if (!names_.pv(pv)) return;
    Row row;
    row.pv = &pv;
    emit_(row);
  }
  /// With the VG that has the device that is used, if it is in one.
  void duplicate(const ops::PvInfo& pv, const std::vector<ops::VgInfo>& vgs) {
    auto of = std::find_if(vgs.begin(), vgs.end(),
                           [&](const ops::VgInfo& vg) { return find_pv(vg.vg, pv.pv.id) != nullptr; });
    if (of == vgs.end()) return orphan(pv);
    if (!names_.pv(pv)) return;
    VgView view(*of, options_.values);
    Row row;
    row.vg = &view;
    row.has_vg = true;
    row.pv = &pv;
    emit_(row);
  }

 private:
  /// lvs leaves out exported VGs; one that is named is missing_names()'s to tell.
  bool skip_exported(const VolumeGroup& vg) const {
    if (!vg.status.has(VgFlag::Exported)) return false;
    if (!names_.any) log(LogLevel::Info, fmt::format("Skipping exported volume group {}", printable(vg.name)));
    return true;
  }

  bool shows(const VgView& view, const LvView& lv) const {
    if (lv.facts.part == Part::SnapshotLink) return false;
    if (options_.kind != Kind::Lvs) return lv.visible;
    if (!names_.lv(view.vg(), *lv.lv)) return false;
    return lv.visible || options_.all || names_.lv_by_name(view.vg(), *lv.lv);
  }

  void lvs(const VgView& view, Row& row) {
    row.has_lv = true;
    std::vector<const LvView*> shown;
    for (const LvView& lv : view.lvs)
      if (shows(view, lv)) shown.push_back(&lv);
    if (by_name_)
      std::stable_sort(shown.begin(), shown.end(),
                       [](const LvView* a, const LvView* b) { return a->lv->name < b->lv->name; });
    for (const LvView* lv : shown) {
      row.lv = lv;
      if (!lv->lv->segments.empty()) row.segment = &lv->lv->segments.front();
      if (line_ == Line::Lv) {
        emit_(row);
        continue;
      }
      for (const Segment& segment : lv->lv->segments) {
        row.segment = &segment;
        emit_(row);
      }
    }
  }

  void pvs(const VgView& view, Row& row) {
    std::vector<std::vector<PvRun>> runs;
    if (line_ == Line::PvSegment) runs = pv_runs(view);
    for (std::size_t i = 0; i < view.info->pvs.size(); ++i) {
      const ops::PvInfo& pv = view.info->pvs[i];
      if (options_.kind == Kind::Pvs && !names_.pv(pv)) continue;
      if (labels_ && pv.missing) continue;
      row.pv = &pv;
      row.usage = i < view.info->usage.size() ? &view.info->usage[i] : nullptr;
      if (line_ == Line::Pv) {
        emit_(row);
        continue;
      }
      for (const PvRun& run : runs[i]) {
        Row piece = row;
        Segment free{.start = {}, .length = run.run.length, .tags = {}, .body = Foreign{"free", ""}, .extra = {}};
        piece.pv_segment = run.run;
        piece.has_lv = run.lv != nullptr;
        if (run.lv != nullptr) piece.lv = run.lv;
        piece.segment = run.segment != nullptr ? run.segment : &free;
        emit_(piece);
      }
    }
  }

  const Options& options_;
  Names names_;
  Line line_;
  bool by_name_, labels_;
  const std::function<void(Row&)>& emit_;
};

}  // namespace

std::string foreign_text(const ops::VgInfo& vg) {
  return fmt::format("Cannot access VG {} with system ID {}: it is another host's; --foreign shows it",
                     printable(vg.vg.name), printable(vg.vg.system_id));
}

void for_each_row(const ops::Inventory& inventory, const Options& options, Line line, bool by_name, bool labels,
                  const std::function<void(Row&)>& emit) {
  LineMaker lines(options, line, by_name, labels, emit);
  std::vector<const ops::VgInfo*> vgs;
  for (const ops::VgInfo& vg : inventory.vgs) vgs.push_back(&vg);
  if (by_name)
    std::stable_sort(vgs.begin(), vgs.end(),
                     [](const ops::VgInfo* a, const ops::VgInfo* b) { return a->vg.name < b->vg.name; });
  for (const ops::VgInfo* vg : vgs) lines.vg(*vg);
  if (options.kind == Kind::Pvs) {
    for (const ops::PvInfo& pv : inventory.orphans) {
      if (options.names.empty() && (labels ? pv.duplicate : pv.aside() && !options.all)) continue;
      pv.duplicate ? lines.duplicate(pv, inventory.vgs) : lines.orphan(pv);
    }
  }
  if (options.kind == Kind::Pvs && options.all && options.names.empty() && !labels)
    for (const ops::PvInfo& device : inventory.others) lines.orphan(device);
}

namespace {

/// What is wrong with a name of lvs or vgs.
std::vector<std::string> why_missing(const ops::Inventory& inventory, const Options& options, const std::string& name) {
  std::string plain = plain_name(name, options.kind), vg_name = plain.substr(0, plain.find('/'));
  auto info = std::find_if(inventory.vgs.begin(), inventory.vgs.end(),
                           [&](const ops::VgInfo& each) { return each.vg.name == vg_name; });
  std::string shown = printable(vg_name);
  if (!is_valid_name(vg_name)) return {fmt::format("Volume group name \"{}\" has invalid characters.", shown)};
  if (info == inventory.vgs.end()) return {fmt::format("Volume group \"{}\" not found", shown)};
  if (info->foreign && !options.foreign) return {foreign_text(*info)};
  if (options.kind == Kind::Lvs && info->vg.status.has(VgFlag::Exported))
    return {fmt::format("Volume group {} is exported", shown)};
  if (plain != vg_name && find_lv(info->vg, std::string_view(plain).substr(vg_name.size() + 1)) == nullptr)
    return {fmt::format("Failed to find logical volume \"{}\"", printable(plain))};
  return {};
}

/// What is wrong with a device of pvs; empty: nothing.
std::string why_no_pv(const ops::Inventory& inventory, const std::string& device, bool foreign_too) {
  auto is_it = [&](const ops::PvInfo& pv) { return pv.device == device; };
  if (std::any_of(inventory.orphans.begin(), inventory.orphans.end(), is_it)) return {};
  for (const ops::VgInfo& info : inventory.vgs) {
    if (std::none_of(info.pvs.begin(), info.pvs.end(), is_it)) continue;
    if (!info.foreign || foreign_too) return {};
    return fmt::format("Cannot use PV {} in foreign VG {}: --foreign shows it", printable(device),
                       printable(info.vg.name));
  }
  return fmt::format("Failed to find physical volume \"{}\".", printable(device));
}

}  // namespace

std::vector<std::string> missing_names(const ops::Inventory& inventory, const Options& options, bool labels) {
  std::vector<std::string> out;
  const Names all = parse_names(options);
  for (const std::string& name : options.names) {
    if (name.starts_with('@')) continue;
    // As in LVM2, who names a VG as a whole asks for none of its LVs.
    if (const std::string plain = plain_name(name, options.kind);
        options.kind == Kind::Lvs && all.lvs.contains(plain) && all.vgs.contains(plain.substr(0, plain.find('/'))))
      continue;
    if (options.kind == Kind::Pvs) {
      if (std::string why = why_no_pv(inventory, name, options.foreign || labels); !why.empty())
        out.push_back(std::move(why));
      continue;
    }
    // Several LVs of one VG that is not there are told once.
    for (std::string& line : why_missing(inventory, options, name))
      if (std::find(out.begin(), out.end(), line) == out.end()) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace ashlar::report
