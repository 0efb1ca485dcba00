// SPDX-License-Identifier: LGPL-2.1-or-later
// pvs that asks for fields of PV labels alone has a row for each label, as that of lvm2 2.03.16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class LabelsAlone : public testing::Test {
 protected:
  LabelsAlone() {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c", "/dev/d"}) m.disk(path);
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("pvcreate /dev/c");
  }
  std::string rows(const std::string& line) { return m.must(line + " --noheadings --separator :"); }
  TestMachine m;
};

TEST_F(LabelsAlone, HaveNoRowOfAPvThatIsMissing) {
  m.disks.remove("/dev/b");
  for (const char* line :
       {"pvs -o pv_name", "pvs -o pv_name -O -pv_uuid", "pvs -o pv_name -S dev_size>1", "pvdisplay -C -o pv_name"})
    EXPECT_EQ(rows(std::string(line) + " --config report/headings=0").find("unknown"), std::string::npos) << line;
  EXPECT_EQ(rows("pvs -o pv_name"), "  /dev/a\n  /dev/c\n");
  for (const char* line :
       {"pvs", "pvs -o pv_name,vg_name", "pvs -o pv_name -O vg_name", "pvs -o pv_name -S vg_name=vg0",
        "pvs -o pv_name --segments", "pvs -o pv_name,pv_missing", "vgs -o pv_name", "pvdisplay -c"})
    EXPECT_NE(m.must(line).find("[unknown]"), std::string::npos) << line;
}

TEST_F(LabelsAlone, HaveNoRowOfADeviceWithoutOne) {
  EXPECT_EQ(rows("pvs -a -o pv_name"), "  /dev/a\n  /dev/b\n  /dev/c\n");
  EXPECT_EQ(rows("pvs -a -o pv_name,dev_size -S dev_size>1 --units m"),
            "  /dev/a:64.00m\n  /dev/b:64.00m\n  /dev/c:64.00m\n");
  EXPECT_EQ(rows("pvs -a -o pv_name,vg_name"), "  /dev/a:vg0\n  /dev/b:vg0\n  /dev/c:\n  /dev/d:\n");
}

TEST_F(LabelsAlone, HaveARowOfAPvThatLeftItsVg) {
  const std::vector<std::byte> then = m.disks.disk("/dev/b").peek({0}, 1 << 20);
  m.must("vgreduce vg0 /dev/b");
  m.disks.disk("/dev/b").poke({0}, then);
  EXPECT_EQ(rows("pvs -o pv_name"), "  /dev/a\n  /dev/b\n  /dev/c\n");
  EXPECT_EQ(rows("pvs -o pv_name,vg_name"), "  /dev/a:vg0\n  /dev/c:\n");
}

TEST_F(LabelsAlone, HaveARowOfAPvOfAnotherHost) {
  m.must("vgchange -y --systemid other vg0");
  EXPECT_EQ(rows("pvs -o pv_name"), "  /dev/a\n  /dev/b\n  /dev/c\n");
  EXPECT_EQ(rows("pvs -o pv_name /dev/a"), "  /dev/a\n");
  EXPECT_EQ(rows("pvs -o pv_name,vg_name"), "  /dev/c:\n");
  for (const char* line : {"pvs /dev/a", "pvs -o pv_name,vg_name /dev/c /dev/a", "pvdisplay -c /dev/a", "vgck vg0"})
    EXPECT_EQ(m.run(line).status, 5) << line;
  m.must("pvs --foreign /dev/a");
  m.must("pvdisplay --foreign /dev/a");
  m.must("vgck");
}

}  // namespace
}  // namespace ashlar::test
