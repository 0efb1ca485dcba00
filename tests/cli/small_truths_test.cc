// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers of single command lines that differed from lvm2's, each with the line that showed it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "image_machine.h"
#include "metadata/model/query.h"
#include "ops/helper.h"
#include "ops/luks.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SmallTruths : public testing::Test {
 protected:
  SmallTruths() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/d");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("vgcreate vg1 /dev/d");
    m.must("lvcreate -an -Zn -l 2 -n one vg0");
    m.must("lvcreate -an -Zn -l 2 -n two vg0");
  }
  TestMachine m;
};

TEST_F(SmallTruths, APvOfAnotherVgIsAFailureNotAWrongCommandLine) {
  for (const char* pv : {"/dev/d", "/dev/c", "/dev/nope"}) {
    for (const char* line : {"lvcreate -an -Zn -l1 -n x vg0 ", "lvextend -l+1 vg0/one "}) {
      Ran ran = m.run(std::string(line) + pv);
      EXPECT_EQ(ran.status, 5) << line << pv;
      EXPECT_THAT(ran.err, HasSubstr(std::string("Physical Volume \"") + pv + "\" not found in Volume Group \"vg0\"."));
    }
  }
}

TEST_F(SmallTruths, WhatWasNoticedBeforeAFailureIsSaidBeforeIt) {
  const std::pair<const char*, const char*> table[] = {
      {"lvcreate -an -Zn -L 5m -i2 -n x vg0 /dev/a", "Rounding up size to full physical extent 8.00 MiB"},
      {"lvcreate -an -Zn -L 999m -i2 -n x vg0", "Using default stripesize 64.00 KiB."},
      {"lvextend -L 9999m vg0/one", "Rounding size to boundary between physical extents: <9.77 GiB."},
      {"lvextend -i 2 -l +999 vg0/one", "Using default stripesize 64.00 KiB"},
  };
  for (const auto& [line, note] : table) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr(std::string("  ") + note + "\n")) << line;
    EXPECT_LT(ran.err.find(note), ran.err.size() - 20) << "the error comes last: " << ran.err;
    EXPECT_EQ(ran.out, "") << line;
  }
  m.disks.disk("/dev/c").plant({"ext4", {1080}, {2}});
  m.disks.disk("/dev/c").fail_write(1);
  Ran ran = m.run("vgcreate -y vg2 /dev/c");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("  Wiping ext4 signature on /dev/c.\n")) << "what is lost is said";
}

TEST_F(SmallTruths, APvNamedTwiceOverlapsItself) {
  for (const char* pvs : {"/dev/a /dev/a", "/dev/a /dev/a:0-3", "/dev/a:0-3 /dev/a"}) {
    Ran ran = m.run(std::string("lvcreate -an -Zn -l1 -n x vg0 ") + pvs);
    EXPECT_EQ(ran.status, 5) << pvs;
    EXPECT_THAT(ran.err, HasSubstr("Overlapping PE ranges specified (0-")) << pvs;
  }
  m.must("pvchange --addtag t /dev/a");
  m.must("lvcreate -an -Zn -l1 -n x vg0 @t @t");
  EXPECT_EQ(m.run("vgcreate vg2 /dev/c /dev/c").status, 5);
  EXPECT_EQ(m.run("vgextend vg0 /dev/c /dev/c").status, 5);
  m.must("pvchange -xn /dev/a");
  const std::string out = m.must("vgreduce vg0 /dev/b /dev/b");
  EXPECT_EQ(out.find("Removed"), out.rfind("Removed")) << out;
}

TEST_F(SmallTruths, AStripeSizeNeedsStripes) {
  Ran ran = m.run("lvcreate -an -Zn -I 64 -l1 -n x vg0");
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr("Command does not accept option: --stripesize 64."));
  m.must("lvcreate -an -Zn -i1 -I 64 -l1 -n x vg0");
  m.must("lvcreate -an -Zn -i2 -I 64 -l2 -n y vg0");
}

TEST_F(SmallTruths, SizesMayBeHexadecimal) {
  m.must("lvcreate -an -Zn -L 0x10 -n x vg0");
  EXPECT_EQ(find_lv(m.vg("vg0"), "x")->extents(), Extents{4});
  m.must("lvextend -L +0x8m vg0/x");
  EXPECT_EQ(find_lv(m.vg("vg0"), "x")->extents(), Extents{6});
  EXPECT_EQ(m.run("lvcreate -an -Zn -L 0x -n y vg0").status, 3);
  EXPECT_EQ(m.run("lvcreate -an -Zn -l 0x2 -n y vg0").status, 3);
}

TEST_F(SmallTruths, ReducingAnActiveLvIsWarnedOfAlsoWithYes) {
  m.must("vgchange -ay vg0");
  for (const char* line : {"lvreduce -y -l1 vg0/one", "lvreduce -f -l1 vg0/two"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("WARNING: Reducing active logical volume to 4.00 MiB.")) << line;
    EXPECT_THAT(ran.err, HasSubstr("THIS MAY DESTROY YOUR DATA (filesystem etc.)")) << line;
  }
  m.must("lvcreate -an -Zn -l2 -n idle vg0");
  EXPECT_THAT(m.run("lvreduce -y -l1 vg0/idle").err, Not(HasSubstr("DESTROY")));
}

TEST_F(SmallTruths, LvsThatAreNotToBeActivatedAreSpokenOfOnlyUnderV) {
  m.must("lvchange -ky vg0/one");
  for (const char* line : {"lvchange -ay vg0/one", "vgchange -ay vg0 --config activation/volume_list=[]",
                           "vgchange -aay vg0 --config activation/auto_activation_volume_list=[]"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line << ran.err;
    EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("Not activating"))) << line;
    Ran loud = m.run(std::string(line) + " -v");
    EXPECT_THAT(loud.err, HasSubstr("Not activating vg0/one")) << line;
    EXPECT_THAT(loud.out, Not(HasSubstr("Not activating"))) << line;
  }
}

TEST_F(SmallTruths, AVgMayBeNamedByItsPathBelowMapper) {
  for (const char* line :
       {"vgs /dev/mapper/vg0", "vgchange --addtag x /dev/mapper/vg0", "lvcreate -an -Zn -l1 -n x /dev/mapper/vg0",
        "lvs /dev/mapper/vg0", "lvchange --addtag y /dev/mapper/vg0", "vgck /dev/mapper/vg0",
        "vgdisplay -s /dev/mapper/vg0", "lvrename /dev/mapper/vg0 x z", "vgcreate /dev/mapper/vg--x /dev/c",
        "vgrename /dev/mapper/vg1 /dev/mapper/vg2"})
    EXPECT_EQ(m.run(line).status, 0) << line << m.run(line).err;
  m.must("vgs vg-x vg2");
  Ran lv = m.run("vgchange --addtag x /dev/mapper/vg0-one");
  EXPECT_EQ(lv.status, 3) << lv.err;
}

TEST_F(SmallTruths, AnUnknownNameDoesNotKeepTheOthersFromTheirTurn) {
  Ran ran = m.run("lvchange -ay vg0/one vg0/nope nope/x vg0/two");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("Failed to find logical volume \"vg0/nope\""));
  EXPECT_THAT(ran.err, HasSubstr("Volume group \"nope\" not found"));
  EXPECT_EQ(m.kernel.devices().size(), 2U);
  EXPECT_EQ(m.run("lvchange -an vg0/nope vg0/one vg0/two").status, 5);
  EXPECT_TRUE(m.kernel.devices().empty());
  EXPECT_EQ(m.run("lvchange --addtag t vg0/nope vg0/one").status, 5);
  EXPECT_EQ(find_lv(m.vg("vg0"), "one")->tags, std::vector<std::string>{"t"});
  EXPECT_EQ(m.run("lvremove -y vg0/nope nope/x vg0/one vg0/two").status, 5);
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
}

TEST_F(SmallTruths, NoudevsyncIsPassedOnByEveryCommandThatTakesIt) {
  for (const char* line : {"lvchange -ay vg0/one", "vgchange -ay vg0", "lvextend -l+1 vg0/one",
                           "lvreduce -y -l1 vg0/one", "lvresize -l2 vg0/one", "lvrename vg0 two three",
                           "lvcreate -an -Zn -l1 -n x vg0", "lvremove -y vg0/three", "vgremove -y vg0"}) {
    m.must(std::string(line) + " --noudevsync");
    EXPECT_FALSE(m.waits_for_udev) << line;
    m.must("vgs");
    EXPECT_TRUE(m.waits_for_udev);
  }
}

TEST_F(SmallTruths, AnLvThatAKilledCommandLeftSuspendedIsNamedWithWhatMendsIt) {
  m.must("vgchange -ay vg0");
  m.kernel.leave_suspended("vg0-one");
  for (const char* line : {"lvs", "vgs vg0", "vgck vg0", "vgck"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line;
    if (std::string_view(line) == "vgck") continue;
    EXPECT_THAT(ran.err, HasSubstr("Logical volume vg0/one is suspended")) << line;
    EXPECT_THAT(ran.err, HasSubstr("lvchange --refresh vg0/one mends it")) << line;
  }
  EXPECT_THAT(m.run("vgs vg1").err, Not(HasSubstr("suspended")));
  EXPECT_THAT(m.run("why vg0/one").out, HasSubstr("is suspended"));
  m.must("lvchange --refresh vg0/one");
  EXPECT_TRUE(m.kernel.nothing_suspended());
  EXPECT_EQ(m.run("lvs").err, "");
}

TEST(SmallTruthsOfImages, NoControlByteOfAFileNameReachesTheTerminal) {
  ImageMachine m;
  make_file(m.dir / "a\x1b[31m", 64 << 20);
  for (const char* line : {"pvcreate DIR/a\x1b[31m --image DIR/a\x1b[31m", "pvs --image DIR/a\x1b[31m",
                           "pvremove DIR/a\x1b[31m --image DIR/a\x1b[31m", "pvs DIR/no\x1b[31m"}) {
    Ran ran = m.run(line);
    EXPECT_EQ((ran.out + ran.err).find('\x1b'), std::string::npos) << line;
    EXPECT_THAT(ran.out + ran.err, HasSubstr("\\x1b[31m")) << line;
  }
}

TEST_F(SmallTruths, ColumnsOfTheSettingAreHiddenWhereTheyAreEmpty) {
  const std::string out =
      m.must("vgs -o vg_name,vg_tags,vg_attr,vg_profile --config report/compact_output_cols=\"vg_tags,lv_tags\"");
  EXPECT_THAT(out, Not(HasSubstr("VG Tags")));
  EXPECT_THAT(out, HasSubstr("VProfile"));
}

// A usage text of forty lines is no error message.
TEST(LuksOffset, IsWhatCryptsetupSays) {
  EXPECT_EQ(
      ops::luks_offset(
          "/dev/mapper/opened is active and is in use.\n  type:    LUKS2\n  keysize: 512 bits\n  offset:  32768 sectors\n  size:    172032 sectors\n"),
      Bytes{16 << 20});
  EXPECT_EQ(ops::luks_offset("  offset:  32768 [512-byte units] (16777216 [bytes])\n"), Bytes{16 << 20});
  EXPECT_FALSE(ops::luks_offset("/dev/mapper/opened is inactive.\n"));
  EXPECT_FALSE(ops::luks_offset("  offset:  99999999999999999999 sectors\n"));
  EXPECT_FALSE(ops::luks_offset("  offset:  36028797018963968 sectors\n"));
}

TEST(Helpers, ThatFailAreQuotedWithTheLinesThatSayWhy) {
  EXPECT_EQ(
      ops::complaint(
          "mke2fs 1.47.0 (5-Feb-2023)\nmkfs.ext4: invalid option -- 'Z'\nUsage: mkfs.ext4 [-c|-l filename] [-b block-size]\n\t[-C cluster-size]\n"),
      "mkfs.ext4: invalid option -- 'Z'");
  EXPECT_EQ(ops::complaint("\nresize2fs 1.47.0 (5-Feb-2023)\nresize2fs: New size smaller than minimum (2344)\n\n"),
            "resize2fs: New size smaller than minimum (2344)");
  EXPECT_EQ(ops::complaint("one\ntwo\nthree\n"), "one; two");
  EXPECT_EQ(ops::complaint("Usage: x\n"), "it does not say why");
  EXPECT_EQ(ops::complaint("\x1b[31mred\n").find('\x1b'), std::string::npos);
  EXPECT_EQ(ops::complaint(std::string(60000, 'x')).size(), 203U);
}

TEST_F(SmallTruths, AVgGetsNoNewIdWhileACopyOfItIsAwayOrLeftBehind) {
  m.disks.remove("/dev/b");
  Ran ran = m.run("vgchange -u vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("Cannot change VG vg0 while PVs are missing"));
  m.must("vgreduce --removemissing --force vg0");
  m.disks.bring_back("/dev/b");
  ran = m.run("vgchange -u vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("vgck --updatemetadata vg0"));
  m.must("vgck --updatemetadata vg0");
  m.must("vgchange -u vg0");
}

TEST(Vgcfgrestore, WritesNoStatusThatNobodyCouldRead) {
  TestMachine m;
  const TempDir dir;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("vgcfgbackup -f " + dir.path() + "/saved vg0");
  const std::vector<std::byte> bytes = slurp(dir / "saved");
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text.replace(text.find("\"RESIZEABLE\""), 12, "\"RESIZABLE\"");
  put_file(dir / "edited", text);
  const Ran ran = m.run("vgcfgrestore -f " + dir.path() + "/edited vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("Unknown status flag 'RESIZABLE' in VG vg0"));
  m.must("vgcfgrestore -f " + dir.path() + "/saved vg0");
}

TEST(MetadataArea, ThatIsHalfFullIsWarnedOf) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("pvcreate --metadatasize 32k --dataalignment 64k /dev/a");
  m.must("vgcreate vg0 /dev/a");
  const std::string tag(1000, 'x');
  int silent = 0, warned = 0;
  for (int i = 0;; ++i) {
    const Ran ran = m.run("vgchange --addtag " + tag + std::to_string(i) + " vg0");
    if (ran.status != 0) {
      EXPECT_THAT(ran.err, HasSubstr("exceeds the maximum"));
      break;
    }
    (ran.err.find("of what the area on /dev/a can hold") == std::string::npos ? silent : warned) += 1;
    EXPECT_TRUE(warned == 0 || ran.err.find("WARNING: the metadata of VG vg0 takes") != std::string::npos)
        << "it warned before";
  }
  EXPECT_GT(silent, 5);
  EXPECT_GT(warned, 5);
  m.must("vgchange --deltag " + tag + "0 vg0");
}

/// vg0 whose metadata fills its area to the last few bytes: LVs l0, l1, ..., and the tag t.
class FullArea : public testing::Test {
 protected:
  FullArea() {
    m.disk("/dev/a");
    m.must("pvcreate --metadatasize 32k --dataalignment 64k /dev/a");
    m.must("vgcreate -s 64k vg0 /dev/a --addtag t");
    for (int i = 0; m.run("lvcreate -an -Zn -l 1 vg0 -n l" + std::to_string(i)).status == 0; ++i) lvs = i + 1;
    // What no LV finds room in is left to short tags.
    for (int i = 100; i < 300 && m.run("vgchange --addtag x" + std::to_string(i) + " vg0").status == 0; ++i) continue;
    EXPECT_GT(lvs, 20);
    EXPECT_EQ(m.run("vgchange --addtag longer vg0").status, 5);
  }
  std::string description() {
    const std::string text = m.must("pvck --dump metadata /dev/a");
    const std::size_t at = text.find("description = ");
    return text.substr(at, text.find('\n', at) - at);
  }
  TestMachine m;
  static std::string many_quotes() {
    std::string quotes;
    for (int i = 0; i < 2000; ++i) quotes += "\\\"";
    return quotes;
  }
  const std::string longer = " --config 'report/separator=\"" + many_quotes() + "\"'";
  int lvs = 0;
};

TEST_F(FullArea, LetsThingsBeRemovedHoweverLongTheCommandLineIs) {
  m.must("vgchange --deltag t vg0" + longer);
  EXPECT_THAT(description(), StartsWith("description = \"Write from vgchang"));
  EXPECT_THAT(description(), EndsWith("....\""));
  m.must("lvremove -y vg0/l1" + longer);
  m.must("lvremove -y vg0/l2 --json" + longer);
  EXPECT_EQ(m.run("lvremove -y vg0/l3 -t" + longer).status, 0);
  m.input = m.must("lvremove -y vg0/l3 --plan=json" + longer);
  m.must("apply -y -");
  EXPECT_EQ(m.vg("vg0").lvs.size(), static_cast<std::size_t>(lvs) - 3);
  const Ran history = m.run("history vg0");
  EXPECT_THAT(history.out, HasSubstr("vgchange --deltag t vg0"));
  EXPECT_EQ(history.out.find("another history"), std::string::npos) << history.out;
}

TEST_F(FullArea, KeepsACommandLineWholeThatFindsRoom) {
  m.must("lvremove -y vg0/l1");
  EXPECT_EQ(description(), "description = \"Write from lvremove -y vg0/l1.\"");
}

TEST_F(FullArea, TakesNothingMoreByCuttingTheCommandLine) {
  const VolumeGroup before = m.vg("vg0");
  const Ran ran = m.run("vgchange --addtag longer vg0" + longer);
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("only removals make room in it"));
  EXPECT_EQ(m.vg("vg0"), before);
}

TEST(MoreTruths, VgextendAsksWhatIsToBeWipedWhateverItsForce) {
  for (const char* force : {"", "-f ", "-ff "}) {
    TestMachine m;
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a");
    m.disks.disk("/dev/b").plant({"ext4", {1080}, {2}});
    EXPECT_EQ(m.run(std::string("vgextend ") + force + "vg0 /dev/b").status, 5);
    EXPECT_EQ(m.vg("vg0").pvs.size(), 1U) << force;
  }
}

TEST(MoreTruths, AVgIsNotCalledAsSomethingInDev) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  EXPECT_EQ(m.run("vgcreate null /dev/a").status, 3);
  m.must("vgcreate vg0 /dev/a /dev/b");
  const Ran renamed = m.run("vgrename vg0 tty");
  EXPECT_EQ(renamed.status, 5);
  EXPECT_NE(renamed.err.find("/dev/tty: already exists in filesystem"), std::string::npos) << renamed.err;
  EXPECT_NE(m.run("vgsplit vg0 shm /dev/b").status, 0);
  EXPECT_EQ(m.vg("vg0").pvs.size(), 2U);
}

TEST(MoreTruths, NoEventActivatesWhereEventsAreNotToDoSo) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  const std::string off = " /dev/a --config global/event_activation=0";
  EXPECT_EQ(m.must("pvscan --cache -aay" + off), "");
  EXPECT_EQ(m.must("pvscan --cache --listvg --checkcomplete --vgonline --udevoutput" + off),
            "LVM_EVENT_ACTIVATION=0\n");
  EXPECT_EQ(m.kernel.find("vg0-one"), nullptr);
}

TEST(MoreTruths, PvscanSaysOfAVgAndOfEachLvWhetherAllItsPvsHaveAppeared) {
  TestMachine m;
  TempDir dir;
  m.run_dir = dir.path();
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -an -Zn -l 1 -n one vg0 /dev/a");
  m.must("lvcreate -an -Zn -i 2 -l 2 -n wide vg0");
  auto said = [&](const std::string& line) { return std::regex_replace(m.must(line), std::regex("\\[[0-9]+\\]"), ""); };
  const std::string asks = "pvscan --cache --listlvs --checkcomplete ";
  EXPECT_EQ(said(asks + "/dev/a"),
            "  pvscan PV /dev/a online, VG vg0 incomplete (need 1).\n"
            "  VG vg0 incomplete\n  LV vg0/one complete\n  LV vg0/wide incomplete\n");
  EXPECT_EQ(said("pvscan --cache --listvg --checkcomplete --udevoutput /dev/a"), "LVM_VG_NAME_INCOMPLETE='vg0'\n");
  EXPECT_EQ(said(asks + "/dev/b"),
            "  pvscan PV /dev/b online, VG vg0 is complete.\n  VG vg0 complete\n  LV vg0/wide complete\n");
  EXPECT_EQ(said("pvscan --cache --listvg --checkcomplete /dev/b"),
            "  pvscan PV /dev/b online, VG vg0 is complete.\n  VG vg0 complete\n");
  EXPECT_EQ(said("pvscan --cache --listlvs /dev/b"), "  VG vg0\n  LV vg0/wide\n");
  EXPECT_EQ(said("pvscan --cache -b /dev/b"), "  pvscan PV /dev/b online.\n");
  EXPECT_EQ(said("pvscan --cache --background /dev/b"), "  pvscan PV /dev/b online.\n");
  EXPECT_EQ(m.run("pvscan -b").status, 3);
}

TEST(MoreTruths, PvscanSaysOnlyOnceThatAVgIsCompleteWhereItIsToTakeNoteOfThat) {
  TestMachine m;
  TempDir dir;
  m.run_dir = dir.path();
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  auto vg_line = [&](const std::string& line) {
    const std::string said = m.must("pvscan --cache --checkcomplete --vgonline /dev/a " + line);
    return said.substr(std::min(said.find("  VG "), said.size()));
  };
  EXPECT_EQ(vg_line("--listlvs"), "  VG vg0 complete\n  LV vg0/one complete\n");
  EXPECT_EQ(vg_line("--listlvs"), "  VG vg0 finished\n  LV vg0/one complete\n");
  EXPECT_EQ(vg_line("--listvg"), "  VG vg0 finished\n");
  EXPECT_EQ(m.must("pvscan --cache --listvg --checkcomplete --vgonline --udevoutput /dev/a"), "");
  EXPECT_EQ(m.run("pvscan --cache --listlvs --udevoutput /dev/a").status, 3) << "no rule could read that";
}

TEST(MoreTruths, AVgThatIsNotToActivateItselfHasABitOfItsStatusForThat) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  EXPECT_THAT(m.must("vgdisplay -c"), StartsWith("  vg0:r/w:772:"));
  m.must("vgchange --setautoactivation n vg0");
  EXPECT_THAT(m.must("vgdisplay -c"), StartsWith("  vg0:r/w:788:"));
  m.must("vgchange -xn vg0");
  EXPECT_THAT(m.must("vgdisplay -c"), StartsWith("  vg0:r/w:784:"));
}

TEST(MoreTruths, WhatIsOfOneLvOrVgIsNotForWhateverASelectionChooses) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  const std::uint32_t seqno = m.vg("vg0").seqno;
  EXPECT_EQ(m.run("lvchange -My --minor 9 -S lv_name=one").status, 3);
  EXPECT_EQ(m.run("vgchange -y --systemid x -S vg_name=vg0").status, 3);
  EXPECT_EQ(m.run("vgchange -y --systemid x -S vg_name=vg0 vg0").status, 3);
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
  EXPECT_EQ(m.must("lvchange -My --minor 9 -S lv_name=one vg0/one"), "");
  EXPECT_EQ(m.must("lvs --noheadings -o lv_minor vg0/one"), "    9\n");
  EXPECT_EQ(m.must("lvchange -Mn -S lv_name=one"), "  Logical volume vg0/one changed.\n");
}

TEST(MoreTruths, APartOfFullreportHasNoFieldsOfAnother) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  const std::map<std::string, std::string> refused = {{"vg", "lv_name pv_name pvseg_start seg_start"},
                                                      {"lv", "pv_name pvseg_start seg_start"},
                                                      {"pv", "lv_name pvseg_start seg_start"},
                                                      {"pvseg", ""},
                                                      {"seg", "pv_name pvseg_start"}};
  for (const auto& [part, fields] : refused) {
    for (const std::string field : {"vg_name", "lv_name", "pv_name", "pvseg_start", "seg_start"}) {
      const Ran ran = m.run("fullreport --configreport " + part + " -o " + field);
      EXPECT_EQ(ran.status, (" " + fields + " ").find(" " + field + " ") != std::string::npos ? 5 : 0)
          << part << " " << field;
      EXPECT_EQ(ran.out.empty(), ran.status != 0);
    }
  }
  EXPECT_EQ(m.run("fullreport --configreport vg -o vg_name -S lv_name=one").status, 5);
  EXPECT_EQ(m.run("fullreport --configreport vg -o vg_name -O lv_name").status, 5);
}

TEST(MoreTruths, ListsAreSilentWhereOnlyTheStatusIsWanted) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  for (const char* line : {"vgscan", "pvscan", "lvscan"}) {
    EXPECT_NE(m.must(line), "") << line;
    EXPECT_EQ(m.must(std::string(line) + " -qq"), "") << line;
  }
}

}  // namespace
}  // namespace ashlar::test
