// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/in_use.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/swap.h>

#include "base/bytes.h"
#include "device/direct_device.h"
#include "device/fake_host.h"
#include "device/image_source.h"

namespace ashlar::device {
namespace {

using test::LoopDevice;
using test::TempDir;
using testing::HasSubstr;

class Claim : public testing::Test {
 protected:
  Claim() { test::make_file(image(), 64 << 20); }
  std::string image() const { return dir_ / "image"; }
  /// What claim() says of the path on this machine; empty if it takes it.
  std::string claim(const std::string& path, HostPaths host = {}) {
    device_ = open_device(path).value();
    Status claimed = claim_device(*device_, host);
    code_ = claimed.ok() ? Errc::Partial : claimed.error().code();
    return claimed.ok() ? "" : claimed.error().message();
  }
  TempDir dir_;
  std::unique_ptr<BlockDevice> device_;
  Errc code_ = Errc::Partial;
};

TEST_F(Claim, TakesAFreeDeviceAndKeepsOthersFromTakingIt) {
  LoopDevice loop(image());
  EXPECT_EQ(claim(loop.path()), "");
  EXPECT_LT(::open(loop.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC), 0);
  EXPECT_EQ(errno, EBUSY);
  EXPECT_TRUE(device_->write({0}, std::vector<std::byte>(512)).ok());
  EXPECT_TRUE(claim_device(*device_, {}).ok()) << "again, by the one who has it";
  device_.reset();
  UniqueFd free(::open(loop.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  EXPECT_TRUE(free);
}

TEST_F(Claim, RefusesAMountedFilesystemAndSaysWhere) {
  LoopDevice loop(image());
  ASSERT_EQ(test::shell("mkfs.ext4 -q " + loop.path()), 0);
  test::Mount mount(loop.path(), dir_ / "mount point");
  EXPECT_EQ(claim(loop.path()), "Cannot use " + loop.path() + ": it is mounted on " + (dir_ / "mount point"));
  EXPECT_EQ(code_, Errc::Busy);
}

TEST_F(Claim, RefusesSwap) {
  LoopDevice loop(image());
  ASSERT_EQ(test::shell("mkswap -q " + loop.path() + " 2>/dev/null >&2"), 0);
  ASSERT_EQ(::swapon(loop.path().c_str(), 0), 0);
  EXPECT_EQ(claim(loop.path()), "Cannot use " + loop.path() + ": it is used as swap");
  ASSERT_EQ(::swapoff(loop.path().c_str()), 0);
}

TEST_F(Claim, RefusesADiskWhosePartitionsTheKernelHas) {
  LoopDevice loop(image(), {.partitions = true});
  loop.add_partition(1, 1 << 20, 4 << 20);
  EXPECT_EQ(claim(loop.path()), "Cannot use " + loop.path() + ": it is partitioned: " + loop.name() + "p1");
}

TEST_F(Claim, RefusesAPartitionTableThatTheKernelHasNotSeenYet) {
  LoopDevice loop(image(), {.partitions = true});
  test::write_gpt(image(), 512, 2048, 4096);
  EXPECT_THAT(claim(loop.path()), HasSubstr("device is partitioned"));
  EXPECT_EQ(code_, Errc::Refused);
  UniqueFd free(::open(loop.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  EXPECT_TRUE(free) << "a refused device must not stay claimed";
}

// As LVM2, which then asks whether the table is to be wiped.
TEST_F(Claim, TakesALoopDeviceInWhichNobodyLooksForPartitions) {
  test::write_gpt(image(), 512, 2048, 4096);
  LoopDevice loop(image());
  EXPECT_EQ(claim(loop.path()), "");
}

TEST_F(Claim, RefusesAnImageWithAPartitionTable) {
  test::write_gpt(image(), 512, 2048, 4096);
  EXPECT_THAT(claim(image()), HasSubstr("device is partitioned"));
}

TEST_F(Claim, RefusesWhatSomebodyElseHasOpenedExclusively) {
  LoopDevice loop(image());
  UniqueFd other(::open(loop.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  ASSERT_TRUE(other);
  EXPECT_EQ(claim(loop.path()), "Cannot open " + loop.path() + " exclusively: something else has it in use");
  EXPECT_EQ(code_, Errc::Busy);
}

TEST_F(Claim, RefusesWhatLiesUnderAnotherDeviceAndNamesIt) {
  FakeHost host;
  auto& loop = host.add("a");
  host.add_sys("253:3", "virtual/block/dm-3");
  host.set("dm-3", "dm/name", "mpatha\n");
  host.stack("dm-3", "a");
  EXPECT_EQ(claim(loop.path(), host.paths()), "Cannot use " + loop.path() + ": it is held by dm-3 (mpatha)");
}

TEST_F(Claim, RefusesMembersOfStoppedArraysWhereverTheSuperblockIs) {
  const std::string magic = "\xfc\x4e\x2b\xa9";
  const std::uint64_t sectors = (64 << 20) / 512;
  struct Row {
    const char* version;
    std::uint64_t offset;
    std::string bytes;
  };
  for (const Row& row :
       {Row{"1.1", 0, magic}, Row{"1.2", 4096, magic}, Row{"0.90", (sectors - 128) * 512, magic},
        Row{"1.0", (sectors - 16) * 512, magic}, Row{"imsm", (sectors - 2) * 512, "Intel Raid ISM Cfg Sig. 1"},
        Row{"ddf", (sectors - 1) * 512, "\xde\x11\xde\x11"}, Row{"ddf", (sectors - 257) * 512, "\xde\x11\xde\x11"}}) {
    test::make_file(image(), 64 << 20);
    ASSERT_TRUE(open_device(image()).value()->write({row.offset}, as_bytes(row.bytes)).ok());
    EXPECT_THAT(claim(image()), HasSubstr(std::string("md component (superblock ") + row.version)) << row.offset;
  }
  test::make_file(image(), 64 << 20);
  ASSERT_TRUE(open_device(image()).value()->write({8192}, as_bytes(magic)).ok());
  EXPECT_EQ(claim(image()), "");
}

TEST_F(Claim, RefusesAnImageThatBacksALoopDevice) {
  {
    LoopDevice loop(image());
    EXPECT_EQ(claim(image()), "Cannot use " + image() + ": it is attached to " + loop.path());
  }
  EXPECT_EQ(claim(image()), "");
}

TEST_F(Claim, RefusesAnImageThatIsSwap) {
  FakeHost host;
  test::put_file(host.paths().proc + "/swaps", "Filename\tType\tSize\n" + image() + "   file\t1\t0\t-2\n");
  EXPECT_EQ(claim(image(), host.paths()), "Cannot use " + image() + ": it is used as swap");
}

TEST_F(Claim, WorksForAnOrdinaryUsersOwnImageWithoutSys) {
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  ASSERT_EQ(::chown(image().c_str(), 65534, 65534), 0);
  const std::string other = dir_ / "other";
  test::make_file(other, 1 << 20);
  EXPECT_TRUE(test::in_child([&] {
    ASSERT_EQ(::setgid(65534), 0);
    ASSERT_EQ(::setuid(65534), 0);
    auto source = image_source({image(), other}, {.sys = "/nonexistent", .proc = "/nonexistent"});
    auto found = source->candidates();
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->devices.size(), 1U);
    EXPECT_THAT(found->problems, testing::ElementsAre("Cannot open " + other + ": Permission denied"));
    BlockDevice& device = *found->devices[0];
    EXPECT_TRUE(source->claim(device).ok());
    EXPECT_TRUE(device.write({512}, std::vector<std::byte>(700, std::byte{4})).ok());
    EXPECT_TRUE(device.flush().ok());
    auto signatures = source->signatures(device);
    ASSERT_TRUE(signatures.ok()) << signatures.error().message();
    EXPECT_TRUE(signatures->empty());
  }));
  EXPECT_EQ(test::slurp(image())[512], std::byte{4});
}

}  // namespace
}  // namespace ashlar::device
