// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/history.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ashlar::archive {
namespace {

/// Archives 0, 1, 2 … written at these times.
struct Files {
  std::vector<std::int64_t> written;

  History all() const {
    History history;
    for (std::uint32_t i = 0; i < written.size(); ++i) history.add({i, std::to_string(i)});
    return history;
  }
};

/// The indices that `expire` leaves of those the history knows.
std::vector<std::uint32_t> left(History& history, const Files& files, Retention rule, bool* done = nullptr) {
  const bool finished = expire(
      history, rule, [&](const Past& past) { return std::optional(files.written[past.index]); },
      [](const Past&) { return true; });
  if (done != nullptr) *done = finished;
  std::vector<std::uint32_t> indices;
  for (const Past& past : history.oldest) indices.push_back(past.index);
  return indices;
}

TEST(History, StartsAtZeroAndStaysAtTheLastNumber) {
  History history;
  EXPECT_EQ(history.next(), 0U);
  history.add({0, "00000-1"});
  EXPECT_EQ(history.next(), 1U);
  history.add({999999999, "999999999-1"});
  EXPECT_EQ(history.next(), 999999999U);
}

TEST(History, GoesByTheNumberNotByItsDigits) {
  auto all = histories({"vg_100000-1.vg", "vg_99999-1.vg", "vg_2-1.vg", "other_5-1.vg", "vg_00003-1.vg", "junk"});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all["vg"].next(), 100001U);
  std::vector<std::string> tails;
  for (const Past& past : all["vg"].oldest) tails.push_back(past.tail);
  EXPECT_EQ(tails, (std::vector<std::string>{"2-1", "00003-1", "99999-1", "100000-1"}));
}

TEST(Expiry, KeepsTheYoungAndTheLastFew) {
  Files files{std::vector<std::int64_t>(17, 100)};
  files.written[3] = files.written[16] = 1000;
  History history = files.all();
  EXPECT_EQ(left(history, files, {10, 500}), (std::vector<std::uint32_t>{3, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(history.count, 10U);
}

TEST(Expiry, KeepsOneWhenToldToKeepNone) {
  Files files{{1, 1, 1}};
  History history = files.all();
  EXPECT_EQ(left(history, files, {0, 500}), (std::vector<std::uint32_t>{2}));
}

TEST(Expiry, CountsAFileThatVanished) {
  History history = Files{{1, 1, 1, 1}}.all();
  expire(
      history, {3, 500},
      [](const Past& past) { return past.index == 0 ? std::nullopt : std::optional<std::int64_t>(1); },
      [](const Past&) { return true; });
  EXPECT_EQ(history.count, 3U);
  EXPECT_EQ(history.oldest.front().index, 1U);
}

TEST(Expiry, LeavesWhatCannotBeRemovedAndGoesOn) {
  History history = Files{{1, 1, 1, 1}}.all();
  const bool done = expire(
      history, {2, 500}, [](const Past&) { return std::optional<std::int64_t>(1); },
      [](const Past& past) { return past.index != 0; });
  EXPECT_TRUE(done);
  EXPECT_EQ(history.count, 2U);
  EXPECT_EQ(history.oldest.front().index, 0U);
}

TEST(Expiry, ExaminesNoMoreThanTheBoundWhenNothingIsDue) {
  Files files{std::vector<std::int64_t>(1000, 900)};
  History history = files.all();
  std::size_t examined = 0;
  EXPECT_TRUE(expire(
      history, {10, 500},
      [&](const Past&) {
        ++examined;
        return std::optional<std::int64_t>(900);
      },
      [](const Past&) { return true; }));
  EXPECT_EQ(examined, kMaxYoung);
  EXPECT_EQ(history.oldest.size(), 1000U);
}

TEST(Expiry, AsksForMoreNamesOnlyWhenTheLastKnownOneWent) {
  Files files{std::vector<std::int64_t>(100, 100)};
  History history = files.all();
  history.oldest.resize(20);  // 80 are not known by name
  bool done = true;
  EXPECT_TRUE(left(history, files, {10, 500}, &done).empty());
  EXPECT_FALSE(done);
  EXPECT_EQ(history.count, 80U);

  files.written[19] = 900;
  history = files.all();
  history.oldest.resize(20);
  EXPECT_EQ(left(history, files, {10, 500}, &done), (std::vector<std::uint32_t>{19}));
  EXPECT_TRUE(done);
}

RC_GTEST_PROP(Expiry, IsTheRuleOfLvm2AsLongAsFewYoungComeFirst, ()) {
  Files files{*rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 10))};
  RC_PRE(files.written.size() <= kMaxYoung);
  const Retention rule{*rc::gen::inRange<std::uint32_t>(0, 12), *rc::gen::inRange<std::int64_t>(-1, 11)};
  std::vector<std::uint32_t> wanted;
  std::size_t count = files.written.size();
  for (std::uint32_t i = 0; i < files.written.size(); ++i) {
    if (count > std::max<std::size_t>(rule.keep, 1) && files.written[i] <= rule.cutoff)
      --count;
    else
      wanted.push_back(i);
  }
  History history = files.all();
  RC_ASSERT(left(history, files, rule) == wanted);
  RC_ASSERT(history.count == count);
}

}  // namespace
}  // namespace ashlar::archive
