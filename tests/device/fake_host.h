// SPDX-License-Identifier: LGPL-2.1-or-later
// A /dev, /sys and /proc of one's own: real loop devices under other names, with the surroundings a test gives them.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include "device/sysfs.h"
#include "support/host.h"

namespace ashlar::device {

class FakeHost {
 public:
  FakeHost() {
    paths_ = {.dev = dir_ / "dev", .sys = dir_ / "sys", .proc = dir_ / "proc", .multipath_wwids = dir_ / "wwids"};
    std::filesystem::create_directories(paths_.dev);
    test::put_file(paths_.proc + "/devices", "Character devices:\n  1 mem\n\nBlock devices:\n  7 loop\n  8 sd\n");
  }
  const HostPaths& paths() const { return paths_; }
  std::string dev(const std::string& name) const { return paths_.dev + "/" + name; }

  /// A sparse loop device of that many MiB behind a node of that name, and in /sys as `device` (under devices/).
  test::LoopDevice& add(const std::string& name, unsigned mib = 8, test::LoopDevice::Options options = {}) {
    std::string file = dir_ / ("file-" + std::to_string(loops_.size()));
    test::make_file(file, std::uint64_t{mib} << 20);
    loops_.push_back(std::make_unique<test::LoopDevice>(file, options));
    add_node(name, *loops_.back());
    add_sys(number(*loops_.back()), "virtual/block/" + name);
    return *loops_.back();
  }
  void add_node(const std::string& name, const test::LoopDevice& loop) {
    std::filesystem::create_directories(std::filesystem::path(dev(name)).parent_path());
    ASSERT_EQ(::mknod(dev(name).c_str(), S_IFBLK | 0600, makedev(7, loop.number())), 0);
  }
  static std::string number(const test::LoopDevice& loop) { return "7:" + std::to_string(loop.number()); }

  /// `place` is the folder below /sys/devices, as of the kernel: "virtual/block/dm-0", "pci/block/sda/sda1".
  void add_sys(const std::string& number, const std::string& place) {
    const std::string name = std::filesystem::path(place).filename();
    std::filesystem::create_directories(paths_.sys + "/devices/" + place);
    for (std::string folder : {"dev/block", "class/block"}) {
      std::filesystem::create_directories(paths_.sys + "/" + folder);
      std::string entry = paths_.sys + "/" + folder + "/" + (folder == "dev/block" ? number : name);
      std::filesystem::remove(entry);
      std::filesystem::create_symlink("../../devices/" + place, entry);
    }
    set(name, "dev", number + "\n");
  }
  /// Writes an attribute of a device in /sys.
  void set(const std::string& name, const std::string& attribute, const std::string& text) {
    test::put_file(paths_.sys + "/class/block/" + name + "/" + attribute, text);
  }
  /// `above` lies on `below`.
  void stack(const std::string& above, const std::string& below) {
    for (auto [at, folder, other] : {std::tuple{above, "slaves", below}, std::tuple{below, "holders", above}}) {
      std::string place = paths_.sys + "/class/block/" + at + "/" + folder;
      std::filesystem::create_directories(place);
      std::filesystem::create_symlink(std::filesystem::canonical(paths_.sys + "/class/block/" + other),
                                      place + "/" + other);
    }
  }

 private:
  test::TempDir dir_;
  HostPaths paths_;
  std::vector<std::unique_ptr<test::LoopDevice>> loops_;
};

}  // namespace ashlar::device
