// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "archive/directory_index.h"
#include "base/bytes.h"
#include "base/crc32.h"

namespace ashlar::archive {
namespace {

IndexTable sample(std::size_t vgs, std::size_t archives) {
  IndexTable table;
  table.stamp = {77, 1700000000, -5, 999999999, 1};
  table.complete = true;
  for (std::size_t v = 0; v < vgs; ++v) {
    History history;
    for (std::uint32_t i = 0; i < archives; ++i) history.add({i, std::to_string(i) + "-9"});
    table.vgs.emplace_back("vg" + std::to_string(v), history);
  }
  return table;
}

/// The bytes with the checksum that fits them.
std::string resealed(std::string bytes) {
  ByteWriter out(std::as_writable_bytes(std::span<char>(bytes)), bytes.size() - 4);
  out.u32(crc32(as_bytes(std::string_view(bytes).substr(0, bytes.size() - 4))));
  return bytes;
}

TEST(IndexTable, IsReadAsItWasWritten) {
  for (std::size_t vgs : {0U, 1U, 3U})
    for (std::size_t archives : {1U, 256U}) EXPECT_EQ(decode(encode(sample(vgs, archives))), sample(vgs, archives));
}

TEST(IndexTable, KeepsTheOldestNamesAndTheWholeCount) {
  auto table = decode(encode(sample(1, 1000)));
  ASSERT_TRUE(table);
  const History& history = table->vgs.front().second;
  EXPECT_EQ(history.count, 1000U);
  EXPECT_EQ(history.highest, 999U);
  EXPECT_EQ(history.oldest.size(), kMaxOldest);
  EXPECT_EQ(history.oldest.back().index, kMaxOldest - 1);
}

TEST(IndexTable, DropsTheVgsUsedLongestAgoWhenItGrowsTooLarge) {
  const std::string bytes = encode(sample(2000, 100));
  EXPECT_LE(bytes.size(), kMaxIndexBytes);
  auto table = decode(bytes);
  ASSERT_TRUE(table);
  EXPECT_FALSE(table->complete);
  EXPECT_GT(table->vgs.size(), 500U);
  EXPECT_LT(table->vgs.size(), 2000U);
  EXPECT_EQ(table->vgs.front().first, "vg0");
}

TEST(IndexTable, IsNothingIfABitIsWrongOrAByteMissing) {
  const std::string bytes = encode(sample(2, 3));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(decode(damaged)) << i;
    EXPECT_FALSE(decode(bytes.substr(0, i))) << i;
  }
  EXPECT_FALSE(decode(bytes + "x"));
}

RC_GTEST_PROP(IndexTable, WithARightChecksumOverRubbishIsSafe, ()) {
  std::string bytes = encode(sample(2, 3));
  const int changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i)
    bytes[*rc::gen::inRange<std::size_t>(8, bytes.size() - 4)] = *rc::gen::arbitrary<char>();
  auto table = decode(resealed(bytes));
  if (!table) return;
  for (const auto& [vg, history] : table->vgs) {
    RC_ASSERT(history.oldest.size() <= history.count);
    for (const Past& past : history.oldest) RC_ASSERT(past.tail.find('/') == std::string::npos);
  }
}

}  // namespace
}  // namespace ashlar::archive
