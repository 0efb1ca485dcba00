// SPDX-License-Identifier: LGPL-2.1-or-later
// Processes against processes: who gets a lock while who holds it, and what is left of the files.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <tuple>

#include "lock/locks.h"
#include "lock_test_support.h"

namespace ashlar::lock {
namespace {

constexpr Mode kModes[] = {Mode::Shared, Mode::Exclusive};

/// What another process gets when it asks for the lock of `vg` without waiting.
std::optional<Errc> asked_elsewhere(const std::string& directory, const std::string& vg, Mode mode,
                                    bool prioritise = true) {
  Child child([&](Child&) {
    FileLockOptions options = in_directory(directory, false);
    options.prioritise_writers = prioritise;
    auto held = file_locks(options)->vg(vg, mode);
    return held.ok() ? 100 : static_cast<int>(held.error().code());
  });
  const int status = child.join();
  if (status == 100) return std::nullopt;
  return static_cast<Errc>(status);
}

TEST(FileLocks, OnlyReadersShare) {
  TempDir dir;
  auto locks = file_locks(in_directory(dir / "lvm"));
  for (Mode ours : kModes) {
    for (Mode theirs : kModes) {
      SCOPED_TRACE(testing::Message() << "ours " << static_cast<int>(ours) << ", theirs " << static_cast<int>(theirs));
      auto held = locks->vg("vg0", ours);
      ASSERT_TRUE(held.ok()) << held.error().message();
      const bool both_read = ours == Mode::Shared && theirs == Mode::Shared;
      EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg0", theirs), both_read ? std::nullopt : std::optional(Errc::Busy));
      EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg0", theirs, false),
                both_read ? std::nullopt : std::optional(Errc::Busy));
      EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg1", theirs), std::nullopt);
    }
  }
}

TEST(FileLocks, TheGlobalLockAndAVgCalledGlobalAreDifferent) {
  TempDir dir;
  auto locks = file_locks(in_directory(dir / "lvm"));
  auto global = locks->global(Mode::Exclusive);
  ASSERT_TRUE(global.ok());
  EXPECT_TRUE(std::filesystem::exists(dir / "lvm/P_global"));
  EXPECT_EQ(asked_elsewhere(dir / "lvm", "global", Mode::Exclusive), std::nullopt);
  Child child([&](Child&) { return file_locks(in_directory(dir / "lvm", false))->global(Mode::Shared).ok() ? 1 : 0; });
  EXPECT_EQ(child.join(), 0);
}

TEST(FileLocks, LeaveNoFileBehindTheLastUser) {
  TempDir dir;
  auto locks = file_locks(in_directory(dir / "lvm"));
  auto other = file_locks(in_directory(dir / "lvm"));
  auto one = locks->vg("vg0", Mode::Shared);
  auto two = other->vg("vg0", Mode::Shared);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE(std::filesystem::exists(dir / "lvm/V_vg0"));
  EXPECT_FALSE(std::filesystem::exists(dir / "lvm/V_vg0:aux"));
  one.value().reset();
  EXPECT_TRUE(std::filesystem::exists(dir / "lvm/V_vg0"));
  two.value().reset();
  EXPECT_TRUE(std::filesystem::is_empty(dir / "lvm"));

  {
    auto writer = locks->vg("vg0", Mode::Exclusive);
    EXPECT_FALSE(std::filesystem::exists(dir / "lvm/V_vg0:aux"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir / "lvm"));
}

TEST(FileLocks, FilesAndDirectoryAreForTheirOwnerWhateverTheUmask) {
  TempDir dir;
  const mode_t before = ::umask(0);
  auto held = file_locks(in_directory(dir / "run/lock/lvm"))->global(Mode::Exclusive);
  ::umask(before);
  ASSERT_TRUE(held.ok()) << held.error().message();
  for (const char* path : {"run", "run/lock", "run/lock/lvm", "run/lock/lvm/P_global"}) {
    struct stat st {};
    ASSERT_EQ(::stat((dir / path).c_str(), &st), 0) << path;
    EXPECT_EQ(st.st_mode & 07777U, 0700U) << path;
  }
}

TEST(FileLocks, AWaitingWriterHoldsOffNewReaders) {
  TempDir dir;
  auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Shared);
  ASSERT_TRUE(held.ok());
  Child writer([&](Child&) { return file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive).ok() ? 0 : 1; });
  ASSERT_TRUE(eventually([&] { return flocked(dir / "lvm/V_vg0:aux"); }));
  EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg0", Mode::Shared), Errc::Busy);
  EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg0", Mode::Shared, false),
            std::nullopt);  // without the aux file, it slips in
  held.value().reset();
  EXPECT_EQ(writer.join(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "lvm"));
}

TEST(FileLocks, ManyProcessesCountExactly) {
  constexpr int kProcesses = 8, kTurns = 200;
  TempDir dir;
  { std::ofstream(dir / "counter") << 0; }
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<Child>([&](Child&) {
      auto locks = file_locks(in_directory(dir / "lvm"));
      for (int turn = 0; turn < kTurns; ++turn) {
        if (turn % 4 == 3 && !locks->vg("vg0", Mode::Shared).ok()) return 1;  // readers take part in the unlink race
        auto held = locks->vg("vg0", Mode::Exclusive);
        if (!held.ok()) return 1;
        int n = -1;
        std::ifstream(dir / "counter") >> n;
        std::ofstream(dir / "counter") << n + 1 << std::flush;
      }
      return 0;
    }));
  }
  for (auto& child : children) EXPECT_EQ(child->join(), 0);
  int n = -1;
  std::ifstream(dir / "counter") >> n;
  EXPECT_EQ(n, kProcesses * kTurns);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "lvm"));
}

TEST(FileLocks, ReadersWithoutPatienceNeverMeetOneAnother) {
  TempDir dir;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(std::make_unique<Child>([&](Child&) {
      auto locks = file_locks(in_directory(dir / "lvm", false));
      int refused = 0;
      for (int turn = 0; turn < 200; ++turn)
        if (!locks->vg("vg0", Mode::Shared).ok()) ++refused;
      return std::min(refused, 100);
    }));
  }
  for (auto& child : children) EXPECT_EQ(child->join(), 0);
}

TEST(FileLocks, AForkedChildDoesNotReleaseItsParentsLock) {
  TempDir dir, image_dir;
  { std::ofstream(image_dir / "image") << "x"; }
  FileLockOptions options = in_directory(dir / "lvm");
  options.images = {image_dir / "image"};
  auto held = file_locks(options)->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  Child child([&](Child&) {
    held.value().reset();
    return 0;
  });
  EXPECT_EQ(child.join(), 0);
  EXPECT_EQ(asked_elsewhere(dir / "lvm", "vg0", Mode::Shared), Errc::Busy);
  EXPECT_TRUE(flocked(image_dir / "image"));
}

TEST(FileLocks, ReleaseEndsTheLockThoughAForkedChildKeepsTheDescriptor) {
  TempDir dir;
  auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  Child child([&](Child& self) {
    self.await_go();
    return 0;
  });
  // A waiter that opened the file before it was removed hangs on that very file.
  Child waiter([&](Child& self) {
    ::alarm(20);
    FileLockOptions options = in_directory(dir / "lvm");
    options.on_wait = [&](const std::string&) { self.ready(); };
    return file_locks(options)->vg("vg0", Mode::Exclusive).ok() ? 0 : 1;
  });
  waiter.await_ready();
  held.value().reset();
  EXPECT_EQ(waiter.join(), 0);
  child.go();
}

TEST(FileLocks, NoDescriptorSurvivesAnExec) {
  TempDir dir;
  FileLockOptions options = in_directory(dir / "lvm");
  { std::ofstream(dir / "image") << "x"; }
  options.images = {dir / "image"};
  auto held = file_locks(options)->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (!target.starts_with(dir / "")) continue;
    ++seen;
    EXPECT_TRUE(::fcntl(std::stoi(entry.path().filename().string()), F_GETFD) & FD_CLOEXEC) << target;
  }
  EXPECT_EQ(seen, 3);  // directory, lock file, image
}

void on_alarm(int) {}

/// SIGALRM after so many microseconds and then every five seconds, handled with `flags`, until the end of the scope.
class Alarm {
 public:
  Alarm(int microseconds, int flags) {
    struct sigaction action {};
    action.sa_handler = on_alarm;
    action.sa_flags = flags;
    ::sigaction(SIGALRM, &action, &before_);
    itimerval times{};
    times.it_value = {microseconds / 1'000'000, microseconds % 1'000'000};
    times.it_interval = {5, 0};  // the first may come before there is a wait
    ::setitimer(ITIMER_REAL, &times, nullptr);
  }
  ~Alarm() {
    itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before_, nullptr);
  }

 private:
  struct sigaction before_ {};
};

class WaitForAChild : public testing::TestWithParam<int> {};

// 20 ms is while it still naps, 500 ms while it blocks.
INSTANTIATE_TEST_SUITE_P(NappingAndBlocked, WaitForAChild, testing::Values(20, 500));

TEST_P(WaitForAChild, EndsWithASignal) {
  TempDir dir;
  Child holder([&](Child& self) {
    auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
    self.ready();
    self.await_go();
    return 0;
  });
  holder.await_ready();
  Alarm alarm(1000 * GetParam(), 0);
  auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Shared);
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().code(), Errc::Interrupted);
  EXPECT_EQ(held.error().message(), "Giving up waiting for the lock of VG vg0: interrupted by a signal");
  holder.go();
  EXPECT_EQ(holder.join(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "lvm"));
}

TEST_P(WaitForAChild, GoesOnAfterASignalWhoseHandlerRestarts) {
  TempDir dir;
  Child holder([&](Child& self) {
    auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
    self.ready();
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * GetParam() + 50));
    return 0;
  });
  holder.await_ready();
  Alarm alarm(1000 * GetParam(), SA_RESTART);
  auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
  EXPECT_TRUE(held.ok()) << held.error().message();
}

TEST(FileLocks, ASignalBetweenTwoTriesIsNotLost) {
  TempDir dir;
  Child holder([&](Child& self) {
    auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
    self.ready();
    self.await_go();
    return 0;
  });
  holder.await_ready();
  Alarm alarm(5'000'000, 0);  // ends the test if the first one is lost
  FileLockOptions options = in_directory(dir / "lvm");
  options.on_wait = [](const std::string&) { ::raise(SIGALRM); };
  const auto start = std::chrono::steady_clock::now();
  auto held = file_locks(options)->vg("vg0", Mode::Shared);
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().code(), Errc::Interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  holder.go();
}

TEST(FileLocks, AWaiterIsToldOnceForWhomItWaits) {
  TempDir dir;
  Child holder([&](Child& self) {
    auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Shared);
    self.ready();
    self.await_go();
    return 0;
  });
  holder.await_ready();
  std::vector<std::string> told;
  FileLockOptions options = in_directory(dir / "lvm");
  options.on_wait = [&](const std::string& sentence) {
    told.push_back(sentence);
    holder.go();
  };
  ASSERT_TRUE(file_locks(options)->vg("vg0", Mode::Exclusive).ok());
  ASSERT_EQ(told.size(), 1U);
  const std::string start = "Waiting for the lock of VG vg0, held by PID " + std::to_string(holder.pid()) + " (";
  EXPECT_EQ(told[0].substr(0, start.size()), start);
  EXPECT_NE(told[0].find(program_invocation_short_name), std::string::npos) << told[0];  // the holder's command line
  EXPECT_TRUE(told[0].ends_with(").")) << told[0];

  ASSERT_TRUE(file_locks(options)->vg("vg0", Mode::Exclusive).ok());
  EXPECT_EQ(told.size(), 1U) << "nobody held it, yet: " << told.back();
}

TEST(FileLocks, ARefusalNamesTheHolder) {
  TempDir dir;
  auto held = file_locks(in_directory(dir / "lvm"))->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  auto busy = file_locks(in_directory(dir / "lvm", false))->vg("vg0", Mode::Shared);
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code(), Errc::Busy);
  const std::string start = "Can't get lock for vg0: held by PID " + std::to_string(::getpid()) + " (";
  EXPECT_EQ(busy.error().message().substr(0, start.size()), start);
}

}  // namespace
}  // namespace ashlar::lock
