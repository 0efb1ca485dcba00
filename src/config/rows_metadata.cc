// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

void add_metadata_rows(std::vector<Setting>& rows) {
  const Setting metadata[] = {
      {"allocation/cling_tag_list", StringList{}, false,
       "PVs that share one of these tags count as one place when an LV grows under the cling policy. Entries are "
       "\"@tag\", or \"@*\" for any common tag.",
       R"([ "@site1", "@site2" ])"},
      {"allocation/maximise_cling", true, true,
       "Under the cling policy look for space next to the LV on all its PVs, not only on the last one.", ""},
      {"allocation/use_blkid_wiping", true, true,
       "Find foreign signatures with libblkid when devices and LVs are wiped.", ""},
      {"allocation/wipe_signatures_when_zeroing_new_lvs", true, true,
       "Find and wipe signatures of file systems and the like when a new LV is zeroed. -W is stronger.", ""},
      {"allocation/physical_extent_size", 4096, true, "Extent size in KiB of new VGs. -s is stronger.", ""},

      {"metadata/pvmetadatacopies", 1, true, "Number of metadata areas on a new PV: 0, 1 or 2.", ""},
      {"metadata/vgmetadatacopies", 0, true,
       "How many copies of its metadata a new VG keeps; 0: one in each metadata area that is not ignored."
       " Accepted, without effect here.", ""},
      {"metadata/pvmetadatasize", 2040, false,
       "Size of the metadata area of a new PV in sectors of 512 bytes, rounded up to fill the space before the data.",
       ""},
      {"metadata/pvmetadataignore", false, true, "Leave the metadata areas of a new PV unused.", ""},
      {"metadata/check_pv_device_sizes", true, true,
       "Warn where the device of a PV is smaller than its VG says. Whatever stands here, nothing is put past the end of a "
       "device, and an LV that lies there is not activated.",
       ""},
      {"metadata/stripesize", 64, true, "Stripe size in KiB of new striped LVs. -I is stronger.", ""},

      {"backup/backup", true, true, "Keep a copy of the metadata of each VG after a change.", ""},
      {"backup/backup_dir", "/etc/lvm/backup", false,
       "Folder of these copies: \"backup\" beside this file for root, below ~/.local/state/ashlar for other users.",
       ""},
      {"backup/archive", true, true, "Keep the metadata as it was before each change.", ""},
      {"backup/archive_dir", "/etc/lvm/archive", false,
       "Folder of these archives: \"archive\" beside this file for root, below ~/.local/state/ashlar for other users.",
       ""},
      {"backup/retain_min", 10, true, "Archives of a VG that are kept whatever their age.", ""},
      {"backup/retain_days", 30, true, "Archives younger than this many days are kept.", ""},
  };
  rows.insert(rows.end(), std::begin(metadata), std::end(metadata));
}

}  // namespace ashlar::config
