// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

TEST(Pvcreate, RefusesASecondMetadataAreaBeyondTheDeviceBeforeItWritesAnything) {
  TestMachine m;
  m.disk("/dev/a");
  m.disks.forget_log();
  Ran ran = m.run("pvcreate -y --setphysicalvolumesize 128m --pvmetadatacopies 2 /dev/a");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("--setphysicalvolumesize"), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST(Pvcreate, TakesTheMetadataSizeOfTheSettingsUnlessAnOptionGivesOne) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("pvcreate --config metadata/pvmetadatasize=8192 /dev/a");
  m.must("pvcreate --config metadata/pvmetadatasize=8192 --metadatasize 1m /dev/b");
  store::Picture picture = m.look();
  EXPECT_GE(picture.scan.pvs[0].mdas[0].area.size.n, std::uint64_t{4} << 20);
  EXPECT_LT(picture.scan.pvs[1].mdas[0].area.size.n, std::uint64_t{4} << 20);
}

}  // namespace
}  // namespace ashlar::test
