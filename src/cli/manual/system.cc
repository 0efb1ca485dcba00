// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"

namespace ashlar::cli {

namespace {
constexpr Manual kSystemPages[] = {
    {"help",
     R"(Lists the commands, or shows the options of those that are named. --man prints pages of this manual in the language of man(7):
that of a command, of the program (`ashlar`, or no name), or of its settings (`lvm.conf`).

--complete is what completion in bash and zsh asks: what the last word of a command line that was begun may become. It reads disks
as a report does, takes no lock, and says nothing of what it cannot read.)",
     R"(Options of a command; its page, also where no pages are installed:
  ashlar help lvcreate
  ashlar help --man lvcreate | man -l -
The whole command table for a program:
  ashlar help --json)",
     "version"},
    {"fullreport",
     R"(Reports on VGs with all their PVs, LVs and segments, one after the other; made for programs, with --reportformat json.
--configreport chooses which of the reports the -o, -O and -S behind it are for.

Where `log/report_command_log` is set, this and most other commands print one more report at the end: the log, with a row for each
object that was worked on and how it fared, and for each message, which is then told there alone. In JSON it is the array "log".
--configreport log is for its fields; --logonly keeps a log whatever is set, and prints nothing else. `log/command_log_selection` chooses
its rows; usually those of what went well are left out.)",
     R"(Everything of one VG:
  ashlar fullreport --reportformat json vg0
The fields of the log; every row of that of a report:
  ashlar vgs --logonly --configreport log -o help
  ashlar vgs --logonly --configreport log -S all)",
     "pvs vgs lvs lastlog lvm.conf(5)"},
    {"lvmconfig",
     R"(Shows settings: those that are configured, or with --typeconfig all, the defaults, or those that differ from them. --validate
checks the files.)",
     R"(What is configured; what a setting is; all there are:
  ashlar lvmconfig
  ashlar lvmconfig --typeconfig full backup/retain_min
  ashlar lvmconfig --list)",
     "lvm.conf(5)"},
    {"dumpconfig", "Another name of `ashlar lvmconfig`, from older releases of LVM2.", "", "lvmconfig lvm.conf(5)"},
    {"config", "Another name of `ashlar lvmconfig`.", "", "lvmconfig lvm.conf(5)"},
    {"lvmdevices",
     R"(Where `devices/use_devicesfile` is on, only devices that the devices file lists are looked at. Without options this prints the
file; with them it adds devices, takes them off, or corrects what is no longer so. LVM2 uses the same file.)",
     R"(Which devices are listed, and is all as it says?
  ashlar lvmdevices
  ashlar lvmdevices --check
List a disk:
  ashlar lvmdevices --adddev /dev/sdd)",
     "vgimportdevices lvm.conf(5)"},
    {"lvmdiskscan", R"(Lists the devices that commands look at, with their sizes, and says which of them are PVs.)",
     R"(What could become a PV?
  ashlar lvmdiskscan)",
     "pvs why"},
    {"version", R"(Shows the versions of the program, of LVM2 whose behaviour it follows, and of device-mapper.)",
     R"(For a bug report:
  ashlar version)",
     "help"},
    {"formats", "Lists the formats of metadata: there is one, lvm2.", "", "segtypes"},
    {"segtypes",
     "Lists the types of LVs that can be made. Others that LVM2 made are shown and kept, and their VGs can be changed.",
     "", "lvcreate"},
    {"tags",
     R"(Lists the tags that the configuration gives this host. A PV, VG or LV that has the same tag can be told from others by it in
`activation/volume_list`.)",
     "", "lvm.conf(5)"},
    {"systemid",
     R"(Shows this host's system ID. A VG that carries that of another host is not used here, so that two hosts that see one disk do not
both change it. `global/system_id_source` says where the id comes from.)",
     R"(Whose VGs are there?
  ashlar systemid
  ashlar vgs --foreign -o +systemid)",
     "vgchange lvm.conf(5)"},
    {"devtypes", "Lists types of block devices as `/proc/devices` names them, with how many partitions each may have.",
     "", "lvmdiskscan"},
    {"lastlog",
     R"(In the shell, where `log/report_command_log` is set, this shows the log of the command before: all of its rows, or those that --select
chooses. A row is a message, or says how the command or one of its objects fared: then log_ret_code is 1 for success. Anywhere else there is
no such log, and the command says so and fails.)",
     "", "fullreport lvm.conf(5)"},
    {"lvpoll",
     "This name comes from LVM2's daemon. No command here starts what goes on by itself, so there is nothing to poll, and the command says so.",
     "", "lvchange"},
    {"lvmchange", "This name comes from LVM2. The command only says which one has taken its place, and fails.", "",
     "dmsetup(8)"},
    {"lvmsadc", "This name comes from LVM2. The command only says which one has taken its place, and fails.", "",
     "dmstats(8)"},
    {"lvmsar", "This name comes from LVM2. The command only says which one has taken its place, and fails.", "",
     "dmstats(8)"},
};
}  // namespace

const Chapter kSystemChapter{"Settings and the rest", kSystemPages};

}  // namespace ashlar::cli
