// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/lv_facts.h"

#include <fmt/format.h>

#include "metadata/model/query.h"

namespace ashlar::report {

Body::Body(const Segment& segment) {
  const auto* foreign = std::get_if<Foreign>(&segment.body);
  if (foreign == nullptr) return;
  auto parsed = config::Document::parse(foreign->body, foreign->type);
  if (parsed.ok()) document_ = std::move(parsed).value();
}

Body Body::unknown_keys(const Segment& segment) {
  Body body;
  if (auto parsed = config::Document::parse(segment.extra, "kept keys"); parsed.ok())
    body.document_ = std::move(parsed).value();
  return body;
}

std::optional<std::uint64_t> Body::number(const char* key) const {
  if (!document_) return std::nullopt;
  config::Node node = document_->root().find(key);
  return node ? node.unsigned_integer() : std::nullopt;
}

std::string Body::text(const char* key) const {
  if (!document_) return {};
  config::Node node = document_->root().find(key);
  return node ? std::string(node.string().value_or("")) : std::string();
}

std::vector<std::string> Body::names(const char* key) const {
  std::vector<std::string> out;
  if (!document_) return out;
  config::Node node = document_->root().find(key);
  for (std::size_t i = 0; node && i < node.size(); ++i)
    if (node.at(i).kind == config::Scalar::Kind::String) out.emplace_back(node.at(i).text);
  return out;
}

std::vector<std::string> Body::settings(const char* section) const {
  std::vector<std::string> out;
  if (!document_) return out;
  config::Node node = document_->root().section(section);
  if (!node) return out;
  for (config::Node child : node)
    if (!child.is_section() && child.size() == 1) out.push_back(fmt::format("{}={}", child.key(), child.at(0).text));
  return out;
}

std::string Body::setting(const char* key) const {
  config::Node node = document_ ? document_->root().find(key) : config::Node();
  return node && node.size() == 1 ? fmt::format("{}={}", key, node.at(0).text) : std::string();
}

std::string_view base_type(const Segment& segment) {
  std::string_view type = type_name(segment);
  return type.substr(0, type.find('+'));
}

std::string_view base_type(const LogicalVolume& lv) {
  return lv.segments.empty() ? std::string_view() : base_type(lv.segments.front());
}

namespace {

class Relations {
 public:
  Relations(const VolumeGroup& vg, const std::unordered_map<std::string_view, LvIndex>& by_name)
      : vg_(vg), by_name_(by_name), facts_(vg.lvs.size()) {}

  void add(LvIndex lv, const Segment& segment) {
    Body body(segment);
    std::string_view type = base_type(segment);
    LvFacts& self = of(lv);
    if (type == "snapshot") return snapshot(lv, body);
    if (type == "mirror") {
      for (const std::string& image : body.names("mirrors")) part(image, Part::MirrorImage, lv);
      self.log = part(body.text("mirror_log"), Part::MirrorLog, lv);
    } else if (is_raid(type)) {
      for (const char* key : {"raids", "raid0_lvs"})
        for (const std::string& name : body.names(key))
          part(name, name.find("_rmeta_") != std::string::npos ? Part::RaidMeta : Part::RaidImage, lv);
    } else if (type == "thin-pool") {
      self.data = part(body.text("pool"), Part::ThinData, lv);
      self.metadata = part(body.text("metadata"), Part::ThinMeta, lv);
    } else if (type == "thin") {
      thin(lv, body);
    } else if (type == "cache-pool") {
      self.data = part(body.text("data"), Part::CacheData, lv);
      self.metadata = part(body.text("metadata"), Part::CacheMeta, lv);
    } else if (type == "cache") {
      self.pool = find(body.text("cache_pool"));
      if (self.pool >= 0 && vg_lv(self.pool).status.has(LvFlag::CacheVol)) of(self.pool).part = Part::CacheVol;
      self.origin = part(body.text("origin"), Part::CacheOrigin, -1);
    } else if (type == "writecache") {
      self.pool = part(body.text("writecache"), Part::CacheVol, -1);
      if (self.pool >= 0) of(self.pool).of_writecache = true;
      self.origin = part(body.text("origin"), Part::WriteOrigin, -1);
    } else if (type == "vdo-pool") {
      self.data = part(body.text("data"), Part::VdoData, -1);
    } else if (type == "vdo") {
      self.pool = find(body.text("vdo_pool"));
    } else if (type == "integrity") {
      self.origin = part(body.text("origin"), Part::IntegrityOrigin, -1);
      part(body.text("meta_dev"), Part::IntegrityMeta, -1);
    }
  }

  /// LVs that were removed and are remembered: "-name" stands for another one of those.
  void add_history(const std::string& text) {
    if (text.empty()) return;
    auto parsed = config::Document::parse(text, "kept historical LVs");
    if (!parsed) return;
    Removed removed;
    for (config::Node lv : parsed->root())
      if (lv.is_section()) removed.origins.emplace(lv.key(), string_of(lv.find("origin")));
    for (config::Node lv : parsed->root()) {
      if (!lv.is_section()) continue;
      const LvIndex origin = remembered_origin(removed, lv.key());
      config::Node names = lv.find("descendants");
      for (std::size_t i = 0; origin >= 0 && names && i < names.size(); ++i) {
        const LvIndex descendant = find(std::string(names.at(i).text));
        if (descendant < 0) continue;
        of(descendant).remembered_origin = origin;
        of(origin).remembered_descendants.push_back(descendant);
      }
    }
  }

  LvFacts& of(LvIndex i) { return facts_[static_cast<std::size_t>(i)]; }
  std::vector<LvFacts> take() { return std::move(facts_); }

 private:
  const LogicalVolume& vg_lv(LvIndex i) const { return vg_.lvs[static_cast<std::size_t>(i)]; }

  LvIndex find(const std::string& name) const {
    auto found = by_name_.find(name);
    return found == by_name_.end() ? -1 : found->second;
  }

  struct Removed {
    std::unordered_map<std::string_view, std::string_view> origins;  ///< as they are written
    std::unordered_map<std::string_view, LvIndex> known;             ///< what was found of each
  };
  static std::string_view string_of(config::Node node) { return node ? node.string().value_or("") : ""; }

  /// The LV that the removed one goes back to, over any number of removed ones.
  LvIndex remembered_origin(Removed& removed, std::string_view name) const {
    std::vector<std::string_view> passed;
    LvIndex found = -1;
    for (;;) {
      // What is on the way has no origin yet: a damaged VG may go round in circles.
      const auto [at, first] = removed.known.emplace(name, -1);
      found = at->second;
      auto origin = removed.origins.find(name);
      if (!first || origin == removed.origins.end()) break;
      passed.push_back(name);
      if (!origin->second.starts_with('-')) {
        found = find(std::string(origin->second));
        break;
      }
      name = origin->second.substr(1);
    }
    for (std::string_view each : passed) removed.known[each] = found;
    return found;
  }

  LvIndex part(const std::string& name, Part part, LvIndex parent) {
    LvIndex i = find(name);
    if (i < 0) return i;
    of(i).part = part;
    of(i).parent = parent;
    return i;
  }

  void snapshot(LvIndex link, const Body& body) {
    std::string store = body.text("cow_store");
    bool merging = store.empty();
    LvIndex cow = find(merging ? body.text("merging_store") : store);
    LvIndex origin = find(body.text("origin"));
    of(link).part = Part::SnapshotLink;
    if (cow < 0 || origin < 0) return;
    of(cow).part = Part::SnapshotCow;
    of(cow).origin = origin;
    of(cow).link = link;
    of(cow).merging = merging;
    of(origin).merge_target = of(origin).merge_target || merging;
    of(origin).snapshot_merges = of(origin).snapshot_merges || merging;
    ++of(origin).snapshots;
    of(origin).descendants.push_back(cow);
  }

  void thin(LvIndex lv, const Body& body) {
    of(lv).pool = find(body.text("thin_pool"));
    if (of(lv).pool >= 0) ++of(of(lv).pool).thins;
    of(lv).origin = find(body.text("origin"));
    if (LvIndex origin = of(lv).origin; origin >= 0) {
      ++of(origin).thin_snapshots;
      of(origin).descendants.push_back(lv);
    } else if (LvIndex external = find(body.text("external_origin")); external >= 0) {
      of(lv).origin = external;
      ++of(external).external_thins;
      of(external).descendants.push_back(lv);
    }
    if (LvIndex target = find(body.text("merge")); target >= 0) {
      of(lv).merging = true;
      of(target).merge_target = true;
    }
  }

  const VolumeGroup& vg_;
  const std::unordered_map<std::string_view, LvIndex>& by_name_;
  std::vector<LvFacts> facts_;
};

}  // namespace

std::vector<LvFacts> lv_facts(const VolumeGroup& vg, const std::vector<bool>& visible,
                              const std::unordered_map<std::string_view, LvIndex>& by_name) {
  Relations relations(vg, by_name);
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    const LogicalVolume& lv = vg.lvs[i];
    if (!visible[i] && lv.name.find("_pmspare") != std::string::npos)
      relations.of(static_cast<LvIndex>(i)).part = Part::PoolSpare;
    for (const Segment& segment : lv.segments)
      if (std::holds_alternative<Foreign>(segment.body)) relations.add(static_cast<LvIndex>(i), segment);
  }
  relations.add_history(vg.historical);
  return relations.take();
}

}  // namespace ashlar::report
