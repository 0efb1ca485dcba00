// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Why : public testing::Test {
 protected:
  Why() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 4 -n data vg0 /dev/a");
  }
  TestMachine m;
};

TEST_F(Why, OfASoundVgTellsWhatCanStillBeHad) {
  EXPECT_EQ(m.must("why vg0"), R"(  vg0:
      Nothing is wrong with it: 2 PVs, 1 LVs, seqno 2, all copies alike.
      26 extents (104.00 MiB, 109051904 bytes) of 30 extents (120.00 MiB, 125829120 bytes) are free.
      A new LV can have at most 26 extents (104.00 MiB, 109051904 bytes) with allocation policy normal: lvcreate -l 26.
      With --alloc contiguous: 15 extents (60.00 MiB, 62914560 bytes).
      With --alloc cling: 15 extents (60.00 MiB, 62914560 bytes).
      With 2 stripes: 22 extents (88.00 MiB, 92274688 bytes).
)");
  m.must("lvcreate -an -Zn -l 26 -n all vg0");
  EXPECT_THAT(m.must("why vg0"), HasSubstr("! A new LV can have nothing with allocation policy normal: "));
}

TEST_F(Why, FreeExtentsAreNotUsedIsTold) {
  m.must("pvchange -xn /dev/b");
  EXPECT_THAT(
      m.run("why vg0").out,
      HasSubstr(
          "! No LV is given what is free on PV /dev/b, 15 extents (60.00 MiB, 62914560 bytes): it is not allocatable."));
  EXPECT_THAT(m.run("why vg0").out, HasSubstr("ashlar pvchange -xy /dev/b"));
}

TEST_F(Why, OfALvIsToldWithoutAKernelToo) {
  m.kernel.set_available(false);
  const Ran ran = m.run("why vg0/data");
  EXPECT_THAT(ran.out, HasSubstr("There is no device-mapper"));
  EXPECT_THAT(ran.out, HasSubstr("It can grow"));
}

TEST_F(Why, OfALvTellsWhatKeepsItInactiveAndHowFarItCanGrow) {
  EXPECT_THAT(m.must("why vg0/data"),
              HasSubstr("! It is not active; nothing keeps it from it.\n        -> ashlar lvchange -ay vg0/data\n"));
  EXPECT_THAT(
      m.must("why vg0/data"),
      HasSubstr(
          "It can grow by at most 26 extents (104.00 MiB, 109051904 bytes) with allocation policy normal: lvextend -l +26."));
  m.must("lvextend -l +26 vg0/data");
  EXPECT_THAT(m.must("why vg0/data"), HasSubstr("! It can grow by nothing with allocation policy normal: "));
  m.must("lvchange -ay vg0/data");
  EXPECT_THAT(m.must("why /dev/vg0/data"), HasSubstr("It is active as vg0-data."));
}

TEST_F(Why, OfADeviceNamesTheLineOfThePatternThatDecides) {
  m.lvm_conf = "devices {\nfilter = [\n\"a|/other$|\",\n\"r|.*|\"\n]\n}";
  m.rules = {{"devices/filter", false, "r|.*|", 1}};
  EXPECT_THAT(m.must("why /dev/a"), HasSubstr("\"r|.*|\" of devices/filter (--config:4) rejects it"));
  m.rules = {{"devices/filter", true, "", 0}};
  EXPECT_THAT(m.must("why /dev/a"), HasSubstr("No pattern of devices/filter (--config:2) matches it"));
}

TEST_F(Why, OfADeviceNamesTheDevicesFileAndItsEntry) {
  m.rules = {{"/etc/lvm/devices/system.devices", true, "IDTYPE=devname IDNAME=/dev/a", 0}};
  EXPECT_THAT(
      m.must("why /dev/a"),
      HasSubstr("      The devices file /etc/lvm/devices/system.devices lists it: IDTYPE=devname IDNAME=/dev/a.\n"));
  m.rules = {{"/etc/lvm/devices/system.devices", false, "", 0}};
  EXPECT_THAT(m.must("why /dev/a"), HasSubstr("! The devices file /etc/lvm/devices/system.devices does not list it, so "
                                              "it is not looked at.\n        -> ashlar lvmdevices --adddev /dev/a\n"));
}

TEST_F(Why, OfALvNamesTheFlagTheListAndItsPlace) {
  m.must("lvchange -ky vg0/data");
  EXPECT_THAT(
      m.must("why vg0/data"),
      HasSubstr(
          "it is flagged to be skipped; --ignoreactivationskip (-K) activates it.\n        -> ashlar lvchange -ay -K vg0/data"));
  m.must("lvchange -kn vg0/data");
  EXPECT_THAT(
      m.must("why vg0/data --config 'activation/volume_list=[\"other\"]'"),
      HasSubstr(
          "! Not activating vg0/data since it does not pass activation filter (activation/volume_list). (--config:1)"));
  m.must("lvchange --setautoactivation n vg0/data");
  EXPECT_THAT(m.must("why vg0/data"), HasSubstr("! Events and the boot do not activate it: "));
}

TEST_F(Why, OfAPartialVgNamesThePvAndWhatLiesOnIt) {
  m.disks.remove("/dev/a");
  const std::string vg = m.must("why vg0");
  EXPECT_THAT(vg, HasSubstr("(last seen at /dev/a) is missing; LVs on it: data."));
  EXPECT_THAT(vg, HasSubstr("-> bring the disk back, then ashlar vgextend --restoremissing vg0 DEVICE"));
  EXPECT_THAT(vg, HasSubstr("! No LV can be made in it or grow: Cannot change VG vg0 while PVs are missing"));
  EXPECT_THAT(m.must("why vg0/data"), HasSubstr("! A PV that it lies on is missing."));
}

TEST_F(Why, OfACopyThatNoScanHadToReadSaysThatItIsDamaged) {
  const std::vector<std::byte> rubbish(200 * 512, std::byte{0x5a});  // behind the header: all texts of the ring
  m.disks.disk("/dev/b").poke({4096 + 512}, rubbish);
  const std::string mend = "-> ashlar repair vg0";
  const std::string vg = m.must("why vg0");
  EXPECT_THAT(vg, AllOf(HasSubstr("! metadata area 1 of /dev/b: its text at offset"), HasSubstr(mend)));
  EXPECT_THAT(vg, Not(HasSubstr("Nothing is wrong")));
  EXPECT_THAT(m.must("why /dev/b"), AllOf(HasSubstr("! metadata area 1 of /dev/b: its text"), HasSubstr(mend)));
  EXPECT_THAT(m.must("why /dev/a"), Not(HasSubstr("!")));
}

TEST_F(Why, OfAnExportedAndAForeignVgSaysWhoseItIs) {
  m.must("vgexport vg0");
  EXPECT_THAT(m.must("why vg0"), HasSubstr("! It is exported: nobody may use it.\n        -> ashlar vgimport vg0"));
  m.must("vgimport vg0");
  m.must("vgchange -y --systemid other vg0 --config local/extra_system_ids=[\"other\"]");
  EXPECT_THAT(m.must("why vg0"), HasSubstr("! It belongs to another host: its system ID is other"));
  EXPECT_THAT(m.must("why vg0/data"), HasSubstr("! It cannot grow: Cannot access VG vg0 with system ID other"));
}

TEST_F(Why, OfAVgThatIsGoneAsksItsPast) {
  m.must("vgremove -y vg0");
  const std::string text = m.must("why vg0");
  EXPECT_THAT(text, HasSubstr("! It is not there: no PV that can be seen has it. Its last known state is seqno "));
  EXPECT_THAT(text, HasSubstr("-> ashlar history vg0; or, if it was removed: vgcfgrestore -f "));
  EXPECT_THAT(text, HasSubstr("is /dev/a, of no VG now."));
  m.disks.remove("/dev/b");
  EXPECT_THAT(m.must("why vg0"), HasSubstr("(last seen at /dev/b) is on no device that is looked at."));
  EXPECT_EQ(m.run("why nope").status, 5);
  EXPECT_EQ(m.run("why vg0/nope").status, 5);
}

TEST_F(Why, OfADeviceSaysWhoseItIsAndWhatLiesOnIt) {
  EXPECT_THAT(m.must("why /dev/a"), HasSubstr("It is a PV of VG vg0, id "));
  EXPECT_THAT(
      m.must("why /dev/c"),
      HasSubstr(
          "! It is no PV: it has no label.\n        -> ashlar pvcreate /dev/c\n      Nobody uses it: it could become a PV.\n"));
  m.disks.disk("/dev/c").plant({"ext4", {1080}, {2}});
  EXPECT_THAT(m.must("why /dev/c"), HasSubstr("! It carries a signature of ext4 at offset 1080"));
  m.disk("/dev/small", {1 << 20});
  EXPECT_THAT(m.must("why /dev/small"),
              HasSubstr("! It is too small to become a PV: 1048576 bytes, devices/pv_min_size asks for 2097152."));
  EXPECT_EQ(m.run("why /dev/nope").status, 5);
}

TEST_F(Why, OfAnUnusedPvSaysThatItIsOne) {
  m.disk("/dev/d");
  m.must("pvcreate /dev/d");
  EXPECT_THAT(m.must("why /dev/d"), HasSubstr("It is a PV of no VG, id "));
}

TEST_F(Why, AnswersInJson) {
  const Json doc = Json::parse(m.must("why vg0 /dev/c --json"));
  ASSERT_EQ(doc.at("objects").size(), 2U);
  EXPECT_EQ(doc["objects"][0].at("kind"), "vg");
  EXPECT_EQ(doc["objects"][1].at("kind"), "device");
  EXPECT_EQ(doc["objects"][1].at("findings").at(1).at("good"), false);
  EXPECT_EQ(doc["objects"][1].at("findings").at(1).at("mend"), "ashlar pvcreate /dev/c");
  EXPECT_EQ(m.run("why").status, 3);
}

}  // namespace
}  // namespace ashlar::test
