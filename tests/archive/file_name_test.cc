// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/file_name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ashlar::archive {
namespace {

TEST(ArchiveName, HasAtLeastFiveDigitsAndABareRandomNumber) {
  EXPECT_EQ(archive_name("vg0", 0, 5), "vg0_00000-5.vg");
  EXPECT_EQ(archive_name("vg0", 99999, 2147483647), "vg0_99999-2147483647.vg");
  EXPECT_EQ(archive_name("vg0", 100000, 0), "vg0_100000-0.vg");
}

TEST(ArchiveName, BelongsToWhatStandsBeforeTheLastUnderscore) {
  for (const char* vg : {"a", "a_b", "a_00001-5", "a_00001-5.vg", "_", "a_", ".lvm_x"}) {
    const std::string name = archive_name(vg, 3, 9);
    auto parsed = parse_archive_name(name);
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(parsed->vg_name, vg);
    EXPECT_EQ(parsed->index, 3U);
    EXPECT_EQ(parsed->tail, "00003-9");
  }
}

TEST(ArchiveName, OfOtherProgramsMayLackTheRandomPartOrTheZeros) {
  EXPECT_EQ(parse_archive_name("vg0_00030.vg")->index, 30U);
  EXPECT_EQ(parse_archive_name("vg0_32-5.vg")->index, 32U);
  EXPECT_EQ(parse_archive_name("vg0_00031-xyz.vg")->tail, "00031-xyz");
  EXPECT_EQ(parse_archive_name("vg0_999999999-1.vg")->index, kLastIndex);
}

TEST(ArchiveName, IsNoneOfThese) {
  for (const char* name : {"",
                           ".vg",
                           "vg0.vg",
                           "vg0_00001-5",
                           "vg0_00001-5.vg~",
                           "vg0_1000000000-1.vg",
                           "vg0_4294967295-1.vg",
                           "vg0_00001-5.tmp",
                           "vg0_xx-5.vg",
                           "vg0_-5.vg",
                           "vg0_+1-5.vg",
                           "vg0_ 1-5.vg",
                           "vg0_00001x.vg",
                           "_00001-5.vg",
                           ".._1-1.vg",
                           "-a_00001-5.vg",
                           "a b_00001-5.vg",
                           "vg0_4294967296-1.vg",
                           "vg0_99999999999999999999-1.vg",
                           ".lvm_host_1_2",
                           ".ashlar_index",
                           "a/b_00001-5.vg",
                           "a_1.vg"}) {
    EXPECT_FALSE(parse_archive_name(name)) << name;
  }
}

RC_GTEST_PROP(ArchiveName, IsReadAsItWasWritten, (std::uint32_t index, std::uint32_t random)) {
  const std::string vg =
      *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ09+_."))));
  RC_PRE(vg.size() < 128 && vg != "." && vg != "..");
  index %= kLastIndex + 1;
  const std::string name = archive_name(vg, index, random);
  auto parsed = parse_archive_name(name);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->vg_name == vg);
  RC_ASSERT(parsed->index == index);
  RC_ASSERT(archive_name(parsed->vg_name, parsed->tail) == name);
}

}  // namespace
}  // namespace ashlar::archive
