// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

std::span<const Setting> config_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"config", Section{}, {2, 2, 99}, kPlain, "How the configuration itself is treated."},
      {"config/checks", true, {2, 2, 99}, kPlain,
       "Warn of settings in this table that have a value of the wrong type."},
      {"config/abort_on_errors", false, {2, 2, 99}, kPlain,
       "End a command at once when the configuration has such a value, or a setting that is not in this table."},
      {"config/profile_dir", "/etc/lvm/profile", {2, 2, 99}, kPlain,
       "Folder of profiles: NAME.profile is what --commandprofile NAME and --metadataprofile NAME mean."},
  };
  // clang-format on
  return kRows;
}

std::span<const Setting> shell_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"shell", Section{}, {1, 0, 0}, kPlain, "The shell, which lvm without arguments starts."},
      {"shell/history_size", 100, {1, 0, 0}, kKept, "Lines that the shell's history keeps."},
  };
  // clang-format on
  return kRows;
}

std::span<const Setting> dmeventd_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"dmeventd", Section{}, {1, 2, 3}, kKept, "The daemon of LVM2 that watches LVs."},
      {"dmeventd/mirror_library", "libdevmapper-event-lvm2mirror.so", {1, 2, 3}, kKept,
       "Plugin by which dmeventd watches mirrors."},
      {"dmeventd/raid_library", "libdevmapper-event-lvm2raid.so", {2, 2, 87}, kKept,
       "Plugin by which dmeventd watches RAID LVs."},
      {"dmeventd/snapshot_library", "libdevmapper-event-lvm2snapshot.so", {1, 2, 26}, kKept,
       "Plugin by which dmeventd watches snapshots."},
      {"dmeventd/thin_library", "libdevmapper-event-lvm2thin.so", {2, 2, 89}, kKept,
       "Plugin by which dmeventd watches thin pools."},
      {"dmeventd/thin_command", "lvm lvextend --use-policies", {2, 2, 169}, kKept,
       "What this plugin runs when a thin pool fills."},
      {"dmeventd/vdo_library", "libdevmapper-event-lvm2vdo.so", {2, 3, 0}, kKept,
       "Plugin by which dmeventd watches VDO pools."},
      {"dmeventd/vdo_command", "lvm lvextend --use-policies", {2, 3, 0}, kKept,
       "What this plugin runs when a VDO pool fills."},
      {"dmeventd/executable", "/sbin/dmeventd", {2, 2, 73}, kKept, "Path of dmeventd."},
  };
  // clang-format on
  return kRows;
}

std::span<const Setting> tags_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"tags", Section{}, {1, 0, 18}, kCommentedOut, "Tags of hosts."},
      {"tags/hosttags", false, {1, 0, 18}, kPlain,
       "The host has its own name as a tag. Further sections in this one are tags of the host: tag1 { } always, tag2 "
       "{ host_list = [ \"host1\" ] } on the hosts named. For each tag lvm_TAG.conf in this folder is read too; it is "
       "stronger than this file."},
      {"tags/<tag>", Section{}, {1, 0, 18}, kCommentedOut,
       "A section named after a tag gives the host this tag: always, or only where host_list names the host."},
      {"tags/<tag>/host_list", kNothing, {1, 0, 18}, kUnset | kMayBeEmpty,
       "Names of the hosts, as uname -n gives them, that have this tag.", R"([ "host1" ])"},
  };
  // clang-format on
  return kRows;
}

std::span<const Setting> local_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"local", Section{}, {2, 2, 117}, kPlain, "What differs between hosts; belongs in lvmlocal.conf."},
      {"local/system_id", "", {2, 2, 117}, kMayBeEmpty,
       "The system ID for \"lvmlocal\". Belongs in lvmlocal.conf and must be unique among hosts that share disks."},
      {"local/extra_system_ids", kNothing, {2, 2, 117}, kUnset | kMayBeEmpty,
       "Other system IDs whose VGs this host may use as its own.", R"([ "host2" ])"},
      {"local/host_id", 0, {2, 2, 124}, kKept,
       "Number of this host among those that share VGs with sanlock: 1 to 2000."},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
