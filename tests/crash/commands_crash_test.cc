// SPDX-License-Identifier: LGPL-2.1-or-later
// Power is lost after every write of every command, with every write torn at every 512 bytes, and with every set of
// writes lost that were not flushed yet. Whoever reads the disks then finds the old VG or the new one, complains of
// nothing that keeps it from work, and the next change brings every copy up to date.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ops/lv_on_pvs.h"
#include "store/vg_store.h"
#include "support/crash_judge.h"
#include "support/figures.h"
#include "support/host.h"

namespace ashlar::test {
namespace {

const Figures kFigures("crashes", [](bool whole) {
  const Tally& t = tally();
  if (whole) {
    EXPECT_GE(t.states + t.imports, 50'000U);
    EXPECT_GE(t.lvm2, 200U);
  }
  return fmt::format(
      "{} states opened and judged, {} of them differ to a reader; {} views without a PV; {} healed; {} PVs away with the only new copy; "
      "lvm2 judged {} states",
      t.states + t.imports, t.distinct, t.views, t.heals, t.returns, t.lvm2);
});

/// The disks below a VG: how many, and on how many of them there is metadata.
struct Disks {
  std::string name;
  std::size_t count, with_metadata;
  std::uint64_t block = 512;
  std::string pvcreate = "";
  std::size_t changes = 0;  ///< made before: a short ring has wrapped after some
};

std::string path(std::size_t i) { return std::string("/dev/") + static_cast<char>('a' + i); }

class Crashes {
 public:
  explicit Crashes(const Disks& disks) : disks_(disks) {
    for (std::size_t i = 0; i < disks.count; ++i) m.disk(path(i), {64 << 20}, {disks.block});
    m.disk("/dev/x", {64 << 20}, {disks.block});
    m.disk("/dev/y", {64 << 20}, {disks.block});
  }

  void pvs() {
    for (std::size_t i = 0; i < disks_.count; ++i)
      m.must(fmt::format("pvcreate {} {} {}", disks_.pvcreate, i < disks_.with_metadata ? "" : "--pvmetadatacopies 0",
                         path(i)));
  }
  /// vg0 on all of them, with LVs "one" and, if there are two PVs, "two".
  void vg(bool lvs = true) {
    pvs();
    m.must("vgcreate vg0" + all());
    if (lvs) {
      m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
      if (disks_.count > 1) m.must("lvcreate -an -Zn -i 2 -l 4 -n two vg0 /dev/a /dev/b");
    }
    for (std::size_t i = 0; i < disks_.changes; ++i) m.must(fmt::format("vgchange --addtag x{} vg0", i));
  }
  std::string all() const {
    std::string words;
    for (std::size_t i = 0; i < disks_.count; ++i) words += " " + path(i);
    return words;
  }
  std::string last() const { return path(disks_.count - 1); }

  /// Judges all crashes of one command.
  void of(const std::string& command, bool each_pv = false) {
    SCOPED_TRACE(disks_.name + ": " + command);
    const Seen before = seen(m);
    m.disks.forget_log();
    Ran ran = m.run(command);
    ASSERT_EQ(ran.status, 0) << ran.err;
    Judge judge(before, seen(m));
    judge.each_pv = each_pv;
    judge.told_before = told_before;
    judge.every_crash_of(m);
  }
  TestMachine m;
  std::string told_before;  ///< Judge's

 private:
  Disks disks_;
};

class CrashOf : public testing::TestWithParam<Disks> {};

TEST_P(CrashOf, AChangeOfAVg) {
  const bool two = GetParam().count > 1;
  std::vector<std::string> commands = {
      "vgchange --addtag t vg0",
      "lvcreate -an -Zn -l 1 -n three vg0",
      "lvcreate -l 1 -n three vg0",
      "lvextend -l +2 vg0/one",
      "lvreduce -y -l 1 vg0/one",
      "lvremove -f vg0/one",
      "lvremove -f vg0",
      "lvrename vg0 one three",
      "lvchange -pr vg0/one",
      "lvchange --addtag t vg0/one",
      "vgextend vg0 /dev/x",
      "vgextend vg0 /dev/x /dev/y",
      "vgrename vg0 vg9",
      "vgexport vg0",
      "vgck --updatemetadata vg0",
      "pvchange -xn /dev/a",
      "pvchange --addtag t /dev/a",
      "pvresize -y --setphysicalvolumesize 40m /dev/a",
      "vgchange --vgmetadatacopies 1 vg0",
  };
  if (GetParam().with_metadata > 1) commands.push_back("pvchange --metadataignore y /dev/a");
  if (two) commands.push_back("lvcreate -an -Zn -i 2 -l 2 -n three vg0");
  commands.push_back("pvchange -u /dev/a");
  if (two) commands.push_back("pvchange -u --addtag t " + path(GetParam().count - 1));
  for (const std::string& command : commands) {
    Crashes crashes(GetParam());
    crashes.vg();
    crashes.of(command);
  }
  Crashes imported(GetParam());
  imported.vg();
  imported.m.must("vgexport vg0");
  imported.of("vgimport vg0");
}

TEST_P(CrashOf, APvThatIsGoneAndGivenUp) {
  if (GetParam().with_metadata < 3) return;
  Crashes crashes(GetParam());
  crashes.vg(false);
  crashes.m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
  crashes.told_before = crashes.m.vg("vg0").pvs[1].id.dashed();  // that it is missing
  crashes.m.disks.remove("/dev/b");
  crashes.of("vgreduce --removemissing vg0");
}

/// With metadata on two others: where there is one and it is away too, what the PV says rules, as ever.
TEST_P(CrashOf, APvTakenBackIn) {
  if (GetParam().with_metadata < 3) return;
  Crashes crashes(GetParam());
  crashes.vg();
  crashes.m.disks.remove("/dev/b");
  crashes.m.must("vgchange --addtag t vg0");
  crashes.m.disks.bring_back("/dev/b");
  crashes.told_before = "/dev/b of VG vg0 was missing and is back";
  crashes.of("vgextend --restoremissing vg0 /dev/b");
}

TEST_P(CrashOf, APvWrittenAnewByHand) {
  const TempDir dir;
  const std::string file = dir / "text", of_pv = " -f " + file + " /dev/a";
  Crashes whole(GetParam());
  whole.vg();
  whole.m.must("pvck --dump metadata" + of_pv);
  if (!std::filesystem::exists(file)) return;  // it has no metadata area
  whole.of("pvck -y --repair" + of_pv);
}

TEST_P(CrashOf, ThingsThatMakeAndUnmakeVgs) {
  Crashes created(GetParam());
  created.pvs();
  created.of("vgcreate vg0" + created.all());
  Crashes plain(GetParam());
  plain.of("vgcreate vg0" + plain.all());
  Crashes removed(GetParam());
  removed.vg(false);
  removed.of("vgremove vg0");
  if (GetParam().count < 2) return;
  Crashes reduced(GetParam());
  reduced.vg(false);
  reduced.of("vgreduce vg0 " + reduced.last());
  Crashes extended(GetParam());
  extended.vg();
  extended.m.must("pvcreate --pvmetadatacopies 2 /dev/x");
  extended.of("vgextend vg0 /dev/x");
}

TEST_P(CrashOf, ThingsThatMakeAndUnmakePvs) {
  for (const char* options :
       {"", "--pvmetadatacopies 2 ", "--pvmetadatacopies 0 ", "--labelsector 3 --bootloaderareasize 1m "}) {
    Crashes created(GetParam());
    created.of(std::string("pvcreate ") + options + created.all(), true);
    Crashes again(GetParam());
    again.pvs();
    again.of(std::string("pvcreate ") + options + again.last(), true);
  }
  Crashes removed(GetParam());
  removed.pvs();
  removed.of("pvremove" + removed.all(), true);
}

TEST_P(CrashOf, ABatch) {
  auto batch = [](Crashes& crashes, const std::string& lines) {
    crashes.m.input = lines;
    crashes.of("batch");
  };
  Crashes changed(GetParam());
  changed.vg();
  batch(changed,
        "lvremove -f vg0/one\nvgextend vg0 /dev/x\nlvcreate -an -Zn -l 20 -n three vg0\nlvcreate -l 1 -n four vg0\n");
  Crashes made(GetParam());
  batch(made, "pvcreate /dev/a\nvgcreate vg0" + made.all() + "\nlvcreate -an -Zn -l 2 -n one vg0\n");
  if (GetParam().count < 2) return;
  Crashes reduced(GetParam());
  reduced.vg(false);
  batch(reduced, "lvcreate -an -Zn -l 2 -n one vg0 /dev/a\nvgreduce vg0 " + reduced.last() + "\n");
}

/// What an earlier owner left where new LVs will lie.
void leave_data(TestMachine& m) {
  const std::vector<std::byte> old(4096, std::byte{'o'});
  const store::Picture picture = m.look();
  for (const PhysicalVolume& pv : (*store::find_vg(picture, "vg0"))->vg.pvs) {
    auto found = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                              [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
    for (std::uint64_t pe = 0; pe < pv.pe_count.n; ++pe)
      ASSERT_TRUE(found->device->write({to_bytes(pv.pe_start).n + pe * (4 << 20)}, old).ok());
    ASSERT_TRUE(found->device->flush().ok());
  }
}

/// The first 4 KiB of an LV as the disks hold it; nothing if there is no such LV.
std::optional<std::string> start_of(TestMachine& m, const std::string& vg, const std::string& lv) {
  const store::Picture picture = m.look();
  const auto state = store::find_vg(picture, vg);
  const LogicalVolume* found = state.ok() ? find_lv((*state)->vg, lv) : nullptr;
  if (found == nullptr) return std::nullopt;
  auto device = ops::lv_on_pvs((*state)->vg, store::present_members(picture, **state), *found, lv);
  std::vector<std::byte> start(4096);
  EXPECT_TRUE(device.ok() && (*device)->read({0}, start).ok()) << lv;
  return std::string(reinterpret_cast<const char*>(start.data()), start.size());
}

/// What is committed is cleared by then: whenever the power goes, nobody finds in a new LV what lay there before.
TEST_P(CrashOf, ANewLvNeverShowsWhatLayThereBefore) {
  for (const char* command : {"lvcreate -l 1 -n three vg0", "lvcreate -y -Wy -l 1 -n three vg0", "batch"}) {
    Crashes crashes(GetParam());
    crashes.vg();
    leave_data(crashes.m);
    crashes.m.disks.forget_log();
    crashes.m.input = "lvcreate -l 1 -n three vg0\nlvcreate -l 1 -n four vg0\n";
    crashes.m.must(command);
    std::size_t there = 0;
    for (const Crash& crash : crashes.m.disks.crashes()) {
      TestMachine after(crashes.m, crash);
      const auto start = start_of(after, "vg0", "three");
      there += start ? 1 : 0;
      ASSERT_EQ(start.value_or("").find_first_not_of('\0'), std::string::npos) << command << ": " << crash.text;
    }
    EXPECT_GT(there, 0U) << command;
  }
}

/// A batch removes an LV and gives its extents to another: what it held is there for as long as it is.
TEST_P(CrashOf, AnLvKeepsItsDataUntilItIsRemoved) {
  Crashes crashes(GetParam());
  crashes.vg();
  leave_data(crashes.m);
  crashes.m.must("lvchange -ay vg0/one");
  crashes.m.disks.forget_log();
  crashes.m.input = "lvremove -f vg0/one\nlvcreate -l 100%FREE -n three vg0\n";
  crashes.m.must("batch");
  EXPECT_EQ(start_of(crashes.m, "vg0", "three"), std::string(4096, '\0'));
  for (const Crash& crash : crashes.m.disks.crashes()) {
    TestMachine after(crashes.m, crash);
    ASSERT_EQ(start_of(after, "vg0", "one").value_or(std::string(4096, 'o')), std::string(4096, 'o')) << crash.text;
  }
}

TEST_P(CrashOf, ARestore) {
  TempDir dir;
  Crashes crashes(GetParam());
  crashes.vg();
  crashes.m.must("vgcfgbackup -f " + (dir / "vg0") + " vg0");
  crashes.m.must("lvremove -f vg0");
  crashes.m.must("vgextend vg0 /dev/x");
  crashes.of("vgcfgrestore -f " + (dir / "vg0") + " vg0");
}

const std::vector<Disks> kDisks = {
    {"One", 1, 1},
    {"OneWithTwoAreas", 1, 1, 512, "--pvmetadatacopies 2"},
    {"One4k", 1, 1, 4096},
    {"Two", 2, 2},
    {"Three", 3, 3},
    {"Three4k", 3, 3, 4096},
    {"ThreeMetadataOnOne", 3, 1},
    {"ThreeMetadataOnTwo", 3, 2},
    // Rings so short that the texts of these changes cross their end.
    {"TwoShortRings", 2, 2, 512, "--metadatasize 32k --dataalignment 4k", 8},
    {"EightMetadataOnTwo", 8, 2},
};
INSTANTIATE_TEST_SUITE_P(Disks, CrashOf, testing::ValuesIn(kDisks), [](const auto& test) { return test.param.name; });

/// Eight PVs with metadata: each phase of a commit has 2^8 subsets of writes that may be lost.
TEST(CrashOfEight, LeavesTheOldVgOrTheNewOne) {
  for (const char* command : {"lvcreate -an -Zn -l 1 -n three vg0", "vgextend vg0 /dev/x"}) {
    Crashes crashes({"Eight", 8, 8});
    crashes.vg();
    crashes.of(command);
  }
  Crashes removed({"Eight", 8, 8});
  removed.vg(false);
  removed.of("vgremove vg0");
}

/// A text that crosses the end of its ring is written in two pieces.
TEST(CrashOfWrap, LeavesTheOldVgOrTheNewOne) {
  Crashes crashes({"Wrap", 2, 2, 512, "--metadatasize 30k --dataalignment 4k"});
  TestMachine& m = crashes.m;
  crashes.vg(false);
  std::size_t wraps = 0;
  for (int i = 0; i < 60; ++i) {
    const Seen before = seen(m);
    m.disks.forget_log();
    m.must(fmt::format("vgchange --addtag t{} vg0", i));
    const store::Picture now = m.look();
    const disk::MdaHeader& header = *now.scan.pvs[0].mdas[0].header;
    if (header.committed.offset + header.committed.size <= header.area.size) continue;
    ++wraps;
    Judge(before, seen(m)).every_crash_of(m);
  }
  EXPECT_GE(wraps, 1U);
}

/// Extents are cleared before the LV that gets them is committed. A command that is cut off in between leaves a number
/// out, so that what lay there before is not taken for whole.
TEST(ClearedExtents, OfACommandThatWasCutOffAreNotCertainToHoldWhatTheyHeld) {
  TestMachine m;
  m.disk("/dev/a");
  for (const char* line : {"vgcreate vg0 /dev/a", "lvcreate -an -Zn -l 3 -n old vg0", "lvremove vg0/old"}) m.must(line);
  m.disks.forget_log();
  m.must("lvcreate -an -Zy -l 3 -n other vg0");
  std::size_t unsure = 0, sure = 0;
  for (const Crash& crash : m.disks.cuts()) {
    TestMachine r(m, crash);
    if (!r.vg("vg0").lvs.empty()) continue;
    const bool staged = !r.look().scan.pvs[0].mdas[0].header->precommitted.empty();
    r.must("vgchange --addtag later vg0");
    EXPECT_EQ(r.vg("vg0").seqno, staged ? 5U : 4U) << crash.text;
    const Ran ran = r.run("undelete vg0/old --plan");
    const std::string out = ran.out + ran.err;
    EXPECT_EQ(out.find("these versions are unknown: 4") != std::string::npos, staged) << crash.text << "\n" << out;
    (staged ? unsure : sure) += 1;
  }
  EXPECT_GT(unsure, 1U);
  EXPECT_GT(sure, 1U);
}

}  // namespace
}  // namespace ashlar::test
