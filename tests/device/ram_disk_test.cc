// SPDX-License-Identifier: LGPL-2.1-or-later
// The fake that the crash tests stand on must itself be right.
#include "support/ram_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace ashlar::test {
namespace {

using namespace ashlar::literals;
using device::DeviceSource;
using testing::HasSubstr;

std::vector<std::byte> filled(std::size_t size, unsigned with) {
  return std::vector<std::byte>(size, static_cast<std::byte>(with));
}

/// The first byte of each 512-byte sector, as digits.
std::string sectors(const RamDisk& disk, std::size_t count) {
  std::string s;
  for (std::size_t i = 0; i < count; ++i)
    s += static_cast<char>('0' + std::to_integer<int>(disk.peek({i * 512}, 1)[0]));
  return s;
}

TEST(RamDisk, MovesWholeBlocksAndKeepsNeighbours) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 1_MiB, {4096});
  disk.poke({0}, filled(8192, 7));
  ASSERT_TRUE(disk.write({4000}, filled(200, 1)).ok());
  EXPECT_EQ(disk.peek({3999}, 1), filled(1, 7));
  EXPECT_EQ(disk.peek({4000}, 200), filled(200, 1));
  EXPECT_EQ(disk.peek({4200}, 1), filled(1, 7));
  ASSERT_EQ(machine.log().size(), 1U);
  EXPECT_EQ(machine.log()[0].offset, 0U);
  EXPECT_EQ(machine.log()[0].data.size(), 8192U);
}

TEST(RamDisk, RefusesUnalignedRequestsIfAskedTo) {
  RamMachine machine(Requests::OnlyAligned);
  RamDisk& disk = machine.add("/dev/a", 1_MiB, {4096});
  std::vector<std::byte> buffer(512);
  EXPECT_THAT(disk.read({0}, buffer).error().message(), HasSubstr("not whole blocks of 4096"));
  EXPECT_FALSE(disk.write({512}, filled(4096, 1)).ok());
  EXPECT_TRUE(disk.write({4096}, filled(4096, 1)).ok());
}

TEST(RamDisk, NothingLiesPastItsEnd) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 1_MiB);
  EXPECT_FALSE(disk.write({(1 << 20) - 1}, filled(2, 1)).ok());
  EXPECT_FALSE(disk.write({UINT64_MAX}, filled(2, 1)).ok());
}

TEST(RamDisk, FailsTheTransfersThatItIsToldToFail) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 1_MiB);
  std::vector<std::byte> buffer(512);
  disk.fail_write(1);
  EXPECT_TRUE(disk.write({0}, buffer).ok());
  Status failed = disk.write({512}, filled(512, 1));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().sys_errno(), EIO);
  EXPECT_EQ(disk.peek({512}, 1), filled(1, 0));
  EXPECT_TRUE(disk.write({512}, buffer).ok());
  disk.fail_flush(0, true);
  EXPECT_FALSE(disk.flush().ok());
  EXPECT_FALSE(disk.flush().ok());
  disk.bad_sectors({4096}, {512});
  EXPECT_FALSE(disk.read({4000}, std::span(buffer).first(200)).ok());
  EXPECT_TRUE(disk.read({4608}, buffer).ok());
  disk.heal();
  EXPECT_TRUE(disk.flush().ok());
  disk.vanish();
  EXPECT_FALSE(disk.read({0}, buffer).ok());
}

TEST(RamMachine, IsADeviceSource) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  machine.add("/dev/b", 1_MiB).fail_read(0);
  machine.add("/dev/c", 1_MiB);
  machine.remove("/dev/c");
  a.poke({512}, filled(1, 9));
  auto found = machine.candidates();
  ASSERT_EQ(found->devices.size(), 2U);
  EXPECT_EQ(found->first[0][512], std::byte{9});
  EXPECT_TRUE(found->first[1].empty());
  EXPECT_EQ(found->problems.size(), 1U);
  EXPECT_EQ(machine.find("/dev/a").value(), &a);
  EXPECT_EQ(machine.find("/dev/c").error().message(), "No device found for /dev/c.");
  EXPECT_TRUE(machine.claim(a).ok());
  machine.disk("/dev/b").set_busy("it is mounted on /srv");
  EXPECT_THAT(machine.claim(machine.disk("/dev/b")).error().message(), HasSubstr("mounted on /srv"));
}

TEST(RamMachine, APlantedSignatureGoesWhenItIsWiped) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  a.plant({"ext4", {1080}, {2}});
  EXPECT_THAT(machine.signatures(a).value(), testing::ElementsAre(DeviceSource::Signature{"ext4", {1080}, {2}}));
  ASSERT_TRUE(a.write({1080}, filled(2, 0)).ok());
  EXPECT_TRUE(machine.signatures(a)->empty());
  EXPECT_TRUE(machine.reopen().signatures(machine.disk(0))->empty());
}

TEST(RamMachine, CutsStopAllDisksAtOnePointInTime) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  RamDisk& b = machine.add("/dev/b", 1_MiB);
  ASSERT_TRUE(a.write({0}, filled(512, 9)).ok());
  machine.forget_log();
  ASSERT_TRUE(a.write({0}, filled(512, 1)).ok());
  ASSERT_TRUE(b.write({0}, filled(512, 2)).ok());
  ASSERT_TRUE(a.flush().ok());
  ASSERT_TRUE(a.write({512}, filled(512, 3)).ok());
  std::vector<std::string> states;
  for (const Crash& crash : machine.cuts()) {
    RamMachine after = machine.reopen(crash);
    states.push_back(sectors(after.disk("/dev/a"), 2) + "|" + sectors(after.disk("/dev/b"), 1));
  }
  EXPECT_THAT(states, testing::ElementsAre("90|0", "10|0", "10|2", "13|2"));
  EXPECT_EQ(sectors(machine.after_writes(1).disk(0), 2), "10");
  EXPECT_EQ(machine.write_count(), 3U);
  EXPECT_EQ(sectors(a, 2), "13") << "examining a crash must not change the machine";
}

TEST(RamMachine, TearsLeavePartsOfAWriteInWholeBlocks) {
  auto torn_states = [](Bytes block) {
    RamMachine machine;
    RamDisk& a = machine.add("/dev/a", 1_MiB, block);
    a.poke({0}, filled(16384, 9));
    EXPECT_TRUE(a.write({0}, filled(block.n * 3, 1)).ok());
    std::set<std::string> states;
    for (const Crash& crash : machine.tears()) {
      RamMachine after = machine.reopen(crash);
      std::string blocks;
      for (std::size_t i = 0; i < 4; ++i) {
        std::vector<std::byte> bytes = after.disk(0).peek({i * block.n}, block.n);
        EXPECT_EQ(std::set<std::byte>(bytes.begin(), bytes.end()).size(), 1U) << "a block was torn in itself";
        blocks += static_cast<char>('0' + std::to_integer<int>(bytes[0]));
      }
      states.insert(blocks);
    }
    return states;
  };
  const std::set<std::string> wanted{"1999", "9919", "9119", "1199", "9199"};
  EXPECT_EQ(torn_states({512}), wanted);
  EXPECT_EQ(torn_states({4096}), wanted);
}

TEST(RamMachine, ALongWriteIsTornAtItsFarEndToo) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  ASSERT_TRUE(a.write({0}, filled(200 * 512, 1)).ok());
  bool only_last = false;
  for (const Crash& crash : machine.tears()) {
    std::string s = sectors(machine.reopen(crash).disk(0), 200);
    only_last = only_last || s == std::string(199, '0') + "1";
  }
  EXPECT_TRUE(only_last);
}

TEST(RamMachine, LossesTakeOnlyWritesThatNoFlushOfTheirDiskFollowed) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  RamDisk& b = machine.add("/dev/b", 1_MiB);
  ASSERT_TRUE(a.write({0}, filled(512, 1)).ok());
  ASSERT_TRUE(b.write({0}, filled(512, 1)).ok());
  ASSERT_TRUE(a.flush().ok());
  ASSERT_TRUE(a.write({512}, filled(512, 2)).ok());
  std::set<std::string> states;
  for (const Crash& crash : machine.losses()) {
    if (crash.done != 4) continue;
    RamMachine after = machine.reopen(crash);
    states.insert(sectors(after.disk(0), 2) + "|" + sectors(after.disk(1), 1));
  }
  EXPECT_EQ(states, (std::set<std::string>{"10|0", "12|0", "10|1"})) << "sector 0 of a was flushed and must stay";
}

TEST(RamMachine, AReopenedMachineCanBeWrittenAndCrashedAgain) {
  RamMachine machine;
  ASSERT_TRUE(machine.add("/dev/a", 1_MiB).write({0}, filled(512, 1)).ok());
  RamMachine second = machine.reopen();
  EXPECT_TRUE(second.log().empty());
  ASSERT_TRUE(second.disk(0).write({512}, filled(512, 2)).ok());
  EXPECT_EQ(sectors(second.disk(0), 2), "12");
  EXPECT_EQ(sectors(second.after_writes(0).disk(0), 2), "10");
  EXPECT_EQ(sectors(machine.disk(0), 2), "10");
}

TEST(RamMachine, CrashesAreAllDifferent) {
  RamMachine machine;
  RamDisk& a = machine.add("/dev/a", 1_MiB);
  for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(a.write({i * 2048}, filled(2048, i + 1)).ok());
  std::set<std::string> texts;
  for (const Crash& crash : machine.crashes()) EXPECT_TRUE(texts.insert(crash.text).second) << crash.text;
  EXPECT_GT(texts.size(), 20U);
}

RC_GTEST_PROP(RamMachine, ReplayingTheWholeLogGivesWhatIsThere, ()) {
  RamMachine machine;
  const Bytes block{*rc::gen::element<std::uint64_t>(512, 4096)};
  for (auto name : {"/dev/a", "/dev/b"}) machine.add(name, 64_KiB, block);
  for (int i = 0; i < 10; ++i) {
    auto offset = *rc::gen::inRange<std::uint64_t>(0, 65536);
    auto length = *rc::gen::inRange<std::uint64_t>(0, 65536 - offset + 1);
    RamDisk& disk = machine.disk(*rc::gen::inRange<std::size_t>(0, 2));
    RC_ASSERT(disk.write({offset}, filled(length, *rc::gen::arbitrary<unsigned char>())).ok());
  }
  RamMachine again = machine.reopen();
  for (std::size_t d : {0U, 1U}) RC_ASSERT(again.disk(d).peek({0}, 65536) == machine.disk(d).peek({0}, 65536));
}

}  // namespace
}  // namespace ashlar::test
