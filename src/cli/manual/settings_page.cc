// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/manual/manual.h"
#include "cli/manual/roff.h"
#include "config/settings.h"

namespace ashlar::cli {

namespace {
constexpr std::string_view kSettingsAbout =
    R"(`/etc/lvm/lvm.conf`, or `lvm.conf` in the folder that `LVM_SYSTEM_DIR` names, holds the settings of ashlar(8). LVM2 reads the same
file; settings of LVM2 that are not listed here are accepted and have no effect. No setting has to be there: each has a default.

A setting stands in a section, or is written with its section in front; the two mean the same:

  backup {
      retain_min = 10
  }
  backup/retain_min = 10

Values are whole numbers, numbers with a point, texts in double quotes, or lists of them in brackets; flags are 0 or 1, or `no` and
`yes`. `#` begins a comment.

The same setting may be in more places. The strongest comes first:

* --config on the command line;

* the profile that --commandprofile or `LVM_COMMAND_PROFILE` names, then that of --metadataprofile, each a file in
`config/profile_dir`;

* `lvm_TAG.conf` for each tag of the host, the last one first;

* `lvmlocal.conf`, for what belongs to this host alone;

* `lvm.conf`.

`ashlar lvmconfig` shows what is set, and `ashlar lvmconfig --validate` checks it.)";

constexpr std::string_view kSettingsExamples =
    R"(Look at SCSI and NVMe disks only, and keep archives for 90 days:

  devices {
      filter = [ "a|^/dev/sd|", "a|^/dev/nvme|", "r|.*|" ]
  }
  backup {
      retain_days = 90
  }

For one command:

  ashlar lvcreate -L 10g -n scratch vg0 --config backup/archive=0)";

std::string setting_item(const config::Setting& row) {
  const std::string value = row.example.empty() ? config::print_value(row.initial) : std::string(row.example);
  std::string text = roff::sentence(config::help_of(row));
  if (row.is(config::kUnset) || row.is(config::kDerived)) text += "\nNot set by default.";
  return roff::item(roff::bold(row.path) + " = " + roff::plain(value), text);
}
}  // namespace

std::string settings_page(std::uint64_t time) {
  std::string out = roff::head("ashlar-lvm.conf", 5, time, "settings of ashlar and LVM2");
  out += roff::heading("Description") + roff::paragraphs(kSettingsAbout);
  out += roff::heading("Settings") + "Each with its default, or an example where it is not set by default.\n";
  for (const auto section : config::setting_sections()) {
    out += ".SS " + std::string(section.front().path) + "\n" + roff::sentence(section.front().help) + "\n";
    for (const config::Setting& row : section.subspan(1)) out += setting_item(row);
  }
  out += roff::heading("Examples") + roff::paragraphs(kSettingsExamples);
  out += roff::heading("Files") +
         roff::item(roff::bold("/etc/lvm/lvm.conf") + ", " + roff::bold("/etc/lvm/lvmlocal.conf"), "The settings.") +
         roff::item(roff::bold("/etc/lvm/profile"), "Profiles, each NAME" + roff::bold(".profile") + ".");
  return out + roff::heading("See also") + roff::reference("ashlar") + ",\n" + roff::reference("lvmconfig") + ",\n" +
         roff::reference("why") + "\n";
}

}  // namespace ashlar::cli
