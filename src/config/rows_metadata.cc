// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

std::span<const Setting> metadata_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"metadata", Section{}, {1, 0, 0}, kCommentedOut, "Metadata of VGs on their PVs."},
      {"metadata/check_pv_device_sizes", true, {2, 2, 141}, kAdvanced,
       "Warn where the device of a PV is smaller than its VG says. Whatever stands here, nothing is put past the end "
       "of a device, and an LV that lies there is not activated."},
      {"metadata/record_lvs_history", false, {2, 2, 145}, kKept, "Keep a record of removed LVs in the metadata."},
      {"metadata/lvs_history_retention_time", 0, {2, 2, 145}, kKept,
       "Seconds after which such a record goes; 0: never."},
      {"metadata/pvmetadatacopies", 1, {1, 0, 0}, kAdvanced, "Number of metadata areas on a new PV: 0, 1 or 2."},
      {"metadata/vgmetadatacopies", 0, {2, 2, 69}, kPlain,
       "How many copies of its metadata a new VG keeps; 0: one in each metadata area that is not ignored."},
      {"metadata/pvmetadatasize", 2040, {1, 0, 0}, kUnset,
       "Size of the metadata area of a new PV in sectors of 512 bytes, rounded up to fill the space before the data.",
       "2040"},
      {"metadata/pvmetadataignore", false, {2, 2, 69}, kAdvanced, "Leave the metadata areas of a new PV unused."},
      {"metadata/stripesize", 64, {1, 0, 0}, kAdvanced, "Stripe size in KiB of new striped LVs. -I is stronger."},
      {"metadata/dirs", kNothing, {1, 0, 0}, kKept | kUnset | kAdvanced,
       "Folders with further copies of metadata.", R"([ "/etc/lvm/metadata" ])", {2, 3, 0}},
      {"metadata/disk_areas", Section{}, {1, 0, 0}, kCommentedOut | kUnsupported | kKept,
       "Metadata outside PVs: a section for each place on a disk.", "", {2, 3, 0}},
      {"metadata/disk_areas/<disk_area>", Section{}, {1, 0, 0}, kCommentedOut | kUnsupported | kKept,
       "One such place, by any name.", "", {2, 3, 0}},
      {"metadata/disk_areas/<disk_area>/start_sector", 0, {1, 0, 0}, kKept | kUnsupported,
       "Its first sector.", "", {2, 3, 0}},
      {"metadata/disk_areas/<disk_area>/size", 0, {1, 0, 0}, kKept | kUnsupported,
       "Its size in sectors.", "", {2, 3, 0}},
      {"metadata/disk_areas/<disk_area>/id", "", {1, 0, 0}, kKept | kUnset | kUnsupported,
       "UUID of the device it is on.", R"("")", {2, 3, 0}},
  };
  // clang-format on
  return kRows;
}

std::span<const Setting> backup_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"backup", Section{}, {1, 0, 0}, kPlain, "Copies of metadata in files."},
      {"backup/backup", true, {1, 0, 0}, kPlain, "Keep a copy of the metadata of each VG after a change."},
      {"backup/backup_dir", "/etc/lvm/backup", {1, 0, 0}, kDerived,
       "Folder of these copies: \"backup\" beside this file for root, below ~/.local/state/ashlar for other users."},
      {"backup/archive", true, {1, 0, 0}, kPlain, "Keep the metadata as it was before each change."},
      {"backup/archive_dir", "/etc/lvm/archive", {1, 0, 0}, kDerived,
       "Folder of these archives: \"archive\" beside this file for root, below ~/.local/state/ashlar for other users."},
      {"backup/retain_min", 10, {1, 0, 0}, kPlain, "Archives of a VG that are kept whatever their age."},
      {"backup/retain_days", 30, {1, 0, 0}, kPlain, "Archives younger than this many days are kept."},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
