// SPDX-License-Identifier: LGPL-2.1-or-later
// A refusal begins as LVM2's does, and goes on with the numbers and the command that would mend it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Mends : public testing::Test {
 protected:
  Mends() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/d");
    m.must("vgcreate vg0 /dev/a /dev/b");
  }
  std::string refusal(const std::string& line) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    return ran.err;
  }
  TestMachine m;
};

TEST_F(Mends, AVolumeThatGrowsInMoreStripesThanThereArePvsNamesBothNumbers) {
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  EXPECT_THAT(refusal("lvextend -l +3 -i3 vg0/one"),
              HasSubstr("Insufficient suitable allocatable extents for logical volume one: 3 more required. 3 stripes "
                        "need as many PVs with free extents, and 2 of those that may be used have any: vgextend vg0 "
                        "DEVICE adds one, -i 2 does with them.\n"));
  EXPECT_THAT(refusal("lvextend -l +2 -i2 vg0/one /dev/a"),
              HasSubstr("2 stripes need as many PVs with free extents, and 1 of those that may be used has any: "));
}

TEST_F(Mends, AVgThatHoldsNoMorePvsNamesVgchange) {
  m.must("vgchange -p 2 vg0");
  EXPECT_THAT(refusal("vgextend vg0 /dev/c /dev/d"),
              HasSubstr("No space for '/dev/c' - volume group 'vg0' holds max 2 physical volume(s). vgchange -p 4 vg0 "
                        "makes room for it.\n"));
  m.must("vgchange -p 4 vg0");
  m.must("vgextend vg0 /dev/c /dev/d");
}

TEST_F(Mends, ExtentSizesThatDifferAreToldWithTheirUnit) {
  m.must("vgcreate -s 8m vg1 /dev/c");
  for (const char* line : {"vgmerge vg0 vg1", "vgsplit vg1 vg0 /dev/c"})
    EXPECT_THAT(refusal(line), HasSubstr("Extent sizes differ: 8192 (vg0) and 16384 (vg1) sectors, 4.00 MiB and 8.00 "
                                         "MiB: vgchange -s 8192s vg1 makes them alike\n"))
        << line;
}

TEST_F(Mends, AFilesystemIsNotResizedOnAnInactiveVolumeAndTheCommandThatActivatesItIsNamed) {
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  EXPECT_THAT(refusal("lvresize -r -l +1 vg0/one"),
              HasSubstr("Logical volume vg0/one must be activated before resizing filesystem. lvchange -ay vg0/one "
                        "activates it.\n"));
}

TEST_F(Mends, OfTwoVgsWithOneNameOneIsToBeRenamedByItsId) {
  TestMachine elsewhere;
  elsewhere.disk("/dev/c");
  for (const char* line : {"vgcreate other /dev/c", "vgremove other", "pvremove /dev/c", "vgcreate vg0 /dev/c"})
    elsewhere.must(line);
  m.disks.disk("/dev/c").poke({0}, elsewhere.disks.disk("/dev/c").peek({0}, 2 << 20));
  const store::Picture picture = m.look();
  ASSERT_EQ(picture.vgs.size(), 2U);
  const std::string first = picture.vgs[0].vg.id.dashed(), second = picture.vgs[1].vg.id.dashed();
  const std::string said = "Multiple VGs found with the same name vg0: " + first + " and " + second + ". vgrename " +
                           second + " NEWNAME gives one of them another";
  for (const char* line : {"lvcreate -an -Zn -l 1 -n x vg0", "why vg0", "why vg0/x"})
    EXPECT_THAT(refusal(line), HasSubstr(said)) << line;
  m.must("vgrename " + second + " vg2");
  m.must("why vg0");
}

TEST_F(Mends, ASizeThatIsNotTheDevicesIsToldWithBothNumbersAndWhatAgreesToIt) {
  EXPECT_THAT(
      refusal("pvresize --setphysicalvolumesize 48m /dev/a"),
      HasSubstr("Physical Volume /dev/a not resized. It was asked for 48.00 MiB (50331648 bytes) and its device "
                "has 64.00 MiB (67108864 bytes): -y agrees to that.\n"));
  m.must("pvresize -y --setphysicalvolumesize 48m /dev/a");
}

TEST_F(Mends, AVgOfAnotherHostNamesTheWayHere) {
  m.must("vgchange -y --systemid other vg0 --config local/extra_system_ids=[\"other\"]");
  const std::string way =
      "on that host: vgexport vg0; or here, if that host is no more: ashlar vgchange -y --systemid '' --config "
      "'local/system_id=\"other\" global/system_id_source=\"lvmlocal\"' vg0";
  EXPECT_THAT(
      refusal("lvcreate -an -Zn -l 1 -n x vg0"),
      HasSubstr("Cannot access VG vg0 with system ID other with unknown local system ID. To have it here, " + way));
  const std::string why = m.must("why vg0");
  EXPECT_THAT(why, HasSubstr("-> " + way));
  EXPECT_EQ(why.find(way), why.rfind(way)) << "once is enough: " << why;
}

}  // namespace
}  // namespace ashlar::test
