// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings under log/: what a line looks like, how much is told, what goes to the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct LogFile {
  LogFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "ashlar-log-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    path = directory + "/log";
  }
  ~LogFile() { std::filesystem::remove_all(directory); }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
  std::string directory, path;
};

TEST(Logging, LinesStartWithThePrefix) {
  TestMachine m;
  EXPECT_EQ(m.run("vgs nope --config 'log/prefix=\"# \"'").err.substr(0, 10), "# Volume g");
}

TEST(Logging, CommandNamesStandBeforeThePrefixOfResultsToo) {
  TestMachine m;
  m.disk("/dev/a");
  EXPECT_EQ(m.must("pvcreate /dev/a --config log/command_names=1"),
            "pvcreate  Physical volume \"/dev/a\" successfully created.\n");
  EXPECT_THAT(m.must("pvs --config log/command_names=1"), StartsWith("pvs  PV "));
}

TEST(Logging, IndentMovesWhatHasLessWeightToTheRight) {
  TestMachine m;
  m.disk("/dev/a");
  std::string plain = m.run("vgcreate -vvv vg0 /dev/a").err;
  m.must("vgremove vg0");
  std::string indented = m.run("vgcreate -vvv vg0 /dev/a --config log/indent=1").err;
  EXPECT_THAT(plain, Not(HasSubstr("\n    ")));
  EXPECT_THAT("\n" + indented, HasSubstr("\n    "));
}

TEST(Logging, VerboseTellsTheStoryAndTheSettingDoesTheSame) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  EXPECT_EQ(m.run("vgchange --addtag t vg0").err, "");
  const std::string story =
      "  Archiving VG vg0 as it is (seqno 2).\n"
      "  Writing VG vg0 (seqno 3) to 1 PVs.\n"
      "  Backing up VG vg0 (seqno 3).\n";
  EXPECT_EQ(m.run("vgchange --addtag u vg0 -v").err, story);
  EXPECT_THAT(m.run("vgchange --addtag w vg0 --config log/verbose=2").err,
              HasSubstr("Writing VG vg0 (seqno 4) to 1 PVs."));
  EXPECT_THAT(m.run("lvcreate -l 1 -n a vg0 -v").err,
              HasSubstr("Changing device-mapper in 1 steps around the commit."));
}

TEST(Logging, TheFileGetsWhatTheLevelAllowsWhateverTheTerminalShows) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  LogFile file;
  std::string to_file = " --config 'log { file=\"" + file.path + "\" level=";
  m.must("vgchange --addtag t vg0" + to_file + "0 }'");
  EXPECT_EQ(file.text(), "");
  m.must("vgchange --addtag u vg0" + to_file + "7 }'");
  std::string once = file.text();
  EXPECT_NE(once, "");
  m.must("vgchange --addtag v vg0" + to_file + "7 }'");
  EXPECT_THAT(file.text(), StartsWith(once)) << "a log grows";
  m.must("vgchange --addtag w vg0" + to_file + "7 overwrite=1 }'");
  EXPECT_THAT(file.text(), Not(StartsWith(once)));
}

TEST(Logging, NewFilesGetTheModeThatUmaskLeaves) {
  TestMachine m;
  EXPECT_EQ(m.run("vgs").umask, 077u);
  EXPECT_EQ(m.run("vgs --config global/umask=0027").umask, 027u);
  EXPECT_EQ(m.run("help").umask, std::nullopt) << "without a configuration the process keeps its own";
}
}  // namespace
}  // namespace ashlar::test
