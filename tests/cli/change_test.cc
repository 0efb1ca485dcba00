// SPDX-License-Identifier: LGPL-2.1-or-later
// Commands that change PVs, VGs and LVs as a whole. tests/system/differential compares them with lvm2's.
#include <gtest/gtest.h>

#include "metadata/model/query.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class Change : public testing::Test {
 protected:
  Change() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/d");
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    m.must("vgcreate vg1 /dev/d");
    m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 3 -n two vg0 /dev/b");
  }
  bool has_vg(const std::string& name) {
    store::Picture picture = m.look();
    return std::any_of(picture.vgs.begin(), picture.vgs.end(),
                       [&](const store::VgState& s) { return s.vg.name == name; });
  }
  TestMachine m;
};

TEST_F(Change, CountsChangedPvsAtTheEnd) {
  EXPECT_EQ(m.must("pvchange -xn /dev/a"),
            "  Physical volume \"/dev/a\" changed\n  1 physical volume changed / 0 physical volumes not changed\n");
  EXPECT_EQ(m.must("pvchange -xn /dev/a"),
            "  Physical volume /dev/a not changed\n  0 physical volumes changed / 1 physical volume not changed\n");
  EXPECT_FALSE(m.vg("vg0").pvs[0].status.has(PvFlag::Allocatable));
}

TEST_F(Change, GivesAPvANewIdThatItsLvsFollow) {
  Uuid old = m.vg("vg0").pvs[0].id;
  m.must("pvchange -u /dev/a");
  VolumeGroup vg = m.vg("vg0");
  EXPECT_NE(vg.pvs[0].id, old);
  EXPECT_FALSE(is_partial(vg));
  EXPECT_EQ(std::get<PvArea>(std::get<Striped>(vg.lvs[0].segments[0].body).areas[0]).pv, vg.pvs[0].id);
}

TEST_F(Change, KeepsOneMetadataAreaThatIsNotIgnored) {
  m.must("pvchange --metadataignore y /dev/a /dev/b");
  Ran last = m.run("pvchange --metadataignore y /dev/c");
  EXPECT_EQ(last.status, 5);
  EXPECT_NE(last.err.find("Cannot disable all metadata areas in volume group vg0."), std::string::npos) << last.err;
  m.must("vgchange --addtag later vg0");
  m.must("pvchange --metadataignore n /dev/a");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_mda_count,vg_mda_used_count vg0"), "      3        2\n");
  EXPECT_EQ(m.vg("vg0").tags, std::vector<std::string>{"later"});
}

TEST_F(Change, KeepsTheMetadataOfANewVgOnAsManyPvsAsAsked) {
  m.disk("/dev/e").disk("/dev/f").disk("/dev/g");
  m.must("vgcreate -M2 --vgmetadatacopies 1 vg2 /dev/e /dev/f /dev/g");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_mda_count,vg_mda_used_count,vg_mda_copies vg2"),
            "      3        1         1\n");
  m.must("vgs vg2");
  Ran both = m.run("vgcreate --vgmetadatacopies 1 --metadatacopies 2 vg3 /dev/e");
  EXPECT_EQ(both.status, 3);
  EXPECT_NE(both.err.find("Command does not accept --vgmetadatacopies with --metadatacopies."), std::string::npos)
      << both.err;
  EXPECT_EQ(m.run("vgcreate -M1 vg3 /dev/e").status, 3);
}

TEST_F(Change, RefusesADiskThatIsNamedTwice) {
  m.disk("/dev/e");
  for (const char* line : {"vgcreate vg2 /dev/e /dev/e", "vgextend vg0 /dev/e /dev/e"}) {
    Ran ran = m.run(line);
    EXPECT_NE(ran.status, 0) << line;
    EXPECT_NE(ran.err.find("/dev/e is the same device as /dev/e, which is named before it"), std::string::npos)
        << ran.err;
  }
  EXPECT_EQ(m.vg("vg0").pvs.size(), 3U);
}

TEST_F(Change, KeepsTheLastMetadataAreaThatIsUsed) {
  m.must("vgremove -y vg0 vg1");
  m.must("pvcreate --metadatacopies 0 /dev/a");
  m.must("vgcreate vg0 /dev/a /dev/b");
  const Ran ran = m.run("vgreduce vg0 /dev/b");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("Cannot remove final metadata area on \"/dev/b\" from \"vg0\""), std::string::npos) << ran.err;
}

TEST_F(Change, RemovesAVgWithAllItsLvsOrNone) {
  m.must("vgchange -ay vg0");
  m.kernel.open("vg0-two");
  Ran ran = m.run("vgremove -f vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("Logical volume vg0/two in use"), std::string::npos) << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
  m.kernel.close("vg0-two");
  m.must("vgremove -f vg0");
}

TEST_F(Change, RemovesAVgWithMissingPvsOnlyWhenForced) {
  m.must("lvremove -y vg0");
  m.disks.remove("/dev/b");
  Ran ran = m.run("vgremove -y vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("not found, is inconsistent or has PVs missing"), std::string::npos) << ran.err;
  EXPECT_TRUE(has_vg("vg0"));
  m.must("vgremove -f vg0");
}

TEST_F(Change, KeepsTheNumberOfMetadataAreasWhenAPvJoins) {
  m.must("vgchange --vgmetadatacopies 1 vg0");
  m.disk("/dev/e");
  m.must("vgextend vg0 /dev/e");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_mda_count,vg_mda_used_count vg0"), "      4        1\n");
}

TEST_F(Change, TakesABackupOfAVgWithMissingPvsOnlyIntoAFileThatIsNamed) {
  const std::string whole = m.archive.backups.at("vg0");
  m.disks.remove("/dev/b");
  Ran ran = m.run("vgcfgbackup vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("No backup taken: specify filename with -f to backup with missing PVs."), std::string::npos)
      << ran.err;
  EXPECT_EQ(m.archive.backups.at("vg0"), whole);
}

TEST_F(Change, ShrinksAPvToItsLastExtentInUseAndNotFurther) {
  Ran small = m.run("pvresize -y --setphysicalvolumesize 12M /dev/a");
  EXPECT_EQ(small.status, 5);
  EXPECT_NE(small.err.find("cannot resize to 2 extents as 3 are allocated"), std::string::npos) << small.err;
  EXPECT_EQ(m.run("pvresize --setphysicalvolumesize 20M /dev/a").status, 5) << "nobody said yes";
  m.must("pvresize -y --setphysicalvolumesize 20M /dev/a");
  EXPECT_EQ(m.vg("vg0").pvs[0].pe_count.n, 4U);
  m.must("pvresize /dev/a");
  EXPECT_EQ(m.vg("vg0").pvs[0].pe_count.n, 15U);
}

TEST_F(Change, RenamesAVgWithItsActiveDevices) {
  m.must("lvchange -ay vg0/one");
  m.must("vgrename vg0 other");
  EXPECT_NE(m.kernel.find("other-one"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-one"), nullptr);
  EXPECT_EQ(m.run("vgrename other vg1").status, 5);
  EXPECT_EQ(m.run("vgrename vg0 x").status, 5);
  m.must("vgrename " + m.vg("other").id.dashed() + " by-id");
  EXPECT_TRUE(has_vg("by-id"));
}

TEST_F(Change, ExportsAVgThatNobodyThenUses) {
  m.must("lvchange -ay vg0/one");
  EXPECT_EQ(m.run("vgexport vg0").status, 5) << "an LV is active";
  m.must("vgchange -an vg0");
  m.must("vgexport vg0");
  for (const char* line : {"vgchange -ay vg0", "lvcreate -l1 -n x vg0", "vgexport vg0", "lvremove -f vg0/one"})
    EXPECT_EQ(m.run(line).status, 5) << line;
  m.must("vgimport vg0");
  m.must("vgchange -ay vg0");
}

TEST_F(Change, SplitsAVgAlongItsLvsAndMergesItAgain) {
  VolumeGroup before = m.vg("vg0");
  EXPECT_EQ(m.must("vgsplit -n two vg0 half"), "  New volume group \"half\" successfully split from \"vg0\"\n");
  EXPECT_EQ(m.vg("half").lvs.size(), 1U);
  EXPECT_EQ(m.vg("vg0").pvs.size(), 2U);
  EXPECT_EQ(m.must("vgmerge vg0 half"), "  Volume group \"half\" successfully merged into \"vg0\"\n");
  EXPECT_FALSE(has_vg("half"));
  EXPECT_EQ(m.vg("vg0").pvs.size(), 3U);
  EXPECT_NE(find_lv(m.vg("vg0"), "two"), nullptr);
  EXPECT_EQ(m.run("vgmerge vg0 vg0").status, 5);
}

// As LVM2 has it: -xn keeps PVs from coming and going one by one.
TEST_F(Change, MergesVgsThatAreNotResizeable) {
  m.must("vgchange -xn vg0");
  m.must("vgchange -xn vg1");
  m.must("vgmerge vg0 vg1");
  EXPECT_FALSE(m.vg("vg0").status.has(VgFlag::Resizeable));
  EXPECT_EQ(m.vg("vg0").pvs.size(), 4U);
}

// The order in which they are named says nothing of what is done first; the order of the VGs does.
TEST_F(Change, WorksOnLvsInTheOrderOfTheirVg) {
  m.must("lvcreate -an -Zn -l 1 -n z vg1");
  m.must("lvcreate -an -Zn -l 1 -n a vg1");
  EXPECT_EQ(m.must("lvchange --addtag t vg1/a vg0/two vg1/z vg0/one"),
            "  Logical volume vg1/z changed.\n  Logical volume vg1/a changed.\n"
            "  Logical volume vg0/one changed.\n  Logical volume vg0/two changed.\n");
  const Ran ran = m.run("lvremove -y vg0/nope vg0/two vg1/a vg0/one vg1/z");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.out,
            "  Logical volume \"one\" successfully removed.\n  Logical volume \"two\" successfully removed.\n"
            "  Logical volume \"z\" successfully removed.\n  Logical volume \"a\" successfully removed.\n");
  EXPECT_EQ(ran.err, "  Failed to find logical volume \"vg0/nope\"\n");
}

TEST_F(Change, SaysOnceThatAVgIsNotThere) {
  const Ran ran = m.run("lvchange --addtag t nope/a nope/b vg0/two");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.out, "  Logical volume vg0/two changed.\n");
  EXPECT_EQ(ran.err.find("nope"), ran.err.rfind("nope\"")) << ran.err;
}

// The old name names something: one that no LV can have is one that is not there.
TEST_F(Change, FindsNoLvOfANameThatNoneCanHave) {
  for (const char* line : {"lvrename vg0/x! b", "lvrename vg0 x! b", "lvrename vg0 vg0/x! b", "lvrename vg0/.. b",
                           "vgimportclone -n x! /dev/d"})
    EXPECT_EQ(m.run(line).status, 5) << line;
  for (const char* line : {"lvrename vg0/one x!", "lvrename vg0 one x!", "lvrename x!/one b", "lvrename x! one b"})
    EXPECT_EQ(m.run(line).status, 3) << line;
}

// As LVM2 has it: what lies on no PV goes along, and is no reason for a VG to stay.
TEST_F(Change, SplitsLvsThatLieOnNoPvOffWithThePvs) {
  m.must("lvcreate -an --type zero -l 2 -n zer vg0");
  m.must("lvcreate -an --type error -l 2 -n err vg1");
  EXPECT_EQ(m.must("vgsplit vg1 all /dev/d"), "  New volume group \"all\" successfully split from \"vg1\"\n");
  EXPECT_FALSE(has_vg("vg1"));
  EXPECT_NE(find_lv(m.vg("all"), "err"), nullptr);
  for (const char* line : {"vgsplit vg0 half /dev/a", "vgsplit -n two vg0 half", "vgsplit vg0 half /dev/c"}) {
    m.must(line);
    EXPECT_NE(find_lv(m.vg("half"), "zer"), nullptr) << line;
    EXPECT_EQ(find_lv(m.vg("vg0"), "zer"), nullptr) << line;
    EXPECT_NE(m.must("lvs vg0 half").find("two"), std::string::npos) << line;
    m.must("vgmerge vg0 half");
  }
  m.must("lvchange -ay vg0/zer");
  const Ran active = m.run("vgsplit vg0 half /dev/c");
  EXPECT_EQ(active.status, 5);
  EXPECT_NE(active.err.find("Logical volume vg0/zer must be inactive."), std::string::npos) << active.err;
  m.must("lvchange -an vg0/zer");
  EXPECT_EQ(m.run("vgsplit -n zer vg0 half").status, 5) << "no PV would go";
}

TEST_F(Change, SaysThatAnLvKeepsItsSizeWhereItCanHaveNothingOfWhatIsFree) {
  m.must("lvcreate -an -Zn -C y -l 15 -n wide vg1");
  m.must("lvreduce -y -l 12 vg1/wide");
  m.must("lvcreate -an -Zn -l 1 -n next vg1");
  const VolumeGroup before = m.vg("vg1");
  const Ran ran = m.run("lvextend -l +100%FREE vg1/wide");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "  Size of logical volume vg1/wide unchanged from 48.00 MiB (12 extents).\n"
            "  Logical volume vg1/wide successfully resized.\n");
  EXPECT_NE(ran.err.find("Insufficient suitable contiguous allocatable extents"), std::string::npos) << ran.err;
  EXPECT_EQ(m.vg("vg1"), before);
  EXPECT_EQ(m.run("lvextend -l +2 vg1/wide").status, 5);
  EXPECT_EQ(m.run("lvextend -r -l +100%FREE vg1/wide").status, 5) << "it is not active";
}

TEST_F(Change, KeepsAnLvInOneVg) {
  m.must("lvcreate -an -Zn -i2 -l 2 -n across vg0 /dev/a /dev/b");
  Ran split = m.run("vgsplit vg0 half /dev/a");
  EXPECT_EQ(split.status, 5);
  EXPECT_NE(split.err.find("Can't split Logical Volume across between two Volume Groups"), std::string::npos)
      << split.err;
  EXPECT_FALSE(has_vg("half"));
}

TEST_F(Change, ChangesNothingUnderTest) {
  std::vector<VolumeGroup> before = vgs_of(m.look());
  for (const char* line :
       {"vgrename -t vg0 x", "vgexport -t vg0", "vgsplit -t vg0 x /dev/c", "vgmerge -t vg0 vg1",
        "pvchange -t -xn /dev/a", "pvchange -t -u /dev/a", "pvresize -t -y --setphysicalvolumesize 20M /dev/a",
        "vgchange -t -u vg0", "vgck -t --updatemetadata vg0", "vgimportclone -t /dev/d",
        "pvchange -t --metadataignore y /dev/a", "vgchange -t --vgmetadatacopies 1 vg0"})
    EXPECT_EQ(m.run(line).status, 0) << line;
  EXPECT_EQ(vgs_of(m.look()), before);
  EXPECT_TRUE(m.archive.archives.count("x") == 0);
}

TEST_F(Change, CountsInExtentsOfAnotherSize) {
  m.must("vgchange -s 1M vg0");
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 12U);
  EXPECT_EQ(m.vg("vg0").pvs[0].pe_count.n, 60U);
  m.must("vgchange -s 4M vg0");
  EXPECT_EQ(m.run("vgchange -s 8M vg0").status, 5) << "three extents of 4 MiB are no whole number of 8 MiB";
}

TEST_F(Change, TakesMissingPvsOutAndTheirLvsOnlyWhenForced) {
  std::vector<std::byte> zeros(1 << 20);
  ASSERT_TRUE(m.disks.disk(1).write({0}, zeros).ok());
  EXPECT_EQ(m.run("vgck vg0").status, 5);
  Ran kept = m.run("vgreduce --removemissing vg0");
  EXPECT_EQ(kept.status, 5);
  EXPECT_NE(kept.err.find("WARNING: Partial LV two needs to be repaired or removed."), std::string::npos) << kept.err;
  EXPECT_NE(find_lv(m.vg("vg0"), "two"), nullptr);
  EXPECT_NE(m.must("vgreduce --removemissing --force vg0").find("Wrote out consistent volume group vg0."),
            std::string::npos);
  EXPECT_EQ(find_lv(m.vg("vg0"), "two"), nullptr);
  EXPECT_NE(find_lv(m.vg("vg0"), "one"), nullptr);
  EXPECT_EQ(m.vg("vg0").pvs.size(), 2U);
  m.must("vgck vg0");
}

TEST_F(Change, MakesErrorAndZeroVolumesThatTakeNoExtents) {
  m.must("lvcreate --type zero -L 1T -n big vg0");
  EXPECT_EQ(m.must("ashlar tables vg0/big"), "vg0-big: 0 2147483648 zero \n");
  EXPECT_EQ(free_extents(m.vg("vg0")).n, 39U);
  m.must("lvextend -L +4M vg0/big");
  EXPECT_EQ(m.vg("vg0").lvs.back().segments.size(), 1U);
  EXPECT_EQ(m.run("lvcreate --type error -i2 -l 2 vg0").status, 3);
  EXPECT_EQ(m.run("lvcreate --type error -l 2 vg0 /dev/a").status, 3);
  EXPECT_EQ(m.run("lvcreate --type raid1 -l 2 vg0").status, 3);
}

TEST_F(Change, SetsTheReadAheadOfAnActiveLvAtOnce) {
  m.must("lvcreate -l 2 -n a vg0");
  auto read_ahead = [&] { return m.kernel.find("vg0-a")->read_ahead; };
  m.must("lvchange -r 1024 vg0/a");
  EXPECT_EQ(read_ahead(), 1024U);
  EXPECT_TRUE(m.kernel.nothing_suspended());
  m.must("lvchange -r none vg0/a");
  EXPECT_EQ(read_ahead(), 0U);
  m.must("lvextend -l +1 vg0/a");
  EXPECT_EQ(read_ahead(), 0U);
  m.must("lvchange -r 64 -pr vg0/a");
  EXPECT_EQ(read_ahead(), 64U);
  m.kernel.clear_trace();
  m.must("lvchange --addtag t vg0/a");
  EXPECT_EQ(m.run("lvchange -r 64 vg0/a").status, 5) << "it is so already";
  EXPECT_TRUE(m.kernel.trace().empty());
  m.kernel.fail_at(1);
  EXPECT_EQ(m.run("lvchange -r 128 vg0/a").status, 5);
  EXPECT_EQ(m.must("lvs --noheadings --units s --nosuffix -o lv_read_ahead vg0/a"), "      64\n");
  EXPECT_EQ(read_ahead(), 64U);
  m.must("lvchange -an vg0/a");
  m.must("lvchange -r 128 vg0/a");
  m.must("lvchange -ay vg0/a");
  EXPECT_EQ(read_ahead(), 128U);
}

TEST_F(Change, ReadsTheTablesOfNoLvsThatItIsNotAbout) {
  for (int i = 0; i < 8; ++i) m.must("lvcreate -ay -l 1 -n other" + std::to_string(i) + " vg0");
  m.must("lvchange -ay vg0/one");
  for (const char* line :
       {"lvextend -l +1 vg0/one", "lvreduce -y -l -1 vg0/one", "lvchange -pr vg0/one", "lvchange -an vg0/one",
        "lvchange -ay vg0/one", "lvrename vg0 one first", "lvremove -y vg0/first"}) {
    const std::size_t before = m.kernel.tables_read();
    m.must(line);
    EXPECT_LE(m.kernel.tables_read() - before, 4U) << line;
  }
}

TEST_F(Change, ResizesAFilesystemOnlyWithAnActiveLv) {
  Ran ran = m.run("lvextend -r -L +4M vg0/one");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("Logical volume vg0/one must be activated before resizing filesystem."), std::string::npos)
      << ran.err;
  m.must("lvchange -ay vg0/one");
  EXPECT_EQ(m.run("lvextend -r -L +4M vg0/one").status, 5) << "there is no filesystem";
  EXPECT_EQ(find_lv(m.vg("vg0"), "one")->extents().n, 3U);
}

TEST_F(Change, RefusesFormsThatAreNotLegal) {
  for (const char* line : {"vgchange vg0", "vgchange --addtag x -ay vg0", "lvchange vg0/one", "lvchange --addtag x",
                           "lvchange --minor 3 vg0/one", "pvchange /dev/a", "pvchange -a -xn /dev/a", "vgrename vg0",
                           "vgexport", "vgexport -a vg0", "vgsplit vg0 x", "vgmerge vg0", "vgreduce --mirrorsonly vg0",
                           "vgck --updatemetadata", "vgimportclone", "pvck", "pvscan -aay"})
    EXPECT_EQ(m.run(line).status, 3) << line;
}

TEST_F(Change, SelectsByTagAndExpression) {
  m.must("lvchange --addtag t vg0/two");
  m.must("lvchange -pr @t");
  EXPECT_FALSE(find_lv(m.vg("vg0"), "two")->status.has(LvFlag::Write));
  m.must("vgchange -S vg_name=vg1 --addtag x");
  EXPECT_EQ(m.vg("vg1").tags, std::vector<std::string>{"x"});
  EXPECT_TRUE(m.vg("vg0").tags.empty());
  m.must("lvremove -f -S lv_name=one");
  EXPECT_EQ(find_lv(m.vg("vg0"), "one"), nullptr);
}

TEST_F(Change, ALabelThatWipefsTookOffIsNone) {
  m.must("vgreduce vg0 /dev/c");
  m.disks.disk("/dev/c").poke({512 + 24}, std::vector<std::byte>(8));  // "LVM2 001", which blkid goes by
  for (const char* line : {"pvs", "vgs", "lvs"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.err, "") << line;
    EXPECT_EQ(ran.status, 0) << line;
  }
  m.must("pvcreate /dev/c");
}

TEST_F(Change, ARestoreArchivesWhatItReplaces) {
  const std::string before = m.archive.backups.at("vg0");
  TempDir dir;
  put_file(dir / "old", before);
  m.must("lvcreate -an -Zn -l 1 -n later vg0");
  m.archive.archives.clear();
  m.must("vgcfgrestore -f " + (dir / "old") + " vg0");
  EXPECT_EQ(find_lv(m.vg("vg0"), "later"), nullptr);
  ASSERT_EQ(m.archive.archives["vg0"].size(), 1U);
  EXPECT_NE(m.archive.archives["vg0"].back().find("later {"), std::string::npos);
  m.archive.fail = true;
  EXPECT_EQ(m.run("vgcfgrestore -f " + (dir / "old") + " vg0").status, 5) << "nothing is lost unseen";
}

TEST_F(Change, ReadersSeeNoWriterWhoIsInTheMiddle) {
  // In every VG whose lock is free one is at work: of two PVs, one has the new text already.
  m.must("vgreduce vg0 /dev/c");
  m.must("vgextend vg1 /dev/c");
  std::map<std::string, std::pair<std::vector<std::byte>, std::vector<std::byte>>> areas;
  for (const auto& [vg, disk] : {std::pair("vg0", "/dev/a"), std::pair("vg1", "/dev/d")}) {
    areas[vg].first = m.disks.disk(disk).peek({0}, 1 << 20);
    m.must(std::string("vgchange --addtag new ") + vg);
    areas[vg].second = m.disks.disk(disk).peek({0}, 1 << 20);
  }
  int scans = 0;
  m.before_scan = [&] {
    ++scans;
    for (const auto& [vg, disk] : {std::pair("vg0", "/dev/a"), std::pair("vg1", "/dev/d")}) {
      // That of vg1 is not at work when the first look is taken.
      const bool whole = m.locked.contains(vg) || (scans == 1 && vg == std::string("vg1"));
      m.disks.disk(disk).poke({0}, whole ? areas[vg].second : areas[vg].first);
    }
  };
  Ran ran = m.run("vgs --noheadings -o vg_tags,vg_name");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out, "  new     vg0\n  new     vg1\n");
  EXPECT_TRUE(m.locked.empty());
}

}  // namespace
}  // namespace ashlar::test
