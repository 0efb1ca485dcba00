// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"

namespace ashlar::cli {

namespace {
constexpr Manual kLvPages[] = {
    {"lvcreate",
     R"(A logical volume (LV) is what filesystems are made on: `/dev/VG/LV`, of extents that may lie on any PV of the VG. Sizes are
rounded up to whole extents.

PVs behind the VG's name are the only ones that may be used, in this order; `:RANGE` limits one to some of its extents, and
`@TAG` stands for all PVs with that tag.

The new LV is activated, its first 4 KiB are cleared, and what a former filesystem left at its start is named and wiped after asking.
-an with -Zn makes it without touching its data.)",
     R"(10 GiB called `home`, and one of all that is left:
  ashlar lvcreate -L 10g -n home vg0
  ashlar lvcreate -l 100%FREE -n rest vg0
Over two disks in turns of 64 KiB:
  ashlar lvcreate -L 10g -i 2 -I 64k -n fast vg1
On one disk, in a certain part of it:
  ashlar lvcreate -L 2g -n boot vg1 /dev/sdd:2000-2999
How would that be done?
  ashlar lvcreate -L 10g -n try vg1 --plan)",
     "lvextend lvremove lvs vgextend"},
    {"lvextend",
     R"(Makes an LV larger while it is in use. -L is the new size, or with + how much more; -l counts in extents or in parts of
something: `+100%FREE` is all that is free in the VG. -r makes the filesystem on it larger too.

New space is taken as `alloc` says, beside the LV's last extents first; PVs behind the LV's name are the only ones that may be used.
Where nothing of a part such as `+100%FREE` can be had, the LV stays as it is, with status 0 and a warning.
`ashlar why LV` says how large it could become.)",
     R"(10 GiB more; and see what that takes first:
  ashlar lvextend -L +10g vg0/data --plan
  ashlar lvextend -L +10g vg0/data
With the filesystem on it, to exactly 40 GiB:
  ashlar lvextend -r -L 40g vg0/data
All that is free on one disk:
  ashlar lvextend -l +100%PVS vg0/data /dev/sdc)",
     "lvreduce lvcreate why vgextend"},
    {"lvreduce",
     R"(Makes an LV smaller, from its end. What was there is lost, so it asks. With -r the filesystem is made smaller first, and
the command stops if what it holds has no room; without it, a filesystem that is larger than the LV is damaged. A mounted ext2,
ext3 or ext4 is unmounted for that, once somebody agrees, and mounted again.

`ashlar undo` gives the extents back as long as no other LV had them.)",
     R"(The filesystem first, then the LV:
  ashlar lvreduce -r -L 5g vg0/data
What exactly would be given up?
  ashlar lvreduce -L -1g vg0/data --plan)",
     "lvextend undo"},
    {"lvresize",
     R"(`lvextend` and `lvreduce` in one: larger or smaller, as the size says. Making it smaller asks, for what was at the end is
lost.)",
     R"(Exactly 30 GiB, with the filesystem:
  ashlar lvresize -r -L 30g vg0/data)",
     "lvextend lvreduce"},
    {"lvremove",
     R"(Removes LVs. An active one is asked for and deactivated; one that is open (mounted, in use) is refused. A VG's name stands for
all LVs in it.

Only metadata is written: until another LV takes the extents, `ashlar undelete` brings the LV back with its data, unless
`devices/issue_discards` is on.)",
     R"(Remove an LV, and take it back:
  ashlar lvremove -y vg0/logs
  ashlar undelete vg0/logs
All that carry a tag:
  ashlar lvremove -y @scratch)",
     "undelete lvcreate vgremove"},
    {"lvrename",
     R"(Gives an LV another name; if it is active, its nodes and links follow at once, also while it is mounted.)",
     R"(Both forms mean the same:
  ashlar lvrename vg0/logs journal
  ashlar lvrename vg0 journal logs)",
     "vgrename lvchange"},
    {"lvchange",
     R"(Activates or deactivates LVs, or changes their properties: whether they can be written to, tags, read-ahead, minor number,
what happens at boot. A VG's name stands for all LVs in it.

An LV that does not come up: `ashlar why VG/LV` says why.)",
     R"(Deactivate an LV, and activate it:
  ashlar lvchange -an vg0/data
  ashlar lvchange -ay vg0/data
Make it read-only:
  ashlar lvchange -p r vg0/logs
Leave it out when its VG is activated, and activate it all the same:
  ashlar lvchange -k y vg0/logs
  ashlar lvchange -ay -K vg0/logs)",
     "vgchange why lvs"},
    {"lvs",
     R"(One line for each LV, in columns. -o chooses them, `-o help` lists all; -O sorts and -S selects, by any field, shown or
not. Reports take no lock and wait for nobody. With --segments there is a line for each segment.

The column Attr tells in its first letters what the LV is (`-`: plain), whether it can be written to (`w`), how it is allocated
(`i`: as its VG says), and further on whether it is active (`a`) and open (`o`).)",
     R"(All LVs, and where they lie:
  ashlar lvs
  ashlar lvs -o +devices
One VG, the largest first, in mebibytes:
  ashlar lvs -o lv_name,lv_size -O -lv_size --units m vg0
For a script:
  ashlar lvs --noheadings -o lv_path -S 'lv_active=active && lv_tags=backup'
For a program:
  ashlar lvs --reportformat json --units b --nosuffix -o lv_full_name,lv_size)",
     "pvs vgs lvdisplay fullreport"},
    {"lvdisplay",
     R"(Shows LVs one after the other, a property a line. -m adds the PVs they lie on; -c is for old scripts; -C is `lvs`.)",
     R"(One LV, and where it lies:
  ashlar lvdisplay -m vg0/data)",
     "lvs pvdisplay vgdisplay"},
    {"lvscan", R"(A line for each LV: active or not, its path, its size and how it is allocated. Takes no names.)",
     R"(Which LVs are there?
  ashlar lvscan)",
     "lvs vgscan"},
    {"lv",
     R"(Reads and writes what LVs hold without device-mapper: through image files, or on disks whose LVs are not active. So a volume in
an image is filled without root and without a loop device.

* `read` writes the bytes to stdout, or to --file; `write` takes them from stdin, or from --file.

* `export` copies the whole LV to a file, `import` a whole file into the LV. Holes stay holes. `-` is stdout, or stdin.

A file that is larger than the LV is refused before anything is written. A volume that is active is not written to. A copy that was
cut is finished with --resume.)",
     R"(Fill a volume, and take a copy of it:
  ashlar lv import vg0/data fs.img
  ashlar lv export vg0/data copy.img
A filesystem from one VG to another:
  ashlar lv read vg0/data | ashlar lv write vg1/data
The first MiB alone:
  ashlar lv read --size 1m --file start vg0/data)",
     "lvcreate tables"},
    {"tables",
     R"(Prints the device-mapper tables that activating the LVs would load, in the form of `dmsetup table`, a line for
each target. Changes nothing, and needs no device-mapper.)",
     R"(Where would the LV lie?
  ashlar tables vg0/data)",
     "lvchange dmsetup(8)"},
};
}  // namespace

const Chapter kLvChapter{"Logical volumes", kLvPages};

}  // namespace ashlar::cli
