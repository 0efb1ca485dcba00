// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/crash_judge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace ashlar::test {

namespace {
/// All that a reader could tell apart.
std::string look_of(const store::Picture& picture) {
  std::string look;
  for (const store::FoundPv& pv : picture.scan.pvs) {
    look += fmt::format("{} {} {};", pv.device->path(), pv.label.pv.raw(), pv.label.ext_flags);
    for (const store::Mda& mda : pv.mdas) {
      look += mda.problem;
      if (!mda.header) continue;
      for (const disk::RawLocn* slot : {&mda.header->committed, &mda.header->precommitted})
        look += fmt::format(" {}+{} {:x} {}", slot->offset.n, slot->size.n, slot->checksum, slot->flags);
    }
    look += '\n';
  }
  return look;
}

/// Without what the absence of a PV changes.
std::vector<VolumeGroup> whole(std::vector<VolumeGroup> vgs) {
  for (VolumeGroup& vg : vgs)
    for (PhysicalVolume& pv : vg.pvs) pv.status.set(PvFlag::Missing, false);
  return vgs;
}

bool exported(const VolumeGroup& vg) { return vg.status.has(VgFlag::Exported); }

std::vector<std::string> orphans_of(const store::Picture& picture) {
  std::vector<std::string> orphans;
  for (std::size_t i : picture.orphans)
    orphans.push_back(picture.scan.pvs[i].device->path() + " " + picture.scan.pvs[i].label.pv.dashed());
  return orphans;
}

bool has_text_elsewhere(const store::Picture& picture, const std::string& but) {
  return std::any_of(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& pv) {
    return pv.device->path() != but && std::any_of(pv.mdas.begin(), pv.mdas.end(), [](const store::Mda& mda) {
             return mda.header && !mda.header->committed.empty() && !mda.header->ignored();
           });
  });
}
/// What is left of them to see where a PV is away: not a VG of which no other PV has metadata.
std::vector<VolumeGroup> without(std::vector<VolumeGroup> vgs, const store::Picture& all, const Uuid& gone) {
  std::set<Uuid> carriers;
  for (const store::FoundPv& pv : all.scan.pvs) {
    const bool carries = std::any_of(pv.mdas.begin(), pv.mdas.end(),
                                     [](const store::Mda& mda) { return mda.header && !mda.header->ignored(); });
    if (carries && pv.label.pv != gone) carriers.insert(pv.label.pv);
  }
  std::erase_if(vgs, [&](const VolumeGroup& vg) {
    return std::none_of(vg.pvs.begin(), vg.pvs.end(),
                        [&](const PhysicalVolume& pv) { return carriers.contains(pv.id); });
  });
  return whole(std::move(vgs));
}
}  // namespace

std::size_t stride_of(const std::vector<Crash>& states) {
  return std::getenv("ASHLAR_SOAK") != nullptr ? 1 : 1 + states.size() / 6;
}

Tally& tally() {
  static Tally all;
  return all;
}

Seen seen(TestMachine& m) {
  store::Picture picture = m.look();
  return {vgs_of(picture), orphans_of(picture)};
}

/// Bit 0: the old VGs, bit 1: the new ones. Both where a command changes no VG.
int Judge::verdict(const std::vector<VolumeGroup>& vgs) const {
  return (whole(vgs) == whole(legal_[0].vgs) ? 1 : 0) | (whole(vgs) == whole(legal_[1].vgs) ? 2 : 0);
}

void Judge::every_crash_of(const TestMachine& m) {
  for (const Crash& crash : m.disks.crashes()) {
    one(m, crash);
    if (testing::Test::HasFatalFailure()) return;
  }
}

void Judge::one(const TestMachine& m, const Crash& crash) {
  SCOPED_TRACE(crash.text);
  ++tally().states;
  TestMachine reopened(m, crash);
  store::Picture picture = reopened.look();
  std::vector<VolumeGroup> vgs = vgs_of(picture);
  ASSERT_TRUE(vgs == legal_[0].vgs || vgs == legal_[1].vgs) << "neither the old VG nor the new one";
  for (const store::Problem& problem : picture.problems) ADD_FAILURE() << problem.what;
  for (const store::VgState& state : picture.vgs)
    ASSERT_TRUE(!state.read_only || exported(state.vg)) << state.read_only->message();
  if (each_pv) {
    for (const std::string& pv : orphans_of(picture))
      ASSERT_TRUE(std::ranges::count(legal_[0].orphans, pv) + std::ranges::count(legal_[1].orphans, pv) != 0) << pv;
    // What both have is never gone in between.
    std::vector<std::string> now = orphans_of(picture);
    for (const std::string& pv : legal_[0].orphans) {
      if (std::ranges::count(legal_[1].orphans, pv) != 0) {
        ASSERT_EQ(std::ranges::count(now, pv), 1) << pv;
      }
    }
  }
  if (!looks_.insert(look_of(picture)).second) return;
  ++tally().distinct;
  distinct_.push_back(crash);
  without_each_pv(m, crash, picture, verdict(vgs));
  if (testing::Test::HasFatalFailure()) return;
  heals(reopened);
}

/// Whichever PV is missing, the VG is the same one; but for the PV that alone has the new text, or that alone still has
/// the old one: without it the disks cannot know. What is then changed without it rules when it comes back.
void Judge::without_each_pv(const TestMachine& m, const Crash& crash, const store::Picture& all, int together) {
  if (all.scan.pvs.size() < 2) return;
  std::size_t dissent = 0;
  for (const store::FoundPv& pv : all.scan.pvs) {
    const std::string path = pv.device->path();
    if (!has_text_elsewhere(all, path)) continue;
    SCOPED_TRACE("without " + path);
    ++tally().views;
    TestMachine part(m, crash);
    part.disks.remove(path);
    const std::vector<VolumeGroup> vgs = whole(vgs_of(part.look()));
    auto is = [&](const Seen& legal) { return vgs == without(legal.vgs, all, pv.label.pv); };
    const int alone = (is(legal_[0]) ? 1 : 0) | (is(legal_[1]) ? 2 : 0);
    ASSERT_TRUE(alone != 0 || std::any_of(still_elsewhere.begin(), still_elsewhere.end(), is))
        << "neither the old VG nor the new one";
    if ((alone & together) != 0) continue;
    ++dissent;
    store::Picture picture = part.look();
    if (picture.vgs.empty() || exported(picture.vgs[0].vg)) continue;  // of an exported VG nothing is changed meanwhile
    ++tally().returns;
    std::set<Uuid> changed;
    for (const store::VgState& state : picture.vgs) {
      Ran ran = part.run("vgchange --addtag meanwhile " + state.vg.name);
      ASSERT_EQ(ran.status, 0) << ran.err;
      changed.insert(state.vg.id);
    }
    part.disks.bring_back(path);
    store::Picture returned = part.look();
    for (const store::VgState& state : returned.vgs) {
      const bool both_list =
          may_both_list && state.unsafe && state.unsafe->message().find(" both list ") != std::string::npos;
      ASSERT_TRUE(!state.unsafe || both_list) << state.unsafe->message();
      if (changed.erase(state.vg.id) != 0) {
        ASSERT_EQ(std::ranges::count(state.vg.tags, "meanwhile"), 1) << "the change made meanwhile is lost";
      }
    }
    ASSERT_TRUE(changed.empty()) << "a VG that was changed meanwhile is lost";
  }
  ASSERT_LE(dissent, 1U) << "readers that miss different PVs see different VGs";
}

/// The next change brings every copy up to date.
void Judge::heals(TestMachine& m) {
  for (const VolumeGroup& vg : vgs_of(m.look())) {
    ++tally().heals;
    Ran ran = m.run((exported(vg) ? "vgimport " : "vgchange --addtag healed ") + vg.name);
    ASSERT_EQ(ran.status, 0) << ran.out << ran.err;
  }
  for (const store::VgState& state : m.look().vgs) {
    // A PV that left keeps its old text until somebody takes it; that is no damage of the VG.
    if (!state.outdated.empty()) continue;
    for (const std::string& what : state.damage)
      ASSERT_TRUE(!told_before.empty() && what.find(told_before) != std::string::npos) << what;
  }
}

}  // namespace ashlar::test
