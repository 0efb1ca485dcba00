// SPDX-License-Identifier: LGPL-2.1-or-later
// The shell: lines in, each carried out as a command line would be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/shell.h"
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

TEST(Shell, CompletesCommandsAndTheirOptions) {
  EXPECT_THAT(cli::completions("vgcf", 0), ElementsAre("vgcfgbackup", "vgcfgrestore"));
  EXPECT_THAT(cli::completions("lvcreate --stripes", 9), ElementsAre("--stripes", "--stripesize"));
  EXPECT_THAT(cli::completions("lvcreate vg", 9), ElementsAre());
  EXPECT_THAT(cli::completions("nonsense --s", 9), ElementsAre());
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
