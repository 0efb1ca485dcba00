// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_list.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace ashlar::dm {
namespace {

constexpr std::uint32_t kHasUuid = 1, kHasNone = 2;

/// One record as the kernel lays it out; `flags` 0: without what new kernels put behind the name.
std::vector<std::byte> record(std::uint64_t dev, const std::string& name, const std::string& uuid, std::uint32_t flags,
                              bool last) {
  const std::size_t behind = round_up(12 + name.size() + 1, 8);
  const std::size_t size = round_up(behind + (flags != 0 ? 8 + uuid.size() + 1 : 8), 8);
  std::vector<std::byte> bytes(size);
  ByteWriter fields(bytes);
  fields.u64(dev);
  fields.u32(last ? 0 : static_cast<std::uint32_t>(size));
  fields.text(name);
  ByteWriter after(bytes, behind);
  after.u32(7);
  after.u32(flags);
  after.text(uuid);
  return bytes;
}

std::vector<std::byte> operator+(std::vector<std::byte> a, const std::vector<std::byte>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(DeviceList, HasNamesNumbersAndUuids) {
  const auto bytes = record(0xfd00, "vg0-a", "LVM-x", kHasUuid, false) +
                     record(0x1fd34, "a device with a long name", "", kHasNone, false) +
                     record((0x12ULL << 20) | 0xfd34, "b", "CRYPT-1", kHasUuid, true);
  const Result<DeviceList> list = parse_device_list(bytes);
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->complete);
  ASSERT_EQ(list->devices.size(), 3U);
  EXPECT_EQ(list->devices[0].name, "vg0-a");
  EXPECT_EQ(list->devices[0].uuid, "LVM-x");
  EXPECT_EQ(list->devices[0].number, (DevNumber{253, 0}));
  EXPECT_EQ(list->devices[1].uuid, "");
  EXPECT_EQ(list->devices[1].number, (DevNumber{0x1fd, 0x34}));
  EXPECT_EQ(list->devices[2].uuid, "CRYPT-1");
  EXPECT_EQ(list->devices[2].number, (DevNumber{253, 0x1234}));
}

TEST(DeviceList, OfNoDevicesIsEmpty) {
  const Result<DeviceList> list = parse_device_list(std::vector<std::byte>(16));
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->devices.empty());
}

TEST(DeviceList, TellsWhenTheKernelGaveNoUuids) {
  const Result<DeviceList> list = parse_device_list(record(0xfd00, "vg0-a", "", 0, true));
  ASSERT_TRUE(list.ok());
  EXPECT_FALSE(list->complete);
  EXPECT_EQ(list->devices.at(0).name, "vg0-a");
}

TEST(DeviceList, ThatLeavesItsBytesIsRefused) {
  const auto good = record(0xfd00, "vg0-a", "LVM-x", kHasUuid, true);
  for (const std::size_t size : {0U, 8U, 15U}) {
    const Result<DeviceList> cut = parse_device_list(std::span(good).first(size));
    EXPECT_EQ(cut.ok() ? Errc::Exists : cut.error().code(), Errc::Corrupt) << size;
  }
  for (const std::uint32_t next : {1U, 8U, 4000U, ~0U}) {
    auto bytes = good;
    ByteWriter(bytes, 8).u32(next);
    const Result<DeviceList> list = parse_device_list(bytes);
    EXPECT_EQ(list.ok() ? Errc::Exists : list.error().code(), Errc::Corrupt) << next;
  }
}

RC_GTEST_PROP(DeviceList, NeverReadsOutsideItsBytes, (std::vector<std::uint8_t> noise, std::uint8_t where)) {
  auto bytes = record(0xfd00, "vg0-a", "LVM-x", kHasUuid, false) + record(0xfd01, "b", "", kHasNone, true);
  for (std::size_t i = 0; i < noise.size(); ++i) bytes[(where + i) % bytes.size()] = std::byte{noise[i]};
  const Result<DeviceList> list = parse_device_list(bytes);
  RC_CLASSIFY(list.ok());
}

}  // namespace
}  // namespace ashlar::dm
