// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/roll_forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/log.h"
#include "metadata/model/query.h"
#include "store/families.h"
#include "store/text_copy.h"

namespace ashlar::store {

namespace {
using Area = std::pair<std::size_t, std::size_t>;  ///< indices of a PV and of its area
using Texts = std::map<Area, const Version*>;      ///< what counts in each area
using Rulings = std::map<Uuid, const Version*>;    ///< by VG id; null: not known which

bool same_text(const Version& a, const Version& b) {
  return a.size == b.size && a.checksum == b.checksum && a.vg == b.vg;
}

/// Texts written by one command are alike in this; what other disks have staged does not matter to it.
using Command = std::tuple<std::string, std::uint64_t, std::string>;
Command command_of(const Version& v) { return {v.header.creation_host, v.header.creation_time, v.header.description}; }

/// What rules of what lies where; two texts of one seqno leave it open, and so do two VGs with one id.
Rulings rulings_of(const Scan& scan, const Texts& texts) {
  std::map<const Version*, bool> at_home;
  for (const auto& [area, version] : texts) {
    bool& home = at_home[version];
    home = home || find_pv(version->vg, scan.pvs[area.first].label.pv) != nullptr;
  }
  std::vector<Placed> placed;
  for (const auto& [version, home] : at_home) placed.push_back({version, home});
  Rulings rulings;
  for (const Family& family : families(placed)) {
    const Version* ruling = placed[family.ruling].version;
    const bool doubtful =
        family.id_is_shared || std::any_of(family.texts.begin(), family.texts.end(), [&](std::size_t i) {
          const Version& other = *placed[i].version;
          return placed[i].at_home == placed[family.ruling].at_home && other.vg.seqno == ruling->vg.seqno &&
                 !same_text(other, *ruling);
        });
    rulings[ruling->vg.id] = doubtful ? nullptr : ruling;
  }
  return rulings;
}

/// The texts staged in slot 1 of areas whose own text can be read.
std::vector<Version> read_staged(const Scan& scan, const std::vector<Area>& areas) {
  std::vector<Version> staged;
  for (const auto& [p, m] : areas) {
    const FoundPv& pv = scan.pvs[p];
    disk::MdaHeader header = *pv.mdas[m].header;
    header.committed = header.precommitted;
    auto text = read_text(*pv.device, header);
    if (!text) continue;
    auto read = text::read_vg(*text, "staged metadata");
    if (!read) continue;
    Version version{
        std::move(read->vg), std::move(read->header), header.committed.size, header.committed.checksum, {{p, m}}};
    auto known = std::find_if(staged.begin(), staged.end(), [&](const Version& v) { return same_text(v, version); });
    if (known != staged.end())
      known->copies.push_back({p, m});
    else
      staged.push_back(std::move(version));
  }
  return staged;
}

class RollForward {
 public:
  explicit RollForward(Scan& scan) : scan_(scan) {
    for (const Version& version : scan.versions) {
      for (CopyAt at : version.copies) texts_[{at.pv, at.mda}] = &version;
    }
    rulings_ = rulings_of(scan, texts_);
    std::unordered_set<Uuid> once;
    for (const FoundPv& pv : scan.pvs) {
      if (!once.insert(pv.label.pv).second) doubled_.insert(pv.label.pv);
    }
  }

  /// Do VGs claim one PV? Two texts list it, or one lists it whose own text is of another VG; texts that do not rule
  /// too, beside which something is staged.
  bool rivals(const std::vector<Area>& slots) const {
    const auto owners = owners_of(rulings_);
    if (std::any_of(owners.begin(), owners.end(), [](const auto& of_pv) { return of_pv.second.size() > 1; }))
      return true;
    const bool foreign = std::any_of(texts_.begin(), texts_.end(), [&](const auto& each) {
      auto at = owners.find(scan_.pvs[each.first.first].label.pv);
      return at != owners.end() && !at->second.contains(each.second->vg.id);
    });
    return foreign || std::any_of(slots.begin(), slots.end(), [&](const Area& area) {
             const VolumeGroup& vg = texts_.at(area)->vg;
             return ruling_of(vg.id) != texts_.at(area) &&
                    std::any_of(vg.pvs.begin(), vg.pvs.end(), [&](const PhysicalVolume& pv) {
                      auto at = owners.find(pv.id);
                      return at != owners.end() && !at->second.contains(vg.id);
                    });
           });
  }

  /// PVs that say that they are in use, and neither does their own text list them nor, if they have none, another.
  std::unordered_set<Uuid> unlisted() const {
    std::unordered_set<Uuid> found;
    const auto owners = owners_of(rulings_);
    for (std::size_t p = 0; p < scan_.pvs.size(); ++p) {
      const FoundPv& pv = scan_.pvs[p];
      const Uuid& id = pv.label.pv;
      if (!pv.label.used() || doubled_.contains(id)) continue;
      bool has_text = false, listed = false;
      for (auto at = texts_.lower_bound({p, 0}); at != texts_.end() && at->first.first == p; ++at) {
        has_text = true;
        listed = listed || find_pv(at->second->vg, id) != nullptr;
      }
      if (has_text ? !listed : !owners.contains(id)) found.insert(id);
    }
    return found;
  }

  /// A command that moved PVs to another VG, which says so.
  bool move(const std::vector<Version>& staged) {
    Texts after = texts_;
    std::unordered_set<Uuid> concerned;
    const auto owners = owners_of(rulings_);
    auto put = [&](CopyAt at, const Version& text) {
      const Version*& now = after.at({at.pv, at.mda});
      concerned.insert({now->vg.id, text.vg.id});
      for (const PhysicalVolume& pv : now->vg.pvs) {
        if (auto of_pv = owners.find(pv.id); of_pv != owners.end())
          concerned.insert(of_pv->second.begin(), of_pv->second.end());
      }
      now = &text;
    };
    std::vector<const Version*> gave;
    for (const Version& text : staged) {
      const Version* ruling = ruling_of(text.vg.id);
      if (ruling == nullptr) continue;
      const bool gives = text.vg.seqno == ruling->vg.seqno + 1 &&
                         std::any_of(ruling->vg.pvs.begin(), ruling->vg.pvs.end(), [&](const PhysicalVolume& pv) {
                           return owners.at(pv.id).size() > 1 && find_pv(text.vg, pv.id) == nullptr;
                         });
      if (gives) gave.push_back(&text);
      for (CopyAt at : text.copies) {
        const Version& now = *texts_.at({at.pv, at.mda});
        const Uuid& pv = scan_.pvs[at.pv].label.pv;
        // The VG lists the PV, whose area has the text of its VG before and this one staged.
        const bool got = now.vg.id != text.vg.id && text.vg.seqno <= ruling->vg.seqno &&
                         find_pv(ruling->vg, pv) != nullptr && find_pv(text.vg, pv) != nullptr;
        const bool behind = now.vg.id == text.vg.id && &now != ruling && same_text(text, *ruling);
        if (got || behind || (gives && &now == ruling)) put(at, text);
      }
    }
    for (const Version* text : gave) {
      const Version& before = *rulings_.at(text->vg.id);
      std::unordered_set<Uuid> takers;
      for (const PhysicalVolume& pv : before.vg.pvs) {
        if (find_pv(text->vg, pv.id) != nullptr) continue;
        if (owners.at(pv.id).size() < 2) return false;  // nobody has it
        takers.insert(owners.at(pv.id).begin(), owners.at(pv.id).end());
      }
      takers.erase(before.vg.id);
      if (!handed_over(before, *text, takers)) return false;
    }
    return take(std::move(after), concerned);
  }

  /// A command that gave PVs other ids: the label of one has it already.
  bool rename(const Version& text) {
    Texts after = texts_;
    for (CopyAt at : text.copies) {
      const Uuid& id = scan_.pvs[at.pv].label.pv;
      if (find_pv(text.vg, id) == nullptr) continue;
      const Version& now = *texts_.at({at.pv, at.mda});
      const bool same_vg = now.vg.id == text.vg.id;
      const Version* ruling = ruling_of(text.vg.id);
      if (ruling != nullptr && ruling->vg.seqno >= text.vg.seqno) return false;  // the VG changed since
      if (same_vg && ruling != &now) continue;                       // stale either way: the next change mends it
      if (!same_vg && find_pv(now.vg, id) != nullptr) return false;  // a copy's text lists the ids of its original
      if (!only_ids_differ(now.vg, text.vg)) return false;
      after[{at.pv, at.mda}] = &text;
    }
    return take(std::move(after), {text.vg.id});
  }

 private:
  /// Did this command give the takers what they have? Their text is of the same command; or, where it was changed
  /// since, the LVs that go are theirs.
  bool handed_over(const Version& before, const Version& after, const std::unordered_set<Uuid>& takers) const {
    std::unordered_set<Uuid> lvs;
    for (const LogicalVolume& lv : after.vg.lvs) lvs.insert(lv.id);
    for (const Uuid& id : takers) {
      const Version& taker = *rulings_.at(id);
      if (command_of(taker) == command_of(after)) return true;
      for (const LogicalVolume& lv : taker.vg.lvs) lvs.insert(lv.id);
    }
    return std::all_of(before.vg.lvs.begin(), before.vg.lvs.end(),
                       [&](const LogicalVolume& lv) { return lvs.contains(lv.id); });
  }
  /// The same PVs, but for ids, of which those that went are on no disk: or it is one text, and the other a copy's.
  bool only_ids_differ(const VolumeGroup& before, const VolumeGroup& after) const {
    return std::equal(before.pvs.begin(), before.pvs.end(), after.pvs.begin(), after.pvs.end(),
                      [&](const PhysicalVolume& a, const PhysicalVolume& b) {
                        if (a.dev_size != b.dev_size || a.pe_start != b.pe_start || a.pe_count != b.pe_count)
                          return false;
                        const bool there = std::any_of(scan_.pvs.begin(), scan_.pvs.end(),
                                                       [&](const FoundPv& pv) { return pv.label.pv == a.id; });
                        return a.id == b.id || before.id != after.id || !there;
                      });
  }
  const Version* ruling_of(const Uuid& vg) const {
    auto at = rulings_.find(vg);
    return at == rulings_.end() ? nullptr : at->second;
  }
  static std::unordered_map<Uuid, std::unordered_set<Uuid>> owners_of(const Rulings& rulings) {
    std::unordered_map<Uuid, std::unordered_set<Uuid>> owners;
    for (const auto& [id, ruling] : rulings) {
      if (ruling == nullptr) continue;
      for (const PhysicalVolume& pv : ruling->vg.pvs) owners[pv.id].insert(id);
    }
    return owners;
  }

  /// Only if that leaves nothing unclear of the VGs concerned; else all stays as it is.
  bool take(Texts after, const std::unordered_set<Uuid>& concerned) {
    const Rulings rulings = rulings_of(scan_, after);
    const auto owners = owners_of(rulings);
    std::vector<Area> taken;
    for (const auto& [area, text] : after) {
      if (text == texts_.at(area)) continue;
      taken.push_back(area);
      // By what the VG has become since, if anything, the PV must be its own all the more.
      const Version* ruling = rulings.at(text->vg.id);
      if (ruling == nullptr || find_pv(ruling->vg, scan_.pvs[area.first].label.pv) == nullptr) return false;
    }
    if (taken.empty()) return false;
    for (const Uuid& id : concerned) {
      auto at = rulings.find(id);
      if (at == rulings.end()) continue;  // the VG went into another one
      if (at->second == nullptr) return false;
      for (const PhysicalVolume& pv : at->second->vg.pvs) {
        if (doubled_.contains(pv.id) || owners.at(pv.id).size() != 1) return false;
      }
      for (const auto& [area, text] : after) {
        if (text->vg.id != id && find_pv(at->second->vg, scan_.pvs[area.first].label.pv) != nullptr) return false;
      }
    }
    adopt(after, taken, concerned);
    return true;
  }

  void adopt(const Texts& after, const std::vector<Area>& taken, const std::unordered_set<Uuid>& concerned) {
    CutCommit cut;
    for (const Texts* texts : {static_cast<const Texts*>(&texts_), &after}) {
      for (const auto& [area, text] : *texts) {
        if (concerned.contains(text->vg.id)) cut.vgs.insert(text->vg.name);
      }
    }
    for (bool got : {true, false}) {
      for (const Area& area : taken) {
        if ((texts_.at(area)->vg.id != after.at(area)->vg.id) == got) cut.areas.push_back({area.first, area.second});
      }
      if (got) cut.got = cut.areas.size();
    }
    for (const auto& [p, m] : taken) {
      Mda& mda = scan_.pvs[p].mdas[m];
      mda.header->committed = mda.header->precommitted;
      mda.header->committed.flags = 0;
      mda.header->precommitted = {};
      mda.seqno = after.at({p, m})->vg.seqno;
      mda.vg = after.at({p, m})->vg.id;
    }
    std::vector<Version> versions;
    std::unordered_map<const Version*, std::size_t> index;
    for (const auto& [area, text] : after) {
      auto [at, fresh] = index.try_emplace(text, versions.size());
      if (fresh) {
        auto same = std::find_if(versions.begin(), versions.end(),
                                 [&, t = text](const Version& v) { return same_text(v, *t); });
        at->second = static_cast<std::size_t>(same - versions.begin());
        if (same == versions.end()) {
          versions.push_back(*text);
          versions.back().copies.clear();
        }
      }
      versions[at->second].copies.push_back({area.first, area.second});
    }
    scan_.versions = std::move(versions);
    scan_.cut.push_back(std::move(cut));
  }

  Scan& scan_;
  Texts texts_;
  Rulings rulings_;
  std::unordered_set<Uuid> doubled_;
};

/// One cut commit, if there is one: the scan's versions are others then.
bool roll_one(Scan& scan, const std::vector<Area>& slots) {
  RollForward roll(scan);
  const bool rivals = roll.rivals(slots);
  const std::unordered_set<Uuid> unlisted = roll.unlisted();
  if (!rivals && unlisted.empty()) return false;
  std::vector<Version> staged = read_staged(scan, slots);
  for (const Version& text : staged) {
    const bool begun = std::any_of(text.vg.pvs.begin(), text.vg.pvs.end(),
                                   [&](const PhysicalVolume& pv) { return unlisted.contains(pv.id); });
    if (begun && roll.rename(text)) return true;
  }
  std::map<Command, std::vector<Version>> commands;
  for (Version& text : staged) commands[command_of(text)].push_back(std::move(text));
  return rivals &&
         std::any_of(commands.begin(), commands.end(), [&](const auto& command) { return roll.move(command.second); });
}
}  // namespace

void roll_forward(Scan& scan) {
  for (;;) {
    std::vector<Area> slots;
    for (std::size_t p = 0; p < scan.pvs.size(); ++p) {
      for (std::size_t m = 0; m < scan.pvs[p].mdas.size(); ++m) {
        const Mda& mda = scan.pvs[p].mdas[m];
        if (mda.header && mda.seqno && !mda.header->ignored() && !mda.header->precommitted.empty())
          slots.push_back({p, m});
      }
    }
    // Each round empties a slot.
    if (slots.empty() || !roll_one(scan, slots)) return;
  }
}

Status finish(const Scan& scan, const CutCommit& cut) {
  // As the command would have: whoever gets a PV before the one that gives it.
  for (bool got : {true, false}) {
    std::vector<device::BlockDevice*> devices;
    for (std::size_t i = got ? 0 : cut.got; i < (got ? cut.got : cut.areas.size()); ++i) {
      const FoundPv& pv = scan.pvs[cut.areas[i].pv];
      const disk::MdaHeader& header = *pv.mdas[cut.areas[i].mda].header;
      TRY(pv.device->unchanged());
      TRY(pv.device->write(header.area.offset, disk::encode_mda_header(header)));
      if (std::find(devices.begin(), devices.end(), pv.device) == devices.end()) devices.push_back(pv.device);
    }
    for (device::BlockDevice* device : devices) TRY(device->flush());
  }
  return ok();
}

}  // namespace ashlar::store
