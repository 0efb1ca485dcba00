// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pv_store.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "metadata/disk/mda_header.h"
#include "store/pv_layout.h"
#include "support/ram_disk.h"

namespace ashlar::store {
namespace {

using namespace literals;
using test::Crash;
using test::LogEntry;
using test::RamDisk;
using test::RamMachine;

disk::Label label_for(Bytes device_size, char id, unsigned copies = 2, std::uint32_t sector = 1) {
  PvLayoutRequest request;
  request.id = *parse_uuid(std::string(32, id));
  request.device_size = device_size;
  request.metadata_copies = copies;
  request.metadata_size = 64_KiB;
  request.data_alignment = 4_KiB;
  request.label_sector = sector;
  auto label = pv_layout(request);
  EXPECT_TRUE(label.ok());
  return *label;
}

disk::LabelScan labels_on(const RamDisk& disk) { return disk::scan_label(disk.peek({0}, 2048)); }

Result<disk::MdaHeader> header_on(const RamDisk& disk, const disk::DiskArea& area) {
  return disk::decode_mda_header(disk.peek(area.offset, kSectorSize), area);
}

/// "512+512" of each write, "flush" of each flush.
std::vector<std::string> log_text(const RamMachine& machine) {
  std::vector<std::string> lines;
  for (const LogEntry& entry : machine.log())
    lines.push_back(entry.kind == LogEntry::Kind::Flush
                        ? "flush"
                        : std::to_string(entry.offset) + "+" + std::to_string(entry.data.size()));
  return lines;
}

/// A device full of rubbish.
RamDisk& dirty_disk(RamMachine& machine, Bytes size, Bytes block_size = {512}) {
  RamDisk& disk = machine.add("/dev/a", size, block_size);
  for (Bytes at : {Bytes{0}, size - 1_MiB}) disk.poke(at, std::vector<std::byte>(1 << 20, std::byte{0x5a}));
  return disk;
}

TEST(PvStore, WritesALabelAndEmptyMetadataAreas) {
  for (Bytes block : {Bytes{512}, Bytes{4096}}) {
    RamMachine machine;
    RamDisk& disk = dirty_disk(machine, 16_MiB, block);
    disk::Label label = label_for(16_MiB, 'a');
    ASSERT_TRUE(write_pv(disk, {label}).ok());

    disk::LabelScan found = labels_on(disk);
    EXPECT_EQ(found.label, label);
    EXPECT_TRUE(found.problems.empty());
    ASSERT_EQ(label.mdas.size(), 2U);
    for (const disk::DiskArea& area : label.mdas) {
      auto header = header_on(disk, area);
      ASSERT_TRUE(header.ok()) << header.error().message();
      EXPECT_EQ(*header, (disk::MdaHeader{area, {}, {}}));
      std::vector<std::byte> behind = disk.peek(area.offset + Bytes{512}, 4096 - 512);
      EXPECT_EQ(behind, std::vector<std::byte>(behind.size())) << "an old text would be left to be found";
    }
  }
}

TEST(PvStore, ClearsTheFirstTwoKibibytesOnlyIfAsked) {
  RamMachine machine;
  RamDisk& disk = dirty_disk(machine, 16_MiB);
  disk::Label label = label_for(16_MiB, 'a');
  ASSERT_TRUE(write_pv(disk, {label, false, false}).ok());
  EXPECT_EQ(disk.peek({0}, 512), std::vector<std::byte>(512, std::byte{0x5a}));
  EXPECT_EQ(disk.peek({1024}, 1024), std::vector<std::byte>(1024, std::byte{0x5a}));
  ASSERT_TRUE(write_pv(disk, {label, false, true}).ok());
  EXPECT_EQ(disk.peek({0}, 512), std::vector<std::byte>(512));
  EXPECT_EQ(disk.peek({1024}, 1024), std::vector<std::byte>(1024));
  EXPECT_EQ(disk.peek({2048}, 2048), std::vector<std::byte>(2048, std::byte{0x5a}));
  EXPECT_EQ(labels_on(disk).label, label);
}

TEST(PvStore, MarksMetadataAreasIgnored) {
  RamMachine machine;
  RamDisk& disk = dirty_disk(machine, 16_MiB);
  disk::Label label = label_for(16_MiB, 'a');
  ASSERT_TRUE(write_pv(disk, {label, true}).ok());
  for (const disk::DiskArea& area : label.mdas) EXPECT_TRUE(header_on(disk, area)->ignored());
}

TEST(PvStore, WritesTheLabelLastBetweenFlushes) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 16_MiB);
  ASSERT_TRUE(write_pv(disk, {label_for(16_MiB, 'o', 1, 3)}).ok());
  machine.forget_log();
  ASSERT_TRUE(write_pv(disk, {label_for(16_MiB, 'n', 2, 1)}).ok());
  EXPECT_EQ(log_text(machine), (std::vector<std::string>{"1536+512", "flush", "0+2048", "4096+4096", "16711680+4096",
                                                         "flush", "512+512", "flush"}));
}

// A PV that was there before may be cut off too, but is never seen with emptied metadata areas.
TEST(PvStore, LeavesTheOldPvOrNoneOrTheNewOneAfterAnyCrash) {
  disk::Label old_label = label_for(16_MiB, 'o', 2, 0);
  disk::Label new_label = label_for(16_MiB, 'n', 2, 1);
  for (bool zero : {false, true}) {
    RamMachine machine;
    RamDisk& disk = dirty_disk(machine, 16_MiB);
    ASSERT_TRUE(write_pv(disk, {old_label}).ok());
    disk::MdaHeader live{old_label.mdas[0], {{512}, {100}, 1, 0}, {}};  // the old PV was in a VG
    disk.poke(live.area.offset, disk::encode_mda_header(live));
    machine.forget_log();
    ASSERT_TRUE(write_pv(disk, {new_label, false, zero}).ok());

    std::size_t states[3] = {};
    for (const Crash& crash : machine.crashes()) {
      SCOPED_TRACE(crash.text);
      RamMachine after = machine.reopen(crash);
      auto found = labels_on(after.disk(0)).label;
      if (!found) {
        ++states[0];
      } else if (*found == old_label) {
        ++states[1];
        EXPECT_EQ(*header_on(after.disk(0), live.area), live);
      } else {
        ++states[2];
        EXPECT_EQ(*found, new_label);
        for (const disk::DiskArea& area : new_label.mdas)
          EXPECT_EQ(*header_on(after.disk(0), area), (disk::MdaHeader{area, {}, {}}));
      }
    }
    for (std::size_t count : states) EXPECT_GT(count, 0U);
  }
}

TEST(PvStore, WritesNothingWhereAnAreaDoesNotFit) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 8_MiB);
  Status s = write_pv(disk, {label_for(16_MiB, 'a')});
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.error().code(), Errc::NoSpace);
  for (const char* word : {"/dev/a", "metadata", "16711680+65536", "8388608"})
    EXPECT_NE(s.error().message().find(word), std::string::npos) << s.error().message();
  EXPECT_TRUE(machine.log().empty());
}

TEST(PvStore, SaysSoWhenADiskFailsAndLeavesNoLabel) {
  disk::Label label = label_for(16_MiB, 'a');
  std::size_t failures = 0;
  for (std::size_t nth = 0;; ++nth) {
    RamMachine machine;
    RamDisk& disk = dirty_disk(machine, 16_MiB);
    disk.fail_write(nth);
    Status s = write_pv(disk, {label});
    if (s.ok()) break;
    ++failures;
    EXPECT_EQ(s.error().code(), Errc::Io);
    EXPECT_NE(s.error().message().find("/dev/a"), std::string::npos);
    EXPECT_FALSE(labels_on(disk).label.has_value());
  }
  EXPECT_EQ(failures, 4U);
  for (std::size_t nth : {0U, 1U}) {
    RamMachine machine;
    RamDisk& disk = dirty_disk(machine, 16_MiB);
    disk.fail_flush(nth);
    EXPECT_FALSE(write_pv(disk, {label}).ok()) << "flush " << nth;
  }
}

TEST(PvStore, RewritesALabelInItsSector) {
  for (std::uint32_t sector = 0; sector < 4; ++sector) {
    RamMachine machine;
    RamDisk& disk = machine.add("/dev/a", 16_MiB);
    disk::Label label = label_for(16_MiB, 'a', 1, sector);
    ASSERT_TRUE(write_pv(disk, {label}).ok());
    machine.forget_log();
    label.ext_flags = disk::kExtUsed;
    ASSERT_TRUE(rewrite_label(disk, label).ok());
    EXPECT_EQ(labels_on(disk).label, label);
    EXPECT_EQ(log_text(machine), (std::vector<std::string>{std::to_string(sector * 512) + "+512", "flush"}));
  }
}

TEST(PvStore, WipesLabelsAndKeepsTheRest) {
  RamMachine machine;
  RamDisk& disk = dirty_disk(machine, 16_MiB);
  disk::Label label = label_for(16_MiB, 'a', 1, 2);
  ASSERT_TRUE(write_pv(disk, {label, false, false}).ok());
  std::vector<std::byte> before = disk.peek({0}, 1 << 20);
  std::fill_n(before.begin() + 1024, 512, std::byte{0});
  ASSERT_TRUE(wipe_labels(disk).ok());
  EXPECT_EQ(disk.peek({0}, 1 << 20), before);
  EXPECT_FALSE(labels_on(disk).label.has_value());
}

TEST(PvStore, WipesEveryLabelTheOneThatCountsLast) {
  RamMachine machine;
  RamDisk& disk = machine.add("/dev/a", 16_MiB);
  disk::Label first = label_for(16_MiB, 'a', 1, 0);
  disk::Label second = label_for(16_MiB, 'b', 1, 3);
  disk.poke({0}, disk::encode_label(first));
  disk.poke({1536}, disk::encode_label(second));
  disk.poke({512}, std::as_bytes(std::span("LABELONE of a torn write", 24)));
  machine.forget_log();
  ASSERT_TRUE(wipe_labels(disk).ok());
  EXPECT_EQ(disk.peek({0}, 2048), std::vector<std::byte>(2048));
  for (const Crash& crash : machine.crashes()) {
    SCOPED_TRACE(crash.text);
    auto found = labels_on(machine.reopen(crash).disk(0)).label;
    EXPECT_TRUE(!found || found->pv == first.pv);
  }
}

TEST(PvStore, WipesNothingWhereThereIsNoLabel) {
  RamMachine machine;
  RamDisk& disk = dirty_disk(machine, 16_MiB);
  ASSERT_TRUE(wipe_labels(disk).ok());
  EXPECT_TRUE(machine.log().empty());
  RamDisk& tiny = machine.add("/dev/b", {1024});
  EXPECT_TRUE(wipe_labels(tiny).ok());
}

}  // namespace
}  // namespace ashlar::store
