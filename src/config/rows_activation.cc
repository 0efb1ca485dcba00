// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

std::span<const Setting> activation_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"activation", Section{}, {1, 0, 0}, kPlain, "How LVs reach the kernel."},
      {"activation/checks", false, {2, 2, 86}, kKept,
       "Check each call of libdevmapper more closely, to find mistakes of LVM2."},
      {"activation/udev_sync", true, {2, 2, 51}, kPlain,
       "Wait, with a deadline, until udev has made the nodes and links of LVs."},
      {"activation/udev_rules", true, {2, 2, 57}, kPlain,
       "Leave nodes and links of LVs to udev where it runs; with 0 make them directly."},
      {"activation/verify_udev_operations", false, {2, 2, 86}, kPlain,
       "Check what udev made, and make what is missing."},
      {"activation/retry_deactivation", true, {2, 2, 89}, kPlain,
       "Try again for a few seconds when an LV cannot be deactivated because something had it open for a moment."},
      {"activation/missing_stripe_filler", "error", {1, 0, 0}, kAdvanced,
       "What takes the place of missing PVs in an LV that is activated partially: \"error\" fails reads and writes, "
       "\"zero\" reads zeros."},
      {"activation/use_linear_target", true, {2, 2, 89}, kPlain,
       "Use the linear target for segments with one stripe; with 0 a striped target with one stripe."},
      {"activation/reserved_stack", 64, {1, 0, 0}, kKept,
       "KiB of stack to keep in memory while devices are suspended."},
      {"activation/reserved_memory", 8192, {1, 0, 0}, kKept,
       "KiB of heap to keep in memory while devices are suspended."},
      {"activation/process_priority", -18, {1, 0, 0}, kKept, "Nice value of a command while devices are suspended."},
      {"activation/volume_list", kNothing, {1, 0, 18}, kUnset | kMayBeEmpty | kLimits,
       "Only LVs that match an entry are activated: \"vg\", \"vg/lv\", \"@tag\", or \"@*\" for LVs and VGs with a tag "
       "of this host. An empty list activates nothing; without the setting any LV may be activated.",
       R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/auto_activation_volume_list", kNothing, {2, 2, 97}, kUnset | kMayBeEmpty | kLimits,
       "The same for automatic activation (-aay) only: what matches no entry is left alone.",
       R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/read_only_volume_list", kNothing, {2, 2, 89}, kUnset | kMayBeEmpty | kLimits,
       "LVs that match an entry are activated read-only.", R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/mirror_region_size", 2048, {1, 0, 0}, kKept,
       "The earlier name of activation/raid_region_size.", "", {2, 2, 99}},
      {"activation/raid_region_size", 2048, {2, 2, 99}, kKept,
       "Unit in KiB in which a RAID or mirror LV notes what is in step."},
      {"activation/error_when_full", false, {2, 2, 115}, kKept,
       "Have a full thin pool fail writes at once instead of holding them back."},
      {"activation/readahead", "auto", {1, 0, 23}, kPlain,
       "Read-ahead of LVs that have none of their own: \"auto\" from the stripes, or \"none\"."},
      {"activation/raid_fault_policy", "warn", {2, 2, 89}, kKept,
       "What dmeventd does when a device of a RAID LV fails: \"warn\" or \"allocate\" a new one."},
      {"activation/mirror_image_fault_policy", "remove", {2, 2, 57}, kKept,
       "The same for an image of a mirror: \"remove\", \"allocate\" or \"allocate_anywhere\"."},
      {"activation/mirror_log_fault_policy", "allocate", {1, 2, 18}, kKept, "The same for the log of a mirror."},
      {"activation/mirror_device_fault_policy", "remove", {1, 2, 10}, kKept,
       "The earlier name of activation/mirror_image_fault_policy.", "", {2, 2, 57}},
      {"activation/snapshot_autoextend_threshold", 100, {2, 2, 75}, kKept,
       "Grow a snapshot when it is this full in percent; 100: never."},
      {"activation/snapshot_autoextend_percent", 20, {2, 2, 75}, kKept, "By how many percent of its size."},
      {"activation/thin_pool_autoextend_threshold", 100, {2, 2, 89}, kKept | kOfMetadata,
       "Grow a thin pool when it is this full in percent; 100: never."},
      {"activation/thin_pool_autoextend_percent", 20, {2, 2, 89}, kKept | kOfMetadata,
       "By how many percent of its size."},
      {"activation/vdo_pool_autoextend_threshold", 100, {2, 3, 0}, kKept | kOfMetadata,
       "Grow a VDO pool when it is this full in percent; 100: never."},
      {"activation/vdo_pool_autoextend_percent", 20, {2, 3, 0}, kKept | kOfMetadata,
       "By how many percent of its size."},
      {"activation/mlock_filter", kNothing, {2, 2, 62}, kKept | kUnset | kAdvanced,
       "Parts of a command's memory, by their lines in /proc/self/maps, not to lock while devices are suspended.",
       R"([ "locale/locale-archive" ])"},
      {"activation/use_mlockall", false, {2, 2, 62}, kKept,
       "Lock all of a command's memory while devices are suspended, instead of what is needed."},
      {"activation/monitoring", true, {2, 2, 63}, kKept,
       "Have dmeventd watch LVs that can be watched. --ignoremonitoring is stronger."},
      {"activation/polling_interval", 15, {2, 2, 63}, kKept,
       "Seconds between two looks at work such as pvmove; 0: all the time."},
      {"activation/auto_set_activation_skip", true, {2, 2, 99}, kKept,
       "New thin snapshots get the flag that keeps them from being activated without -K."},
      {"activation/activation_mode", "degraded", {2, 2, 108}, kPlain,
       "Activation of LVs with missing PVs: \"complete\" refuses it, \"degraded\" allows it where redundancy keeps "
       "all data, \"partial\" always (see activation/missing_stripe_filler)."},
      {"activation/lock_start_list", kNothing, {2, 2, 124}, kKept | kUnset | kMayBeEmpty,
       "Shared VGs whose locks vgchange --lockstart starts.", R"([ "vg1", "@tag1" ])"},
      {"activation/auto_lock_start_list", kNothing, {2, 2, 124}, kKept | kUnset | kMayBeEmpty,
       "The same for --lockopt auto.", R"([ "vg1", "@tag1" ])"},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
