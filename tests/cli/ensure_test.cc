// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "metadata/model/query.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;

class EnsureTest : public testing::Test {
 protected:
  EnsureTest() {
    for (const char* disk : {"/dev/a", "/dev/b", "/dev/c"}) m.disk(disk);
  }
  Ran ensure(const std::string& spec, const std::string& options = "-y") {
    m.input = spec;
    return m.run("ensure - " + options);
  }
  void settles(const std::string& spec) { settles(m, spec); }
  /// Twice: the second time nothing is written and nothing said to have changed.
  static void settles(TestMachine& m, const std::string& spec) {
    m.input = spec;
    Ran first = m.run("ensure - -y");
    ASSERT_EQ(first.status, 0) << first.err << spec;
    std::uint32_t seqno = m.look().vgs.empty() ? 0 : m.look().vgs[0].vg.seqno;
    m.disks.forget_log();
    m.kernel.clear_trace();
    Ran second = m.run("ensure - -y");
    ASSERT_EQ(second.status, 0) << second.err << spec;
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_TRUE(m.kernel.trace().empty());
    EXPECT_TRUE(seqno == 0 || m.look().vgs[0].vg.seqno == seqno);
    std::istringstream lines(second.out);
    for (std::string line; std::getline(lines, line);) EXPECT_TRUE(line.ends_with(": unchanged")) << line;
    EXPECT_EQ(m.run("ensure - -y --plan").out, "  Nothing would change.\n");
    EXPECT_EQ(Json::parse(m.run("ensure - -y --json").out).at("changed"), false);
  }
  TestMachine m;
};

const char* const kSpec =
    R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a", "/dev/b"], "extent_size": "4m", "tags": ["db"],
  "volumes": [{"name": "data", "size": "20m", "tags": ["t"]},
              {"name": "fast", "size": "15m", "stripes": 2, "stripe_size": "64k", "active": false},
              {"name": "rest", "minimum": "25%VG", "read_only": true}]}]})";

TEST_F(EnsureTest, MakesEverythingWithOneCommit) {
  Ran ran = ensure(kSpec);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "  /dev/a: joined VG vg0\n  /dev/b: joined VG vg0\n  vg0: created with extents of 4.00 MiB\n  vg0/data: created, 20.00 MiB\n"
      "  vg0/fast: created, 16.00 MiB\n  vg0/rest: created, 28.00 MiB\n");
  VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.seqno, 1U);
  EXPECT_EQ(vg.tags, std::vector<std::string>{"db"});
  ASSERT_EQ(vg.lvs.size(), 3U);
  EXPECT_EQ(vg.lvs[0].tags, std::vector<std::string>{"t"});
  EXPECT_FALSE(vg.lvs[2].status.has(LvFlag::Write));
  EXPECT_NE(m.kernel.find("vg0-data"), nullptr);
  EXPECT_EQ(m.kernel.find("vg0-fast"), nullptr);
}

TEST_F(EnsureTest, TakesAWholeNumberInEveryFormThatJsonHas) {
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a", "/dev/b"], "extent_size": 4194304.0,
      "volumes": [{"name": "a", "size": 8388608.0, "stripes": 2.0}, {"name": "b", "size": 4.194304e6}, {"name": "c", "size": ".5m"}]}]})");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.lvs[0].extents(), Extents{2});
  EXPECT_EQ(vg.lvs[1].extents(), Extents{1});
}

TEST_F(EnsureTest, ChangesNothingTheSecondTime) { settles(kSpec); }

TEST_F(EnsureTest, BringsAVgThatIsThereToTheSpecification) {
  m.must("vgcreate --addtag old vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 3 -n data --addtag stale vg0");
  m.must("lvcreate -y -l 4 -n keep vg0");
  std::uint32_t seqno = m.vg("vg0").seqno;
  settles(kSpec);
  VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.seqno, seqno + 1);
  EXPECT_EQ(vg.tags, std::vector<std::string>{"db"});
  EXPECT_EQ(vg.pvs.size(), 2U);
  EXPECT_EQ(vg.lvs.size(), 4U);
  EXPECT_EQ(vg.lvs[0].extents().n, 5U);
  EXPECT_EQ(vg.lvs[0].tags, std::vector<std::string>{"t"});
}

TEST_F(EnsureTest, NeverShrinksOrRemovesWithoutAWord) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -an -Zn -l 5 -n data vg0");
  m.must("lvcreate -an -Zn -l 1 -n other vg0");
  std::vector<VolumeGroup> before = vgs_of(m.look());
  m.disks.forget_log();
  for (auto [spec, word] :
       {std::pair{R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "size": "8m"}]}]})", "may_shrink"},
        {R"({"volume_groups": [{"name": "vg0", "only_volumes": true, "volumes": [{"name": "data"}]}]})",
         "may_remove_volumes"},
        {R"({"volume_groups": [{"name": "vg0", "state": "absent"}]})", "may_remove_volumes"}}) {
    Ran ran = ensure(spec);
    EXPECT_EQ(ran.status, 5) << spec;
    EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  }
  EXPECT_EQ(
      ensure(
          R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "volumes": [{"name": "data", "minimum": "8m"}]}]})")
          .status,
      0);
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_EQ(vgs_of(m.look()), before);
}

TEST_F(EnsureTest, ShrinksAndRemovesWithTheWord) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -y -l 5 -n data vg0 /dev/a");
  m.must("lvcreate -y -l 1 -n other vg0 /dev/a");
  m.must("lvcreate -y -l 1 -n gone vg0 /dev/a");
  settles(
      R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "only_devices": true, "only_volumes": true, "may_remove_volumes": true,
      "volumes": [{"name": "data", "size": "8m", "may_shrink": true}, {"name": "gone", "state": "absent"}]}]})");
  VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.pvs.size(), 1U);
  ASSERT_EQ(vg.lvs.size(), 1U);
  EXPECT_EQ(vg.lvs[0].extents().n, 2U);
  settles(R"({"volume_groups": [{"name": "vg0", "state": "absent", "may_remove_volumes": true}]})");
  EXPECT_TRUE(m.look().vgs.empty());
}

TEST_F(EnsureTest, UsesTheRoomOfWhatGoesForWhatGrows) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 10 -n big vg0");
  m.must("lvcreate -an -Zn -l 5 -n small vg0");
  settles(
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "small", "minimum": "100%FREE"}, {"name": "big", "state": "absent"}]}]})");
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 15U);
}

TEST_F(EnsureTest, ActivatesAndDeactivates) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 1 -n up vg0");
  m.must("lvcreate -an -Zn -l 1 -n down vg0");
  settles(
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "up", "active": false}, {"name": "down", "active": true}]}]})");
  EXPECT_EQ(m.kernel.find("vg0-up"), nullptr);
  EXPECT_NE(m.kernel.find("vg0-down"), nullptr);
}

TEST_F(EnsureTest, MakesAFilesystemOnceAndShowsItInThePlan) {
  const std::string spec = R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "filesystem": {"type": "ext4", "options": ["-m", "0"]}}]}]})";
  EXPECT_NE(ensure(spec, "-y --plan").out.find("Make an ext4 filesystem on vg0/data (options -m 0)."),
            std::string::npos);
  EXPECT_TRUE(m.programs.empty());
  Ran ran = ensure(spec);
  ASSERT_EQ(ran.status, 0) << ran.err;
  ASSERT_EQ(m.programs.size(), 1U);
  EXPECT_EQ(m.programs[0], (std::vector<std::string>{"mkfs.ext4", "-m", "0", "/dev/mapper/vg0-data"}));
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  settles(spec);
  EXPECT_EQ(m.programs.size(), 1U);
  m.lv_signatures = {{"xfs", {0}, {4}}};
  ran = ensure(spec);
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("it carries xfs, not ext4; nothing is made over it"), std::string::npos) << ran.err;
}

TEST_F(EnsureTest, MakesSwap) {
  const std::string spec = R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "swap", "size": "20m", "filesystem": {"type": "swap"}}]}]})";
  ASSERT_EQ(ensure(spec).status, 0);
  ASSERT_EQ(m.programs.size(), 1U);
  EXPECT_EQ(m.programs[0], (std::vector<std::string>{"mkswap", "/dev/mapper/vg0-swap"}));
  m.lv_signatures = {{"swap", {4086}, {10}}};
  settles(spec);
}

TEST_F(EnsureTest, RemovesAVolumeAgainWhoseFilesystemCannotBeMade) {
  const std::string spec = R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "filesystem": {"type": "ext4"}}, {"name": "more", "size": "4m"}]}]})";
  m.program_failure = Error(Errc::Io, "mkfs.ext4 failed (status 1): no");
  Ran ran = ensure(spec);
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(
      ran.err.find(
          "vg0/data was made and removed again, since no ext4 could be made on it: mkfs.ext4 failed (status 1): no. Once"),
      std::string::npos)
      << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
  EXPECT_EQ(m.kernel.find("vg0-data"), nullptr);
  EXPECT_NE(ran.out.find("vg0/data: made and removed again, for want of its filesystem, ext4"), std::string::npos)
      << ran.out;
  EXPECT_NE(ensure(spec, "-y --json").out.find(R"("made and removed again, for want of its filesystem, ext4")"),
            std::string::npos);
  m.program_failure.reset();
  ran = ensure(spec);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
}

TEST_F(EnsureTest, RemovesAVolumeAgainWhoseProgramEndedWellAndMadeNothing) {
  m.mkfs_makes = false;
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "filesystem": {"type": "ext4", "options": ["-n"]}}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(
      ran.err.find("vg0/data was made and removed again, since no ext4 could be made on it: mkfs.ext4 -n ended "
                   "well, and the volume carries nothing that is known: change \"options\" in the specification."),
      std::string::npos)
      << ran.err;
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
}

TEST_F(EnsureTest, LeavesAVolumeWhoseProgramMadeSomethingElse) {
  m.on_program = [&] { m.lv_signatures = {{"ext3", {1080}, {2}}}; };
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "filesystem": {"type": "ext4", "options": ["-t", "ext3"]}}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("vg0/data is there, the ext4 on it is not: mkfs.ext4 -t ext3 ended well, and the volume "
                         "carries ext3 and no ext4: "),
            std::string::npos)
      << ran.err;
  EXPECT_NE(ran.err.find("lvremove vg0/data, and run this again"), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("without its filesystem, ext4"), std::string::npos) << ran.out;
}

TEST_F(EnsureTest, LeavesAVolumeThatIsInUseWhereItsFilesystemCannotBeMade) {
  m.program_failure = Error(Errc::Io, "mkfs.ext4 failed (status 1): no");
  m.on_program = [&] { m.kernel.open("vg0-data"); };
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "filesystem": {"type": "ext4"}}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("vg0/data is there, the ext4 on it is not: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("lvremove vg0/data, and run this again"), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("vg0/data: created, 20.00 MiB; without its filesystem, ext4"), std::string::npos) << ran.out;
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
}

TEST_F(EnsureTest, MakesNoFilesystemOnAVolumeThatWasThereBefore) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 5 -n data vg0");  // what a database wrote to it has no signature
  m.disks.forget_log();
  Ran ran = ensure(
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "filesystem": {"type": "ext4", "options": ["-m", "0"]}}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("mkfs.ext4 -m 0 /dev/vg0/data"), std::string::npos) << ran.err;
  EXPECT_TRUE(m.programs.empty());
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(EnsureTest, KnowsTheFilesystemOfAnInactiveVolume) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 5 -n data vg0");
  const std::string spec =
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "filesystem": {"type": "ext4"}}]}]})";
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  settles(spec);
  m.lv_signatures = {{"xfs", {0}, {4}}};
  EXPECT_EQ(ensure(spec).status, 5);
}

TEST_F(EnsureTest, AsksForNoFilesystemOnAReadOnlyVolume) {
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"],
      "volumes": [{"name": "data", "size": "20m", "read_only": true, "filesystem": {"type": "ext4"}}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_TRUE(m.look().vgs.empty());
}

const char* const kShrinks =
    R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "size": "8m", "may_shrink": true}]}]})";

TEST_F(EnsureTest, NeverCutsAVolumeThatCarriesSomethingKnown) {
  m.must("vgcreate vg0 /dev/a");
  for (const char* activity : {"y", "n"}) {
    m.must(std::string("lvcreate -y -Zn -l 5 -n data vg0 -a") + activity);
    for (const char* type : {"ext4", "xfs", "crypto_LUKS", "swap"}) {
      m.lv_signatures = {{type, {1080}, {2}}};
      Ran ran = ensure(kShrinks, "-y");
      EXPECT_EQ(ran.status, 5);
      EXPECT_NE(ran.err.find(std::string("carries ") + type), std::string::npos) << ran.err;
      EXPECT_NE(ran.err.find("lvreduce "), std::string::npos) << ran.err;
      EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 5U);
    }
    m.lv_signatures.clear();
    m.must("lvremove -y vg0/data");
  }
}

TEST_F(EnsureTest, NeverCutsAVolumeThatIsInUse) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 5 -n data vg0");
  m.kernel.open("vg0-data");
  for (const char* options : {"-y", "-y --plan"}) {
    Ran ran = ensure(kShrinks, options);
    EXPECT_EQ(ran.status, 5);
    EXPECT_NE(ran.err.find("in use"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 5U);
}

TEST_F(EnsureTest, AsksBeforeItCutsWhatMayHoldData) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 5 -n data vg0");
  m.input = kShrinks;
  Ran ran = m.run("ensure -");  // nobody answers, as in a script
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("-y"), std::string::npos) << ran.err;
  EXPECT_EQ(m.run("ensure -", "n").status, 5);
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 5U);
  EXPECT_NE(ensure(kShrinks, "--plan").out.find("Will be asked: "), std::string::npos);
  EXPECT_EQ(m.run("ensure -", "y").status, 0);
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 2U);
}

TEST_F(EnsureTest, CutsNothingTheSecondTimeWhereStripesDoNotDivideAPart) {
  for (int percent : {1, 10, 33, 50, 66}) {
    for (const char* kind : {"size", "minimum"}) {
      TestMachine fresh;
      for (const char* disk : {"/dev/a", "/dev/b", "/dev/c"}) fresh.disk(disk);
      settles(fresh, R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a", "/dev/b", "/dev/c"],
          "volumes": [{"name": "data", ")" +
                         std::string(kind) + R"(": ")" + std::to_string(percent) +
                         R"(%VG", "stripes": 2, "may_shrink": true}]}]})");
      EXPECT_GT(fresh.vg("vg0").lvs.at(0).extents().n, 0U);
    }
  }
}

TEST_F(EnsureTest, TakesWhatStripesCanTakeOfUnequalDisks) {
  m.disk("/dev/small", {20 << 20});
  const std::string spec = R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a", "/dev/small"],
      "volumes": [{"name": "odd", "size": "4m"}, {"name": "rest", "minimum": "100%FREE", "stripes": 2}]}]})";
  settles(spec);
  EXPECT_EQ(m.vg("vg0").lvs[1].extents().n % 2, 0U);
}

TEST_F(EnsureTest, SizesAsPartsOfTheDisksThatStay) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  settles(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "only_devices": true,
      "volumes": [{"name": "half", "size": "50%VG"}, {"name": "rest", "minimum": "100%FREE"}]}]})");
  VolumeGroup vg = m.vg("vg0");
  EXPECT_EQ(vg.pvs.size(), 1U);
  EXPECT_EQ(vg.lvs[0].extents().n, total_extents(vg).n / 2);
  EXPECT_EQ(free_extents(vg).n, 0U);
}

TEST_F(EnsureTest, CutsStripesOnlyWhole) {
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -an -Zn -l 3 -n data vg0");
  m.must("lvextend -i 2 -l +4 vg0/data");
  settles(R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "size": "32m"}]}]})");
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 9U);  // 3, and whole stripes of 2
  settles(R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "data", "size": "16m", "may_shrink": true}]}]})");
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 5U);
}

TEST_F(EnsureTest, RefusesStripesOfAVolumeThatNothingIsBehind) {
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an --type zero -l 3 -n none vg0");
  Ran ran = ensure(R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "none", "stripes": 1}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("of type zero"), std::string::npos) << ran.err;
}

TEST_F(EnsureTest, AnswersForEachObjectInJson) {
  m.must("vgcreate vg0 /dev/a");
  Json answer = Json::parse(
      ensure(
          R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "volumes": [{"name": "data", "size": 8388608}]}]})",
          "-y --json")
          .out);
  EXPECT_EQ(answer.at("objects"), Json::parse(R"([{"kind": "pv", "name": "/dev/a", "changed": false, "differences": []},
      {"kind": "vg", "name": "vg0", "changed": false, "differences": []},
      {"kind": "lv", "name": "vg0/data", "changed": true, "differences": ["created, 8.00 MiB"]}])"));
  EXPECT_EQ(answer.at("changed"), true);
}

TEST_F(EnsureTest, GoesThroughAllOfItInTestModeAndChangesNothing) {
  const std::string spec =
      R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "volumes": [{"name": "one", "size": "8m", "filesystem": {"type": "ext4"}},
      {"name": "rest", "minimum": "100%FREE"}]}]})";
  m.disks.forget_log();
  for (const char* options : {"-t -y", "-t -y --json"}) {
    Ran ran = ensure(spec, options);
    EXPECT_EQ(ran.status, 0) << options << ran.err;
    EXPECT_NE(ran.out.find("vg0/one"), std::string::npos) << ran.out;
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_TRUE(m.programs.empty());
    EXPECT_TRUE(m.look().vgs.empty());
  }
  m.must("vgcreate vg0 /dev/a");
  m.input = "lvcreate -an -Zn -l 1 -n one vg0\nlvextend -l +1 vg0/one\n";
  Ran ran = m.run("batch -t");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
}

TEST_F(EnsureTest, LeavesNothingChangedWhenSomethingCannotBe) {
  m.disks.forget_log();
  Ran ran = ensure(
      R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "volumes": [{"name": "one", "size": "8m"}, {"name": "big", "size": "1g"}]}]})");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("vg0/big: "), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(EnsureTest, RefusesWhatItDoesNotUnderstandAndNamesThePlace) {
  for (auto [spec, place] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "This is no JSON"},
           {"[]", "an object belongs here"},
           {"{}", "/volume_groups: "},
           {R"({"volume_groups": 1})", "/volume_groups: "},
           {R"({"volume_groups": [], "extra": 1})", "/extra: there is no such key"},
           {R"({"volume_groups": [1]})", "/volume_groups/0: an object"},
           {R"({"volume_groups": [{}]})", "/volume_groups/0/name: "},
           {R"({"volume_groups": [{"name": "../x"}]})", "/volume_groups/0/name: "},
           {R"({"volume_groups": [{"name": "v", "sise": 1}]})", "/volume_groups/0/sise: there is no such key"},
           {R"({"volume_groups": [{"name": "v", "tags": ["a b"]}]})", "/volume_groups/0/tags: "},
           {R"({"volume_groups": [{"name": "v", "name": "w"}]})", "The key \"name\" is given twice in one object"},
           {R"({"volume_groups": [], "volume_groups": []})", "The key \"volume_groups\" is given twice in one object"},
           {R"({"volume_groups": [{"name": "v"}, {"name": "v"}]})", "/volume_groups/1/name: v is listed twice"},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "10"}]}]})",
            "/volume_groups/0/volumes/0/size: \"10\" is no number with a unit"},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "10."}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "0x10m"}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "8m "}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [], "$schema": 1})", "/$schema: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "stripes": 2, "stripe_size": 4099}]}]})",
            "/volume_groups/0/volumes/0/stripe_size: a power of two, at least 4096, belongs here"},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": -1}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": 0}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": 1.5}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "50%FREE"}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "010%VG"}]}]})",
            "/volume_groups/0/volumes/0/size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "stripe_size": 0}]}]})",
            "/volume_groups/0/volumes/0/stripe_size: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "size": "1g", "minimum": "1g"}]}]})",
            "exclude one another"},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "type": "thin"}]}]})",
            "/volume_groups/0/volumes/0/type: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "stripes": 129}]}]})",
            "/volume_groups/0/volumes/0/stripes: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a", "filesystem": {"type": "../sh"}}]}]})",
            "/volume_groups/0/volumes/0/filesystem/type: "},
           {R"({"volume_groups": [{"name": "v", "volumes": [{"name": "a"}, {"name": "a"}]}]})", "a is listed twice"}}) {
    Ran ran = ensure(spec);
    EXPECT_EQ(ran.status, 3) << spec;
    EXPECT_NE(ran.err.find(place), std::string::npos) << spec << "\n" << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

TEST(EnsureSpec, OfExtentsInPartsOfASectorIsRefused) {
  TestMachine m;
  m.disk("/dev/a");
  for (const char* size : {"128", "0", "4194305"}) {
    m.input =
        std::string(R"({"volume_groups": [{"name": "vg0", "devices": ["/dev/a"], "extent_size": )") + size + "}]}";
    const Ran ran = m.run("ensure -y -");
    EXPECT_EQ(ran.status, 3) << size;
    EXPECT_NE(ran.err.find(std::string(size) + " bytes are no multiple of 512"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace ashlar::test
