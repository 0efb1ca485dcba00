// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/label.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/bytes.h"
#include "base/crc32.h"

namespace ashlar::disk {
namespace {

const Uuid kOnes = *parse_uuid(std::string(32, '1'));

/// docs/format.md 1.5: what `pvcreate --uuid 111111-...` writes on a device of 128 MiB.
Label example() {
  Label label;
  label.pv = kOnes;
  label.device_size = {0x08000000};
  label.data_areas = {{{0x100000}, {0}}};
  label.mdas = {{{0x1000}, {0xff000}}};
  return label;
}

using Start = std::vector<std::byte>;

Start start_with(const Label& label) {
  Start start(2048);
  Sector sector = encode_label(label);
  std::copy(sector.begin(), sector.end(), start.begin() + static_cast<std::ptrdiff_t>(label.sector * kSectorSize));
  return start;
}

void repair_crc(Start& start, std::size_t sector = 1) {
  auto bytes = std::span(start).subspan(sector * kSectorSize, kSectorSize);
  ByteWriter(bytes, 16).u32(crc32(bytes.subspan(20)));
}

std::uint32_t stored_crc(const Sector& sector) { return ByteReader(sector, 16).u32(); }

TEST(Label, EncodesTheWorkedExampleOfTheFormat) {
  Label label = example();
  EXPECT_EQ(stored_crc(encode_label(label)), 0xa4f7404eU);
  label.ext_flags = kExtUsed;
  EXPECT_EQ(stored_crc(encode_label(label)), 0xa5beb5a0U);
}

TEST(Label, PutsTheFieldsWhereTheFormatHasThem) {
  Label label = example();
  label.mdas.push_back({{0x7f00000}, {0x100000}});
  label.bootloader = {{{0x200000}, {0x300000}}};
  label.ext_flags = kExtUsed;
  Sector sector = encode_label(label);
  EXPECT_EQ(as_text(sector).substr(0, 8), "LABELONE");
  EXPECT_EQ(as_text(sector).substr(24, 40), "LVM2 001" + std::string(32, '1'));
  const std::pair<std::size_t, std::uint64_t> fields[] = {
      {8, 1},   {64, 0x08000000}, {72, 0x100000},     {80, 0},          {88, 0},
      {96, 0},  {104, 0x1000},    {112, 0xff000},     {120, 0x7f00000}, {128, 0x100000},
      {136, 0}, {144, 0},         {152, 0x100000002}, {160, 0x200000},  {168, 0x300000},
      {176, 0}, {184, 0}};
  for (auto [at, value] : fields) EXPECT_EQ(ByteReader(sector, at).u64(), value) << at;
  EXPECT_EQ(ByteReader(sector, 20).u32(), 32U);
}

rc::Gen<DiskArea> areas_at(std::uint64_t from) {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange<std::uint64_t>(0, 1 << 20), rc::gen::inRange<std::uint64_t>(2, 1 << 20)),
      [from](auto p) {
        return DiskArea{{from + p.first * kSectorSize}, {p.second * kSectorSize}};
      });
}

RC_GTEST_PROP(Label, ReadsWhatItWrites, ()) {
  Label label;
  SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
  label.pv = random.uuid();
  label.sector = *rc::gen::inRange(0U, 4U);
  label.device_size = {*rc::gen::arbitrary<std::uint64_t>()};
  // Each area in a region of its own: areas that overlap are refused.
  std::uint64_t region = 0;
  auto some = [&](std::size_t most) {
    std::vector<DiskArea> list;
    for (std::size_t i = 0, n = *rc::gen::inRange<std::size_t>(0, most + 1); i < n; ++i)
      list.push_back(*areas_at(2048 + (region++ << 40)));
    return list;
  };
  label.mdas = some(2);
  label.data_areas = some(4);
  label.bootloader = some(4);
  label.ext_flags = *rc::gen::arbitrary<std::uint32_t>();
  LabelScan scan = scan_label(start_with(label));
  RC_ASSERT(scan.problems.empty());
  RC_ASSERT(scan.label == label);
}

RC_GTEST_PROP(Label, NoticesAnyChangedBit, ()) {
  Start start = start_with(example());
  std::size_t bit = *rc::gen::inRange<std::size_t>(0, kSectorSize * 8);
  start[kSectorSize + bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  LabelScan scan = scan_label(start);
  RC_ASSERT(!scan.label.has_value());
  RC_ASSERT(scan.problems.size() == (bit / 8 < 8 ? 0U : 1U));  // without its id it is no label at all
}

TEST(LabelScan, FindsALabelInEachOfTheFourSectors) {
  for (std::uint32_t sector = 0; sector < 4; ++sector) {
    Label label = example();
    label.sector = sector;
    EXPECT_EQ(scan_label(start_with(label)).label, label);
  }
}

TEST(LabelScan, IgnoresALabelFurtherBack) {
  Start start(8192);
  Sector sector = encode_label(example());
  ByteWriter(sector, 8).u64(4);
  std::copy(sector.begin(), sector.end(), start.begin() + 2048);
  repair_crc(start, 4);
  EXPECT_FALSE(scan_label(start).label.has_value());
}

TEST(LabelScan, TakesTheFirstOfTwoAndNamesTheOther) {
  Label first = example(), second = example();
  first.sector = 0;
  second.sector = 2;
  second.pv = *parse_uuid(std::string(32, '2'));
  Start start = start_with(second);
  Sector sector = encode_label(first);
  std::copy(sector.begin(), sector.end(), start.begin());
  LabelScan scan = scan_label(start);
  EXPECT_EQ(scan.label, first);
  ASSERT_EQ(scan.problems.size(), 1U);
  EXPECT_NE(scan.problems[0].find("sector 2"), std::string::npos);
}

TEST(LabelScan, PassesABadLabelOnTheWayToAGoodOne) {
  Label good = example();
  good.sector = 3;
  Start start = start_with(good);
  Sector bad = encode_label(example());
  bad[300] = std::byte{1};
  std::copy(bad.begin(), bad.end(), start.begin() + 512);
  LabelScan scan = scan_label(start);
  EXPECT_EQ(scan.label, good);
  EXPECT_EQ(scan.problems.size(), 1U);
}

TEST(LabelScan, TakesLabelsFromBeforeTheExtension) {
  Start start = start_with(example());
  ByteWriter(start, 512 + 136).u32(0);
  ByteWriter(start, 512 + 140).u32(0xffffffff);  // nothing behind version 0 counts
  repair_crc(start);
  LabelScan scan = scan_label(start);
  ASSERT_TRUE(scan.label.has_value());
  EXPECT_EQ(scan.label->ext_version, 0U);
  EXPECT_FALSE(scan.label->used());
}

TEST(LabelScan, LooksAtUsedOnlyFromVersionTwoOn) {
  for (std::uint32_t version : {1U, 2U, 3U}) {
    Start start = start_with(example());
    ByteWriter(start, 512 + 136).u32(version);
    ByteWriter(start, 512 + 140).u32(kExtUsed);
    repair_crc(start);
    EXPECT_EQ(scan_label(start).label->used(), version >= 2) << version;
  }
}

TEST(LabelScan, TakesDevicesShorterThanItsFourSectors) {
  Start start = start_with(example());
  for (std::size_t length : {0U, 1U, 511U, 1023U, 1024U, 1500U})
    EXPECT_EQ(scan_label(std::span(start).first(length)).label.has_value(), length >= 1024) << length;
}

/// A label with a valid checksum that must be refused, and a word of the reason.
struct Hostile {
  const char* word;
  std::function<void(Start&)> make;
};

void put(Start& start, std::size_t at, std::uint64_t value) { ByteWriter(start, kSectorSize + at).u64(value); }

const Hostile kHostile[] = {
    {"sector 1 says that it belongs in sector 2", [](Start& s) { put(s, 8, 2); }},
    {"belongs in sector 18446744073709551615", [](Start& s) { put(s, 8, ~std::uint64_t{0}); }},
    {"unknown type \"LVM1 001\"", [](Start& s) { s[512 + 27] = std::byte{'1'}; }},
    {"PV header at byte 0", [](Start& s) { ByteWriter(s, 512 + 20).u32(0); }},
    {"PV header at byte 473", [](Start& s) { ByteWriter(s, 512 + 20).u32(473); }},
    {"PV header at byte 4294967295", [](Start& s) { ByteWriter(s, 512 + 20).u32(0xffffffff); }},
    {"is not a PV UUID", [](Start& s) { ByteWriter(s, 512 + 20).u32(472); }},
    {"\"\\x1b[0m1", [](Start& s) { std::memcpy(&s[512 + 32], "\x1b[0m", 4); }},
    {"more than 4 data areas", [](Start& s) { std::fill(s.begin() + 512 + 72, s.begin() + 1024, std::byte{8}); }},
    {"has no end",
     [](Start& s) {
       for (std::size_t at = 72; at < 512; at += 8) put(s, at, at >= 392 && at < 472 ? 0 : 1 << 12);
       ByteWriter(s, 512 + 20).u32(432);
       std::memset(&s[512 + 432], '1', 32);
     }},
    {"data area at 18446744073709551615+2",
     [](Start& s) {
       put(s, 72, ~std::uint64_t{0});
       put(s, 80, 2);
     }},
    {"metadata area at 4096+18446744073709551615", [](Start& s) { put(s, 112, ~std::uint64_t{0}); }},
    {"metadata area 1 at 4096+512 is too small", [](Start& s) { put(s, 112, 512); }},
    {"metadata area 1 at 4096+0 is too small", [](Start& s) { put(s, 112, 0); }},
    {"metadata area 1 at 4097+1044480", [](Start& s) { put(s, 104, 4097); }},
    {"metadata area 1 at 4096+1044481", [](Start& s) { put(s, 112, 1044481); }},
    {"metadata area 1 at 512 lies over the label", [](Start& s) { put(s, 104, 512); }},
    {"metadata areas 1 and 2 overlap",
     [](Start& s) {
       put(s, 120, 0x20000);
       put(s, 128, 0x1000);
       put(s, 136, 0);
     }},
    {"3 metadata areas",
     [](Start& s) {
       for (std::uint64_t i = 0; i < 3; ++i) {
         put(s, 104 + 16 * i, (i + 1) << 20);
         put(s, 112 + 16 * i, 1 << 20);
       }
       put(s, 152, 0);
     }},
};

TEST(LabelScan, RefusesHostileLabelsWithGoodChecksums) {
  for (const Hostile& hostile : kHostile) {
    Start start = start_with(example());
    hostile.make(start);
    repair_crc(start);
    LabelScan scan = scan_label(start);
    EXPECT_FALSE(scan.label.has_value()) << hostile.word;
    ASSERT_EQ(scan.problems.size(), 1U) << hostile.word;
    EXPECT_NE(scan.problems[0].find(hostile.word), std::string::npos) << hostile.word << " in: " << scan.problems[0];
  }
}

TEST(Label, RecognisesSectorsToWipeByTheirIdAlone) {
  Sector sector{};
  EXPECT_FALSE(looks_like_label(sector));
  ByteWriter(sector).text("LABELONE");
  EXPECT_TRUE(looks_like_label(sector));
  EXPECT_FALSE(looks_like_label(std::span(sector).first(511)));
}

}  // namespace
}  // namespace ashlar::disk
