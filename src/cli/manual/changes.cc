// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"

namespace ashlar::cli {

namespace {
constexpr Manual kChangesPages[] = {
    {"apply",
     R"(Carries out a plan that a command wrote with --plan=json: exactly what it says, or nothing. The plan names the command and the
state of the VGs that it was made for. If one of them has changed since, the plan is refused and a new one is needed.

So one person can make a plan, another one read it, and a program run it later.)",
     R"(Look at a plan, save it, try whether it still holds, carry it out:
  ashlar lvextend -L +10g vg0/data --plan
  ashlar lvextend -L +10g vg0/data --plan=json >plan.json
  ashlar apply -t plan.json
  ashlar apply plan.json)",
     "batch ensure undo"},
    {"batch",
     R"(Carries out the command lines of a file, or of stdin, as one change: all of them, or none. Each line sees what those above it
have done. There is one lock, one archive, one commit and one wait for udev for each VG, so a thousand `lvcreate` take little longer
than one.

A line is a command that changes something, without `ashlar` in front. Words are separated by blanks; quotes and a backslash keep
blanks; `#` begins a comment. Options like --devices and --config are given to `batch` itself; -y answers the questions of all
lines.)",
     R"(The file `changes` has:

  lvcreate -n root -L 10g vg0
  lvcreate -n swap -L 2g vg0
  lvrename vg0 logs journal

What would come of it, then do it:
  ashlar batch changes --plan
  ashlar batch changes)",
     "apply ensure undo"},
    {"ensure",
     R"(Reads a specification of VGs, their PVs and their LVs, compares it with what is there, and makes the difference, all of it or
nothing. Run a second time it changes nothing. What the specification does not mention stays as it is.

Nothing is made smaller or removed unless the specification says so: `"may_shrink"`, `"state": "absent"`. The words of a
specification are in `docs/ensure.md`, and in `docs/ensure.schema.json` for programs that check.)",
     R"(The file `storage.json` has:

  {
    "volume_groups": [
      {
        "name": "vg0",
        "devices": ["/dev/sdb", "/dev/sdc"],
        "volumes": [
          {"name": "data", "size": "40g"},
          {"name": "rest", "minimum": "100%FREE"}
        ]
      }
    ]
  }

What would be done, then do it:
  ashlar ensure storage.json --plan
  ashlar ensure storage.json)",
     "batch apply"},
    {"history",
     R"(Shows every state of a VG that is known, oldest first: its number (seqno), when and by which command it was made, what that
changed, and where it is known from. States are read from archives and from what is left in the metadata areas of the disks, so it
works where the archives are lost.)",
     R"(All that is known:
  ashlar history vg0)",
     "diff undo undelete vgcfgrestore"},
    {"diff",
     R"(Tells in sentences how two states of a VG differ. A state is the number of one that `history` lists, `current`, or a file that
`vgcfgbackup` or an archive is; one that is left out is the current one.)",
     R"(What has changed since state 2, and between 1 and 2:
  ashlar diff vg0 2
  ashlar diff vg0 1 2
And since a copy was made:
  ashlar vgcfgbackup -f vg0.txt vg0
  ashlar diff vg0 vg0.txt)",
     "history undo"},
    {"undo",
     R"(Brings a VG back to what it was before the last change, or with --to to any state that `history` knows. It is a change as any
other, and can be undone.

It brings LVs back only where nothing else has had their extents since: every state in between is looked at. Otherwise it refuses and
names the LV, the state and the command.

It says how sure it is, and why: `certain`, where every state since is known, the disks tell of all that time, and the texts on them
say that nothing was discarded; else `likely`. Where data comes back that is only likely to be what it was, it asks first; -y is the
answer, and with nobody to answer nothing is done. It asks too before an active LV goes or shrinks.

--force goes on where states in between are not known, where extents were or may have been discarded, or where a PV was missing
meanwhile, and asks none of this. It does not go on where another LV is known to have had the extents.)",
     R"(Take the last change back, and see what that means first:
  ashlar undo vg0 --plan
  ashlar undo -y vg0
Back to a certain state:
  ashlar undo -y --to 3 vg0)",
     "history undelete diff vgcfgrestore"},
    {"undelete",
     R"(Brings one LV back that was removed, with its data, name, UUID and tags, as it was in the newest state that had it. Other LVs stay
as they are. It is refused if anything else has had one of its extents since. The LV comes back inactive.

As `undo` it says how sure it is, asks where the data is only likely to be what it was (-y is the answer), and refuses where it may well
be gone, as when its extents were discarded; --force goes on then and asks nothing, but not where another LV had the extents.)",
     R"(An LV was removed by mistake:
  ashlar lvremove -y vg0/logs
  ashlar undelete vg0/logs
  ashlar lvchange -ay vg0/logs
Another one has its name now:
  ashlar lvremove -y vg0/logs
  ashlar lvcreate -q -l 1 -n logs vg0 /dev/sdc
  ashlar undelete --name oldlogs vg0/logs)",
     "lvremove history undo"},
    {"repair",
     R"(Shows every copy of a VG's metadata that is left, says what is wrong and in steps what it would do about it, and under each
step what nobody can know. Then it asks, and writes. Before anything is written over, it is saved beside the backups. A VG is repaired as
a whole or not at all.

With -y nothing is asked, what nobody can know included. One such thing: a PV that `pvremove -ff` took out of its VG looks just as
one that lost its label, and gets it back; the step says so. After a `pvremove -ff` that was meant, `vgreduce --removemissing` comes
before any `repair -y`.

Without arguments it looks at all VGs, and at devices that cannot be read as PVs. Where a person has to decide, it names the commands and
ends with status 5.)",
     R"(Is anything damaged?
  ashlar repair
What would be done with one VG:
  ashlar repair vg0 --plan)",
     "why history pvck vgck"},
    {"why",
     R"(Tells why a device is not looked at, why a VG is refused, and why an LV is inactive or cannot grow: the filter and its line, the
missing disk, the flag, the list. With each reason comes the command that would mend it. For a VG or an LV it also says the largest
request that would succeed. It changes nothing.)",
     R"(Of a disk, a VG and an LV:
  ashlar why /dev/sdd vg0 vg0/data)",
     "repair lvs pvs lvm.conf(5)"},
};
}  // namespace

const Chapter kChangeChapter{"Plans, history, repair", kChangesPages};

}  // namespace ashlar::cli
