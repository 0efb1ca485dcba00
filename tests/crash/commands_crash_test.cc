// SPDX-License-Identifier: LGPL-2.1-or-later
// Power is lost after every write of every command, with every write torn at 512 bytes, and with writes lost that were
// not flushed yet. Whoever reads the disks then finds the old VG or the new one, complains of nothing that keeps it from
// work, and the next change brings every copy up to date.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

/// A command on a machine that some commands have prepared.
struct Case {
  std::string name;
  std::vector<std::string> before;
  std::string command;
};

const std::vector<std::string> kVg = {"pvcreate /dev/a /dev/b /dev/c", "vgcreate vg0 /dev/a /dev/b",
                                      "lvcreate -an -Zn -l 3 -n one vg0", "lvcreate -an -Zn -i 2 -l 4 -n two vg0"};

std::vector<std::string> after(std::vector<std::string> lines, std::initializer_list<std::string> more) {
  lines.insert(lines.end(), more);
  return lines;
}

const std::vector<Case> kCases = {
    {"vgcreate", {"pvcreate /dev/a /dev/b /dev/c"}, "vgcreate vg0 /dev/a /dev/b /dev/c"},
    {"vgcreate_on_plain_disks", {}, "vgcreate vg0 /dev/a /dev/b"},
    {"vgcreate_beside_a_nomda_pv", {"pvcreate /dev/a", "pvcreate --pvmetadatacopies 0 /dev/b"}, "vgcreate vg0 /dev/a /dev/b"},
    {"vgcreate_with_two_areas_each", {"pvcreate --pvmetadatacopies 2 /dev/a /dev/b"}, "vgcreate vg0 /dev/a /dev/b"},
    {"vgextend", kVg, "vgextend vg0 /dev/c"},
    {"vgreduce", after(kVg, {"vgextend vg0 /dev/c"}), "vgreduce vg0 /dev/c"},
    {"vgremove", {"vgcreate vg0 /dev/a /dev/b"}, "vgremove vg0"},
    {"vgchange_tag", kVg, "vgchange --addtag t vg0"},
    {"lvcreate_linear", kVg, "lvcreate -an -Zn -l 1 -n three vg0"},
    {"lvcreate_striped", kVg, "lvcreate -an -Zn -i 2 -l 2 -n three vg0"},
    {"lvextend", kVg, "lvextend -l +2 vg0/one"},
    {"lvreduce", kVg, "lvreduce -y -l 1 vg0/one"},
    {"lvremove", kVg, "lvremove vg0/one"},
    {"lvremove_all", kVg, "lvremove vg0"},
    {"lvrename", kVg, "lvrename vg0 one three"},
    {"lvchange", kVg, "lvchange -pr vg0/one"},
    {"lvchange_tag", kVg, "lvchange --addtag t vg0/one"},
};

class CrashOf : public testing::TestWithParam<std::tuple<Case, std::uint64_t>> {
 protected:
  /// a and b hold the VG of most cases; the texts of 32 KiB areas wrap after some changes.
  TestMachine prepared(const Case& c, std::size_t changes) {
    TestMachine m;
    Bytes block{std::get<1>(GetParam())};
    m.disk("/dev/a", {64 << 20}, block).disk("/dev/b", {64 << 20}, block).disk("/dev/c", {64 << 20}, block);
    for (const std::string& line : c.before) m.must(line);
    if (!m.look().vgs.empty()) {
      for (std::size_t i = 0; i < changes; ++i) m.must("vgchange --addtag x" + std::to_string(i) + " vg0");
    }
    return m;
  }

  void check(const Case& c, std::size_t changes) {
    TestMachine m = prepared(c, changes);
    const std::vector<VolumeGroup> old_vgs = vgs_of(m.look());
    m.disks.forget_log();
    m.must(c.command);
    const std::vector<VolumeGroup> new_vgs = vgs_of(m.look());
    ASSERT_NE(old_vgs, new_vgs);
    std::size_t states = 0;
    for (const Crash& crash : m.disks.crashes()) {
      SCOPED_TRACE(crash.text);
      TestMachine reopened(m, crash);
      store::Picture picture = reopened.look();
      std::vector<VolumeGroup> vgs = vgs_of(picture);
      ASSERT_TRUE(vgs == old_vgs || vgs == new_vgs);
      for (const store::Problem& problem : picture.problems) ADD_FAILURE() << problem.what;
      for (const store::VgState& state : picture.vgs) ASSERT_FALSE(state.read_only) << state.read_only->message();
      if (!vgs.empty()) heals(reopened);
      ++states;
    }
    RecordProperty("states", static_cast<int>(states));
    std::printf("    %s: %zu states\n", c.name.c_str(), states);
  }

  void heals(TestMachine& m) {
    Ran ran = m.run("vgchange --addtag healed vg0");
    ASSERT_EQ(ran.status, 0) << ran.out << ran.err;
    for (const store::VgState& state : m.look().vgs) {
      // A PV that left keeps its old text until somebody takes it; that is no damage of the VG.
      if (state.outdated.empty()) {
        ASSERT_TRUE(state.damage.empty()) << state.damage[0];
      }
    }
  }
};

TEST_P(CrashOf, LeavesTheOldVgOrTheNewOne) { check(std::get<0>(GetParam()), 0); }

INSTANTIATE_TEST_SUITE_P(EveryCommand, CrashOf, testing::Combine(testing::ValuesIn(kCases), testing::Values(512, 4096)),
                         [](const auto& test) {
                           return std::get<0>(test.param).name + "_" + std::to_string(std::get<1>(test.param));
                         });

/// A text that crosses the end of its ring is written in two pieces.
TEST(CrashOfWrap, LeavesTheOldVgOrTheNewOne) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("pvcreate --metadatasize 30k --dataalignment 4k /dev/a /dev/b");
  m.must("vgcreate vg0 /dev/a /dev/b");
  std::size_t wraps = 0;
  for (int i = 0; i < 60; ++i) {
    std::vector<VolumeGroup> old_vgs = vgs_of(m.look());
    m.disks.forget_log();
    m.must("vgchange --addtag t" + std::to_string(i) + " vg0");
    std::vector<VolumeGroup> new_vgs = vgs_of(m.look());
    store::Picture now = m.look();
    const auto& header = *now.scan.pvs[0].mdas[0].header;
    bool wrapped = header.committed.offset + header.committed.size > header.area.size;
    if (!wrapped) continue;
    ++wraps;
    for (const Crash& crash : m.disks.crashes()) {
      SCOPED_TRACE(crash.text);
      TestMachine reopened(m, crash);
      std::vector<VolumeGroup> vgs = vgs_of(reopened.look());
      ASSERT_TRUE(vgs == old_vgs || vgs == new_vgs);
    }
  }
  EXPECT_GE(wraps, 1U);
}

/// Whichever PV is missing afterwards, all readers agree on one VG, the old or the new.
TEST(CrashWithAMissingPv, LeavesTheOldVgOrTheNewOne) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
  m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
  m.must("lvcreate -an -Zn -l 3 -n one vg0");
  std::uint32_t old_seqno = m.vg("vg0").seqno;
  m.disks.forget_log();
  m.must("lvcreate -an -Zn -l 3 -n two vg0");
  for (const Crash& crash : m.disks.crashes()) {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c"}) {
      SCOPED_TRACE(crash.text + std::string(" without ") + path);
      TestMachine reopened(m, crash);
      reopened.disks.remove(path);
      VolumeGroup vg = reopened.vg("vg0");
      ASSERT_TRUE(vg.seqno == old_seqno || vg.seqno == old_seqno + 1);
      ASSERT_EQ(vg.lvs.size(), vg.seqno == old_seqno ? 1U : 2U);
    }
  }
}

}  // namespace
}  // namespace ashlar::test
