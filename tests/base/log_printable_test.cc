// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace ashlar {
namespace {

TEST(Printable, KeepsTextAndShowsTheRestAsHex) {
  const std::pair<std::string, std::string> table[] = {
      {"plain text ~", "plain text ~"},
      {"", ""},
      {"\x1b[31mred\x07", "\\x1b[31mred\\x07"},
      {"a\tb\nc\r", "a\\x09b\\x0ac\\x0d"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f", "\\x7f"},
      {"gr\xc3\xb6\xc3\x9f", "gr\xc3\xb6\xc3\x9f"},
      {"\xe6\x97\xa5", "\xe6\x97\xa5"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"\xc3", "\\xc3"},
      {"\xc3(", "\\xc3("},
      {"\x80\xbf", "\\x80\\xbf"},
      {"\xc0\xaf", "\\xc0\\xaf"},           // overlong "/"
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},  // the same in three bytes
      {"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond U+10FFFF
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m"},  // CSI as a C1 control
      {"\xe2\x80\xae"
       "abc",
       "\\xe2\\x80\\xaeabc"},               // right-to-left override
      {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},  // line separator
      {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},  // isolate
  };
  for (const auto& [text, shown] : table) EXPECT_EQ(printable(text), shown);
}

RC_GTEST_PROP(Printable, LeavesNoControlByte, (const std::vector<std::uint8_t>& bytes)) {
  std::string shown = printable(std::string(bytes.begin(), bytes.end()));
  for (char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  RC_ASSERT(printable(shown) == shown);
}

TEST(Log, GoesToTheInnermostSinkOfItsThread) {
  std::vector<std::string> outer, inner;
  EXPECT_FALSE(log_enabled());
  log(LogLevel::Debug, "to nobody");
  {
    ScopedLogSink a([&](LogLevel, std::string_view line) { outer.emplace_back(line); });
    log(LogLevel::Info, "one");
    {
      ScopedLogSink b([&](LogLevel, std::string_view line) { inner.emplace_back(line); });
      log(LogLevel::Info, "two");
    }
    EXPECT_TRUE(log_enabled());
    log(LogLevel::Warning, "three");
  }
  EXPECT_FALSE(log_enabled());
  EXPECT_EQ(outer, (std::vector<std::string>{"one", "three"}));
  EXPECT_EQ(inner, (std::vector<std::string>{"two"}));
}

}  // namespace
}  // namespace ashlar
