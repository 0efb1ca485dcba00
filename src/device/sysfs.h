// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel says about its block devices in /sys and /proc. Read once per source; the answers are a value.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/block_device.h"

namespace ashlar::device {

/// Where the machine is looked at; tests put folders of their own here.
struct HostPaths {
  std::string dev = "/dev";
  std::string sys = "/sys";
  std::string proc = "/proc";
  std::string multipath_wwids = "/etc/multipath/wwids";
};

/// One line of a small file, without its newline; nothing if it cannot be read.
std::optional<std::string> read_line(const std::string& path);
/// "8:17" as in sysfs and mountinfo.
std::optional<DevNumber> parse_number(std::string_view text);
std::string to_text(DevNumber number);

struct SysDevice {
  std::string name;               ///< "sda1"
  std::optional<DevNumber> disk;  ///< of which it is a partition
  std::vector<std::string> partitions;
  std::string dm_uuid;  ///< of a device-mapper device
  bool is_dm() const { return name.starts_with("dm-"); }
  bool is_md() const { return name.starts_with("md"); }
};

struct SysBlock {
  /// Is sysfs there at all? If not, nothing is known of any device, and nothing follows from that.
  bool present = false;
  std::vector<std::string> names;          ///< of all block devices, sorted
  std::map<DevNumber, SysDevice> devices;  ///< those that were asked for, and their disks

  std::set<DevNumber> multipath_parts, md_parts;  ///< what multipath maps and md arrays lie on, as the kernel has them

  const SysDevice* find(DevNumber number) const;
};
/// What the kernel says of these. Costs one listing, a link for each of them, one small read per dm device that there
/// is and a few per multipath map and md array.
SysBlock read_sys_block(const HostPaths& host, std::span<const DevNumber> wanted);

/// The partitions of one disk, and the names of all block devices.
std::vector<std::string> partitions_of(const HostPaths& host, DevNumber disk);
std::vector<std::string> block_device_names(const HostPaths& host);

bool is_suspended(const HostPaths& host, const SysDevice& dm);
/// A device that lies on another one.
struct Holder {
  std::string name;              ///< "dm-3", "md0"
  std::string dm_name, dm_uuid;  ///< of a device-mapper device
};
std::vector<Holder> holders(const HostPaths& host, DevNumber number);
/// For a message: "dm-3 (mpatha)", "md0".
std::string to_text(const Holder& holder);

/// The WWID of a disk as /etc/multipath/wwids writes it, empty if it has none.
std::string multipath_wwid(const HostPaths& host, const std::string& disk_name);
/// The /WWID/ lines of that file; empty if there is none.
std::set<std::string> read_wwids(const HostPaths& host);

/// The block drivers by major number, from /proc/devices; empty if it cannot be read.
std::map<std::uint32_t, std::string> read_block_drivers(const HostPaths& host);
/// Is a driver of /proc/devices this one? Some have a number behind their names: "ide0".
bool is_driver(std::string_view driver, std::string_view known);
/// Does a partition table in the bytes of a device divide it? Not that of a partition, and of some drivers' whole
/// devices only where the kernel looks for one: there it is its user's affair, like any other signature.
/// `here`: null where sysfs does not have the device. Source: docs/format.md 7.4, seen with lvm2 2.03.16.
bool may_be_partitioned(const HostPaths& host, const SysDevice* here, std::string_view driver);

}  // namespace ashlar::device
