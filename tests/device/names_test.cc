// SPDX-License-Identifier: LGPL-2.1-or-later
// The order of names was seen with LVM2 2.03.16.
#include "device/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "support/host.h"

namespace ashlar::device {
namespace {

using testing::ElementsAre;

std::string shown(const std::vector<DeviceName>& names, const std::vector<std::string>& preferred = {}) {
  std::vector<Regex> regexes;
  for (const std::string& p : preferred) regexes.push_back(Regex::compile(p).value());
  return ordered_names({{7, 0}, names}, regexes, "/dev").front();
}
DeviceName node(const char* path) { return {path, false}; }
DeviceName link(const char* path) { return {path, true}; }

TEST(Names, TheShownOneIsLvm2s) {
  EXPECT_EQ(shown({node("/dev/y")}), "/dev/y");
  EXPECT_EQ(shown({node("/dev/y"), link("/dev/zz")}), "/dev/zz");
  EXPECT_EQ(shown({link("/dev/aa"), node("/dev/y"), link("/dev/zz")}), "/dev/aa");
  EXPECT_EQ(shown({link("/dev/mapper/my"), node("/dev/y")}), "/dev/y");
  EXPECT_EQ(shown({link("/dev/mapper/my"), link("/dev/vg/lv"), node("/dev/y")}), "/dev/y");
  EXPECT_EQ(shown({link("/dev/disk/by-id/foo"), link("/dev/mapper/my"), link("/dev/vg/lv"), node("/dev/y")}), "/dev/y");
  EXPECT_EQ(shown({link("/dev/disk/by-id/foo"), node("/dev/dm-3"), link("/dev/mapper/my"), link("/dev/vg/lv")}),
            "/dev/vg/lv");
  EXPECT_EQ(shown({link("/dev/disk/by-id/foo"), node("/dev/dm-3"), link("/dev/mapper/my")}), "/dev/mapper/my");
  EXPECT_EQ(shown({link("/dev/disk/by-id/foo"), node("/dev/dm-3")}), "/dev/disk/by-id/foo");
  EXPECT_EQ(shown({link("/dev/block/7:1"), node("/dev/dm-3")}), "/dev/dm-3");
  EXPECT_EQ(shown({node("/dev/b1"), node("/dev/a1")}), "/dev/a1");
}

TEST(Names, PreferredNamesComeBeforeAllOtherRules) {
  EXPECT_EQ(shown({node("/dev/b1"), link("/dev/c1")}, {"b1"}), "/dev/b1");
  EXPECT_EQ(shown({node("/dev/b1"), link("/dev/c1")}, {"/disk/", "b1"}), "/dev/b1");
  EXPECT_EQ(shown({node("/dev/b1"), link("/dev/c1"), link("/dev/disk/by-x/q")}, {"/disk/", "b1"}), "/dev/disk/by-x/q");
}

TEST(Names, TheOrderOfNamesDoesNotMatter) {
  std::vector<DeviceName> names{node("/dev/dm-3"), link("/dev/block/253:3"), link("/dev/disk/by-id/foo"),
                                link("/dev/mapper/my"), link("/dev/vg/lv")};
  std::ranges::sort(names, {}, &DeviceName::path);
  do {
    EXPECT_EQ(shown(names), "/dev/vg/lv");
  } while (std::ranges::next_permutation(names, {}, &DeviceName::path).found);
}

class DevTree : public testing::Test {
 protected:
  void make_node(const std::string& name, unsigned minor, mode_t type = S_IFBLK) {
    std::filesystem::create_directories(std::filesystem::path(dir_ / name).parent_path());
    ASSERT_EQ(::mknod((dir_ / name).c_str(), type | 0600, makedev(7, minor)), 0);
  }
  void make_link(const std::string& name, const std::string& target) {
    std::filesystem::create_directories(std::filesystem::path(dir_ / name).parent_path());
    std::filesystem::create_symlink(target, dir_ / name);
  }
  std::vector<std::string> names_of(unsigned minor) {
    const std::string scan[] = {dir_.path()};
    std::vector<std::string> names;
    for (const NamedDevice& d : find_block_devices(scan))
      if (d.number == DevNumber{7, minor})
        for (const DeviceName& n : d.names) names.push_back(n.path.substr(dir_.path().size()) + (n.is_link ? "@" : ""));
    return names;
  }
  test::TempDir dir_;
};

TEST_F(DevTree, EveryNameOfADeviceIsFoundInAlphabeticalOrder) {
  make_node("zero", 0);
  make_node("one", 1);
  make_link("disk/by-id/b", "../../zero");
  make_link("disk/by-id/a", "../../zero");
  make_link("mapper/m", "../zero");
  make_node("a/b/c/d/deep", 0);
  make_link("chain", "mapper/m");
  make_link("dangling", "nothing");
  make_node("tty", 0, S_IFCHR);
  test::put_file(dir_ / "file", "");
  EXPECT_THAT(names_of(0),
              ElementsAre("/a/b/c/d/deep", "/chain@", "/disk/by-id/a@", "/disk/by-id/b@", "/mapper/m@", "/zero"));
  EXPECT_THAT(names_of(1), ElementsAre("/one"));
}

TEST_F(DevTree, HiddenNamesLinkedFoldersAndFoldersWithoutDisksAreNotEntered) {
  make_node("real/x", 0);
  make_link("linked", "real");
  make_node(".hidden", 0);
  make_link("a/.hidden", "../real/x");
  make_node(".folder/x", 0);
  for (const char* skipped : {"bsg", "bus", "char", "cpu", "dma_heap", "dri", "input", "snd", "usb", "shm", "mqueue"})
    make_node(std::string(skipped) + "/x", 0);
  make_node("a/snd/x", 0);  // only right below /dev
  EXPECT_THAT(names_of(0), ElementsAre("/a/snd/x", "/real/x"));
}

TEST_F(DevTree, AMissingScanFolderIsNoError) {
  const std::string scan[] = {dir_ / "nothing", dir_.path() + "//"};
  make_node("x", 3);
  auto found = find_block_devices(scan);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].names[0].path, dir_ / "x");
}

}  // namespace
}  // namespace ashlar::device
