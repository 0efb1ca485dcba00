// SPDX-License-Identifier: LGPL-2.1-or-later
// The forms of a command in its row of the table: help shows them, and what is none of them is refused by what is wrong
// with it.
#include "cli/forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Forms : public testing::Test {
 protected:
  Forms() {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c"}) m.disk(path);
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("vgcreate vg1 /dev/c");
  }
  void refuses(const std::string& line, const std::string& what) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_EQ(ran.out, "") << line;
    EXPECT_THAT(ran.err, HasSubstr(what)) << line;
  }
  TestMachine m;
};

TEST_F(Forms, AreReadFromOneLineOfTheTable) {
  const auto forms = cli::forms_of("VG PV[:RANGE]... | (--all|--most) [--quietly] [--here|--there] VG [NAME]");
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].arguments, "VG PV[:RANGE]...");
  EXPECT_EQ(forms[0].least, 2U);
  EXPECT_EQ(forms[0].most, SIZE_MAX);
  ASSERT_EQ(forms[1].needs.size(), 1U);
  EXPECT_THAT(forms[1].needs[0], ElementsAre("all", "most"));
  EXPECT_THAT(forms[1].allows, ElementsAre("all", "most", "quietly", "here", "there"));
  ASSERT_EQ(forms[1].at_most_one.size(), 1U);
  EXPECT_THAT(forms[1].at_most_one[0], ElementsAre("here", "there"));
  EXPECT_EQ(forms[1].arguments, "VG [NAME]");
  EXPECT_EQ(forms[1].least, 1U);
  EXPECT_EQ(forms[1].most, 2U);
  EXPECT_EQ(cli::forms_of("").at(0).most, 0U);
}

TEST_F(Forms, NameOnlyOptionsThatTheirCommandHas) {
  for (const cli::Command* command : cli::commands()) {
    for (const cli::Form& form : cli::forms_of(command->arguments)) {
      for (std::string_view name : form.allows) {
        auto is = [&](const cli::Option& o) { return o.name == name; };
        EXPECT_TRUE(std::any_of(command->options.begin(), command->options.end(), is) ||
                    std::any_of(cli::common_options().begin(), cli::common_options().end(), is))
            << command->name << " --" << name;
      }
    }
  }
}

TEST_F(Forms, AreALineEachInHelp) {
  EXPECT_THAT(m.must("vgreduce --help"),
              HasSubstr("  vgreduce VG PV...\n  vgreduce --all VG\n  vgreduce --removemissing [--mirrorsonly] VG\n"));
}

TEST_F(Forms, RefuseWhatConflictsNamingItAndTheNearestForm) {
  refuses("vgreduce --mirrorsonly vg0",
          "Command does not accept option: --mirrorsonly.  The nearest form is: vgreduce");
  refuses("vgreduce --all vg0 /dev/b",
          "Command does not accept argument: /dev/b.  The nearest form is: vgreduce --all VG");
  refuses("vgreduce --all --removemissing vg0", "Command does not accept option: --");
  refuses("vgreduce vg0", "An argument is missing.  The nearest form is: vgreduce VG PV...");
  refuses("vgchange --addtag x -ay vg0", "Command does not accept option: --");
  refuses("vgchange --addtag x --partial vg0", "Command does not accept option: --partial.");
  refuses("vgchange vg0", "Please give --");
  refuses("lvchange vg0/a", "Please give --activate, --refresh, --monitor, --poll, --addtag, ");
  refuses("vgrename vg0", "The nearest form is: vgrename VG|UUID NEW");
  refuses("vgsplit -n one vg0 vg2 /dev/a", "Command does not accept argument: /dev/a.");
  refuses("pvchange /dev/a", "Please give --allocatable, --uuid, --addtag, --deltag or --metadataignore.");
  refuses("lvmdevices --check --update", "Command does not accept option: --");
  refuses("vgscan vg0", "Command does not accept argument: vg0.");
  EXPECT_EQ(m.vg("vg0").seqno, 1U) << "nothing was changed";
}

TEST_F(Forms, RefuseASecondOptionOfAChoice) {
  refuses("vgchange -ay --partial --activationmode complete vg0",
          "Command does not accept --partial with --activationmode.");
  refuses("lvchange --alloc normal --contiguous y vg0/one", "Command does not accept --alloc with --contiguous.");
  refuses("vgcreate --metadatacopies 1 --vgmetadatacopies 1 vg2 /dev/c",
          "Command does not accept --vgmetadatacopies with --metadatacopies.");
}

TEST_F(Forms, LetASelectionStandForArguments) {
  EXPECT_EQ(m.run("vgchange --addtag x -S vg_name=vg0").status, 0);
  EXPECT_EQ(m.run("pvchange --addtag x -S vg_name=vg1").status, 0);
  EXPECT_EQ(m.run("vgexport -S vg_name=vg1").status, 0);
}

TEST_F(Forms, HoldForLinesOfABatchToo) {
  m.input = "vgchange --addtag x vg0\nvgreduce --mirrorsonly vg0\n";
  Ran ran = m.run("batch");
  EXPECT_NE(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("Command does not accept option: --mirrorsonly."));
  EXPECT_EQ(m.vg("vg0").seqno, 1U);
}

TEST_F(Forms, TakeNothingButYesAndNoWhereThatIsWhatTheTableSays) {
  refuses("vgchange --poll maybe vg0", "Invalid argument for --poll: maybe");
  EXPECT_EQ(m.run("vgchange --poll y vg0").status, 0);
}

}  // namespace
}  // namespace ashlar::test
