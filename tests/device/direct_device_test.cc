// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/direct_device.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/bytes.h"
#include "device/direct_access.h"
#include "support/host.h"

namespace ashlar::device {
namespace {

using test::LoopDevice;
using test::TempDir;
using testing::HasSubstr;

std::unique_ptr<BlockDevice> must_open(const std::string& path) {
  auto device = open_device(path);
  EXPECT_TRUE(device.ok()) << (device.ok() ? "" : device.error().message());
  return device.ok() ? std::move(device).value() : nullptr;
}

int flags_of(BlockDevice& device) {
  auto fd = device.direct()->lease(Mode::Read);
  return fd.ok() ? ::fcntl((*fd)->get(), F_GETFL) : -1;
}

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 256 + seed);
  return bytes;
}

/// One kind of place that a PV can be.
struct Medium {
  const char* name;
  std::uint64_t size;
  unsigned loop_block;  ///< 0: an image file
  enum class Fs { Tmp, Tmpfs, Ramfs, Ext4On4k } fs = Fs::Tmp;
  std::uint64_t block, unit;
};

class AnyMedium : public testing::TestWithParam<Medium> {
 protected:
  AnyMedium() {
    const Medium& m = GetParam();
    std::string folder = dir_.path();
    if (m.fs == Medium::Fs::Tmpfs || m.fs == Medium::Fs::Ramfs) {
      mount_.emplace("none", dir_ / "mnt", m.fs == Medium::Fs::Tmpfs ? "tmpfs" : "ramfs");
      folder = dir_ / "mnt";
    } else if (m.fs == Medium::Fs::Ext4On4k) {
      test::make_file(dir_ / "fs", 16 << 20);
      fs_device_.emplace(dir_ / "fs", LoopDevice::Options{.block_size = 4096});
      EXPECT_EQ(test::shell("mkfs.ext4 -q " + fs_device_->path()), 0);
      mount_.emplace(fs_device_->path(), dir_ / "mnt");
      folder = dir_ / "mnt";
    }
    path_ = folder + "/image";
    test::make_file(path_, m.size);
    if (m.loop_block != 0) {
      loop_.emplace(path_, LoopDevice::Options{.block_size = m.loop_block});
      path_ = loop_->path();
    }
  }

  TempDir dir_;
  std::optional<LoopDevice> fs_device_;
  std::optional<test::Mount> mount_;
  std::optional<LoopDevice> loop_;
  std::string path_;
};

INSTANTIATE_TEST_SUITE_P(, AnyMedium,
                         testing::Values(Medium{"Loop512", 3 << 20, 512, Medium::Fs::Tmp, 512, 512},
                                         Medium{"Loop4096", 3 << 20, 4096, Medium::Fs::Tmp, 4096, 4096},
                                         Medium{"Image", 3 << 20, 0, Medium::Fs::Tmp, 512, 512},
                                         Medium{"ImageOfOddSize", (3 << 20) + 512 * 3 + 100, 0, Medium::Fs::Tmp, 512,
                                                512},
                                         Medium{"ImageOnTmpfs", (3 << 20) + 512, 0, Medium::Fs::Tmpfs, 512, 512},
                                         Medium{"ImageOnRamfs", (3 << 20) + 512, 0, Medium::Fs::Ramfs, 512, 512},
                                         Medium{"ImageOn4kFilesystem", 3 << 20, 0, Medium::Fs::Ext4On4k, 512, 4096},
                                         Medium{"ImageOfOddSizeOn4kFilesystem", (3 << 20) + 512 * 3 + 100, 0,
                                                Medium::Fs::Ext4On4k, 512, 4096}),
                         [](const auto& medium) { return medium.param.name; });

TEST_P(AnyMedium, TellsItsSizeAndBlocks) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->path(), path_);
  EXPECT_EQ(device->size().n, GetParam().size / 512 * 512);
  EXPECT_EQ(device->block_size().n, GetParam().block);
  EXPECT_EQ(device->direct()->unit(), GetParam().unit);
  EXPECT_EQ(device->number().has_value(), GetParam().loop_block != 0);
  if (GetParam().loop_block != 0) {
    EXPECT_EQ(device->number(), (DevNumber{7, loop_->number()}));
    EXPECT_EQ(device->topology().minimum_io.n, GetParam().block);
    EXPECT_EQ(device->topology().alignment_offset.n, 0U);
  }
}

TEST_P(AnyMedium, BypassesThePageCacheUnlessTheFilesystemCannot) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  if (GetParam().fs == Medium::Fs::Tmpfs) return;  // has it from Linux 6.6 on
  EXPECT_EQ((flags_of(*device) & O_DIRECT) != 0, GetParam().fs != Medium::Fs::Ramfs);
}

TEST_P(AnyMedium, OpensForWritingOnlyAtTheFirstWrite) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  std::vector<std::byte> out(512);
  ASSERT_TRUE(device->read({0}, out).ok());
  EXPECT_EQ(flags_of(*device) & O_ACCMODE, O_RDONLY);
  ASSERT_TRUE(device->write({0}, out).ok());
  EXPECT_EQ(flags_of(*device) & O_ACCMODE, O_RDWR);
}

TEST_P(AnyMedium, KeepsTheNeighboursOfAnUnalignedWrite) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  const std::uint64_t end = device->size().n;
  std::vector<std::byte> model = pattern(end, 3);
  ASSERT_TRUE(device->write({0}, model).ok());
  struct Range {
    std::uint64_t offset, length;
  };
  for (Range r : {Range{0, 1}, Range{511, 2}, Range{512, 512}, Range{4095, 2}, Range{4096, 512}, Range{5000, 1},
                  Range{1000, 100000}, Range{(1 << 20) - 1, 2}, Range{700, (1 << 20) + 5000}, Range{end - 1, 1},
                  Range{end - 513, 513}, Range{end - 5000, 4999}}) {
    std::vector<std::byte> in(r.length, std::byte{0xA5});
    ASSERT_TRUE(device->write({r.offset}, in).ok()) << r.offset << " " << r.length;
    std::copy(in.begin(), in.end(), model.begin() + static_cast<std::ptrdiff_t>(r.offset));
    std::vector<std::byte> out(end);
    ASSERT_TRUE(device->read({0}, out).ok());
    ASSERT_TRUE(out == model) << "after a write of " << r.length << " at " << r.offset;
  }
  ASSERT_TRUE(device->flush().ok());
  std::vector<std::byte> seen = test::slurp(path_);
  EXPECT_EQ(seen.size(), GetParam().loop_block != 0 ? end : GetParam().size) << "an image file must not grow";
  seen.resize(end);
  EXPECT_TRUE(seen == model);
}

TEST_P(AnyMedium, SeesWhatAnotherProgramWroteSinceItWasOpened) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  std::vector<std::byte> out(1000);
  ASSERT_TRUE(device->read({100}, out).ok());
  UniqueFd other(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::pwrite(other.get(), "hello", 5, 300), 5);
  ASSERT_EQ(::fsync(other.get()), 0);
  ASSERT_TRUE(device->read({300}, std::span(out).first(5)).ok());
  EXPECT_EQ(as_text(out).substr(0, 5), "hello");
}

TEST_P(AnyMedium, RefusesWhatLiesPastTheEndAndSaysWhere) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  const std::uint64_t end = device->size().n;
  std::vector<std::byte> buffer(1024);
  for (std::uint64_t offset : {end, end - 512, UINT64_MAX - 10, std::uint64_t{1} << 63}) {
    Status read = device->read({offset}, buffer);
    ASSERT_FALSE(read.ok()) << offset;
    for (const std::string& word : {path_, std::to_string(offset), std::string("1024"), std::to_string(end)})
      EXPECT_THAT(read.error().message(), HasSubstr(word));
    EXPECT_FALSE(device->write({offset}, buffer).ok());
  }
  EXPECT_EQ(flags_of(*device) & O_ACCMODE, O_RDONLY) << "a refused write must not open for writing";
}

TEST_P(AnyMedium, SmallWritesFromTwoThreadsToNeighbouringSectorsAllArrive) {
  auto device = must_open(path_);
  ASSERT_TRUE(device);
  const std::uint64_t step = GetParam().block;
  auto writer = [&](std::uint64_t odd) {
    for (std::uint64_t i = odd; i < 64; i += 2) {
      std::vector<std::byte> in(step - 10, static_cast<std::byte>(i + 1));
      EXPECT_TRUE(device->write({i * step + 5}, in).ok());
    }
  };
  std::thread other(writer, 1);
  writer(0);
  other.join();
  std::vector<std::byte> out(64 * step);
  ASSERT_TRUE(device->read({0}, out).ok());
  for (std::uint64_t i = 0; i < 64; ++i) {
    EXPECT_EQ(out[i * step + 5], static_cast<std::byte>(i + 1));
    EXPECT_EQ(out[i * step + step - 6], static_cast<std::byte>(i + 1));
    EXPECT_EQ(out[i * step], std::byte{0});
  }
}

TEST(DirectDevice, WritesToTheFileThatItOpenedThoughAnotherTookItsName) {
  TempDir dir;
  test::make_file(dir / "image", 1 << 20);
  auto device = must_open(dir / "image");
  ASSERT_TRUE(device);
  std::filesystem::rename(dir / "image", dir / "moved");
  test::make_file(dir / "image", 1 << 20);
  std::vector<std::byte> in(512, std::byte{7});
  ASSERT_TRUE(device->write({512}, in).ok());
  EXPECT_EQ(test::slurp(dir / "moved")[512], std::byte{7});
  EXPECT_EQ(test::slurp(dir / "image")[512], std::byte{0});
}

TEST(DirectDevice, UnchangedNoticesAnImageReplacedRemovedOrShrunk) {
  TempDir dir;
  test::make_file(dir / "image", 1 << 20);
  auto device = must_open(dir / "image");
  ASSERT_TRUE(device);
  EXPECT_TRUE(device->unchanged().ok());
  std::filesystem::rename(dir / "image", dir / "moved");
  EXPECT_THAT(device->unchanged().error().message(), HasSubstr("was removed"));
  test::make_file(dir / "image", 1 << 20);
  EXPECT_THAT(device->unchanged().error().message(), HasSubstr("was replaced"));
  std::filesystem::rename(dir / "moved", dir / "image");
  EXPECT_TRUE(device->unchanged().ok());
  ASSERT_EQ(::truncate((dir / "image").c_str(), 1 << 19), 0);
  EXPECT_THAT(device->unchanged().error().message(), HasSubstr("has shrunk"));
  EXPECT_EQ(device->unchanged().error().code(), Errc::Refused);
}

TEST(DirectDevice, UnchangedNoticesAnotherDeviceBehindTheName) {
  TempDir dir;
  for (const char* name : {"a", "b"}) test::make_file(dir / name, 4 << 20);
  LoopDevice a(dir / "a"), b(dir / "b");
  ASSERT_EQ(::mknod((dir / "disk").c_str(), S_IFBLK | 0600, makedev(7, a.number())), 0);
  auto device = must_open(dir / "disk");
  ASSERT_TRUE(device);
  EXPECT_TRUE(device->unchanged().ok());
  std::filesystem::remove(dir / "disk");
  EXPECT_TRUE(device->unchanged().ok()) << "udev takes names away for a moment";
  ASSERT_EQ(::mknod((dir / "disk").c_str(), S_IFBLK | 0600, makedev(7, b.number())), 0);
  EXPECT_THAT(device->unchanged().error().message(), HasSubstr("was replaced by another device"));
}

TEST(DirectDevice, UnchangedNoticesAnotherDiskBehindTheSameNumber) {
  TempDir dir;
  test::make_file(dir / "a", 4 << 20);
  test::make_file(dir / "b", 4 << 20);
  LoopDevice a(dir / "a", {.read_only = true});
  auto device = must_open(a.path());
  ASSERT_TRUE(device);
  EXPECT_TRUE(device->unchanged().ok());
  a.change(dir / "b");
  EXPECT_THAT(device->unchanged().error().message(), HasSubstr("was replaced by another device"));
}

TEST(DirectDevice, SaysWhyItDoesNotOpen) {
  TempDir dir;
  auto absent = open_device(dir / "nothing");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code(), Errc::NotFound);
  EXPECT_THAT(absent.error().message(), HasSubstr(dir / "nothing"));
  auto folder = open_device(dir.path());
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.error().message(), HasSubstr("neither a block device nor a regular file"));
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(open_device(dir / "fifo").ok()) << "must not hang either";
  EXPECT_FALSE(open_device("/dev/null").ok());
}

TEST(DirectDevice, AReadOnlyDeviceCanBeReadAndSaysThatItCannotBeWritten) {
  TempDir dir;
  test::make_file(dir / "a", 4 << 20);
  LoopDevice loop(dir / "a", {.read_only = true});
  auto device = must_open(loop.path());
  ASSERT_TRUE(device);
  std::vector<std::byte> buffer(512);
  EXPECT_TRUE(device->read({0}, buffer).ok());
  Status written = device->write({0}, buffer);
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message(), HasSubstr(loop.path()));
}

TEST(DirectDevice, AnEmptyFileHasSizeZero) {
  TempDir dir;
  test::make_file(dir / "empty", 0);
  auto device = must_open(dir / "empty");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->size().n, 0U);
  EXPECT_TRUE(device->read({0}, {}).ok());
}

}  // namespace
}  // namespace ashlar::device
