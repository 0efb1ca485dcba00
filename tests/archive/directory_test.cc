// SPDX-License-Identifier: LGPL-2.1-or-later
// Where nothing is written: directories that somebody else has a hand in, full and read-only ones.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "archive_test_support.h"

namespace ashlar::archive {
namespace {

class DirectoryTest : public InDirectories {
 protected:
  /// Both directories refuse in the same words; the message names the directory.
  std::string refusal(Errc code = Errc::Refused) {
    auto a = archive();
    const Status before = a->save_before("vg0", "x"), current = a->save_current("vg0", "x");
    EXPECT_TRUE(!before.ok() && before.error().code() == code) << (before.ok() ? "saved" : before.error().message());
    EXPECT_TRUE(!current.ok() && current.error().code() == code)
        << (current.ok() ? "saved" : current.error().message());
    if (before.ok() || current.ok()) return "";
    EXPECT_NE(before.error().message().find(dir_ / "archive"), std::string::npos) << before.error().message();
    EXPECT_NE(current.error().message().find(dir_ / "backup"), std::string::npos) << current.error().message();
    EXPECT_FALSE(a->list("vg0").ok());
    EXPECT_FALSE(a->remove_backup("vg0").ok());
    return before.error().message();
  }
};

TEST_F(DirectoryTest, IsMadeForItsOwnerAloneWhateverTheUmask) {
  Options o = options();
  o.archive_dir = dir_ / "state/ashlar/archive";
  const mode_t before = ::umask(0);
  auto a = file_archive(o, random_);
  EXPECT_SAVED(a->save_before("vg0", "x"));
  EXPECT_SAVED(a->save_current("vg0", "x"));
  ::umask(before);
  for (const char* path : {"state", "state/ashlar", "state/ashlar/archive", "backup"})
    EXPECT_EQ(mode_of(dir_ / path), 0700U) << path;
  EXPECT_EQ(mode_of(dir_ / "backup/vg0"), 0600U);
  EXPECT_EQ(mode_of(dir_ / "state/ashlar/archive/.ashlar_index"), 0600U);
  auto entries = a->list("vg0");
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ(mode_of(entries.value().front().path), 0600U);
}

TEST_F(DirectoryTest, ThatIsALinkIsRefused) {
  fs::create_directory(dir_ / "elsewhere");
  ::chmod((dir_ / "elsewhere").c_str(), 0700);
  for (const char* name : {"archive", "backup"}) fs::create_symlink(dir_ / "elsewhere", dir_ / name);
  EXPECT_NE(refusal().find("is a symbolic link"), std::string::npos);
  Options o = options();
  o.archive_dir += "/";
  EXPECT_EQ(file_archive(o, random_)->save_before("vg0", "x").error().code(), Errc::Refused);
  o.archive_dir += "./";
  EXPECT_EQ(file_archive(o, random_)->save_before("vg0", "x").error().code(), Errc::Refused);
  EXPECT_TRUE(fs::is_empty(dir_ / "elsewhere"));
}

TEST_F(DirectoryTest, ThatIsAFifoOrAFileIsRefusedWithoutWaiting) {
  for (const char* name : {"archive", "backup"}) ASSERT_EQ(::mkfifo((dir_ / name).c_str(), 0600), 0);
  EXPECT_NE(refusal().find("is not a directory"), std::string::npos);
  for (const char* name : {"archive", "backup"}) {
    fs::remove(dir_ / name);
    put_file(dir_ / name, "x");
  }
  EXPECT_NE(refusal().find("is not a directory"), std::string::npos);
}

TEST_F(DirectoryTest, ThatOthersCanWriteIsRefused) {
  make_directories();
  for (mode_t mode : {mode_t{0770}, mode_t{0707}, mode_t{01777}, mode_t{0720}}) {
    for (const char* name : {"archive", "backup"}) ::chmod((dir_ / name).c_str(), mode);
    EXPECT_NE(refusal().find("run chmod go-w on it"), std::string::npos);
  }
  for (const char* name : {"archive", "backup"}) ::chmod((dir_ / name).c_str(), 0755);
  EXPECT_SAVED(archive()->save_before("vg0", "x"));
}

TEST_F(DirectoryTest, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a directory away";
  make_directories();
  for (const char* name : {"archive", "backup"}) ASSERT_EQ(::chown((dir_ / name).c_str(), 12345, 12345), 0);
  EXPECT_NE(refusal().find("belongs to user 12345"), std::string::npos);
}

TEST_F(DirectoryTest, OfAUserServesThatUserAndRootsDoesNot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  make_directories();
  ::chmod(dir_.path().c_str(), 0755);
  ASSERT_EQ(::chown((dir_ / "backup").c_str(), 12345, 12345), 0);
  Child child([&](Child&) {
    if (::setresgid(12345, 12345, 12345) != 0 || ::setresuid(12345, 12345, 12345) != 0) return 1;
    auto a = archive();
    if (!a->save_current("vg0", "x").ok()) return 2;
    const Status status = a->save_before("vg0", "x");
    if (status.ok() || status.error().sys_errno() != EACCES) return 3;
    return status.error().message().find(dir_ / "archive") == std::string::npos ? 4 : 0;
  });
  EXPECT_EQ(child.join(), 0);
}

TEST_F(DirectoryTest, MayHoldALinkWithTheBackupsNameWhichIsReplaced) {
  make_directories();
  put_file(dir_ / "victim", "precious");
  fs::create_symlink(dir_ / "victim", dir_ / "backup/vg0");
  EXPECT_SAVED(archive()->save_current("vg0", "x"));
  EXPECT_EQ(text_of(dir_ / "victim"), "precious");
  EXPECT_FALSE(fs::is_symlink(dir_ / "backup/vg0"));
  EXPECT_EQ(text_of(dir_ / "backup/vg0"), "x");
}

/// Runs `body` with a small tmpfs over each directory, seen by nobody else. 77: this machine allows no such mounts.
int on_small_disks(const std::string& archive, const std::string& backup, const std::function<int()>& body) {
  Child child([&](Child&) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    for (const std::string& where : {archive, backup})
      if (::mount("tmpfs", where.c_str(), "tmpfs", 0, "size=64k,mode=0700") != 0) return 77;
    return body();
  });
  return child.join();
}

TEST_F(DirectoryTest, ThatIsFullIsNamedAndKeepsWhatItHas) {
  make_directories();
  const int status = on_small_disks(dir_ / "archive", dir_ / "backup", [&] {
    auto a = archive();
    if (!a->save_current("vg0", "old").ok() || !a->save_before("vg0", "old").ok()) return 1;
    const std::string large(200'000, 'x');
    for (const auto& [result, where] : {std::pair{a->save_before("vg0", large), dir_ / "archive"},
                                        std::pair{a->save_current("vg0", large), dir_ / "backup"}}) {
      if (result.ok() || result.error().code() != Errc::NoSpace) return 2;
      if (result.error().message().find(where) == std::string::npos) return 3;
    }
    if (text_of(dir_ / "backup/vg0") != "old" || files().size() != 1) return 4;
    for (const auto& entry : fs::directory_iterator(dir_ / "archive"))
      if (entry.path().filename().string().starts_with(".lvm_")) return 5;  // it would keep the disk full
    return a->save_before("vg0", "small").ok() ? 0 : 6;
  });
  if (status == 77) GTEST_SKIP() << "cannot mount";
  EXPECT_EQ(status, 0);
}

TEST_F(DirectoryTest, ThatIsReadOnlyIsToldApart) {
  make_directories();
  const int status = on_small_disks(dir_ / "archive", dir_ / "backup", [&] {
    auto a = archive();
    if (!a->save_current("vg0", "old").ok()) return 1;
    for (const char* name : {"archive", "backup"})
      if (::mount("none", (dir_ / name).c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 77;
    for (const Status& result : {a->save_before("vg0", "x"), a->save_current("vg0", "x"), a->remove_backup("vg0")})
      if (result.ok() || result.error().sys_errno() != EROFS) return 2;
    return a->list("vg0").ok() ? 0 : 3;
  });
  if (status == 77) GTEST_SKIP() << "cannot mount";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ashlar::archive
