// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"

namespace ashlar::cli {

namespace {
constexpr Manual kPvPages[] = {
    {"pvcreate",
     R"(A physical volume (PV) is a disk, a partition or an image file with a label at its start and room for metadata behind
it. The rest, its data area, is cut into extents once the PV joins a volume group. `vgcreate` and `vgextend` make PVs of plain
devices by themselves, so `pvcreate` is for those that want other sizes or an alignment of their own.

A device that somebody uses is refused. Where there is a filesystem, a RAID member or a partition table, the command names it and
asks before it is wiped. What was on the first mebibyte is lost.

--setphysicalvolumesize with another size than the device's asks before a PV is made anew. It asks on any device for a size that is
larger, which lvm2 takes with a warning alone where there is no PV yet.)",
     R"(Make two disks PVs, and see what would happen to a third one:
  ashlar pvcreate /dev/sdd /dev/sde
  ashlar pvcreate /dev/sdf --plan
Start the data at a multiple of a RAID's stripe:
  ashlar pvcreate --dataalignment 768k /dev/sdf)",
     "pvremove pvs vgcreate vgextend"},
    {"pvremove",
     R"(The label is wiped, and the device is a plain one again. A PV that is in a volume group is refused: `vgreduce` or
`vgremove` come first. -ff goes on all the same and leaves that volume group without one of its disks; until `vgreduce
--removemissing` has taken it out of the VG, `ashlar repair` takes it for a PV that lost its label, and offers to write it again.)",
     R"(Give a disk back that is in no VG any more:
  ashlar pvremove /dev/sdd)",
     "pvcreate vgreduce repair"},
    {"pvchange",
     R"(Changes what the metadata says of PVs: tags, the id, whether logical volumes may take extents of a PV, and whether it
keeps copies of the metadata. The PV need not be in a volume group for --uuid and --metadataignore.)",
     R"(Let no further LV take space on an old disk:
  ashlar pvchange -x n /dev/sdb
Mark the fast disks, so that `@fast` stands for them in other commands:
  ashlar pvchange --addtag fast /dev/sdb /dev/sdc)",
     "pvs lvcreate"},
    {"pvresize",
     R"(When a device has grown (a virtual disk, a LUN, a partition, an image file), this makes the new space known: the PV then
has more extents. It also makes a PV smaller if no logical volume has extents behind the new end; then only the device itself is
left to be cut.)",
     R"(The disk has become larger; use all of it:
  ashlar pvresize /dev/sdb
Before the disk is made smaller (asks):
  ashlar pvresize --setphysicalvolumesize 60g /dev/sdc)",
     "pvs lvextend"},
    {"pvs",
     R"(One line for each PV, in columns. -o chooses them, `-o help` lists all; -O sorts and -S selects, by any field, shown or
not. Reports take no lock and wait for nobody. With --segments there is a line for each run of extents, which shows what lies
where.)",
     R"(All PVs, and what lies on one of them:
  ashlar pvs
  ashlar pvs --segments -o pv_name,pvseg_start,pvseg_size,lv_name /dev/sdb
PVs with room for 50 GiB, the emptiest first:
  ashlar pvs -o pv_name,pv_free -O -pv_free -S 'pv_free>=50g'
For a program: bytes as numbers, in JSON:
  ashlar pvs --reportformat json --units b --nosuffix)",
     "vgs lvs pvdisplay fullreport"},
    {"pvdisplay",
     R"(Shows PVs one after the other, a property a line. -m adds which logical volumes lie where; -c is for old scripts; -C is
`pvs`.)",
     R"(One disk, with what lies on it:
  ashlar pvdisplay -m /dev/sdb)",
     "pvs vgdisplay lvdisplay"},
    {"pvscan",
     R"(Without --cache it lists PVs with their volume groups and sizes.

With --cache it is what udev's rules call when a device appears: the PV is recorded in `/run/lvm/pvs_online`, and with -aay its
volume group is activated as soon as all its PVs have been seen. The other options serve those rules.)",
     R"(Every PV in one short list:
  ashlar pvscan
As udev does for a device that has come:
  ashlar pvscan --cache --listvg --checkcomplete --vgonline --autoactivation event --udevoutput /dev/sdb)",
     "pvs vgchange lvmdiskscan"},
    {"pvck",
     R"(Reads labels, headers and metadata areas as they are, also where nothing else can read them any more, and says what is
wrong. --dump prints what lies there: a terminal gets it made printable, a pipe or a file (-f) the bytes as they are, which
can be restored.

--repair writes headers and metadata of one PV anew, from metadata that --dump saved or from a backup, and asks before each; so
does --repairtype for one of them. Which PV of the metadata it is follows from the pv_header that is there, from the name of the
device, or from `--settings pv_uuid=UUID`. What lies in a place that cannot be read any more is saved beside the backups first.
This is for those who know what is wrong; `ashlar repair` looks for itself, and mends a whole volume group.)",
     R"(Check a disk:
  ashlar pvck /dev/sdb
Save the newest metadata that lies on it:
  ashlar pvck --dump metadata -f vg0.txt /dev/sdb
Look for older metadata in what is left of its area:
  ashlar pvck --dump metadata_search /dev/sdb
Write it anew, headers and all:
  ashlar pvck -y --repair -f vg0.txt /dev/sdb)",
     "repair history vgcfgrestore"},
    {"pvdata", R"(This name comes from LVM2. The command only says which ones have taken its place, and fails.)", "",
     "pvs pvck"},
};
}  // namespace

const Chapter kPvChapter{"Physical volumes", kPvPages};

}  // namespace ashlar::cli
