// SPDX-License-Identifier: LGPL-2.1-or-later
// What every row of the command table keeps: help, version, bad options, prefixes, hyphens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class EveryCommand : public testing::TestWithParam<const cli::Command*> {
 protected:
  std::string name() const { return std::string(GetParam()->name); }
  TestMachine m;
};

TEST_P(EveryCommand, ShowsItsOptionsOnStdoutWithHelp) {
  Ran ran = m.run(name() + " --help");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_NE(ran.out.find(name() + " - "), std::string::npos);
  for (const cli::Option& o : GetParam()->options)
    EXPECT_NE(ran.out.find("--" + std::string(o.name)), std::string::npos) << o.name;
}

TEST_P(EveryCommand, ShowsTheVersionThatScriptsCompare) {
  Ran ran = m.run(name() + " --version");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out.substr(0, 28), "  LVM version:     2.03.16(2");
}

TEST_P(EveryCommand, RefusesAnUnknownOptionWithStatus3AndAnEmptyStdout) {
  Ran ran = m.run(name() + " --no-such-option");
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, name() + ": unrecognized option '--no-such-option'\n  Error during parsing of command line.\n");
}

TEST_P(EveryCommand, RefusesAnUnknownLetterWithStatus3) {
  Ran ran = m.run(name() + " -@");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.err.find("Error during parsing of command line."), std::string::npos);
}

TEST_P(EveryCommand, SaysOfAnOptionOfLvm2ThatItIsNotHandledYet) {
  Ran ran = m.run(name() + " --raidintegrity y");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.err.find("'--raidintegrity' is not handled by Ashlar yet"), std::string::npos) << ran.err;
}

TEST_P(EveryCommand, IgnoresHyphensInLongOptions) { EXPECT_EQ(m.run(name() + " --he-lp").status, 0); }

TEST_P(EveryCommand, IsFoundByItsOwnNameAndBehindAshlarAndLvm) {
  for (const char* program : {"", "ashlar ", "lvm ", "/usr/sbin/lvm "})
    EXPECT_EQ(m.run(program + name() + " --help").status, 0);
  EXPECT_EQ(m.run("/usr/sbin/" + name() + " --help").status, 0);
}

TEST_P(EveryCommand, HasNoOptionOrLetterTwice) {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (const cli::Option& o : GetParam()->options) {
    EXPECT_TRUE(names.insert(o.name).second) << o.name;
    EXPECT_TRUE(o.letter == 0 || letters.insert(o.letter).second) << o.letter;
    EXPECT_EQ(o.name.find('-'), std::string_view::npos) << o.name;
    EXPECT_FALSE(o.help.empty()) << o.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryCommand, testing::ValuesIn(cli::commands().begin(), cli::commands().end()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(CommandLine, SaysThatThereIsNoSuchCommandWithStatus2) {
  TestMachine m;
  Ran ran = m.run("lvm foo");
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("No such command"), std::string::npos);
  EXPECT_EQ(ran.out, "");
}

// As LVM2: a link's name is the command.
TEST(CommandLine, CalledByANameOfNoCommandSaysThatWithStatus2) {
  TestMachine m;
  for (const char* line : {"foo", "/usr/sbin/lvs2", "foo vgs", "foo --help"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 2) << line;
    EXPECT_THAT(ran.err, testing::HasSubstr("No such command '")) << line;
    EXPECT_EQ(ran.out, "") << line;
  }
  EXPECT_THAT(m.run("lvconvert vg0/l").err,
              testing::HasSubstr("No such command 'lvconvert' in Ashlar yet: LVM2's works"));
  for (const char* line : {"ashlar-1.0 version", "lvm.static version", "ashlar", "ashlar --help"})
    EXPECT_EQ(m.run(line).status, 0) << line;
}

TEST(CommandLine, ThatChangesSomethingTakesNoReadonlyButForWhatIsActive) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  for (const char* line : {"pvcreate /dev/b", "vgchange --addtag t vg0", "lvcreate -an -l1 vg0", "vgremove vg0",
                           "vgcfgrestore vg0", "vgchange --refresh vg0"}) {
    Ran ran = m.run(std::string(line) + " --readonly");
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_THAT(ran.err, testing::HasSubstr("Command does not accept option: --readonly.")) << line;
  }
  for (const char* line : {"vgs", "pvs", "lvs", "vgcfgbackup vg0", "vgdisplay", "lvcreate -l 1 vg0 --plan"})
    EXPECT_EQ(m.run(std::string(line) + " --readonly").status, 0) << line;
}

TEST(CommandLine, RefusesAnEmptyConfigWithStatus3) {
  TestMachine m;
  EXPECT_EQ(m.run("vgs --config ''").status, 3);
  EXPECT_EQ(m.run("vgs --config=").status, 3);
  EXPECT_EQ(m.run("vgs --config a").status, 3);
}

TEST(CommandLine, TellsAnAmbiguousBeginningWithItsPossibilities) {
  TestMachine m;
  Ran ran = m.run("lvs --no");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.err.find("lvs: option '--no' is ambiguous; possibilities: '--noheadings' '--nosuffix'"),
            std::string::npos)
      << ran.err;
}

TEST(CommandLine, TakesOptionsBeforeBetweenAndAfterArgumentsAndGluedOn) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn vg0 -nfirst -L4m");
  m.must("lvcreate --size=4m -an --name=second -Zn vg0");
  m.must("lvcreate -l1 vg0 -an --zero n --na third -- ");
  EXPECT_EQ(m.must("lvs --noheading -o name vg0 --unit=b"), "  first \n  second\n  third \n");
}

TEST(CommandLine, TakesValuesThatLookLikeOptions) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 5 -n a vg0");
  m.must("lvreduce -y -L -4m vg0/a");
  m.must("lvreduce -y --extents -1 vg0/a");
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 3U);
}

TEST(CommandLine, TakesOneValueForAnOption) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  for (const auto& [line, option] :
       {std::pair("lvcreate -an -L 4m -L 8m vg0", "-L/--size"), {"vgs --units b --units k", "--units"}}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_NE(ran.err.find(std::string("Option ") + option + " may not be repeated."), std::string::npos) << ran.err;
  }
  m.must("lvcreate -an --addtag a --addtag b -l1 vg0");
  m.must("lvs -o lv_name -o lv_tags -O lv_name -O -lv_size -v -v");
}

TEST(CommandLine, SaysWhichArgumentIsMissing) {
  TestMachine m;
  for (const char* line : {"pvcreate", "vgcreate", "vgcreate vg0", "lvcreate", "lvextend", "lvremove", "vgremove",
                           "lvrename a", "vgcfgrestore"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_NE(ran.err.find("--help' for more information"), std::string::npos) << line << ran.err;
  }
}

TEST(CommandLine, RequiresTheArgumentOfAnOption) {
  TestMachine m;
  Ran ran = m.run("lvcreate vg0 --size");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.err.find("option '--size' requires an argument"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::test
