// SPDX-License-Identifier: LGPL-2.1-or-later
// The shell: lines in, each carried out as a command line would be.
#include "cli/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(Shell, RunsEveryLineOfAScript) {
  TestMachine m;
  m.disk("/dev/a");
  Ran ran = m.shell("pvcreate /dev/a\n# made\n\nvgcreate vg0 /dev/a\nvgs --noheadings -o vg_name\n");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("Volume group \"vg0\" successfully created\n  vg0\n"));
}

TEST(Shell, EndsWithTheStatusOfTheLastCommand) {
  TestMachine m;
  EXPECT_EQ(m.shell("vgs nope\n").status, 5);
  EXPECT_EQ(m.shell("vgs nope\nvgs\n").status, 0);
  EXPECT_EQ(m.shell("vgs --nonsense\n").status, 3);
  EXPECT_EQ(m.shell("").status, 0);
}

TEST(Shell, QuitAndExitEndIt) {
  TestMachine m;
  EXPECT_EQ(m.shell("quit\nvgs nope\n").status, 0);
  EXPECT_EQ(m.shell("exit\nvgs nope\n").status, 0);
}

TEST(Shell, GoesOnAfterAWordThatIsNoCommand) {
  TestMachine m;
  Ran ran = m.shell("foo\nlvm version\n");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("No such command 'foo'.  Try 'help'."));
  EXPECT_THAT(ran.out, HasSubstr("LVM version:"));
}

TEST(Shell, QuotesKeepBlanksAndAnOpenOneIsAnError) {
  EXPECT_EQ(cli::split_line("a  'b c'\t\"d \\\" e\" f\\ g ''").value(), (Words{"a", "b c", "d \" e", "f g", ""}));
  EXPECT_EQ(cli::split_line("   ").value(), Words{});
  TestMachine m;
  Ran ran = m.shell("vgs 'open\n");
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr("not closed"));
}

// Observed: lvm2 ends a line at a # where a word would begin, and right behind a word in quotes; not inside a word or quotes.
TEST(Shell, AHashWhereAWordWouldBeginEndsTheLine) {
  EXPECT_EQ(cli::split_line("aa # bb 'cc").value(), Words{"aa"});
  EXPECT_EQ(cli::split_line("aa\t#bb").value(), Words{"aa"});
  EXPECT_EQ(cli::split_line("  # aa").value(), Words{});
  EXPECT_EQ(cli::split_line("\"aa\"#bb cc").value(), Words{"aa"});
  EXPECT_EQ(cli::split_line("''#b cc").value(), Words{""});
  EXPECT_EQ(cli::split_line("aa# b#b 'c # c' '#' \\# d").value(), (Words{"aa#", "b#b", "c # c", "#", "#", "d"}));
  EXPECT_EQ(cli::split_line("a'b'#c d").value(), (Words{"ab#c", "d"}));
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l1 -n one vg0");
  m.must("lvcreate -an -Zn -l1 -n two vg0");
  EXPECT_EQ(m.shell("lvremove -y vg0/one # vg0/two\n").status, 0);
  EXPECT_EQ(m.must("lvs --noheadings -o lv_name"), "  two \n");
}

TEST(Shell, CompletesCommandsAndTheirOptions) {
  EXPECT_THAT(cli::completions("vgcf", 0), ElementsAre("vgcfgbackup", "vgcfgrestore"));
  EXPECT_THAT(cli::completions("lvcreate --stripes", 9), ElementsAre("--stripes", "--stripesize"));
  EXPECT_THAT(cli::completions("lvcreate vg", 9), ElementsAre());
  EXPECT_THAT(cli::completions("nonsense --s", 9), ElementsAre());
}

class Scripts : public testing::Test {
 protected:
  std::string script(const std::string& text) {
    put_file(dir_ / "script", text);
    return dir_ / "script";
  }
  TempDir dir_;
  TestMachine m;
};

TEST_F(Scripts, OfAnInterpreterLineAreRunToTheFirstLineThatFails) {
  m.disk("/dev/a");
  const std::string good =
      script("#!/sbin/lvm\npvcreate /dev/a\n\n  # made\nvgcreate vg0 /dev/a\nlvm vgs --noheadings -o vg_name");
  for (const char* program : {"lvm ", "/usr/sbin/ashlar "}) {
    Ran ran = m.run(program + good + " further words");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("\n  vg0\n"));
    m.must("vgremove vg0");
  }
  EXPECT_EQ(m.run("lvm " + script("#!/sbin/lvm\nvgs nope\npvremove /dev/a\n")).status, 5);
  EXPECT_EQ(m.run("lvm " + script("#!/sbin/lvm\nnonsense\npvremove /dev/a\n")).status, 2);
  EXPECT_EQ(m.run("lvm " + script("#!/sbin/lvm\nvgs 'open\npvremove /dev/a\n")).status, 3);
  EXPECT_EQ(m.run("lvm " + script("#!/sbin/lvm\nexit\npvremove /dev/a\n")).status, 0);
  EXPECT_EQ(m.look().scan.pvs.size(), 1U);
}

TEST_F(Scripts, AreNoFilesThatBeginOtherwise) {
  for (const std::string& path : {script("version\n"), dir_ / "nothing", dir_.path(), std::string("/dev/null")}) {
    Ran ran = m.run("lvm " + path);
    EXPECT_EQ(ran.status, 2) << path;
    EXPECT_EQ(ran.err, "  No such command.  Try 'lvm help'.\n") << path;
  }
}

// A slip of the pen in a command must not run what somebody left in the current directory.
TEST_F(Scripts, AreNotTakenFromTheCurrentDirectoryForABareWord) {
  script("#!/sbin/lvm\nversion\n");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir_.path());
  EXPECT_EQ(m.run("lvm script").status, 2);
  EXPECT_EQ(m.run("lvm ./script").status, 0);
  std::filesystem::current_path(before);
}

TEST(Shell, ReportsGoWhereTheProgramWantsThem) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  Ran ran = m.run("vgs --noheadings -o vg_name", {}, /*separate_report=*/true);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.report, "  vg0\n");
}
}  // namespace
}  // namespace ashlar::test
