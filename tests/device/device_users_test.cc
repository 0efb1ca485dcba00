// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/device_users.h"

#include <gtest/gtest.h>

namespace ashlar::device {
namespace {

constexpr std::string_view kMounts =
    "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
    "30 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
    "41 30 253:0 / /srv/my\\040data rw shared:9 master:2 - ext4 /dev/mapper/vg0-data rw\n"
    "42 30 253:0 /sub /mnt rw - ext4 /dev/mapper/vg0-data rw\n"
    "43 30 0:55 / /home rw - btrfs /dev/mapper/vg0-home rw,subvol=/\n"
    "44 30 0:56 / /nfs rw - nfs4 server:/export rw\n"
    "45 short line\n"
    "46 30 253:10 / /ten rw - xfs /dev/dm-10";

std::optional<DevNumber> look_up(const std::string& path) {
  if (path == "/dev/mapper/vg0-home") return DevNumber{253, 1};
  return std::nullopt;
}

TEST(MountPoints, AreFoundByTheFileSystemsDevice) {
  EXPECT_EQ(mount_points(kMounts, {253, 0}, look_up), (std::vector<std::string>{"/srv/my data", "/mnt"}));
  EXPECT_EQ(mount_points(kMounts, {253, 10}, look_up), (std::vector<std::string>{"/ten"}));
  EXPECT_TRUE(mount_points(kMounts, {253, 2}, look_up).empty());
  EXPECT_TRUE(mount_points("", {253, 2}, look_up).empty());
}

TEST(MountPoints, OfAFileSystemWithANumberOfItsOwnAreFoundByItsSource) {
  EXPECT_EQ(mount_points(kMounts, {253, 1}, look_up), (std::vector<std::string>{"/home"}));
}

TEST(UnescapeOctal, UndoesTheKernelsEscapes) {
  EXPECT_EQ(unescape_octal("/mnt/my\\040disk\\134x"), "/mnt/my disk\\x");
  EXPECT_EQ(unescape_octal("\\04"), "\\04");
  EXPECT_EQ(unescape_octal("plain\\"), "plain\\");
}

TEST(DeviceUsers, OfADeviceThatIsNotThereAreNone) { EXPECT_TRUE(device_users({}, {4000, 4000}).empty()); }

}  // namespace
}  // namespace ashlar::device
