// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"

namespace ashlar::cli {

namespace {
constexpr Manual kVgPages[] = {
    {"vgcreate",
     R"(A volume group (VG) is a pool of extents on one or more PVs. Devices that are no PVs yet are made so; the options of
`pvcreate` are for them.

The extent size (4 MiB if nothing is said) is the unit of all sizes in the VG.)",
     R"(A VG of two disks:
  ashlar vgcreate vg1 /dev/sdd /dev/sde
With larger extents and a tag:
  ashlar vgcreate -s 16m --addtag backup vg2 /dev/sdf)",
     "vgextend lvcreate vgremove"},
    {"vgextend",
     R"(Adds devices to a VG; those that are no PVs yet are made so. Its logical volumes stay where they are, and find the new
space when they grow.

With --restoremissing it takes PVs of the VG in again that were away and have come back.)",
     R"(Add a disk, and give all of it to one LV:
  ashlar vgextend vg0 /dev/sdd
  ashlar lvextend -l +100%FREE vg0/data)",
     "vgreduce vgcreate lvextend"},
    {"vgreduce",
     R"(Takes PVs out of a VG that no logical volume lies on; the last one stays. They are PVs of no VG afterwards.

--removemissing is for disks that are gone for good. Alone it takes out what no LV needs; with --force it removes the LVs that
lay on them, wholly or in part. `ashlar why VG` tells beforehand which those are.)",
     R"(Take a disk out that is not used:
  ashlar vgreduce vg0 /dev/sdc
Give up a disk that died, and see first what is lost with it:
  ashlar vgreduce --removemissing --force vg0 --plan)",
     "vgextend why repair"},
    {"vgremove",
     R"(Removes VGs. Each LV in them is asked for, unless -y or -f is given; one that is in use is refused. The disks stay PVs.
Archives of the metadata are kept: `vgcfgrestore --list` shows them, and with --file brings the VG back as long as nothing else was
written there.

A VG with a missing PV is refused without -f, which lvm2 is not: the disk would bring the VG back in part. `vgreduce --removemissing`
gives it up.)",
     R"(Remove a VG with all that is in it:
  ashlar vgremove -y vg0)",
     "lvremove pvremove vgcfgrestore"},
    {"vgchange",
     R"(Activates or deactivates all LVs of VGs, or changes properties of VGs. Without a name it takes all VGs.

* `-a y` makes the LVs usable as `/dev/VG/LV`; `-a n` takes them away, unless they are open.

* `-a ay` activates what `activation/auto_activation_volume_list` and the autoactivation flags allow: for scripts at boot.

LVs that are flagged to be skipped are left out unless -K is given. While a PV is missing only tags and the profile can be changed.)",
     R"(Activate a VG, and deactivate it:
  ashlar vgchange -ay vg0
  ashlar vgchange -an vg0
Never activate it at boot:
  ashlar vgchange --setautoactivation n vg0
Although a disk is missing, activate what can be had of each LV:
  ashlar vgchange -ay --activationmode partial vg0)",
     "lvchange why lvm.conf(5)"},
    {"vgs",
     R"(One line for each VG, in columns. -o chooses them, `-o help` lists all; -O sorts and -S selects, by any field, shown or
not. Reports take no lock and wait for nobody.)",
     R"(All VGs, then with what identifies them:
  ashlar vgs
  ashlar vgs -o +vg_uuid,vg_tags
Is there room for 10 GiB?
  ashlar vgs --noheadings -o vg_name -S 'vg_free>=10g')",
     "pvs lvs vgdisplay fullreport"},
    {"vgdisplay",
     R"(Shows VGs one after the other, a property a line; with -v also their LVs and PVs. -c is for old scripts; -C is `vgs`.)",
     R"(One VG with all that is in it:
  ashlar vgdisplay -v vg0)",
     "vgs pvdisplay lvdisplay"},
    {"vgscan",
     R"(Names the VGs that are found. Devices are looked at by every command, so nothing needs a scan before it; --mknodes makes
nodes and links of active LVs that are missing below /dev.)",
     R"(Which VGs are there?
  ashlar vgscan)",
     "vgs vgmknodes"},
    {"vgmknodes",
     R"(Makes the nodes and links below /dev of LVs that are active, where they are missing, and removes those of LVs that are
not. Where udev runs, it does that by itself.)",
     R"(After /dev was damaged:
  ashlar vgmknodes)",
     "vgscan vgchange"},
    {"vgck",
     R"(Reads all copies of the metadata of VGs, checks them against each other and against the rules that legal metadata
keeps, and says what is wrong. --updatemetadata writes the newest legal state to all copies, and asks before where the backup
is newer than all that can be read; for more than that there is `ashlar repair`.)",
     R"(Check one VG:
  ashlar vgck vg0)",
     "repair pvck"},
    {"vgrename",
     R"(Gives a VG another name, by its old name or, where two VGs have the same, by its UUID. Active LVs stay active, and their
nodes and links get the new name. What names the VG elsewhere (`/etc/fstab`, the boot loader) does not.)",
     R"(By name:
  ashlar vgrename vg0 storage)",
     "lvrename vgimportclone"},
    {"vgexport",
     R"(Marks a VG as on its way to another machine: until `vgimport`, nothing activates or changes it. Its LVs must not be
active.)",
     R"(Before the disks are pulled out:
  ashlar vgchange -an vg0
  ashlar vgexport vg0)",
     "vgimport vgchange"},
    {"vgimport", R"(Takes the mark off that `vgexport` put on a VG. All its PVs must be there, or --force.)",
     R"(Once the disks are in the other machine:
  ashlar vgimport vg0
  ashlar vgchange -ay vg0)",
     "vgexport vgimportclone"},
    {"vgimportclone",
     R"(Copies of disks, as a storage system's snapshots are, carry the same ids and names as their originals, and cannot be
used beside them. This gives the copies new ids and their VG another name. All copies of the VG's disks are named.)",
     R"(Copies of both disks of `vg0`; the VG on them becomes `clone`:
  ashlar vgimportclone --basevgname clone /dev/sdd /dev/sde)",
     "vgimport vgrename"},
    {"vgimportdevices",
     R"(Where `devices/use_devicesfile` is on, only devices that the devices file lists are looked at. This lists all disks of VGs
there, of which none need be listed yet, and makes the file if there is none.)",
     R"(List the disks of one VG, then of all that are there:
  ashlar vgimportdevices vg0
  ashlar vgimportdevices --all)",
     "lvmdevices lvm.conf(5)"},
    {"vgsplit",
     R"(Moves PVs, with the LVs on them, to another VG, which is made if it is not there. No LV may lie on both sides, and those
that move must not be active. With -n it takes the PVs on which that LV lies. LVs of the types zero and error, which lie on no PV,
go along.)",
     R"(Make the second disk a VG of its own:
  ashlar vgsplit vg0 vg1 /dev/sdc)",
     "vgmerge vgreduce"},
    {"vgmerge",
     R"(Adds PVs and LVs of other VGs to the first one. The others are gone afterwards; their LVs must not be active. Extent sizes
must be the same, and no LV's name may be in both.)",
     R"(Make one VG of two:
  ashlar vgmerge vg0 vg1)",
     "vgsplit vgextend"},
    {"vgcfgbackup",
     R"(Writes the metadata of VGs to files: what `vgcfgrestore` reads. Each change does so by itself (`/etc/lvm/backup`), so this
is for copies elsewhere. There is no data of LVs in them.)",
     R"(All VGs, a file each:
  ashlar vgcfgbackup -f '%s.vg'
One of them:
  ashlar vgcfgbackup -f vg0.txt vg0)",
     "vgcfgrestore history"},
    {"vgcfgrestore",
     R"(Writes the metadata of a file, an archive or a backup, to the disks of a VG. It knows nothing of what was written to the
extents since: data that another LV wrote there is not brought back. `ashlar undo` and `ashlar undelete` look at that, and refuse.

The PVs of the file must be there, under their ids; `pvcreate --uuid` with --restorefile makes one on a new disk.)",
     R"(What is there to restore?
  ashlar vgcfgrestore --list vg0
The newest backup, then a certain file:
  ashlar vgcfgrestore vg0
  ashlar vgcfgrestore -f vg0.txt vg0)",
     "vgcfgbackup history undo undelete"},
    {"vgconvert",
     R"(This name comes from LVM2. There is one format of metadata, lvm2; a VG in that of LVM1 is converted by an older lvm2.)",
     "", "formats"},
};
}  // namespace

const Chapter kVgChapter{"Volume groups", kVgPages};

}  // namespace ashlar::cli
