// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class Batch : public testing::Test {
 protected:
  Batch() {
    for (const char* disk : {"/dev/a", "/dev/b", "/dev/c"}) m.disk(disk);
    m.must("vgcreate vg0 /dev/a");
    m.disks.forget_log();
  }
  Ran batch(const std::string& lines, const std::string& options = "") {
    m.input = lines;
    return m.run("batch " + options);
  }
  TestMachine m;
};

TEST_F(Batch, CarriesOutAllLinesWithOneCommitAndOneArchive) {
  std::size_t archives = m.archive.archives["vg0"].size();
  std::uint32_t seqno = m.vg("vg0").seqno;
  Ran ran = batch(
      "# comment\nlvcreate -y -l 2 -n one vg0\n\n  lvm lvcreate -an -Zn -l 1 -n 'two' vg0  # more\nvgextend vg0 /dev/b\nlvextend -l +14 vg0/one\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "  4 commands carried out.\n");
  VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.seqno, seqno + 1);
  EXPECT_EQ(vg.lvs.size(), 2U);
  EXPECT_EQ(vg.lvs[0].extents().n, 16U);
  EXPECT_EQ(m.archive.archives["vg0"].size(), archives + 1);
  ASSERT_NE(m.kernel.find("vg0-one"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-one")->live->targets.size(), vg.lvs[0].segments.size());
  EXPECT_EQ(m.kernel.find("vg0-two"), nullptr);
}

TEST_F(Batch, ReadsItsLinesFromANamedPipe) {
  TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "lines").c_str(), 0600), 0);
  std::thread writer(
      [&] { put_file(dir / "lines", "lvcreate -an -Zn -l 1 -n one vg0\nlvcreate -an -Zn -l 1 -n two vg0\n"); });
  Ran ran = m.run("batch " + (dir / "lines"));
  writer.join();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
}

TEST_F(Batch, TakesTheYesOfALineForWhatIsAskedAtTheEnd) {
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  EXPECT_NE(batch("lvcreate -l 1 -n one vg0\n").status, 0);
  EXPECT_NE(batch("lvcreate -y -l 1 -n one vg0\nlvcreate -l 1 -n two vg0\n").status, 0)
      << "the other line's answer is its own";
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
  Ran ran = batch("lvcreate -y -l 1 -n one vg0\nlvcreate -an -Zn -l 1 -n two vg0\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Wiping ext4 signature on /dev/vg0/one."), std::string::npos) << ran.out;
  EXPECT_NE(batch("vgchange -A n --addtag t vg0\n").status, 0) << "archives are made of the whole";
}

TEST_F(Batch, LeavesNothingChangedAndNamesTheLineThatFails) {
  for (const char* bad : {"lvcreate -an -Zn -l 99 -n big vg0", "lvremove -y vg0/nothing", "lvs", "nonsense",
                          "lvcreate --frob", "lvcreate 'open", "lvcreate -an -l1 vg0 --devices /dev/a", "batch -",
                          "vgextend vg1 /dev/b", "pvremove /dev/a"}) {
    m.disks.forget_log();
    m.kernel.clear_trace();
    auto archives = m.archive.archives;
    Ran ran =
        batch(std::string("pvcreate /dev/c\nlvcreate -y -l 2 -n one vg0\n") + bad + "\nlvcreate -l 1 -n later vg0\n");
    EXPECT_NE(ran.status, 0) << bad;
    EXPECT_NE(ran.err.find("line 3: "), std::string::npos) << bad << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(m.disks.write_count(), 0U) << bad;
    EXPECT_TRUE(m.kernel.trace().empty()) << bad;
    EXPECT_EQ(m.archive.archives, archives);
  }
}

TEST_F(Batch, SeesWhatEarlierLinesMadeAndTookAway) {
  Ran ran = batch(
      "pvcreate /dev/b\nvgcreate vg1 /dev/b /dev/c\nlvcreate -y -l 4 -n a vg1\nlvrename vg1 a b\nlvremove -y vg1/b\nlvcreate -y -l 4 -n a vg1\n"
      "lvchange --addtag t vg1/a\nvgreduce vg1 /dev/c\npvremove /dev/c\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  VolumeGroup vg = m.vg("vg1");
  EXPECT_EQ(vg.seqno, 1U);
  ASSERT_EQ(vg.lvs.size(), 1U);
  EXPECT_EQ(vg.lvs[0].tags, std::vector<std::string>{"t"});
  EXPECT_EQ(vg.pvs.size(), 1U);
  EXPECT_NE(m.kernel.find("vg1-a"), nullptr);
  EXPECT_EQ(m.look().orphans.size(), 0U);
}

TEST_F(Batch, FindsANameThatAnotherDeviceHasBeforeAnythingIsDone) {
  m.kernel.add_foreign("vg0-two", "SOMEBODYS");
  const std::string lines = "lvcreate -y -l 1 -n one vg0\nlvcreate -y -l 1 -n two vg0\n";
  for (const char* options : {"", "--plan"}) {
    const Ran ran = batch(lines, options);
    EXPECT_NE(ran.status, 0);
    EXPECT_NE(ran.err.find("line 2: "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("vg0-two is taken by the device with UUID \"SOMEBODYS\""), std::string::npos) << ran.err;
    EXPECT_EQ(m.disks.write_count(), 0U);
  }
  EXPECT_NE(batch("lvcreate -y -l 1 -n one vg0\nlvrename vg0 one two\n").err.find("line 2: "), std::string::npos);
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(Batch, GivesAwayTheNameThatARemovedOrRenamedVolumeHad) {
  m.must("lvcreate -y -l 1 -n one vg0");
  EXPECT_EQ(batch("lvrename vg0 one two\nlvcreate -y -l 1 -n one vg0\nlvremove -y vg0/two\n"
                  "lvrename vg0 one two\n")
                .err,
            "");
  EXPECT_NE(m.kernel.find("vg0-two"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-one"), nullptr);
}

TEST_F(Batch, GivesTheExtentsOfARemovedActiveLvToAnother) {
  m.must("lvcreate -y -l 15 -n one vg0");
  Ran ran = batch("lvremove -y vg0/one\nlvcreate -y -l 10 -n two vg0\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(m.kernel.find("vg0-one"), nullptr);
  EXPECT_NE(m.kernel.find("vg0-two"), nullptr);
}

TEST_F(Batch, PutsTheKernelBackWhenTheMetadataCannotBeWritten) {
  m.must("lvcreate -y -l 5 -n one vg0");
  std::vector<VolumeGroup> before = vgs_of(m.look());
  m.archive.fail = true;
  Ran ran = batch("lvremove -y vg0/one\nlvcreate -y -l 10 -n two vg0\n");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(vgs_of(m.look()), before);
  EXPECT_NE(m.kernel.find("vg0-one"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-two"), nullptr);
}

/// Whichever operation of the kernel fails, all of the batch is there or none of it.
TEST_F(Batch, IsAllThereOrNotAtAllWhateverTheKernelRefuses) {
  const std::string lines = "lvcreate -y -l 2 -n two vg0\nlvextend -l +2 vg0/one\nlvcreate -y -l 1 -n three vg0\n";
  std::size_t refused = 0;
  for (std::size_t n = 1;; ++n) {
    TestMachine fresh;
    fresh.disk("/dev/a");
    fresh.must("vgcreate vg0 /dev/a");
    fresh.must("lvcreate -y -l 5 -n one vg0");
    std::vector<LogicalVolume> before = fresh.vg("vg0").lvs;
    fresh.input = lines;
    fresh.kernel.fail_at(n);
    Ran ran = fresh.run("batch");
    fresh.kernel.fail_at(0);
    EXPECT_TRUE(fresh.kernel.nothing_suspended());
    if (ran.status == 0) {
      EXPECT_EQ(fresh.vg("vg0").lvs.size(), 3U);
      break;
    }
    ++refused;
    ASSERT_LT(n, 100U);
    EXPECT_EQ(fresh.vg("vg0").lvs, before) << n << ran.err;
    EXPECT_EQ(fresh.kernel.find("vg0-two"), nullptr) << n << ran.err;
    EXPECT_EQ(fresh.kernel.find("vg0-three"), nullptr) << n;
    ASSERT_NE(fresh.kernel.find("vg0-one"), nullptr) << n;
  }
  EXPECT_GE(refused, 5U);
}

TEST_F(Batch, RefusesToMoveAPvBetweenTwoVgs) {
  m.must("vgextend vg0 /dev/b");
  m.disks.forget_log();
  Ran ran = batch("vgreduce vg0 /dev/b\nvgcreate vg1 /dev/b\n");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("A PV goes from VG vg0 to VG vg1"), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(Batch, CommitsSeveralVgs) {
  m.must("vgcreate vg1 /dev/b");
  std::uint32_t seqno = m.vg("vg1").seqno;
  Ran ran = batch("lvcreate -y -l 2 -n a vg1\nlvcreate -y -l 2 -n a vg0\nlvcreate -y -l 2 -n b vg1\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(m.vg("vg1").seqno, seqno + 1);
  EXPECT_EQ(m.vg("vg1").lvs.size(), 2U);
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
}

TEST_F(Batch, IsPlannedAnewWhenSomebodyWasFaster) {
  m.on_lock = [this] { m.must("lvcreate -an -Zn -l 3 -n faster vg0"); };
  std::uint32_t seqno = m.vg("vg0").seqno;
  Ran ran = batch("lvcreate -y -l 2 -n one vg0\nlvcreate -y -l 100%FREE -n rest vg0\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "  2 commands carried out.\n");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 3U);
  EXPECT_EQ(m.vg("vg0").seqno, seqno + 2);
}

TEST_F(Batch, SeesThatADiskWasTakenByAnotherVgMeanwhile) {
  m.on_lock = [this] { m.must("vgcreate faster /dev/c"); };
  Ran ran = batch("vgextend vg0 /dev/b /dev/c\n");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("already in volume group 'faster'"), std::string::npos) << ran.err;
  EXPECT_EQ(m.vg("vg0").pvs.size(), 1U);
  EXPECT_EQ(m.look().orphans.size(), 0U);
}

TEST_F(Batch, OfNoLinesDoesNothing) {
  EXPECT_EQ(batch("").out, "  0 commands carried out.\n");
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(Batch, CanBePlannedAndAppliedWithItsLines) {
  m.input = "lvcreate -y -l 2 -n one vg0\nlvcreate -y -l 2 -n two vg0\n";
  std::string plan = m.must("batch --plan=json");
  EXPECT_EQ(m.disks.write_count(), 0U);
  m.input = plan;
  m.must("apply -");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
}

}  // namespace
}  // namespace ashlar::test
