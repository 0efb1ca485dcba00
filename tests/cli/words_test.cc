// SPDX-License-Identifier: LGPL-2.1-or-later
// Words and exit statuses that scripts look for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct OneVg : ::testing::Test {
  OneVg() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/free");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 2 -n lv vg0");
  }
  void fails(std::string_view line, int status, std::string_view words) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, status) << line << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(words)) << line;
  }
  TestMachine m;
};

TEST_F(OneVg, AVgThatIsNotThereIsNamedInTwoLines) {
  const std::string words = "  Volume group \"nope\" not found\n  Cannot process volume group nope\n";
  for (const char* line :
       {"vgs nope", "lvs nope", "lvs nope/x", "vgremove nope", "vgextend nope /dev/free", "vgreduce nope /dev/a",
        "vgchange --addtag t nope", "vgchange -ay nope", "lvcreate -l1 nope", "lvchange --addtag t nope/lv",
        "lvremove -f nope", "lvremove -f nope/lv", "lvextend -l+1 nope/lv", "lvrename nope a b", "vgcfgbackup nope"}) {
    EXPECT_EQ(m.run(line).err, words) << line;
    EXPECT_EQ(m.run(line).status, 5) << line;
  }
}

TEST_F(OneVg, AnLvThatIsNotThereIsNamedWithItsVg) {
  fails("lvs vg0/nope", 5, "Failed to find logical volume \"vg0/nope\"");
  fails("lvchange --addtag t vg0/nope", 5, "Failed to find logical volume \"vg0/nope\"");
  fails("lvremove -f vg0/nope", 5, "Failed to find logical volume \"vg0/nope\"");
  fails("lvextend -l+1 vg0/nope", 5, "Logical volume nope not found in volume group vg0.");
  fails("lvrename vg0 nope b", 5, "Existing logical volume \"nope\" not found in volume group \"vg0\"");
}

TEST_F(OneVg, ADeviceThatIsNotThereIsNamed) {
  fails("pvs /dev/nope", 5, "Cannot use /dev/nope: device not found");
  fails("pvcreate /dev/nope", 5, "No device found for /dev/nope");
  fails("vgcreate x /dev/nope", 5, "No device found for /dev/nope");
}

TEST_F(OneVg, WhatIsAskedForAndNotThereFailsAndWhatCannotBeAskedForIsAWrongCommandLine) {
  fails("lvcreate -l2 vg0 /dev/a:90000", 5, "90000");
  fails("lvcreate -l2 vg0 /dev/a:5-3", 5, "5-3");
  fails("lvreduce -f -l-1 vg0/lv /dev/a", 3, "Command does not accept argument: /dev/a.");
  fails("vgs vg0/lv", 3, "vg0/lv");
  fails("lvs -o ''", 5, "Invalid options string");
  fails("vgcreate -s 0 vg1 /dev/free", 3, "Physical extent size may not be zero");
  fails("pvcreate --uuid 111111-1111-1111-1111-1111-1111-111111 --restorefile /nope /dev/free", 3, "/nope");
  fails("vgs --config 'bad{'", 3, "--config");
}

TEST_F(OneVg, WhatStaysInactiveOrReadOnlyIsClearedWhereThatIsAskedFor) {
  for (const char* how : {"-an -Zy", "-pr -Zy", "-ky -Zy", "-an -Wy -Zy"}) {
    const std::vector<std::byte> old(4096, std::byte{'o'});
    for (std::uint64_t pe = 0; pe < 15; ++pe)
      ASSERT_TRUE(m.disks.disk(0).write({(1 << 20) + pe * (4 << 20)}, old).ok());
    m.must(std::string("lvcreate -y -l1 -n x vg0 /dev/a ") + how);
    const VolumeGroup vg = m.vg("vg0");
    const auto& area = std::get<PvArea>(std::get<Striped>(vg.lvs.at(1).segments.at(0).body).areas.at(0));
    std::vector<std::byte> start(4096);
    ASSERT_TRUE(m.disks.disk(0).read({(1 << 20) + area.start.n * (4 << 20)}, start).ok());
    EXPECT_EQ(start, std::vector<std::byte>(4096)) << how;
    m.must("lvremove -f vg0/x");
  }
}

TEST_F(OneVg, OddNamesEndAsTheyDoInLvm2) {
  fails("lvcreate -an -l1 -n vg1/x vg0", 3, "Inconsistent volume group names given: \"vg1\" and \"vg0\"");
  fails("lvremove -f vg0/../lv", 5, "\"vg0/../lv\": Invalid path for Logical Volume.");
  fails("lvextend -l+1 vg0/../lv", 3, "\"vg0/../lv\": Invalid path for Logical Volume.");
  fails("pvremove /dev/free", 5, "No PV found on device /dev/free.");
  EXPECT_THAT(m.must("pvremove -ff /dev/free"),
              HasSubstr("Labels on physical volume \"/dev/free\" successfully wiped."));
}

TEST_F(OneVg, ASplitNamesBothVgsThatHaveAnLvOfOneName) {
  m.must("vgcreate vg1 /dev/free");
  m.must("lvcreate -an -Zn -l1 -n lv vg1");
  fails("vgsplit -n lv vg0 vg1", 5, "Duplicate logical volume name \"lv\" in \"vg1\" and \"vg0\"");
}

TEST_F(OneVg, WhatIsNotClearedIsSaid) {
  EXPECT_THAT(m.run("lvcreate -an -l1 -n a vg0").err, HasSubstr("WARNING: Logical volume vg0/a not zeroed."));
  EXPECT_THAT(m.run("lvcreate -pr -l1 -n b vg0").err, HasSubstr("WARNING: Logical volume vg0/b not zeroed."));
  EXPECT_THAT(m.run("lvcreate -an -Zn -l1 -n c vg0").err, HasSubstr("not zeroed")) << "also where it was asked for";
}

TEST_F(OneVg, AnLvThatMayNotBeActivatedIsNotMadeUncleared) {
  const std::string list = " --config activation/volume_list=[\"other\"]";
  fails("lvcreate -l1 -n x vg0" + list, 5, "Nothing was created");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
  m.must("lvcreate -Zn -Wn -l1 -n x vg0" + list);
}

TEST_F(OneVg, AnActiveLvGetsAnotherMinorAfterAskingAndIsActiveAgain) {
  m.must("lvchange -ay vg0/lv");
  auto minor = [&] { return m.kernel.devices().begin()->second.number.minor; };
  fails("lvchange -My --minor 99 vg0/lv", 5, "confirm with -y");
  EXPECT_NE(minor(), 99U);
  EXPECT_FALSE(m.vg("vg0").lvs[0].status.has(LvFlag::FixedMinor));
  m.must("lvchange -y -My --minor 99 vg0/lv");
  EXPECT_EQ(minor(), 99U);
  EXPECT_TRUE(m.vg("vg0").lvs[0].status.has(LvFlag::FixedMinor));
}

TEST(OnImages, SignaturesInANewVolumeAreAskedFor) {
  TestMachine m;
  m.disks.add_image("/images/a", {64 << 20});
  m.must("vgcreate vg0 /images/a");
  m.lv_signatures = {{"xfs", {0}, {4}}};
  EXPECT_THAT(m.run("lvcreate -l1 -n a vg0").err, HasSubstr("WARNING: xfs signature detected on vg0/a"));
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
  EXPECT_THAT(m.must("lvcreate -y -l1 -n b vg0"), HasSubstr("Wiping xfs signature on vg0/b."));
  m.must("lvcreate -Wn -l1 -n c vg0");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
}

TEST_F(OneVg, ANewLvIsClearedBeforeTheKernelMapsIt) {
  m.lv_signatures = {{"xfs", {0}, {4}}};
  const auto seqno = m.vg("vg0").seqno;
  Ran declined = m.run("lvcreate -l1 -n a vg0", "n");
  EXPECT_EQ(declined.status, 5);
  EXPECT_THAT(declined.err, HasSubstr("WARNING: xfs signature detected on /dev/vg0/a at offset 0. Wipe it?"));
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
  EXPECT_TRUE(m.kernel.trace().empty());
  m.kernel.clear_trace();
  EXPECT_THAT(m.must("lvcreate -y -l1 -n a vg0"), HasSubstr("Wiping xfs signature on /dev/vg0/a."));
  std::string did;
  for (const std::string& line : m.kernel.trace()) did += line + "\n";
  EXPECT_THAT(did, testing::Not(HasSubstr("suspend"))) << "it is created, loaded and resumed, once";
}

TEST_F(OneVg, TheBackupGoesWithTheVg) {
  EXPECT_TRUE(m.archive.backups.contains("vg0"));
  m.must("vgremove -f vg0");
  EXPECT_FALSE(m.archive.backups.contains("vg0"));
  EXPECT_FALSE(m.archive.archives["vg0"].empty());
}

TEST_F(OneVg, ALinearPartMayFollowStripesOfDifferentSizes) {
  m.must("lvcreate -an -Zn -i2 -l2 -n s vg0");
  m.must("lvextend -l+2 -i2 -I32k vg0/s");
  fails("lvextend -l+1 vg0/s", 5, "Please specify number of stripes (-i) and stripesize (-I)");
  m.must("lvextend -l+1 -i1 vg0/s");
  const LogicalVolume lv = m.vg("vg0").lvs.back();
  EXPECT_EQ(lv.segments.size(), 3U);
}

TEST_F(OneVg, UnhandledOptionsAreNamedWhetherLongOrShort) {
  fails("lvextend -r -l+1 vg0/lv --nonsense", 3, "--nonsense");
  fails("lvextend -V 1g vg0/lv", 3, "lvextend: option '-V' is not handled by Ashlar yet");
  fails("lvextend --virtualsize 1g vg0/lv", 3, "lvextend: option '--virtualsize' is not handled by Ashlar yet");
  fails("lvextend -Q vg0/lv", 3, "lvextend: invalid option -- 'Q'");
}

TEST_F(OneVg, TheVersionNamesTheLibraryToo) {
  EXPECT_THAT(m.must("version"), StartsWith("  LVM version:     2.03.16(2) (2022-05-18)\n  Library version: 1.02."));
}

TEST_F(OneVg, NoControlByteOfTheCommandLineReachesTheTerminal) {
  EXPECT_EQ(m.run("lvs -o \033x").err.find('\033'), std::string::npos);
  EXPECT_EQ(m.run("lvs vg0/\033").err.find('\033'), std::string::npos);
  EXPECT_EQ(m.run("lvs --\033").err.find('\033'), std::string::npos);
}
}  // namespace
}  // namespace ashlar::test
