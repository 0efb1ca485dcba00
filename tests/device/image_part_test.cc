// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of image files as devices: FILE@pN and FILE@OFFSET+SIZE.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "device/image_name.h"
#include "device/image_source.h"
#include "support/host.h"
#include "support/seed.h"

namespace ashlar::device {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

class ImagePart : public testing::Test {
 protected:
  ImagePart() {
    test::make_file(file(), 16 * kMiB);
    test::put_file(dir_ / "full", std::string(16 * kMiB, 'x'));
  }
  std::string file() const { return dir_ / "disk"; }
  /// A table as sfdisk makes it.
  void table(const std::string& script) {
    ASSERT_EQ(test::shell("printf '" + script + "' | sfdisk -q --wipe never " + file() + " >/dev/null 2>&1"), 0);
  }
  std::string error(const std::string& part) {
    auto source = image_source({file() + part});
    auto found = source->candidates();
    if (!found) return found.error().message();
    return found->problems.empty() ? "" : found->problems[0];
  }
  std::unique_ptr<DeviceSource> source_;
  BlockDevice& open(const std::string& word) {
    source_ = image_source({word});
    auto found = source_->find(word);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message());
    return **found;
  }
  void put(std::uint64_t at, const std::vector<unsigned char>& bytes) {
    UniqueFd fd(::open(file().c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)),
              static_cast<ssize_t>(bytes.size()));
  }
  test::TempDir dir_;
};

TEST_F(ImagePart, OfAGptAndOfAnMbrLiesWhereTheTableSays) {
  table("label: gpt\\nstart=2048,size=4096\\nstart=8192,size=8192\\n");
  BlockDevice& gpt = open(file() + "@p2");
  EXPECT_EQ(gpt.path(), file() + "@p2");
  EXPECT_EQ(gpt.size().n, 4 * kMiB);
  EXPECT_FALSE(gpt.number());
  put(4 * kMiB, {'h', 'e', 'r', 'e'});
  std::vector<std::byte> seen(4);
  ASSERT_TRUE(gpt.read({0}, seen).ok());
  EXPECT_EQ(std::to_integer<char>(seen[3]), 'e');
  table("label: dos\\nstart=63,size=1001\\n");
  EXPECT_EQ(open(file() + "@p1").size().n, 1001U * 512);
}

TEST_F(ImagePart, OfATableOf4096ByteSectorsIsFound) {
  test::write_gpt(file(), 4096, 256, 512);
  EXPECT_EQ(open(file() + "@p1").size().n, 512U * 4096);
}

TEST_F(ImagePart, OfAnExtendedPartitionIsALogicalOne) {
  table("label: dos\\nstart=2048,size=20000,type=5\\nstart=4096,size=2048\\n");
  EXPECT_THAT(error("@p1"), HasSubstr("extended"));
  EXPECT_EQ(open(file() + "@p5").size().n, 2048U * 512);
}

TEST_F(ImagePart, ThatATableLiesAboutIsRefused) {
  EXPECT_THAT(error("@p1"), HasSubstr("no partition table"));
  test::write_mbr(file(), 2048, 4096);
  EXPECT_EQ(error("@p1"), "");
  EXPECT_THAT(error("@p2"), HasSubstr("has no partition 2"));
  test::write_mbr(file(), 2048, 16 * kMiB / 512);
  EXPECT_THAT(error("@p1"), HasSubstr("past the file's end"));
  test::write_mbr(file(), 2048, 0xffffffff);
  EXPECT_THAT(error("@p1"), HasSubstr("past the file's end"));
  table("label: dos\\nstart=2048,size=4096\\nstart=8192,size=4096\\n");
  put(446 + 16 + 8, {0x01, 0x0c, 0, 0});  // the second now begins within the first
  EXPECT_THAT(error("@p1"), HasSubstr("overlaps partition 2"));
  EXPECT_THAT(error("@p2"), HasSubstr("overlaps partition 1"));
}

TEST_F(ImagePart, OfARandomTableIsWithinTheFileOrRefused) {
  const std::uint32_t seed = test::drawn_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  table("label: gpt\\nstart=2048,size=4096\\nstart=8192,size=8192\\n");
  const std::vector<std::byte> gpt = test::slurp(file(), 64 << 10);
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<unsigned char> bytes(64 << 10);
    std::transform(gpt.begin(), gpt.end(), bytes.begin(),
                   [](std::byte b) { return std::to_integer<unsigned char>(b); });
    if (round % 2 == 0) {
      std::fill(bytes.begin() + 512, bytes.end(), static_cast<unsigned char>(0));
      for (std::size_t i = 446; i < 510; ++i)
        bytes[i] = static_cast<unsigned char>(random() % 4 == 0 ? random() : random() % 3);
      for (std::size_t i = 446; i < 510; i += 16) bytes[i] &= 0x80;
    } else {
      for (int i = 0; i < 3; ++i) bytes[446 + random() % 1200] ^= static_cast<unsigned char>(1U << random() % 8);
    }
    put(0, bytes);
    for (int number = 1; number <= 6; ++number) {
      auto source = image_source({file() + "@p" + std::to_string(number)});
      auto all = source->candidates();
      ASSERT_TRUE(all.ok());
      for (BlockDevice* device : all->devices) {
        ++found;
        ASSERT_GT(device->size().n, 0U);
        ASSERT_LE(device->size().n, 16 * kMiB - 512);
        std::vector<std::byte> last(512);
        ASSERT_TRUE(device->read({device->size().n - 512}, last).ok());
      }
    }
  }
  EXPECT_GT(found, 0);
}

TEST_F(ImagePart, IsARangeOfBytes) {
  EXPECT_EQ(open(file() + "@1m").size().n, 15 * kMiB);
  EXPECT_EQ(open(file() + "@1048576+2m").size().n, 2 * kMiB);
  EXPECT_EQ(open(file() + "@512+512").size().n, 512U);
  EXPECT_EQ(open(file() + "@0+16m").size().n, 16 * kMiB);
}

TEST_F(ImagePart, ThatCannotBeIsNamed) {
  for (const char* part : {"@p0", "@p1025", "@p99999999999999999999", "@p1x", "@1x", "@1m+", "@1m+0", "@513",
                           "@99999999999999999999", "@16m", "@17m", "@1m+16m", "@8m+9e"})
    EXPECT_THAT(error(part), HasSubstr(file())) << part;
  for (const char* part : {"@", "@x", "@q2", "@+1m"}) EXPECT_THAT(error(part), HasSubstr("No device found")) << part;
}

TEST_F(ImagePart, IsNotWhatAFileOfThatVeryNameIs) {
  test::make_file(dir_ / "disk@1m", 4096);
  EXPECT_EQ(open(dir_ / "disk@1m").size().n, 4096U);
  EXPECT_EQ(*image_file_of(dir_ / "disk@1m"), dir_ / "disk@1m");
  EXPECT_EQ(*image_file_of(file() + "@2m"), file());
  EXPECT_EQ(image_file_of("/dev/null@2m"), std::nullopt);
}

TEST_F(ImagePart, OfABlockDeviceIsRefused) {
  test::LoopDevice loop(file());
  EXPECT_THAT(image_source({loop.path() + "@1m"})->candidates()->problems,
              testing::ElementsAre(HasSubstr("only regular files")));
}

TEST_F(ImagePart, LeavesEveryByteOutsideAlone) {
  const std::string word = dir_ / "full@1049088+66048";  // begins and ends between blocks of 4096 bytes
  BlockDevice& part = open(word);
  std::vector<std::byte> wanted = test::slurp(dir_ / "full");
  auto range = std::span(wanted).subspan(1049088, 66048);
  for (auto [offset, length] :
       {std::pair<std::uint64_t, std::uint64_t>{0, 1}, {5, 511}, {66047, 1}, {60000, 6048}, {0, 66048}, {4096, 4096}}) {
    std::vector<std::byte> data(length, static_cast<std::byte>(offset % 251));
    ASSERT_TRUE(part.write({offset}, data).ok());
    std::copy(data.begin(), data.end(), range.begin() + static_cast<std::ptrdiff_t>(offset));
    ASSERT_TRUE(test::slurp(dir_ / "full") == wanted) << offset << "+" << length;
  }
  ASSERT_TRUE(part.clear({100}, {50000}).ok());
  std::fill_n(range.begin() + 100, 50000, std::byte{0});
  EXPECT_TRUE(test::slurp(dir_ / "full") == wanted);
  std::vector<std::byte> two(2), none;
  for (std::uint64_t at : {std::uint64_t{66047}, std::uint64_t{66048}, UINT64_MAX, UINT64_MAX - 1049087}) {
    EXPECT_FALSE(part.write({at}, two).ok()) << at;
    EXPECT_FALSE(part.read({at}, two).ok()) << at;
    EXPECT_FALSE(part.clear({at}, {2}).ok()) << at;
  }
  EXPECT_TRUE(test::slurp(dir_ / "full") == wanted);
}

TEST_F(ImagePart, TellsItsHolesAndNoOthers) {
  put(2 * kMiB, std::vector<unsigned char>(65536, 1));
  BlockDevice& part = open(file() + "@1m+4m");
  Stretch first = *part.stretch({0});
  EXPECT_TRUE(first.hole);
  EXPECT_EQ(first.length.n, kMiB);
  Stretch second = *part.stretch({kMiB});
  EXPECT_FALSE(second.hole);
  EXPECT_EQ(second.length.n, 65536U);
  Stretch last = *part.stretch({kMiB + 65536});
  EXPECT_TRUE(last.hole);
  EXPECT_EQ(last.length.n, 3 * kMiB - 65536) << "the hole goes on past the part";
  EXPECT_EQ(part.stretch({4 * kMiB})->length.n, 0U);
}

TEST_F(ImagePart, ThatSharesBytesWithAnotherIsRefusedWithIt) {
  ASSERT_EQ(::symlink(file().c_str(), (dir_ / "link").c_str()), 0);
  auto said = [&](std::vector<std::string> words) {
    auto found = image_source(std::move(words))->candidates();
    return found ? std::string() : found.error().message();
  };
  EXPECT_THAT(said({file() + "@1m+1m", file() + "@1536k"}), HasSubstr("overlap"));
  EXPECT_THAT(said({file() + "@1m+1m", dir_ / "link@1536k"}), HasSubstr("link@1536k overlap"));
  table("label: gpt\\nstart=2048,size=4096\\nstart=8192,size=8192\\n");
  EXPECT_EQ(said({file() + "@p1", file() + "@p2"}), "");
  EXPECT_EQ(said({file() + "@p1", dir_ / "link@p1", file() + "@1m+2m"}), "") << "three names of one part";
  EXPECT_THAT(said({file(), file() + "@p1"}), HasSubstr("overlap"));
}

TEST_F(ImagePart, ThatIsARangeTouchesNoPartitionAndNoTable) {
  table("label: gpt\\nstart=2048,size=4096\\nstart=8192,size=8192\\n");
  EXPECT_EQ(error("@3m+1m"), "") << "between the two";
  EXPECT_EQ(error("@4m+4m"), "") << "all of the second";
  for (const char* range : {"@1m+1m", "@2m+1m", "@512k+1m", "@2m+2m"})
    EXPECT_THAT(error(range), HasSubstr("overlap partition 1; name it " + file() + "@p1")) << range;
  EXPECT_THAT(error("@7m+512"), HasSubstr("overlap partition 2"));
  EXPECT_THAT(error("@0+512"), HasSubstr("overlap its partition table"));
  EXPECT_THAT(error("@16k+1k"), HasSubstr("overlap its partition table"));
  const std::string backup = std::to_string(16 * kMiB - 33 * 512);
  EXPECT_EQ(error("@8m+" + std::to_string(8 * kMiB - 33 * 512)), "");
  for (const std::string& range :
       {"@" + backup, "@" + backup + "+512", std::string("@8m"), "@" + std::to_string(16 * kMiB - 512)})
    EXPECT_THAT(error(range), HasSubstr("overlap the backup of its partition table")) << range;
}

TEST_F(ImagePart, ThatIsARangeBehindAGptOfASmallerFileIsFree) {
  table("label: gpt\\nstart=2048,size=4096\\n");
  ASSERT_EQ(::truncate(file().c_str(), 32 * kMiB), 0);
  EXPECT_EQ(error("@16m"), "");
  EXPECT_THAT(error("@15m"), HasSubstr("the backup of its partition table"));
}

TEST_F(ImagePart, ThatIsARangeStaysOutOfAnMbrToo) {
  table("label: dos\\nstart=2048,size=20000,type=5\\nstart=4096,size=2048\\n");
  EXPECT_THAT(error("@2m+512"), HasSubstr("overlap partition 5"));
  EXPECT_THAT(error("@4m+512"), HasSubstr("overlap partition 1, an extended one"));
  EXPECT_THAT(error("@0+512"), HasSubstr("overlap its partition table"));
  EXPECT_EQ(error("@12m"), "") << "an MBR has no backup";
}

TEST_F(ImagePart, ThatIsARangeIsNotWrittenToOnceAPartitionHasIt) {
  BlockDevice& range = open(file() + "@1m+1m");
  EXPECT_TRUE(range.unchanged().ok());
  table("label: dos\\nstart=2048,size=4096\\n");
  EXPECT_THAT(range.unchanged().error().message(), HasSubstr("nothing more is written to it"));
}

TEST_F(ImagePart, IsFoundUnderItsOtherNames) {
  table("label: gpt\\nstart=2048,size=4096\\n");
  BlockDevice& part = open(file() + "@p1");
  EXPECT_EQ(*source_->find(file() + "@1m+2m"), &part);
  EXPECT_EQ(source_->find(file()).error().code(), Errc::Refused);
  EXPECT_EQ(source_->find(file() + "@1m").error().code(), Errc::Refused);
}

TEST_F(ImagePart, OfATableThatChangedIsNotWrittenTo) {
  table("label: dos\\nstart=2048,size=4096\\n");
  BlockDevice& part = open(file() + "@p1");
  EXPECT_TRUE(part.unchanged().ok());
  table("label: dos\\nstart=2048,size=8192\\n");
  EXPECT_THAT(part.unchanged().error().message(), HasSubstr("is not what it was in the partition table"));
}

TEST_F(ImagePart, OfAFileThatIsALoopDeviceIsInUse) {
  BlockDevice& part = open(file() + "@1m+4m");
  EXPECT_TRUE(source_->claim(part).ok());
  test::LoopDevice loop(file());
  EXPECT_THAT(source_->claim(part).error().message(), HasSubstr("is attached to"));
}

TEST_F(ImagePart, HasItsOwnSignatures) {
  ASSERT_EQ(test::shell("mkfs.ext4 -q -F -E offset=1048576 " + file() + " 4096 2>/dev/null"), 0);
  BlockDevice& part = open(file() + "@1m+4m");
  auto found = source_->signatures(part);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, testing::ElementsAre(DeviceSource::Signature{"ext4", {1080}, {2}}));
  BlockDevice& beside = open(file() + "@8m+4m");
  EXPECT_TRUE(source_->signatures(beside)->empty());
}

}  // namespace
}  // namespace ashlar::device
