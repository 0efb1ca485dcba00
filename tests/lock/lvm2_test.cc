// SPDX-License-Identifier: LGPL-2.1-or-later
// Ashlar and Debian's lvm2 exclude one another, in both directions.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "lock/locks.h"
#include "lock_test_support.h"

namespace ashlar::lock {
namespace {

struct Outcome {
  int status = -1;
  std::string text;  ///< stdout and stderr
};

class Lvm2 : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "lvm2 wants root";
    if (run("command -v lvm").status != 0) GTEST_SKIP() << "needs the package lvm2";
    std::filesystem::create_directory(dir_ / "etc");
    configure("\"r|.*|\"");
  }
  void configure(const std::string& filter) {
    std::ofstream(dir_ / "etc/lvm.conf") << "global { locking_dir=\"" << (dir_ / "lvm")
                                         << "\" wait_for_locks=0 activation=0 event_activation=0 }\n"
                                         << "devices { hints=\"none\" use_devicesfile=0 filter=[" << filter << "] }\n"
                                         << "backup { archive=0 backup=0 }\n";
  }
  static Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = ::popen(("exec 2>&1; " + command).c_str(), "r");
    std::array<char, 512> buffer{};
    while (std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) outcome.text.append(buffer.data(), n);
    outcome.status = WEXITSTATUS(::pclose(pipe));
    return outcome;
  }
  Outcome lvm(const std::string& words) const {
    return run("LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1 LVM_SYSTEM_DIR=" + (dir_ / "etc") + " lvm " + words);
  }
  bool refused(const std::string& words) const {
    return lvm(words).text.find("Can't get lock for vg0") != std::string::npos;
  }
  TempDir dir_;
};

TEST_F(Lvm2, ReadsBesideOurReaderAndWaitsForOurWriter) {
  auto locks = file_locks(in_directory(dir_ / "lvm"));
  auto held = locks->vg("vg0", Mode::Shared);
  ASSERT_TRUE(held.ok());
  EXPECT_FALSE(refused("vgs vg0"));
  EXPECT_TRUE(refused("vgchange --addtag x vg0"));
  held = locks->vg("vg1", Mode::Exclusive);
  EXPECT_FALSE(refused("vgchange --addtag x vg0")) << "the lock of another VG is in its way";
  held = Held();
  held = locks->vg("vg0", Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(refused("vgs vg0"));
  EXPECT_TRUE(refused("vgchange --addtag x vg0"));
  held = Held();
  EXPECT_FALSE(refused("vgchange --addtag x vg0"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "lvm"));
}

TEST_F(Lvm2, RespectsOurGlobalLock) {
  auto held = file_locks(in_directory(dir_ / "lvm"))->global(Mode::Exclusive);
  ASSERT_TRUE(held.ok());
  EXPECT_NE(lvm("pvs").status, 0);
  held = Held();
  EXPECT_EQ(lvm("pvs").status, 0);
}

// vgremove asks about the LVs that are left while it holds the locks; standard input is a pipe that says nothing yet.
TEST_F(Lvm2, HoldsLocksThatWeRespect) {
  test::make_file(dir_ / "disk", 64 << 20);
  test::LoopDevice loop(dir_ / "disk");
  configure("\"a|^" + loop.path() + "$|\", \"r|.*|\"");
  ASSERT_EQ(lvm("vgcreate vg0 " + loop.path()).status, 0);
  ASSERT_EQ(lvm("lvcreate -an -Zn -Wn -n a -l 1 vg0").status, 0);

  const std::string command = "exec env LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1 LVM_SYSTEM_DIR=" + (dir_ / "etc") +
                              " lvm vgremove vg0 >" + (dir_ / "out") + " 2>&1";
  FILE* vgremove = ::popen(command.c_str(), "w");
  ASSERT_TRUE(eventually([&] { return flocked(dir_ / "lvm/V_vg0"); }));
  auto impatient = file_locks(in_directory(dir_ / "lvm", false));
  for (Mode mode : {Mode::Shared, Mode::Exclusive}) {
    auto held = impatient->vg("vg0", mode);
    ASSERT_FALSE(held.ok());
    EXPECT_EQ(held.error().code(), Errc::Busy);
    EXPECT_NE(held.error().message().find("lvm vgremove vg0"), std::string::npos) << held.error().message();
    EXPECT_FALSE(impatient->global(mode).ok());
  }
  EXPECT_TRUE(impatient->vg("vg1", Mode::Exclusive).ok());

  std::string told;
  FileLockOptions patient = in_directory(dir_ / "lvm");
  patient.on_wait = [&](const std::string& sentence) {
    told = sentence;
    std::fputs("y\n", vgremove);
    std::fflush(vgremove);
  };
  auto held = file_locks(patient)->vg("vg0", Mode::Exclusive);
  EXPECT_TRUE(held.ok());
  EXPECT_NE(told.find("(lvm vgremove vg0)"), std::string::npos) << told;
  ::pclose(vgremove);
}

}  // namespace
}  // namespace ashlar::lock
