// SPDX-License-Identifier: LGPL-2.1-or-later
// A PV that left its VG and still carries the VG's old text: vgreduce was cut off, or the PV was away when it was taken
// out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata/disk/mda_header.h"
#include "plan/repair.h"
#include "support/damage.h"
#include "support/host.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;

class LeftPv : public testing::Test {
 protected:
  LeftPv() {
    m.archive.directory = folder.path();
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    m.must("lvcreate -an -Zn -l 3 -n data vg0 /dev/a");
  }
  const store::FoundPv& pv(const store::Picture& picture, const std::string& path) {
    for (const store::FoundPv& found : picture.scan.pvs) {
      if (found.device->path() == path) return found;
    }
    ADD_FAILURE() << path;
    return picture.scan.pvs.at(0);
  }
  /// /dev/c has left, and its header and label are as they were.
  void cut_off() {
    const std::vector<std::byte> then = m.disks.disk("/dev/c").peek({0}, 1 << 20);
    m.must("vgreduce vg0 /dev/c");
    m.disks.disk("/dev/c").poke({0}, then);
    ASSERT_EQ(m.look().vgs.at(0).outdated.size(), 1U);
  }
  bool unused(const std::string& path) {
    const store::Picture picture = m.look();
    const store::FoundPv& found = pv(picture, path);
    return !found.label.used() && found.mdas.at(0).header->committed.empty();
  }
  void expect_quiet(TestMachine& machine) {
    machine.disks.forget_log();
    const Ran again = machine.run("repair -y");
    EXPECT_EQ(again.status, 0) << again.out << again.err;
    EXPECT_EQ(machine.disks.write_count(), 0U);
    for (const char* line : {"vgs", "pvs -a", "lvs", "vgck vg0"}) {
      const Ran ran = machine.run(line);
      EXPECT_EQ(ran.status, 0) << line << ran.err;
      EXPECT_EQ(ran.err, "") << line;
    }
  }
  std::string refused() {
    m.disks.forget_log();
    const Ran ran = m.run("repair -y vg0");
    EXPECT_EQ(ran.status, 5) << ran.out;
    EXPECT_EQ(m.disks.write_count(), 0U);
    return ran.err;
  }
  TempDir folder;
  TestMachine m;
};

TEST_F(LeftPv, IsMadeUnusedByRepair) {
  cut_off();
  const VolumeGroup before = m.vg("vg0");
  EXPECT_THAT(m.run("repair vg0", "n").out, HasSubstr("1. Take the old copy of VG vg0 off /dev/c"));
  EXPECT_FALSE(unused("/dev/c"));
  m.must("repair -y");
  EXPECT_TRUE(unused("/dev/c"));
  EXPECT_EQ(m.vg("vg0"), before) << "the VG itself is not written";
  expect_quiet(m);
  m.must("vgextend vg0 /dev/c");
}

TEST_F(LeftPv, IsMadeUnusedByTheRepairThatTakesInTheDiskThatCouldKnowBetter) {
  m.disks.remove("/dev/a");
  m.must("vgck --updatemetadata vg0");
  m.disks.remove("/dev/c");
  m.must("vgck --updatemetadata vg0");
  m.run("vgreduce --removemissing vg0");
  m.disks.bring_back("/dev/a");
  m.disks.bring_back("/dev/c");
  const Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("VG vg0: what may be done now\n   1. Take the old copy of VG vg0 off /dev/c"));
  EXPECT_TRUE(unused("/dev/c"));
  expect_quiet(m);
}

TEST_F(LeftPv, IsMadeUnusedWhereverVgreduceWasCutOffAndRepairAfterIt) {
  m.disks.forget_log();
  m.must("vgreduce vg0 /dev/c");
  const VolumeGroup after = m.vg("vg0");
  std::size_t left = 0;
  for (const auto& crashes : {m.disks.cuts(), m.disks.tears(), m.disks.losses()}) {
    for (const Crash& crash : crashes) {
      SCOPED_TRACE(crash.text);
      TestMachine cut(m, crash);
      cut.archive.directory = folder.path();
      const store::Picture found = cut.look();
      if (found.vgs.at(0).vg.pvs.size() != 2) continue;
      const bool outdated = !found.vgs[0].outdated.empty();
      cut.must("repair -y");
      expect_quiet(cut);
      EXPECT_EQ(cut.vg("vg0").pvs.size(), 2U);
      if (!outdated) continue;
      ++left;
      TestMachine again(m, crash);
      again.archive.directory = folder.path();
      again.disks.forget_log();
      again.must("repair -y");
      for (const Crash& second : again.disks.cuts()) {
        TestMachine twice(again, second);
        twice.archive.directory = folder.path();
        twice.must("repair -y");
        expect_quiet(twice);
      }
    }
  }
  EXPECT_GT(left, 0U);
}

TEST_F(LeftPv, IsLeftToAPersonWhereLvsLayOnIt) {
  m.must("lvcreate -an -Zn -l 2 -n lost vg0 /dev/c");
  m.disks.remove("/dev/c");
  m.must("vgreduce --removemissing --force vg0");
  m.disks.bring_back("/dev/c");
  EXPECT_THAT(refused(), HasSubstr("/dev/c left VG vg0 and still carries an old copy of it."));
}

TEST_F(LeftPv, IsLeftToAPersonWhereItAloneHasWhatItCarries) {
  cut_off();
  m.archive.archives.clear();
  m.archive.backups.clear();
  // The other PVs' rings hold nothing but the committed text.
  const store::Picture picture = m.look();
  for (const char* path : {"/dev/a", "/dev/b"}) {
    const disk::MdaHeader& header = *pv(picture, path).mdas.at(0).header;
    const std::uint64_t text = header.area.offset.n + header.committed.offset.n, ring = header.area.offset.n + 512;
    m.disks.disk(path).poke({ring}, std::vector<std::byte>(text - ring));
    m.disks.disk(path).poke({text + header.committed.size.n}, std::vector<std::byte>(4096));
  }
  EXPECT_THAT(refused(), HasSubstr("/dev/c left VG vg0"));
}

TEST_F(LeftPv, IsLeftToAPersonWhileADiskIsAway) {
  cut_off();
  m.disks.remove("/dev/b");
  EXPECT_THAT(refused(), HasSubstr("/dev/c left VG vg0"));
}

TEST_F(LeftPv, IsLeftToAPersonWhereAnotherDeviceHasItsId) {
  cut_off();
  m.disk("/dev/copy");
  m.disks.disk("/dev/copy").poke({0}, m.disks.disk("/dev/c").peek({0}, 1 << 20));
  EXPECT_THAT(refused(), HasSubstr("left VG vg0"));
}

TEST_F(LeftPv, IsNotTouchedWhereAnotherVgListsIt) {
  m.disk("/dev/d");
  m.must("vgcreate vg1 /dev/d");
  const std::vector<std::byte> then = m.disks.disk("/dev/c").peek({0}, 1 << 20);
  m.must("vgreduce vg0 /dev/c");
  m.must("vgextend vg1 /dev/c");
  m.disks.disk("/dev/c").poke({0}, then);  // the commit did not reach it
  m.disks.forget_log();
  m.run("vgck --updatemetadata vg0");
  m.run("repair -y vg0");
  for (const LogEntry& entry : m.disks.log())
    EXPECT_TRUE(entry.kind != LogEntry::Kind::Write || m.disks.disk(entry.disk).path() != "/dev/c")
        << "vg0 writes to a PV of vg1";
  EXPECT_EQ(m.vg("vg1").pvs.size(), 2U);
}

}  // namespace
}  // namespace ashlar::test
