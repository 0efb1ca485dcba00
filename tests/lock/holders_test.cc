// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/holders.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <fstream>

#include "lock_test_support.h"

namespace ashlar::lock {
namespace {

using namespace std::string_literals;

class Holders : public testing::Test {
 protected:
  void locks(const std::string& text) { std::ofstream(proc_ / "locks") << text; }
  void process(int pid, const std::string& cmdline, const std::string& comm = "") {
    std::filesystem::create_directory(proc_ / std::to_string(pid));
    std::ofstream(proc_ / (std::to_string(pid) + "/cmdline")) << cmdline;
    std::ofstream(proc_ / (std::to_string(pid) + "/comm")) << comm;
  }
  std::string found() { return holders_of({makedev(0xfe, 0x1), 77}, proc_ / ""); }
  TempDir proc_;
};

TEST_F(Holders, AreThoseWithAFlockOnTheVeryFile) {
  locks(
      "1: FLOCK  ADVISORY  WRITE 10 fe:01:77 0 EOF\n"
      "1: -> FLOCK  ADVISORY  WRITE 11 fe:01:77 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 12 fe:02:77 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 13 fe:01:777 0 EOF\n"
      "4: POSIX  ADVISORY  WRITE 14 fe:01:77 0 EOF\n");
  for (int pid = 10; pid < 15; ++pid) process(pid, "lvextend\0-L\0+1G\0vg0/a\0"s);
  EXPECT_EQ(found(), "PID 10 (lvextend -L +1G vg0/a)");
}

TEST_F(Holders, AreCountedBeyondThree) {
  std::string text;
  for (int pid = 1; pid <= 5; ++pid) {
    text += std::to_string(pid) + ": FLOCK ADVISORY READ " + std::to_string(pid) + " fe:01:77 0 EOF\n";
    process(pid, "vgs\0"s);
    locks(text);
    if (pid == 2) {
      EXPECT_EQ(found(), "PID 1 (vgs) and PID 2 (vgs)");
    }
  }
  EXPECT_EQ(found(), "PID 1 (vgs), PID 2 (vgs), PID 3 (vgs) and 2 more");
}

TEST_F(Holders, CannotWriteOnTheTerminal) {
  locks("1: FLOCK ADVISORY WRITE 10 fe:01:77 0 EOF\n");
  process(10, "a\x1b[2Jb\0c\n"s);
  EXPECT_EQ(found(), "PID 10 (a\\x1b[2Jb c\\x0a)");
  process(10, std::string(100'000, 'x'));
  EXPECT_LT(found().size(), 250U);
}

TEST_F(Holders, WithoutACommandLineGoByTheirName) {
  locks("1: FLOCK ADVISORY WRITE 10 fe:01:77 0 EOF\n");
  process(10, "", "kworker/0:1\n");
  EXPECT_EQ(found(), "PID 10 ([kworker/0:1])");
}

TEST_F(Holders, ThatHaveEndedAreSaidToHave) {
  locks("1: FLOCK ADVISORY WRITE 10 fe:01:77 0 EOF\n");
  EXPECT_EQ(found(), "PID 10 (no longer running)");
}

TEST_F(Holders, AreNotGuessed) {
  EXPECT_EQ(found(), "");  // no /proc/locks
  locks("1: FLOCK ADVISORY WRITE -1 fe:01:77 0 EOF\n2: FLOCK ADVISORY WRITE 0 fe:01:77 0 EOF\nrubbish\n\n3:\n");
  EXPECT_EQ(found(), "");  // a process of another PID namespace
}

}  // namespace
}  // namespace ashlar::lock
