// SPDX-License-Identifier: LGPL-2.1-or-later
// Saving does not read the directory, unless somebody else changed it: then once.
#include <fcntl.h>

#include "archive_test_support.h"

namespace ashlar::archive {
namespace {

class CostTest : public InDirectories {
 protected:
  void SetUp() override {
    make_directories();
    for (std::uint32_t i = 0; i < 500; ++i) foreign(i % 2 == 0 ? "vg0" : "vg1", i);
  }
  /// The reads that one more save takes.
  int save(const std::string& vg) {
    const int before = reads_;
    EXPECT_SAVED(counting(options())->save_before(vg, "x"));  // a command of its own each time
    return reads_ - before;
  }
  std::string index_file() { return dir_ / "archive/.ashlar_index"; }
};

TEST_F(CostTest, OneReadServesAllLaterCommandsAndAllVgs) {
  EXPECT_EQ(save("vg0"), 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(save("vg0"), 0);
    EXPECT_EQ(save("vg1"), 0);
    EXPECT_EQ(save("new" + std::to_string(i)), 0);
  }
  EXPECT_EQ(indices("vg0").back(), 498U + 21);
  EXPECT_EQ(indices("vg1").back(), 499U + 20);
  EXPECT_EQ(indices("new7"), (std::vector<std::uint32_t>{0}));
}

TEST_F(CostTest, AChangeByAnotherProgramIsSeenEvenInTheSameClockTick) {
  EXPECT_EQ(save("vg0"), 1);
  for (std::uint32_t next = 1000; next < 1300; next += 10) {
    foreign("vg0", next);
    EXPECT_EQ(save("vg0"), 1);
    EXPECT_EQ(indices("vg0").back(), next + 1);
    EXPECT_EQ(save("vg0"), 0);
    fs::remove(dir_ / "archive/vg1_00001-7.vg");
    EXPECT_EQ(save("vg0"), 1);
    foreign("vg1", 1);
    EXPECT_EQ(save("vg0"), 1);
  }
}

TEST_F(CostTest, AChangeByAnotherProgramWhileWeWriteIsSeen) {
  EXPECT_EQ(save("vg0"), 1);
  std::thread other([&] {
    auto writing = [&] {
      std::error_code gone;
      for (const auto& entry : fs::directory_iterator(dir_ / "archive"))
        if (entry.path().filename().string().starts_with(".lvm_") && entry.file_size(gone) > 0 && !gone) return true;
      return false;
    };
    ASSERT_TRUE(test::eventually(writing));
    foreign("vg0", 5000);
  });
  EXPECT_SAVED(counting(options())->save_before("vg0", std::string(100'000'000, 'x')));  // takes a while
  other.join();
  EXPECT_EQ(reads_, 2);
  EXPECT_EQ(indices("vg0").back(), 5001U);
}

TEST_F(CostTest, ADamagedIndexCostsOneRead) {
  EXPECT_EQ(save("vg0"), 1);
  const std::string good = text_of(index_file());
  for (std::size_t cut : {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 1}) {
    ASSERT_EQ(::truncate(index_file().c_str(), static_cast<off_t>(cut)), 0);
    EXPECT_EQ(save("vg0"), 1) << cut;
    EXPECT_EQ(save("vg0"), 0);
  }
  {
    std::fstream file(index_file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.put('\x7f');
  }
  EXPECT_EQ(save("vg0"), 1);
  EXPECT_EQ(save("vg0"), 0);
}

TEST_F(CostTest, AnIndexFromAnotherTimeOrPlaceIsNotBelieved) {
  EXPECT_EQ(save("vg0"), 1);
  const std::string old = text_of(index_file());
  EXPECT_EQ(save("vg0"), 0);
  { std::ofstream(index_file(), std::ios::binary | std::ios::trunc) << old; }
  EXPECT_EQ(save("vg0"), 1);
  EXPECT_EQ(indices("vg0").back(), 498U + 3);

  ASSERT_EQ(test::shell("cp -a " + (dir_ / "archive") + " " + (dir_ / "copy") + " && rm -r " + (dir_ / "archive") +
                        " && mv " + (dir_ / "copy") + " " + (dir_ / "archive")),
            0);
  EXPECT_EQ(save("vg0"), 1);
}

TEST_F(CostTest, SomethingElseInThePlaceOfTheIndexIsLeftAlone) {
  fs::create_symlink(dir_ / "victim", index_file());
  EXPECT_EQ(save("vg0"), 1);
  EXPECT_FALSE(fs::exists(dir_ / "victim"));
  fs::remove(index_file());
  ASSERT_EQ(::mkfifo(index_file().c_str(), 0600), 0);
  EXPECT_EQ(save("vg0"), 1);
  fs::remove(index_file());
  fs::create_directory(index_file());
  EXPECT_EQ(save("vg0"), 1);
  EXPECT_EQ(indices("vg0").back(), 498U + 3);
}

TEST_F(CostTest, ListingReadsTheDirectoryOnce) {
  EXPECT_TRUE(counting(options())->list("vg0").ok());
  EXPECT_EQ(reads_, 1);
}

}  // namespace
}  // namespace ashlar::archive
