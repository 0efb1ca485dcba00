// SPDX-License-Identifier: LGPL-2.1-or-later
// What may come back of a VG, judged on values alone.
#include "plan/undo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/vg_builder.h"

namespace ashlar::plan {
namespace {

using test::id_of;
using test::VgBuilder;
using testing::HasSubstr;
using testing::StartsWith;

/// vg0 with 20 extents on pv0 and 20 on pv1.
VgBuilder two_pvs() { return VgBuilder("vg0").pv("pv0", 20).pv("pv1", 20); }
VolumeGroup at(std::uint32_t seqno, const VgBuilder& builder) {
  VolumeGroup vg = builder.vg;
  vg.seqno = seqno;
  return vg;
}

/// Loose: in a ring, but not in the line of commits.
enum class From { Disk, Archive, OneRing, TwoRings, Loose };
OldText text_of(VolumeGroup vg, From from = From::TwoRings) {
  OldText text{std::move(vg), "", "host", 0, {}};
  text.time = 1000 + text.vg.seqno;
  text.description = "Write from command" + std::to_string(text.vg.seqno) + ".";
  if (from != From::Archive) text.discarded = false;
  const Place ring{Place::Kind::Ring, "metadata area 1 of pv0", true};
  switch (from) {
    case From::Disk:
      text.places = {{Place::Kind::Committed, "metadata area 1 of pv0", true}};
      break;
    case From::Archive:
      text.places = {{Place::Kind::Archive, "/etc/lvm/archive/vg0_00001.vg", false}};
      text.description = "Created *before* executing 'command" + std::to_string(text.vg.seqno + 1) + "'";
      break;
    case From::Loose:
      text.places = {{Place::Kind::Ring, "metadata area 1 of pv0", false}};
      break;
    case From::OneRing:
      text.places = {ring};
      break;
    case From::TwoRings:
      text.places = {ring, {Place::Kind::Ring, "metadata area 1 of pv1", true}};
      break;
  }
  return text;
}
/// Where the areas of both PVs tell of all the time.
History known(const OldText& current, std::vector<OldText> texts) {
  History history = make_history(std::move(current), std::move(texts));
  history.areas = {{id_of("pv0"), 1, 1}, {id_of("pv1"), 1, 1}};
  return history;
}
/// The last one is the current one.
History history_of(std::vector<VolumeGroup> vgs) {
  OldText current = text_of(vgs.back(), From::Disk);
  vgs.pop_back();
  std::vector<OldText> old;
  for (VolumeGroup& vg : vgs) old.push_back(text_of(std::move(vg)));
  return known(current, std::move(old));
}
std::string refusal(const Result<Restored>& result) { return result.ok() ? "worked" : result.error().message(); }

TEST(Undo, OfARemovalBringsTheLvBackWithItsIdTagsAndExtents) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}, {"pv1", 3, 2}}).tag("db"));
  Restored undone = undo(history_of({before, at(3, two_pvs())}), {}).value();
  EXPECT_EQ(undone.vg.lvs, before.lvs);
  EXPECT_EQ(undone.vg.seqno, 3U);
  EXPECT_EQ(undone.from, 2U);
  EXPECT_TRUE(undone.sureness.certain);
  EXPECT_EQ(
      undone.sureness.text,
      "certain: every version since seqno 2 is known, and none gave the extents that come back to anything else or discarded them");
}

TEST(Undo, OfACreationAnExtensionAndARenameGivesTheValueBefore) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup renamed = at(3, two_pvs().lv("a", {{"pv0", 0, 5}}));
  renamed.lvs[0].name = "z";
  for (const VolumeGroup& now : {at(3, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv0", 5, 5}})),
                                 at(3, two_pvs().lv("a", {{"pv0", 0, 5}, {"pv1", 0, 4}})), renamed}) {
    Restored undone = undo(history_of({before, now}), {}).value();
    EXPECT_EQ(content_of(undone.vg), content_of(before));
    EXPECT_EQ(undone.sureness.text, "certain: every version since seqno 2 is known, and no extents come back");
  }
}

TEST(Undo, RefusesExtentsThatWereAnothersSinceAlsoIfTheyAreFreeAgain) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  const VolumeGroup reused = at(4, two_pvs().lv("b", {{"pv0", 4, 5}}));
  EXPECT_EQ(
      refusal(undo(history_of({before, at(3, two_pvs()), reused, at(5, two_pvs())}), {.to = 2})),
      "extents 0-4 of pv0 come back to LV vg0/a, but LV vg0/b had some of them at seqno 4, made by 'command4': they may hold its data now");
  EXPECT_THAT(
      refusal(undo(history_of({before, at(3, two_pvs()), reused}), {.to = 2, .circumstances = {.force = true}})),
      HasSubstr("LV vg0/b had some of them"));
}

TEST(Undo, AcrossAnotherExtentSizeNamesTheCommandThatGivesTheFirstOneBack) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup halved = at(4, two_pvs());
  halved.extent_size = {before.extent_size.n / 2};
  const History history = history_of({before, at(3, two_pvs()), halved});
  const std::string then = std::to_string(before.extent_size.n), now = std::to_string(halved.extent_size.n);
  const std::string said = "the extents of VG vg0 have " + now + " sectors now and had " + then +
                           " at seqno 2: `vgchange -s " + then + "s vg0` first gives them that size again";
  EXPECT_EQ(refusal(undo(history, {.to = 2})), said);
  EXPECT_EQ(refusal(undelete(history, {.lv = "a"})), said);
}

TEST(Undo, RefusesExtentsThatTheLvItselfUsedForOtherData) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}, {"pv1", 0, 5}}));
  const VolumeGroup turned = at(4, two_pvs().lv("a", {{"pv0", 0, 5}, {"pv1", 2, 5}}));
  EXPECT_THAT(refusal(undo(history_of({before, at(3, two_pvs().lv("a", {{"pv0", 0, 5}})), turned,
                                       at(5, two_pvs().lv("a", {{"pv0", 0, 5}}))}),
                           {.to = 2})),
              HasSubstr("LV vg0/a had some of them at seqno 4"));
}

TEST(Undo, RefusesToLeaveDataBehindThatWasWrittenElsewhereSince) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  const VolumeGroup moved = at(3, two_pvs().lv("a", {{"pv1", 0, 5}}));
  EXPECT_EQ(refusal(undo(history_of({before, moved}), {})),
            "LV vg0/a has extents 0-4 of pv1 now, and other ones then: what was written there since would be lost");
}

TEST(Undo, OfAStripedLvComparesTheStripesOneByOne) {
  const VolumeGroup before = at(2, two_pvs().striped("s", {{"pv0", 0, 4}, {"pv1", 0, 4}}));
  const VolumeGroup swapped = at(4, two_pvs().striped("s", {{"pv1", 0, 4}, {"pv0", 0, 4}}));
  EXPECT_EQ(undo(history_of({before, at(3, two_pvs())}), {}).value().vg.lvs, before.lvs);
  EXPECT_THAT(refusal(undo(history_of({before, at(3, two_pvs()), swapped, at(5, two_pvs())}), {.to = 2})),
              HasSubstr("had some of them at seqno 4"));
}

TEST(Undo, GoesOnlyOnDemandPastVersionsThatAreUnknown) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  const History history = history_of({before, at(6, two_pvs())});
  EXPECT_EQ(
      refusal(undo(history, {})),
      "between seqno 2 and the current 6 these versions are unknown: 3-5: what they used cannot be told; --force goes on all the same");
  Restored forced = undo(history, {.circumstances = {.force = true}}).value();
  EXPECT_FALSE(forced.sureness.certain);
  EXPECT_THAT(forced.sureness.text,
              StartsWith("likely: between seqno 2 and the current 6 these versions are unknown: 3-5"));
}

TEST(Undo, TakesWhatACommitBesideMissingPvsSkipsForNoGap) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup beside = at(4, two_pvs().lv("a", {{"pv0", 0, 5}}).tag("x"));
  beside.pvs[1].status.set(PvFlag::Missing);
  OldText current = text_of(at(5, two_pvs()), From::Disk), skipping = text_of(beside);
  skipping.skipped = 1;
  History history = known(current, {text_of(before), skipping});
  EXPECT_TRUE(undo(history, {.to = 2}).value().sureness.certain);
  // pv1 may have had a seqno 3 that nobody else saw: only an older text that still lies there tells that it had none.
  history.areas[1].oldest = 4;
  EXPECT_THAT(
      refusal(undo(history, {.to = 2})),
      StartsWith(
          "seqno 4 was written while pv1 was missing: pv1 may have held a version before it that no other PV has, and what that used cannot be told"));
  // LVM2 skips none.
  skipping.skipped = 0;
  EXPECT_THAT(refusal(undo(known(current, {text_of(before), skipping}), {.to = 2})),
              HasSubstr("these versions are unknown: 3:"));
}

// LVM2 does not write down whether it discards.
TEST(Undo, RefusesWhereLvm2GaveExtentsUpAndDiscardsAreOn) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  current.discarded.reset();
  const History history = known(current, {text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})))});
  EXPECT_THAT(refusal(undo(history, {.circumstances = {.discards = true}})), HasSubstr("devices/issue_discards is on"));
  EXPECT_FALSE(undo(history, {.circumstances = {.force = true, .discards = true}}).value().sureness.certain);
  const History creation = history_of({at(2, two_pvs()), at(3, two_pvs().lv("a", {{"pv0", 0, 5}}))});
  EXPECT_TRUE(undo(creation, {.circumstances = {.discards = true}}).value().sureness.certain) << "nothing comes back";
}

TEST(Undo, IsOnlyLikelyFromOneOldCopyWithoutAChecksum) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  auto from = [&](From place) {
    return undo(known(current, {text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), place)}), {}).value();
  };
  EXPECT_FALSE(from(From::OneRing).sureness.certain);
  EXPECT_TRUE(from(From::TwoRings).sureness.certain);
  EXPECT_TRUE(from(From::Archive).sureness.certain);
}

TEST(Undo, RefusesAVersionOfWhichTwoTextsDiffer) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  const VolumeGroup a = at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), b = at(2, two_pvs().lv("a", {{"pv0", 2, 5}}));
  EXPECT_THAT(
      refusal(undo(known(current, {text_of(a), text_of(at(2, two_pvs()))}), {.circumstances = {.force = true}})),
      HasSubstr("several texts say that they are seqno 2"));
  EXPECT_THAT(refusal(undo(known(current, {text_of(a, From::Archive), text_of(at(2, two_pvs()), From::Loose)}), {})),
              HasSubstr("several texts say that they are seqno 2"));
  // The line of commits is the truth; a text beside it in a ring may have been written all the same.
  EXPECT_THAT(refusal(undo(known(current, {text_of(a), text_of(b, From::Loose)}), {})),
              HasSubstr("LV vg0/a had some of them at seqno 2"));
  EXPECT_TRUE(undo(known(current, {text_of(a), text_of(at(2, two_pvs()), From::Loose)}), {}).value().sureness.certain);
}

// This host archived what it saw; then the disks were put back to a copy, and another host changed them.
TEST(OtherHistory, InArchivesIsNoPartOfTheLineOnTheDisks) {
  const VolumeGroup had = at(3, two_pvs().lv("a", {{"pv0", 0, 5}})), then = at(3, two_pvs().lv("b", {{"pv0", 2, 5}}));
  OldText current = text_of(at(4, two_pvs()), From::Disk);
  const History history = known(current, {text_of(at(2, two_pvs())), text_of(had, From::Archive), text_of(then)});
  ASSERT_EQ(history.versions.size(), 4U);
  EXPECT_EQ(history.versions[1].standing, Version::Standing::Elsewhere);
  EXPECT_EQ(history.find(3)->vg.lvs[0].name, "b");
  EXPECT_EQ(undo(history, {.circumstances = {.force = true}}).value().vg.lvs, then.lvs);
  EXPECT_EQ(
      refusal(undelete(history, {.lv = "a", .circumstances = {.force = true}})),
      "LV vg0/a is known from another history of this VG alone, seqno 3 in /etc/lvm/archive/vg0_00001.vg: the disks hold another seqno 3");
  // What the other one used is not proven to have been on other disks.
  EXPECT_THAT(refusal(undelete(history, {.lv = "b"})),
              StartsWith("extents 2-6 of pv0 come back to LV vg0/b, but LV vg0/a had some of them at seqno 3"));
  EXPECT_THAT(
      refusal(undelete(history, {.lv = "b"})),
      HasSubstr("(if the text in /etc/lvm/archive/vg0_00001.vg was in effect on these disks); --force goes on"));
  EXPECT_FALSE(undelete(history, {.lv = "b", .circumstances = {.force = true}}).value().sureness.certain);
}

TEST(OtherHistory, IsSuspectedWhereTheNextVersionWasMadeByAnotherCommand) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  OldText old = text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), From::Archive);
  EXPECT_TRUE(undelete(known(current, {old}), {.lv = "a"}).value().sureness.certain);
  for (auto* differ : {+[](OldText& t) { t.description = "Created *before* executing 'something else'"; },
                       +[](OldText& t) { t.host = "another"; }}) {
    OldText text = old;
    differ(text);
    const History history = known(current, {text});
    EXPECT_EQ(
        refusal(undelete(history, {.lv = "a"})),
        "seqno 2 may be of another history of VG vg0: by its archive another command was to make seqno 3 than the one that made it: "
        "what was used since cannot be told; --force goes on all the same");
    EXPECT_FALSE(undelete(history, {.lv = "a", .circumstances = {.force = true}}).value().sureness.certain);
    // A command that failed leaves an archive too.
    EXPECT_TRUE(undelete(known(current, {old, text}), {.lv = "a"}).value().sureness.certain);
  }
}

TEST(OtherHistory, IsNotSuspectedWhereACommandLineIsCutOnTheDisks) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  const OldText old = text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), From::Archive);
  current.description = "Write from comm....";
  const Restored back = undelete(known(current, {old}), {.lv = "a"}).value();
  EXPECT_THAT(back.sureness.text, StartsWith("likely: only their numbers tie seqno 2 to what followed"));
  current.description = "Write from else....";
  EXPECT_THAT(refusal(undelete(known(current, {old}), {.lv = "a"})), HasSubstr("another command was to make seqno 3"));
}

TEST(OtherHistory, IsPossibleWhereNumbersAloneTieVersionsTogether) {
  OldText current = text_of(at(5, two_pvs()), From::Disk);
  const OldText a = text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), From::Archive);
  const OldText three = text_of(at(3, two_pvs()), From::Archive);
  const VolumeGroup four = at(4, two_pvs().lv("b", {{"pv1", 0, 5}}));
  Restored back = undelete(known(current, {a, three, text_of(four)}), {.lv = "a"}).value();
  EXPECT_FALSE(back.sureness.certain) << "an archive does not say what made its own version";
  EXPECT_THAT(back.sureness.text, StartsWith("likely: only their numbers tie seqno 2 to what followed"));
  // A text of another history is known to be about: then that is too little.
  const History two =
      known(current, {a, three, text_of(four), text_of(at(4, two_pvs().lv("c", {{"pv1", 3, 5}})), From::Archive)});
  EXPECT_EQ(
      refusal(undelete(two, {.lv = "a"})),
      "seqno 2 may be of another history of VG vg0: of seqno 4 the disks hold another text than /etc/lvm/archive/vg0_00001.vg: "
      "what was used since cannot be told; --force goes on all the same");
  EXPECT_TRUE(undelete(two, {.lv = "a", .circumstances = {.force = true}}).ok());
}

TEST(Undo, KeepsNameSystemIdAndSizesOfPvs) {
  VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup now = at(3, two_pvs());
  now.name = "other";
  now.system_id = "me";
  now.pvs[1].pe_count = {30};
  now.pvs[1].dev_size = Sectors{2048 + 30 * 8192};
  now.pvs[0].device = "/dev/new";
  Restored undone = undo(history_of({before, now}), {}).value();
  EXPECT_EQ(undone.vg.name, "other");
  EXPECT_EQ(undone.vg.system_id, "me");
  EXPECT_EQ(undone.vg.pvs, now.pvs);
  EXPECT_EQ(undone.vg.lvs, before.lvs);
  EXPECT_EQ(undone.notes.size(), 3U);
}

TEST(Undo, OfWhatItLeavesAloneSaysWhichCommandChangesThat) {
  VolumeGroup now = at(3, two_pvs());
  now.name = "other";
  EXPECT_EQ(
      refusal(undo(history_of({at(2, two_pvs()), now}), {})),
      "Nothing of VG other is brought back by going to seqno 2; VG other keeps its name (it was vg0): vgrename changes that");
}

TEST(Undo, RefusesAPvThatShrankOrWasMadeAnew) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv1", 15, 5}}));
  VolumeGroup shrunken = at(3, two_pvs()), anew = at(3, two_pvs());
  shrunken.pvs[1].pe_count = {18};
  anew.pvs[1].pe_start = {4096};
  EXPECT_EQ(refusal(undo(history_of({before, shrunken}), {})),
            "LV vg0/a had extents 15-19 of pv1, which has only 18 extents now");
  EXPECT_THAT(refusal(undo(history_of({before, anew}), {})), HasSubstr("it was made anew"));
}

TEST(Undo, TakesAnUnusedPvBackIntoTheVgAndNoUsedOne) {
  const VolumeGroup both = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  const VolumeGroup one = at(3, VgBuilder("vg0").pv("pv0", 20).lv("a", {{"pv0", 0, 5}}));
  EXPECT_THAT(refusal(undo(history_of({both, one}), {})), HasSubstr("is no unused PV of this machine now"));
  JoiningPv orphan{.id = id_of("pv1"),
                   .device = "/dev/b",
                   .dev_size = {2048 + 20 * 8192},
                   .pe_start = {2048},
                   .end_reserved = {},
                   .ba_start = {},
                   .ba_size = {}};
  EXPECT_EQ(content_of(undo(history_of({both, one}), {.orphans = {orphan}}).value().vg), content_of(both));
  const VolumeGroup used = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv1", 0, 5}}));
  EXPECT_THAT(refusal(undo(history_of({used, one}), {.orphans = {orphan}})),
              HasSubstr("that PV was not in the VG at seqno 3"));
  orphan.dev_size = {2048 + 19 * 8192};
  EXPECT_THAT(refusal(undo(history_of({both, one}), {.orphans = {orphan}})), HasSubstr("is not laid out as it was"));
}

TEST(Undo, LetsAPvGoThatJoinedSince) {
  const VolumeGroup one = at(2, VgBuilder("vg0").pv("pv0", 20).lv("a", {{"pv0", 0, 5}}));
  EXPECT_EQ(content_of(undo(history_of({one, at(3, two_pvs().lv("a", {{"pv0", 0, 5}}))}), {}).value().vg),
            content_of(one));
}

TEST(Undo, KeepsAPvThatBroughtLvsFromAnotherVg) {
  const VolumeGroup one = at(2, VgBuilder("vg0").pv("pv0", 20).lv("a", {{"pv0", 0, 5}}));
  const VolumeGroup merged = at(3, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv1", 0, 5}}));
  EXPECT_EQ(
      refusal(undo(history_of({one, merged}), {})),
      "PV pv1 joined VG vg0 at seqno 3, made by 'command3' with LV b on it, which would be lost: vgsplit takes both out; or, "
      "if nothing on it is needed: lvremove vg0/b first");
  // Then nothing is lost with the PV.
  EXPECT_TRUE(undo(history_of({one, merged, at(4, two_pvs().lv("a", {{"pv0", 0, 5}}))}), {.to = 2}).ok());
  // Made there after it had joined, it is undone with it.
  EXPECT_TRUE(undo(history_of({one, at(3, two_pvs().lv("a", {{"pv0", 0, 5}})),
                               at(4, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv1", 0, 5}}))}),
                   {.to = 2})
                  .ok());
}

TEST(Undo, RefusesToChangeWhatIsOnlyCarriedThrough) {
  const VolumeGroup before = at(2, two_pvs()
                                       .lv("m", {{"pv0", 0, 1}})
                                       .hidden()
                                       .lv("d", {{"pv0", 1, 2}})
                                       .hidden()
                                       .foreign("pool", 2, "thin-pool", "metadata=\"m\"\npool=\"d\"\nchunk_size=128"));
  EXPECT_THAT(refusal(undo(history_of({before, at(3, two_pvs())}), {})),
              HasSubstr("Cannot bring back logical volume vg0/"));
  EXPECT_THAT(
      refusal(undo(history_of({at(2, two_pvs()), at(3, VgBuilder(before.name)
                                                           .pv("pv0", 20)
                                                           .pv("pv1", 20)
                                                           .lv("m", {{"pv0", 0, 1}})
                                                           .hidden()
                                                           .lv("d", {{"pv0", 1, 2}})
                                                           .hidden()
                                                           .foreign("pool", 2, "thin-pool",
                                                                    "metadata=\"m\"\npool=\"d\"\nchunk_size=128"))}),
                   {})),
      HasSubstr("Cannot take back logical volume vg0/"));
}

TEST(Undo, GoesToNoVersionThatIsUnknownOrTheCurrentOne) {
  const History history = history_of({at(2, two_pvs()), at(3, two_pvs().lv("a", {{"pv0", 0, 1}}))});
  EXPECT_THAT(refusal(undo(history, {.to = 1})), HasSubstr("seqno 1 of VG vg0 is not known any more"));
  EXPECT_EQ(refusal(undo(history, {.to = 3})), "seqno 3 is what VG vg0 is now");
  EXPECT_EQ(refusal(undo(history_of({at(1, two_pvs())}), {})), "no earlier state of VG vg0 is known");
}

TEST(Undelete, BringsOneLvBackAndLeavesTheOthersAsTheyAre) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}).tag("db").lv("b", {{"pv1", 0, 5}}));
  const VolumeGroup now = at(4, two_pvs().lv("c", {{"pv1", 0, 9}}));
  Restored back = undelete(history_of({before, at(3, two_pvs()), now}), {.lv = "a"}).value();
  ASSERT_EQ(back.vg.lvs.size(), 2U);
  EXPECT_EQ(back.vg.lvs[0], before.lvs[0]);
  EXPECT_EQ(back.vg.lvs[1], now.lvs[0]);
  EXPECT_EQ(back.from, 2U);
  EXPECT_THAT(refusal(undelete(history_of({before, at(3, two_pvs()), now}), {.lv = "b"})),
              HasSubstr("LV vg0/c had some of them at seqno 4"));
}

// A PV that was made anew under its old id, or another disk under that id, has no texts from before.
TEST(Undelete, AsksOnAPvWhoseAreaDoesNotTellOfThatTime) {
  History history = history_of({at(2, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv1", 0, 5}})), at(3, two_pvs())});
  history.areas = {{id_of("pv0"), 3, 3}, {id_of("pv1"), 2, 2}};
  const Sureness a = undelete(history, {.lv = "a"}).value().sureness;
  EXPECT_FALSE(a.certain);
  EXPECT_THAT(
      a.text,
      StartsWith(
          "likely: the metadata area of pv0 tells of the time since seqno 3 only: if pv0 was made anew before under its old id"));
  EXPECT_THAT(a.question, HasSubstr("Bring it back all the same?"));
  EXPECT_EQ(undelete(history, {.lv = "a", .circumstances = {.force = true}}).value().sureness.question, "");
  const Sureness b = undelete(history, {.lv = "b"}).value().sureness;
  EXPECT_TRUE(b.certain);
  EXPECT_EQ(b.question, "");
  history.areas = {{id_of("pv0"), AreaTells::kNothing, 0}};
  for (const char* lv : {"a", "b"})
    EXPECT_THAT(undelete(history, {.lv = lv}).value().sureness.text, StartsWith("likely: no metadata area of pv"));
}

TEST(Undelete, RefusesExtentsThatLayBeyondTheirPvInBetween) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv1", 15, 5}}));
  VolumeGroup shrunken = at(4, two_pvs());
  shrunken.pvs[1].pe_count = {18};
  EXPECT_EQ(
      refusal(undelete(history_of({before, at(3, two_pvs()), shrunken, at(5, two_pvs())}), {.lv = "a"})),
      "extents 15-19 of pv1 come back to LV vg0/a, but that PV had only 18 extents at seqno 4, made by 'command4': what was written behind them then is not known");
  shrunken.pvs[1].pe_count = {20};
  EXPECT_TRUE(undelete(history_of({before, at(3, two_pvs()), shrunken, at(5, two_pvs())}), {.lv = "a"})
                  .value()
                  .sureness.certain);
}

TEST(Undelete, RefusesUnlessForcedWhatLiesOnAPvThatWasMissingInBetween) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv1", 0, 5}}).lv("b", {{"pv0", 0, 5}}));
  OldText current = text_of(at(5, two_pvs()), From::Disk), beside = text_of(at(4, two_pvs()));
  beside.vg.pvs[1].status.set(PvFlag::Missing);
  beside.skipped = 1;
  // Also if it was written with all PVs, and only archived where one was missing.
  OldText whole = text_of(at(4, two_pvs())), archived = text_of(beside.vg, From::Archive);
  for (const std::vector<OldText>& four : {std::vector<OldText>{beside}, std::vector<OldText>{whole, archived}}) {
    std::vector<OldText> old{text_of(before), text_of(at(3, two_pvs()))};
    if (four.size() == 1) old.pop_back();
    old.insert(old.end(), four.begin(), four.end());
    const History history = known(current, old);
    EXPECT_THAT(
        refusal(undelete(history, {.lv = "a"})),
        StartsWith(
            "pv1 was missing while seqno 4 was in effect: what was written to it elsewhere then is not known; --force goes on"));
    EXPECT_FALSE(undelete(history, {.lv = "a", .circumstances = {.force = true}}).value().sureness.certain);
    EXPECT_TRUE(undelete(history, {.lv = "b"}).value().sureness.certain) << "that PV was there";
  }
}

/// 'a' was removed by `command`, whose text says so of discards.
History after_removal(const std::string& command, std::optional<bool> discarded) {
  OldText removal = text_of(at(3, two_pvs())), current = text_of(at(4, two_pvs().lv("c", {{"pv1", 0, 1}})), From::Disk);
  removal.description = command.empty() ? "" : "Write from " + command + ".";
  removal.discarded = discarded;
  return known(current, {text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}}))), removal});
}

TEST(Undelete, BelievesTheTextThatGaveExtentsUpWhetherTheyWereDiscarded) {
  for (const bool now : {false, true}) {
    EXPECT_TRUE(undelete(after_removal("lvremove vg0/a", false), {.lv = "a", .circumstances = {.discards = now}})
                    .value()
                    .sureness.certain);
    EXPECT_EQ(
        refusal(undelete(after_removal("lvremove vg0/a", true), {.lv = "a", .circumstances = {.discards = now}})),
        "extents that come back were given up and discarded at seqno 3, made by 'lvremove vg0/a'; --force goes on all the same");
  }
  EXPECT_FALSE(undelete(after_removal("lvremove vg0/a", true), {.lv = "a", .circumstances = {.force = true}})
                   .value()
                   .sureness.certain);
}

TEST(Undelete, AsksWhereTheTextThatGaveExtentsUpDoesNotTellOfDiscards) {
  const Sureness sure = undelete(after_removal("lvremove vg0/a", {}), {.lv = "a"}).value().sureness;
  EXPECT_THAT(
      sure.text,
      StartsWith(
          "likely: whether devices/issue_discards was on where extents that come back were given up, at seqno 3, made by 'lvremove vg0/a', is not known"));
  EXPECT_THAT(sure.question, HasSubstr("Bring it back all the same?"));
}

TEST(Undelete, ReadsFromTheCommandWhatItsTextDoesNotTellOfDiscards) {
  auto after = [](const std::string& command) { return after_removal(command, {}); };
  for (const char* on :
       {"lvremove --config devices/issue_discards=1 vg0/a", "lvremove vg0/a --config=devices{issue_discards = 1}",
        "lvremove --config issue_discards=yes vg0/a",
        "lvremove --config devices/issue_discards=0 --config devices/issue_discards=1 vg0/a"}) {
    EXPECT_EQ(refusal(undelete(after(on), {.lv = "a"})),
              std::string("extents that come back were given up at seqno 3, made by '") + on +
                  "': they may have been discarded then; --force goes on all the same");
    EXPECT_FALSE(undelete(after(on), {.lv = "a", .circumstances = {.force = true}}).value().sureness.certain);
  }
  EXPECT_TRUE(
      undelete(after("lvremove --config devices/issue_discards=0 vg0/a"), {.lv = "a"}).value().sureness.certain);
  for (const char* silent : {"lvremove vg0/issue_discards vg0/a", "lvremove vg0/a", ""})
    EXPECT_FALSE(undelete(after(silent), {.lv = "a"}).value().sureness.certain) << silent;
  // A later command gave nothing of it up.
  OldText current = text_of(at(4, two_pvs()), From::Disk);
  current.discarded = true;
  EXPECT_TRUE(undelete(known(current, {text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}}))),
                                       text_of(at(3, two_pvs().lv("c", {{"pv1", 0, 1}})))}),
                       {.lv = "a"})
                  .value()
                  .sureness.certain);
}

TEST(Undo, IsNotCertainOfExtentsThatTheLvDidNotHaveAllTheTime) {
  const VolumeGroup whole = at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), cut = at(3, two_pvs().lv("a", {{"pv0", 0, 3}}));
  const VolumeGroup again = at(4, two_pvs().lv("a", {{"pv0", 0, 5}})),
                    tagged = at(5, two_pvs().lv("a", {{"pv0", 0, 5}}).tag("x"));
  Restored stays = undo(history_of({whole, cut, again, tagged}), {.to = 2}).value();
  EXPECT_EQ(
      stays.sureness.text,
      "likely: extents 3-4 of pv0 were not LV vg0/a's at seqno 3, made by 'command3', and are again since: what it had there at seqno 2 may be gone; but no extents come back");
  EXPECT_EQ(stays.sureness.question, "");
  Restored back = undo(history_of({whole, cut, again, at(5, two_pvs())}), {.to = 2}).value();
  EXPECT_THAT(back.sureness.text, StartsWith("likely: extents 3-4 of pv0 were not LV vg0/a's at seqno 3"));
  EXPECT_NE(back.sureness.question, "");
  // One that was removed and undeleted has what it had.
  EXPECT_TRUE(undo(history_of({whole, at(3, two_pvs()), again, tagged}), {.to = 2}).value().sureness.certain);
  // Nothing of that concerns the state behind it.
  EXPECT_TRUE(undo(history_of({whole, cut, again, tagged}), {.to = 4}).value().sureness.certain);
  EXPECT_TRUE(undelete(history_of({whole, cut, again, at(5, two_pvs())}), {.lv = "a"}).value().sureness.certain);
}

TEST(Undelete, RefusesWhereAVersionSinceHadLvsWhosePlaceIsNotKnown) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  const VolumeGroup strange = at(4, two_pvs().foreign("z", 2, "strange", "somewhere=\"pv0\""));
  EXPECT_THAT(refusal(undelete(history_of({before, at(3, two_pvs()), strange, at(5, two_pvs())}), {.lv = "a"})),
              StartsWith("where all LVs of seqno 4 lay is not known"));
}

TEST(Undelete, PutsTheLvBackWhereItWasAmongTheOthers) {
  const VolumeGroup before =
      at(2, two_pvs().lv("a", {{"pv0", 0, 1}}).lv("b", {{"pv0", 1, 1}}).lv("c", {{"pv0", 2, 1}}));
  for (const char* lv : {"a", "b", "c"}) {
    VolumeGroup now = at(3, VgBuilder(two_pvs()));
    now.lvs = before.lvs;
    std::erase_if(now.lvs, [&](const LogicalVolume& each) { return each.name == lv; });
    EXPECT_EQ(undelete(history_of({before, now}), {.lv = lv}).value().vg.lvs, before.lvs);
  }
}

TEST(Undelete, TakesTheNewestVersionThatHadTheLvUnderAnyName) {
  const VolumeGroup small = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup grown = at(3, two_pvs().lv("a", {{"pv0", 0, 8}}));
  grown.lvs[0].name = "z";
  Restored back = undelete(history_of({small, grown, at(4, two_pvs())}), {.lv = "a"}).value();
  EXPECT_EQ(back.from, 3U);
  EXPECT_EQ(back.vg.lvs[0].extents().n, 8U);
  EXPECT_EQ(back.vg.lvs[0].name, "a");
  EXPECT_EQ(back.notes, std::vector<std::string>{"The last name of LV vg0/a was z."});
}

TEST(Undelete, AsksForAnotherNameWhereItIsTakenMeanwhile) {
  const VolumeGroup before = at(2, two_pvs().lv("a", {{"pv0", 0, 5}}));
  VolumeGroup now = at(4, two_pvs().lv("a", {{"pv1", 0, 5}}));
  now.lvs[0].id = id_of("another");
  const History history = history_of({before, at(3, two_pvs()), now});
  EXPECT_EQ(refusal(undelete(history, {.lv = "a"})),
            "VG vg0 has another LV called a now: --name NEW brings the removed one back as NEW");
  EXPECT_EQ(undelete(history, {.lv = "a", .new_name = "old"}).value().vg.lvs[0].name, "old");
  EXPECT_THAT(refusal(undelete(history, {.lv = "a", .new_name = "b@d"})), HasSubstr("b@d"));
}

TEST(Undelete, OfWhatIsThereOrNeverWasSaysSo) {
  const History history = history_of(
      {at(2, two_pvs().lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv0", 5, 5}})), at(3, two_pvs().lv("a", {{"pv0", 0, 5}}))});
  EXPECT_EQ(refusal(undelete(history, {.lv = "a"})), "LV vg0/a was not removed: it is there");
  EXPECT_EQ(refusal(undelete(history, {.lv = "nope"})),
            "no known version of VG vg0 had an LV nope; removed ones that are known: b");
}

TEST(History, PutsCopiesOfOneVersionTogetherAndNamesTheirCommand) {
  OldText current = text_of(at(3, two_pvs()), From::Disk);
  OldText archived = text_of(at(2, two_pvs().lv("a", {{"pv0", 0, 5}})), From::Archive);
  archived.description = "Created *before* executing 'lvremove vg0/a'";
  current.description = "";
  const History history = known(current, {archived, text_of(archived.vg), text_of(current.vg, From::Disk)});
  ASSERT_EQ(history.versions.size(), 2U);
  EXPECT_EQ(history.versions[0].places.size(), 3U);
  EXPECT_EQ(history.versions[0].command, "command2");
  EXPECT_EQ(history.versions[1].standing, Version::Standing::Current);
}

TEST(History, OfArchivesAloneKnowsACommandFromWhatItWasSavedBefore) {
  OldText current = text_of(at(2, two_pvs()), From::Disk);
  current.description = "";
  OldText archived = text_of(at(1, two_pvs().lv("a", {{"pv0", 0, 5}})), From::Archive);
  archived.description = "Created *before* executing 'lvremove vg0/a'";
  EXPECT_EQ(known(current, {archived}).versions[1].command, "lvremove vg0/a");
}

TEST(History, SetsTextsAboveTheCurrentSeqnoApart) {
  OldText current = text_of(at(2, two_pvs()), From::Disk);
  const History history = known(current, {text_of(at(3, two_pvs().lv("a", {{"pv0", 0, 5}})))});
  EXPECT_EQ(history.versions[1].standing, Version::Standing::Ahead);
  EXPECT_EQ(refusal(undo(history, {.to = 3})).substr(0, 10), "worked");
}

}  // namespace
}  // namespace ashlar::plan
