// SPDX-License-Identifier: LGPL-2.1-or-later
// Most rows were seen with LVM2 2.03.16 on a device of those names; those on ?, [^...] and \\. are from
// docs/format.md 7.2.
#include "device/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"

namespace ashlar::device {
namespace {

using testing::HasSubstr;
using Names = std::vector<std::string>;

struct Row {
  Names patterns, names;
  bool accepted;
  std::optional<std::size_t> by;  ///< index of the accepted name
};

TEST(RegexFilter, DecidesAsLvm2Does) {
  const Row rows[] = {
      {{}, {"/dev/sda"}, true, {}},
      {{"a|.*|"}, {"/dev/sda"}, true, 0},
      {{"r|.*|"}, {"/dev/sda"}, false, {}},
      {{"r|zzz|"}, {"/dev/sda", "/dev/b"}, true, {}},
      {{"a|^/dev/sda$|", "r|.*|"}, {"/dev/sda"}, true, 0},
      {{"a|^/dev/sda$|", "r|.*|"}, {"/dev/sdaa"}, false, {}},
      {{"a|sda|", "r|.*|"}, {"/dev/sdaa"}, true, 0},
      // The trap: another name of the rejected disk hits the rest of the list.
      {{"r|/dev/vda|", "a|.*|"}, {"/dev/vda", "/dev/disk/by-diskseq/1"}, true, 1},
      {{"r|/dev/vda|", "a|.*|"}, {"/dev/vda"}, false, {}},
      {{"r|/dev/vda|", "r|/dev/disk/|", "a|.*|"}, {"/dev/vda", "/dev/disk/by-diskseq/1"}, false, {}},
      // A name that matches nothing does not save a device of which another name is rejected.
      {{"r|/b1$|"}, {"/dev/b1", "/dev/c1"}, false, {}},
      {{"a|/c1$|"}, {"/dev/b1", "/dev/c1"}, true, 1},
      {{"a|/c1$|", "r|.*|"}, {"/dev/b1", "/dev/c1"}, true, 1},
      {{"a|/b1$|", "r|.*|"}, {"/dev/c1", "/dev/b1"}, true, 1},
      // The first pattern that matches decides, not the strictest.
      {{"r|.*|", "a|.*|"}, {"/dev/sda"}, false, {}},
      {{"a|.*|", "r|.*|"}, {"/dev/sda"}, true, 0},
      {{"a(/c1$)", "r/.*/"}, {"/dev/c1"}, true, 0},
      {{"a[/c1$]", "r{.*}"}, {"/dev/c2"}, false, {}},
      {{"a|^/dev/[bc]1+$|", "r|.*|"}, {"/dev/c111"}, true, 0},
      {{"a|^/dev/(sd|vd)[a-c]$|", "r|.*|"}, {"/dev/vdb"}, true, 0},
      {{"a|^/dev/(sd|vd)[^a-c]$|", "r|.*|"}, {"/dev/vdb"}, false, {}},
      {{"a|/dev/x\\.1|", "r|.*|"}, {"/dev/x91"}, false, {}},
      {{"a|/dev/xy?1|", "r|.*|"}, {"/dev/x1"}, true, 0},
  };
  for (const Row& row : rows) {
    auto filter = RegexFilter::compile(row.patterns, "devices/filter");
    ASSERT_TRUE(filter.ok()) << filter.error().message();
    RegexFilter::Verdict verdict = filter->judge(row.names);
    EXPECT_EQ(verdict.accepted, row.accepted)
        << testing::PrintToString(row.patterns) << testing::PrintToString(row.names);
    EXPECT_EQ(verdict.name, row.by) << testing::PrintToString(row.patterns) << testing::PrintToString(row.names);
  }
}

TEST(RegexFilter, NamesThePatternThatIsWrongAndPrintsNothing) {
  for (const char* pattern : {"", "a", "a|", "x|/c1$|", "a|/c1$", "a|(|", "a||", "a|*|", "a(b(", "a|[|"}) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    auto filter = RegexFilter::compile(Names{"a|ok|", pattern}, "devices/filter");
    EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "") << pattern;
    ASSERT_FALSE(filter.ok()) << pattern;
    EXPECT_THAT(filter.error().message(),
                HasSubstr("Invalid pattern \"" + std::string(pattern) + "\" in devices/filter"));
    EXPECT_EQ(filter.error().code(), Errc::Refused);
  }
}

TEST(RegexFilter, ALibrarysComplaintGoesToTheLog) {
  std::string lines;
  ScopedLogSink sink([&](LogLevel, std::string_view line) { lines += line; });
  EXPECT_FALSE(Regex::compile("(").ok());
  EXPECT_THAT(lines, HasSubstr("libdevmapper: "));
}

}  // namespace
}  // namespace ashlar::device
