// SPDX-License-Identifier: LGPL-2.1-or-later
// VGs whose PVs are not all there: activation of their LVs, and what is changed in them all the same.
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class Partial : public testing::Test {
 protected:
  Partial() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    m.must("lvcreate -an -Zn -l 3 -n whole vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 3 -n part vg0 /dev/a");
    m.must("lvextend -l +2 vg0/part /dev/b");
    m.disks.remove("/dev/b");
  }
  std::size_t devices() const { return m.kernel.devices().size(); }
  TestMachine m;
};

TEST_F(Partial, LvsAreRefusedUnlessAskedForAndTheRestIsActivated) {
  for (const char* mode : {"", " --activationmode complete", " --activationmode degraded"}) {
    Ran ran = m.run(std::string("vgchange -ay vg0") + mode);
    EXPECT_EQ(ran.status, 5);
    EXPECT_NE(ran.err.find("Refusing activation of partial logical volume vg0/part"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("--activationmode partial"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find("1 logical volume(s) in volume group \"vg0\" now active"), std::string::npos) << ran.out;
  }
  EXPECT_EQ(m.run("vgchange -ay --activationmode some vg0").status, 3);
}

TEST_F(Partial, LvsAreRefusedWithWhatTheCommandTakes) {
  for (const char* line : {"tables vg0", "tables vg0/part", "lv read vg0/part -f /dev/null"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("Logical volume vg0/part is partial: "), std::string::npos) << line << ran.err;
    EXPECT_NE(ran.err.find("ashlar why vg0 says what can be done"), std::string::npos) << line << ran.err;
    EXPECT_EQ(ran.err.find("--activationmode"), std::string::npos) << line << ran.err;
  }
}

TEST_F(Partial, LvsHaveErrorsInPlaceOfWhatIsMissing) {
  for (const char* line : {"vgchange -ay -P vg0", "lvchange -ay --activationmode partial vg0/part",
                           "lvchange -ay --config activation/activation_mode=\"partial\" vg0/part"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line << ran.err;
    EXPECT_NE(ran.err.find("PARTIAL MODE. Incomplete logical volumes will be processed."), std::string::npos)
        << ran.err;
    ASSERT_NE(m.kernel.find("vg0-part-missing_1_0"), nullptr) << line;
    EXPECT_NE(m.must("vgchange -an vg0 --plan").find("vg0-part-missing_1_0"), std::string::npos);
    m.must("vgchange -an vg0");
    EXPECT_EQ(devices(), 0U) << line;
  }
}

TEST_F(Partial, LvsGetTheirPvBackByARefresh) {
  m.must("lvchange -ay -P vg0/part");
  EXPECT_EQ(m.run("lvchange --refresh vg0/part").status, 5);
  m.must("lvchange --refresh -P vg0/part");
  EXPECT_EQ(devices(), 2U);
  m.disks.bring_back("/dev/b");
  m.must("lvchange --refresh vg0/part");
  EXPECT_EQ(devices(), 1U) << "the device of errors is left";
}

TEST_F(Partial, ActiveLvsTakeErrorsInPlaceOfAPvThatWent) {
  m.disks.bring_back("/dev/b");
  m.must("vgchange -ay vg0");
  m.disks.remove("/dev/b");
  m.must("lvchange --refresh -P vg0/part");
  EXPECT_NE(m.kernel.find("vg0-part-missing_1_0"), nullptr);
  EXPECT_TRUE(m.kernel.nothing_suspended());
}

TEST_F(Partial, NoDeviceOfErrorsIsLeftWhereTheLvCouldNotBeActivated) {
  for (std::size_t fails = 1; fails < 20; ++fails) {
    m.kernel.fail_at(fails);
    Ran ran = m.run("lvchange -ay -P vg0/part");
    m.kernel.fail_at(0);
    if (ran.status == 0) {
      EXPECT_GT(fails, 2U) << "the device of errors and the LV's own";
      return;
    }
    EXPECT_EQ(devices(), 0U) << "operation " << fails << ": " << ran.err;
  }
  FAIL() << "it never succeeded";
}

TEST_F(Partial, RemovingAnActiveLvTakesItsDevicesOfErrorsDownToo) {
  m.must("lvchange -ay -P vg0/part");
  m.must("lvremove -y vg0/part");
  EXPECT_EQ(devices(), 0U);
}

// Which these are was found by running lvm2 2.03.16.
TEST_F(Partial, VgsAreNotChangedThemselvesButForTagsAndAProfile) {
  const std::uint32_t seqno = m.vg("vg0").seqno;
  for (const char* line :
       {"vgchange -l 5 vg0", "vgchange -p 5 vg0", "vgchange -xn vg0", "vgchange --alloc anywhere vg0",
        "vgchange --vgmetadatacopies 1 vg0", "vgchange --setautoactivation n vg0", "vgchange -y --systemid other vg0",
        "vgchange -u vg0", "vgchange -s 2m vg0", "vgchange --addtag t -l 5 vg0", "vgchange --addtag t -xn vg0"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("Cannot change VG vg0 while PVs are missing"), std::string::npos) << line << ran.err;
    EXPECT_NE(ran.err.find("vgreduce --removemissing vg0"), std::string::npos) << line << ran.err;
  }
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
  for (const char* line : {"vgchange --addtag t vg0", "vgchange --deltag t vg0", "vgchange --detachprofile vg0",
                           "vgchange --addtag u --detachprofile vg0", "vgextend --restoremissing vg0 /dev/b"}) {
    if (line == std::string("vgextend --restoremissing vg0 /dev/b")) m.disks.bring_back("/dev/b");
    m.must(line);
  }
  m.must("vgchange -l 5 vg0");
}

TEST_F(Partial, VgsKeepTheirPvsAsTheyAre) {
  const std::uint32_t seqno = m.vg("vg0").seqno;
  for (const char* line : {"pvchange -xn /dev/a", "pvchange --addtag t /dev/a", "pvchange -u /dev/a",
                           "pvchange --metadataignore y /dev/a", "pvchange -a --addtag t"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("Cannot change VG vg0 while PVs are missing"), std::string::npos) << line << ran.err;
  }
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
}

// The newest copy was on a PV that is away by now; the backup tells of it.
TEST_F(Partial, VgsThatWereNewerAreChangedOnlyWhenSomebodySaysSo) {
  m.disks.bring_back("/dev/b");
  for (const char* path : {"/dev/b", "/dev/c"}) m.disks.remove(path);
  m.must("vgchange --addtag newest vg0");
  m.disks.remove("/dev/a");
  for (const char* path : {"/dev/b", "/dev/c"}) m.disks.bring_back(path);
  const VolumeGroup older = m.vg("vg0");
  for (const char* line : {"vgchange --addtag fork vg0", "vgreduce --removemissing vg0", "lvremove -f vg0/part"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("/memory/vg0 has seqno"), std::string::npos) << line << ran.err;
  }
  EXPECT_EQ(m.run("vgck --updatemetadata vg0").status, 5);
  EXPECT_EQ(m.run("vgck --updatemetadata vg0", "n").status, 5);
  EXPECT_EQ(m.vg("vg0"), older);
  EXPECT_EQ(m.run("vgck --updatemetadata vg0", "y").status, 0);
  m.must("vgchange --addtag next vg0");
  m.disks.bring_back("/dev/a");
  EXPECT_EQ(m.vg("vg0").tags, std::vector<std::string>{"next"}) << "what came back lost";
}

}  // namespace
}  // namespace ashlar::test
