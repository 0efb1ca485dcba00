// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes that a terminal obeys and a reader does not see, and bytes that are no UTF-8: on terminals, in JSON, in plans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/forge.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

class Unprintable : public testing::Test {
 protected:
  /// vg0 with an LV that has this tag, which no command gives.
  void tag(const std::string& bytes) {
    m.disk("/dev/a");
    m.must("vgcreate vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 1 -n old --addtag TAG vg0");
    const TempDir dir;
    m.must("pvck --dump metadata -f " + dir / "text" + " /dev/a");
    const std::vector<std::byte> saved = slurp(dir / "text");
    std::string text(reinterpret_cast<const char*>(saved.data()), saved.size());
    text.replace(text.find("TAG"), 3, bytes);
    ForgedPv pv{.id = m.vg("vg0").pvs[0].id};
    pv.mdas[0].text = text;
    forge(m.disks.disk("/dev/a"), pv);
    ASSERT_EQ(m.vg("vg0").lvs[0].tags, std::vector<std::string>{bytes});
  }
  TestMachine m;
};

TEST_F(Unprintable, BytesOfADiskReachAFileAndAPipeAsTheyAreAndATerminalPrintable) {
  const std::string evil = "\x1b[31m\xff\xc2\x9b\xe2\x80\xae";
  tag(evil);
  const std::string dump = "pvck --dump metadata /dev/a";
  const std::string piped = m.must(dump);
  EXPECT_THAT(piped, HasSubstr("tags = [\"" + evil + "\"]\n"));
  m.out_on_terminal = true;
  const std::string shown = m.must(dump);
  EXPECT_THAT(shown, HasSubstr("tags = [\"\\x1b[31m\\xff\\xc2\\x9b\\xe2\\x80\\xae\"]\n"));
  for (const char* part : {"\x1b", "\xff", "\x9b", "\xae"}) EXPECT_THAT(shown, Not(HasSubstr(part)));
}

// DEL, C1, line separators, and what turns the direction of writing round.
constexpr const char* kUnseen[] = {"\x7f",         "\xc2\x80",     "\xc2\x9b",     "\xc2\x9f",     "\xd8\x9c",
                                   "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
                                   "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};

TEST_F(Unprintable, CharactersAreEscapedInAPlanAndReadBackAsTheyWere) {
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  std::string word = "report/separator=\"";
  for (const char* each : kUnseen) word += each;
  word += "\xc3\xbc\"";
  m.input = m.must("lvcreate -an -Zn -l 1 -n new vg0 --plan=json --config '" + word + "'");
  for (const char* each : kUnseen) EXPECT_THAT(m.input, Not(HasSubstr(each)));
  EXPECT_THAT(m.input, HasSubstr("\\u007f\\u0080\\u009b\\u009f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a\\u202e"
                                 "\\u2066\\u2069\xc3\xbc"));
  EXPECT_EQ(Json::parse(m.input).at("command").back(), word);
  m.must("apply -");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
}

TEST_F(Unprintable, TagsOfADiskArePrintableInAPlanWhichIsApplied) {
  std::string evil = "m\xfcl";
  for (const char* each : kUnseen) evil += each;
  tag(evil);
  m.input = m.must("lvcreate -an -Zn -l 1 -n new vg0 --plan=json");
  for (const char* each : kUnseen) EXPECT_THAT(m.input, Not(HasSubstr(each)));
  EXPECT_THAT(Json::parse(m.input).at("vgs").at(0).at("metadata").get<std::string>(), HasSubstr("\ntags = [\"m\\xfcl"));
  m.must("apply -");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
}

TEST_F(Unprintable, WordsThatAreNoUtf8MakeNoPlanThatCouldNotBeApplied) {
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  const std::string words = "lvcreate -an -Zn -l 1 -n new vg0 --config report/separator=\"b\xfcro\"";
  const Ran ran = m.run(words + " --plan=json");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("The word report/separator=\"b\\xfcro\" of the command is no UTF-8"));
  EXPECT_EQ(Json::parse(ran.out).at("ok"), false);
  EXPECT_THAT(m.must(words + " --plan"), HasSubstr("Create LV vg0/new"));

  m.input = "# b\xfcro\nlvcreate -an -Zn -l 1 -n new vg0\n";
  EXPECT_THAT(m.run("batch - --plan=json").err, HasSubstr("The input of the command is no UTF-8"));
  m.must("batch -");
}

}  // namespace
}  // namespace ashlar::test
