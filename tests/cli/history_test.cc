// SPDX-License-Identifier: LGPL-2.1-or-later
// history, diff, undo and undelete as a person types them.
#include "plan/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/forge.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;
using plan::content_of;
using testing::HasSubstr;
using testing::Not;

/// vg0 on two disks of 15 extents each, with an LV of 4 extents.
class Machine : public testing::Test {
 protected:
  Machine() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 4 -n data --addtag db vg0");
  }
  VolumeGroup vg() { return m.vg("vg0"); }
  /// /etc/lvm is lost: what is left lies in the metadata areas.
  void lose_archives() {
    m.archive.archives.clear();
    m.archive.backups.clear();
  }
  std::string refusal(const std::string& line) {
    const VolumeGroup before = vg();
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line << ran.out;
    EXPECT_EQ(vg(), before) << line;
    return ran.err;
  }
  TestMachine m;
};
using History = Machine;
using Diff = Machine;
using Undo = Machine;
using Undelete = Machine;

TEST_F(History, TellsEachChangeWithItsCommandAndWhereItIsKnownFrom) {
  m.must("lvextend -l +2 vg0/data");
  EXPECT_THAT(m.must("history vg0"), HasSubstr("  Seqno 3, current, "));
  const Json doc = Json::parse(m.must("history vg0 --json"));
  ASSERT_EQ(doc.at("versions").size(), 3U);
  const Json& last = doc["versions"][2];
  EXPECT_EQ(last.at("seqno"), 3);
  EXPECT_EQ(last.at("standing"), "current");
  EXPECT_EQ(last.at("made_by"), "lvextend -l +2 vg0/data");
  EXPECT_EQ(last.at("time"), m.time);
  EXPECT_EQ(last.at("host"), "host");
  EXPECT_EQ(last.at("differences"),
            Json::parse(R"(["Resize LV vg0/data from 4 extents (16.00 MiB) to 6 extents (24.00 MiB).",
                                                    "On /dev/a take extents 4-5: 2 extents (8.00 MiB)."])"));
  EXPECT_EQ(last.at("places").size(), 3U) << "two areas and the backup";
  EXPECT_EQ(doc["versions"][0].at("differences")[0], "Make VG vg0 with extents of 4.00 MiB.");
}

TEST_F(History, IsTheSameWithoutArchives) {
  m.must("lvremove vg0/data");
  Json with = Json::parse(m.must("history vg0 --json"));
  lose_archives();
  Json without = Json::parse(m.must("history vg0 --json"));
  for (Json* doc : {&with, &without})
    for (Json& version : doc->at("versions")) version.erase("places");
  EXPECT_EQ(with, without);
}

TEST_F(History, FollowsAVgThroughItsNames) {
  m.must("vgrename vg0 other");
  m.must("lvrename other data base");
  const std::string text = m.must("history other");
  EXPECT_THAT(text, HasSubstr("Rename VG vg0 to other."));
  EXPECT_THAT(text, HasSubstr("Rename LV other/data to base."));
}

// Its old archive would make of it what it was, under the old name.
TEST_F(History, OfARenamedVgNamesItAndNoArchive) {
  m.must("vgrename vg0 other");
  EXPECT_THAT(m.must("history vg0"), HasSubstr("VG vg0 is called other now."));
  for (const char* line : {"undo vg0", "undelete vg0/data"})
    EXPECT_THAT(m.run(line).err, HasSubstr("Volume group \"vg0\" not found: it is called other now")) << line;
  EXPECT_THAT(m.must("why vg0"), HasSubstr("! It is called other now.\n        -> ashlar why other"));
}

TEST_F(History, OfARemovedVgIsStillThere) {
  m.must("vgremove -y vg0");
  const std::string text = m.must("history vg0");
  EXPECT_THAT(text, HasSubstr("Create LV vg0/data, linear, 4 extents (16.00 MiB)."));
  const std::size_t at = text.find("VG vg0 is gone; vgcfgrestore -f ");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string back = text.substr(at + 16, text.find(" brings it back.") - at - 16);
  for (const char* line : {"undo vg0", "undelete vg0/data"})
    EXPECT_THAT(m.run(line).err,
                HasSubstr("Volume group \"vg0\" not found; if it was removed, " + back + " brings it back"))
        << line;
  EXPECT_THAT(m.run("history nope").err,
              AllOf(HasSubstr("Volume group \"nope\" not found"), HasSubstr("ashlar repair nope searches devices")));
  EXPECT_EQ(m.run("undo nope").err, m.run("history nope").err);
  EXPECT_THAT(m.run("repair nope").err, Not(HasSubstr("ashlar repair"))) << "it has searched them";
}

TEST_F(History, SaysWhyAPvsOtherIdKeepsItFromBeingUndone) {
  m.must("vgchange --addtag t vg0");
  m.must("pvchange -u /dev/a");
  EXPECT_THAT(m.run("undo vg0").err, HasSubstr("what was before it got another id (pvchange -u) is not brought back"));
  EXPECT_THAT(m.must("history vg0"), HasSubstr(" instead of "));
}

TEST_F(History, OfARemovedVgBringsItBackFromTheRingsAloneToo) {
  const VolumeGroup before = m.vg("vg0");
  m.must("vgremove -y vg0");
  lose_archives();
  TempDir dir;
  const std::string said = m.run("undelete vg0/data").err;
  const std::size_t from = said.find("pvck --dump "), then = said.find(" and then "), to = said.find(" brings it back");
  ASSERT_NE(to, std::string::npos) << said;
  for (std::string line : {said.substr(from, then - from), said.substr(then + 10, to - then - 10)}) {
    line.replace(line.find("FILE"), 4, dir / "saved");
    m.must(line);
  }
  EXPECT_EQ(m.vg("vg0").lvs, before.lvs);
}

TEST_F(History, SaysWhichVersionsAreUnknown) {
  lose_archives();
  m.must("vgchange --addtag one vg0");
  lose_archives();
  // What lies in the rings between the committed text and the header goes.
  for (const char* disk : {"/dev/a", "/dev/b"}) m.disks.disk(disk).poke({4096 + 512}, std::vector<std::byte>(4 * 512));
  const std::string text = m.must("history vg0");
  EXPECT_THAT(text, HasSubstr("What is older is not known."));
  EXPECT_THAT(refusal("undo vg0"), HasSubstr("no earlier state of VG vg0 is known"));
}

TEST_F(Diff, ComparesSeqnosArchivesAndFiles) {
  TempDir dir;
  m.must("vgcfgbackup -f " + dir.path() + "/saved vg0");
  m.must("lvrename vg0 data base");
  m.must("lvcreate -an -Zn -l 2 -n more vg0");
  const std::string both =
      "  Rename LV vg0/data to base.\n  Create LV vg0/more, linear, 2 extents (8.00 MiB).\n  On /dev/a take extents 4-5: 2 extents (8.00 MiB).\n";
  EXPECT_EQ(m.must("diff vg0 2"), both);
  EXPECT_EQ(m.must("diff vg0 2 current"), both);
  EXPECT_EQ(m.must("diff vg0 " + dir.path() + "/saved 4"), both);
  EXPECT_EQ(m.must("diff vg0 vg0_1.vg current"), both);
  EXPECT_EQ(m.must("diff vg0 4 current"), "  Nothing differs.\n");
  EXPECT_EQ(Json::parse(m.must("diff vg0 2 3 --json")).at("differences").at(0), "Rename LV vg0/data to base.");
  EXPECT_EQ(m.run("diff vg0 99").status, 5);
  EXPECT_EQ(m.run("diff vg0 99999999999999999999").status, 5);
  EXPECT_EQ(m.run("diff vg0").status, 3);
  EXPECT_EQ(m.run("diff vg0 nofile").status, 5);
}

TEST_F(Undo, TakesTheLastChangeBackAndTheSecondTimeTheUndo) {
  const VolumeGroup before = vg();
  m.must("lvremove vg0/data");
  const VolumeGroup removed = vg();
  EXPECT_EQ(
      m.must("undo vg0"),
      "  Volume group \"vg0\" is as it was at seqno 2.\n"
      "  certain: every version since seqno 2 is known, and none gave the extents that come back to anything else or discarded them\n");
  EXPECT_EQ(content_of(vg()), content_of(before));
  EXPECT_EQ(vg().seqno, 4U);
  m.must("undo vg0");
  EXPECT_EQ(content_of(vg()), content_of(removed));
}

TEST_F(Undo, WorksFromTheRingsAlone) {
  const VolumeGroup before = vg();
  m.must("lvremove vg0/data");
  lose_archives();
  EXPECT_THAT(m.must("undo vg0"), HasSubstr("certain: "));
  EXPECT_EQ(content_of(vg()), content_of(before));
}

TEST_F(Undo, ArchivesWhatItReplacesUnderItsOwnCommand) {
  m.must("lvremove vg0/data");
  m.must("undo vg0");
  EXPECT_THAT(m.archive.archives["vg0"].back(), HasSubstr("Created *before* executing 'undo vg0'"));
  EXPECT_THAT(m.archive.backups["vg0"], HasSubstr("Created *after* executing 'undo vg0'"));
}

TEST_F(Undo, ChangesActiveDevicesAlong) {
  m.must("lvchange -ay vg0/data");
  m.must("lvextend -l +3 vg0/data");
  m.must("lvrename vg0 data base");
  EXPECT_THAT(refusal("undo vg0 --to 2"),
              HasSubstr("Logical volume vg0/base NOT reduced, nothing undone: confirm with -y"));
  m.must("undo -y vg0 --to 2");
  ASSERT_NE(m.kernel.find("vg0-data"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-base"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-data")->live->targets.front().length.n, 4U * 8192);
  EXPECT_TRUE(m.kernel.nothing_suspended());
}

TEST_F(Undo, OfACreationAsksBeforeAnActiveLvGoes) {
  m.must("lvcreate -y -l 2 -n new vg0");
  EXPECT_THAT(refusal("undo vg0"), HasSubstr("Logical volume vg0/new not removed, nothing undone: confirm with -y"));
  EXPECT_NE(m.kernel.find("vg0-new"), nullptr);
  m.must("undo vg0 -y");
  EXPECT_EQ(m.kernel.find("vg0-new"), nullptr);
  EXPECT_EQ(vg().lvs.size(), 1U);
}

TEST_F(Undo, RefusesWhatWasReusedAndNamesWhatReusedIt) {
  m.must("lvremove vg0/data");
  m.must("lvcreate -an -Zn -l 2 -n tmp vg0");
  m.must("lvremove vg0/tmp");
  EXPECT_THAT(
      refusal("undo vg0 --to 2"),
      HasSubstr(
          "undoing in VG vg0: extents 0-3 of /dev/a come back to LV vg0/data, but LV vg0/tmp had some of them at seqno 4, "
          "made by 'lvcreate -an -Zn -l 2 -n tmp vg0': they may hold its data now"));
  EXPECT_THAT(refusal("undelete vg0/data"), HasSubstr("LV vg0/tmp had some of them at seqno 4"));
}

// Whatever the setting was and is: what counts is what it was then.
TEST_F(Undo, KnowsWhetherExtentsWereDiscardedByASettingThatIsNoneAnyMore) {
  for (const char* line : {"lvremove vg0/data", "lvreduce -y -l 1 vg0/data", "batch -"}) {
    m.input = "lvremove vg0/data";
    const VolumeGroup before = vg();
    m.lvm_conf = "devices/issue_discards=1";
    m.must(line);
    m.lvm_conf.clear();
    lose_archives();
    EXPECT_THAT(refusal("undo vg0"), HasSubstr("extents that come back were given up and discarded at seqno ")) << line;
    EXPECT_THAT(m.must("undo vg0 --force"), HasSubstr("  likely: extents that come back were given up and discarded"))
        << line;
    EXPECT_EQ(content_of(vg()), content_of(before));
    m.must(line);
    m.lvm_conf = "devices/issue_discards=1";
    EXPECT_THAT(m.must("undo vg0"), HasSubstr("  certain: ")) << line << ": it is on, and was not";
    m.lvm_conf.clear();
  }
}

// Its text is the command line's as ever, for scripts and for lvm2.
TEST_F(History, TellsTheCommandThatDiscardedAsAnyOther) {
  m.must("lvremove vg0/data --config devices/issue_discards=1");
  EXPECT_THAT(m.must("history vg0"), HasSubstr("current, 2023-11-14 22:13:20 +0000: lvremove vg0/data --config"));
  EXPECT_THAT(m.must("history vg0"), HasSubstr("      The extents that it freed were discarded.\n"));
}

TEST_F(Undo, LetsAPvGoAndTakesItBack) {
  m.disk("/dev/c");
  const VolumeGroup two = vg();
  m.must("vgextend vg0 /dev/c");
  const VolumeGroup three = vg();
  m.must("undo vg0");
  EXPECT_EQ(content_of(vg()), content_of(two));
  EXPECT_THAT(m.must("pvs --noheadings -o pv_name,vg_name /dev/c"), Not(HasSubstr("vg0")));
  m.must("undo vg0");
  EXPECT_EQ(content_of(vg()), content_of(three));
  m.must("vgck vg0");
  m.must("undo vg0");
  m.must("pvcreate -y /dev/c");
  EXPECT_THAT(refusal("undo vg0 --to " + std::to_string(three.seqno)),
              HasSubstr("is no unused PV of this machine now"));
}

TEST_F(Undo, RefusesToCutAVolumeBeneathItsFilesystem) {
  m.must("lvextend -l +4 vg0/data");
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  const std::string said = refusal("undo -y vg0");
  EXPECT_THAT(said, HasSubstr("vg0/data would be cut from 32.00 MiB to 16.00 MiB beneath the ext4 that it carries"));
  EXPECT_THAT(said, HasSubstr("lvreduce -r -l 4 vg0/data"));
  EXPECT_THAT(refusal("undo --plan vg0"), HasSubstr("beneath the ext4"));
  m.must("lvchange -ay vg0/data");
  EXPECT_THAT(refusal("undo -y vg0"), HasSubstr("beneath the ext4"));
  m.must("undo -y --force vg0");
  EXPECT_EQ(vg().lvs[0].extents(), Extents{4});
}

TEST_F(Undo, CutsAVolumeThatCarriesNothingOrIsNone) {
  m.must("lvcreate --type zero -l 2 -n none vg0");
  m.must("lvextend -l +4 vg0/none");
  m.must("undo -y vg0");
  m.must("lvextend -l +4 vg0/data");
  m.must("undo -y vg0");
  EXPECT_EQ(vg().lvs[0].extents(), Extents{4});
}

TEST_F(Undo, AsksBeforeAPvLeavesWithWhatLiesOnIt) {
  const std::uint32_t before = vg().seqno;
  m.disk("/dev/c");
  m.must("vgextend vg0 /dev/c");
  m.must("lvcreate -an -Zn -l 3 -n late vg0 /dev/c");
  const std::string line = fmt::format("undo vg0 --to {}", before);
  EXPECT_THAT(refusal(line), HasSubstr("/dev/c was not taken out of VG vg0, nothing undone: vg0/late has data on it"));
  EXPECT_THAT(m.must(line + " --plan"),
              HasSubstr("Irreversible: what vg0/late has on /dev/c, which leaves the VG: undo and undelete do not"));
  m.must(line + " -y");
  EXPECT_EQ(vg().pvs.size(), 2U);
}

TEST_F(Undo, RefusesToUndoAMerge) {
  m.disk("/dev/c");
  m.must("vgcreate vg1 /dev/c");
  m.must("lvcreate -an -Zn -l 2 -n mine vg1");
  m.must("vgmerge vg0 vg1");
  EXPECT_THAT(refusal("undo vg0"), HasSubstr("with LV mine on it, which would be lost: vgsplit takes both out"));
}

TEST_F(Undo, SaysWhatItCouldNotReadOfThePast) {
  m.must("lvremove vg0/data");
  m.archive.archives["vg0"].push_back("nonsense");
  Ran ran = m.run("undo vg0");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("WARNING: of the past this was not read: /memory/archive/vg0_"));
  EXPECT_EQ(m.run("history vg0").status, 5);
}

TEST_F(Undo, GoesBackToWhatAVgWasWhileItWasExported) {
  m.must("vgexport vg0");
  m.must("vgimport vg0");
  EXPECT_THAT(m.run("undo vg0").err, HasSubstr("Nothing of VG vg0 is brought back by going to seqno"));
  EXPECT_THAT(m.run("undo vg0").err, HasSubstr("VG vg0 stays imported: vgexport changes that"));
  const std::uint32_t exported = m.vg("vg0").seqno - 1;
  m.must("lvremove -y vg0/data");
  m.must("undo vg0 --to " + std::to_string(exported));
  EXPECT_NE(find_lv(m.vg("vg0"), "data"), nullptr);
  EXPECT_FALSE(m.vg("vg0").status.has(VgFlag::Exported));
}

TEST_F(Undo, IsRefusedBesideMissingPvsAndOfAnExportedVg) {
  m.must("lvremove vg0/data");
  m.must("vgexport vg0");
  EXPECT_THAT(m.run("undo vg0").err, HasSubstr("is exported"));
  m.must("vgimport vg0");
  m.disks.remove("/dev/b");
  EXPECT_THAT(m.run("undo vg0").err, HasSubstr("Cannot change VG vg0 while PVs are missing"));
}

TEST_F(Undo, IsAPlanThatSaysHowSureItIs) {
  m.must("lvremove vg0/data");
  const std::string text = m.must("undo vg0 --plan");
  EXPECT_THAT(text, HasSubstr("Create LV vg0/data, linear, 4 extents (16.00 MiB)."));
  EXPECT_THAT(text, HasSubstr("To know: certain: every version since seqno 2 is known"));
  const Json answer = Json::parse(m.must("undo vg0 --json"));
  EXPECT_EQ(answer.at("changed"), true);
  EXPECT_THAT(answer.at("remarks").at(0).get<std::string>(), HasSubstr("certain: "));
}

TEST_F(Undo, ComesFirstInABatch) {
  m.must("lvremove vg0/data");
  m.input = "undo vg0\nlvcreate -an -Zn -l 1 -n next vg0\n";
  m.must("batch -");
  EXPECT_EQ(vg().lvs.size(), 2U);
  m.input = "lvremove vg0/data\nundo vg0\n";
  const VolumeGroup before = vg();
  EXPECT_THAT(m.run("batch -").err,
              HasSubstr("VG vg0 is changed before this in the same transaction: what is undone must come first"));
  EXPECT_EQ(vg(), before);
}

TEST_F(Undelete, BringsBackExactlyTheLvInactive) {
  const LogicalVolume data = vg().lvs[0];
  m.must("lvchange -ay vg0/data");
  m.must("lvremove -y vg0/data");
  m.must("vgchange --addtag later vg0");
  m.must("lvcreate -an -Zn -l 2 -n other vg0 /dev/b");
  EXPECT_THAT(m.must("undelete vg0/data"),
              HasSubstr("Logical volume \"data\" is back as it was at seqno 2; lvchange -ay vg0/data activates it."));
  ASSERT_EQ(vg().lvs.size(), 2U);
  EXPECT_EQ(vg().lvs[0], data);
  EXPECT_EQ(vg().tags, std::vector<std::string>{"later"});
  EXPECT_EQ(m.kernel.find("vg0-data"), nullptr);
  EXPECT_THAT(refusal("undelete vg0/data"), HasSubstr("was not removed: it is there"));
  EXPECT_EQ(m.run("undelete vg0").status, 3);
  m.must("lvremove vg0/data");
  const Ran nameless = m.run("undelete vg0/data --name ''");
  EXPECT_EQ(nameless.status, 3);
  EXPECT_THAT(nameless.err, HasSubstr("Logical volume name"));
}

TEST_F(Undelete, IsLessSureWhereADiskWasReplacedUnderItsOldId) {
  m.must("lvremove vg0/data");
  TempDir dir;
  m.must("vgcfgbackup -f " + dir.path() + "/saved vg0");
  std::string id = m.must("pvs --noheadings -o pv_uuid /dev/a");
  id = id.substr(id.find_first_not_of(' '), 38);
  m.disks.disk("/dev/a").poke({0}, std::vector<std::byte>(64 << 20));
  m.must("pvcreate -ff -y --uuid " + id + " --restorefile " + dir.path() + "/saved /dev/a");
  m.must("vgcfgrestore -f " + dir.path() + "/saved vg0");
  EXPECT_THAT(refusal("undelete vg0/data"), HasSubstr("Nothing was brought back: confirm with -y"));
  EXPECT_THAT(
      m.must("undelete vg0/data --plan"),
      HasSubstr(
          "What comes back may not be what it was: the metadata area of /dev/a tells of the time since seqno 4 only"));
  EXPECT_THAT(
      m.must("undelete -y vg0/data"),
      HasSubstr(
          "  likely: the metadata area of /dev/a tells of the time since seqno 4 only: if /dev/a was made anew before under its old id"));
}

// The numbers go on without a gap, and the archives tell of every version.
TEST_F(Undelete, AsksWhereTheRingHasComeRoundSinceADiskWasReplaced) {
  m.disk("/dev/c");
  m.must("pvcreate --metadatasize 32k --dataalignment 64k /dev/c");
  m.must("vgextend vg0 /dev/c");
  m.must("lvcreate -an -Zn -l 2 -n gone vg0 /dev/c");
  m.must("lvremove vg0/gone");
  for (int i = 0; i < 60; ++i) m.must("vgchange --addtag t" + std::to_string(i) + " vg0");
  EXPECT_THAT(
      refusal("undelete vg0/gone"),
      HasSubstr("What comes back may not be what it was: the metadata area of /dev/c tells of the time since seqno "));
  EXPECT_THAT(m.run("undelete vg0/gone", "y").out, HasSubstr("likely: "));
}

TEST_F(Undelete, AsksOnAPvWithoutAMetadataArea) {
  m.disk("/dev/c");
  m.must("pvcreate --metadatacopies 0 /dev/c");
  m.must("vgextend vg0 /dev/c");
  m.must("lvcreate -an -Zn -l 2 -n gone vg0 /dev/c");
  m.must("lvremove vg0/gone");
  EXPECT_THAT(
      refusal("undelete vg0/gone"),
      HasSubstr(
          "no metadata area of /dev/c tells of that time: if /dev/c was made anew since under its old id (pvcreate --uuid)"));
  m.must("undelete vg0/gone --force");
}

TEST_F(Undelete, RefusesWhatLayBeyondAPvThatWasShrunkAndGrown) {
  m.must("lvcreate -an -Zn -l 2 -n end vg0 /dev/b:13-14");
  m.must("lvremove vg0/end");
  m.must("pvresize -y --setphysicalvolumesize 50m /dev/b");
  m.must("pvresize /dev/b");
  EXPECT_THAT(
      refusal("undelete vg0/end"),
      HasSubstr(
          "extents 13-14 of /dev/b come back to LV vg0/end, but that PV had only 12 extents at seqno 5, made by 'pvresize"));
  EXPECT_THAT(refusal("undelete --force vg0/end"), HasSubstr("had only 12 extents"));
}

TEST_F(Undelete, BesideAMissingPvIsCertainOnceItIsBackOfWhatLiesOnOthers) {
  m.must("lvcreate -an -Zn -l 2 -n other vg0 /dev/b");
  m.must("lvremove vg0/other");
  m.disks.remove("/dev/b");
  m.must("lvremove vg0/data");
  EXPECT_EQ(vg().seqno, 6U) << "a number more for the PV that is missing";
  m.disks.bring_back("/dev/b");
  EXPECT_THAT(
      refusal("undelete vg0/other"),
      HasSubstr("/dev/b was missing while seqno 4 was in effect: what was written to it elsewhere then is not known"));
  EXPECT_THAT(m.must("undelete vg0/data"), HasSubstr("certain: "));
  EXPECT_THAT(m.must("undelete --force vg0/other"), HasSubstr("likely: /dev/b was missing while"));
}

// The PV that was missing held a commit that nobody else saw; now it is gone for good.
TEST_F(Undelete, RefusesWhatAVersionOnAPvThatIsGoneMayHaveUsed) {
  m.disks.remove("/dev/b");
  m.must("lvremove vg0/data");
  m.must("vgreduce --removemissing vg0");
  EXPECT_THAT(
      refusal("undelete vg0/data"),
      HasSubstr(
          "may have held a version before it that no other PV has, and what that used cannot be told; --force goes on"));
  EXPECT_THAT(m.must("undelete --force vg0/data"), HasSubstr("likely: seqno 4 was written while "));
}

TEST_F(Undelete, RefusesWhatTheCommandThatRemovedItDiscarded) {
  m.must("lvremove --config devices/issue_discards=1 vg0/data");
  EXPECT_THAT(
      refusal("undelete vg0/data"),
      HasSubstr(
          "discarded at seqno 3, made by 'lvremove --config devices/issue_discards=1 vg0/data'; --force goes on"));
}

TEST_F(Undelete, TakesAnotherNameWhereItsOwnIsTaken) {
  m.must("lvremove vg0/data");
  m.must("lvcreate -an -Zn -l 1 -n data vg0 /dev/b");
  EXPECT_THAT(refusal("undelete vg0/data"), HasSubstr("--name NEW brings the removed one back as NEW"));
  m.must("undelete vg0/data --name old");
  EXPECT_EQ(vg().lvs[0].name, "old");
  EXPECT_EQ(vg().lvs[0].tags, std::vector<std::string>{"db"});
}

TEST_F(Machine, CountsASeqnoMoreForEachMissingPvAlsoInPlansAndBatches) {
  m.disks.remove("/dev/b");
  const Json plan = Json::parse(m.must("lvchange --addtag x vg0/data --plan=json"));
  EXPECT_EQ(plan.at("vgs").at(0).at("seqno"), 4);
  EXPECT_THAT(m.must("lvchange --addtag x vg0/data --plan"), HasSubstr("seqno 4 after 2"));
  m.input = plan.dump();
  m.must("apply -");
  EXPECT_EQ(vg().seqno, 4U);
  EXPECT_THAT(m.must("history vg0"), Not(HasSubstr("unknown")));
}

// ---- Forged texts --------------------------------------------------------------------------------------------------

/// Puts a text into the ring of /dev/a, far behind what is in use.
void plant(TestMachine& m, const std::string& text, std::uint64_t sector = 1000) {
  const std::string whole = text + '\0';
  m.disks.disk("/dev/a").poke({4096 + sector * 512}, std::as_bytes(std::span(whole)));
}

/// The newest archived text of vg0 in the form it has on disks, with another seqno.
std::string forged(TestMachine& m, const std::string& seqno) {
  const std::vector<std::byte> area = m.disks.disk("/dev/a").peek({4096}, 64 << 10);
  const std::string ring(reinterpret_cast<const char*>(area.data()), area.size());
  const std::size_t at = ring.rfind("vg0 {\nid = ");
  std::string text = ring.substr(at, ring.find('\0', at) - at);
  const std::size_t number = text.find("seqno = ") + 8;
  return text.replace(number, text.find('\n', number) - number, seqno);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

TEST_F(History, PassesOverForgedTextsThatAreNone) {
  const std::string good = m.must("history vg0");
  const std::string text = forged(m, "1");
  const std::string other_id = replaced(text, vg().id.dashed(), "000000-0000-0000-0000-0000-0000-000000");
  for (const std::string& bad : {replaced(text, "extent_count = 4", "extent_count = 4000000000"),
                                 replaced(text, "extent_size = 8192", "extent_size = 0"), replaced(text, "}", "{"),
                                 text.substr(0, text.size() / 2), other_id,
                                 "vg0 {\nid = \"" + vg().id.dashed() + "\"\n" + std::string(400000, '{'),
                                 forged(m, "0"), forged(m, "-1"), forged(m, "99999999999999999999")}) {
    plant(m, bad);
    EXPECT_EQ(m.must("history vg0"), good) << bad.substr(0, 200);
  }
}

TEST_F(History, OfARingFullOfBeginningsIsBounded) {
  const std::string good = m.must("history vg0");
  const std::string begin = "vg0 {\nid = \"" + vg().id.dashed() + "\"\nseqno = 1\n";
  for (std::uint64_t sector = 100; sector < 2030; ++sector) {
    std::string filled = begin + std::string(512 - begin.size(), ' ');
    m.disks.disk("/dev/a").poke({4096 + sector * 512}, std::as_bytes(std::span(filled)));
  }
  Ran ran = m.run("history vg0");
  EXPECT_EQ(ran.out, good);
  EXPECT_THAT(ran.err, HasSubstr("was not searched to its end"));
  EXPECT_EQ(ran.status, 5);
}

TEST_F(History, ShowsNoByteOfAForgedTextRaw) {
  plant(m, replaced(forged(m, "1"), "creation_host = \"host\"", "creation_host = \"\x1b[31mhost\""));
  EXPECT_THAT(m.run("history vg0").out, Not(HasSubstr("\x1b")));
}

TEST_F(Undo, TakesTheLineOfCommitsForTheTruthBesideAForgedText) {
  m.must("lvremove vg0/data");
  lose_archives();
  std::string text = forged(m, "2");
  // An LV that lies elsewhere than the one that was removed.
  m.must("lvcreate -an -Zn -l 3 -n data vg0 /dev/b");
  text = forged(m, "2");
  plant(m, text);
  m.must("undo vg0 --to 2");
  ASSERT_EQ(vg().lvs.size(), 1U);
  EXPECT_EQ(vg().lvs[0].tags, std::vector<std::string>{"db"});
}

/// The disks as they are now; to be put back later.
std::vector<std::vector<std::byte>> copy_of_disks(TestMachine& m) {
  return {m.disks.disk("/dev/a").peek({0}, 64 << 20), m.disks.disk("/dev/b").peek({0}, 64 << 20)};
}
void put_back(TestMachine& m, const std::vector<std::vector<std::byte>>& copy) {
  m.disks.disk("/dev/a").poke({0}, copy[0]);
  m.disks.disk("/dev/b").poke({0}, copy[1]);
}

// vg0/data was removed on the disks as this host knew them. They were put back to an older copy, where another host
// made vg0/theirs before it removed data, and there it used the extents.
TEST_F(Undelete, TakesTheDisksForTheTruthWhereTheyWerePutBackAndChangedByAnotherHost) {
  const auto copy = copy_of_disks(m);
  m.must("lvremove vg0/data");
  m.must("lvcreate -an -Zn -l 2 -n mine vg0 /dev/b");
  m.must("vgchange --addtag late vg0");
  const MemoryArchive ours = m.archive;
  put_back(m, copy);
  m.must("lvremove vg0/data");
  m.must("lvcreate -an -Zn -l 3 -n theirs vg0 /dev/a");
  m.must("lvremove vg0/theirs");
  m.must("vgchange --addtag theirs vg0");
  m.archive = ours;
  EXPECT_THAT(refusal("undelete vg0/data"), HasSubstr("LV vg0/theirs had some of them at seqno 4"));
  EXPECT_THAT(refusal("undelete vg0/mine"),
              HasSubstr("LV vg0/mine is known from another history of this VG alone, seqno 4 in /memory/archive/vg0_"));
  EXPECT_THAT(m.must("history vg0"), HasSubstr("Seqno 4, another history of this VG: the disks hold another seqno 4"));
  const Json doc = Json::parse(m.must("history vg0 --json"));
  EXPECT_EQ(std::count_if(doc.at("versions").begin(), doc["versions"].end(),
                          [](const Json& v) { return v.at("standing") == "elsewhere"; }),
            2)
      << "an archive and the backup";
  EXPECT_THAT(m.must("undelete vg0/theirs"), HasSubstr("certain: "));
  m.must("lvremove vg0/theirs");
  m.must("lvcreate -an -Zn -l 2 -n late vg0 /dev/b");
  m.must("lvremove vg0/late");
  EXPECT_THAT(refusal("undelete vg0/late"),
              HasSubstr("come back to LV vg0/late, but LV vg0/mine had some of them at seqno 4"));
}

TEST_F(Undo, PassesOverAForgedTextBesideTheLineOfCommits) {
  const VolumeGroup before = vg();
  m.must("lvremove vg0/data");
  plant(m, replaced(forged(m, "2"), "\"RESIZEABLE\", ", ""));
  EXPECT_THAT(m.must("history vg0"), HasSubstr("Seqno 2, not in effect: a write that was cut off"));
  m.must("undo vg0");
  EXPECT_EQ(content_of(vg()), content_of(before));
}

TEST_F(Undo, IsLessSureBesideTextsAboveTheCurrentSeqno) {
  m.must("lvremove vg0/data");
  plant(m, forged(m, "9"));
  EXPECT_THAT(refusal("undo vg0"), HasSubstr("there are texts with a higher seqno than the current one"));
  EXPECT_THAT(m.must("undo -y vg0"), HasSubstr("likely: there are texts with a higher seqno than the current one"));
}

TEST(OldTexts, AreFoundWhereTheyWrapAroundTheRingsEnd) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("pvcreate --metadatasize 32k --dataalignment 64k /dev/a");
  m.must("vgcreate vg0 /dev/a");
  ASSERT_THAT(m.must("pvs --noheadings -o pv_mda_size --units k /dev/a"), HasSubstr(" 60.00k"));
  for (int i = 0; i < 40; ++i) {
    const VolumeGroup before = m.vg("vg0");
    m.must("vgchange --addtag t" + std::to_string(i) + " vg0");
    m.archive.archives.clear();
    m.archive.backups.clear();
    m.must("undo vg0");
    ASSERT_EQ(content_of(m.vg("vg0")), content_of(before)) << "after " << i << " tags";
    m.must("undo vg0");
  }
}

}  // namespace
}  // namespace ashlar::test
