// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/signatures.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "device/direct_device.h"
#include "support/host.h"

namespace ashlar::device {
namespace {

using namespace ashlar::literals;
using Signature = DeviceSource::Signature;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Signatures : public testing::Test {
 protected:
  Signatures() { test::make_file(image(), kSize); }
  std::string image() const { return dir_ / "image"; }
  void open(const std::string& path) { device_ = open_device(path).value(); }
  std::vector<Signature> find() {
    auto found = find_signatures(*device_);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message());
    return found.ok() ? *found : std::vector<Signature>{};
  }
  /// Wipes all that is found, and expects that exactly those bytes changed and that nothing is found after.
  void wipe_all() {
    std::vector<std::byte> before(device_->size().n), after = before;
    ASSERT_TRUE(device_->read({0}, before).ok());
    for (const Signature& s : find()) {
      ASSERT_TRUE(wipe(*device_, s).ok());
      std::fill_n(before.begin() + static_cast<std::ptrdiff_t>(s.offset.n), s.length.n, std::byte{0});
    }
    ASSERT_TRUE(device_->flush().ok());
    ASSERT_TRUE(device_->read({0}, after).ok());
    EXPECT_TRUE(before == after);
    EXPECT_THAT(find(), IsEmpty());
  }
  static constexpr std::uint64_t kSize = 4 << 20;
  test::TempDir dir_;
  std::unique_ptr<BlockDevice> device_;
};

TEST_F(Signatures, ABlankDeviceHasNone) {
  open(image());
  EXPECT_THAT(find(), IsEmpty());
}

TEST_F(Signatures, Ext4IsFoundAndWiped) {
  ASSERT_EQ(test::shell("mkfs.ext4 -q " + image()), 0);
  open(image());
  EXPECT_THAT(find(), ElementsAre(Signature{"ext4", {1080}, {2}}));
  wipe_all();
}

TEST_F(Signatures, SwapIsFoundAndWiped) {
  ASSERT_EQ(test::shell("chmod 600 " + image() + "; mkswap -q " + image() + " >/dev/null 2>&1"), 0);
  open(image());
  EXPECT_THAT(find(), ElementsAre(Signature{"swap", {4086}, {10}}));
  wipe_all();
}

TEST_F(Signatures, BothHeadersOfAGptAndItsMbrAreFoundAndWiped) {
  test::write_gpt(image(), 512, 2048, 1024);
  open(image());
  EXPECT_THAT(find(), UnorderedElementsAre(Signature{"gpt", {512}, {8}}, Signature{"gpt", {kSize - 512}, {8}},
                                           Signature{"PMBR", {510}, {2}}));
  wipe_all();
}

TEST_F(Signatures, AGptOf4096ByteBlocksIsFoundOnADeviceThatHasThem) {
  test::write_gpt(image(), 4096, 256, 512);
  test::LoopDevice loop(image(), {.block_size = 4096});
  open(loop.path());
  EXPECT_THAT(find(), testing::Contains(Signature{"gpt", {4096}, {8}}));
  wipe_all();
}

TEST_F(Signatures, AnMbrIsFoundAndWiped) {
  test::write_mbr(image(), 2048, 4096);
  open(image());
  EXPECT_THAT(find(), ElementsAre(Signature{"dos", {510}, {2}}));
  wipe_all();
}

TEST_F(Signatures, TwoOfThemAreBothFound) {
  ASSERT_EQ(test::shell("mkfs.ext4 -q " + image()), 0);
  UniqueFd fd(::open(image().c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::pwrite(fd.get(), "LUKS\xba\xbe\0\1", 8, 0), 8);
  open(image());
  EXPECT_THAT(find(), UnorderedElementsAre(Signature{"ext4", {1080}, {2}}, Signature{"crypto_LUKS", {0}, {6}}));
  wipe_all();
}

TEST_F(Signatures, WhatWasWrittenThroughTheDeviceIsSeenAtOnce) {
  ASSERT_EQ(test::shell("mkfs.ext4 -q " + image()), 0);
  open(image());
  ASSERT_EQ(find().size(), 1U);
  ASSERT_TRUE(wipe(*device_, {"ext4", {1080}, {2}}).ok());
  EXPECT_THAT(find(), IsEmpty()) << "without a flush in between";
}

TEST_F(Signatures, Lvm2sOwnIsNotReported) {
  std::vector<std::byte> sector(512);
  ByteWriter label(sector);
  label.text("LABELONE");
  label.u64(1);
  label.u32(0);
  label.u32(32);
  label.text("LVM2 001");
  label.text("dxOtiDfka7305OrpsvzuSF9gWEPCI0AD");
  ByteWriter(sector, 16).u32(crc32(std::span(sector).subspan(20)));
  open(image());
  ASSERT_TRUE(device_->write({512}, sector).ok());
  ASSERT_EQ(test::shell("blkid -p -o value -s TYPE " + image() + " | grep -q LVM2_member"), 0)
      << "not a label after all";
  EXPECT_THAT(find(), IsEmpty());
}

TEST_F(Signatures, WipingRefusesALengthThatNoMagicHas) {
  open(image());
  EXPECT_FALSE(wipe(*device_, {"x", {0}, 1_MiB}).ok());
  EXPECT_FALSE(wipe(*device_, {"x", {kSize - 1}, {2}}).ok());
}

TEST_F(Signatures, ZeroStartZerosSoMuchAndNoMore) {
  open(image());
  const std::vector<std::byte> old(kSize, std::byte{0xFF});
  for (std::uint64_t length : {std::uint64_t{4096}, std::uint64_t{1}, std::uint64_t{(2 << 20) + 17},
                               std::uint64_t{kSize}, std::uint64_t{kSize} * 2, std::uint64_t{0}}) {
    ASSERT_TRUE(device_->write({0}, old).ok());
    ASSERT_TRUE(zero_start(*device_, {length}).ok());
    std::vector<std::byte> wanted = old, seen(kSize);
    std::fill_n(wanted.begin(), std::min<std::uint64_t>(length, kSize), std::byte{0});
    ASSERT_TRUE(device_->read({0}, seen).ok());
    EXPECT_TRUE(seen == wanted) << length;
  }
}

}  // namespace
}  // namespace ashlar::device
