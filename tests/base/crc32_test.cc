// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/crc32.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"

namespace ashlar {
namespace {

/// The definition, one bit a step.
std::uint32_t slow_crc(const std::vector<std::uint8_t>& bytes, std::uint32_t crc) {
  for (std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
  }
  return crc;
}

TEST(Crc32, GivesTheCheckValueOfTheFormat) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0x4991cf02U);
  EXPECT_EQ(crc32({}), 0xf597a6cfU);
}

RC_GTEST_PROP(Crc32, IsTheReflectedCrcWithoutFinalInversion,
              (const std::vector<std::uint8_t>& bytes, std::uint32_t start)) {
  RC_ASSERT(crc32(std::as_bytes(std::span(bytes)), start) == slow_crc(bytes, start));
}

RC_GTEST_PROP(Crc32, ChainsPieces, (const std::string& a, const std::string& b)) {
  RC_ASSERT(crc32(as_bytes(b), crc32(as_bytes(a))) == crc32(as_bytes(a + b)));
}

}  // namespace
}  // namespace ashlar
