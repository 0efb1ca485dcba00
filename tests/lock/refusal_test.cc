// SPDX-License-Identifier: LGPL-2.1-or-later
// What is never locked: impossible names, unsafe directories, locks in the wrong order.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "lock/locks.h"
#include "lock_test_support.h"

namespace ashlar::lock {
namespace {

namespace fs = std::filesystem;

Error refused_in(const std::string& directory) {
  auto held = file_locks(in_directory(directory))->vg("vg0", Mode::Shared);
  return held.ok() ? Error(Errc::Partial, "granted") : held.error();
}

TEST(FileLocks, RefuseNamesThatNoVgCanHave) {
  TempDir dir;
  auto file = file_locks(in_directory(dir / "lvm"));
  auto none = no_locks();
  auto readonly = readonly_locks();
  for (const std::string name : {"", ".", "..", "-a", "a/b", "../x", "#global", "#orphans_lvm2", "a b", "vg0:aux"}) {
    for (Locks* locks : {file.get(), none.get(), readonly.get()}) {
      auto held = locks->vg(name, Mode::Shared);
      ASSERT_FALSE(held.ok()) << name;
      EXPECT_EQ(held.error().code(), Errc::InvalidArgument) << name;
    }
  }
  EXPECT_FALSE(fs::exists(dir / "lvm"));
}

TEST(FileLocks, RefuseAnOrderThatCouldDeadlock) {
  TempDir dir;
  auto locks = file_locks(in_directory(dir / "lvm"));
  auto b = locks->vg("b", Mode::Exclusive);
  ASSERT_TRUE(b.ok());
  for (auto again : {locks->vg("a", Mode::Exclusive).error(), locks->vg("b", Mode::Shared).error(),
                     locks->global(Mode::Shared).error()}) {
    EXPECT_EQ(again.code(), Errc::Refused) << again.message();
  }
  EXPECT_TRUE(locks->vg("c", Mode::Exclusive).ok());
  b.value().reset();
  auto global = locks->global(Mode::Exclusive);
  auto a = locks->vg("a", Mode::Exclusive);
  EXPECT_TRUE(global.ok() && a.ok());
}

TEST(LockDirectory, ThatIsALinkIsRefusedEvenWithASlashBehindIt) {
  TempDir dir;
  fs::create_directory(dir / "real");
  ::chmod((dir / "real").c_str(), 0700);
  fs::create_symlink(dir / "real", dir / "lvm");
  for (const char* path : {"lvm", "lvm/", "lvm/.", "lvm/./"}) {
    const Error error = refused_in(dir / path);
    EXPECT_EQ(error.code(), Errc::Refused) << path;
    EXPECT_NE(error.message().find((dir / "lvm") + " is a symbolic link"), std::string::npos) << error.message();
  }
  EXPECT_TRUE(fs::is_empty(dir / "real"));
}

TEST(LockDirectory, MayLieBehindALink) {
  TempDir dir;
  fs::create_directory(dir / "real");
  fs::create_symlink(dir / "real", dir / "lock");
  EXPECT_TRUE(file_locks(in_directory(dir / "lock/lvm"))->vg("vg0", Mode::Shared).ok());
  EXPECT_TRUE(fs::is_directory(dir / "real/lvm"));
}

TEST(LockDirectory, ThatIsAFileOrAFifoIsRefused) {
  TempDir dir;
  { std::ofstream(dir / "file") << "x"; }
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  for (const char* path : {"file", "fifo"}) {
    const Error error = refused_in(dir / path);
    EXPECT_EQ(error.code(), Errc::Refused) << path;
    EXPECT_NE(error.message().find((dir / path) + " is not a directory"), std::string::npos) << error.message();
  }
}

TEST(LockDirectory, ThatOthersCanWriteIsRefusedWithTheWayOut) {
  TempDir dir;
  for (mode_t mode : {mode_t{0770}, mode_t{0702}, mode_t{01777}}) {
    fs::create_directory(dir / "lvm");
    ::chmod((dir / "lvm").c_str(), mode);
    const Error error = refused_in(dir / "lvm");
    EXPECT_EQ(error.code(), Errc::Refused) << mode;
    EXPECT_NE(error.message().find("chmod go-w"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find(dir / "lvm"), std::string::npos) << error.message();
  }
  ::chmod((dir / "lvm").c_str(), 0755);
  EXPECT_EQ(refused_in(dir / "lvm").message(), "granted");
}

TEST(LockDirectory, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a directory away";
  TempDir dir;
  fs::create_directory(dir / "lvm");
  ::chmod((dir / "lvm").c_str(), 0700);
  ASSERT_EQ(::chown((dir / "lvm").c_str(), 12345, 12345), 0);
  const Error error = refused_in(dir / "lvm");
  EXPECT_EQ(error.code(), Errc::Refused);
  EXPECT_NE(error.message().find("belongs to user 12345"), std::string::npos) << error.message();
}

TEST(LockDirectory, ThatAUserMayNotEnterIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  TempDir dir;
  fs::permissions(dir / "", fs::perms{0755});
  fs::create_directory(dir / "lvm");
  ::chmod((dir / "lvm").c_str(), 0700);
  Child child([&](Child&) {
    if (::setresuid(12345, 12345, 12345) != 0) return 1;
    const Error error = refused_in(dir / "lvm");
    if (error.code() != Errc::Io || error.sys_errno() != EACCES) return 2;
    return error.message().find(dir / "lvm") == std::string::npos ? 3 : 0;
  });
  EXPECT_EQ(child.join(), 0);
}

TEST(LockFile, ThatIsALinkIsNotFollowed) {
  TempDir dir;
  fs::create_directory(dir / "lvm");
  ::chmod((dir / "lvm").c_str(), 0700);
  fs::create_symlink(dir / "victim", dir / "lvm/V_vg0");
  EXPECT_EQ(refused_in(dir / "lvm").sys_errno(), ELOOP);
  EXPECT_FALSE(fs::exists(dir / "victim"));
}

TEST(NoLocks, GrantEverything) {
  auto locks = no_locks();
  auto one = locks->vg("vg0", Mode::Exclusive);
  EXPECT_TRUE(one.ok() && locks->vg("vg0", Mode::Exclusive).ok() && locks->global(Mode::Exclusive).ok());
}

TEST(ReadonlyLocks, GrantReadersAndRefuseWriters) {
  auto locks = readonly_locks();
  EXPECT_TRUE(locks->vg("vg0", Mode::Shared).ok() && locks->global(Mode::Shared).ok());
  for (auto held : {locks->vg("vg0", Mode::Exclusive).error(), locks->global(Mode::Exclusive).error()}) {
    EXPECT_EQ(held.code(), Errc::Refused);
    EXPECT_EQ(held.message(), "Operation prohibited while --readonly is set.");
  }
}

}  // namespace
}  // namespace ashlar::lock
