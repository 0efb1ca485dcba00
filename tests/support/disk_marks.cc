// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/disk_marks.h"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/model/query.h"

namespace ashlar::test {

Owners owners_of(const VolumeGroup& vg) {
  Owners owners;
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      const auto& striped = std::get<Striped>(segment.body);
      const std::uint64_t stripes = striped.areas.size();
      for (std::uint64_t s = 0; s < stripes; ++s) {
        const auto& area = std::get<PvArea>(striped.areas[s]);
        for (std::uint64_t i = 0; i < segment.length.n / stripes; ++i)
          owners[{area.pv, area.start.n + i}] = std::string(lv.id.raw()) + " " +
                                                std::to_string(segment.start.n + i * stripes) + " " +
                                                std::to_string(s) + "/" + std::to_string(stripes);
      }
    }
  }
  return owners;
}

void DiskMarks::live(const VolumeGroup& vg) {
  const Owners owners = owners_of(vg);
  for (auto& [path, disk] : disks_) {
    auto pv = std::find_if(vg.pvs.begin(), vg.pvs.end(),
                           [&path = path](const PhysicalVolume& each) { return each.device == path; });
    const bool missing = pv != vg.pvs.end() && pv->status.has(PvFlag::Missing);
    if (missing && disk.here) continue;  // it is back and not yet taken in: nobody uses it
    if (!disk.here || pv == vg.pvs.end()) {
      write_all(disk.marks, "the world");
      continue;
    }
    for (std::uint64_t pe = 0; pe < disk.marks.size(); ++pe) {
      auto owner = owners.find({pv->id, pe});
      if (owner != owners.end()) disk.marks[pe] = owner->second;
      if (pe >= pv->pe_count.n) disk.marks[pe] = "the world";
    }
  }
}

void DiskMarks::discard(const VolumeGroup& before, const VolumeGroup& after) {
  const Owners still = owners_of(after);
  for (const auto& [pe, owner] : owners_of(before)) {
    if (still.contains(pe)) continue;
    const PhysicalVolume* pv = find_pv(before, pe.first);
    if (auto disk = disks_.find(pv->device); disk != disks_.end() && disk->second.here)
      disk->second.marks.at(pe.second) = "discarded";
  }
}

std::vector<std::string> DiskMarks::lost(const VolumeGroup& before, const VolumeGroup& after) const {
  std::vector<std::string> lost;
  const Owners had = owners_of(before);
  for (const auto& [pe, owner] : owners_of(after)) {
    if (auto was = had.find(pe); was != had.end() && was->second == owner) continue;
    const std::string& path = find_pv(after, pe.first)->device;
    const std::string& mark = disks_.at(path).marks.at(pe.second);
    if (mark != owner)
      lost.push_back(fmt::format("extent {} of {} is to hold '{}' and holds '{}'", pe.second, path, owner, mark));
  }
  return lost;
}

}  // namespace ashlar::test
