// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "support/host.h"

namespace ashlar::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageSource : public testing::Test {
 protected:
  std::string image(const std::string& name, std::uint64_t size = 4 << 20) {
    test::make_file(dir_ / name, size);
    return dir_ / name;
  }
  test::TempDir dir_;
};

TEST_F(ImageSource, GivesTheNamedFilesInTheirOrder) {
  auto source = image_source({image("b"), image("a")});
  auto found = source->candidates();
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->devices.size(), 2U);
  EXPECT_EQ(found->devices[0]->path(), dir_ / "b");
  EXPECT_EQ(found->first[0].size(), 8192U);
  EXPECT_EQ(found->devices[0]->number(), std::nullopt);
  EXPECT_THAT(found->problems, IsEmpty());
  EXPECT_EQ(source->find(dir_ / "a").value(), found->devices[1]);
}

TEST_F(ImageSource, TakesBlockDevicesToo) {
  test::LoopDevice loop(image("a"));
  auto source = image_source({loop.path()});
  EXPECT_EQ(source->candidates()->devices.at(0)->number(), (DevNumber{7, loop.number()}));
}

TEST_F(ImageSource, AMissingFileIsNamedAsScriptsExpect) {
  auto source = image_source({image("a"), dir_ / "nope"});
  auto found = source->candidates();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->devices.size(), 1U);
  EXPECT_THAT(found->problems, ElementsAre("No device found for " + (dir_ / "nope") + "."));
  auto nope = source->find(dir_ / "nope");
  ASSERT_FALSE(nope.ok());
  EXPECT_EQ(nope.error().code(), Errc::NotFound);
  EXPECT_EQ(nope.error().message(), "No device found for " + (dir_ / "nope") + ".");
}

TEST_F(ImageSource, ASecondNameOfAFileIsTheSameDevice) {
  std::string a = image("a");
  std::filesystem::create_symlink(a, dir_ / "link");
  std::filesystem::create_hard_link(a, dir_ / "hard");
  auto source = image_source({a, dir_ / "link", dir_ / "hard", a});
  auto found = source->candidates();
  ASSERT_EQ(found->devices.size(), 1U);
  EXPECT_EQ(source->find(dir_ / "hard").value(), found->devices[0]);
}

TEST_F(ImageSource, ADeviceThatWasNotNamedIsNotUsed) {
  auto source = image_source({image("a")});
  auto other = source->find(image("b"));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().message(), "Cannot use " + (dir_ / "b") + ": device is not in devices list");
}

TEST_F(ImageSource, AFolderIsAProblemNotACrash) {
  auto source = image_source({dir_.path()});
  EXPECT_THAT(source->candidates()->problems, ElementsAre(HasSubstr("neither a block device nor a regular file")));
}

TEST_F(ImageSource, ATinyImageGivesWhatItHas) {
  auto source = image_source({image("a", 1024), image("empty", 0)});
  auto found = source->candidates();
  ASSERT_EQ(found->first.size(), 2U);
  EXPECT_EQ(found->first[0].size(), 1024U);
  EXPECT_EQ(found->first[1].size(), 0U);
}

TEST_F(ImageSource, EachCallReadsAnew) {
  auto source = image_source({image("a")});
  auto before = source->candidates();
  test::put_file(dir_ / "other", std::string(4 << 20, 'x'));
  ASSERT_EQ(test::shell("dd status=none conv=notrunc if=" + (dir_ / "other") + " of=" + (dir_ / "a")), 0);
  EXPECT_EQ(as_text(source->candidates()->first[0]).substr(0, 3), "xxx");
  EXPECT_EQ(before->first[0][0], std::byte{0});
}

}  // namespace
}  // namespace ashlar::device
