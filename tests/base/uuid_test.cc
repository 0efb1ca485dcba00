// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/uuid.h"

#include <gtest/gtest.h>

#include <set>

namespace ashlar {
namespace {

constexpr const char* kDashed = "111111-2222-3333-4444-5555-6666-777777";
constexpr const char* kPlain = "11111122223333444455556666777777";

TEST(Uuid, ReadsBothFormsAndPrintsTheDashedOne) {
  for (const char* text : {kDashed, kPlain}) {
    auto id = parse_uuid(text);
    ASSERT_TRUE(id.has_value()) << text;
    EXPECT_EQ(id->raw(), kPlain);
    EXPECT_EQ(id->dashed(), kDashed);
  }
}

TEST(Uuid, TakesHyphensAnywhereAsLvm2Does) {
  EXPECT_EQ(parse_uuid("-1-11111-2222-3333-4444-5555-6666-777777-"), parse_uuid(kPlain));
}

TEST(Uuid, RefusesWrongLengthsAndCharacters) {
  for (const char* text : {"", "-", "1111112222333344445555666677777", "111111222233334444555566667777770",
                           "1111112222333344445555666677777_", "1111112222333344445555666677777 ",
                           "111111/2222-3333-4444-5555-6666-777777", "1111112222333344445555666677777\xc3"})
    EXPECT_FALSE(parse_uuid(text).has_value()) << text;
  EXPECT_FALSE(parse_uuid(std::string_view("1111112222333344445555666677777\0", 32)).has_value());
}

TEST(Uuid, KnowsTheTwoOddCharactersOfOldIds) {
  EXPECT_TRUE(parse_uuid("!!!!!!-####-3333-4444-5555-6666-777777").has_value());
}

TEST(Uuid, IsEmptyUntilSet) {
  EXPECT_TRUE(Uuid{}.empty());
  EXPECT_FALSE(parse_uuid(kPlain)->empty());
}

TEST(Random, RepeatsASequenceFromItsSeed) {
  SeededRandom a(7), b(7), c(8);
  EXPECT_EQ(a.uuid(), b.uuid());
  EXPECT_EQ(a.uuid(), b.uuid());
  EXPECT_NE(a.uuid(), c.uuid());
  EXPECT_NE(a.uuid(), a.uuid());
}

TEST(Random, MakesIdsOfAlphanumericsThatReadBack) {
  SystemRandom random;
  std::set<Uuid> seen;
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    Uuid id = random.uuid();
    EXPECT_EQ(parse_uuid(id.dashed()), id);
    letters.insert(id.chars.begin(), id.chars.end());
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 200U);
  EXPECT_EQ(letters.size(), 62U);  // 6400 draws miss one of 62 with a probability of 10^-43
  EXPECT_FALSE(letters.contains('!') || letters.contains('#'));
}

TEST(Random, KeepsArchiveNumbersNonNegative) {
  SeededRandom random(1);
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    std::uint32_t n = random.number31();
    EXPECT_LT(n, 1U << 31);
    high = high || n >= 1U << 30;
  }
  EXPECT_TRUE(high);
}

}  // namespace
}  // namespace ashlar
