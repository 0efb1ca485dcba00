// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts made to cost much. A parser of quadratic time needs minutes for each of them even on a fast machine, so
// a generous limit on the time tells the two apart.
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "config/document.h"

namespace ashlar::config {
namespace {

std::string repeated(const std::string& piece, int times) {
  std::string text;
  text.reserve(piece.size() * static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

/// Parses within five seconds of processor time, sanitizers included; other load on the machine does not count.
Result<Document> parse_quickly(std::string text) {
  const std::clock_t start = std::clock();
  Result<Document> document = Document::parse(std::move(text), "hostile");
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
  return document;
}

std::size_t child_count(Node section) {
  std::size_t count = 0;
  for (Node child = section.first_child(); child; child = child.next()) ++count;
  return count;
}

TEST(HostileText, Takes64LevelsAndRefuses65) {
  EXPECT_TRUE(parse_quickly(repeated("a{", 64) + "b=1" + repeated("}", 64)).ok());
  EXPECT_TRUE(parse_quickly(repeated("a/", 64) + "b=1").ok());
  EXPECT_TRUE(parse_quickly(repeated("a{", 32) + repeated("a/", 32) + "b=1" + repeated("}", 32)).ok());
  for (const std::string& text :
       {repeated("a{", 65) + repeated("}", 65), repeated("a/", 65) + "b=1", repeated("a/", 64) + "a{}",
        repeated("a{", 33) + repeated("a/", 32) + "b=1" + repeated("}", 33)}) {
    const Result<Document> document = parse_quickly(text);
    ASSERT_FALSE(document.ok());
    EXPECT_EQ(document.error().message(), "hostile:1: sections nest deeper than 64 levels");
  }
}

TEST(HostileText, RefusesFiftyThousandNestedSections) {
  EXPECT_FALSE(parse_quickly(repeated("a{", 50000)).ok());
  EXPECT_FALSE(parse_quickly(repeated("a{", 50000) + repeated("}", 50000)).ok());
  EXPECT_FALSE(parse_quickly(repeated("a/", 50000) + "b=1").ok());
}

TEST(HostileText, RefusesAHundredThousandNestedLists) {
  EXPECT_FALSE(parse_quickly("a=" + repeated("[", 100000)).ok());
  EXPECT_FALSE(parse_quickly("a=" + repeated("[", 100000) + repeated("]", 100000)).ok());
}

TEST(HostileText, MergesAHundredThousandRepeatsInLinearTime) {
  const Result<Document> sections = parse_quickly(repeated("a{b=1}", 100000));
  ASSERT_TRUE(sections.ok());
  EXPECT_EQ(child_count(sections->root()), 1U);
  EXPECT_EQ(child_count(sections->root().section("a")), 1U);

  const Result<Document> settings = parse_quickly(repeated("a=1 ", 100000) + "a=2");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(child_count(settings->root()), 1U);
  EXPECT_EQ(settings->root().find("a").integer(), 2);
}

TEST(HostileText, MergesAmongAHundredThousandSiblingsInLinearTime) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "a/x" + std::to_string(i) + "=1\na{y" + std::to_string(i) + "{z=1}}\n";
  const Result<Document> document = parse_quickly(text + text);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(child_count(document->root().section("a")), 100000U);
}

TEST(HostileText, FindsAmongSiblingsWithLongCommonPrefixes) {
  const std::string prefix(1000, 'p');
  std::string text;
  for (int i = 0; i < 5000; ++i) text += prefix + std::to_string(i) + "=" + std::to_string(i) + "\n";
  const Result<Document> document = parse_quickly(text + text);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(child_count(document->root()), 5000U);
}

TEST(HostileText, TakesAStringOf400KiB) {
  const std::string big(400 * 1024, 'x');
  for (const std::string& text : {"a=\"" + big + "\"", "a='" + big + "'", "a=" + big}) {
    const Result<Document> document = parse_quickly(text);
    ASSERT_TRUE(document.ok());
    EXPECT_EQ(document->root().find("a").string(), big);
  }
  const std::string backslashes(400 * 1024, '\\');
  const Result<Document> escaped = parse_quickly("a=" + config::quoted(backslashes));
  ASSERT_TRUE(escaped.ok());
  EXPECT_EQ(escaped->root().find("a").string(), backslashes);
  const Result<Document> key = parse_quickly(big + "=1 " + big + "{}");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->root().find(big).integer(), 1);
}

TEST(HostileText, TakesALongListAndLongNumbers) {
  const Result<Document> list = parse_quickly("a=[" + repeated("1,", 1000000) + "]");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->root().find("a").size(), 1000000U);
  EXPECT_FALSE(parse_quickly("a=" + std::string(400 * 1024, '9')).ok());
  EXPECT_EQ(parse_quickly("a=" + std::string(400 * 1024, '0') + "7")->root().find("a").integer(), 7);
}

TEST(HostileText, RefusesEverythingUnterminatedWithoutReadingItTwice) {
  const std::string filler = repeated("x \\\" ", 80000);
  for (const char* start : {"a=\"", "a='", "\"", "'", "a=[\"", "a{b=\"x\" c=\"", "a=[1,", "a{ #"}) {
    EXPECT_FALSE(parse_quickly(start + filler).ok()) << start;
  }
  EXPECT_FALSE(parse_quickly(repeated("a{}#", 100000) + "\n}").ok());
  EXPECT_FALSE(parse_quickly("a=[" + repeated("\"\\\"\" ", 100000)).ok());
}

/// Either refused with a place, or read as something that prints and parses again.
void expect_sound(const std::string& text) {
  const Result<Document> document = Document::parse(text, "mutated");
  if (!document.ok()) {
    EXPECT_TRUE(document.error().message().starts_with("mutated:")) << document.error().message();
    return;
  }
  const std::string printed = print(document->root());
  const Result<Document> again = Document::parse(printed, "printed");
  ASSERT_TRUE(again.ok()) << text;
  EXPECT_EQ(print(again->root()), printed) << text;
}

TEST(HostileText, IsSoundWithAnyByteAnywhereAndCutAnywhere) {
  const std::string seed = "s/t { a=[1,\"x\\\"\",y ] b=1.5 'c'=\"z\" } # end\nd=yes";
  for (std::size_t at = 0; at < seed.size(); ++at) {
    expect_sound(seed.substr(0, at));
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = seed;
      text[at] = static_cast<char>(byte);
      expect_sound(text);
    }
  }
}

TEST(Metadata, OfTwentyThousandVolumesParsesAtOnce) {
  std::string text = "vg {\nseqno = 2\nlogical_volumes {\n\n";
  for (int i = 0; i < 20000; ++i) {
    text += "lv" + std::to_string(i) + " {\nid = \"sf1lfi-aNTc-JK3r-Nt1E-IFge-kNQn-" + std::to_string(100000 + i) +
            "\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nflags = []\ncreation_time = 1795308690\n"
            "creation_host = \"vm\"\nsegment_count = 1\n\nsegment1 {\nstart_extent = 0\nextent_count = 10\n\n"
            "type = \"striped\"\nstripe_count = 1\t# linear\n\nstripes = [\n\"pv0\", " +
            std::to_string(10 * i) + "\n]\n}\n}\n\n";
  }
  text += "}\n}\n# Generated by a test\n\ncontents = \"Text Format Volume Group\"\nversion = 1\n";
  const Result<Document> document = parse_quickly(std::move(text));
  ASSERT_TRUE(document.ok());
  const Node volumes = document->find_path("vg/logical_volumes");
  EXPECT_EQ(child_count(volumes), 20000U);
  EXPECT_EQ(volumes.find_path("lv19999/segment1/stripes").at(1).integer, 199990);
}

}  // namespace
}  // namespace ashlar::config
