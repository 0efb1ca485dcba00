// SPDX-License-Identifier: LGPL-2.1-or-later
// The real kernel behind dm_kernel(): what reaches the disks, what udev and users see, and what is left after failures.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <chrono>
#include <csignal>

#include "activation/diff.h"
#include "activation/names.h"
#include "system/dm_machine.h"

namespace ashlar::test {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

dm::Change change_to(dm::Kernel& kernel, const Uuid& vg, const std::vector<dm::Device>& wanted) {
  return dm::diff(*kernel.active(vg), wanted);
}

class DmKernelOnMachine : public DmMachine {};

TEST_F(DmKernelOnMachine, AnswersAndListsNothing) {
  const auto k = kernel();
  EXPECT_DONE(k->available());
  EXPECT_TRUE(k->driver_version()->starts_with("4."));
  EXPECT_TRUE(k->list()->empty());
}

TEST_F(DmKernelOnMachine, LinearReachesTheExtentsOfEachSegment) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("lin", {{"ram0", 3, 2}, {"ram2", 1, 1}, {"ram0", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  RawDevice lv("/dev/vg0/lin");
  ASSERT_TRUE(lv.ok());
  EXPECT_EQ(lv.sectors(), 4U * 8192U);
  for (std::uint64_t s = 0; s < lv.sectors(); s += 1024) ASSERT_TRUE(lv.stamp(s, 8, 1000000 + s));
  RawDevice ram0("/dev/ram0"), ram2("/dev/ram2");
  for (std::uint64_t s = 3; s < 8192; s += 1024) {
    EXPECT_EQ(ram0.stamp_at(2048 + 3 * 8192 + s), 1000000 + s);
    EXPECT_EQ(ram0.stamp_at(2048 + 4 * 8192 + s), 1000000 + 8192 + s);
    EXPECT_EQ(ram2.stamp_at(2048 + 1 * 8192 + s), 1000000 + 2 * 8192 + s);
    EXPECT_EQ(ram0.stamp_at(2048 + s), 1000000 + 3 * 8192 + s);
  }
  EXPECT_EQ(ram0.stamp_at(2047), 0U);
  EXPECT_EQ(ram0.stamp_at(2048 + 8192), 0U);
  expect_nothing_left_behind();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
}

TEST_F(DmKernelOnMachine, StripesGoRoundThePvsChunkByChunk) {
  const auto k = kernel();
  const VolumeGroup vg = disks()
                             .striped("two", {{"ram0", 0, 3}, {"ram1", 0, 3}})
                             .striped("three", {{"ram3", 0, 2}, {"ram1", 3, 2}, {"ram2", 0, 2}})
                             .vg;
  EXPECT_DONE(bring_to(*k, vg));
  for (const LogicalVolume& lv : vg.lvs) {
    RawDevice device("/dev/vg0/" + lv.name);
    ASSERT_TRUE(device.ok());
    const auto& striped = std::get<Striped>(lv.segments[0].body);
    const std::uint64_t chunk = striped.stripe_size.n, count = striped.areas.size();
    for (std::uint64_t block = 0; block < device.sectors(); block += 1000) {
      ASSERT_TRUE(device.stamp(block, 8, 5000000 + block));
      const std::uint64_t s = block + 5;
      const auto& area = std::get<PvArea>(striped.areas[s / chunk % count]);
      const std::uint64_t at = 2048 + area.start.n * 8192 + s / chunk / count * chunk + s % chunk;
      std::string pv(area.pv.raw().substr(0, 4));
      EXPECT_EQ(RawDevice("/dev/" + pv).stamp_at(at), 5000000 + s) << lv.name << " sector " << s;
    }
  }
}

TEST_F(DmKernelOnMachine, ReadsBackWhatItMade) {
  const auto k = kernel();
  VolumeGroup vg =
      disks().lv("a-b", {{"ram0", 0, 1}, {"ram1", 0, 1}}).striped("s", {{"ram2", 0, 1}, {"ram3", 0, 1}}).vg;
  vg.lvs[1].status.set(LvFlag::Write, false);
  EXPECT_DONE(bring_to(*k, vg));
  sh("dmsetup create other --table '0 8 zero'");
  EXPECT_TRUE(change_to(*k, vg.id, laid_out(vg)).empty());
  const std::vector<dm::ActiveDevice> has = *k->active(vg.id);
  ASSERT_EQ(has.size(), 2U);
  for (const dm::ActiveDevice& each : has) {
    EXPECT_EQ(each.device.vg_name, "vg0");
    EXPECT_EQ(each.info.open_count, 0);
    EXPECT_FALSE(each.info.suspended);
    EXPECT_EQ(each.info.read_only, each.device.lv_name == "s");
    EXPECT_EQ(std::to_string(each.info.read_ahead), sh("blockdev --getra /dev/mapper/" + each.device.name));
  }
  EXPECT_TRUE(k->active(id_of("vg1"))->empty());
  const std::vector<dm::ActiveDevice> listed = *k->list();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].device.vg_name, "vg0");
  for (const dm::ActiveDevice& each : listed) {
    EXPECT_TRUE(each.info.live_table);
    EXPECT_FALSE(each.info.inactive_table || each.info.suspended);
    EXPECT_EQ(each.info.read_only, each.device.lv_name == "s");
    EXPECT_EQ(std::to_string(each.info.read_ahead), sh("blockdev --getra /dev/mapper/" + each.device.name));
  }
  EXPECT_EQ(fmt::format("{:x}:{:x}", listed[0].info.number.major, listed[0].info.number.minor),
            sh("stat -L -c %t:%T /dev/mapper/" + listed[0].device.name));
}

TEST_F(DmKernelOnMachine, ExtendsADeviceThatIsOpen) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  RawDevice lv("/dev/vg0/a");
  ASSERT_TRUE(lv.stamp(0, 8192, 1));
  vg.lvs[0] = disks().lv("a", {{"ram0", 0, 1}, {"ram1", 2, 1}}).vg.lvs[0];
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(lv.sectors(), 2U * 8192U);
  EXPECT_EQ(lv.stamp_at(5), 6U);
  ASSERT_TRUE(lv.stamp(8192, 8, 77));
  EXPECT_EQ(RawDevice("/dev/ram1").stamp_at(2048 + 2 * 8192), 77U);
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, KeepsOldTableSuspendedAndLockedUntilFinish) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  vg.lvs[0] = disks().lv("a", {{"ram0", 0, 2}}).vg.lvs[0];
  const std::string before = sh("dmsetup table");
  {
    auto loaded = k->preload(change_to(*k, vg.id, laid_out(vg)));
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    EXPECT_EQ(sh("dmsetup info -c --noheadings --separator ' ' -o name,attr --sort name"), "vg0-a LIsw\nvg0-b L--w");
    EXPECT_EQ(sh("dmsetup table"), before);
#ifndef __SANITIZE_ADDRESS__  // AddressSanitizer makes mlockall() do nothing
    EXPECT_NE(sh("grep VmLck /proc/" + std::to_string(getpid()) + "/status | grep -v ' 0 kB'"), "");
#endif
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGINT), 1);
  }
  EXPECT_EQ(sh("dmsetup table"), before);
  expect_nothing_left_behind();
  EXPECT_EQ(sh("grep VmLck /proc/" + std::to_string(getpid()) + "/status | grep -v ' 0 kB'"), "");
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGINT), 0);
  sh("udevadm settle");
  EXPECT_EQ(sh("readlink /dev/vg0/a"), "../dm-0");
  EXPECT_TRUE(RawDevice("/dev/vg0/a").ok());
}

TEST_F(DmKernelOnMachine, GoesBackWhenTheKernelRefusesATable) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  const std::string before = sh("dmsetup table");
  std::vector<dm::Device> wanted = laid_out(vg);
  wanted[0].table[0].length.n *= 2;
  wanted[1].table[0].params = dm::StripedTarget{Sectors{3}, {}};  // a table that is none
  for (const std::uint32_t disk : {0U, 1U})
    std::get_if<dm::StripedTarget>(&wanted[1].table[0].params)
        ->areas.push_back({dm::DevNumber{1, disk}, Sectors{90000}});
  const auto loaded = k->preload(change_to(*k, vg.id, wanted));
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message().find("vg0-b"), std::string::npos) << loaded.error().message();
  EXPECT_EQ(sh("dmsetup table"), before);
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, RefusesATableThatIsLongerThanTheDiskBeforeItIsLoaded) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  std::vector<dm::Device> wanted = laid_out(vg);
  wanted[0].table[0].length.n = 131072 - 2048 + 8;
  const auto loaded = k->preload(change_to(*k, vg.id, wanted));
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message(), "vg0-a: its table needs 131080 sectors of device 1:0, which has 131072");
  wanted[0].table[0].length.n -= 8;
  EXPECT_DONE(bring_to(*k, vg.id, wanted));
}

TEST_F(DmKernelOnMachine, KeepsTheOldTableRunningWhenTheNewOneCannotBeResumed) {
  const auto k = kernel();
  sh("truncate -s 64M /tmp/disk");
  const std::string loop = sh("losetup -f --show /tmp/disk");
  const auto minor = static_cast<std::uint32_t>(std::atoi(loop.c_str() + std::string("/dev/loop").size()));
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  std::vector<dm::Device> wanted = laid_out(vg);
  wanted[0].table.push_back(
      {Sectors{8192}, Sectors{8192}, dm::LinearTarget{{dm::DevNumber{7, minor}, Sectors{90000}}}});
  wanted[1].table[0].length.n *= 2;
  auto loaded = k->preload(change_to(*k, vg.id, wanted));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  sh("truncate -s 1M /tmp/disk; losetup -c " + loop);
  const Status done = (*loaded)->finish();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Errc::Partial);
  EXPECT_TRUE(done.error().message().starts_with("vg0-a still has its old table")) << done.error().message();
  EXPECT_EQ(done.error().message().find("vg0-b"), std::string::npos) << done.error().message();
  EXPECT_EQ(sh("dmsetup table | sort"), "vg0-a: 0 8192 linear 1:0 2048\nvg0-b: 0 16384 linear 1:1 2048");
  expect_nothing_left_behind();
  EXPECT_TRUE(RawDevice("/dev/vg0/a").stamp(0, 8, 1));
  sh("losetup -d " + loop);
}

TEST_F(DmKernelOnMachine, TellsOfADeviceItCouldNotRenameAndLeavesItRunning) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("c", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  vg.lvs[0].name = "b";
  vg.lvs[1] = disks().lv("c", {{"ram1", 0, 2}}).vg.lvs[0];
  auto loaded = k->preload(change_to(*k, vg.id, laid_out(vg)));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  sh("dmsetup create vg0-b --table '0 8 zero'");
  const Status done = (*loaded)->finish();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Errc::Partial);
  EXPECT_NE(done.error().message().find("vg0-a could not be renamed to vg0-b"), std::string::npos)
      << done.error().message();
  expect_nothing_left_behind();
  EXPECT_EQ(sh("dmsetup table vg0-c"), "0 16384 linear 1:1 2048");
  EXPECT_TRUE(RawDevice("/dev/vg0/a").ok());
}

TEST_F(DmKernelOnMachine, TellsOfADeviceItCouldNotCreateAndCreatesTheOthers) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).lv("c", {{"ram2", 0, 1}}).vg;
  auto loaded = k->preload(change_to(*k, vg.id, laid_out(vg)));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(sh("dmsetup ls"), "No devices found");
  sh("dmsetup create vg0-b --table '0 8 zero'");
  const Status done = (*loaded)->finish();
  ASSERT_FALSE(done.ok());
  EXPECT_NE(done.error().message().find("vg0-b could not be activated"), std::string::npos) << done.error().message();
  EXPECT_EQ(done.error().message().find("vg0-a could"), std::string::npos) << done.error().message();
  EXPECT_TRUE(RawDevice("/dev/vg0/a").ok());
  EXPECT_TRUE(RawDevice("/dev/vg0/c").ok());
  EXPECT_EQ(sh("dmsetup table vg0-b"), "0 8 zero ");
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, RefusesNamesAndMinorsThatAreTakenBeforeAnything) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  sh("dmsetup create vg0-a -u OTHER-1 --major 253 --minor 77 --table '0 8 zero'");
  auto taken = k->preload(change_to(*k, vg.id, laid_out(vg)));
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code(), Errc::Exists);
  EXPECT_NE(taken.error().message().find("OTHER-1"), std::string::npos);
  sh("dmsetup rename vg0-a x");
  vg.lvs[0].status.set(LvFlag::FixedMinor);
  vg.lvs[0].major = 253;
  vg.lvs[0].minor = 77;
  taken = k->preload(change_to(*k, vg.id, laid_out(vg)));
  EXPECT_EQ(taken.ok() ? Errc::Exists : taken.error().code(), Errc::Busy);
  vg.lvs[0].minor = 78;
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(k->active(vg.id)->front().info.number.minor, 78U);
}

TEST_F(DmKernelOnMachine, RenamesWithItsLinksWhileOpen) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  RawDevice open("/dev/vg0/a");
  const std::string number = sh("stat -L -c %t:%T /dev/vg0/a");
  vg.lvs[1].name = "c";
  vg.lvs[0].name = "b";  // the name that the other one leaves
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("ls /dev/vg0"), "b\nc");
  EXPECT_EQ(sh("ls /dev/mapper"), "control\nvg0-b\nvg0-c");
  EXPECT_EQ(sh("stat -L -c %t:%T /dev/vg0/b"), number);
  ASSERT_TRUE(open.stamp(0, 8, 9));
  expect_nothing_left_behind();

  vg.name = "vg1";  // vgrename
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("ls /dev/vg1; ls -d /dev/vg0 2>/dev/null"), "b\nc");
  expect_nothing_left_behind();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
}

TEST_F(DmKernelOnMachine, MakesADeviceReadOnlyAndWritableAgain) {
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  vg.lvs[0].status.set(LvFlag::Write, false);
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("blockdev --getro /dev/vg0/a"), "1");
  EXPECT_FALSE(RawDevice("/dev/vg0/a").stamp(0, 8, 1));
  vg.lvs[0].status.set(LvFlag::Write);
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("blockdev --getro /dev/vg0/a"), "0");
  EXPECT_TRUE(RawDevice("/dev/vg0/a").stamp(0, 8, 1));
  vg.lvs[0].status.set(LvFlag::Write, false);
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("blockdev --getro /dev/vg0/a"), "1");
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, SetsReadAheadExactlyOrAtLeast) {
  const auto k = kernel();
  VolumeGroup vg = disks()
                       .lv("a", {{"ram0", 0, 1}})
                       .lv("none", {{"ram0", 1, 1}})
                       .striped("s", {{"ram1", 0, 1}, {"ram2", 0, 1}, {"ram3", 0, 1}})
                       .vg;
  vg.lvs[0].read_ahead = 128;
  vg.lvs[1].read_ahead = -1;
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("blockdev --getra /dev/vg0/a /dev/vg0/none /dev/vg0/s"), "128\n0\n768");
  std::vector<dm::Device> wanted = laid_out(vg);
  wanted[2].read_ahead = 8;  // still a minimum
  wanted[0].read_ahead = 64;
  dm::Change refresh;
  for (const dm::Device& each : wanted) refresh.steps.push_back(dm::Reload{each, false, true});
  auto loaded = k->preload(refresh);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_DONE((*loaded)->finish());
  EXPECT_EQ(sh("blockdev --getra /dev/vg0/a /dev/vg0/none /dev/vg0/s"), "64\n0\n768");
}

TEST_F(DmKernelOnMachine, ResumesADeviceThatWasLeftSuspendedWithAStaleTable) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  sh("dmsetup load vg0-a --table '0 8 zero'; dmsetup suspend vg0-a");
  EXPECT_EQ(sh("dmsetup info -c --noheadings -o attr"), "LIsw");
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("dmsetup table"), "vg0-a: 0 8192 linear 1:0 2048");
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, RefusesToRemoveWhatIsInUseAndNamesTheUser) {
  const auto k = kernel({.retry_deactivation = false});
  const VolumeGroup vg = disks().lv("m", {{"ram0", 0, 4}}).lv("h", {{"ram1", 0, 1}}).lv("o", {{"ram2", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  sh("udevadm settle; mkfs.ext4 -q /dev/vg0/m && mount /dev/vg0/m /mnt; dmsetup create top --table '0 8 linear "
     "/dev/vg0/h 0'");
  const UniqueFd open_fd(open("/dev/vg0/o", O_RDONLY | O_CLOEXEC));
  const auto why_not = [&](const std::string& name) {
    std::vector<dm::Device> rest = laid_out(vg);
    std::erase_if(rest, [&](const dm::Device& each) { return each.lv_name == name; });
    const auto loaded = k->preload(change_to(*k, vg.id, rest));
    EXPECT_EQ(loaded.ok() ? Errc::Exists : loaded.error().code(), Errc::Busy);
    return loaded.ok() ? "" : loaded.error().message();
  };
  EXPECT_EQ(why_not("m"), "Logical volume vg0/m in use. It is mounted on /mnt.");
  EXPECT_EQ(why_not("h"), "Logical volume vg0/h in use. It is used by dm-3 (top).");
  EXPECT_EQ(why_not("o"), "Logical volume vg0/o in use.");
  EXPECT_EQ(k->active(vg.id)->size(), 3U);
}

TEST_F(DmKernelOnMachine, RetriesToRemoveWhatIsOpenForAMoment) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("o", {{"ram2", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  sh("udevadm settle; (exec 3</dev/vg0/o; sleep 1) >/dev/null 2>&1 & sleep 0.3");
  EXPECT_NE(k->active(vg.id)->front().info.open_count, 0);
  EXPECT_DONE(bring_to(*k, vg.id, {}));
  EXPECT_TRUE(k->active(vg.id)->empty());
}

TEST_F(DmKernelOnMachine, RemovesDeviceNodeLinkAndDirectory) {
  const auto k = kernel();
  const VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  sh("dmsetup create other --table '0 8 zero'");
  EXPECT_DONE(bring_to(*k, vg.id, {laid_out(vg)[1]}));
  EXPECT_EQ(sh("ls /dev/vg0 /dev/mapper"), "/dev/mapper:\ncontrol\nother\nvg0-b\n\n/dev/vg0:\nb");
  EXPECT_DONE(bring_to(*k, vg.id, {}));
  EXPECT_EQ(sh("ls /dev/mapper; ls -d /dev/vg0 2>/dev/null"), "control\nother");
  expect_nothing_left_behind();
}

TEST_F(DmKernelOnMachine, DoesManyDevicesInOneChange) {
  const auto k = kernel();
  VgBuilder builder = disks();
  for (std::uint64_t i = 0; i < 40; ++i)
    builder.lv(fmt::format("lv{}x", i), {{"ram" + std::to_string(i % 4), i / 4, 1}});
  EXPECT_DONE(bring_to(*k, builder.vg));
  EXPECT_EQ(sh("ls /dev/vg0 | wc -l"), "40");
  builder.vg.name = "vg1";
  EXPECT_DONE(bring_to(*k, builder.vg));
  EXPECT_EQ(sh("ls /dev/vg1 | wc -l"), "40");
  EXPECT_DONE(bring_to(*k, builder.vg.id, {}));
  EXPECT_EQ(sh("dmsetup ls"), "No devices found");
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  expect_nothing_left_behind();
}

// docs/format.md 8.7: what LVM2 does where there is no udev.
TEST_F(DmKernelOnMachine, WithoutUdevdMakesNodesAndLinksByItself) {
  stop_udevd();
  const auto k = kernel();
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).lv("b", {{"ram1", 0, 1}}).vg;
  const auto start = Clock::now();
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("readlink /dev/vg0/a"), "/dev/mapper/vg0-a");
  EXPECT_EQ(sh("stat -c '%F %a' /dev/vg0"), "directory 755");
  EXPECT_EQ(sh("stat -c '%F %a %U %G' /dev/mapper/vg0-a"), "block special file 660 root disk");
  EXPECT_TRUE(RawDevice("/dev/vg0/a").stamp(0, 8, 1));
  vg.lvs[0].name = "c";
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_EQ(sh("ls /dev/vg0; ls /dev/mapper"), "b\nc\ncontrol\nvg0-b\nvg0-c");
  EXPECT_TRUE(RawDevice("/dev/vg0/c").ok());
  EXPECT_DONE(bring_to(*k, vg.id, {}));
  EXPECT_EQ(sh("ls /dev/mapper; ls -d /dev/vg0 2>/dev/null"), "control");
  EXPECT_LT(seconds_since(start), 5);
  expect_nothing_left_behind();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
}

TEST_F(DmKernelOnMachine, WaitsForAUdevdThatDoesNotAnswerOnlyAsLongAsItIsTold) {
  const auto k = kernel({.udev_timeout_seconds = 2});
  VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  const std::string pid = udevd_pid();
  sh("kill -STOP " + pid);
  auto start = Clock::now();
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_GE(seconds_since(start), 2);
  EXPECT_LT(seconds_since(start), 4);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0],
            "udev has not handled the events of vg0-a within 2 seconds; device nodes and links are made "
            "without it.");
  EXPECT_EQ(sh("readlink /dev/vg0/a /dev/mapper/vg0-a"), "/dev/mapper/vg0-a\n../dm-0");
  EXPECT_TRUE(RawDevice("/dev/vg0/a").stamp(0, 8, 1));
  EXPECT_EQ(sh("dmsetup udevcookies | tail -n +2"), "");

  start = Clock::now();
  vg.lvs[0].name = "b";
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_LT(seconds_since(start), 4);
  EXPECT_EQ(sh("ls /dev/vg0 /dev/mapper"), "/dev/mapper:\ncontrol\nvg0-b\n\n/dev/vg0:\nb");

  // udev comes back, and everything is as it likes it.
  sh("kill -CONT " + pid + "; for i in $(seq 100); do [ $(readlink /dev/vg0/b) = ../dm-0 ] && break; sleep 0.1; done");
  sh("udevadm settle");
  EXPECT_EQ(sh("readlink /dev/vg0/b /dev/mapper/vg0-b"), "../dm-0\n../dm-0");
  EXPECT_EQ(sh("ls /dev/vg0"), "b");

  sh("kill -STOP " + pid);
  EXPECT_DONE(bring_to(*k, vg.id, {}));
  EXPECT_EQ(sh("ls /dev/mapper; ls -d /dev/vg0 2>/dev/null"), "control");
  sh("kill -CONT " + pid + "; udevadm settle");
  EXPECT_EQ(sh("ls /dev/mapper; ls -d /dev/vg0 2>/dev/null"), "control");
  EXPECT_EQ(sh("dmsetup udevcookies | tail -n +2"), "");
}

TEST_F(DmKernelOnMachine, WithUdevRulesOffMakesWhatTheyWouldMake) {
  const auto k = kernel({.udev_rules = false});
  const VolumeGroup vg = disks().lv("a", {{"ram0", 0, 1}}).vg;
  EXPECT_DONE(bring_to(*k, vg));
  EXPECT_TRUE(RawDevice("/dev/vg0/a").ok());
  EXPECT_DONE(bring_to(*k, vg.id, {}));
  EXPECT_EQ(sh("ls /dev/mapper; ls -d /dev/vg0 2>/dev/null"), "control");
}

TEST_F(DmKernelOnMachine, MakesWhatLvm2MakesForTheSameLvs) {
  const std::string lvm = "env LVM_SUPPRESS_FD_WARNINGS=1 lvm ";
  const std::string quiet =
      " --config 'devices{use_devicesfile=0 hints=\"none\" filter=[\"a|/dev/ram|\",\"r|.*|\"]}' -qq";
  sh(lvm + "vgcreate" + quiet + " vg1 /dev/ram0 /dev/ram1 /dev/ram2");
  sh(lvm + "lvcreate" + quiet + " -an -Zn -Wn -l 3 -n lin vg1");
  sh(lvm + "lvcreate" + quiet + " -an -Zn -Wn -l 6 -i 3 -I 64k -n st-r vg1");
  sh(lvm + "lvcreate" + quiet + " -an -Zn -Wn -l 2 -n ro -pr -r 1024 vg1");
  sh(lvm + "vgchange" + quiet + " -ay vg1; udevadm settle");
  const auto seen = [] {
    std::string all =
        sh("dmsetup info -c --noheadings --sort name -o name,uuid,attr,open,segments,read_ahead,device_count");
    all += "\n" + sh("dmsetup table | sort");
    for (const char* name : {"lin", "st--r", "ro"}) {
      // Only what depends on neither the minor number nor the time.
      all += "\n" + sh(fmt::format("udevadm info /dev/mapper/vg1-{} | grep -E '^E: (DM_|DEVLINKS)|^L:' | grep -vE "
                                   "DM_COOKIE | sed 's/DEVLINKS=//' | tr ' ' '\\n' | sort",
                                   name));
      all +=
          "\n" + sh(fmt::format("stat -L -c '%a %U %G' /dev/mapper/vg1-{}; stat -c %N /dev/mapper/vg1-{} | cut -d- -f1",
                                name, name));
    }
    return all + "\n" + sh("ls /dev/vg1 /dev/mapper; ls /dev/disk/by-id | grep -c dm-");
  };
  const std::string of_lvm2 = seen();
  EXPECT_NE(of_lvm2.find("vg1-st--r: 0 49152 striped 3 128"), std::string::npos) << of_lvm2;

  const auto k = kernel();
  ASSERT_EQ(k->list()->size(), 3U);
  const Uuid vg = dm::split_uuid(k->list()->front().device.uuid)->vg;
  std::vector<dm::Device> wanted;
  const std::vector<dm::ActiveDevice> has = *k->active(vg);
  for (const dm::ActiveDevice& each : has) {
    wanted.push_back(each.device);
    wanted.back().read_ahead = each.info.read_ahead;
    wanted.back().read_ahead_is_minimum = each.device.lv_name != "ro";
  }
  EXPECT_DONE(bring_to(*k, vg, {}));
  sh("udevadm settle");
  EXPECT_EQ(sh("dmsetup ls; ls /dev/mapper"), "No devices found\ncontrol");
  EXPECT_DONE(bring_to(*k, vg, wanted));
  EXPECT_EQ(seen(), of_lvm2);
  // And LVM2 takes them for its own.
  EXPECT_EQ(sh(lvm + "lvs" + quiet + " --noheadings -o lv_name,lv_active,lv_attr --separator , vg1"),
            "  lin,active,-wi-a-----\n  ro,active,-ri-a-----\n  st-r,active,-wi-a-----");
  sh(lvm + "vgchange" + quiet + " -an vg1");
  EXPECT_EQ(sh("dmsetup ls"), "No devices found");
  EXPECT_TRUE(warnings.empty()) << warnings.front();
}

}  // namespace
}  // namespace ashlar::test
