// SPDX-License-Identifier: LGPL-2.1-or-later
// VGs that belong to a host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using ::testing::HasSubstr;

const std::string kH1 = " --config 'global/system_id_source=lvmlocal local/system_id=h1'";
const std::string kH2 = " --config 'global/system_id_source=lvmlocal local/system_id=h2'";

struct OwnedVg : ::testing::Test {
  OwnedVg() {
    m.disk("/dev/a").disk("/dev/b");
    created = m.must("vgcreate vg0 /dev/a" + kH1);
  }
  TestMachine m;
  std::string created;
};

TEST_F(OwnedVg, IsMadeWithTheHostsId) {
  EXPECT_THAT(created, HasSubstr("Volume group \"vg0\" successfully created with system ID h1"));
  EXPECT_EQ(m.vg("vg0").system_id, "h1");
}

TEST_F(OwnedVg, IsItsHostsToUse) {
  m.must("vgchange --addtag t vg0" + kH1);
  m.must("lvcreate -an -Zn -l1 -n lv vg0" + kH1);
  EXPECT_EQ(m.must("vgs --noheadings -o vg_name,systemid" + kH1), "  vg0 h1       \n");
}

TEST_F(OwnedVg, IsHiddenFromOthersAndRefusedByName) {
  for (const std::string& other : {kH2, std::string()}) {
    EXPECT_EQ(m.must("vgs --noheadings" + other), "");
    EXPECT_THAT(m.must("vgs --noheadings --foreign" + other), HasSubstr("vg0"));
    Ran ran = m.run("vgchange --addtag t vg0" + other);
    EXPECT_EQ(ran.status, 5);
    EXPECT_THAT(ran.err, HasSubstr("Cannot access VG vg0 with system ID h1 with " +
                                   std::string(other.empty() ? "unknown local system ID." : "local system ID h2.")));
  }
}

TEST_F(OwnedVg, IsUsedByAHostThatHasItsIdAsAnExtraOne) {
  m.must(
      "vgchange --addtag t vg0 --config 'global/system_id_source=lvmlocal local/system_id=h2 local/extra_system_ids=[\"h1\"]'");
  EXPECT_EQ(m.run("vgchange --addtag u vg0 --config 'local/extra_system_ids=[\"h1\"]'").status, 5)
      << "extra ones alone do not count";
}

TEST(SystemId, ComesFromWhereTheSettingSays) {
  auto id = [](const std::string& config) {
    TestMachine m;
    m.disk("/dev/a");
    m.must("vgcreate vg0 /dev/a --config '" + config + "'");
    return m.vg("vg0").system_id;
  };
  const std::string file = ::testing::TempDir() + "ashlar-system-id";
  std::ofstream(file) << "# a comment\n\n  my host!\nsecond\n";
  EXPECT_EQ(id("global/system_id_source=uname"), "host");
  EXPECT_EQ(id("global/system_id_source=file global/system_id_file=\"" + file + "\""), "myhost");
  EXPECT_EQ(id("global/system_id_source=lvmlocal local/system_id=\"a b$c\""), "abc");
  EXPECT_EQ(id("global/system_id_source=lvmlocal local/system_id=localhost1"), "");
  EXPECT_EQ(id("global/system_id_source=bogus"), "");
  EXPECT_EQ(id("local/system_id=h1"), "");
  std::remove(file.c_str());
}

// lvm2 derives it from /etc/machine-id and a number of its own.
TEST(SystemId, ThatOnlyLvm2CanWorkOutKeepsVgsFromLookingLikeAnotherHosts) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a" + kH1);
  const std::string setting = " --config 'global/system_id_source=\"appmachineid\"'";
  for (const std::string line :
       {"vgs", "lvcreate -an -Zn -l1 vg0", "vgcreate vg1 /dev/b", "vgimport vg0", "pvscan", "systemid"}) {
    Ran ran = m.run(line + setting);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_EQ(ran.out, "") << line;
    EXPECT_THAT(ran.err, HasSubstr("local/system_id to what `lvm systemid` says")) << line;
  }
  EXPECT_EQ(m.look().vgs.size(), 1U);
  EXPECT_THAT(m.must("vgs --noheadings --foreign -o +systemid --config 'global/system_id_source=\"none\"'"),
              HasSubstr("h1"));
}

TEST(SystemId, IsThatOfTheHostOnWhichEnsureMakesAVg) {
  TestMachine m;
  m.disk("/dev/a");
  m.input = R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"]}]})";
  m.must("ensure -" + kH1);
  EXPECT_EQ(m.vg("vg0").system_id, "h1");
}

TEST(SystemId, CanBeGivenToAnotherHost) {
  TestMachine m;
  m.disk("/dev/a");
  Ran ran = m.run("vgcreate vg0 /dev/a --systemid other");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("not be accessible on this host"));
  EXPECT_EQ(m.vg("vg0").system_id, "other");
}
}  // namespace
}  // namespace ashlar::test
