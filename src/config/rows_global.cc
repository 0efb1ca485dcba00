// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

void add_global_rows(std::vector<Setting>& rows) {
  const Setting global[] = {
      {"config/checks", true, true, "Warn of settings in this table that have a value of the wrong type.", ""},

      {"config/profile_dir", "/etc/lvm/profile", true,
       "Folder of profiles: NAME.profile is what --commandprofile NAME and --metadataprofile NAME mean.", ""},

      {"tags/hosttags", false, true,
       "The host has its own name as a tag. Further sections in this one are tags of the host: tag1 { } always, "
       "tag2 { host_list = [ \"host1\" ] } on the hosts named. For each tag lvm_TAG.conf in this folder is read too; "
       "it is stronger than this file.",
       ""},

      {"global/umask", 077, true, "File mode bits that new files and folders do not get; octal with a leading 0.",
       "077"},
      {"global/test", false, true, "Change nothing, as --test.", ""},
      {"global/units", "r", true,
       "Unit of sizes in reports, as --units: h and r choose one for each number (r marks a rounded one with <), b "
       "bytes, "
       "s sectors, k m g t p e powers of 1024, their capitals powers of 1000.",
       ""},
      {"global/si_unit_consistency", true, true,
       "Tell KiB (1024 bytes) from kB (1000 bytes) by the suffix: k is written KiB and K kB.", ""},
      {"global/suffix", true, true, "Write the unit behind sizes. --nosuffix is stronger.", ""},
      {"global/activation", true, true,
       "Talk to the kernel's device-mapper. With 0 only metadata is read and changed, and LVs cannot be activated.",
       ""},
      {"global/proc", "/proc", true, "Where the proc file system is mounted. Accepted, without effect here.", ""},
      {"global/etc", "/etc", true, "Where the configuration of the system is.", ""},
      {"global/wait_for_locks", true, true, "Wait for a lock that another command holds; with 0 fail at once.", ""},
      {"global/locking_dir", "/run/lock/lvm", false,
       "Folder of the lock files: /run/lock/lvm for root, in $XDG_RUNTIME_DIR/ashlar for other users.", ""},
      {"global/prioritise_write_locks", true, true,
       "Let a command that wants to change a VG go before those that only want to read it.", ""},
      {"global/event_activation", true, true,
       "Let events activate VGs when they are complete (pvscan --cache -aay, vgchange --autoactivation event).", ""},
      {"global/metadata_read_only", false, true, "Refuse every change of metadata.", ""},
      {"global/system_id_source", "none", true,
       "Where this host's system ID comes from: \"none\", \"uname\" (the host name), \"machineid\" (/etc/machine-id), "
       "\"file\" (global/system_id_file) or \"lvmlocal\" (local/system_id). A VG with another host's ID is not used.",
       ""},
      {"global/system_id_file", "", false, "File with the system ID, alone on a line; # starts a comment.",
       R"("/etc/lvm/lvm.systemid")"},

      {"local/system_id", "", true,
       "The system ID for \"lvmlocal\". Belongs in lvmlocal.conf and must be unique among hosts that share disks.", ""},
      {"local/extra_system_ids", StringList{}, false, "Other system IDs whose VGs this host may use as its own.",
       R"([ "host2" ])"},

      {"log/verbose", 0, true, "How much to tell on the terminal, 0 to 3; as so many -v.", ""},
      {"log/silent", false, true,
       "Tell nothing that is not an error or a result, and answer questions with no; as -qq.", ""},
      {"log/syslog", false, true, "Send messages up to log/level to syslog, at the end of each command.", ""},
      {"log/file", "", false, "File that gets all messages up to log/level.", R"("/var/log/ashlar.log")"},
      {"log/overwrite", false, true, "Start log/file anew with each command instead of adding to it.", ""},
      {"log/level", 0, true,
       "How much goes to log/file and syslog: 0 nothing, 2 only critical messages, to 7 which is everything.", ""},
      {"log/indent", false, true, "Indent messages on the terminal by their weight.", ""},
      {"log/command_names", false, true, "Start each line with the name of the command.", ""},
      {"log/prefix", "  ", true, "What stands before each message, behind the name of the command.", ""},
      {"log/activation", false, true,
       "Keep writing to log/file and syslog while devices are suspended. May hang if the log is on such a device."
       " Accepted, without effect here.", ""},
      {"log/debug_classes",
       StringList{"memory", "devices", "io", "activation", "allocation", "metadata", "cache", "locking", "lvmpolld",
                  "dbus"},
       true, "Subjects of which debug messages are written. Accepted, without effect here.", ""},
  };
  rows.insert(rows.end(), std::begin(global), std::end(global));
}

}  // namespace ashlar::config
