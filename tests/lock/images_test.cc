// SPDX-License-Identifier: LGPL-2.1-or-later
// Image files exclude commands that share no lock directory.
#include <gtest/gtest.h>

#include <fstream>

#include "lock/locks.h"
#include "lock_test_support.h"

namespace ashlar::lock {
namespace {

namespace fs = std::filesystem;

class ImageLocks : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a.img", "b.img"}) std::ofstream(dir_ / name) << "image";
  }
  /// Locks with a directory of their own, as another user would have.
  std::unique_ptr<Locks> user(const std::string& name, std::vector<std::string> images, bool wait = false) {
    FileLockOptions options = in_directory(dir_ / name, wait);
    options.images = std::move(images);
    return file_locks(options);
  }
  TempDir dir_;
};

TEST_F(ImageLocks, ExcludeAcrossLockDirectories) {
  auto held = user("me", {dir_ / "a.img"})->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok()) << held.error().message();
  auto other = user("you", {dir_ / "b.img", dir_ / "a.img"})->vg("vg9", Mode::Shared);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code(), Errc::Busy);
  EXPECT_NE(other.error().message().find("a.img"), std::string::npos) << other.error().message();
  EXPECT_TRUE(user("you", {dir_ / "b.img"})->vg("vg9", Mode::Exclusive).ok());
  held.value().reset();
  EXPECT_TRUE(user("you", {dir_ / "b.img", dir_ / "a.img"})->vg("vg9", Mode::Exclusive).ok());
}

TEST_F(ImageLocks, AreSharedByReaders) {
  auto mine = user("me", {dir_ / "a.img"})->vg("vg0", Mode::Shared);
  auto yours = user("you", {dir_ / "a.img"})->vg("vg0", Mode::Shared);
  EXPECT_TRUE(mine.ok() && yours.ok());
}

TEST_F(ImageLocks, UnderTwoNamesAreOne) {
  fs::create_symlink(dir_ / "a.img", dir_ / "link");
  fs::create_hard_link(dir_ / "a.img", dir_ / "hard");
  EXPECT_TRUE(user("me", {dir_ / "a.img", dir_ / "link", dir_ / "hard"})->vg("vg0", Mode::Exclusive).ok());
}

TEST_F(ImageLocks, ServeTheGlobalAndTheVgLockOfOneCommand) {
  auto locks = user("me", {dir_ / "a.img"});
  auto global = locks->global(Mode::Exclusive);
  auto vg = locks->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(global.ok() && vg.ok());
  auto elsewhere = [&] { return user("you", {dir_ / "a.img"})->vg("x", Mode::Shared).ok(); };
  EXPECT_FALSE(elsewhere());
  global.value().reset();
  EXPECT_FALSE(elsewhere());
  vg.value().reset();
  EXPECT_TRUE(elsewhere());
}

TEST_F(ImageLocks, BecomeExclusiveWithTheFirstExclusiveLock) {
  auto locks = user("me", {dir_ / "a.img"});
  auto global = locks->global(Mode::Shared);
  ASSERT_TRUE(user("you", {dir_ / "a.img"})->vg("x", Mode::Shared).ok());
  auto vg = locks->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(global.ok() && vg.ok());
  EXPECT_FALSE(user("you", {dir_ / "a.img"})->vg("x", Mode::Shared).ok());
}

TEST_F(ImageLocks, ThatAreMissingAreNamed) {
  auto held = user("me", {dir_ / "a.img", dir_ / "none.img"})->vg("vg0", Mode::Shared);
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().code(), Errc::NotFound);
  EXPECT_NE(held.error().message().find("none.img"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(dir_ / "me")) << "the lock file was not released";
}

TEST_F(ImageLocks, PassOverOtherKindsOfFile) {
  ASSERT_EQ(::mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(user("me", {"/dev/null", dir_ / "fifo", dir_ / "a.img"})->vg("vg0", Mode::Exclusive).ok());
}

// One command has the global lock and the images and wants the VG; another has the VG and wants the images.
TEST_F(ImageLocks, AreLetGoWhileALockFileIsWaitedFor) {
  auto locks = user("same", {dir_ / "a.img", dir_ / "b.img"}, true);
  auto global = locks->global(Mode::Exclusive);
  ASSERT_TRUE(global.ok());
  Child other([&](Child& self) {
    ::alarm(20);
    auto theirs = user("same", {dir_ / "b.img", dir_ / "a.img"}, true);
    self.ready();
    auto vg = theirs->vg("vg0", Mode::Exclusive);
    return vg.ok() ? 0 : 1;
  });
  other.await_ready();
  ASSERT_TRUE(eventually([&] { return fs::exists(dir_ / "same/V_vg0") && !fs::exists(dir_ / "same/V_vg0:aux"); }));
  ::alarm(20);
  auto vg = locks->vg("vg0", Mode::Exclusive);
  ::alarm(0);
  ASSERT_TRUE(vg.ok()) << vg.error().message();
  EXPECT_EQ(other.join(), 0);
  EXPECT_FALSE(user("you", {dir_ / "a.img"})->vg("x", Mode::Shared).ok()) << "not taken again";
}

}  // namespace
}  // namespace ashlar::lock
