// SPDX-License-Identifier: LGPL-2.1-or-later
// The manual's pages: whole, legal, and true. Each example is typed, on a machine as the pages describe it: VG vg0 on
// /dev/sdb and /dev/sdc with LVs data and logs, and three disks more.
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>

#include "cli/manual/manual.h"
#include "cli/manual/roff.h"
#include "config/settings.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

std::string page_of(const cli::Command& command) { return cli::command_page(command, 0); }

TEST(Manual, HasAnEntryForEachCommandAndNoOther) {
  std::set<std::string_view> seen;
  for (const cli::Chapter* chapter : cli::chapters()) {
    for (const cli::Manual& entry : chapter->entries) {
      EXPECT_NE(cli::find_command(entry.command), nullptr) << entry.command;
      EXPECT_TRUE(seen.insert(entry.command).second) << entry.command << " twice";
      EXPECT_FALSE(entry.about.empty()) << entry.command;
      for (const std::string& name : words_of(entry.see))
        EXPECT_TRUE(name.find('(') != std::string::npos || cli::find_command(name) != nullptr) << entry.command << ": see " << name;
    }
  }
  for (const cli::Command* command : cli::commands()) EXPECT_TRUE(seen.contains(command->name)) << command->name << " has no entry in src/cli/manual";
}

TEST(Manual, HasEachOptionInItsPageWithWhatHelpSaysOfIt) {
  for (const cli::Command* command : cli::commands()) {
    const std::string page = page_of(*command);
    for (const cli::Option& o : command->options) EXPECT_THAT(page, HasSubstr(cli::roff::bold("--" + std::string(o.name)))) << command->name;
  }
  const std::string overview = cli::overview_page(0);
  for (const cli::Option& o : cli::common_options()) EXPECT_THAT(overview, HasSubstr(cli::roff::option(o)));
  for (const cli::Command* command : cli::commands()) EXPECT_THAT(overview, HasSubstr(cli::roff::reference(command->name)));
}

TEST(Manual, HasEachSettingInItsPage) {
  const std::string page = cli::settings_page(0);
  for (const config::Setting& row : config::all_settings()) EXPECT_THAT(page, HasSubstr(".TP\n" + cli::roff::bold(row.path) + " = ")) << row.path;
}

TEST(Manual, IsPrintedByHelpAndSaysWhatItDoesNotHave) {
  TestMachine m;
  EXPECT_THAT(m.must("help --man"), HasSubstr(".TH \"ASHLAR\" 8 "));
  EXPECT_THAT(m.must("help --man lvs lvm.conf"), testing::AllOf(HasSubstr(".TH \"ASHLAR-LVS\" 8 "), HasSubstr(".TH \"ASHLAR-LVM.CONF\" 5 ")));
  Ran ran = m.run("help --man nonsense");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("No such command 'nonsense'"));
}

TEST(Manual, HasPagesThatMandocHasNothingToSayOf) {
  TempDir dir;
  for (const cli::Command* command : cli::commands()) put_file(dir / (std::string(command->name) + ".8"), page_of(*command));
  put_file(dir / "ashlar.8", cli::overview_page(0));
  put_file(dir / "lvm.conf.5", cli::settings_page(1700000000));
  EXPECT_THAT(cli::settings_page(1700000000), HasSubstr(" 2023-11-14 "));
  EXPECT_EQ(shell("cd " + dir.path() + " && mandoc -Tlint -W warning *.[58] >said 2>&1"), 0) << "apt install mandoc: " << [&] {
    std::vector<std::byte> said = slurp(dir / "said");
    return std::string(reinterpret_cast<const char*>(said.data()), said.size());
  }();
}

TEST(Roff, KeepsWhatIsTypedAsItIs) {
  EXPECT_EQ(cli::roff::plain(".a-b \\ 'c'"), "\\&.a\\-b \\e \\(aqc\\(aq");
  EXPECT_EQ(cli::roff::sentence("Give -y, or --plan=json; well-known `a-b`."),
            "Give \\fB\\-y\\fR, or \\fB\\-\\-plan=json\\fR; well-known \\fBa\\-b\\fR.");
  EXPECT_EQ(cli::roff::arguments("VG [PV[:RANGE]...] | -n y"), "\\fIVG\\fR [\\fIPV\\fR[:\\fIRANGE\\fR]...] | \\fB\\-n\\fR \\fBy\\fR");
  EXPECT_EQ(cli::roff::paragraphs("a\nb\n\n* c\n\nd:\n  e -f"), "a\nb\n.IP \\(bu 2\nc\n.PP\nd:\n.RS 4\n.EX\ne \\-f\n.EE\n.RE\n");
}

// ---- examples ------------------------------------------------------------------------------------------------------

/// What a page takes for granted beyond the common machine.
const std::map<std::string_view, std::vector<std::string>> kBefore = {
    {"vgsplit", {}},
};

class Examples : public testing::TestWithParam<const cli::Manual*> {};

TEST_P(Examples, AreTrue) {
  TempDir dir;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  TestMachine m;
  for (char c = 'b'; c <= 'f'; ++c) m.disk(std::string("/dev/sd") + c, {std::uint64_t{100} << 30});
  m.must("vgcreate vg0 /dev/sdb /dev/sdc");
  m.must("lvcreate -L 20g -n data vg0 /dev/sdb");
  m.must("lvcreate -L 5g -n logs --addtag scratch vg0 /dev/sdb");
  const cli::Manual& page = *GetParam();
  if (auto more = kBefore.find(page.command); more != kBefore.end()) {
    for (const std::string& line : more->second) m.must(line);
  }
  std::istringstream lines{std::string(page.examples)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ashlar ")) continue;
    const std::size_t to = line.find(" >");
    Ran ran = m.run(line.substr(2, to == std::string::npos ? to : to - 2), "y");
    EXPECT_EQ(ran.status, 0) << line << "\n" << ran.out << ran.err;
    if (to != std::string::npos) put_file(line.substr(to + 2), ran.out);
  }
  std::filesystem::current_path(before);
}

std::vector<const cli::Manual*> pages_with_examples() {
  std::vector<const cli::Manual*> pages;
  for (const cli::Chapter* chapter : cli::chapters()) {
    for (const cli::Manual& entry : chapter->entries) {
      if (!entry.examples.empty()) pages.push_back(&entry);
    }
  }
  return pages;
}
INSTANTIATE_TEST_SUITE_P(Manual, Examples, testing::ValuesIn(pages_with_examples()), [](const auto& test) { return std::string(test.param->command); });
}  // namespace
}  // namespace ashlar::test
