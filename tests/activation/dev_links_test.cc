// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dev_links.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace ashlar::dm {
namespace {

namespace fs = std::filesystem;

constexpr DevNumber kNumber{253, 4093};

/// A directory that stands for /dev. Block nodes need a privilege that not every tester has.
class DevLinksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/ashlar-dev-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dev = name;
    fs::create_directory(dev / "mapper");
    if (!make_block(dev / "dm-4093", kNumber)) GTEST_SKIP() << "cannot make block device nodes here";
  }
  void TearDown() override { fs::remove_all(dev); }

  static bool make_block(const fs::path& path, DevNumber number) {
    return mknod(path.c_str(), S_IFBLK | 0600, makedev(number.major, number.minor)) == 0;
  }
  bool leads_to(const std::string& path, DevNumber number) {
    struct stat st {};
    return stat((dev / path).c_str(), &st) == 0 && st.st_rdev == makedev(number.major, number.minor);
  }
  DevLinks links() { return DevLinks(dev.string()); }

  fs::path dev;
  DevNames names{"vg0-a", "vg0", "a"};
};

TEST_F(DevLinksTest, MakesMapperNameAndVgLink) {
  EXPECT_EQ(links().missing(names, kNumber), (std::vector<std::string>{dev / "mapper/vg0-a", dev / "vg0/a"}));
  ASSERT_TRUE(links().make(names, kNumber).ok());
  EXPECT_EQ(fs::read_symlink(dev / "mapper/vg0-a"), "../dm-4093");
  EXPECT_EQ(fs::read_symlink(dev / "vg0/a"), dev / "mapper/vg0-a");
  EXPECT_EQ(fs::status(dev / "vg0").permissions(), fs::perms(0755));
  EXPECT_TRUE(links().missing(names, kNumber).empty());
  EXPECT_TRUE(links().make(names, kNumber).ok());
}

TEST_F(DevLinksTest, WaitsForALinkThatComesLateAndNoLonger) {
  using Clock = std::chrono::steady_clock;
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    static_cast<void>(links().make(names, kNumber).ok());
  });
  EXPECT_TRUE(links().missing(names, kNumber, Clock::now() + std::chrono::minutes(1)).empty());
  late.join();
  fs::remove(dev / "vg0/a");
  EXPECT_EQ(links().missing(names, kNumber, Clock::now()), (std::vector<std::string>{dev / "vg0/a"}));
}

TEST_F(DevLinksTest, MakesANodeWhereTheKernelsIsMissing) {
  fs::remove(dev / "dm-4093");
  ASSERT_TRUE(links().make(names, kNumber).ok());
  EXPECT_TRUE(fs::is_block_file(fs::symlink_status(dev / "mapper/vg0-a")));
  EXPECT_EQ(fs::status(dev / "mapper/vg0-a").permissions(), fs::perms(0660));
  EXPECT_TRUE(leads_to("vg0/a", kNumber));
}

TEST_F(DevLinksTest, MakesNoVgLinkForADeviceThatIsNotAnLv) {
  ASSERT_TRUE(links().make({"vg0-a-real", "vg0", ""}, kNumber).ok());
  EXPECT_TRUE(fs::exists(dev / "mapper/vg0-a-real"));
  EXPECT_FALSE(fs::exists(dev / "vg0"));
}

TEST_F(DevLinksTest, ReplacesLinksThatLeadElsewhere) {
  make_block(dev / "dm-1", {253, 1});
  fs::create_directory(dev / "vg0");
  fs::create_symlink("../dm-1", dev / "vg0/a");
  fs::create_symlink("../dm-2", dev / "mapper/vg0-a");
  ASSERT_TRUE(links().make(names, kNumber).ok());
  EXPECT_TRUE(leads_to("vg0/a", kNumber));
  EXPECT_TRUE(leads_to("mapper/vg0-a", kNumber));
}

TEST_F(DevLinksTest, ReplacesNothingButLinksAndNodes) {
  fs::create_directory(dev / "vg0");
  std::ofstream(dev / "vg0/a") << "precious";
  const Status made = links().make(names, kNumber);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Errc::Exists);
  EXPECT_EQ(fs::file_size(dev / "vg0/a"), 8U);

  std::ofstream(dev / "vg1") << "precious";
  const Status blocked = links().make({"vg1-a", "vg1", "a"}, kNumber);
  ASSERT_FALSE(blocked.ok());
  EXPECT_EQ(blocked.error().message(), (dev / "vg1").string() + " exists and is not a directory");
}

TEST_F(DevLinksTest, RefusesNamesThatLeaveTheDirectory) {
  for (const DevNames& bad :
       {DevNames{"..", "vg0", "a"}, DevNames{"a/b", "vg0", "a"}, DevNames{"", "vg0", "a"}, DevNames{"vg0-a", "..", "a"},
        DevNames{"vg0-a", "vg0", "../x"}, DevNames{"vg0-a", ".", "a"}}) {
    const Status made = links().make(bad, kNumber);
    EXPECT_EQ(made.ok() ? Errc::Exists : made.error().code(), Errc::InvalidArgument) << bad.name << bad.vg_name;
    fs::remove(dev / "mapper/vg0-a");
  }
}

TEST_F(DevLinksTest, RemovesWhatItMadeAndTheEmptyDirectory) {
  const DevNames other{"vg0-b", "vg0", "b"};
  ASSERT_TRUE(links().make(names, kNumber).ok());
  ASSERT_TRUE(links().make(other, kNumber).ok());
  ASSERT_TRUE(links().remove(names, kNumber).ok());
  EXPECT_FALSE(fs::exists(fs::symlink_status(dev / "mapper/vg0-a")));
  EXPECT_FALSE(fs::exists(fs::symlink_status(dev / "vg0/a")));
  EXPECT_TRUE(fs::exists(fs::symlink_status(dev / "vg0/b")));
  ASSERT_TRUE(links().remove(other, kNumber).ok());
  EXPECT_FALSE(fs::exists(dev / "vg0"));
  EXPECT_TRUE(links().remove(other, kNumber).ok());
}

TEST_F(DevLinksTest, RemovesUdevsRelativeLinks) {
  fs::create_directory(dev / "vg0");
  fs::create_symlink("../dm-4093", dev / "vg0/a");
  fs::create_symlink("../dm-4093", dev / "mapper/vg0-a");
  ASSERT_TRUE(links().remove(names, kNumber).ok());
  EXPECT_FALSE(fs::exists(fs::symlink_status(dev / "mapper/vg0-a")));
  EXPECT_FALSE(fs::exists(dev / "vg0"));
}

TEST_F(DevLinksTest, LeavesANameThatAnotherDeviceHasTaken) {
  make_block(dev / "dm-1", {253, 1});
  fs::create_directory(dev / "vg0");
  fs::create_symlink("../dm-1", dev / "vg0/a");
  fs::create_symlink("../dm-1", dev / "mapper/vg0-a");
  ASSERT_TRUE(links().remove(names, kNumber).ok());
  EXPECT_TRUE(leads_to("vg0/a", {253, 1}));
  EXPECT_TRUE(leads_to("mapper/vg0-a", {253, 1}));
}

TEST(DeviceNode, OfANumberThatNobodyHasIsNotFound) {
  const Result<std::string> node = device_node("/dev", {4000, 4000});
  EXPECT_EQ(node.ok() ? Errc::Exists : node.error().code(), Errc::NotFound);
}

}  // namespace
}  // namespace ashlar::dm
