// SPDX-License-Identifier: LGPL-2.1-or-later
// What times in words mean. Each range is what lvm2 2.03.16 selects with "lv_time = ...", its clock held at the same time.
#include "report/freeform_time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <ctime>

#include "report/scenario.h"

namespace ashlar::report::test {
namespace {

/// "2026-11-18 15:47:23" in the zone that is set.
std::int64_t at(const std::string& text) {
  std::tm date{};
  EXPECT_NE(strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &date), nullptr) << text;
  date.tm_isdst = -1;
  return std::int64_t{std::mktime(&date)};
}

std::string told(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm date{};
  localtime_r(&when, &date);
  char text[64] = "";
  std::strftime(text, sizeof text, "%Y-%m-%d %T", &date);
  return text;
}

class FreeformTime : public testing::Test {
 protected:
  FreeformTime() { zone("UTC"); }
  ~FreeformTime() override { zone("UTC"); }
  static void zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  /// Now is a Wednesday.
  std::string range(const std::string& words, const std::string& now = "2026-11-18 15:47:23") {
    auto range = freeform_time(words, at(now));
    return range ? told(range->first) + " .. " + told(range->last) : range.error().message();
  }
};

TEST_F(FreeformTime, IsTheWholeDayThatIsNamed) {
  EXPECT_EQ(range("today"), "2026-11-18 00:00:00 .. 2026-11-18 23:59:59");
  EXPECT_EQ(range(" Yesterday "), "2026-11-17 00:00:00 .. 2026-11-17 23:59:59");
  EXPECT_EQ(range("Sunday"), "2026-11-15 00:00:00 .. 2026-11-15 23:59:59");
  EXPECT_EQ(range("Wed"), range("today"));
  EXPECT_EQ(range("thu"), "2026-11-12 00:00:00 .. 2026-11-12 23:59:59");
  EXPECT_EQ(range("Nov 10"), "2026-11-10 00:00:00 .. 2026-11-10 23:59:59");
  EXPECT_EQ(range("10 November"), range("Nov 10"));
  for (const char* words : {"Nov 10 2025", "10 Nov 2025", "2025 Nov 10"})
    EXPECT_EQ(range(words), "2025-11-10 00:00:00 .. 2025-11-10 23:59:59") << words;
}

TEST_F(FreeformTime, IsTheWholeMonthWithoutADay) {
  EXPECT_EQ(range("January"), "2026-01-01 00:00:00 .. 2026-01-31 23:59:59");
  EXPECT_EQ(range("Dec"), "2026-12-01 00:00:00 .. 2026-12-31 23:59:59");
  EXPECT_EQ(range("Nov 2025"), "2025-11-01 00:00:00 .. 2025-11-30 23:59:59");
}

TEST_F(FreeformTime, IsADayWhereDaysOrMoreAreCountedBack) {
  EXPECT_EQ(range("0 days ago"), range("today"));
  EXPECT_EQ(range("2 days ago"), "2026-11-16 00:00:00 .. 2026-11-16 23:59:59");
  EXPECT_EQ(range("2days ago"), range("2 days ago"));
  EXPECT_EQ(range("2 weeks ago"), "2026-11-04 00:00:00 .. 2026-11-04 23:59:59");
  EXPECT_EQ(range("2 months ago"), "2026-09-18 00:00:00 .. 2026-09-18 23:59:59");
  EXPECT_EQ(range("1 year 1 day ago"), "2025-11-17 00:00:00 .. 2025-11-17 23:59:59");
  EXPECT_EQ(range("10 years ago"), "2016-11-18 00:00:00 .. 2016-11-18 23:59:59");
}

TEST_F(FreeformTime, ReachesBackAsFarAsTheUnitThatIsCounted) {
  EXPECT_EQ(range("10 seconds ago"), "2026-11-18 15:47:13 .. 2026-11-18 15:47:13");
  EXPECT_EQ(range("1 minute ago"), "2026-11-18 15:45:22 .. 2026-11-18 15:46:23");
  EXPECT_EQ(range("1 hour ago"), "2026-11-18 13:47:22 .. 2026-11-18 14:47:23");
  EXPECT_EQ(range("0 hours ago"), "2026-11-18 14:47:22 .. 2026-11-18 15:47:23");
  EXPECT_EQ(range("2 hours 1 day ago"), "2026-11-17 12:47:22 .. 2026-11-17 13:47:23");
  for (const char* words : {"5 minutes ago", "5 mins ago", "5 min ago", "5 m ago", "5m ago", "5\tMin  ago"})
    EXPECT_EQ(range(words), "2026-11-18 15:41:22 .. 2026-11-18 15:42:23") << words;
  for (const char* words : {"2 hours ago", "2 hrs ago", "2 hr ago", "2h ago"})
    EXPECT_EQ(range(words), "2026-11-18 12:47:22 .. 2026-11-18 13:47:23") << words;
}

TEST_F(FreeformTime, IsAsLongAsWhatIsSaidOfTheTimeOfDay) {
  EXPECT_EQ(range("noon"), "2026-11-18 12:00:00 .. 2026-11-18 12:00:00");
  EXPECT_EQ(range("yesterday midnight"), "2026-11-17 00:00:00 .. 2026-11-17 00:00:00");
  EXPECT_EQ(range("10am"), "2026-11-18 10:00:00 .. 2026-11-18 10:59:59");
  EXPECT_EQ(range("10 PM yesterday"), "2026-11-17 22:00:00 .. 2026-11-17 22:59:59");
  EXPECT_EQ(range("Sun 10:30"), "2026-11-15 10:30:00 .. 2026-11-15 10:30:59");
  EXPECT_EQ(range("10:30:20 am"), "2026-11-18 10:30:20 .. 2026-11-18 10:30:20");
  EXPECT_EQ(range("noon 2 days ago"), "2026-11-16 12:00:00 .. 2026-11-16 12:00:00");
  EXPECT_EQ(range("Nov 10 2025 10:30:20"), "2025-11-10 10:30:20 .. 2025-11-10 10:30:20");
}

TEST_F(FreeformTime, HasNoonAt12pmUnlikeLvm2s) {
  EXPECT_EQ(range("12am"), "2026-11-18 00:00:00 .. 2026-11-18 00:59:59");
  EXPECT_EQ(range("12:30pm"), "2026-11-18 12:30:00 .. 2026-11-18 12:30:59");
}

TEST_F(FreeformTime, CountsDaysOf23And25HoursAsDays) {
  zone("Europe/Berlin");
  EXPECT_EQ(range("yesterday", "2026-10-26 08:00:00"), "2026-10-25 00:00:00 .. 2026-10-25 23:59:59");
  const auto longer = freeform_time("yesterday", at("2026-10-26 08:00:00"));
  const auto shorter = freeform_time("yesterday", at("2026-03-30 08:00:00"));
  EXPECT_EQ(longer->last - longer->first + 1, 25 * 3600);
  EXPECT_EQ(shorter->last - shorter->first + 1, 23 * 3600);
}

TEST_F(FreeformTime, IsRefusedWhereWordsContradictOrAreNotKnown) {
  const std::pair<const char*, const char*> table[] = {
      {"foo", "Unrecognized string in date/time specification at \"foo\""},
      {"yesterday, 10am", "Unrecognized string in date/time specification at \", 10am\""},
      {"18th Nov", "Unrecognized string in date/time specification at \"th\""},
      {"-1 days ago", "Unrecognized string in date/time specification at \"-1 days ago\""},
      {"today yesterday", "Ambiguous date specification found at \"yesterday\""},
      {"Sun yesterday", "Ambiguous date specification found at \"yesterday\""},
      {"noon midnight", "Ambiguous time specification found at \"midnight\""},
      {"10am 11am", "Ambiguous time specification found at \"11\""},
      {"3 days 5 days ago", "Ambiguous date specification found at \"5\""},
      {"yesterday 10", "Ambiguous date specification found: a number without a month"},
      {"Nov 10 11", "Ambiguous date specification found at \"11\""},
      {"yesterday 2 days ago", "Mixed absolute and relative date specification found"},
      {"Nov 10 2 hours ago", "Mixed absolute and relative date specification found"},
      {"noon 3 hours ago", "Mixed absolute and relative time specification found"},
      {"2 days", "A number of days, hours or the like needs \"ago\" behind it"},
      {"ago", "\"ago\" needs a number of days, hours or the like"},
      {"Nov noon", "A time of day needs a day of the month"},
      {"yesterday 25:00", "There is no time of day \"25:00\""},
      {"yesterday 10:61", "There is no time of day \"10:61\""},
      {"13pm", "There is no time of day \"13pm\""},
      {"Feb 30", "There is no day 30 in that month"},
      {"Nov 0 noon", "There is no day 0 in that month"},
      {"99999999999999999999 days ago", "99999999999999999999 days are too many"},
  };
  for (const auto& [words, why] : table) EXPECT_EQ(range(words), why) << words;
}

TEST_F(FreeformTime, OfTheDistantPastIsTheEpoch) {
  for (const char* words : {"100 years ago", "100000000 years ago", "99999999 hours ago"})
    EXPECT_EQ(range(words), "1970-01-01 00:00:00 .. 1970-01-01 00:00:00") << words;
}

RC_GTEST_PROP(FreeformTimes, AreRangesOrRefusedWhateverIsWritten, ()) {
  static const std::vector<std::string> kWords = {
      "ago",   "today", "yesterday", "noon", "sun", "nov",   "feb",   "30",     "31", "2025", "9999", "am",      "pm",
      "10:30", "12",    "days",      "h",    "m",   "weeks", "years", "months", "s",  ":",    "1:",   "99999999"};
  std::string text;
  for (const std::string& word : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kWords)))
    text += word + (*rc::gen::arbitrary<bool>() ? " " : "");
  auto range = freeform_time(text, *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 33));
  if (range) RC_ASSERT(range->first >= 0 && range->first <= range->last);
}

/// LVs named after when they were made, before "2026-11-18 15:47:23".
TEST_F(FreeformTime, SelectsInReportsByEveryOperator) {
  ops::VgInfo info;
  info.vg.name = "vg";
  info.vg.extent_size = {8192};
  const std::pair<const char*, const char*> made[] = {{"old", "2026-11-16 23:59:59"},
                                                      {"first", "2026-11-17 00:00:00"},
                                                      {"last", "2026-11-17 23:59:59"},
                                                      {"new", "2026-11-18 00:00:00"}};
  for (const auto& [name, time] : made) {
    LogicalVolume lv;
    lv.name = name;
    lv.status.set(LvFlag::Visible);
    lv.creation_time = static_cast<std::uint64_t>(at(time));
    info.vg.lvs.push_back(lv);
  }
  ops::Inventory inventory;
  inventory.vgs.push_back(std::move(info));
  auto selected = [&](const std::string& select) {
    Options options;
    options.fields = {"lv_name"};
    options.sort = "lv_time";
    options.headings = options.aligned = false;
    options.separator = ",";
    options.select = select;
    options.now = static_cast<std::uint64_t>(at("2026-11-18 15:47:23"));
    auto lines = print(inventory, options);
    return lines ? fmt::format("{}", fmt::join(*lines, " "))
                 : fmt::format("{}", fmt::join(lines.error().notes(), "\n"));
  };
  EXPECT_EQ(selected("lv_time = yesterday"), "first last");
  EXPECT_EQ(selected("lv_time since yesterday"), "first last new");
  EXPECT_EQ(selected("lv_time >= \"1 day ago\""), "first last new");
  EXPECT_EQ(selected("lv_time after yesterday"), "new");
  EXPECT_EQ(selected("lv_time > yesterday"), "new");
  EXPECT_EQ(selected("lv_time until yesterday"), "old first last");
  EXPECT_EQ(selected("lv_time <= yesterday"), "old first last");
  EXPECT_EQ(selected("lv_time before yesterday"), "old");
  EXPECT_EQ(selected("lv_time since '2 days ago' && lv_time before today"), "old first last");
  EXPECT_EQ(selected("lv_time = \"2026-11-17\" || lv_time = \"yesterday midnight\""), "first last");
  EXPECT_EQ(selected("lv_time = tomorrow"),
            "Unrecognized string in date/time specification at \"tomorrow\"\n"
            "Failed to parse time value for selection field lv_time.\n"
            "Selection syntax error at 'lv_time = tomorrow'.");
}

}  // namespace
}  // namespace ashlar::report::test
