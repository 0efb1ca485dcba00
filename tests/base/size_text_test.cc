// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/size_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

namespace ashlar {
namespace {

constexpr std::uint64_t kKi = 1024, kMi = kKi * kKi, kGi = kMi * kKi, kTi = kGi * kKi, kEi = kTi * kMi;

std::uint64_t parsed(std::string_view text, char unit = 'm') {
  auto size = parse_size(text, unit);
  EXPECT_TRUE(size.ok()) << text;
  return size.ok() ? size->n : 0;
}

TEST(ParseSize, ReadsEveryUnitInEitherCaseAsPowersOf1024) {
  EXPECT_EQ(parsed("1024b"), 1024u);
  EXPECT_EQ(parsed("3s"), 3 * 512u);
  EXPECT_EQ(parsed("5K"), 5 * kKi);
  EXPECT_EQ(parsed("5m"), 5 * kMi);
  EXPECT_EQ(parsed("10G"), 10 * kGi);
  EXPECT_EQ(parsed("2t"), 2 * kTi);
  EXPECT_EQ(parsed("1P"), kKi * kTi);
  EXPECT_EQ(parsed("1e"), kEi);
}

TEST(ParseSize, TakesTheDefaultUnitWhenThereIsNone) {
  EXPECT_EQ(parsed("10"), 10 * kMi);
  EXPECT_EQ(parsed("10", 'k'), 10 * kKi);
  EXPECT_EQ(parsed("10", 's'), 10 * 512u);
}

TEST(ParseSize, TakesTheLongFormsThatLvm2Takes) {
  for (const char* text : {"10GB", "10GiB", "10gi", "10Gb", "10g "}) EXPECT_EQ(parsed(text), 10 * kGi) << text;
}

TEST(ParseSize, ReadsHexadecimalNumbersAsLvm2Does) {
  EXPECT_EQ(parsed("0x10"), 16 * kMi);
  EXPECT_EQ(parsed("0XaK"), 10 * kKi);
  EXPECT_EQ(parsed("0x1b"), 27 * kMi);
  for (const char* text : {"0x", "0xg", "x10", "0x1.8", "0x10000000000000000"})
    EXPECT_FALSE(parse_size(text).ok()) << text;
}

TEST(ParseSize, CutsFractionsOfASectorAsLvm2Does) {
  EXPECT_EQ(parsed("1.5g"), kGi + kGi / 2);
  EXPECT_EQ(parsed(".5g"), kGi / 2);
  EXPECT_EQ(parsed("5."), 5 * kMi);
  EXPECT_EQ(parsed("1.9999s"), 512u);
  EXPECT_EQ(parsed("9.7k"), 19 * 512u);
  EXPECT_EQ(parsed("0.1m"), 204 * 512u);
  EXPECT_EQ(parsed("1.0001m"), kMi);
  EXPECT_EQ(parsed("0.00000000000000000000001g"), 0u);
}

TEST(ParseSize, RefusesWhatIsNoSize) {
  for (const char* text : {"",    "g",    "-1m", "+1m", "10x",    "1h",  "1r",  " 5m", "5 m", "1,5g", ".",      "0x",
                           "1e3", "1e+3", "inf", "nan", "4.4.4m", "5mm", "1m1", "5m%", "5bb", "5sb",  "50%FREE"}) {
    auto size = parse_size(text);
    ASSERT_FALSE(size.ok()) << text;
    EXPECT_EQ(size.error().code(), Errc::InvalidArgument);
    EXPECT_NE(size.error().message().find(text), std::string::npos);
  }
  EXPECT_FALSE(parse_size(std::string_view("5\0", 2)).ok());
  EXPECT_FALSE(parse_size("5", '\0').ok());
}

TEST(ParseSize, RefusesBytesThatAreNoSectors) {
  EXPECT_EQ(parsed("512b"), 512u);
  for (const char* text : {"511b", "513B", "512.5b"}) EXPECT_FALSE(parse_size(text).ok()) << text;
  EXPECT_NE(parse_size("3000b").error().message().find("2560b or 3072b"), std::string::npos);
}

TEST(ParseSize, RefusesSixteenExbibytesAndMore) {
  EXPECT_EQ(parsed("15e"), 15 * kEi);
  EXPECT_EQ(parsed("15.999e") % 512, 0u);
  EXPECT_EQ(parsed("36028797018963967s"), ~std::uint64_t{511});
  EXPECT_NE(parse_size("18446744073709551615b").error().message().find("18446744073709551616b"), std::string::npos);
  for (const char* text : {"16e", "16777216t", "99999999999999999999", "18446744073709551616b",
                           "99999999999999999999999999999999999999999999999e"}) {
    auto size = parse_size(text);
    ASSERT_FALSE(size.ok()) << text;
    EXPECT_NE(size.error().message().find("too big"), std::string::npos) << text;
  }
}

RC_GTEST_PROP(ParseSize, NeverFailsBadlyAndAlwaysGivesWholeSectors, (const std::string& tail)) {
  std::string text = std::to_string(*rc::gen::arbitrary<std::uint32_t>()) + tail;
  auto size = parse_size(text);
  if (size.ok()) RC_ASSERT(size->n % 512 == 0);
}

RC_GTEST_PROP(ParseSize, ReadsBackWhatTheReportShowsInBytes, (std::uint32_t sectors)) {
  Bytes size{std::uint64_t{sectors} * 512};
  SizeFormat bytes{.unit = 'b'};
  auto read = parse_size(report_size(size, bytes));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == size);
}

TEST(ReportSize, ShowsWhatLvm2Showed) {
  std::ifstream file("tests/data/report/sizes.txt");
  ASSERT_TRUE(file);
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string units, text;
    int suffix = 0;
    std::uint64_t bytes = 0;
    ASSERT_TRUE(words >> units >> suffix >> bytes >> text) << line;
    auto format = parse_units(units);
    ASSERT_TRUE(format.ok()) << line;
    format->suffix = suffix == 1;
    EXPECT_EQ(report_size(Bytes{bytes}, *format), text) << line;
    ++rows;
  }
  EXPECT_GT(rows, 3000);
}

TEST(ReportSize, ShowsNothingAsZero) {
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 'r'}), "0 ");
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 'h', .suffix = false}), "0");
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 'b'}), "0B");
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 's'}), "0S");
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 'm'}), "0m");
  EXPECT_EQ(report_size(Bytes{0}, {.unit = 'm', .suffix = false}), "0");
  EXPECT_EQ(report_size(Bytes{0}, *parse_units("3m")), "0U");
}

TEST(ReportSize, ShowsCapitalsForBothKindsWithoutSiConsistency) {
  EXPECT_EQ(report_size(Bytes{512 * kMi}, {.unit = 'm', .si_consistency = false}), "512.00M");
  EXPECT_EQ(report_size(Bytes{512 * kMi}, {.unit = 'h', .si_consistency = false}), "512.00M");
  EXPECT_EQ(report_size(Bytes{512 * kMi}, {.unit = 'm'}), "512.00m");
}

TEST(ParseUnits, RefusesWhatLvm2Refuses) {
  for (const char* units : {"", "x", "0m", "-1m", "3", "1.0", "hh", "mm", "4mm", "4mb", ".5m", "1.5", "1,5m", "16e",
                            "99999999999999999999m", "0.1b", "1e1", "U"}) {
    EXPECT_FALSE(parse_units(units).ok()) << units;
  }
}

TEST(ParseUnits, KeepsTheLetterForANumberBetweenOneAndTwo) {
  EXPECT_EQ(report_size(Bytes{512 * kMi}, *parse_units("1.9m")), "269.47m");
  EXPECT_EQ(report_size(Bytes{512 * kMi}, *parse_units("1.5b")), "536870912B");
  EXPECT_EQ(report_size(Bytes{512 * kMi}, *parse_units("1.999s")), "524801S");
  EXPECT_EQ(report_size(Bytes{512 * kMi}, *parse_units("4m")), "128.00U");
}

TEST(HumanSize, SaysWhatMessagesSay) {
  EXPECT_EQ(human_size(Bytes{512}), "512 B");
  EXPECT_EQ(human_size(Bytes{4 * kMi}), "4.00 MiB");
  EXPECT_EQ(human_size(Bytes{5119 * 512}), "<2.50 MiB");
  EXPECT_EQ(human_size(Bytes{4999 * 512}), "2.44 MiB");
  EXPECT_EQ(human_size(Bytes{15 * kEi}), "15.00 EiB");
  EXPECT_EQ(human_size(Bytes{2 * kEi - kGi}), "<2.00 EiB");
  EXPECT_EQ(human_size(Bytes{~std::uint64_t{0}}), "16.00 EiB");
}

}  // namespace
}  // namespace ashlar
