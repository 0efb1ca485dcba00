// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace ashlar {
namespace {

TEST(ByteReader, ReadsLittleEndianFields) {
  ByteReader in(
      as_bytes(std::string_view("\x01\x02\x03\x84"
                                "abc"
                                "\x08\x07\x06\x05\x04\x03\x02\x81",
                                15)));
  EXPECT_EQ(in.u32(), 0x84030201U);
  EXPECT_EQ(in.text(3), "abc");
  EXPECT_EQ(in.u64(), 0x8102030405060708U);
  EXPECT_EQ(in.at(), 15U);
  EXPECT_FALSE(in.bad());
}

TEST(ByteReader, GivesNothingPastTheEndAndStaysBad) {
  ByteReader in(as_bytes("12345"), 2);
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_TRUE(in.bad());
  EXPECT_EQ(in.text(1), "");
  EXPECT_EQ(in.u64(), 0U);
  EXPECT_EQ(in.at(), 2U);
}

TEST(ByteReader, TakesPositionsAndLengthsBeyondAnyBuffer) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  ByteReader far(as_bytes("12345"), kMost);
  EXPECT_EQ(far.u32(), 0U);
  EXPECT_TRUE(far.bad());
  ByteReader in(as_bytes("12345"), 1);
  EXPECT_FALSE(in.room(kMost));
  EXPECT_TRUE(in.bad());
}

RC_GTEST_PROP(ByteWriter, IsTheInverseOfTheReader, (std::uint32_t a, std::uint64_t b, const std::string& s)) {
  std::vector<std::byte> bytes(3 + 4 + 8 + s.size());
  ByteWriter out(bytes, 3);
  out.u32(a);
  out.text(s);
  out.u64(b);
  RC_ASSERT(out.at() == bytes.size());
  ByteReader in(bytes, 3);
  RC_ASSERT(in.u32() == a);
  RC_ASSERT(in.text(s.size()) == s);
  RC_ASSERT(in.u64() == b);
  RC_ASSERT(!in.bad());
}

TEST(Bytes, ViewTextAndBack) { EXPECT_EQ(as_text(as_bytes("a\xff")), "a\xff"); }

}  // namespace
}  // namespace ashlar
