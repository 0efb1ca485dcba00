// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/mda_header.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/crc32.h"

namespace ashlar::disk {
namespace {

constexpr DiskArea kArea{{4096}, {1044480}};

std::uint32_t stored_crc(const Sector& sector) { return ByteReader(sector).u32(); }
void repair_crc(Sector& sector) { ByteWriter(sector).u32(crc32(std::span(sector).subspan(4))); }

TEST(MdaHeader, GivesTheChecksumsOfTheFormat) {
  const std::pair<DiskArea, std::uint32_t> vectors[] = {{kArea, 0xdb8ed616},
                                                        {{{4096}, {3141632}}, 0xb41c0da7},
                                                        {{{4096}, {32768}}, 0xd7adc506},
                                                        {{{4096}, {8384512}}, 0xb148543d},
                                                        {{{4096}, {2093056}}, 0x01ff38ee},
                                                        {{{133169152}, {1048576}}, 0xd07dc804}};
  for (const auto& [area, crc] : vectors)
    EXPECT_EQ(stored_crc(encode_mda_header({area, {}, {}})), crc) << area.offset.n << '+' << area.size.n;
  EXPECT_EQ(stored_crc(encode_mda_header({kArea, {{}, {}, 0, 1}, {}})), 0x4524581eU);
}

TEST(MdaHeader, PutsTheFieldsWhereTheFormatHasThem) {
  Sector sector = encode_mda_header({kArea, {{512}, {0x369}, 0x0d4a0035, 0}, {{1536}, {0x400}, 7, 0}});
  EXPECT_EQ(as_text(sector).substr(4, 16), " LVM2 x[5A%r0N*>");
  const std::pair<std::size_t, std::uint64_t> fields[] = {
      {24, 4096}, {32, 1044480}, {40, 512}, {48, 0x369}, {56, 0x0d4a0035}, {64, 1536}, {72, 0x400}, {80, 7}, {88, 0}};
  for (auto [at, value] : fields) EXPECT_EQ(ByteReader(sector, at).u64(), value) << at;
  EXPECT_EQ(ByteReader(sector, 20).u32(), 1U);
}

RC_GTEST_PROP(MdaHeader, ReadsWhatItWrites, ()) {
  auto sectors = [](std::uint64_t from, std::uint64_t to) { return *rc::gen::inRange(from, to) * kSectorSize; };
  MdaHeader header;
  header.area = {{sectors(4, 1 << 30)}, {sectors(64, 1 << 20)}};
  auto slot = [&]() -> RawLocn {
    return {{*rc::gen::inRange<std::uint64_t>(512, header.area.size.n)},
            {*rc::gen::inRange<std::uint64_t>(1, header.area.size.n - 511)},
            *rc::gen::arbitrary<std::uint32_t>(),
            *rc::gen::inRange(0U, 2U)};
  };
  if (*rc::gen::arbitrary<bool>()) header.committed = slot();
  if (*rc::gen::arbitrary<bool>()) header.precommitted = slot();
  auto read = decode_mda_header(encode_mda_header(header), header.area);
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == header);
}

RC_GTEST_PROP(MdaHeader, NoticesAnyChangedBit, ()) {
  Sector sector = encode_mda_header({kArea, {{512}, {0x369}, 0x0d4a0035, 0}, {}});
  std::size_t bit = *rc::gen::inRange<std::size_t>(0, kSectorSize * 8);
  sector[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  auto read = decode_mda_header(sector, kArea);
  RC_ASSERT(!read.ok());
  RC_ASSERT(read.error().code() == Errc::Corrupt);
}

/// A header with a valid checksum that must be refused, and a word of the reason. The field is 8 bytes at `at`.
struct Hostile {
  const char* word;
  std::size_t at;
  std::uint64_t value;
};
constexpr std::uint64_t kHuge = ~std::uint64_t{0};

TEST(MdaHeader, RefusesHostileHeadersWithGoodChecksums) {
  const Hostile table[] = {
      {"version 2", 20, 2},
      {"starts at byte 8192", 24, 8192},
      {"says 0 bytes", 32, 0},
      {"says 512 bytes", 32, 512},
      {"says 1044481 bytes", 32, 1044481},
      {"says 1044992 bytes, the label 1044480", 32, 1044992},
      {"says 18446744073709551615 bytes", 32, kHuge},
      {"committed text at offset 1 lies outside", 40, 1},
      {"committed text at offset 511 lies outside", 40, 511},
      {"committed text at offset 1044480 lies outside", 40, 1044480},
      {"committed text at offset 1099511627776 lies outside", 40, std::uint64_t{1} << 40},
      {"committed text of 0 bytes", 48, 0},
      {"committed text of 1043969 bytes", 48, 1043969},
      {"committed text of 4294967295 bytes", 48, 0xffffffff},
      {"committed text of 1099511627776 bytes", 48, std::uint64_t{1} << 40},
      {"committed text of 18446744073709551615 bytes", 48, kHuge},
  };
  for (const Hostile& hostile : table) {
    Sector sector = encode_mda_header({kArea, {{512}, {0x369}, 0x0d4a0035, 0}, {}});
    if (hostile.at == 20)
      ByteWriter(sector, hostile.at).u32(static_cast<std::uint32_t>(hostile.value));
    else
      ByteWriter(sector, hostile.at).u64(hostile.value);
    repair_crc(sector);
    auto read = decode_mda_header(sector, kArea);
    ASSERT_FALSE(read.ok()) << hostile.word;
    EXPECT_EQ(read.error().code(), Errc::Corrupt);
    EXPECT_NE(read.error().message().find(hostile.word), std::string::npos) << read.error().message();
  }
  EXPECT_FALSE(decode_mda_header(Sector{}, kArea).ok());
}

TEST(MdaHeader, IgnoresABadPrecommittedSlotAsACrashMayLeaveIt) {
  RawLocn committed{{512}, {0x369}, 0x0d4a0035, 0};
  for (RawLocn bad : {RawLocn{{kHuge}, {1}, 0, 0}, RawLocn{{512}, {kHuge}, 0, 0}, RawLocn{{1}, {1}, 0, 0}}) {
    auto read = decode_mda_header(encode_mda_header({kArea, committed, bad}), kArea);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->committed, committed);
    EXPECT_TRUE(read->precommitted.empty());
  }
}

TEST(MdaHeader, TakesTextsThatOldProgramsPackedWithoutAlignment) {
  auto read = decode_mda_header(encode_mda_header({kArea, {{513}, {7}, 0, 0}, {}}), kArea);
  EXPECT_TRUE(read.ok());
}

// pvresize lets the label's copy of the size grow to an aligned one; the ring stays what the header says.
TEST(MdaHeader, BelievesTheHeaderWhereItIsSmallerThanTheLabelSays) {
  auto read = decode_mda_header(encode_mda_header({kArea, {}, {}}), {{4096}, {2093056}});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->area, kArea);
}

}  // namespace
}  // namespace ashlar::disk
