// SPDX-License-Identifier: LGPL-2.1-or-later
// Command lines that LVM2 takes, or refuses, and what comes of them: found by running lvm2 2.03.16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Lvm2Lines : public testing::Test {
 protected:
  Lvm2Lines() {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c", "/dev/d"}) m.disk(path);
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("vgcreate vg1 /dev/c");
    m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
  }
  Extents size(const std::string& lv) {
    const VolumeGroup vg = m.vg("vg0");
    const LogicalVolume* found = find_lv(vg, lv);
    return found == nullptr ? Extents{} : found->extents();
  }
  void takes(std::initializer_list<const char*> lines) {
    for (const char* line : lines) m.must(line);
  }
  void refuses(int status, std::initializer_list<const char*> lines) {
    for (const char* line : lines) {
      const std::uint32_t seqno = m.vg("vg0").seqno;
      Ran ran = m.run(line);
      EXPECT_EQ(ran.status, status) << line << "\n" << ran.out << ran.err;
      EXPECT_EQ(m.vg("vg0").seqno, seqno) << line;
    }
  }
  /// How many metadata areas of the VG are in use.
  std::size_t used(const std::string& vg) {
    std::size_t n = 0;
    const store::Picture picture = m.look();
    for (const store::VgState& state : picture.vgs) {
      if (state.vg.name != vg) continue;
      for (std::size_t member : state.members) {
        for (const store::Mda& mda : picture.scan.pvs[member].mdas) n += mda.header && !mda.header->ignored() ? 1 : 0;
      }
    }
    return n;
  }
  TestMachine m;
};

TEST_F(Lvm2Lines, PvsWithoutASizeMeanAllThatTheyOffer) {
  m.must("lvresize vg0/one /dev/b:2-4");
  EXPECT_EQ(size("one").n, 6U);
  m.must("lvresize vg0/one /dev/a");
  EXPECT_EQ(size("one").n, 18U);
  m.must("lvextend vg0/one /dev/b");
  EXPECT_EQ(size("one").n, 30U);
  refuses(3, {"lvresize vg0/one", "lvextend vg0/one", "lvreduce vg0/one", "lvreduce vg0/one /dev/b",
              "lvextend -L 1g -l 5 vg0/one"});
  refuses(5, {"lvresize vg0/one /dev/c"});
}

TEST_F(Lvm2Lines, NoMirrorsAreNoDifferenceAndMirrorsAreRefusedByName) {
  takes({"lvcreate -an -Zn -m0 -l 1 -n a vg0", "lvcreate -an -Zn -m 0 -i 2 -l 2 -n b vg0",
         "lvcreate -an -Zn --type linear --mirrors 0 -l 1 -n c vg0", "lvcreate -an -Zn --type linear -i1 -l 1 -n d vg0",
         "lvextend -m0 -l +1 vg0/a", "lvextend -m0 --nosync -l +1 vg0/a", "lvresize --nosync -l +1 vg0/a"});
  EXPECT_EQ(size("a").n, 4U);
  EXPECT_THAT(m.must("lvcreate -an -Zn -m0 -l 1 -n e vg0"), HasSubstr("Redundant mirrors argument: default is 0"));
  refuses(5, {"lvcreate -an -Zn -m1 -l 1 vg0", "lvextend -m1 -l +1 vg0/one"});
  EXPECT_THAT(m.run("lvcreate -an -Zn -m1 -l 1 vg0").err, HasSubstr("--mirrors 1"));
  refuses(3, {"lvcreate -an -Zn --type striped -m0 -l 1 vg0", "lvcreate -an --type error -m0 -l 1 vg0",
              "lvcreate -an -Zn -m x -l 1 vg0", "lvcreate -an -Zn -m -1 -l 1 vg0", "lvcreate -an -Zn --nosync -l 1 vg0",
              "lvcreate -an -Zn --type linear -i2 -l 2 vg0", "lvcreate -an -Zn --type linear -i1 -I 64 -l 1 vg0",
              "lvresize -m0 -l +1 vg0/one"});
}

TEST_F(Lvm2Lines, OptionsThatContradictEachOtherAreRefused) {
  refuses(3, {"lvchange --contiguous y --alloc normal vg0/one",
              "lvcreate -an -Zn --contiguous y --alloc normal -l 1 vg0",
              "lvchange -ay --refresh vg0/one",
              "lvchange -ay --partial --activationmode complete vg0/one",
              "vgchange -ay --partial --activationmode complete vg0",
              "lvchange --addtag t -P vg0/one",
              "lvchange --addtag t -K vg0/one",
              "lvchange --addtag t --sysinit vg0/one",
              "lvchange --addtag t --activationmode complete vg0/one",
              "lvchange --refresh -K vg0/one",
              "lvchange --refresh --sysinit vg0/one",
              "lvchange --monitor n -P vg0/one",
              "lvchange --poll n --sysinit vg0/one",
              "lvchange -pr --minor 7 -My vg0/one",
              "vgchange -ay --refresh vg0",
              "vgchange --refresh -P vg0",
              "vgchange --refresh --monitor n vg0",
              "vgchange --poll n --sysinit vg0",
              "vgchange --systemid x --addtag t vg0",
              "vgchange -an --poll y vg0",
              "vgchange -an --monitor n vg0",
              "vgchange -ay --sysinit --poll y vg0",
              "vgchange --systemid x",
              "vgchange --lockstart --lockstop vg0",
              "lvextend -l +2 -i 2 -I 0 vg0/one",
              "lvchange -My --minor 7 vg0/one vg0/two",
              "vgsplit -M x vg0 vg2 /dev/b",
              "vgmerge vg0 vg1 vg2"});
  refuses(5, {"lvcreate -an -Zn -Mn --minor 6 -l 1 vg0"});
  takes({"lvcreate -an -Zn --contiguous n --alloc normal -l 1 vg0",
         "lvcreate -an -Zn --contiguous y --alloc contiguous -l 1 vg0", "lvchange --addtag t -an vg0/one",
         "vgchange -ay --poll y vg0", "vgsplit -M lvm2 vg0 vg2 /dev/b"});
}

TEST_F(Lvm2Lines, OnlyWhatIsActiveIsMonitoredOrPolled) {
  for (const char* line : {"lvchange --monitor y vg0/one", "lvchange --poll n vg0", "lvchange -an --poll y vg0/one",
                           "lvchange --addtag x --monitor n vg0/one"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("Logical volume vg0/one is not active.")) << line;
  }
  takes({"lvchange -ay --monitor y vg0/one", "lvchange --poll y vg0/one", "lvchange --monitor n vg0"});
  for (const char* line : {"lvchange --monitor n vg0/nope", "lvchange --monitor y vg0/nope",
                           "lvchange --poll n vg0/nope", "lvchange --poll n vg0/one vg0/nope"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("Failed to find logical volume \"vg0/nope\"")) << line;
  }
  EXPECT_EQ(m.vg("vg0").lvs[0].tags, std::vector<std::string>{"x"}) << "the rest is done all the same";
}

TEST_F(Lvm2Lines, ATagThatIsAddedAndTakenOffStaysOnAVgAlone) {
  takes({"lvchange --addtag a --deltag a vg0/one", "pvchange --addtag a --deltag a /dev/a",
         "vgchange --deltag a --addtag a vg0"});
  const VolumeGroup vg = m.vg("vg0");
  EXPECT_TRUE(vg.lvs[0].tags.empty());
  EXPECT_TRUE(vg.pvs[0].tags.empty());
  EXPECT_EQ(vg.tags, std::vector<std::string>{"a"});
}

TEST_F(Lvm2Lines, WhatIsAPvAlreadyStandsBeforeWhatBecomesOneInItsVg) {
  for (const char* path : {"/dev/e", "/dev/f", "/dev/g"}) m.disk(path);
  m.must("pvcreate /dev/e /dev/g");
  m.must("vgextend vg0 /dev/d /dev/g /dev/f /dev/e");
  std::string order;
  for (const PhysicalVolume& pv : m.vg("vg0").pvs) order += pv.device + " ";
  EXPECT_EQ(order, "/dev/a /dev/b /dev/g /dev/e /dev/d /dev/f ");
}

TEST_F(Lvm2Lines, WhatIsNamedTwiceIsDoneOnce) {
  EXPECT_THAT(m.must("pvresize /dev/a /dev/a"), HasSubstr("  1 physical volume(s) resized or updated / 0 "));
  EXPECT_THAT(m.must("pvchange -xn /dev/a /dev/a"),
              HasSubstr("  1 physical volume changed / 0 physical volumes not changed"));
  EXPECT_EQ(m.must("vgcfgbackup vg0 vg0"), "  Volume group \"vg0\" successfully backed up.\n");
}

TEST_F(Lvm2Lines, DeviceTypesAreAReportLikeOthers) {
  EXPECT_EQ(m.must("devtypes --noheadings -S devtype_name=sd"), "  sd            16 SCSI disk  \n");
  EXPECT_EQ(m.must("devtypes -o devtype_name,maxpartitions --separator : -S 'max_partitions>16' -O -devtype_name"),
            "  DevType:MaxParts\n  nvme:64\n  ide:64\n");
  EXPECT_THAT(m.must("devtypes --nameprefixes --unquoted -S name=md -o +selected"), HasSubstr("LVM2_DEVTYPE_NAME=md"));
  EXPECT_THAT(m.must("devtypes --reportformat json -S devtype_name=sd"), HasSubstr("\"devtype\": ["));
  Ran help = m.run("devtypes -o help");
  EXPECT_THAT(help.out + help.err, HasSubstr("devtype_max_partitions"));
  EXPECT_THAT(help.out + help.err, Not(HasSubstr("vg_name")));
  EXPECT_EQ(m.run("devtypes -o vg_name").status, 5);
  EXPECT_EQ(m.run("lvs -o devtype_name").status, 5);
  EXPECT_EQ(m.run("devtypes -o ''").status, 5);
  EXPECT_EQ(m.run("devtypes --json").status, 0);
  EXPECT_THAT(m.run("lvs -o help").err + m.must("lvs -o help"), Not(HasSubstr("devtype")));
}

TEST_F(Lvm2Lines, ATextThatIsNoLegalVgIsNotRestoredAndTheLineIsNamed) {
  TempDir dir;
  const std::string file = dir / "text";
  m.must("vgcfgbackup -f " + file + " vg0");
  const std::vector<std::byte> bytes = slurp(file);
  const std::string good(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t lv = good.find("one {"), pv = good.find("pv1 {");
  auto line_at = [&](std::size_t at) {
    return std::to_string(1 + std::count(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  };
  struct {
    std::size_t from;
    const char* key;
    const char* spoiled;
    std::string said;
  } const table[] = {
      {lv, "segment_count", "tags = [\"b ad\"]\nsegment_count",
       file + ":" + line_at(lv) + " is not a legal VG: LV vg0/one: Tag \"b ad\""},
      {pv, "status", "tags = [\"b ad\"]\nstatus", file + ":" + line_at(pv) + " is not a legal VG: PV /dev/b"},
      {lv, "type = \"striped\"", "type = \"mirror\"",
       file + ": vg0/one/segment1: mirror_count is missing in the section of line "},
      {0, "flags = []", "flags = 7", file + ": vg0: flags in line "},
      {0, "flags = []", "flags = [] lock_type = \"dlm\"",
       file + " is not a legal VG: VG vg0 has the lock_type dlm and no lock_args"},
  };
  for (const auto& [from, key, spoiled, said] : table) {
    std::string text = good;
    text.replace(text.find(key, from), std::string(key).size(), spoiled);
    put_file(file, text);
    refuses(5, {("vgcfgrestore -f " + file + " vg0").c_str()});
    EXPECT_THAT(m.run("vgcfgrestore -f " + file + " vg0").err, HasSubstr(said));
  }
}

TEST_F(Lvm2Lines, ANameThatNoVgCanHaveIsOneThatIsNotThere) {
  refuses(5, {"vgs ''", "vgs 'a b'", "vgremove ''", "vgchange --addtag t ''", "vgck 'a b'", "vgcfgbackup ''",
              "lvs 'a b/c'", "lvremove 'a b/c'", "lvchange -an ''", "lvs vg0/", "lvs /dev/vg0/", "lvremove vg0/",
              "lvchange -an 'vg0/a b'", "vgsplit vg0 'a b' /dev/b"});
  EXPECT_THAT(m.run("vgs ''").err, HasSubstr("Volume group name \"\" has invalid characters."));
  EXPECT_THAT(m.run("lvremove vg0/").err, HasSubstr("Failed to find logical volume \"vg0/\""));
  refuses(3, {"vgs vg0/", "vgcreate '' /dev/d", "lvcreate -l 1 ''", "vgcfgrestore ''", "vgcfgrestore --list ''",
              "lvrename '' a b", "lvrename /x y", "lvcreate -l 1 -n 'a b/x'", "lvextend -l +1 vg0/"});
}

TEST_F(Lvm2Lines, ReportsAreAlignedAsTheSettingsAndOptionsSay) {
  m.must("vgremove vg1");
  EXPECT_THAT(m.must("vgs --noheadings -o vg_name,pv_count"), HasSubstr("  vg0   2"));
  EXPECT_EQ(m.must("vgs -o vg_name,pv_count --config report/aligned=0"), "  VG #PV\n  vg0 2\n");
  EXPECT_EQ(m.must("vgs -o vg_name,pv_count --config report/prefixes=1"),
            "  VG  #PV\n  LVM2_VG_NAME='vg0' LVM2_PV_COUNT='  2'\n");
  for (const char* unaligned :
       {"--nameprefixes", "--nameprefixes --aligned", "--config 'report/prefixes=1 report/aligned=0'"})
    EXPECT_EQ(m.must(std::string("vgs -o vg_name,pv_count ") + unaligned),
              "  VG #PV\n  LVM2_VG_NAME='vg0' LVM2_PV_COUNT='2'\n");
  refuses(5, {"vgs --config 'global/units=\"q\"'"});
  refuses(3, {"vgs --units q"});
}

TEST_F(Lvm2Lines, NumbersMayHaveAPlusInFront) {
  takes({"lvcreate -an -Zn -i +2 -I +64 -l 4 -n two vg0"});
  EXPECT_EQ(std::get<Striped>(m.vg("vg0").lvs[1].segments[0].body).areas.size(), 2U);
  refuses(3, {"lvcreate -an -Zn -i ++2 -l 4 vg0", "lvcreate -an -Zn -i -2 -l 4 vg0", "lvcreate -an -Zn -i + -l 4 vg0"});
}

TEST_F(Lvm2Lines, OfWhatCannotBeMeantAndOfWhatDoesNotFitTheVolumeHaveTheirOwnStatus) {
  refuses(3, {"lvextend --type nothing -l +1 vg0/one", "lvextend --type '' -l +1 vg0/one",
              "lvcreate --type nothing -l 1 vg0", "lvcreate -i 129 -l 129 vg0", "lvextend -i 0 -l +1 vg0/one"});
  refuses(5, {"lvextend --type raid1 -l +1 vg0/one", "lvextend -i 129 -l +1 vg0/one"});
}

TEST_F(Lvm2Lines, WhatEventsActivateIsUpToThem) {
  takes({"vgchange -aay --autoactivation other vg0",
         "vgchange -aay --autoactivation event vg0 --config global/event_activation=0"});
  EXPECT_THAT(m.must("lvs --noheadings -o lv_active vg0/one"), Not(HasSubstr("active")));
  EXPECT_THAT(m.must("vgchange -aay --autoactivation other vg0"),
              HasSubstr("Skip vgchange for unknown autoactivation value."));
  m.must("vgchange -aay --autoactivation event vg0");
  EXPECT_THAT(m.must("lvs --noheadings -o lv_active vg0/one"), HasSubstr("active"));
  refuses(3, {"vgchange --autoactivation other vg0"});
}

TEST_F(Lvm2Lines, AFlagIsGivenOnceUnlessItCounts) {
  refuses(3, {"vgchange -y -y --addtag t vg0", "vgchange -yy --addtag t vg0", "lvs -a -a", "lvs -t -t",
              "vgreduce -a -a vg0", "lvs --noheadings --noheadings"});
  EXPECT_THAT(m.run("lvs -a --all").err, HasSubstr("Option -a/--all may not be repeated."));
  takes({"lvs -v -v", "lvs -q -q", "vgremove -f -f -y vg1"});
}

TEST_F(Lvm2Lines, TakeAnOptionWhereLvm2DoesAndNowhereElse) {
  takes({"lvchange --ignoreskippedcluster --addtag a vg0/one", "vgchange --ignoreskippedcluster --addtag a vg0",
         "pvchange --ignoreskippedcluster --addtag a /dev/a", "vgchange -A n --addtag b vg0"});
  refuses(3, {"pvcreate -A y /dev/d", "pvremove -A n /dev/d", "vgremove -A y vg1", "lvs -A y", "vgcfgbackup -A y vg0",
              "lvchange --autoactivation event -ay vg0/one"});
}

TEST_F(Lvm2Lines, VgcreateTakesAPvOfAnotherVgWhenForcedTwiceAndSureOfIt) {
  const Uuid before = m.vg("vg0").pvs[1].id;
  refuses(5, {"vgcreate vg2 /dev/b", "vgcreate -f -y vg2 /dev/b", "vgcreate -ff vg2 /dev/b",
              "vgextend -ff -y vg1 /dev/b", "vgcreate -ff -y vg0 /dev/b"});
  EXPECT_THAT(m.run("vgcreate -ff vg2 /dev/b").err,
              HasSubstr("Really initialize physical volume \"/dev/b\" of volume group \"vg0\"?"));
  EXPECT_EQ(m.run("vgcreate -ff vg2 /dev/b", "n").status, 5);
  EXPECT_THAT(m.must("vgcreate -ff -y vg2 /dev/b /dev/d"),
              HasSubstr("Physical volume \"/dev/b\" successfully created."));
  EXPECT_EQ(m.vg("vg2").pvs.size(), 2U);
  EXPECT_NE(m.vg("vg2").pvs[0].id, before) << "the VG that had it must not take it for its own";
  EXPECT_TRUE(m.vg("vg0").pvs[1].status.has(PvFlag::Missing));
  EXPECT_EQ(size("one").n, 3U);
}

TEST_F(Lvm2Lines, AllMetadataCopiesAreKeptAsUnmanagedAndAreUsed) {
  m.must("vgchange --vgmetadatacopies 1 vg0");
  EXPECT_EQ(used("vg0"), 1U);
  m.must("vgchange --vgmetadatacopies all vg0");
  EXPECT_EQ(m.vg("vg0").metadata_copies, 0U);
  EXPECT_EQ(used("vg0"), 2U);
  m.must("vgchange --vgmetadatacopies 1 vg0");
  m.must("vgsplit --vgmetadatacopies all vg0 vg2 /dev/b");
  EXPECT_EQ(m.vg("vg2").metadata_copies, 0U);
  EXPECT_EQ(m.vg("vg0").metadata_copies, 1U);
  EXPECT_EQ(used("vg2"), 1U) << "though the area was ignored";
  EXPECT_EQ(used("vg0"), 1U);
  m.must("vgcreate --vgmetadatacopies all vg3 /dev/d");
  EXPECT_EQ(m.vg("vg3").metadata_copies, 0U);
}

TEST_F(Lvm2Lines, AVgThatLosesItsLastUsedAreaUsesAnother) {
  m.must("vgextend vg0 /dev/d");
  m.must("pvchange --metadataignore y /dev/a /dev/b");
  EXPECT_EQ(used("vg0"), 1U);
  m.must("vgreduce vg0 /dev/d");
  EXPECT_EQ(used("vg0"), 1U);
  EXPECT_EQ(m.vg("vg0").pvs.size(), 2U);
}

TEST_F(Lvm2Lines, ASplitVgKeepsToItsNumberOfCopies) {
  m.must("vgextend vg1 /dev/d");
  m.must("vgmerge vg0 vg1");
  m.must("vgsplit --vgmetadatacopies 1 vg0 vg2 /dev/c /dev/d");
  EXPECT_EQ(m.vg("vg2").metadata_copies, 1U);
  EXPECT_EQ(used("vg2"), 1U);
}

TEST_F(Lvm2Lines, ASystemIdThatItHasIsNoChange) {
  refuses(5, {"vgchange -y --systemid '' vg0"});
  m.must("vgchange -y --systemid 'a b' vg1");
  EXPECT_THAT(m.must("vgs --foreign --noheadings -o systemid vg1"), HasSubstr("ab")) << "without what no system ID has";
}

TEST_F(Lvm2Lines, AnEmptyFileNameIsNotTheOwnBackup) {
  refuses(5, {"vgcfgrestore -f '' vg0", "vgcfgbackup -f '' vg0", "vgcfgrestore -f / vg0", "vgcfgrestore -t -f / vg0",
              "vgcfgbackup -f /tmp/one vg0 vg1"});
  refuses(3, {"vgcfgrestore -M 1 vg0"});
}

TEST_F(Lvm2Lines, SizesAndNamesInLessUsualForms) {
  takes({"lvcreate -an -Zn -l 10%pv -n a vg0", "lvcreate -an -Zn -l 10%fr -n b vg0", "lvextend -l +1 vg0//one",
         "lvs vg0//one", "lvextend -l +1 /dev//vg0/one"});
  EXPECT_EQ(size("one").n, 5U);
  refuses(5, {"lvcreate -an -Zn -l 99999999999 -n c vg0", "lvcreate -an -Zn -l 1 -n c vg0 /dev/a:x"});
  refuses(3, {"lvcreate -an -Zn -l 10%x -n c vg0", "lvcreate -an -Zn -l 10%vgx -n c vg0"});
}

TEST_F(Lvm2Lines, APvThatLeavesItsVgHasTheSizeOfItsDevice) {
  m.must("pvcreate -y --setphysicalvolumesize 32m /dev/d");
  m.must("vgextend vg0 /dev/d");
  m.must("vgreduce vg0 /dev/d");
  EXPECT_THAT(m.must("pvs --noheadings --units m -o pv_size /dev/d"), HasSubstr("64.00m"));
}

TEST_F(Lvm2Lines, AnEmptySeparatorSeparatesByNothing) {
  EXPECT_EQ(m.must("lvs --noheadings --separator '' -o lv_name,vg_name"), "  onevg0\n");
}

}  // namespace
}  // namespace ashlar::test
