// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/consensus.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "store/families.h"

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
struct Preferred {
  std::size_t pv;
  const char* why;
};
Preferred preferred(const Scan& scan, const std::vector<std::size_t>& same) {
  const PhysicalVolume* pv = listed(scan.versions, scan.pvs[same[0]].label.pv);
  if (pv == nullptr) return {same[0], "device was seen first"};
  auto score = [&](std::size_t i) {
    const device::BlockDevice& d = *scan.pvs[i].device;
    int points = 0;
    if (pv->dev_size && to_bytes(*pv->dev_size) == d.size()) points += 2;
    if (pv->device == d.path()) points += 1;
    return points;
  };
  const std::size_t best =
      *std::max_element(same.begin(), same.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
  const auto as_good = [&](int points) {
    return std::count_if(same.begin(), same.end(), [&](std::size_t i) { return score(i) >= points; }) > 1;
  };
  if (score(best) >= 2 && !as_good(2)) return {best, "device size is correct"};
  return {best, as_good(score(best)) ? "device was seen first" : "device name matches previous"};
}

PvIndex index_pvs(Picture& picture, std::unordered_set<Uuid>& doubled) {
  std::map<Uuid, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) by_id[picture.scan.pvs[i].label.pv].push_back(i);
  PvIndex index;
  for (const auto& [id, same] : by_id) {
    if (same.size() == 1) {
      index.emplace(id, same[0]);
      continue;
    }
    const Preferred chosen = preferred(picture.scan, same);
    index.emplace(id, chosen.pv);
    doubled.insert(id);
    for (std::size_t i : same) {
      if (i == chosen.pv) continue;
      picture.duplicates.push_back(i);
      picture.warnings.push_back(
          fmt::format("Not using device {} for PV {}.", picture.scan.pvs[i].device->path(), id.dashed()));
    }
    picture.warnings.push_back(fmt::format("PV {} prefers device {} because {}.", id.dashed(),
                                           picture.scan.pvs[chosen.pv].device->path(), chosen.why));
  }
  return index;
}

/// All versions of one VG.
struct Group {
  std::vector<Version*> versions;
  Version* ruling = nullptr;
  bool id_is_shared = false;
};

std::vector<Group> group_versions(Scan& scan) {
  std::vector<Placed> placed;
  for (const Version& v : scan.versions) {
    const bool at_home = std::any_of(v.copies.begin(), v.copies.end(),
                                     [&](CopyAt at) { return find_pv(v.vg, scan.pvs[at.pv].label.pv) != nullptr; });
    placed.push_back({&v, at_home});
  }
  std::vector<Group> groups;
  for (const Family& family : families(placed)) {
    Group& group = groups.emplace_back(Group{{}, &scan.versions[family.ruling], family.id_is_shared});
    for (std::size_t i : family.texts) group.versions.push_back(&scan.versions[i]);
  }
  return groups;
}

/// Copies that are older than the ruling version, or of the same seqno and different.
void judge_copies(const Scan& scan, const Group& group, VgState& state) {
  const Version& ruling = *group.ruling;
  const std::unordered_set<Uuid> members = pv_ids(ruling.vg);
  for (CopyAt at : ruling.copies) {
    if (!members.contains(scan.pvs[at.pv].label.pv))
      state.damage.push_back(fmt::format("{} holds VG {}, which does not list that PV",
                                         mda_name(scan.pvs[at.pv], at.mda), ruling.vg.name));
  }
  for (const Version* version : group.versions) {
    const Version& v = *version;
    if (&v == &ruling) continue;
    for (CopyAt at : v.copies) {
      const FoundPv& pv = scan.pvs[at.pv];
      if (!members.contains(pv.label.pv) && v.vg.seqno >= ruling.vg.seqno && find_pv(v.vg, pv.label.pv) == nullptr) {
        state.damage.push_back(fmt::format(
            "{} has seqno {} of VG {}, which does not list that PV: it counts for nothing, pvcreate -ff {} takes it off",
            mda_name(pv, at.mda), v.vg.seqno, ruling.vg.name, pv.device->path()));
        continue;
      }
      state.stale_copies = true;
      if (!members.contains(pv.label.pv)) {
        state.outdated.push_back(at.pv);
        state.damage.push_back(fmt::format("{} holds seqno {} of VG {}, which it left before seqno {}",
                                           mda_name(pv, at.mda), v.vg.seqno, ruling.vg.name, ruling.vg.seqno));
      } else if (v.vg.seqno == ruling.vg.seqno) {
        std::string what =
            fmt::format("two different texts of VG {} have seqno {}: {} and {}", ruling.vg.name, v.vg.seqno,
                        mda_name(pv, at.mda), mda_name(scan.pvs[ruling.copies[0].pv], ruling.copies[0].mda));
        state.unsafe = Error(Errc::Corrupt, what + "; restore one of them with vgcfgrestore");
        state.damage.push_back(std::move(what));
      } else {
        state.damage.push_back(fmt::format("{} has seqno {} of VG {}, seqno {} rules", mda_name(pv, at.mda), v.vg.seqno,
                                           ruling.vg.name, ruling.vg.seqno));
      }
    }
  }
}

/// Extents that lie over the PV's own metadata or label: a write to an LV would destroy the VG.
std::optional<std::string> extents_hit(const VolumeGroup& vg, const PhysicalVolume& pv, const FoundPv& found) {
  if (pv.pe_count.n == 0) return std::nullopt;
  auto size = checked_mul(pv.pe_count.n, vg.extent_size.n);
  auto end = size ? checked_add(pv.pe_start.n, *size) : std::nullopt;
  if (!end || *end > to_sectors(Bytes{UINT64_MAX}).n) return std::nullopt;  // validate() has said it
  Bytes from = to_bytes(pv.pe_start), to = to_bytes({*end});
  if (from.n < (found.label.sector + 1) * kSectorSize)
    return fmt::format("the extents of {} in VG {} begin at {}, over its label", found.device->path(), vg.name, from.n);
  for (std::size_t m = 0; m < found.mdas.size(); ++m) {
    const disk::DiskArea& area = found.mdas[m].area;
    if (from < area.offset + area.size && area.offset < to)
      return fmt::format("the extents of {} in VG {}, bytes {} to {}, lie over {} at {}+{}", found.device->path(),
                         vg.name, from.n, to.n, mda_name(found, m), area.offset.n, area.size.n);
  }
  return std::nullopt;
}

/// Finds the devices of the VG's PVs and sets or drops MISSING.
void find_members(const Picture& picture, const PvIndex& index,
                  const std::unordered_map<std::size_t, const Version*>& owner, const std::unordered_set<Uuid>& doubled,
                  const Version& ruling, VgState& state) {
  const Scan& scan = picture.scan;
  VolumeGroup& vg = state.vg;
  std::vector<PvUsage> usage;
  for (std::size_t i = 0; i < vg.pvs.size(); ++i) {
    PhysicalVolume& pv = vg.pvs[i];
    state.members.push_back(kNoPv);
    auto at = index.find(pv.id);
    if (at == index.end()) {
      state.damage.push_back(fmt::format("Couldn't find device with uuid {}.", pv.id.dashed()));  // scripts look for it
      state.damage.push_back(
          fmt::format("VG {} is missing PV {} (last seen at {})", vg.name, pv.id.dashed(), printable(pv.device)));
      pv.status.set(PvFlag::Missing);
      continue;
    }
    const FoundPv& found = scan.pvs[at->second];
    if (auto own = owner.find(at->second); own != owner.end() && own->second != &ruling) {
      state.damage.push_back(fmt::format("VG {} lists {}, whose own metadata is of VG {}", vg.name,
                                         found.device->path(), own->second->vg.name));
      state.stale_copies = true;  // maybe it moves just now
      pv.status.set(PvFlag::Missing);
      continue;
    }
    if (pv.status.has(PvFlag::Missing)) {
      if (usage.empty()) usage = pv_usage(vg);
      if (usage[i].used_extents.n != 0) {
        if (carries_other(picture, at->second, vg.id) != nullptr) {
          state.damage.push_back(
              fmt::format("VG {} lists {}, whose own metadata is of another VG", vg.name, found.device->path()));
          continue;
        }
        state.damage.push_back(fmt::format("{} of VG {} was missing and is back; vgextend --restoremissing takes it in",
                                           found.device->path(), vg.name));
        if (!doubled.contains(pv.id)) state.returned.push_back(at->second);
        continue;
      }
      pv.status.set(PvFlag::Missing, false);
    }
    state.members[i] = at->second;
    if (auto hit = extents_hit(vg, pv, found)) {
      state.damage.push_back(*hit);
      state.unsafe = Error(Errc::Corrupt, std::move(*hit));
    }
    for (std::size_t m = 0; m < found.mdas.size(); ++m) {
      const Mda& mda = found.mdas[m];
      bool behind = !mda.problem.empty() || (mda.header && !mda.header->ignored() && mda.header->committed.empty());
      if (!behind) continue;
      state.stale_copies = true;
      state.damage.push_back(fmt::format("{}: {}", mda_name(found, m),
                                         mda.problem.empty() ? "it has no text of VG " + vg.name : mda.problem));
    }
  }
}

void judge_value(VgState& state, std::vector<Problem>& problems) {
  for (const Violation& v : validate(state.vg)) {
    state.damage.push_back(v.what);
    if (!state.unsafe)
      state.unsafe = Error(Errc::Corrupt, fmt::format("VG {} is not legal: {}", state.vg.name, v.what));
    if (v.fatal) problems.push_back({fmt::format("VG {}: {}", state.vg.name, v.what), {}, state.vg.name});
  }
  if (state.unsafe)
    state.read_only = state.unsafe;
  else if (Status writable = check_writable(state.vg); !writable)
    state.read_only = std::move(writable).error();
}

void refuse(VgState& state, const std::string& why) {
  state.damage.push_back(why);
  state.unsafe = state.read_only = Error(Errc::Refused, why);
}

/// A PV without metadata of its own cannot say whose it is: where two VGs list it, neither may use it.
void judge_claims(const Scan& scan, std::vector<VgState>& vgs) {
  std::unordered_map<std::size_t, std::size_t> claimed;  // PV to VG
  for (std::size_t g = 0; g < vgs.size(); ++g) {
    for (std::size_t member : vgs[g].members) {
      if (member == kNoPv) continue;
      auto [first, fresh] = claimed.emplace(member, g);
      if (fresh || first->second == g) continue;
      std::string why = fmt::format("VGs {} and {} both list {}", vgs[first->second].vg.name, vgs[g].vg.name,
                                    scan.pvs[member].device->path());
      refuse(vgs[first->second], why);
      refuse(vgs[g], why);
    }
  }
}
}  // namespace

Picture consensus(Scan found) {
  Picture picture;
  picture.scan = std::move(found);
  Scan& scan = picture.scan;
  picture.problems = scan.problems;
  std::unordered_set<Uuid> doubled;
  PvIndex index = index_pvs(picture, doubled);

  const std::vector<Group> groups = group_versions(scan);
  std::unordered_map<std::size_t, const Version*> owner;  // the VG that a PV's own text is of, if that lists it
  std::vector<bool> has_text(scan.pvs.size(), false);
  picture.carried.resize(scan.pvs.size());
  for (const Group& group : groups) {
    const std::unordered_set<Uuid> listed_pvs = pv_ids(group.ruling->vg);
    for (const Version* v : group.versions) {
      for (CopyAt at : v->copies) {
        has_text[at.pv] = true;
        picture.carried[at.pv].push_back(v->vg.id);
        if (listed_pvs.contains(scan.pvs[at.pv].label.pv)) owner.emplace(at.pv, group.ruling);
      }
    }
  }

  std::vector<bool> taken(scan.pvs.size(), false);
  for (const Group& group : groups) {
    VgState state;
    // The LVs, which may be many, move; the rest is still asked for on behalf of other VGs.
    Version& version = *group.ruling;
    std::vector<LogicalVolume> lvs = std::move(version.vg.lvs);
    state.vg = version.vg;
    state.vg.lvs = std::move(lvs);
    state.header = version.header;
    state.text_size = version.size;
    judge_copies(scan, group, state);
    find_members(picture, index, owner, doubled, version, state);
    for (std::size_t member : state.members) {
      if (member == kNoPv) continue;
      taken[member] = true;
      if (doubled.contains(scan.pvs[member].label.pv))
        state.unsafe = Error(
            Errc::Refused, fmt::format("Cannot update volume group {} with duplicate PV devices: {}: {}", state.vg.name,
                                       devices_text(scan, scan.pvs[member].label.pv), kSingleAgain));
    }
    judge_value(state, picture.problems);
    if (group.id_is_shared)
      refuse(
          state,
          fmt::format(
              "VG {} has the same id as another VG, {}; one of them is a copy: take the disks of one away, or give them up with pvremove -ff",
              state.vg.name, state.vg.id.dashed()));
    picture.vgs.push_back(std::move(state));
  }
  for (VgState& state : picture.vgs) std::erase_if(state.outdated, [&](std::size_t pv) { return taken[pv]; });
  judge_claims(scan, picture.vgs);
  std::sort(picture.vgs.begin(), picture.vgs.end(), [](const VgState& a, const VgState& b) {
    return std::tie(a.vg.name, a.vg.id) < std::tie(b.vg.name, b.vg.id);
  });

  for (std::size_t i : picture.duplicates) taken[i] = true;
  for (std::size_t i = 0; i < scan.pvs.size(); ++i) {
    if (taken[i]) continue;
    picture.orphans.push_back(i);
    // A text that cannot be read and whose PV no VG claims may hide a VG.
    const FoundPv& pv = scan.pvs[i];
    const std::string& path = pv.device->path();
    bool told = false, expects_text = false;
    for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
      if (pv.mdas[m].header && !pv.mdas[m].header->ignored()) expects_text = true;
      if (pv.mdas[m].problem.empty()) continue;
      picture.problems.push_back({mda_name(pv, m) + ": " + pv.mdas[m].problem, path, {}});
      told = true;
    }
    if (pv.label.used() && expects_text && !has_text[i] && !told)
      picture.problems.push_back({fmt::format("PV {} is marked in use but no VG was found using it.", path), path, {}});
  }
  std::sort(picture.orphans.begin(), picture.orphans.end(),
            [&](std::size_t a, std::size_t b) { return scan.pvs[a].device->path() < scan.pvs[b].device->path(); });
  scan.versions.clear();
  return picture;
}

std::string devices_text(const Scan& scan, const Uuid& pv) {
  std::string devices;
  for (const FoundPv& found : scan.pvs) {
    if (found.label.pv == pv) devices += (devices.empty() ? "" : ", ") + found.device->path();
  }
  return fmt::format("PV {} is on {}", pv.dashed(), devices);
}

bool is_doubled(const Picture& picture, std::size_t pv) {
  return std::any_of(picture.duplicates.begin(), picture.duplicates.end(),
                     [&](std::size_t i) { return picture.scan.pvs[i].label.pv == picture.scan.pvs[pv].label.pv; });
}

Status check_single(const Picture& picture, std::size_t pv) {
  if (!is_doubled(picture, pv)) return ok();
  const FoundPv& found = picture.scan.pvs[pv];
  std::string others;
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) {
    if (i != pv && picture.scan.pvs[i].label.pv == found.label.pv)
      others += (others.empty() ? "" : ", ") + picture.scan.pvs[i].device->path();
  }
  return Error(Errc::Refused, fmt::format("Cannot use device {} with duplicates. PV {} is on {} too: {}",
                                          found.device->path(), found.label.pv.dashed(), others, kSingleAgain));
}

const Uuid* carries_other(const Picture& picture, std::size_t pv, const Uuid& vg) {
  if (pv >= picture.carried.size()) return nullptr;  // made in a transaction
  const std::vector<Uuid>& ids = picture.carried[pv];
  auto other = std::find_if(ids.begin(), ids.end(), [&](const Uuid& id) { return id != vg; });
  return other == ids.end() ? nullptr : &*other;
}

Error two_of_one_name(const VolumeGroup& one, const VolumeGroup& other) {
  return Error(Errc::Refused,
               fmt::format("Multiple VGs found with the same name {0}: {1} and {2}. vgrename {2} NEWNAME gives one of "
                           "them another",
                           one.name, one.id.dashed(), other.id.dashed()));
}

Result<const VgState*> find_vg(const Picture& picture, const std::string& name) {
  const VgState* found = nullptr;
  for (const VgState& state : picture.vgs) {
    if (state.vg.name != name) continue;
    if (found != nullptr) return two_of_one_name(found->vg, state.vg);
    found = &state;
  }
  if (found == nullptr) return Error(Errc::NotFound, fmt::format("Volume group \"{}\" not found", printable(name)));
  return found;
}

}  // namespace ashlar::store
