// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/bytes.h"
#include "device/direct_device.h"
#include "device/fake_host.h"

namespace ashlar::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Scanner : public testing::Test {
 protected:
  ScanOptions options() const { return {.host = host_.paths(), .scan = {host_.paths().dev}}; }
  /// Names of the candidates below /dev, and the reasons of the others.
  void scan(ScanOptions with) {
    auto source = machine_source(std::move(with));
    ASSERT_TRUE(source.ok()) << source.error().message();
    source_ = std::move(source).value();
    auto found = source_->candidates();
    ASSERT_TRUE(found.ok());
    found_ = std::move(found).value();
    for (BlockDevice* device : found_.devices) names_.push_back(device->path().substr(host_.paths().dev.size() + 1));
  }
  std::string reason(const std::string& name) const {
    for (const Rejected& rejected : source_->rejected())
      for (const std::string& path : rejected.names)
        if (path == host_.dev(name)) return rejected.reason;
    return "";
  }
  std::string refusal(const std::string& name) {
    auto found = source_->find(host_.dev(name));
    return found.ok() ? "" : found.error().message();
  }
  void write(test::LoopDevice& loop, std::uint64_t offset, const std::string& text) {
    ASSERT_TRUE(open_device(loop.path()).value()->write({offset}, as_bytes(text)).ok());
  }

  void as_dm(const char* name, const std::string& dm_uuid, const char* suspended = "0") {
    auto& loop = host_.add(std::string("node-") + name);
    std::filesystem::remove(host_.paths().sys + "/dev/block/" + FakeHost::number(loop));
    host_.add_sys(FakeHost::number(loop), std::string("virtual/block/") + name);
    host_.set(name, "dm/uuid", dm_uuid + "\n");
    host_.set(name, "dm/suspended", suspended + std::string("\n"));
  }

  FakeHost host_;
  std::unique_ptr<MachineSource> source_;
  DeviceSource::Candidates found_;
  std::vector<std::string> names_;
  std::atomic<bool> resumed_ = false;
};

TEST_F(Scanner, GivesDevicesByNumberWithTheirFirstBytes) {
  auto& a = host_.add("a");
  auto& b = host_.add("b");
  write(a, 512, "LABELONE");
  write(b, 8191, "x");
  scan(options());
  ASSERT_THAT(names_, ElementsAre("a", "b"));
  ASSERT_EQ(found_.first[0].size(), 8192U);
  EXPECT_EQ(as_text(found_.first[0]).substr(512, 8), "LABELONE");
  EXPECT_EQ(as_text(found_.first[1]).substr(8191), "x");
  EXPECT_THAT(found_.problems, IsEmpty());
}

TEST_F(Scanner, AnotherCallReadsAnewButKeepsTheDevices) {
  auto& a = host_.add("a");
  scan(options());
  BlockDevice* before = found_.devices.at(0);
  write(a, 512, "NEW");
  auto again = source_->candidates();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->devices.at(0), before);
  EXPECT_EQ(as_text(again->first[0]).substr(512, 3), "NEW");
}

TEST_F(Scanner, FindTakesAnyNameOfADevice) {
  auto& a = host_.add("a");
  std::filesystem::create_symlink("a", host_.dev("link"));
  scan(options());
  EXPECT_THAT(names_, ElementsAre("link"));
  EXPECT_EQ(source_->find(host_.dev("a")).value(), found_.devices[0]);
  EXPECT_EQ(source_->find(host_.dev("../dev/link")).value(), found_.devices[0]);
  EXPECT_EQ(source_->find(a.path()).value(), found_.devices[0]) << "another node with its number";
}

TEST_F(Scanner, FindSaysInKnownWordsThatThereIsNothing) {
  host_.add("a");
  test::put_file(host_.dev("file"), "x");
  scan(options());
  EXPECT_EQ(refusal("nope"), "No device found for " + host_.dev("nope") + ".");
  EXPECT_EQ(refusal("file"), "No device found for " + host_.dev("file") + ".");
  EXPECT_EQ(source_->find("/dev/nope").error().code(), Errc::NotFound);
}

TEST_F(Scanner, AFilterRejectsAndFindSaysSo) {
  host_.add("a");
  host_.add("b");
  ScanOptions with = options();
  with.filter = {"a|/a$|", "r|.*|"};
  scan(with);
  EXPECT_THAT(names_, ElementsAre("a"));
  EXPECT_EQ(refusal("b"), "Cannot use " + host_.dev("b") + ": device is rejected by filter config (devices/filter)");
  EXPECT_EQ(source_->find(host_.dev("b")).error().code(), Errc::Refused);
}

TEST_F(Scanner, TheGlobalFilterCannotBeOverruled) {
  host_.add("a");
  ScanOptions with = options();
  with.filter = {"a|.*|"};
  with.global_filter = {"r|/a$|"};
  scan(with);
  EXPECT_THAT(names_, IsEmpty());
  EXPECT_THAT(reason("a"), HasSubstr("devices/global_filter"));
}

TEST_F(Scanner, TheNameThatAFilterAcceptsIsTheOneShown) {
  host_.add("b1");
  std::filesystem::create_symlink("b1", host_.dev("c1"));
  ScanOptions with = options();
  with.filter = {"a|/b1$|", "r|.*|"};
  scan(with);
  EXPECT_THAT(names_, ElementsAre("b1"));
}

TEST_F(Scanner, TellsWhichPatternDecidesOfADevice) {
  host_.add("a");
  host_.add("b");
  ScanOptions with = options();
  with.filter = {"a|/a$|", "r|.*|"};
  scan(with);
  auto rules = [&](const std::string& name) {
    std::vector<std::string> words;
    for (const DeviceSource::Rule& rule : source_->rules(host_.dev(name)))
      words.push_back(rule.setting + (rule.accepts ? " accepts " : " rejects ") + rule.pattern + "#" +
                      std::to_string(rule.index));
    return words;
  };
  EXPECT_THAT(rules("a"), ElementsAre("devices/global_filter accepts #0", "devices/filter accepts a|/a$|#0"));
  EXPECT_THAT(rules("b"), ElementsAre("devices/global_filter accepts #0", "devices/filter rejects r|.*|#1"));
  EXPECT_THAT(rules("nope"), IsEmpty());
}

TEST_F(Scanner, ABadFilterIsAnErrorBeforeAnythingIsScanned) {
  ScanOptions with = options();
  with.global_filter = {"x|y|"};
  auto source = machine_source(with);
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.error().message(), HasSubstr("devices/global_filter"));
}

TEST_F(Scanner, DevicesBelowTheMinimumSizeAreSkipped) {
  host_.add("one", 1);
  host_.add("two", 2);
  scan(options());
  EXPECT_THAT(names_, ElementsAre("two"));
  EXPECT_EQ(refusal("one"), "Cannot use " + host_.dev("one") + ": device is too small (pv_min_size)");
}

TEST_F(Scanner, DriversThatNobodyKnowsAreSkippedUnlessTypesNamesThem) {
  host_.add("a");
  test::put_file(host_.paths().proc + "/devices", "Block devices:\n  7 mystery\n");
  scan(options());
  EXPECT_THAT(names_, IsEmpty());
  EXPECT_EQ(reason("a"), "device has an unknown type (driver mystery)");
  names_.clear();
  ScanOptions with = options();
  with.types = {"mystery"};
  scan(with);
  EXPECT_THAT(names_, ElementsAre("a"));
}

TEST(KnownDriver, KnowsNumberedDriversButNotLongerNames) {
  for (const char* known : {"sd", "loop", "ide0", "cciss7", "device-mapper", "virtblk", "nvme", "blkext", "md", "ubd"})
    EXPECT_TRUE(is_known_driver(known, {})) << known;
  for (const char* unknown : {"", "s", "sdx", "sr", "fd", "floppy", "loopy"})
    EXPECT_FALSE(is_known_driver(unknown, {})) << unknown;
}

TEST_F(Scanner, ADeviceThatSysfsDoesNotKnowIsSkippedUnlessToldOtherwise) {
  auto& known = host_.add("known");
  auto& other = host_.add("other");
  std::filesystem::remove(host_.paths().sys + "/dev/block/" + FakeHost::number(other));
  (void)known;
  scan(options());
  EXPECT_THAT(names_, ElementsAre("known"));
  names_.clear();
  ScanOptions with = options();
  with.sysfs_scan = false;
  scan(with);
  EXPECT_THAT(names_, ElementsAre("known", "other"));
}

TEST_F(Scanner, WithoutSysfsNothingFollowsFromIt) {
  host_.add("a");
  std::filesystem::remove_all(host_.paths().sys);
  scan(options());
  EXPECT_THAT(names_, ElementsAre("a"));
}

TEST_F(Scanner, LvsAreSkippedUnlessScanLvsAndTheirInnardsAlways) {
  const std::string uuid = "LVM-" + std::string(64, 'A');
  as_dm("dm-0", uuid);
  as_dm("dm-1", uuid + "-tdata");
  as_dm("dm-2", "CRYPT-LUKS2-x");
  scan(options());
  EXPECT_THAT(names_, ElementsAre("node-dm-2"));
  EXPECT_THAT(reason("node-dm-0"), HasSubstr("device is an LV"));
  names_.clear();
  ScanOptions with = options();
  with.scan_lvs = true;
  scan(with);
  EXPECT_THAT(names_, ElementsAre("node-dm-0", "node-dm-2"));
  EXPECT_EQ(reason("node-dm-1"), "device is an internal device of an LV");
}

TEST_F(Scanner, ASuspendedDeviceIsWaitedForUnlessItIsToBePassedOver) {
  as_dm("dm-0", "mpath-3600", "1");
  ScanOptions with = options();
  with.ignore_suspended = true;
  scan(with);
  EXPECT_THAT(names_, IsEmpty());
  EXPECT_THAT(reason("node-dm-0"), HasSubstr("device is suspended"));
  std::jthread somebody([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    resumed_ = true;
    host_.set("dm-0", "dm/suspended", "0\n");
  });
  scan(options());
  EXPECT_TRUE(resumed_);
  EXPECT_THAT(names_, ElementsAre("node-dm-0"));
}

TEST_F(Scanner, MultipathAndMdComponentsAndTheirPartitionsAreSkipped) {
  host_.add("path");
  host_.add("member");
  auto& part = host_.add("part");
  host_.add("free");
  std::filesystem::remove(host_.paths().sys + "/dev/block/" + FakeHost::number(part));
  host_.add_sys(FakeHost::number(part), "virtual/block/path/path1");
  host_.add_sys("253:0", "virtual/block/dm-0");
  host_.set("dm-0", "dm/uuid", "mpath-3600\n");
  host_.add_sys("253:1", "virtual/block/dm-1");
  host_.set("dm-1", "dm/uuid", "LVM-abc\n");
  host_.add_sys("9:0", "virtual/block/md0");
  host_.stack("dm-0", "path");
  host_.stack("md0", "member");
  host_.stack("dm-1", "free");  // an LV on a PV
  scan(options());
  EXPECT_THAT(names_, ElementsAre("free"));
  EXPECT_EQ(reason("path"), "device is a multipath component");
  EXPECT_EQ(reason("part"), "device is a multipath component");
  EXPECT_EQ(reason("member"), "device is an md component");
  names_.clear();
  ScanOptions with = options();
  with.md_component_detection = with.multipath_component_detection = false;
  scan(with);
  EXPECT_THAT(names_, ElementsAre("member", "part", "free")) << "the disk itself is partitioned";
}

TEST_F(Scanner, DisksListedInMultipathWwidsAreComponentsBeforeMultipathRuns) {
  host_.add("a");
  host_.add("b");
  host_.set("a", "device/wwid", "naa.600140512345\n");
  host_.set("b", "device/wwid", "naa.600140599999\n");
  test::put_file(host_.paths().multipath_wwids, "# Multipath wwids\n/3600140512345/\n");
  scan(options());
  EXPECT_THAT(names_, ElementsAre("b"));
  EXPECT_THAT(reason("a"), HasSubstr("WWID"));
}

TEST_F(Scanner, PartitionedDisksAreSkippedByTheirBytes) {
  // As disks of a driver with partitions; on loop devices LVM2 goes by what the kernel shows alone.
  test::put_file(host_.paths().proc + "/devices", "Block devices:\n  7 sd\n");
  test::write_mbr(host_.add("mbr").path(), 2048, 4096);
  test::write_gpt(host_.add("gpt").path(), 512, 2048, 4096);
  test::write_gpt(host_.add("gpt4k", 8, {.block_size = 4096}).path(), 4096, 256, 512);
  test::write_mbr(host_.add("empty-table").path(), 0, 0);
  ASSERT_EQ(test::shell("mkfs.ext4 -q " + host_.add("ext4").path()), 0);
  scan(options());
  EXPECT_THAT(names_, ElementsAre("empty-table", "ext4"));
  EXPECT_EQ(refusal("gpt4k"), "Cannot use " + host_.dev("gpt4k") + ": device is partitioned");
}

// Seen with LVM2 2.03.16, with a kernel that shows no partitions.
TEST_F(Scanner, ATableInALoopDeviceCountsIfTheKernelLooksForPartitionsOrShowsSome) {
  test::write_mbr(host_.add("table").path(), 2048, 4096);
  test::write_mbr(host_.add("partscan").path(), 2048, 4096);
  host_.set("table", "loop/partscan", "0\n");
  host_.set("partscan", "loop/partscan", "1\n");
  auto& parts = host_.add("parts0");
  host_.add_sys("259:0", "virtual/block/parts0/parts0p1");
  (void)parts;
  scan(options());
  EXPECT_THAT(names_, ElementsAre("table"));
  EXPECT_EQ(reason("parts0"), "device is partitioned");
  EXPECT_EQ(reason("partscan"), "device is partitioned");
}

TEST_F(Scanner, MdSuperblocksAtTheStartAreSeenInTheFirstBytes) {
  const std::string magic = "\xfc\x4e\x2b\xa9";
  write(host_.add("v11"), 0, magic);
  write(host_.add("v12"), 4096, magic);
  write(host_.add("big"), 4096, std::string(magic.rbegin(), magic.rend()));
  write(host_.add("other"), 100, magic);
  scan(options());
  EXPECT_THAT(names_, ElementsAre("other"));
  EXPECT_EQ(reason("v11"), "device is an md component (superblock 1.1)");
  EXPECT_EQ(reason("big"), "device is an md component (superblock 1.2)");
}

TEST_F(Scanner, WhatDoesNotOpenIsAProblemThatNamesIt) {
  host_.add("good");
  ASSERT_EQ(::mknod(host_.dev("ghost").c_str(), S_IFBLK | 0600, makedev(8, 4321)), 0);  // no such disk
  host_.add_sys("8:4321", "pci/block/ghost");
  scan(options());
  EXPECT_THAT(names_, ElementsAre("good"));
  EXPECT_THAT(found_.problems, IsEmpty()) << "a drive without a medium is no problem";
  EXPECT_EQ(reason("ghost"), "there is no medium in it");
}

TEST_F(Scanner, AnOrdinaryUserIsToldWhatCannotBeOpened) {
  host_.add("a");
  std::filesystem::permissions(std::filesystem::path(host_.paths().dev).parent_path(), std::filesystem::perms(0755));
  EXPECT_TRUE(test::in_child([&] {
    ASSERT_EQ(::setuid(65534), 0);
    scan(options());
    EXPECT_THAT(names_, IsEmpty());
    EXPECT_THAT(found_.problems, ElementsAre("Cannot open " + host_.dev("a") + ": Permission denied"));
    EXPECT_EQ(refusal("a"), "Cannot open " + host_.dev("a") + ": Permission denied");
  }));
}

}  // namespace
}  // namespace ashlar::device
