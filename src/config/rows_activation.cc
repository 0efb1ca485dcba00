// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

void add_activation_rows(std::vector<Setting>& rows) {
  const Setting activation[] = {
      {"activation/udev_sync", true, true, "Wait, with a deadline, until udev has made the nodes and links of LVs.",
       ""},
      {"activation/udev_rules", true, true,
       "Leave nodes and links of LVs to udev where it runs; with 0 make them directly.", ""},
      {"activation/verify_udev_operations", false, true, "Check what udev made, and make what is missing.", ""},
      {"activation/retry_deactivation", true, true,
       "Try again for a few seconds when an LV cannot be deactivated because something had it open for a moment.", ""},
      {"activation/missing_stripe_filler", "error", true,
       "What takes the place of missing PVs in an LV that is activated partially: \"error\" fails reads and writes, "
       "\"zero\" reads zeros.",
       ""},
      {"activation/use_linear_target", true, true,
       "Use the linear target for segments with one stripe; with 0 a striped target with one stripe.", ""},
      {"activation/readahead", "auto", true,
       "Read-ahead of LVs that have none of their own: \"auto\" from the stripes, or \"none\".", ""},
      {"activation/volume_list", StringList{}, false,
       "Only LVs that match an entry are activated: \"vg\", \"vg/lv\", \"@tag\", or \"@*\" for LVs and VGs with a tag "
       "of "
       "this host. An empty list activates nothing; without the setting any LV may be activated.",
       R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/auto_activation_volume_list", StringList{}, false,
       "The same for automatic activation (-aay) only: what matches no entry is left alone.",
       R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/read_only_volume_list", StringList{}, false, "LVs that match an entry are activated read-only.",
       R"([ "vg1", "vg2/data", "@tag1" ])"},
      {"activation/auto_set_activation_skip", true, true,
       "New thin snapshots get the flag that keeps them from being activated without -K."
       " Accepted, without effect here.", ""},
      {"activation/activation_mode", "degraded", true,
       "Activation of LVs with missing PVs: \"complete\" refuses it, \"degraded\" allows it where redundancy keeps all "
       "data, \"partial\" always (see activation/missing_stripe_filler).",
       ""},
  };
  rows.insert(rows.end(), std::begin(activation), std::end(activation));
}

}  // namespace ashlar::config
