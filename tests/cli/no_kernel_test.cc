// SPDX-License-Identifier: LGPL-2.1-or-later
// Machines without device-mapper, and command lines that leave it alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class NoKernel : public testing::Test {
 protected:
  NoKernel() {
    m.disk("/dev/a");
    m.must("vgcreate vg0 /dev/a");
  }
  TestMachine m;
};

TEST_F(NoKernel, ReportsAreWholeAndSaySoOfWhatTheyDoNotKnow) {
  m.kernel.set_available(false);
  Ran ran = m.run("vgs --noheadings -o vg_name");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "  vg0\n");
  EXPECT_NE(ran.err.find("WARNING: The device-mapper driver is not in the kernel."), std::string::npos) << ran.err;
}

TEST_F(NoKernel, ANewLvIsInactiveAndClearedThroughItsPv) {
  std::vector<std::byte> old(8192, std::byte{0x5a});
  ASSERT_TRUE(m.disks.disk(0).write({1 << 20}, old).ok());
  m.must("lvcreate -l 1 -n one vg0 --driverloaded n");
  EXPECT_TRUE(m.kernel.devices().empty());
  ASSERT_TRUE(m.disks.disk(0).read({1 << 20}, old).ok());
  EXPECT_TRUE(std::all_of(old.begin(), old.begin() + 4096, [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_EQ(old[4096], std::byte{0x5a}) << "no more than activation would clear";
  EXPECT_NE(m.run("lvcreate -an -l 1 -n two vg0 --config global/activation=0").err.find("vg0/two not zeroed"),
            std::string::npos);
}

TEST_F(NoKernel, ActivationIsPassedOverWhereItIsOff) {
  m.must("lvcreate -an -Zn -l 1 -n one vg0");
  EXPECT_EQ(m.run("lvchange -ay vg0/one vg0/nope --config global/activation=0").status, 5);
  for (const char* line : {"vgchange -ay vg0 --driverloaded n", "lvchange -ay vg0/one --config global/activation=0"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line;
    EXPECT_NE(ran.err.find("Activation is off"), std::string::npos) << ran.err;
  }
  EXPECT_TRUE(m.kernel.devices().empty());
  m.kernel.set_available(false);
  EXPECT_EQ(m.run("vgchange -ay vg0").status, 5) << "a driver that should be there is another matter";
}

}  // namespace
}  // namespace ashlar::test
