// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/aligned.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace ashlar::device {
namespace {

/// Memory that refuses what O_DIRECT refuses.
class Blocks final : public BlockTransfer {
 public:
  Blocks(std::uint64_t unit, std::size_t size) : bytes(size), unit_(unit) {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  }
  std::uint64_t unit() const override { return unit_; }
  Status read_blocks(std::uint64_t offset, std::span<std::byte> out) override {
    TRY(check(offset, out.data(), out.size()));
    ++reads;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return ok();
  }
  Status write_blocks(std::uint64_t offset, std::span<const std::byte> in) override {
    TRY(check(offset, in.data(), in.size()));
    ++writes;
    std::copy(in.begin(), in.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    return ok();
  }

  std::vector<std::byte> bytes;
  int reads = 0, writes = 0;

 private:
  Status check(std::uint64_t offset, const void* memory, std::size_t length) const {
    if (offset % unit_ != 0 || length % unit_ != 0 || length == 0 || length > kMaxTransfer)
      return Error(Errc::Io, "not whole blocks");
    if (reinterpret_cast<std::uintptr_t>(memory) % std::max<std::uint64_t>(unit_, 4096) != 0)
      return Error(Errc::Io, "memory not aligned");
    return ok();
  }
  std::uint64_t unit_;
};

std::vector<std::byte> filled(std::size_t size, unsigned char with) {
  return std::vector<std::byte>(size, static_cast<std::byte>(with));
}

RC_GTEST_PROP(Aligned, WritesAndReadsAnyRangeAndLeavesAllElseAlone, ()) {
  const std::uint64_t unit = *rc::gen::element<std::uint64_t>(512, 4096, 65536);
  const std::size_t size = 4 * 65536;
  Blocks disk(unit, size);
  std::vector<std::byte> model = disk.bytes;
  for (int i = 0; i < 5; ++i) {
    auto offset = *rc::gen::inRange<std::size_t>(0, size);
    auto length = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 600), rc::gen::inRange<std::size_t>(0, size));
    length = std::min(length, size - offset);
    std::vector<std::byte> in = filled(length, *rc::gen::arbitrary<unsigned char>());
    RC_ASSERT(write_any(disk, offset, in).ok());
    std::copy(in.begin(), in.end(), model.begin() + static_cast<std::ptrdiff_t>(offset));
    RC_ASSERT(disk.bytes == model);
    std::vector<std::byte> out(length);
    RC_ASSERT(read_any(disk, offset, out).ok());
    RC_ASSERT(out == in);
  }
}

TEST(Aligned, WholeBlocksAreWrittenWithoutReading) {
  Blocks disk(4096, 65536);
  ASSERT_TRUE(write_any(disk, 8192, filled(8192, 1)).ok());
  EXPECT_EQ(disk.reads, 0);
  EXPECT_EQ(disk.writes, 1);
}

TEST(Aligned, APieceInsideOneBlockIsReadOnceAndWrittenOnce) {
  Blocks disk(4096, 65536);
  ASSERT_TRUE(write_any(disk, 4096 + 100, filled(10, 1)).ok());
  EXPECT_EQ(disk.reads, 1);
  EXPECT_EQ(disk.writes, 1);
}

TEST(Aligned, ARangeWithTwoRaggedEndsReadsOnlyItsEdgeBlocks) {
  Blocks disk(512, 65536);
  ASSERT_TRUE(write_any(disk, 100, filled(30000, 1)).ok());
  EXPECT_EQ(disk.reads, 2);
  EXPECT_EQ(disk.writes, 1);
}

TEST(Aligned, WhatIsLongerThanATransferIsCutIntoPieces) {
  Blocks disk(512, 3 << 20);
  ASSERT_TRUE(write_any(disk, 512, filled((2 << 20) + 100, 9)).ok());
  EXPECT_EQ(disk.writes, 3);
  EXPECT_EQ(disk.bytes[512], std::byte{9});
  EXPECT_EQ(disk.bytes[512 + (2 << 20) + 99], std::byte{9});
  EXPECT_NE(disk.bytes[512 + (2 << 20) + 100], std::byte{9});
}

}  // namespace
}  // namespace ashlar::device
