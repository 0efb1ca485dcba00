// SPDX-License-Identifier: LGPL-2.1-or-later
// Which archives go when one is added. The first is the measured behaviour of LVM2, docs/format.md 5.3.
#include <fcntl.h>

#include "archive_test_support.h"

namespace ashlar::archive {
namespace {

class RetentionTest : public InDirectories {
 protected:
  void age_all(std::int64_t seconds) {
    for (const std::string& name : files()) set_age(dir_ / ("archive/" + name), seconds);
  }
};

TEST_F(RetentionTest, KeepsTheYoungAndTheLastTen) {
  make_directories();
  for (std::uint32_t i = 0; i < 16; ++i) foreign("vg0", i, i == 3 ? 0 : 60 * kDay);
  foreign("vg1", 0, 60 * kDay);
  EXPECT_SAVED(archive()->save_before("vg0", "x"));
  EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{3, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(indices("vg1"), (std::vector<std::uint32_t>{0})) << "another VG's history is none of its business";
}

TEST_F(RetentionTest, KeepsAllThatAreYoung) {
  make_directories();
  for (std::uint32_t i = 0; i < 16; ++i) foreign("vg0", i, 29 * kDay);
  EXPECT_SAVED(archive()->save_before("vg0", "x"));
  EXPECT_EQ(indices("vg0").size(), 17U);
}

TEST_F(RetentionTest, SeesThatFilesAgedThoughNothingElseTouchedTheDirectory) {
  Options o = options();
  o.retain_min = 4;
  auto a = counting(o);
  for (int i = 0; i < 8; ++i) EXPECT_SAVED(a->save_before("vg0", "x"));
  age_all(31 * kDay);
  reads_ = 0;
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{5, 6, 7, 8}));
  EXPECT_EQ(reads_, 0);
}

TEST_F(RetentionTest, NeverRemovesTheArchiveJustMade) {
  Options o = options();
  o.retain_min = 0;
  o.retain_days = 0;
  auto a = file_archive(o, random_);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_SAVED(a->save_before("vg0", "x"));
    EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{i}));
  }
}

TEST_F(RetentionTest, ClearsAwayMoreThanItRemembersWithOneReadOfTheDirectory) {
  make_directories();
  for (std::uint32_t i = 0; i < 1000; ++i) foreign("vg0", i);
  auto a = counting(options());
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_EQ(reads_, 1);
  EXPECT_EQ(files().size(), 1001U);
  age_all(60 * kDay);
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_EQ(reads_, 2);
  EXPECT_EQ(indices("vg0"), (std::vector<std::uint32_t>{992, 993, 994, 995, 996, 997, 998, 999, 1000, 1001}));
  for (int i = 0; i < 5; ++i) EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_EQ(reads_, 2);
  EXPECT_EQ(indices("vg0").size(), 10U);
}

TEST_F(RetentionTest, SavesAllTheSameWhenAnOldFileCannotBeRemoved) {
  make_directories();
  for (std::uint32_t i = 1; i < 12; ++i) foreign("vg0", i, 60 * kDay);
  // On a file system that does not tell types, a directory is found out only when it is to be removed.
  fs::create_directory(dir_ / "archive/vg0_00000-7.vg");
  set_age(dir_ / "archive/vg0_00000-7.vg", 60 * kDay);
  Surroundings untyped{[&](int) {
                         std::vector<std::string> names = files();
                         return Result<std::vector<std::string>>(names);
                       },
                       [] { return std::int64_t{::time(nullptr)}; }};
  EXPECT_SAVED(file_archive(options(), random_, untyped)->save_before("vg0", "x"));
  EXPECT_TRUE(fs::exists(dir_ / "archive/vg0_00000-7.vg"));
  EXPECT_EQ(files().size(), 10U);
}

}  // namespace
}  // namespace ashlar::archive
