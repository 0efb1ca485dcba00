// SPDX-License-Identifier: LGPL-2.1-or-later
// The manual's pages: whole, legal, and true. Each example is typed, on a machine as the pages describe it: VG vg0 on
// /dev/sdb and /dev/sdc with LVs data and logs, and three disks more.
#include "cli/manual/manual.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "cli/manual/roff.h"
#include "config/settings.h"
#include "image_machine.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;

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
        EXPECT_TRUE(name.find('(') != std::string::npos || cli::find_command(name) != nullptr)
            << entry.command << ": see " << name;
    }
  }
  for (const cli::Command* command : cli::commands())
    EXPECT_TRUE(seen.contains(command->name)) << command->name << " has no entry in src/cli/manual";
}

TEST(Manual, HasEachOptionInItsPageWithWhatHelpSaysOfIt) {
  for (const cli::Command* command : cli::commands()) {
    const std::string page = page_of(*command);
    for (const cli::Option& o : command->options)
      EXPECT_THAT(page, HasSubstr(cli::roff::bold("--" + std::string(o.name)))) << command->name;
  }
  const std::string overview = cli::overview_page(0);
  for (const cli::Option& o : cli::common_options()) EXPECT_THAT(overview, HasSubstr(cli::roff::option(o)));
  for (const cli::Command* command : cli::commands())
    EXPECT_THAT(overview, HasSubstr(cli::roff::reference(command->name)));
}

TEST(Manual, HasEachSettingInItsPage) {
  const std::string page = cli::settings_page(0);
  for (const auto section : config::setting_sections()) {
    for (const config::Setting& row : section.subspan(1))
      EXPECT_THAT(page, HasSubstr(".TP\n" + cli::roff::bold(row.path) + " = ")) << row.path;
  }
}

TEST(Manual, IsPrintedByHelpAndSaysWhatItDoesNotHave) {
  TestMachine m;
  EXPECT_THAT(m.must("help --man"), HasSubstr(".TH \"ASHLAR\" 8 "));
  EXPECT_THAT(m.must("help --man lvs lvm.conf"),
              testing::AllOf(HasSubstr(".TH \"ASHLAR-LVS\" 8 "), HasSubstr(".TH \"ASHLAR-LVM.CONF\" 5 ")));
  Ran ran = m.run("help --man nonsense");
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr("No such command 'nonsense'"));
}

TEST(Manual, HasPagesThatMandocHasNothingToSayOf) {
  TempDir dir;
  for (const cli::Command* command : cli::commands())
    put_file(dir / (std::string(command->name) + ".8"), page_of(*command));
  put_file(dir / "ashlar.8", cli::overview_page(0));
  put_file(dir / "lvm.conf.5", cli::settings_page(1700000000));
  EXPECT_THAT(cli::settings_page(1700000000), HasSubstr(" 2023-11-14 "));
  EXPECT_EQ(shell("cd " + dir.path() + " && mandoc -Tlint -W warning *.[58] >said 2>&1"), 0)
      << "apt install mandoc: " << [&] {
           std::vector<std::byte> said = slurp(dir / "said");
           return std::string(reinterpret_cast<const char*>(said.data()), said.size());
         }();
}

TEST(Roff, KeepsWhatIsTypedAsItIs) {
  EXPECT_EQ(cli::roff::plain(".a-b \\ 'c'"), ".a\\-b \\e \\(aqc\\(aq");
  EXPECT_EQ(cli::roff::paragraphs(".a"), "\\&.a\n") << "no request";
  EXPECT_EQ(cli::roff::sentence("Give -y, or --plan=json; well-known `a-b`."),
            "Give \\fB\\-y\\fR, or \\fB\\-\\-plan=json\\fR; well-known \\fBa\\-b\\fR.");
  EXPECT_EQ(cli::roff::arguments("VG [PV[:RANGE]...] | -n y"),
            "\\fIVG\\fR [\\fIPV\\fR[:\\fIRANGE\\fR]...] | \\fB\\-n\\fR \\fBy\\fR");
  EXPECT_EQ(cli::roff::paragraphs("a\nb\n\n* c\n\nd:\n  e -f"),
            "a\nb\n.IP \\(bu 2\nc\n.PP\nd:\n.RS 4\n.EX\ne \\-f\n.EE\n.RE\n");
}

// ---- examples ------------------------------------------------------------------------------------------------------

/// What a page takes for granted beyond the common machine.
const std::map<std::string_view, std::vector<std::string>> kBefore = {
    {"lv", {"lvchange -an vg0", "vgcreate vg1 /dev/sdd", "lvcreate -L 20m -n data vg1"}},
    {"lvcreate", {"vgcreate vg1 /dev/sdd /dev/sde"}},
    {"pvremove", {"pvcreate /dev/sdd"}},
    {"vgcfgrestore", {"vgcfgbackup -f vg0.txt vg0"}},
    {"vgimport", {"vgchange -an vg0", "vgexport vg0"}},
    {"vgmerge", {"vgcreate vg1 /dev/sdd"}},
};
/// Pages whose examples read and write files of metadata or of data: they are typed on image files.
const std::set<std::string_view> kOnImages = {"lv", "vgcfgbackup", "vgcfgrestore", "vgimportclone"};
/// They are about a devices file, and these machines have none: it is the command line that is tried.
const std::set<std::string_view> kWithoutDevicesFile = {"lvmdevices", "vgimportdevices"};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// The machine of the pages. It answers every question with yes.
class Machine {
 public:
  explicit Machine(const cli::Manual& page) : images_(kOnImages.contains(page.command)) {
    std::filesystem::current_path(images_ ? files_.dir.path() : folder_.path());
    for (char c = 'b'; c <= 'f'; ++c) {
      ram_.disk(std::string("/dev/sd") + c, {std::uint64_t{100} << 30});
      make_file(files_.dir / (std::string("sd") + c), std::uint64_t{1} << 30);
    }
    make_file(files_.dir / "fs.img", 1 << 20);
    type("ashlar vgcreate vg0 /dev/sdb /dev/sdc");
    type(std::string("ashlar lvcreate -n data vg0 /dev/sdb -L ") + (images_ ? "20m" : "20g"));
    type(std::string("ashlar lvcreate -n logs vg0 /dev/sdb --addtag scratch -L ") + (images_ ? "5m" : "5g"));
    if (images_ && page.command == "vgimportclone") {
      for (const auto& [from, to] : {std::pair("sdb", "sdd"), {"sdc", "sde"}})
        EXPECT_EQ(shell("cp --sparse=always " + files_.dir / from + " " + files_.dir / to), 0);
    }
    if (auto more = kBefore.find(page.command); more != kBefore.end()) {
      for (const std::string& line : more->second) type("ashlar " + line);
    }
    status_ = kWithoutDevicesFile.contains(page.command) ? 5 : 0;
  }
  ~Machine() { std::filesystem::current_path(before_); }

  /// A line as in a shell, which may write to a file or into one other command.
  void type(const std::string& line) {
    const std::size_t to_file = line.find(" >"), to_command = line.find(" | ");
    const Ran ran = run(line.substr(0, std::min(to_file, to_command)), {});
    EXPECT_EQ(ran.status, status_) << line << "\n" << ran.out << ran.err;
    if (to_file != std::string::npos) std::ofstream(line.substr(to_file + 2)) << ran.out;
    if (to_command == std::string::npos || line.ends_with(" | man -l -")) return;
    EXPECT_EQ(run(line.substr(to_command + 3), ran.out + ran.report).status, 0) << line;
  }

 private:
  Ran run(std::string line, const std::string& input) {
    EXPECT_TRUE(line.starts_with("ashlar ")) << line;
    line = replaced(line, " -r ", " ");  // there is no filesystem
    if (!images_) return ram_.run(line, "y");
    line = replaced(replaced(line, "/dev/sd", "sd"), "'", "");
    return files_.run(line + " -y --image sdb --image sdc --image sdd --image sde --image sdf", input);
  }

  bool images_;
  int status_ = 0;  ///< that is expected
  std::filesystem::path before_ = std::filesystem::current_path();
  TempDir folder_;
  TestMachine ram_;
  ImageMachine files_;
};

class Examples : public testing::TestWithParam<const cli::Manual*> {};

TEST_P(Examples, AreTrue) {
  Machine machine(*GetParam());
  std::istringstream lines{std::string(GetParam()->examples)};
  std::string file;  // what the page says a file has
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("The file `")) file = line.substr(10, line.find('`', 10) - 10);
    if (line.starts_with("  ashlar "))
      machine.type(line.substr(2));
    else if (line.starts_with("  ") && !file.empty())
      std::ofstream(file, std::ios::app) << line.substr(2) << "\n";
  }
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
INSTANTIATE_TEST_SUITE_P(Manual, Examples, testing::ValuesIn(pages_with_examples()),
                         [](const auto& test) { return std::string(test.param->command); });
}  // namespace
}  // namespace ashlar::test
