// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

void add_device_rows(std::vector<Setting>& rows) {
  const Setting devices[] = {
      {"devices/dir", "/dev", true,
       "Folder for the device nodes and links of volume groups. Commands take it as a prefix of VG names.", ""},
      {"devices/scan", StringList{"/dev"}, true, "Folders in which devices are looked for.", ""},
      {"devices/filter", StringList{"a|.*|"}, true,
       "Which devices may be used: patterns tried in order against every path of a device. a|REGEX| takes a matching "
       "path, r|REGEX| rejects it; any character may stand for the bars. The first pattern that matches a path decides "
       "for that path; one taken path takes the device; a device of which no path matches is taken. For example, "
       "[ \"a|^/dev/sd|\", \"r|.*|\" ] takes SCSI and SATA disks and nothing else.",
       ""},
      {"devices/global_filter", StringList{"a|.*|"}, true,
       "The same as devices/filter, but for the whole system and not for --config on the command line: what it rejects "
       "is never opened, whatever the filter says.",
       ""},
      {"devices/use_devicesfile", false, true,
       "Use only devices that the devices file lists; the filters do not count then. Where there is no such file every "
       "device may be used; the first PV makes it, unless there are VGs already.",
       ""},
      {"devices/devicesfile", "system.devices", true,
       "Name of that file, in the folder devices below this one's. --devicesfile on the command line is stronger.", ""},
      {"devices/search_for_devnames", "auto", true,
       "What to do about entries of the devices file that go by a name, when another PV is on the device of that name: "
       "\"auto\" and \"all\" look for the PV on all devices, \"none\" does not.",
       ""},
      {"devices/hints", "all", true, "Use of LVM2's cache of which devices hold PVs: \"all\" or \"none\". Ashlar never reads it, whatever stands here: every "
       "device that may be used is looked at. Where there is such a file, a command that makes or moves PVs has LVM2 make it anew.",
       ""},
      {"devices/scan_lvs", false, true,
       "Look for PVs on active LVs. Dangerous on a host of virtual machines, because it finds the PVs of the guests.",
       ""},
      {"devices/multipath_component_detection", true, true, "Ignore the single paths of a multipath device.", ""},
      {"devices/md_component_detection", true, true, "Ignore the members of a software RAID (md) device.", ""},
      {"devices/default_data_alignment", 1, true,
       "The data of a new PV starts at a multiple of this many MiB; 0: no default alignment. --dataalignment and "
       "devices/data_alignment are stronger.",
       ""},
      {"devices/data_alignment", 0, true,
       "The data of a new PV starts at a multiple of this many KiB; 0: as devices/default_data_alignment says. "
       "--dataalignment is stronger.",
       ""},
      {"devices/data_alignment_detection", true, true,
       "Align the data of a new PV to the minimum or optimal I/O size that the kernel reports for the device.", ""},
      {"devices/data_alignment_offset_detection", true, true,
       "Shift the data of a new PV by the alignment offset that the kernel reports for the device.", ""},
      {"devices/md_chunk_alignment", true, true,
       "Align the data of a new PV on an md device to the stripe width of that device."
       " Accepted: the kernel reports that width as the optimal I/O size, so data_alignment_detection takes it.", ""},
      {"devices/pv_min_size", 2048, true, "Smallest device in KiB that may become a PV.", ""},
      {"devices/issue_discards", false, true,
       "Discard (TRIM) the blocks of a PV that an LV no longer uses, on devices that can. What is discarded cannot be "
       "brought back by vgcfgrestore. It is done once the change is committed; what a device cannot do is passed over.",
       ""},
      {"devices/require_restorefile_with_uuid", true, true, "pvcreate --uuid needs --restorefile or --norestorefile.",
       ""},
      {"devices/allow_changes_with_duplicate_pvs", false, true,
       "Allow changes of a VG while one of its PVs is seen on more than one device."
       " Accepted, without effect here.", ""},
      {"devices/allow_mixed_block_sizes", false, true,
       "Allow PVs with different logical block sizes in one VG. File systems may then fail to mount after an extension "
       "or a move of an LV.",
       ""},
  };
  rows.insert(rows.end(), std::begin(devices), std::end(devices));
}

}  // namespace ashlar::config
