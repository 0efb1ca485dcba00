// SPDX-License-Identifier: LGPL-2.1-or-later
// The version of LVM2 that introduced each setting, as `lvmconfig --typeconfig list --withversions` of 2.03.16 says.
#include "config/introduced.h"

#include <algorithm>
#include <vector>

namespace ashlar::config {

namespace {
struct Version {
  std::string_view number;
  std::vector<std::string_view> settings;
};

const std::vector<Version>& versions() {
  static const std::vector<Version> kVersions = {
      {"1.0.0", {"devices/dir", "devices/scan", "devices/filter", "metadata/pvmetadatacopies",
        "metadata/pvmetadatasize", "metadata/stripesize", "backup/backup", "backup/backup_dir", "backup/archive",
        "backup/archive_dir", "backup/retain_min", "backup/retain_days", "global/umask", "global/test",
        "global/units", "global/suffix", "global/activation", "global/proc", "global/locking_dir", "log/verbose",
        "log/syslog", "log/file", "log/overwrite", "log/level", "log/indent", "log/command_names", "log/prefix",
        "log/activation", "activation/missing_stripe_filler", "report/aligned", "report/buffered", "report/headings",
        "report/separator", "report/columns_as_rows", "report/lvs_sort", "report/lvs_cols",
        "report/lvs_cols_verbose", "report/vgs_sort", "report/vgs_cols", "report/vgs_cols_verbose",
        "report/pvs_sort", "report/pvs_cols", "report/pvs_cols_verbose", "report/segs_sort", "report/segs_cols",
        "report/segs_cols_verbose"}},
      {"1.0.18", {"devices/md_component_detection", "tags/hosttags", "activation/volume_list"}},
      {"1.0.23", {"activation/readahead"}},
      {"1.1.3", {"report/pvsegs_sort", "report/pvsegs_cols", "report/pvsegs_cols_verbose"}},
      {"2.2.36", {"report/prefixes"}},
      {"2.2.39", {"report/quoted"}},
      {"2.2.45", {"devices/data_alignment"}},
      {"2.2.48", {"devices/md_chunk_alignment"}},
      {"2.2.50", {"devices/data_alignment_offset_detection", "global/wait_for_locks"}},
      {"2.2.51", {"devices/data_alignment_detection", "activation/udev_sync"}},
      {"2.2.52", {"global/prioritise_write_locks"}},
      {"2.2.54", {"global/si_unit_consistency"}},
      {"2.2.57", {"activation/udev_rules"}},
      {"2.2.69", {"metadata/vgmetadatacopies", "metadata/pvmetadataignore"}},
      {"2.2.73", {"devices/require_restorefile_with_uuid"}},
      {"2.2.75", {"devices/default_data_alignment", "global/metadata_read_only"}},
      {"2.2.77", {"allocation/cling_tag_list"}},
      {"2.2.85", {"devices/pv_min_size", "devices/issue_discards", "allocation/maximise_cling"}},
      {"2.2.86", {"activation/verify_udev_operations"}},
      {"2.2.89", {"devices/multipath_component_detection", "activation/retry_deactivation",
        "activation/use_linear_target", "activation/read_only_volume_list"}},
      {"2.2.97", {"activation/auto_activation_volume_list"}},
      {"2.2.98", {"devices/global_filter", "log/silent"}},
      {"2.2.99", {"config/checks", "config/profile_dir", "log/debug_classes", "activation/auto_set_activation_skip"}},
      {"2.2.105", {"allocation/use_blkid_wiping", "allocation/wipe_signatures_when_zeroing_new_lvs"}},
      {"2.2.108", {"activation/activation_mode", "report/list_item_separator", "report/binary_values_as_numeric"}},
      {"2.2.112", {"allocation/physical_extent_size"}},
      {"2.2.115", {"report/compact_output"}},
      {"2.2.117", {"global/etc", "global/system_id_source", "global/system_id_file", "local/system_id",
        "local/extra_system_ids"}},
      {"2.2.123", {"report/time_format"}},
      {"2.2.133", {"report/compact_output_cols"}},
      {"2.2.140", {"report/mark_hidden_devices"}},
      {"2.2.141", {"metadata/check_pv_device_sizes"}},
      {"2.2.146", {"report/two_word_unknown_device"}},
      {"2.2.153", {"devices/allow_changes_with_duplicate_pvs"}},
      {"2.2.158", {"report/output_format", "report/vgs_cols_full", "report/pvs_cols_full", "report/lvs_cols_full",
        "report/pvsegs_cols_full", "report/segs_cols_full", "report/vgs_sort_full", "report/pvs_sort_full",
        "report/lvs_sort_full", "report/pvsegs_sort_full", "report/segs_sort_full"}},
      {"2.2.182", {"devices/scan_lvs"}},
      {"2.3.1", {"global/event_activation"}},
      {"2.3.2", {"devices/hints"}},
      {"2.3.6", {"devices/allow_mixed_block_sizes"}},
      {"2.3.12", {"devices/use_devicesfile", "devices/devicesfile", "devices/search_for_devnames"}},
  };
  return kVersions;
}
}  // namespace

std::string_view introduced(std::string_view path) {
  // Of a section: its first setting.
  const bool section = path.find('/') == std::string_view::npos;
  for (const Version& version : versions()) {
    auto is = [&](std::string_view setting) { return setting == path || (section && setting.starts_with(path) && setting[path.size()] == '/'); };
    if (std::any_of(version.settings.begin(), version.settings.end(), is)) return version.number;
  }
  return {};
}

}  // namespace ashlar::config
