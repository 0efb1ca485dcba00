// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/lv_role.h"

#include <algorithm>
#include <set>

namespace ashlar::report {

namespace {

using Words = std::vector<std::string>;

Words raid_layout(std::string_view type) {
  Words words{"raid"};
  if (type == "raid0_meta") return words;
  // The level, then the variant: raid5 alone means raid5_ls, raid6 alone raid6_zr. LVM2 has no words for
  // those that stand between two types in a conversion.
  std::string level(type.substr(0, type.find('_')));
  words.push_back(level);
  if (type == "raid5_n" || (level == "raid6" && type.ends_with("_6"))) return words;
  if (type != level)
    words.emplace_back(type);
  else if (level == "raid5")
    words.emplace_back("raid5_ls");
  else if (level == "raid6")
    words.emplace_back("raid6_zr");
  return words;
}

Words part_role(Part part) {
  switch (part) {
    case Part::MirrorImage:
      return {"mirror", "image"};
    case Part::MirrorLog:
      return {"mirror", "log"};
    case Part::RaidImage:
      return {"raid", "image"};
    case Part::RaidMeta:
      return {"raid", "metadata"};
    case Part::ThinData:
      return {"thin", "pool", "data"};
    case Part::ThinMeta:
      return {"thin", "pool", "metadata"};
    case Part::CacheData:
      return {"cache", "pool", "data"};
    case Part::CacheMeta:
      return {"cache", "pool", "metadata"};
    case Part::CacheOrigin:
      return {"cache", "origin", "cacheorigin"};
    case Part::WriteOrigin:
      return {"writecache", "origin", "writecacheorigin"};
    case Part::VdoData:
      return {"vdo", "pool", "data"};
    case Part::IntegrityOrigin:
      return {"integrity", "origin", "integrityorigin"};
    case Part::IntegrityMeta:
      return {"integrity", "metadata"};
    case Part::PoolSpare:
      return {"pool", "spare"};
    case Part::SnapshotCow:
      return {"snapshot", "thicksnapshot"};
    case Part::CacheVol:
    case Part::SnapshotLink:
    case Part::None:
      return {};
  }
  return {};
}

/// May a person use it? A snapshot that is being merged is hidden, and public all the same.
bool is_public(const LvView& lv) {
  std::string_view type = base_type(*lv.lv);
  if (lv.facts.part == Part::SnapshotCow) return true;
  return lv.facts.part == Part::None && (lv.visible || type == "thin") && !is_pool(type);
}

void origin_role(Words& words, const char* kind, std::uint32_t snapshots) {
  if (snapshots == 0) return;
  if (std::find(words.begin(), words.end(), "origin") == words.end()) words.emplace_back("origin");
  words.emplace_back(kind);
  if (snapshots > 1) words.push_back("multi" + std::string(kind));
}

/// The kernel target that a segment of a type needs, none for linear and striped.
std::string_view module_of(std::string_view type) {
  if (is_raid(type)) return "raid";
  if (type == "cache-pool") return "cache";
  if (type == "vdo" || type == "vdo-pool") return "kvdo";
  if (type == "linear" || type == "striped" || type == "free") return {};
  return type;
}

}  // namespace

std::vector<std::string> lv_layout(const Row& row) {
  if (row.lv->facts.part == Part::CacheVol) return {row.lv->facts.of_writecache ? "writecache" : "cache", "cachevol"};
  const LogicalVolume& lv = *row.lv->lv;
  std::string_view type = base_type(lv);
  if (type == "thin") return {"thin", "sparse"};
  if (type == "thin-pool") return {"thin", "pool"};
  if (type == "cache-pool") return {"cache", "pool"};
  if (type == "vdo") return {"vdo", "sparse"};
  if (type == "vdo-pool") return {"vdo", "pool"};
  if (type == "cache" || type == "writecache" || type == "mirror" || type == "integrity") return {std::string(type)};
  if (is_raid(type)) return raid_layout(type);
  if (type == "zero" && row.lv->facts.snapshots != 0) return {"virtual"};
  Words words;
  for (const char* word : {"linear", "striped"}) {
    bool any = std::any_of(lv.segments.begin(), lv.segments.end(),
                           [&](const Segment& segment) { return base_type(segment) == word; });
    if (any) words.emplace_back(word);
  }
  if (words.empty()) words.emplace_back("unknown");
  return words;
}

std::vector<std::string> lv_role(const Row& row) {
  const LvFacts& facts = row.lv->facts;
  std::string_view type = base_type(*row.lv->lv);
  Words words{is_public(*row.lv) ? "public" : "private"};
  if (row.lv->lv->status.has(LvFlag::PvMove)) words.emplace_back("pvmove");
  for (std::string& word : part_role(facts.part)) words.push_back(std::move(word));
  origin_role(words, "thickorigin", facts.snapshots);
  origin_role(words, "extthinorigin", facts.external_thins);
  origin_role(words, "thinorigin", facts.thin_snapshots);
  if (type == "thin" && facts.origin >= 0) {
    words.emplace_back("snapshot");
    words.emplace_back("thinsnapshot");
  }
  return words;
}

std::vector<std::string> lv_modules(const Row& row) {
  std::set<std::string> words;
  auto add = [&](std::string_view type) {
    if (std::string_view word = module_of(type); !word.empty()) words.emplace(word);
  };
  for (const Segment& segment : row.lv->lv->segments) {
    add(base_type(segment));
    if (base_type(segment) == "thin") add("thin-pool");
    if (is_raid(base_type(segment)))
      for (const AreaRef& image : data_areas(*row.vg, segment))
        if (const LvView* below = row.vg->lv(image.name); below != nullptr && base_type(*below->lv) == "integrity")
          add("integrity");
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) continue;
    for (const Area& area : striped->areas)
      if (const auto* on_lv = std::get_if<LvArea>(&area))
        if (const LvView* below = row.vg->lv(on_lv->lv); below != nullptr && !below->lv->segments.empty())
          add(base_type(*below->lv));
  }
  if (row.lv->facts.part == Part::SnapshotCow || row.lv->facts.snapshots != 0) add("snapshot");
  return {words.begin(), words.end()};
}

}  // namespace ashlar::report
