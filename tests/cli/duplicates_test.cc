// SPDX-License-Identifier: LGPL-2.1-or-later
// One PV on two devices, as after dd: reports warn and are whole, nothing that takes or changes such a PV is done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Duplicates : public testing::Test {
 protected:
  Duplicates() { m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/copy"); }
  void copy(const std::string& from) { m.disks.disk("/dev/copy").poke({0}, m.disks.disk(from).peek({0}, 2 << 20)); }
  std::vector<std::byte> start_of(const std::string& path) { return m.disks.disk(path).peek({0}, 2 << 20); }
  TestMachine m;
};

TEST_F(Duplicates, OfAPvWithoutAVgAreTakenByNoCommand) {
  m.must("pvcreate /dev/a");
  m.must("vgcreate vg0 /dev/b");
  copy("/dev/a");
  const auto before = start_of("/dev/a");
  for (const char* path : {"/dev/a", "/dev/copy"}) {
    for (const char* line : {"vgcreate vg1 ", "vgextend vg0 ", "pvcreate ", "pvcreate -ff -y ", "pvremove ",
                             "pvremove -ff -y ", "pvchange -u ", "pvresize "}) {
      Ran ran = m.run(std::string(line) + path);
      EXPECT_EQ(ran.status, 5) << line << path;
      EXPECT_THAT(ran.err, HasSubstr(std::string("Cannot use device ") + path + " with duplicates.")) << line;
      EXPECT_THAT(ran.err, HasSubstr("--devices")) << "what to do";
    }
  }
  EXPECT_TRUE(start_of("/dev/a") == before);
  EXPECT_TRUE(start_of("/dev/copy") == before);
  m.must("pvcreate /dev/c");
  m.must("vgchange --addtag t vg0");
}

TEST_F(Duplicates, AreWarnedOfAndLeaveReportsWhole) {
  m.must("vgcreate vg0 /dev/a");
  m.must("vgcreate vg1 /dev/b");
  copy("/dev/a");
  for (const char* line :
       {"pvs", "vgs", "lvs", "vgs vg1", "pvs -a", "pvscan", "vgscan", "vgdisplay -s", "fullreport vg0"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("WARNING: Not using device /dev/copy for PV ")) << line;
    EXPECT_THAT(ran.err, HasSubstr(" prefers device /dev/a because device name matches previous.")) << line;
  }
  EXPECT_THAT(m.run("pvs").out, Not(HasSubstr("/dev/copy")));
  EXPECT_THAT(m.run("pvs -a -o+pv_duplicate").out, HasSubstr("duplicate"));
  EXPECT_THAT(m.run("pvs /dev/copy").out, HasSubstr("d--"));
}

TEST_F(Duplicates, OfAPvInUseAreShownWithItsVgAndWithoutRoom) {
  m.must("vgcreate vg0 /dev/a");
  copy("/dev/a");
  for (const char* line :
       {"pvs --noheadings -a -o pv_name,vg_name,pv_attr,pv_size,pv_free,pv_mda_count -S pv_duplicate=1",
        "pvs --noheadings -o pv_name,vg_name,pv_attr,pv_size,pv_free,pv_mda_count /dev/copy"})
    EXPECT_THAT(m.run(line).out, testing::ContainsRegex("/dev/copy +vg0 +d-- +0 +0 +0")) << line;
  Ran shown = m.run("pvdisplay /dev/copy");
  EXPECT_THAT(shown.out, Not(HasSubstr("NEW Physical volume")));
  EXPECT_THAT(shown.out, HasSubstr("Free PE               0"));
}

TEST_F(Duplicates, StopEveryChangeOfTheirVgAndOfNoOther) {
  m.must("vgcreate vg0 /dev/a /dev/c");
  m.must("vgcreate vg1 /dev/b");
  copy("/dev/a");
  const auto before = start_of("/dev/a");
  for (const char* line : {"vgchange --addtag x vg0", "lvcreate -an -Zn -l1 vg0", "vgremove -ff -y vg0",
                           "vgreduce vg0 /dev/c", "pvchange -xn /dev/a"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("Cannot update volume group vg0 with duplicate PV devices")) << line;
  }
  for (const char* line :
       {"pvremove -ff -y /dev/copy", "pvcreate -ff -y /dev/copy", "vgextend vg1 /dev/copy", "pvremove -ff -y /dev/a"})
    EXPECT_EQ(m.run(line).status, 5) << line;
  EXPECT_TRUE(start_of("/dev/a") == before);
  m.must("vgchange --addtag x vg1");
}

TEST_F(Duplicates, AreLeftToAPersonByRepairWithWhatEndsThem) {
  m.must("vgcreate vg0 /dev/a");
  const std::string id = m.vg("vg0").pvs[0].id.dashed();
  copy("/dev/a");
  m.disks.forget_log();
  for (const char* line : {"repair -y", "repair -y vg0"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("PV " + id + " is on /dev/a, /dev/copy.")) << line;
    EXPECT_THAT(ran.err,
                HasSubstr("-> take one of them away, name the other with --devices, or make a VG of its own of a "
                          "copy with vgimportclone"))
        << line;
    EXPECT_THAT(ran.err, Not(HasSubstr("vgcfgrestore"))) << line;
  }
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_THAT(m.run("vgchange --addtag x vg0").err,
              HasSubstr("with duplicate PV devices: PV " + id + " is on /dev/a, /dev/copy: take one of them away"));
}

TEST_F(Duplicates, WithTheRightSizeArePreferred) {
  m.disk("/dev/large", {96 << 20});
  m.must("vgcreate vg0 /dev/a");
  m.disks.disk("/dev/large").poke({0}, start_of("/dev/a"));
  EXPECT_THAT(m.run("pvs").err, HasSubstr(" prefers device /dev/a because device size is correct."));
}

class Outdated : public Duplicates {};

TEST_F(Outdated, PvsAreShownOnlyWhereAllAreOrTheyAreNamed) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  const auto before = start_of("/dev/b");
  m.must("vgreduce vg0 /dev/b");
  m.disks.disk("/dev/b").poke({0}, before);
  EXPECT_THAT(m.run("pvs").out, Not(HasSubstr("/dev/b")));
  EXPECT_THAT(m.run("pvs -a").out, HasSubstr("/dev/b"));
  EXPECT_THAT(m.run("pvs /dev/b").out, HasSubstr("u--"));
}

TEST_F(Outdated, PvsAreNotTakenElsewhereAndTheirVgIsNamedWithWhatFreesThem) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("vgcreate vg1 /dev/c");
  const auto before = start_of("/dev/b");
  m.must("vgreduce vg0 /dev/b");
  m.disks.disk("/dev/b").poke({0}, before);
  for (const char* line : {"vgextend vg1 /dev/b", "vgextend vg0 /dev/b", "vgcreate vg2 /dev/b", "pvcreate /dev/b"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("left volume group")) << line;
    EXPECT_THAT(ran.err, HasSubstr("vgck --updatemetadata vg0 takes that off")) << line;
    EXPECT_THAT(ran.err, Not(HasSubstr("metadata is missing"))) << line;
  }
  m.must("vgck --updatemetadata vg0");
  m.must("vgextend vg1 /dev/b");
}

TEST_F(Outdated, OrMissingPvsAreNamedAsScriptsLookForThem) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  const std::string id = m.vg("vg0").pvs[1].id.dashed();
  m.disks.disk("/dev/b").poke({0}, std::vector<std::byte>(2 << 20));
  for (const char* line : {"pvs", "vgs", "lvs", "vgck vg0", "vgchange --addtag t vg0"})
    EXPECT_THAT(m.run(line).err, HasSubstr("WARNING: Couldn't find device with uuid " + id + ".\n")) << line;
}

}  // namespace
}  // namespace ashlar::test
