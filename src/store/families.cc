// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/families.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <unordered_set>

namespace ashlar::store {

namespace {
struct Growing {
  Family family;
  std::unordered_set<Uuid> pvs;           ///< that its texts list
  std::unordered_set<std::string> names;  ///< where none is at home
};

bool lists_any(const VolumeGroup& vg, const std::unordered_set<Uuid>& pvs) {
  return std::any_of(vg.pvs.begin(), vg.pvs.end(), [&](const PhysicalVolume& pv) { return pvs.contains(pv.id); });
}

/// All with one VG id.
std::vector<Family> of_one_id(const std::vector<Placed>& texts, const std::vector<std::size_t>& same_id) {
  auto vg = [&](std::size_t i) -> const VolumeGroup& { return texts[i].version->vg; };
  const bool some_at_home =
      std::any_of(same_id.begin(), same_id.end(), [&](std::size_t i) { return texts[i].at_home; });
  std::vector<Growing> found;
  for (std::size_t i : same_id) {
    if (texts[i].at_home != some_at_home) continue;
    Growing all;
    all.family.texts.push_back(i);
    for (const PhysicalVolume& pv : vg(i).pvs) all.pvs.insert(pv.id);
    if (!some_at_home) all.names.insert(vg(i).name);
    // The text may be what joins families that had nothing in common before.
    std::erase_if(found, [&](Growing& other) {
      if (!lists_any(vg(i), other.pvs) && !other.names.contains(vg(i).name)) return false;
      all.family.texts.insert(all.family.texts.end(), other.family.texts.begin(), other.family.texts.end());
      all.pvs.merge(other.pvs);
      all.names.merge(other.names);
      return true;
    });
    found.push_back(std::move(all));
  }
  for (auto& [family, pvs, names] : found) {
    family.ruling = *std::max_element(family.texts.begin(), family.texts.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(vg(a).seqno, texts[a].version->checksum) < std::tuple(vg(b).seqno, texts[b].version->checksum);
    });
    family.id_is_shared = found.size() > 1;
  }
  for (std::size_t i : same_id) {
    if (texts[i].at_home == some_at_home) continue;
    auto nearest =
        std::find_if(found.begin(), found.end(), [&](const Growing& each) { return lists_any(vg(i), each.pvs); });
    (nearest == found.end() ? found.front() : *nearest).family.texts.push_back(i);
  }
  std::vector<Family> families;
  for (Growing& each : found) families.push_back(std::move(each.family));
  return families;
}
}  // namespace

std::vector<Family> families(const std::vector<Placed>& texts) {
  std::map<Uuid, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < texts.size(); ++i) by_id[texts[i].version->vg.id].push_back(i);
  std::vector<Family> all;
  for (const auto& [id, same_id] : by_id) {
    for (Family& family : of_one_id(texts, same_id)) all.push_back(std::move(family));
  }
  return all;
}

}  // namespace ashlar::store
