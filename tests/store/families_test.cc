// SPDX-License-Identifier: LGPL-2.1-or-later
// Which texts are taken for one VG, and which of them rules: what real commands leave, and what a disk may claim.
#include "store/families.h"

#include <gtest/gtest.h>

#include "support/vg_builder.h"

namespace ashlar::store {
namespace {
using test::VgBuilder;

/// A text of the VG with id "vg0": its seqno, its PVs, one letter each, and those that carry it.
struct Text {
  std::uint32_t seqno;
  std::string pvs, on;
  std::string name = "vg0";
};

/// What rules, by the place of the text among those given, for each VG that is seen.
std::vector<std::size_t> rulings(const std::vector<Text>& texts) {
  std::vector<Version> versions;
  for (const Text& text : texts) {
    VgBuilder builder(text.name);
    for (char pv : text.pvs) builder.pv(std::string(1, pv), 10);
    Version& version = versions.emplace_back();
    version.vg = std::move(builder.vg);
    version.vg.id = test::id_of("vg0");
    version.vg.seqno = text.seqno;
  }
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < texts.size(); ++i)
    placed.push_back({&versions[i], texts[i].pvs.find_first_of(texts[i].on) != std::string::npos});
  std::vector<std::size_t> rule;
  for (const Family& family : families(placed)) rule.push_back(family.ruling);
  return rule;
}
using Rule = std::vector<std::size_t>;

TEST(Families, OfWhatCommandsLeaveAreOneWithTheNewestRuling) {
  EXPECT_EQ(rulings({{7, "ab", "ab"}}), Rule{0});
  EXPECT_EQ(rulings({{7, "ab", "a"}, {8, "ab", "b"}}), Rule{1}) << "cut off";
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {8, "abc", "c"}}), Rule{1}) << "vgextend";
  EXPECT_EQ(rulings({{8, "ab", "ab"}, {7, "abc", "c"}}), Rule{0}) << "vgreduce";
  EXPECT_EQ(rulings({{7, "ab", "a"}, {8, "ab", "b", "new"}}), Rule{1}) << "vgrename";
  EXPECT_EQ(rulings({{9, "b", "b"}, {7, "ab", "a"}}), Rule{0}) << "a PV is back that was given up";
  EXPECT_EQ(rulings({{12, "d", "d"}, {7, "ab", "a"}, {9, "bd", "b"}}), Rule{0}) << "two are back, one after the other";
  EXPECT_EQ(rulings({{7, "ab", "bx"}, {8, "xb", "b"}}), Rule{1}) << "pvchange -u: the label of a is x's already";
  EXPECT_EQ(rulings({{7, "a", "x"}, {8, "x", "x"}}), Rule{1}) << "the same of a VG of one PV with two areas";
  EXPECT_EQ(rulings({{7, "a", "a"}, {8, "x", "a"}}), Rule{0}) << "and before its label was written";
}

TEST(Families, NoTextRulesThatIsOnlyOnPvsThatItDoesNotList) {
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "z", "h"}}), Rule{0});
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "ab", "h"}}), Rule{0});
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "z", "h", "other"}}), Rule{0});
  EXPECT_EQ(rulings({{900, "h", "h"}, {7, "ab", "z"}}), Rule{0});
  EXPECT_EQ(rulings({{7, "ab", "z"}, {900, "c", "z"}}), Rule{1})
      << "of those that are at home nowhere, the newest of that name";
}

TEST(Families, OfOneIdAreTwoVgsWhereTheyHaveNoPvInCommon) {
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "h", "h"}}).size(), 2U);
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "h", "h", "other"}}).size(), 2U);
  EXPECT_EQ(rulings({{7, "ab", "ab"}, {900, "h", "h"}, {800, "ah", "h"}}).size(), 1U) << "unless another joins them";
}

}  // namespace
}  // namespace ashlar::store
