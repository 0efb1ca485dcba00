// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

namespace {
constexpr std::string_view kDev[] = {"/dev"};
constexpr std::string_view kAll[] = {"a|.*|"};
}  // namespace

std::span<const Setting> devices_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"devices", Section{}, {1, 0, 0}, kPlain, "Which devices are used, and how new PVs lie on them."},
      {"devices/dir", "/dev", {1, 0, 0}, kAdvanced,
       "Folder for the device nodes and links of volume groups. Commands take it as a prefix of VG names."},
      {"devices/scan", kDev, {1, 0, 0}, kAdvanced | kLimits, "Folders in which devices are looked for."},
      {"devices/loopfiles", kNothing, {1, 2, 0}, kKept | kUnset | kUnsupported,
       "Files that stand for loop devices, for LVM2's own tests.", "", {2, 3, 0}},
      {"devices/obtain_device_list_from_udev", false, {2, 2, 85}, kKept,
       "Take the list of devices from udev's database instead of walking devices/scan."},
      {"devices/external_device_info_source", "none", {2, 2, 116}, kKept,
       "Whether udev is asked too what is on a device: \"none\" or \"udev\"."},
      {"devices/hints", "all", {2, 3, 2}, kPlain,
       "Use of LVM2's cache of which devices hold PVs: \"all\" or \"none\". Ashlar never reads it, whatever stands "
       "here: every device that may be used is looked at. Where there is such a file, a command that makes or moves "
       "PVs has LVM2 make it anew."},
      {"devices/preferred_names", kNothing, {1, 2, 19}, kKept | kUnset | kMayBeEmpty,
       "Patterns for the path by which a device of several names is shown; the earliest that matches wins.",
       R"([ "^/dev/mapper/" ])"},
      {"devices/use_devicesfile", false, {2, 3, 12}, kPlain,
       "Use only devices that the devices file lists; the filters do not count then. Where there is no such file "
       "every device may be used; the first PV makes it, unless there are VGs already."},
      {"devices/devicesfile", "system.devices", {2, 3, 12}, kPlain,
       "Name of that file, in the folder devices below this one's. --devicesfile on the command line is stronger."},
      {"devices/search_for_devnames", "auto", {2, 3, 12}, kPlain,
       "What to do about entries of the devices file that go by a name, when another PV is on the device of that "
       "name: \"auto\" and \"all\" look for the PV on all devices, \"none\" does not."},
      {"devices/filter", kAll, {1, 0, 0}, kLimits,
       "Which devices may be used: patterns tried in order against every path of a device. a|REGEX| takes a matching "
       "path, r|REGEX| rejects it; any character may stand for the bars. The first pattern that matches a path "
       "decides for that path; one taken path takes the device; a device of which no path matches is taken. For "
       "example, [ \"a|^/dev/sd|\", \"r|.*|\" ] takes SCSI and SATA disks and nothing else."},
      {"devices/global_filter", kAll, {2, 2, 98}, kLimits,
       "The same as devices/filter, but for the whole system and not for --config on the command line: what it "
       "rejects is never opened, whatever the filter says."},
      {"devices/cache", "/etc/lvm/cache/.cache", {1, 0, 0}, kKept | kAsSet,
       "File in which the list of devices was kept.", "", {1, 2, 19}},
      {"devices/cache_dir", "/etc/lvm/cache", {1, 2, 19}, kKept | kAsSet, "Folder of that file.", "", {2, 3, 0}},
      {"devices/cache_file_prefix", "", {1, 2, 19}, kKept | kMayBeEmpty | kAsSet,
       "Beginning of that file's name.", "", {2, 3, 0}},
      {"devices/write_cache_state", true, {1, 0, 0}, kKept | kAsSet, "Whether that file was written.", "", {2, 3, 0}},
      {"devices/types", kNothing, {1, 0, 0}, kUnset | kAdvanced | kNumbersToo,
       "Further kinds of block device that may be PVs, each with the most partitions it can have, as /proc/devices "
       "names them.", R"([ "fd", 16 ])"},
      {"devices/sysfs_scan", true, {1, 0, 8}, kKept, "Look only at block devices that sysfs lists."},
      {"devices/scan_lvs", false, {2, 2, 182}, kPlain,
       "Look for PVs on active LVs. Dangerous on a host of virtual machines, because it finds the PVs of the guests."},
      {"devices/multipath_component_detection", true, {2, 2, 89}, kPlain,
       "Ignore the single paths of a multipath device."},
      {"devices/multipath_wwids_file", "/etc/multipath/wwids", {2, 3, 13}, kKept | kMayBeEmpty,
       "Where multipath-tools keeps its list of WWIDs; a device in it counts as a path of a multipath device."},
      {"devices/md_component_detection", true, {1, 0, 18}, kPlain,
       "Ignore the members of a software RAID (md) device."},
      {"devices/md_component_checks", "auto", {2, 3, 2}, kKept,
       "Where to look for the superblock of an md device: \"start\", \"full\" for the end too, or \"auto\"."},
      {"devices/fw_raid_component_detection", false, {2, 2, 112}, kKept, "Ignore the members of a firmware RAID."},
      {"devices/md_chunk_alignment", true, {2, 2, 48}, kPlain,
       "Align the data of a new PV on an md device to the stripe width of that device. Accepted: the kernel reports "
       "that width as the optimal I/O size, so data_alignment_detection takes it."},
      {"devices/default_data_alignment", 1, {2, 2, 75}, kPlain,
       "The data of a new PV starts at a multiple of this many MiB; 0: no default alignment. --dataalignment and "
       "devices/data_alignment are stronger."},
      {"devices/data_alignment_detection", true, {2, 2, 51}, kPlain,
       "Align the data of a new PV to the minimum or optimal I/O size that the kernel reports for the device."},
      {"devices/data_alignment", 0, {2, 2, 45}, kPlain,
       "The data of a new PV starts at a multiple of this many KiB; 0: as devices/default_data_alignment says. "
       "--dataalignment is stronger."},
      {"devices/data_alignment_offset_detection", true, {2, 2, 50}, kPlain,
       "Shift the data of a new PV by the alignment offset that the kernel reports for the device."},
      {"devices/ignore_suspended_devices", false, {1, 2, 19}, kPlain,
       "Pass over device-mapper devices that are suspended, instead of waiting for them: their PVs count as missing."},
      {"devices/ignore_lvm_mirrors", true, {2, 2, 104}, kKept,
       "Do not look for PVs on LVs of the old segment type mirror, which may block when a leg fails."},
      {"devices/disable_after_error_count", 0, {2, 2, 75}, kKept,
       "How many read errors put a device aside for the rest of a command; 0: no limit.", "", {2, 3, 0}},
      {"devices/require_restorefile_with_uuid", true, {2, 2, 73}, kPlain,
       "pvcreate --uuid needs --restorefile or --norestorefile."},
      {"devices/pv_min_size", 2048, {2, 2, 85}, kPlain, "Smallest device in KiB that may become a PV."},
      {"devices/issue_discards", false, {2, 2, 85}, kPlain,
       "Discard (TRIM) the blocks of a PV that an LV no longer uses, on devices that can. What is discarded cannot be "
       "brought back by vgcfgrestore. It is done once the change is committed; what a device cannot do is passed "
       "over."},
      {"devices/allow_changes_with_duplicate_pvs", false, {2, 2, 153}, kKept,
       "Allow changes of a VG while one of its PVs is seen on more than one device. Ashlar refuses them all the same: "
       "devices/filter says which device is meant."},
      {"devices/allow_mixed_block_sizes", false, {2, 3, 6}, kPlain,
       "Allow PVs with different logical block sizes in one VG. File systems may then fail to mount after an "
       "extension or a move of an LV."},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
