// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/device_users.h"

#include <gtest/gtest.h>

namespace ashlar::device {
namespace {

constexpr std::string_view kMounts =
    "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
    "30 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
    "41 30 253:0 / /srv/my\\040data rw,noatime shared:9 master:2 - ext4 /dev/mapper/vg0-data rw,errors=remount-ro\n"
    "42 30 253:0 /sub /mnt ro - ext4 /dev/mapper/vg0-data rw\n"
    "43 30 0:55 / /home rw - btrfs /dev/mapper/vg0-home rw,subvol=/\n"
    "44 30 0:56 / /nfs rw - nfs4 server:/export rw\n"
    "45 short line\n"
    "46 30 253:10 / /ten rw - xfs /dev/dm-10";

std::optional<DevNumber> look_up(const std::string& path) {
  if (path == "/dev/mapper/vg0-home") return DevNumber{253, 1};
  return std::nullopt;
}

TEST(Mounts, AreFoundByTheFileSystemsDevice) {
  EXPECT_EQ(mounts(kMounts, {253, 0}, look_up),
            (std::vector<Mount>{{"/srv/my data", "rw,noatime,errors=remount-ro", true}, {"/mnt", "ro", false}}));
  EXPECT_EQ(mounts(kMounts, {253, 10}, look_up), (std::vector<Mount>{{"/ten", "rw"}}));
  EXPECT_TRUE(mounts(kMounts, {253, 2}, look_up).empty());
  EXPECT_TRUE(mounts("", {253, 2}, look_up).empty());
}

TEST(Mounts, OfAFileSystemWithANumberOfItsOwnAreFoundByItsSource) {
  EXPECT_EQ(mounts(kMounts, {253, 1}, look_up), (std::vector<Mount>{{"/home", "rw,subvol=/"}}));
}

TEST(UnescapeOctal, UndoesTheKernelsEscapes) {
  EXPECT_EQ(unescape_octal("/mnt/my\\040disk\\134x"), "/mnt/my disk\\x");
  EXPECT_EQ(unescape_octal("\\04"), "\\04");
  EXPECT_EQ(unescape_octal("plain\\"), "plain\\");
}

TEST(DeviceUsers, OfADeviceThatIsNotThereAreNone) { EXPECT_TRUE(device_users({}, {4000, 4000}).empty()); }

}  // namespace
}  // namespace ashlar::device
