// SPDX-License-Identifier: LGPL-2.1-or-later
#include <span>

#include "cli/manual/manual.h"
#include "cli/manual/roff.h"

namespace ashlar::cli {

namespace {
constexpr std::string_view kAbout =
    R"(Manages logical volumes on LVM2's on-disk format. Disks that LVM2 made are used as they are, and the reverse; the commands, their
options and their output are those of LVM2, with some of its own.

A disk, a partition or an image file becomes a physical volume (PV). PVs are put together to a volume group (VG). Logical volumes (LV)
are made of the VG's space, grow and shrink, and are what filesystems are made on: `/dev/VG/LV`.

Called as `lvm`, or without arguments on a terminal, it is a shell that reads commands, with a history of its lines and completion.
A file that starts with `#!/usr/sbin/lvm` is a script: its lines are run up to the first that fails, whose status it ends with.
Through a link of a command's name, as `lvs`, it is that command.)";

constexpr std::string_view kSpecial =
    R"(* See before: every command that changes something takes --plan, shows what it would do, and does nothing. `ashlar apply` carries out
a plan that was saved with --plan=json, exactly so or not at all.

* All or nothing: `ashlar batch` makes one change of many command lines, `ashlar ensure` of a specification.

* Back again: `ashlar undo`, `ashlar undelete` and `ashlar history` read what a VG was from archives and from the disks themselves.

* Say why: `ashlar why` tells what is in the way, and the command that would mend it; `ashlar repair` shows what is left of a damaged
VG, and mends it.

* Disks in files: with --image, PVs are image files or partitions in them. Root, loop devices and device-mapper are not needed.

* For programs: --json makes one JSON document of any command's answer.)";

constexpr std::string_view kWords =
    R"(An LV is named as `VG/LV`, `/dev/VG/LV` or `/dev/mapper/VG-LV`. `@TAG` stands for all that carry the tag. A PV may be followed by the
extents that are meant: `/dev/sdb:0-99:200-`.

Sizes take a unit: b bytes, s sectors of 512 bytes, k m g t p e powers of 1024, which is also what their capitals mean here; without a
unit they are mebibytes, if the option does not say otherwise. In reports capitals are powers of 1000.

Hyphens in long options do not count, and their names may be cut short as long as one option is meant. Options may stand before and
behind arguments; `--` ends them.)";

constexpr std::string_view kExamples =
    R"(From two disks to a filesystem:
  ashlar vgcreate vg1 /dev/sdd /dev/sde
  ashlar lvcreate -L 10g -n home vg1
  mkfs.ext4 /dev/vg1/home
Larger, with the filesystem, while it is mounted:
  ashlar lvextend -r -L +5g vg1/home
What is there:
  ashlar pvs
  ashlar vgs
  ashlar lvs
The last change was wrong:
  ashlar history vg0
  ashlar undo vg0 --plan
An image file that is a disk:
  truncate -s 1g disk.img
  ashlar vgcreate vg2 disk.img --image disk.img
  ashlar lvcreate -L 500m -n root vg2 --image disk.img)";

std::string command_lists() {
  std::string out;
  for (const Chapter* chapter : chapters()) {
    out += ".SS " + std::string(chapter->title) + "\n";
    for (const Manual& entry : chapter->entries) {
      if (const Command* command = find_command(entry.command); command != nullptr)
        out += roff::item(roff::reference(entry.command), roff::sentence(command->summary) + ".");
    }
  }
  return out;
}

struct Term {
  std::string_view name, what;
};
std::string chapter_of(std::string_view title, std::span<const Term> terms) {
  std::string out = roff::heading(title);
  for (const Term& term : terms) out += roff::item(roff::bold(term.name), roff::sentence(term.what));
  return out;
}

std::string variables() {
  static constexpr Term kVariables[] = {
      {"LVM_SYSTEM_DIR",
       "The folder of lvm.conf, archives and backups; /etc/lvm if it is not set. Empty: there is none, nothing is read or kept."},
      {"LVM_VG_NAME", "The VG where an argument does not name one."},
      {"LVM_COMMAND_PROFILE", "A profile of settings, as --commandprofile."},
      {"LVM_OUT_FD, LVM_ERR_FD, LVM_REPORT_FD",
       "The numbers of descriptors that get output, errors and reports instead of standard output and standard error. One that is not open for writing keeps the command from starting: 4."},
      {"SOURCE_DATE_EPOCH",
       "The time that is written into metadata, in seconds since 1970: with --uuidseed the same commands make the same bytes."},
      {"XDG_STATE_HOME, XDG_RUNTIME_DIR",
       "Where settings and archives, and locks, are kept for a user who is not root and names image files."},
  };
  return chapter_of("Environment", kVariables);
}

std::string files() {
  static constexpr Term kFiles[] = {
      {"/etc/lvm/lvm.conf, /etc/lvm/lvmlocal.conf", "Settings."},
      {"/etc/lvm/archive", "The metadata of VGs before each change."},
      {"/etc/lvm/backup", "The metadata of VGs after the last change."},
      {"/etc/lvm/devices/system.devices", "The devices file."},
      {"/etc/lvm/profile", "Profiles of settings."},
      {"/run/lock/lvm", "Locks, the same as LVM2's."},
  };
  return chapter_of("Files", kFiles);
}
}  // namespace

std::string overview_page(std::uint64_t time) {
  std::string out = roff::head("ashlar", 8, time, "volume manager on LVM2's on-disk format");
  out += roff::heading("Synopsis") + roff::bold("ashlar") +
         " \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.br\n" + roff::bold("ashlar help") +
         " [\\fICOMMAND\\fR]\n.br\n" + roff::bold("ashlar") + "\n";
  out += roff::heading("Description") + roff::paragraphs(kAbout);
  out += roff::heading("What is special") + roff::paragraphs(kSpecial);
  out += roff::heading("Commands") + command_lists();
  out += roff::heading("Names and sizes") + roff::paragraphs(kWords);
  out += roff::heading("Options") +
         "Every command takes these. A command's own option goes before one of the same letter.\n";
  for (const Option& o : common_options()) out += roff::option(o);
  out += roff::heading("Exit status");
  out += roff::item(roff::bold("0"), "Done.") + roff::item(roff::bold("2"), "There is no such command.") +
         roff::item(roff::bold("3"), "The command line is wrong.");
  out += roff::item(roff::bold("4"), "The settings cannot be read.") +
         roff::item(roff::bold("5"),
                    "The command failed, as a whole or for some of what was named, or its answer may be incomplete.");
  out += variables() + files() + roff::heading("Examples") + roff::paragraphs(kExamples);
  return out + roff::heading("See also") + roff::reference("lvm.conf(5)") + ",\n" + roff::reference("lvm(8)") + ",\n" +
         roff::reference("dmsetup(8)") + "\n";
}

}  // namespace ashlar::cli
