// SPDX-License-Identifier: LGPL-2.1-or-later
// What the grammar takes and what it refuses. Expectations were compared with what lvmconfig of LVM2 2.03.16
// reads from the same texts, but for the rows marked "LVM2:".
#include "config/document.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ashlar::config {
namespace {

using namespace std::string_literals;

Document parsed(std::string text) {
  Result<Document> document = Document::parse(std::move(text), "text");
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message());
  return document.ok() ? std::move(document).value() : std::move(Document::parse("", "nothing")).value();
}

TEST(Document, TakesWhatLvm2Takes) {
  const std::pair<std::string, std::string> kCases[] = {
      {"", ""},
      {" \t\r\n\v\f", ""},
      {"# only a comment", ""},
      {"a=1", "a=1\n"},
      {"a = 1 b = 2", "a=1\nb=2\n"},
      {"a=1b=2", "a=1\nb=2\n"},
      {"a=1\r\nb=2\r\n", "a=1\nb=2\n"},
      {"a=-5 b=+5 c=010", "a=-5\nb=+5\nc=010\n"},
      {"a=1.5 b=.5 c=1. d=-.5 e=08.5", "a=1.5\nb=.5\nc=1.\nd=-.5\ne=08.5\n"},
      {"a=yes", "a=yes\n"},
      {"a=yes#comment", "a=yes\n"},
      {"a=yes,no", "a=yes,no\n"},
      {"a=yes]", "a=yes]\n"},
      {"a=x\"y b=x'y c=x[1] d=@tag e=/dev/sda f=* g=yes;", "a=x\"y\nb=x'y\nc=x[1]\nd=@tag\ne=/dev/sda\nf=*\ng=yes;\n"},
      {"a=x\xff", "a=x\xff\n"},
      {"s{b=yes}", "s {\n\tb=yes\n}\n"},
      {"a=\"x\" b='y'", "a=\"x\"\nb=\"y\"\n"},
      {"a=\"x\"b=1", "a=\"x\"\nb=1\n"},
      {"a=\"line\nbreak # no comment\"", "a=\"line\nbreak # no comment\"\n"},
      {R"(a="q\"q" b="q\\q" c='q\"q')", "a=\"q\\\"q\"\nb=\"q\\\\q\"\nc=\"q\\\\\\\"q\"\n"},
      {"a=\"\" b=''", "a=\"\"\nb=\"\"\n"},
      {"a=[]", "a=[]\n"},
      {"a=[ ]", "a=[]\n"},
      {"a=[1]", "a=[1]\n"},
      {"a=[1,\n\n2]", "a=[1,2]\n"},
      {"a=[1 ,2 , ]", "a=[1,2]\n"},
      {"a=[\"x\",]", "a=[\"x\"]\n"},
      {"a=[\"x\" \"y\"'z']", "a=[\"x\",\"y\",\"z\"]\n"},
      {"a=[1,\"x\",2.5]", "a=[1,\"x\",2.5]\n"},
      {"a=[yes ,no ]", "a=[yes ,no ]\n"},
      {"a=['x',yes ,'y']", "a=[\"x\",yes ,\"y\"]\n"},
      {"a=[#c\n1#d\n,2]", "a=[1,2]\n"},
      {"a#c\n=#d\n1", "a=1\n"},
      {"s{#c\nb=1#d\n}#e", "s {\n\tb=1\n}\n"},
      {"s{}", "s {\n}\n"},
      {"s {} b=1", "s {\n}\nb=1\n"},
      {"s{b=1}t{c=2}", "s {\n\tb=1\n}\nt {\n\tc=2\n}\n"},
      {"5a=1 -a=1 1=2 1.5{a=1}", "5a=1\n-a=1\n1=2\n1.5 {\n\ta=1\n}\n"},
      {"a\"b=1 a]=1 a,b=1 a[]=1 \xff=1", "a\"b=1\na]=1\na,b=1\na[]=1\n\xff=1\n"},
      {"\"a\"=1 'b'=2 \"c d\" {}", "a=1\nb=2\n\"c d\" {\n}\n"},
      {R"("a\"b"=1 'c\"d'=2 "e\\f"=3)", "a\"b=1\nc\\\"d=2\ne\\f=3\n"},
      {"\"{\"=1", "\"{\"=1\n"},
      {"a=1\0b=2"s, "a=1\n"},
      {"a=1 # comment\0b=2"s, "a=1\n"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(print(parsed(text).root()), expected) << text;
}

TEST(Document, TakesTheBackslashOnlyFromQuotesAndBackslashes) {
  const Document document = parsed(R"(a="q\"q\\q" b="/dev/sd\.a\n\\n" c='\"' d="\\")");
  EXPECT_EQ(document.root().find("a").string(), R"(q"q\q)");
  EXPECT_EQ(document.root().find("b").string(), R"(/dev/sd\.a\n\n)");
  EXPECT_EQ(document.root().find("c").string(), R"(\")");
  EXPECT_EQ(document.root().find("d").string(), R"(\)");
}

TEST(Document, ReadsAPathInAQuotedNameThatHasBackslashes) {
  EXPECT_EQ(print(parsed(R"("a\"/b\\"=1)").root()), "a\" {\n\tb\\=1\n}\n");
}

TEST(Document, ReadsAPathAsNestedSections) {
  for (const char* text : {"a/b=1", "/a/b=1", "a//b=1", "\"a/b\"=1", "'a'{b=1}", "a { /b = 1 }"}) {
    EXPECT_EQ(print(parsed(text).root()), "a {\n\tb=1\n}\n") << text;
  }
  EXPECT_EQ(print(parsed("a/b{c=1}").root()), "a {\n\tb {\n\t\tc=1\n\t}\n}\n");
}

TEST(Document, MergesRepeatedSections) {
  for (const char* text : {"a{b=1}a{c=2}", "a/b=1 a{c=2}", "a{b=1}a/c=2", "a/b=1 a/c=2", "'a'{b=1} /a{c=2}"}) {
    EXPECT_EQ(print(parsed(text).root()), "a {\n\tb=1\n\tc=2\n}\n") << text;
  }
  EXPECT_EQ(print(parsed("a{b{c=1}} x=0 a/b/d=2 a{b{e=3}}").root()),
            "a {\n\tb {\n\t\tc=1\n\t\td=2\n\t\te=3\n\t}\n}\nx=0\n");
}

TEST(Document, KeepsTheLastValueOfARepeatedSettingInThePlaceOfTheFirst) {
  EXPECT_EQ(print(parsed("a=1 b=2 a=[3,4]").root()), "a=[3,4]\nb=2\n");
  EXPECT_EQ(print(parsed("s{a=[1,2] b=2} s/a=3").root()), "s {\n\ta=3\n\tb=2\n}\n");
}

TEST(Document, KeepsASettingAndASectionOfTheSameNameApart) {
  const Document document = parsed("a=1 a{a=2}");
  EXPECT_EQ(document.root().find("a").integer(), 1);
  EXPECT_EQ(document.root().section("a").find("a").integer(), 2);
  EXPECT_EQ(document.find_path("a").integer(), 1);
  EXPECT_EQ(document.find_path("a/a").integer(), 2);
}

TEST(Document, MergesAmongManySiblingsAsAmongFew) {
  std::string text;
  std::string expected;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 300; ++i) {
      const std::string name = "name" + std::to_string(i);
      text += name + "=" + std::to_string(round) + "\n" + name + "{r" + std::to_string(round) + "=1}\n";
    }
  }
  for (int i = 0; i < 300; ++i) {
    const std::string name = "name" + std::to_string(i);
    expected += name + "=2\n" + name + " {\n\tr0=1\n\tr1=1\n\tr2=1\n}\n";
  }
  EXPECT_EQ(print(parsed(text).root()), expected);
  const Document inner = parsed("s{" + text + "}");
  EXPECT_EQ(print(inner.root().section("s")), expected);
}

TEST(Document, RefusesWithTheLineAndWhatIsWrong) {
  struct Case {
    std::string text;
    std::string message;
  };
  const Case kCases[] = {
      {"a", "text:1: expected = or { after \"a\", but the text ends here"},
      {"a b=1", "text:1: expected = or { after \"a\", found \"b\""},
      {"\n\na }", "text:3: expected = or { after \"a\", found \"}\""},
      {"a=", "text:1: expected a value, but the text ends here"},
      {"a==1", "text:1: expected a value, found \"=\""},
      {"a={}", "text:1: expected a value, found \"{\""},
      {"a=}", "text:1: expected a value, found \"}\""},
      {"a=]", "text:1: expected a value, found \"]\""},
      {"a=,", "text:1: expected a value, found \",\""},
      {"=1", "text:1: expected the name of a setting or section, found \"=\""},
      {"{}", "text:1: expected the name of a setting or section, found \"{\""},
      {",a=1", "text:1: expected the name of a setting or section, found \",\""},
      {"[a]=1", "text:1: expected the name of a setting or section, found \"[\""},
      {"a{} {}", "text:1: expected the name of a setting or section, found \"{\""},
      {"a=1]", "text:1: expected the name of a setting or section, found \"]\""},
      {"a=1,b=2", "text:1: expected the name of a setting or section, found \",\""},
      {"a{b=1}=2", "text:1: expected the name of a setting or section, found \"=\""},
      {"a=yes{", "text:1: expected the name of a setting or section, found \"{\""},
      {"\"\"=1", "text:1: the name of a setting or section is empty"},
      {"a=1}", "text:1: this } closes no section"},
      {"a{b=1}\n}", "text:2: this } closes no section"},
      {"x=1\na{\nb=1", "text:2: section \"a\" has no closing }"},
      {"a{b=1\0}"s, "text:1: section \"a\" has no closing }"},
      {"a=[", "text:1: expected a value in the list or ], but the text ends here"},
      {"a=[1,2", "text:1: expected a comma or ] in the list, but the text ends here"},
      {"a=[1,2,", "text:1: expected a value in the list or ], but the text ends here"},
      {"a=[,]", "text:1: expected a value in the list or ], found \",\""},
      {"a=[\"x\",,\"y\"]", "text:1: expected a value in the list or ], found \",\""},
      {"a=[[1]]", "text:1: expected a value in the list or ], found \"[\""},
      {"a=[1 2]", "text:1: expected a comma or ] in the list, found \"2]\""},
      {"a=[\"x\"yes]", "text:1: expected a comma or ] in the list, found \"yes]\""},
      {"a=[yes]", "text:1: expected a comma or ] in the list, but the text ends here"},
      {"a=5abc", "text:1: expected = or { after \"abc\", but the text ends here"},
      {"a=0x10", "text:1: expected = or { after \"x10\", but the text ends here"},
      {"a=1e5", "text:1: expected = or { after \"e5\", but the text ends here"},
      {"a=1.5.6", "text:1: expected = or { after \".6\", but the text ends here"},
      {"a=1-2", "text:1: expected = or { after \"-2\", but the text ends here"},
      {"a=\"q\"q\"", "text:1: expected = or { after \"q\"\", but the text ends here"},
      {"a=--5", "text:1: a number needs at least one digit"},  // LVM2 refuses the second '-'
      {"a=9223372036854775808", "text:1: the number \"9223372036854775808\" is out of range"},
      {"a=-9223372036854775809", "text:1: the number \"-9223372036854775809\" is out of range"},
      {"a=01000000000000000000000", "text:1: the number \"01000000000000000000000\" is out of range"},
      {"xcreation_time=99999999999999999999", "text:1: the number \"99999999999999999999\" is out of range"},
      {"a=1" + std::string(400, '0') + ".0", "text:1: the number \"1" + std::string(39, '0') + "...\" is out of range"},
      {"a=-", "text:1: a number needs at least one digit"},                                   // LVM2: 0
      {"a=.", "text:1: a number needs at least one digit"},                                   // LVM2: 0.0
      {"a=08", "text:1: a number with a leading 0 is octal and has only the digits 0 to 7"},  // LVM2: 0
      {"\na=\"x\n\n", "text:2: the string that starts here has no closing quote"},            // LVM2: empty
      {"a='x", "text:1: the string that starts here has no closing quote"},                   // LVM2: empty
      {"a=\"x\0y\""s, "text:1: the string that starts here has no closing quote"},            // LVM2: empty
      {"a=\"x\\\"", "text:1: the string that starts here has no closing quote"},
      {"a=\"x\\", "text:1: the string that starts here has no closing quote"},
      {"\"a=1", "text:1: the string that starts here has no closing quote"},
      {"a/=1", "text:1: a path ends in / without a name"},  // LVM2: a setting without a name
      {"/=1", "text:1: a path ends in / without a name"},
      {"a/{b=1}", "text:1: a path ends in / without a name"},
      {"a\x1b[31m b", "text:1: expected = or { after \"a\\x1b[31m\", found \"b\""},
  };
  for (const Case& c : kCases) {
    const Result<Document> document = Document::parse(c.text, "text");
    ASSERT_FALSE(document.ok()) << c.text;
    EXPECT_EQ(document.error().message(), c.message) << c.text;
    EXPECT_EQ(document.error().code(), Errc::Corrupt) << c.text;
  }
}

TEST(Document, ReadsNumbers) {
  const Document document = parsed(
      "a=0 b=-17 c=+42 d=010 e=-0777 f=9223372036854775807 g=-9223372036854775808 h=0777777777777777777777 "
      "i=000000000000000000000000001 j=1.5 k=-.25 l=2.");
  const auto integer = [&](const char* key) { return document.root().find(key).integer(); };
  EXPECT_EQ(integer("a"), 0);
  EXPECT_EQ(integer("b"), -17);
  EXPECT_EQ(integer("c"), 42);
  EXPECT_EQ(integer("d"), 8);
  EXPECT_EQ(integer("e"), -511);
  EXPECT_EQ(integer("f"), std::int64_t{9223372036854775807});
  EXPECT_EQ(integer("g"), -std::int64_t{9223372036854775807} - 1);
  EXPECT_EQ(integer("h"), std::int64_t{9223372036854775807});
  EXPECT_EQ(integer("i"), 1);
  EXPECT_EQ(integer("j"), std::nullopt);
  EXPECT_EQ(document.root().find("j").at(0).kind, Scalar::Kind::Float);
  EXPECT_EQ(document.root().find("j").at(0).real, 1.5);
  EXPECT_EQ(document.root().find("k").at(0).real, -0.25);
  EXPECT_EQ(document.root().find("l").at(0).real, 2.0);
  EXPECT_EQ(document.root().find("b").unsigned_integer(), std::nullopt);
  EXPECT_EQ(document.root().find("c").unsigned_integer(), 42U);
}

TEST(Document, ReplacesACreationTimeThatDoesNotFit) {
  const Document document = parsed("creation_time=9223372036854775808 lv{creation_time=-99999999999999999999}");
  EXPECT_EQ(document.find_path("creation_time").integer(), 1527120000);
  EXPECT_EQ(document.find_path("lv/creation_time").integer(), 1527120000);
}

TEST(Document, TellsSettingsFromListsAndSections) {
  const Document document = parsed("i=1 s='text' b=bare l=[\"x\",2] one=[\"x\"] none=[] sec{i=1}");
  const Node root = document.root();
  EXPECT_EQ(root.find("s").string(), "text");
  EXPECT_EQ(root.find("b").string(), "bare");
  EXPECT_EQ(root.find("b").at(0).kind, Scalar::Kind::Bare);
  EXPECT_EQ(root.find("i").string(), std::nullopt);
  EXPECT_EQ(root.find("s").integer(), std::nullopt);
  EXPECT_TRUE(root.find("l").is_array());
  ASSERT_EQ(root.find("l").size(), 2U);
  EXPECT_EQ(root.find("l").at(0).text, "x");
  EXPECT_EQ(root.find("l").at(1).integer, 2);
  EXPECT_EQ(root.find("one").string(), std::nullopt);
  EXPECT_TRUE(root.find("none").is_array());
  EXPECT_EQ(root.find("none").size(), 0U);
  EXPECT_FALSE(root.find("i").is_array());
  EXPECT_TRUE(root.section("sec").is_section());
  EXPECT_EQ(root.section("sec").size(), 0U);
  EXPECT_TRUE(root.find("sec").empty());
  EXPECT_TRUE(root.section("i").empty());
  EXPECT_TRUE(root.find("absent").empty());
  EXPECT_TRUE(document.find_path("sec/absent").empty());
  EXPECT_TRUE(document.find_path("absent/i").empty());
  EXPECT_TRUE(document.find_path("i/i").empty());
  EXPECT_TRUE(document.find_path("sec").is_section());
}

TEST(Document, WalksChildrenInTheOrderOfTheText) {
  const Document document = parsed("s { b=1 a=2 c { } }");
  std::vector<std::string> keys;
  for (const Node child : document.root().section("s")) keys.emplace_back(child.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_TRUE(document.root().section("s").section("c").first_child().empty());
}

TEST(Document, KnowsTheLineOfEachKey) {
  const Document document = parsed("a=1\n# two\ns {\n\tb=\"x\ny\"\n\t\"c\\\"d\"=2 }\n\ns/e/f=1");
  EXPECT_EQ(document.root().find("a").line(), 1);
  EXPECT_EQ(document.root().section("s").line(), 3);
  EXPECT_EQ(document.find_path("s/b").line(), 4);
  EXPECT_EQ(document.find_path("s/c\"d").line(), 6);
  EXPECT_EQ(document.find_path("s/e/f").line(), 8);
}

TEST(Document, KeepsItsNodesValidWhenMoved) {
  Document document = parsed("s{key=\"v\\\"alue\"} a='short'");
  const Node setting = document.find_path("s/key");
  const std::string_view text = *setting.string();
  Document moved = std::move(document);
  EXPECT_EQ(setting.key(), "key");
  EXPECT_EQ(text, "v\"alue");
  Document assigned = parsed("x=1");
  assigned = std::move(moved);
  EXPECT_EQ(setting.string(), "v\"alue");
  EXPECT_EQ(assigned.root().find("a").string(), "short");
  EXPECT_EQ(assigned.source(), "text");
}

}  // namespace
}  // namespace ashlar::config
