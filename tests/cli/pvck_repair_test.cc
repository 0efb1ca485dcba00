// SPDX-License-Identifier: LGPL-2.1-or-later
// pvck --repair: headers and metadata of one PV written anew by hand. tests/system/differential/pvck.txt compares it
// with lvm2's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Bytes kLabel{512}, kArea{4096};
constexpr std::size_t kSector = 512;

class PvckRepair : public testing::Test {
 protected:
  PvckRepair() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/d");
    m.must("pvcreate --pvmetadatacopies 2 /dev/b");
    m.must("pvcreate --pvmetadatacopies 0 /dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    m.must("lvcreate -an -Zn -l 4 -n one vg0");
    m.must("pvck --dump metadata -f " + file + " /dev/b");
    m.disks.forget_log();
  }
  std::vector<std::byte> peek(const std::string& disk, Bytes at, std::size_t length) {
    return m.disks.disk(disk).peek(at, length);
  }
  void zero(const std::string& disk, Bytes at, std::size_t length) {
    m.disks.disk(disk).poke(at, std::vector<std::byte>(length));
  }
  void flip(const std::string& disk, Bytes at) {
    auto byte = peek(disk, at, 1);
    byte[0] ^= std::byte{0x20};
    m.disks.disk(disk).poke(at, byte);
  }
  /// Fails, says so, and writes nothing.
  void expect_refused(const std::string& line, const std::string& why, int status = 5) {
    m.disks.forget_log();
    const auto ran = m.run(line);
    EXPECT_EQ(ran.status, status) << line;
    EXPECT_THAT(ran.err, HasSubstr(why)) << line;
    EXPECT_EQ(m.disks.write_count(), 0U) << line;
  }

  TestMachine m;
  TempDir dir;
  const std::string file = dir / "text";
};

TEST_F(PvckRepair, OfAHeaderGivesBackTheSameBytes) {
  for (const char* disk : {"/dev/a", "/dev/b"}) {
    const auto good = peek(disk, kLabel, kSector);
    zero(disk, kLabel, kSector);
    const std::string said = m.must(std::string("pvck -y --repairtype pv_header -f ") + file + " " + disk);
    EXPECT_THAT(said, HasSubstr("Writing data_offset 1048576 mda1_offset 4096 mda1_size 1044480 "));
    EXPECT_EQ(peek(disk, kLabel, kSector), good) << disk;
  }
  EXPECT_EQ(m.vg("vg0").pvs.size(), 3U);
}

TEST_F(PvckRepair, OfAHeaderWithoutAreasNeedsToldSo) {
  const auto good = peek("/dev/c", kLabel, kSector);
  zero("/dev/c", kLabel, kSector);
  m.must("pvck -y --repair -f " + file + " --settings 'mda_offset=0 mda_size=0' /dev/c");
  EXPECT_EQ(peek("/dev/c", kLabel, kSector), good);
  // An intact header knows.
  m.must("pvck -y --repair -f " + file + " /dev/c");
  EXPECT_EQ(peek("/dev/c", kLabel, kSector), good);
}

TEST_F(PvckRepair, OfALabelHeaderLeavesThePvHeader) {
  const auto good = peek("/dev/a", kLabel, kSector);
  flip("/dev/a", kLabel + Bytes{16});
  EXPECT_NE(m.run("pvck /dev/a").status, 0);
  m.must("pvck -y --repairtype label_header /dev/a");
  EXPECT_EQ(peek("/dev/a", kLabel, kSector), good);
  zero("/dev/a", kLabel, kSector);
  expect_refused("pvck -y --repairtype label_header /dev/a", "use --repairtype pv_header");
}

TEST_F(PvckRepair, OfMetadataGoesToTheStartWhereNothingCanBeRead) {
  zero("/dev/a", kArea, kSector);
  const std::string said = m.must("pvck -y --repairtype metadata -f " + file + " /dev/a");
  EXPECT_THAT(said, HasSubstr("Writing metadata at 4608 "));
  m.must("pvck /dev/a");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_seqno vg0"), "    2\n");
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(PvckRepair, OfMetadataSparesACommittedTextThatCanBeRead) {
  const std::string before = m.must("pvck --dump metadata /dev/a");
  // Cut off anywhere it is the old text or the new one, which are the same here.
  const std::string said = m.must("pvck -y --repairtype metadata -f " + file + " /dev/a");
  EXPECT_THAT(said, Not(HasSubstr("Writing metadata at 4608 ")));
  EXPECT_EQ(m.must("pvck --dump metadata /dev/a").substr(60), before.substr(60));
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(PvckRepair, OfEverythingReadsABackup) {
  m.must("vgcfgbackup -f " + dir / "backup" + " vg0");
  zero("/dev/b", {0}, 1 << 20);
  zero("/dev/b", Bytes{(64 << 20) - (1 << 20)}, 1 << 20);
  EXPECT_THAT(m.run("vgs vg0").err, HasSubstr("Couldn't find device"));
  m.must("pvck -y --repair -f " + dir / "backup" + " --settings 'mda2_offset=66060288,mda2_size=1048576' /dev/b");
  // A backup is not the text that the other PVs have, so it goes to all.
  m.must("pvck -y --repair -f " + dir / "backup" + " /dev/a");
  EXPECT_EQ(m.run("vgck vg0").err, "");
  EXPECT_EQ(m.must("pvs --noheadings -o pv_mda_count /dev/b"), "      2\n");
}

TEST_F(PvckRepair, TakesOneAreaOnly) {
  const auto one = peek("/dev/b", kArea, 1 << 20);
  const Bytes second{(64 << 20) - (1 << 20)};
  zero("/dev/b", second, kSector);
  const std::string said = m.must("pvck -y --repairtype metadata --settings mda_num=2 -f " + file + " /dev/b");
  EXPECT_THAT(said, HasSubstr("Writing mda_header at 66060288 mda2"));
  EXPECT_THAT(said, Not(HasSubstr("mda1")));
  EXPECT_EQ(peek("/dev/b", kArea, 1 << 20), one);
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(PvckRepair, AsksBeforeEachAndWritesNothingUnderTest) {
  zero("/dev/a", kLabel, kSector);
  expect_refused("pvck --repair -f " + file + " /dev/a", "nothing was written; confirm with -y");
  m.disks.forget_log();
  EXPECT_THAT(m.must("pvck -t --repair -f " + file + " /dev/a"), HasSubstr("Writing mda_header at 4096 mda1"));
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(PvckRepair, RefusesWhatCannotBeRight) {
  const std::string wrong = dir / "wrong";
  const std::string repair = "pvck -y --repairtype ";
  put_file(wrong, "vg0 {\n");
  expect_refused(repair + "metadata -f " + wrong + " /dev/a", "metadata file");
  put_file(wrong, "");
  expect_refused(repair + "metadata -f " + wrong + " /dev/a", "Empty file");
  expect_refused(repair + "metadata -f " + dir / "absent" + " /dev/a", "absent");
  expect_refused(repair + "metadata /dev/a", "Metadata input file is required");
  expect_refused(repair + "pv_header /dev/a", "Metadata input file is needed");
  expect_refused(repair + "metadata -f " + file + " /dev/c", "No metadata areas");
  expect_refused(repair + "metadata -f " + file + " /dev/d", "No lvm label");
  expect_refused(repair + "pv_header -f " + file + " /dev/d", "PV name /dev/d not found");
  const std::string other = m.must("pvs --noheadings -o pv_uuid /dev/a").substr(2, 38);
  expect_refused(repair + "pv_header -f " + file + " --settings pv_uuid=" + other + " /dev/d",
                 "which exists on /dev/a");
  m.must("vgcreate vg1 /dev/d");
  expect_refused(repair + "metadata -f " + file + " /dev/d", "does not have PV");
  expect_refused(repair + "pv_header -f " + file + " /dev/d", "not found in metadata file");
  expect_refused(repair + "pv_header -f " + file + " --settings pv_uuid=x /dev/a", "Invalid setting: pv_uuid");
  expect_refused(repair + "pv_header -f " + file + " --settings foo=1 /dev/a", "Invalid setting: foo");
  expect_refused(repair + "pv_header -f " + file + " --settings mda_offset=4097 --settings mda_size=4096 /dev/a",
                 "no place for a metadata area");
  expect_refused(repair + "pv_header -f " + file + " --settings 'mda_offset=4096 mda_size=99999999999' /dev/a",
                 "no place for a metadata area");
  expect_refused(repair + "nonsense -f " + file + " /dev/a", "Invalid argument for --repairtype: nonsense", 3);
  expect_refused("pvck -y --repair /dev/a", "", 3);
}

TEST_F(PvckRepair, LeavesADeviceThatIsInUseOrCarriesSomethingElse) {
  m.must("lvchange -ay vg0/one");
  m.disks.disk("/dev/a").set_busy("it is in use");
  expect_refused("pvck -y --repair -f " + file + " /dev/a", "Can't repair /dev/a");
}

TEST_F(PvckRepair, SavesWhatNothingCanReadAnyMore) {
  flip("/dev/a", kArea + Bytes{50});
  const auto ran = m.run("pvck -y --repairtype metadata -f " + file + " /dev/a");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("What lay at byte 4096 of /dev/a is saved as "));
}

TEST_F(PvckRepair, IsPlannedWithoutAWrite) {
  zero("/dev/a", kLabel, kSector);
  m.disks.forget_log();
  EXPECT_THAT(m.must("pvck --repair -f " + file + " /dev/a --plan"),
              HasSubstr("1. Write a new LVM header and metadata to /dev/a."));
  m.input = m.must("pvck --repair -f " + file + " /dev/a --plan=json");
  EXPECT_EQ(m.disks.write_count(), 0U);
  m.must("apply -y -");
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(PvckRepair, LooksForTheLabelWhereItIsTold) {
  m.must("pvck --labelsector 1 /dev/a");
  for (const char* none : {"0", "2", "9"})
    EXPECT_EQ(m.run(std::string("pvck --labelsector ") + none + " /dev/a").status, 5) << none;
  EXPECT_EQ(m.run("pvck --labelsector x /dev/a").status, 3);
}

TEST_F(PvckRepair, DumpsFindTheSecondAreaAndOneText) {
  EXPECT_THAT(m.must("pvck --dump metadata_all --settings mda_num=2 /dev/b"), HasSubstr("metadata at 66060800 "));
  EXPECT_THAT(m.must("pvck --dump metadata --settings mda_num=2 -f " + dir / "two" + " /dev/b"),
              HasSubstr("metadata text at 6606"));
  EXPECT_EQ(slurp(dir / "two"), slurp(file));
  EXPECT_EQ(m.run("pvck --dump metadata --settings mda_num=2 /dev/a").status, 5);
  EXPECT_EQ(m.must("pvck --dump metadata /dev/c"), "  zero metadata copies\n");
  const std::string one =
      m.must("pvck --dump metadata_search --settings metadata_offset=4608 -f " + dir / "first" + " /dev/a");
  EXPECT_THAT(one, HasSubstr("seqno 1 id"));
  EXPECT_THAT(one, Not(HasSubstr("seqno 2 id")));
  zero("/dev/a", kLabel, kSector);
  m.must("pvck -y --repair -f " + dir / "first" + " /dev/a");
  EXPECT_THAT(m.must("pvck -v --dump metadata_search /dev/a"), HasSubstr("  description = \""));
}

}  // namespace
}  // namespace ashlar::test
