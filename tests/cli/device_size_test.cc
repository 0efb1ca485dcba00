// SPDX-License-Identifier: LGPL-2.1-or-later
// PVs whose device became smaller than their VG says. lvm2 2.03.16 warns and goes on; here nothing new is put past the
// end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "image_machine.h"
#include "metadata/model/query.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kDevice[] =
    "WARNING: Device /dev/a has size of 65536 sectors which is smaller than corresponding PV size of 131072 sectors. Was device resized?";
constexpr char kVg[] = "WARNING: One or more devices used as PVs in VG vg0 have changed sizes.";

/// Two PVs of 15 extents; 7 of the first are left when it is cut.
class DeviceSize : public testing::Test {
 protected:
  DeviceSize() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("vgcreate vg1 /dev/c");
    m.must("lvcreate -an -Zn -l 2 -n before vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 2 -n across vg0 /dev/a:6-7");
    m.must("lvcreate -an -Zn -l 2 -n behind vg0 /dev/a:12-13");
  }
  void cut() { m.disks.disk("/dev/a").resize({32 << 20}); }
  TestMachine m;
};

TEST_F(DeviceSize, IsWarnedOfByEveryCommandThatReadsTheVg) {
  cut();
  for (const char* line : {"pvs", "vgs", "lvs", "vgs vg0", "pvscan", "vgscan", "lvscan", "pvdisplay", "vgdisplay vg0",
                           "lvdisplay", "fullreport", "lvchange --addtag t vg0/before", "vgchange -an vg0",
                           "vgcfgbackup vg0", "vgcfgbackup", "lvs vg0/before", "pvs /dev/a"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(kDevice)) << line;
    EXPECT_THAT(ran.err, HasSubstr(kVg)) << line;
    EXPECT_EQ(ran.err.find(kVg), ran.err.rfind(kVg)) << line << " says it twice";
  }
  EXPECT_THAT(m.run("pvs --json").out, HasSubstr("Was device resized?"));
  EXPECT_THAT(m.run("vgs vg1").err, Not(HasSubstr("resized")));
  EXPECT_THAT(m.run("vgs --config metadata/check_pv_device_sizes=0").err, Not(HasSubstr("resized")));
  EXPECT_THAT(m.run("why vg0").out, HasSubstr("Was device resized?"));
}

TEST_F(DeviceSize, KeepsNoBatchFromAddingLvsWhereThereIsRoom) {
  cut();
  m.input = "lvcreate -an -Zn -l 1 -n one vg0\nlvcreate -an -Zn -l 1 -n two vg0\nlvcreate -an -Zn -l 1 -n three vg0\n";
  const Ran ran = m.run("batch");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 6U);
}

TEST_F(DeviceSize, IsAFaultThatVgckFinds) {
  m.must("vgck");
  cut();
  for (const char* line : {"vgck", "vgck vg0"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr(kDevice)) << line;
    EXPECT_THAT(ran.err, HasSubstr("pvresize makes PVs of VG vg0 as large as their devices")) << line;
  }
  m.must("vgck vg1");
  m.must("vgck vg0 --config metadata/check_pv_device_sizes=0");
}

TEST_F(DeviceSize, IsNothingThatRepairPassesOver) {
  EXPECT_THAT(m.must("repair -y vg0"), HasSubstr("VG vg0: nothing to repair."));
  cut();
  for (const char* line : {"repair -y", "repair -y vg0"}) {
    m.disks.forget_log();
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_EQ(m.disks.write_count(), 0U) << line;
    EXPECT_THAT(ran.out, Not(HasSubstr("VG vg0: nothing to repair."))) << line;
    EXPECT_THAT(ran.err, HasSubstr(kDevice)) << line;
    EXPECT_THAT(ran.err, HasSubstr(kVg)) << line;
    EXPECT_THAT(ran.err, HasSubstr("Devices are smaller than PVs of VG vg0: what lies past their ends is lost."))
        << line;
    EXPECT_THAT(ran.err, HasSubstr("pvresize makes PVs of VG vg0 as large as their devices")) << line;
  }
  EXPECT_THAT(m.must("repair -y vg1"), HasSubstr("VG vg1: nothing to repair."));
  m.must("repair -y vg0 --config metadata/check_pv_device_sizes=0");
}

TEST_F(DeviceSize, LargerOnesAreNotSpokenOf) {
  m.disks.disk("/dev/a").resize({128 << 20});
  EXPECT_EQ(m.run("vgs").err, "");
}

TEST_F(DeviceSize, NothingNewIsPutPastTheEnd) {
  cut();
  for (const char* line : {"lvcreate -an -Zn -l 6 -n new vg0 /dev/a", "lvcreate -an -Zn -l 1 -n new vg0 /dev/a:8-11",
                           "lvextend -l +6 vg0/before /dev/a", "lvcreate -an -Zn -l 20 -n new vg0",
                           "lvcreate -an -Zn -l 6 -n new vg0 /dev/a --config metadata/check_pv_device_sizes=0"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(
        ran.err,
        HasSubstr(
            "Of /dev/a, extents from 7 on are not given out: it has only 65536 sectors of 131072; pvresize /dev/a"))
        << line;
  }
  m.must("lvcreate -an -Zn -l 100%FREE -n rest vg0");
  const VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(find_lv(vg, "rest")->extents(), Extents{4 + 15});
  EXPECT_THAT(m.run("why vg0").out, HasSubstr("A new LV can have nothing"));
  m.must("lvremove -y vg0/rest");
  EXPECT_THAT(m.run("why vg0").out, HasSubstr("A new LV can have at most 19 extents"));
}

TEST_F(DeviceSize, WhatHistoryHadPastTheEndDoesNotComeBack) {
  m.must("lvremove -y vg0/behind");
  cut();
  Ran ran = m.run("undo -y vg0");
  EXPECT_EQ(ran.status, 5) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("past the end of /dev/a"));
  EXPECT_THAT(ran.err, HasSubstr("65536 sectors"));
  EXPECT_EQ(find_lv(m.vg("vg0"), "behind"), nullptr);
}

TEST_F(DeviceSize, LvsPastTheEndAreNotActivatedAndTheOthersAre) {
  cut();
  for (const char* lv : {"across", "behind"}) {
    Ran ran = m.run(std::string("lvchange -ay vg0/") + lv);
    EXPECT_EQ(ran.status, 5);
    EXPECT_THAT(ran.err, HasSubstr(std::string("Logical volume vg0/") + lv));
    EXPECT_THAT(ran.err, HasSubstr("/dev/a, which has only 65536 sectors"));
    EXPECT_THAT(m.run(std::string("why vg0/") + lv).out, HasSubstr("which has only 65536 sectors"));
  }
  EXPECT_TRUE(m.kernel.devices().empty());
  Ran all = m.run("vgchange -ay vg0");
  EXPECT_EQ(all.status, 5);
  EXPECT_NE(m.kernel.find("vg0-before"), nullptr);
  EXPECT_EQ(m.kernel.devices().size(), 1U);
}

TEST_F(DeviceSize, ActiveLvsPastTheEndCanStillGoAway) {
  m.must("vgchange -ay vg0");
  cut();
  m.must("lvchange -an vg0/behind");
  m.must("lvremove -y vg0/behind vg0/across");
  m.must("pvresize /dev/a");
  EXPECT_EQ(m.run("vgs vg0").err, "");
  m.must("vgck vg0");
}

TEST(ImageSize, OfAFileThatWasCutOffIsNoticed) {
  ImageMachine m;
  make_file(m.dir / "a", 64 << 20);
  m.must("vgcreate vg0 DIR/a --image DIR/a");
  std::filesystem::resize_file(m.dir / "a", 32 << 20);
  Ran seen = m.run("vgs --image DIR/a");
  EXPECT_EQ(seen.status, 0);
  EXPECT_THAT(seen.err,
              HasSubstr("/a has size of 65536 sectors which is smaller than corresponding PV size of 131072 sectors."));
  EXPECT_EQ(m.run("lvcreate -an -l 8 -n new vg0 --image DIR/a").status, 5);
  m.must("lvcreate -an -l 7 -n new vg0 --image DIR/a");
}

}  // namespace
}  // namespace ashlar::test
