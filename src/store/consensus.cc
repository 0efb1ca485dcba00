// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/consensus.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"

namespace ashlar::store {

namespace {
using PvIndex = std::unordered_map<Uuid, std::size_t>;

std::unordered_set<Uuid> pv_ids(const VolumeGroup& vg) {
  std::unordered_set<Uuid> ids;
  for (const PhysicalVolume& pv : vg.pvs) ids.insert(pv.id);
  return ids;
}

/// What the newest text that lists the PV says of it.
const PhysicalVolume* listed(const std::vector<Version>& versions, const Uuid& pv) {
  const PhysicalVolume* best = nullptr;
  std::uint32_t seqno = 0;
  for (const Version& v : versions) {
    const PhysicalVolume* p = find_pv(v.vg, pv);
    if (p != nullptr && (best == nullptr || v.vg.seqno >= seqno)) {
      best = p;
      seqno = v.vg.seqno;
    }
  }
  return best;
}

/// Of devices with one PV id, the one whose size the metadata names, then the one whose path it names, then the first.
std::size_t preferred(const Scan& scan, const std::vector<std::size_t>& same) {
  const PhysicalVolume* pv = listed(scan.versions, scan.pvs[same[0]].label.pv);
  if (pv == nullptr) return same[0];
  auto score = [&](std::size_t i) {
    const device::BlockDevice& d = *scan.pvs[i].device;
    int points = 0;
    if (pv->dev_size && to_bytes(*pv->dev_size) == d.size()) points += 2;
    if (pv->device == d.path()) points += 1;
    return points;
  };
  return *std::max_element(same.begin(), same.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
}

PvIndex index_pvs(Picture& picture, std::unordered_set<Uuid>& doubled) {
  std::map<Uuid, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) by_id[picture.scan.pvs[i].label.pv].push_back(i);
  PvIndex index;
  for (const auto& [id, same] : by_id) {
    std::size_t chosen = same.size() == 1 ? same[0] : preferred(picture.scan, same);
    index.emplace(id, chosen);
    for (std::size_t i : same) {
      if (i == chosen) continue;
      doubled.insert(id);
      picture.duplicates.push_back(i);
      picture.problems.push_back(fmt::format("PV {} is on {} and on {}; {} is used", id.dashed(),
                                             picture.scan.pvs[chosen].device->path(),
                                             picture.scan.pvs[i].device->path(),
                                             picture.scan.pvs[chosen].device->path()));
    }
  }
  return index;
}

/// The ruling version of each VG id: highest seqno; among equals, so that every reader takes the same, the greater checksum.
std::map<Uuid, Version*> ruling_versions(Scan& scan) {
  std::map<Uuid, Version*> ruling;
  for (Version& v : scan.versions) {
    Version*& best = ruling[v.vg.id];
    if (best == nullptr || std::pair(v.vg.seqno, v.checksum) > std::pair(best->vg.seqno, best->checksum)) best = &v;
  }
  return ruling;
}

/// Copies that are older than the ruling version, or of the same seqno and different.
void judge_copies(const Scan& scan, const Version& ruling, VgState& state) {
  const std::unordered_set<Uuid> members = pv_ids(ruling.vg);
  for (const Version& v : scan.versions) {
    if (&v == &ruling || v.vg.id != ruling.vg.id) continue;
    for (CopyAt at : v.copies) {
      const FoundPv& pv = scan.pvs[at.pv];
      state.stale_copies = true;
      if (!members.contains(pv.label.pv)) {
        state.outdated.push_back(at.pv);
        state.damage.push_back(fmt::format("{} holds seqno {} of VG {}, which it left before seqno {}",
                                           mda_name(pv, at.mda), v.vg.seqno, ruling.vg.name, ruling.vg.seqno));
      } else if (v.vg.seqno == ruling.vg.seqno) {
        std::string what = fmt::format("two different texts of VG {} have seqno {}: {} and {}", ruling.vg.name,
                                       v.vg.seqno, mda_name(pv, at.mda),
                                       mda_name(scan.pvs[ruling.copies[0].pv], ruling.copies[0].mda));
        state.unsafe = Error(Errc::Corrupt, what + "; restore one of them with vgcfgrestore");
        state.damage.push_back(std::move(what));
      } else {
        state.damage.push_back(fmt::format("{} has seqno {} of VG {}, seqno {} rules", mda_name(pv, at.mda),
                                           v.vg.seqno, ruling.vg.name, ruling.vg.seqno));
      }
    }
  }
}

/// Finds the devices of the VG's PVs and sets or drops MISSING.
void find_members(const Scan& scan, const PvIndex& index, const std::unordered_map<std::size_t, const Version*>& owner,
                  VgState& state) {
  VolumeGroup& vg = state.vg;
  std::vector<PvUsage> usage;
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) {
    PhysicalVolume& pv = vg.pvs[i];
    state.members.push_back(kNoPv);
    auto at = index.find(pv.id);
    if (at == index.end()) {
      state.damage.push_back(fmt::format("VG {} is missing PV {} (last seen at {})", vg.name, pv.id.dashed(), printable(pv.device)));
      pv.status.set(PvFlag::Missing);
      continue;
    }
    const FoundPv& found = scan.pvs[at->second];
    if (auto own = owner.find(at->second); own != owner.end() && own->second->vg.id != vg.id) {
      state.damage.push_back(fmt::format("VG {} lists {}, whose own metadata is of VG {}", vg.name,
                                         found.device->path(), own->second->vg.name));
      pv.status.set(PvFlag::Missing);
      continue;
    }
    if (pv.status.has(PvFlag::Missing)) {
      if (usage.empty()) usage = pv_usage(vg);
      if (usage[i].used_extents.n != 0) {
        state.damage.push_back(fmt::format("{} of VG {} was missing and is back; vgextend --restoremissing takes it in",
                                           found.device->path(), vg.name));
        continue;
      }
      pv.status.set(PvFlag::Missing, false);
    }
    state.members[i] = at->second;
    for (std::size_t m = 0; m < found.mdas.size(); ++m) {
      const Mda& mda = found.mdas[m];
      bool behind = !mda.problem.empty() || (mda.header && !mda.header->ignored() && mda.header->committed.empty());
      if (!behind) continue;
      state.stale_copies = true;
      state.damage.push_back(fmt::format("{}: {}", mda_name(found, m), mda.problem.empty() ? "it has no text of VG " + vg.name : mda.problem));
    }
  }
}

void judge_value(VgState& state, std::vector<std::string>& problems) {
  for (const Violation& v : validate(state.vg)) {
    state.damage.push_back(v.what);
    if (!state.unsafe)
      state.unsafe = Error(Errc::Corrupt, fmt::format("VG {} is not legal: {}", state.vg.name, v.what));
    if (v.fatal) problems.push_back(fmt::format("VG {}: {}", state.vg.name, v.what));
  }
  if (state.unsafe)
    state.read_only = state.unsafe;
  else if (Status writable = check_writable(state.vg); !writable)
    state.read_only = std::move(writable).error();
}
}  // namespace

Picture consensus(Scan found) {
  Picture picture;
  picture.scan = std::move(found);
  Scan& scan = picture.scan;
  picture.problems = scan.problems;
  std::unordered_set<Uuid> doubled;
  PvIndex index = index_pvs(picture, doubled);

  auto ruling = ruling_versions(scan);
  std::unordered_map<std::size_t, const Version*> owner;  // the VG that a PV's own text is of, if that lists it
  for (const auto& [id, version] : ruling) {
    const std::unordered_set<Uuid> listed_pvs = pv_ids(version->vg);
    for (const Version& v : scan.versions) {
      if (v.vg.id != id) continue;
      for (CopyAt at : v.copies) {
        if (listed_pvs.contains(scan.pvs[at.pv].label.pv)) owner.emplace(at.pv, version);
      }
    }
  }

  std::vector<bool> taken(scan.pvs.size(), false);
  for (const auto& [id, version] : ruling) {
    VgState state;
    // The LVs, which may be many, move; the rest is still asked for on behalf of other VGs.
    std::vector<LogicalVolume> lvs = std::move(version->vg.lvs);
    state.vg = version->vg;
    state.vg.lvs = std::move(lvs);
    state.header = version->header;
    state.text_size = version->size;
    judge_copies(scan, *version, state);
    find_members(scan, index, owner, state);
    for (std::size_t member : state.members) {
      if (member == kNoPv) continue;
      taken[member] = true;
      if (doubled.contains(scan.pvs[member].label.pv))
        state.unsafe = Error(Errc::Refused, fmt::format("VG {} has PV {} on more than one device", state.vg.name,
                                                        scan.pvs[member].label.pv.dashed()));
    }
    judge_value(state, picture.problems);
    picture.vgs.push_back(std::move(state));
  }
  std::sort(picture.vgs.begin(), picture.vgs.end(),
            [](const VgState& a, const VgState& b) { return std::tie(a.vg.name, a.vg.id) < std::tie(b.vg.name, b.vg.id); });

  for (std::size_t i : picture.duplicates) taken[i] = true;
  for (std::size_t i = 0; i < scan.pvs.size(); ++i) {
    if (taken[i]) continue;
    picture.orphans.push_back(i);
    // A text that cannot be read and whose PV no VG claims may hide a VG.
    for (std::size_t m = 0; m < scan.pvs[i].mdas.size(); ++m) {
      if (!scan.pvs[i].mdas[m].problem.empty())
        picture.problems.push_back(mda_name(scan.pvs[i], m) + ": " + scan.pvs[i].mdas[m].problem);
    }
  }
  std::sort(picture.orphans.begin(), picture.orphans.end(), [&](std::size_t a, std::size_t b) {
    return scan.pvs[a].device->path() < scan.pvs[b].device->path();
  });
  scan.versions.clear();
  return picture;
}

Result<const VgState*> find_vg(const Picture& picture, const std::string& name) {
  const VgState* found = nullptr;
  for (const VgState& state : picture.vgs) {
    if (state.vg.name != name) continue;
    if (found != nullptr)
      return Error(Errc::Refused, fmt::format("Multiple VGs found with the same name {}: {} and {}", name,
                                              found->vg.id.dashed(), state.vg.id.dashed()));
    found = &state;
  }
  if (found == nullptr) return Error(Errc::NotFound, fmt::format("Volume group \"{}\" not found", printable(name)));
  return found;
}

}  // namespace ashlar::store
