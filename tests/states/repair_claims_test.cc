// SPDX-License-Identifier: LGPL-2.1-or-later
// What repair and vgextend --restoremissing must leave alone: PVs of other VGs, released ones, other branches, active
// LVs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/history.h"
#include "support/damage.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using plan::content_of;
using testing::HasSubstr;
using testing::Not;

/// The same disks, as another host goes on with them.
struct Elsewhere : TestMachine {
  explicit Elsewhere(TestMachine& m) : TestMachine(m, Crash{"now", m.disks.log().size()}) { host = "elsewhere"; }
};

class Claims : public testing::Test {
 protected:
  Claims() { m.archive.directory = folder.path(); }

  /// vg0 of /dev/a and /dev/b, with the LVs on_a and on_b.
  void make() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 4 -n on_a vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 4 -n on_b vg0 /dev/b");
  }
  /// /dev/b alone is taken out of vg0, where /dev/a is not seen; vg0 is written without /dev/b.
  void part(const std::string& line) {
    m.disks.remove("/dev/a");
    m.must("vgreduce --removemissing --force vg0");
    m.must("vgremove -f -y vg0");
    if (!line.empty()) m.must(line);
    m.disks.remove("/dev/b");
    m.disks.bring_back("/dev/a");
    m.must("vgck --updatemetadata vg0");
    m.disks.bring_back("/dev/b");
  }
  store::FoundPv pv(const std::string& path) {
    for (const store::FoundPv& found : m.look().scan.pvs) {
      if (found.device->path() == path) return found;
    }
    ADD_FAILURE() << path;
    return {};
  }
  /// The start of a disk becomes as it is there.
  void bring(TestMachine& other, const std::string& path) {
    m.disks.disk(path).poke({0}, other.disks.disk(path).peek({0}, 1 << 20));
  }
  void damage(const std::string& path, Damage kind = Damage::HeaderZeroed) { do_damage(m, pv(path), 0, kind); }
  /// Fails with these words and writes nothing.
  std::string refused(const std::string& line) {
    m.disks.forget_log();
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << ran.out << ran.err;
    EXPECT_EQ(m.disks.write_count(), 0U) << line;
    return ran.err;
  }
  TempDir folder;
  TestMachine m;
};

// ---- PVs of others -------------------------------------------------------------------------------------------------

TEST_F(Claims, RestoremissingDoesNotTakeAPvThatIsAnotherVgsByNow) {
  make();
  part("vgcreate other /dev/b");
  const VolumeGroup other = m.vg("other");
  EXPECT_THAT(refused("vgextend --restoremissing vg0 /dev/b"), HasSubstr("/dev/b belongs to VG other now"));
  EXPECT_THAT(refused("repair -y vg0"), Not(HasSubstr("--restoremissing")));
  EXPECT_THAT(m.run("repair vg0").err, HasSubstr("vgreduce --removemissing"));
  EXPECT_EQ(m.vg("other"), other);
}

TEST_F(Claims, RestoremissingTakesAReleasedPvThatIsNamedAndRepairDoesNot) {
  make();
  part("");
  EXPECT_THAT(refused("repair -y"), HasSubstr("was released"));
  m.must("vgextend --restoremissing vg0 /dev/b");
  EXPECT_EQ(m.run("vgck vg0").status, 0);
}

TEST_F(Claims, RestoremissingRefusesAPvOfWhichThereAreTwo) {
  make();
  m.disks.remove("/dev/b");
  m.must("vgck --updatemetadata vg0");
  m.disks.bring_back("/dev/b");
  m.disk("/dev/c");
  m.disks.disk("/dev/c").poke({0}, m.disks.disk("/dev/b").peek({0}, 1 << 20));
  EXPECT_THAT(refused("vgextend --restoremissing vg0 /dev/b"), HasSubstr("Cannot use device /dev/b with duplicates."));
}

TEST_F(Claims, ReleasedPvOfAVgIsNotAdoptedByRepair) {
  make();
  m.disks.remove("/dev/a");
  m.must("vgreduce --removemissing --force vg0");
  m.must("vgremove -f -y vg0");
  m.disks.bring_back("/dev/a");
  EXPECT_THAT(refused("repair -y vg0"), HasSubstr("was released"));
}

TEST_F(Claims, ReturnedPvIsNamedWithItsVgAndWhatTakesItBack) {
  make();
  m.disks.remove("/dev/b");
  m.must("vgck --updatemetadata vg0");
  m.disks.bring_back("/dev/b");
  for (const char* line : {"vgcreate new /dev/b", "vgextend vg0 /dev/b", "pvchange -xn /dev/b", "pvcreate /dev/b"}) {
    const std::string said = refused(line);
    EXPECT_THAT(said, HasSubstr("vg0")) << line;
    EXPECT_THAT(said, HasSubstr("vgextend --restoremissing vg0 /dev/b")) << line;
    EXPECT_THAT(said, Not(HasSubstr("pvcreate -ff"))) << line;
  }
  const Ran why = m.run("why /dev/b");
  EXPECT_THAT(why.out, HasSubstr("vgextend --restoremissing vg0 /dev/b"));
  EXPECT_THAT(why.out, Not(HasSubstr("pvcreate -ff")));
  EXPECT_THAT(m.run("pvs -o pv_name,vg_name,pv_attr --noheadings").out, HasSubstr("/dev/b     vg0 a-m"));
}

TEST_F(Claims, AVgThatGoesLeavesAPvAloneThatItMissesAndAnotherVgHas) {
  for (const char* line :
       {"vgremove -f -y vg0", "vgremove -f -y vg0 --json", "vgreduce --removemissing --force vg0 --json"}) {
    SCOPED_TRACE(line);
    TestMachine fresh;
    m.disks = std::move(fresh.disks);
    m.archive.archives.clear();
    m.archive.backups.clear();
    make();
    part("vgcreate other /dev/b");
    const VolumeGroup other = m.vg("other");
    m.run(line);
    EXPECT_EQ(m.vg("other"), other);
  }
}

TEST_F(Claims, AVgThatIsRemovedIsNotLeftOnAPvThatWasMissingAndIsBack) {
  for (const char* line : {"vgremove -f -y vg0", "vgremove -f -y vg0 --json"}) {
    SCOPED_TRACE(line);
    TestMachine fresh;
    m.disks = std::move(fresh.disks);
    make();
    m.disks.remove("/dev/b");
    m.must("vgck --updatemetadata vg0");
    m.disks.bring_back("/dev/b");
    m.must(line);
    EXPECT_TRUE(m.look().vgs.empty());
  }
}

// ---- Active LVs ----------------------------------------------------------------------------------------------------

TEST_F(Claims, RepairDoesNotRestoreAStateThatLacksAnActiveLv) {
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 4 -n old vg0");
  m.must("lvcreate -ay -Zn -l 4 -n fresh vg0");
  damage("/dev/a", Damage::TextByte);
  m.archive.backups.clear();
  const std::string said = refused("repair -y vg0");
  EXPECT_THAT(said, HasSubstr("vg0-fresh is active"));
  EXPECT_NE(m.kernel.find("vg0-fresh"), nullptr);
}

TEST_F(Claims, RepairDoesNotWriteAnOlderCopyToAllWhereAnActiveLvIsInNone) {
  make();
  const OldHeaders old(m, pv("/dev/b"));
  m.must("lvcreate -ay -Zn -l 4 -n fresh vg0 /dev/a");
  old.put_back(m);
  damage("/dev/a", Damage::AreaZeroed);
  m.archive.backups.clear();
  m.archive.archives.clear();
  EXPECT_THAT(refused("repair -y vg0"), HasSubstr("vg0-fresh is active"));
}

TEST_F(Claims, ActiveLvsThatAreAsTheStateSaysDoNotKeepRepairFromIt) {
  make();
  m.must("vgchange -ay vg0");
  const VolumeGroup before = m.vg("vg0");
  damage("/dev/a");
  damage("/dev/b");
  m.must("repair -y vg0");
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
}

TEST_F(Claims, ALostLabelIsWrittenUnderActiveLvsThatLieWhereTheVgSays) {
  make();
  m.must("vgchange -ay vg0");
  const VolumeGroup before = m.vg("vg0");
  damage("/dev/b", Damage::LabelZeroed);
  m.disks.disk("/dev/b").set_busy("it lies under device-mapper device vg0-on_b");
  m.must("repair -y vg0");
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
}

TEST_F(Claims, ALostLabelIsNotWrittenOnADeviceThatSomebodyElseUses) {
  make();
  damage("/dev/b", Damage::LabelZeroed);
  m.disks.disk("/dev/b").set_busy("it is mounted on /mnt");
  const std::string said = refused("repair -y vg0");
  EXPECT_THAT(said, HasSubstr("it is mounted on /mnt"));
  EXPECT_THAT(said, HasSubstr("its label cannot be written"));
}

// ---- Branches ------------------------------------------------------------------------------------------------------

TEST_F(Claims, RepairDoesNotRestoreAnArchiveOfAnotherBranchOverTheTextsOfTheRings) {
  make();
  Elsewhere other(m);
  other.must("lvcreate -an -Zn -l 2 -n theirs vg0");
  m.must("lvcreate -an -Zn -l 2 -n ours vg0");
  m.must("lvcreate -an -Zn -l 2 -n ours2 vg0");
  for (const char* disk : {"/dev/a", "/dev/b"}) {
    bring(other, disk);
    damage(disk);
  }
  const std::string said = refused("repair -y vg0");
  EXPECT_THAT(said, HasSubstr("elsewhere"));
  EXPECT_THAT(said, HasSubstr("vgcfgrestore -f FILE vg0"));
}

TEST_F(Claims, RepairNamesABranchOfWhichNoSeqnoIsTheSame) {
  make();
  Elsewhere other(m);
  other.must("lvcreate -an -Zn -l 2 -n theirs vg0");
  m.must("lvcreate -an -Zn -l 2 -n ours vg0");
  m.must("lvcreate -an -Zn -l 2 -n ours2 vg0");
  m.must("lvcreate -an -Zn -l 2 -n ours3 vg0");
  for (const char* disk : {"/dev/a", "/dev/b"}) {
    bring(other, disk);
    damage(disk);
  }
  // Of this host's own states only the newest is left, seqno 6; the disks have one of seqno 4 that it does not follow.
  m.archive.archives.clear();
  EXPECT_THAT(refused("repair -y vg0"), HasSubstr("Nothing says that seqno 6 of VG vg0"));
}

TEST_F(Claims, RepairRestoresThisHostsNewestStateWhereTheArchivesFollowTheRings) {
  make();
  m.must("lvcreate -an -Zn -l 2 -n ours vg0");
  const VolumeGroup before = m.vg("vg0");
  for (const char* disk : {"/dev/a", "/dev/b"}) damage(disk, Damage::TextByte);
  m.must("repair -y vg0");
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
}

TEST_F(Claims, RepairLeavesTextsOfAnotherHostsSystemIdAlone) {
  make();
  TestMachine other(m, Crash{"now", m.disks.log().size()});
  other.must(
      "vgchange -y --systemid elsewhere vg0 --config 'global/system_id_source=lvmlocal local/system_id=elsewhere'");
  for (const char* disk : {"/dev/a", "/dev/b"}) {
    bring(other, disk);
    damage(disk);
  }
  EXPECT_THAT(refused("repair -y vg0"), HasSubstr("system ID is elsewhere"));
}

TEST_F(Claims, ADivergedCopyIsNotCalledAnOldOne) {
  make();
  m.disk("/dev/c");
  m.must("vgextend vg0 /dev/c");
  const OldHeaders old(m, pv("/dev/c"));
  Elsewhere other(m);
  other.must("lvcreate -an -Zn -l 2 -n theirs vg0 /dev/c");
  m.must("vgreduce vg0 /dev/c");
  bring(other, "/dev/c");
  m.must("lvcreate -an -Zn -l 2 -n ours vg0");
  const std::string said = refused("repair -y vg0");
  EXPECT_THAT(said, HasSubstr("another branch"));
  EXPECT_THAT(said, HasSubstr("theirs"));
  EXPECT_THAT(said, Not(HasSubstr("an old copy")));
}

TEST_F(Claims, ACopyThatIsBehindIsNotWrittenOverIfItIsOfAnotherBranch) {
  make();
  Elsewhere other(m);
  other.must("lvcreate -an -Zn -l 2 -n theirs vg0 /dev/b");
  m.must("lvcreate -an -Zn -l 2 -n ours vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 2 -n ours2 vg0 /dev/a");
  bring(other, "/dev/b");
  const std::string said = refused("repair -y vg0");
  EXPECT_THAT(
      said,
      HasSubstr(
          "seqno 4 of another branch of VG vg0, written on host elsewhere, with LVs that the VG does not have: theirs"));
}

// ---- What is looked at ---------------------------------------------------------------------------------------------

TEST_F(Claims, OfTwoVgsWithOneNameTheDamagedOneIsFound) {
  make();
  TestMachine other;
  other.disk("/dev/x");
  other.must("pvcreate --norestorefile -u 111111-1111-1111-1111-1111-1111-111111 /dev/x");
  other.must("vgcreate vg0 /dev/x");
  other.must("lvcreate -an -Zn -l 1 -n x vg0");
  m.disk("/dev/c");
  std::vector<std::byte> start = other.disks.disk("/dev/x").peek({0}, 1 << 20);
  m.disks.disk("/dev/c").poke({0}, start);
  damage("/dev/b");
  const std::vector<VolumeGroup> vgs = vgs_of(m.look());
  ASSERT_EQ(vgs.size(), 2U);
  const VolumeGroup& damaged = vgs[0].pvs.size() == 2 ? vgs[0] : vgs[1];
  EXPECT_THAT(m.must("repair --plan vg0"), HasSubstr("metadata area 1 of /dev/b is not as the others"));
  EXPECT_THAT(m.must("repair -y " + damaged.id.dashed()), HasSubstr("is repaired"));
  const Ran again = m.run("repair -y");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("nothing to repair"));
}

TEST_F(Claims, RepairIsRefusedInABatch) {
  make();
  damage("/dev/b");
  m.input = "repair -y vg0\n";
  m.disks.forget_log();
  const Ran ran = m.run("batch -y -");
  EXPECT_NE(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("line 1"));
  EXPECT_THAT(ran.err, HasSubstr("repair cannot be part of a batch"));
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(Claims, ADeviceWithoutAnyTraceIsNamedWithWhatTheArchivesKnowOfIt) {
  make();
  for (const char* disk : {"/dev/a", "/dev/b"}) m.disks.disk(disk).poke({0}, std::vector<std::byte>(1 << 20));
  const std::string said = refused("repair -y");
  EXPECT_THAT(said, HasSubstr("/dev/a"));
  EXPECT_THAT(said, HasSubstr("vg0"));
  EXPECT_THAT(said, HasSubstr("pvcreate --uuid "));
  EXPECT_THAT(said, HasSubstr("--restorefile /memory/vg0 /dev/a"));
  EXPECT_THAT(said, HasSubstr("vgcfgrestore -f /memory/vg0 vg0"));
}

TEST_F(Claims, AnUnusedPvWithADamagedAreaIsSeen) {
  make();
  m.disk("/dev/c");
  m.must("pvcreate /dev/c");
  damage("/dev/c");
  const std::string said = refused("repair -y");
  EXPECT_THAT(said, HasSubstr("metadata area 1 of /dev/c"));
  EXPECT_THAT(said, HasSubstr("pvcreate"));
}

TEST_F(Claims, WhatCanBeMendedIsMendedAlsoWhereAPvIsGone) {
  make();
  m.disk("/dev/c");
  m.must("vgextend vg0 /dev/c");
  damage("/dev/a");
  m.disks.remove("/dev/c");
  Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 5) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("(last seen at /dev/c) is on no device."));
  EXPECT_THAT(ran.out, HasSubstr("metadata area 1 of /dev/a is not as the others."));
  const store::Picture now = m.look();
  for (const store::FoundPv& found : now.scan.pvs) EXPECT_EQ(found.mdas[0].problem, "");
  EXPECT_THAT(refused("repair -y vg0"), HasSubstr("(last seen at /dev/c) is on no device."));
}

// ---- PVs that are back ---------------------------------------------------------------------------------------------

TEST_F(Claims, AReturnedPvKeepsUpWithItsVgAndStaysMarked) {
  make();
  m.disks.remove("/dev/b");
  m.must("vgck --updatemetadata vg0");
  m.disks.bring_back("/dev/b");
  m.must("vgck --updatemetadata vg0");
  EXPECT_EQ(pv("/dev/b").mdas[0].seqno, m.vg("vg0").seqno);
  EXPECT_TRUE(m.vg("vg0").pvs[1].status.has(PvFlag::Missing));
  for (const char* change : {"lvchange --addtag t vg0/on_a", "vgchange --addtag t vg0", "pvchange --addtag t /dev/a",
                             "pvresize -y --setphysicalvolumesize 60m /dev/a", "lvrename vg0 on_a at_a",
                             "lvrename vg0 at_a on_a", "vgrename vg0 vg1", "vgrename vg1 vg0"}) {
    Ran ran = m.run(change);  // some are refused while PVs are missing
    const std::string vg = m.look().vgs.at(0).vg.name;
    EXPECT_EQ(pv("/dev/b").mdas[0].seqno, m.vg(vg).seqno) << change << ran.err;
    EXPECT_TRUE(m.vg(vg).pvs[1].status.has(PvFlag::Missing));
  }
  EXPECT_THAT(m.must("repair -y vg0"), HasSubstr("Take /dev/b in again"));
  EXPECT_FALSE(m.vg("vg0").pvs[1].status.has(PvFlag::Missing));
  EXPECT_EQ(m.run("vgck vg0").status, 0);
}

TEST_F(Claims, AReturnedPvThatCannotBeWrittenKeepsNobodyFromChangingTheVg) {
  make();
  m.disks.remove("/dev/b");
  m.must("vgck --updatemetadata vg0");
  m.disks.bring_back("/dev/b");
  m.disks.disk("/dev/b").fail_write(0, true);
  m.must("lvchange --addtag t vg0/on_a");
  EXPECT_TRUE(m.vg("vg0").pvs[1].status.has(PvFlag::Missing));
}

}  // namespace
}  // namespace ashlar::test
