// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings_rows.h"

namespace ashlar::config {

namespace {
constexpr std::string_view kQuiet[] = {"-q"};
constexpr std::string_view kEmptyWord[] = {""};
constexpr std::string_view kQuietAndClear[] = {"-q", "--clear-needs-check-flag"};
}  // namespace

std::span<const Setting> global_rows() {
  // clang-format off
  static constexpr Setting kRows[] = {
      {"global", Section{}, {1, 0, 0}, kPlain, "What concerns all commands."},
      {"global/umask", 077, {1, 0, 0}, kPlain,
       "File mode bits that new files and folders do not get; octal with a leading 0.", "077"},
      {"global/test", false, {1, 0, 0}, kPlain, "Change nothing, as --test."},
      {"global/units", "r", {1, 0, 0}, kOfCommands,
       "Unit of sizes in reports, as --units: h and r choose one for each number (r marks a rounded one with <), b "
       "bytes, s sectors, k m g t p e powers of 1024, their capitals powers of 1000."},
      {"global/si_unit_consistency", true, {2, 2, 54}, kOfCommands,
       "Tell KiB (1024 bytes) from kB (1000 bytes) by the suffix: k is written KiB and K kB."},
      {"global/suffix", true, {1, 0, 0}, kOfCommands, "Write the unit behind sizes. --nosuffix is stronger."},
      {"global/activation", true, {1, 0, 0}, kPlain,
       "Talk to the kernel's device-mapper. With 0 only metadata is read and changed, and LVs cannot be activated."},
      {"global/fallback_to_lvm1", false, {1, 0, 18}, kKept,
       "Start the tools of LVM1 where the kernel has no device-mapper.", "", {2, 3, 0}},
      {"global/format", "lvm2", {1, 0, 0}, kKept, "Format of metadata; \"lvm2\" is the only one.", "", {2, 3, 0}},
      {"global/format_libraries", kNothing, {1, 0, 0}, kKept | kUnset,
       "Libraries with further formats of metadata.", R"([ "liblvm2format1.so" ])", {2, 3, 0}},
      {"global/segment_libraries", kNothing, {1, 0, 18}, kKept | kUnset,
       "Libraries with further segment types.", R"([ "liblvm2snapshot.so" ])", {2, 3, 3}},
      {"global/proc", "/proc", {1, 0, 0}, kKept | kAdvanced, "Where the proc file system is mounted."},
      {"global/etc", "/etc", {2, 2, 117}, kPlain, "Where the configuration of the system is."},
      {"global/locking_type", 1, {1, 0, 0}, kPlain,
       "Kind of locks; 1, lock files, is the only one left. With 4 nothing is changed, and LVs are activated without a "
       "lock; any other number counts as 1.", "", {2, 3, 0}},
      {"global/wait_for_locks", true, {2, 2, 50}, kPlain,
       "Wait for a lock that another command holds; with 0 fail at once."},
      {"global/fallback_to_clustered_locking", true, {2, 2, 42}, kKept,
       "Try the locks of a cluster where a locking library cannot be loaded.", "", {2, 3, 0}},
      {"global/fallback_to_local_locking", true, {2, 2, 42}, kKept,
       "Lock on this host alone where the locks of a cluster are out of reach.", "", {2, 3, 0}},
      {"global/locking_dir", "/run/lock/lvm", {1, 0, 0}, kDerived,
       "Folder of the lock files: /run/lock/lvm for root, in $XDG_RUNTIME_DIR/ashlar for other users."},
      {"global/prioritise_write_locks", true, {2, 2, 52}, kPlain,
       "Let a command that wants to change a VG go before those that only want to read it."},
      {"global/library_dir", "", {1, 0, 0}, kKept | kUnset,
       "Folder in which libraries are looked for first.", R"("/usr/lib/lvm2")"},
      {"global/locking_library", "liblvm2clusterlock.so", {1, 0, 0}, kKept | kMayBeEmpty,
       "A library with locks of another kind.", "", {2, 3, 0}},
      {"global/abort_on_internal_errors", false, {2, 2, 57}, kKept,
       "Abort, for a core dump, when a command finds that it is wrong itself."},
      {"global/detect_internal_vg_cache_corruption", false, {2, 2, 96}, kKept,
       "Check metadata that is held in memory for changes by mistake.", "", {2, 2, 174}},
      {"global/metadata_read_only", false, {2, 2, 75}, kPlain, "Refuse every change of metadata."},
      {"global/mirror_segtype_default", "raid1", {2, 2, 87}, kKept,
       "What --mirrors alone makes: \"raid1\" or \"mirror\"."},
      {"global/support_mirrored_mirror_log", false, {2, 3, 2}, kKept, "Allow mirrors whose log is itself mirrored."},
      {"global/raid10_segtype_default", "raid10", {2, 2, 99}, kKept,
       "What --mirrors with --stripes makes: \"raid10\" or \"mirror\"."},
      {"global/sparse_segtype_default", "thin", {2, 2, 112}, kKept,
       "What --virtualsize makes without --type: \"thin\" or \"snapshot\"."},
      {"global/lvdisplay_shows_full_device_path", false, {2, 2, 89}, kOfCommands,
       "Have lvdisplay give the full path of an LV as its name, as it did long ago."},
      {"global/event_activation", true, {2, 3, 1}, kPlain,
       "Let events activate VGs when they are complete (pvscan --cache -aay, vgchange --autoactivation event)."},
      {"global/use_lvmetad", false, {2, 2, 93}, kKept, "Ask the daemon lvmetad, which is no more.", "", {2, 3, 0}},
      {"global/lvmetad_update_wait_time", 0, {2, 2, 151}, kKept, "Seconds to wait for this daemon.", "", {2, 3, 0}},
      {"global/use_aio", true, {2, 2, 183}, kKept, "Read and write devices asynchronously."},
      {"global/use_lvmlockd", false, {2, 2, 124}, kKept, "Lock shared VGs by lvmlockd."},
      {"global/lvmlockd_lock_retries", 3, {2, 2, 125}, kKept,
       "How often to ask lvmlockd again for a lock that another host has."},
      {"global/sanlock_lv_extend", 256, {2, 2, 124}, kKept,
       "MiB by which the LV with sanlock's leases grows when it is full; 0: it does not."},
      {"global/lvmlockctl_kill_command", "", {2, 3, 12}, kKept | kMayBeEmpty,
       "What lvmlockctl --kill runs with the name of a VG that lost its leases."},
      {"global/thin_check_executable", "/usr/sbin/thin_check", {2, 2, 94}, kKept | kMayBeEmpty,
       "Path of thin_check, which looks at a thin pool's metadata; empty: it is not run."},
      {"global/thin_dump_executable", "/usr/sbin/thin_dump", {2, 2, 100}, kKept | kMayBeEmpty, "Path of thin_dump."},
      {"global/thin_repair_executable", "/usr/sbin/thin_repair", {2, 2, 100}, kKept | kMayBeEmpty,
       "Path of thin_repair."},
      {"global/thin_check_options", kQuiet, {2, 2, 96}, kKept | kMayBeEmpty, "Options for thin_check."},
      {"global/thin_repair_options", kEmptyWord, {2, 2, 100}, kKept | kMayBeEmpty, "Options for thin_repair."},
      {"global/thin_disabled_features", kNothing, {2, 2, 99}, kKept | kUnset | kMayBeEmpty,
       "Features of the thin-pool target not to use.", R"([ "block_size" ])"},
      {"global/cache_disabled_features", kNothing, {2, 2, 128}, kKept | kUnset | kMayBeEmpty,
       "Features of the cache target not to use.", R"([ "policy_smq" ])"},
      {"global/cache_check_executable", "/usr/sbin/cache_check", {2, 2, 108}, kKept | kMayBeEmpty,
       "Path of cache_check, which looks at a cache pool's metadata; empty: it is not run."},
      {"global/cache_dump_executable", "/usr/sbin/cache_dump", {2, 2, 108}, kKept | kMayBeEmpty, "Path of cache_dump."},
      {"global/cache_repair_executable", "/usr/sbin/cache_repair", {2, 2, 108}, kKept | kMayBeEmpty,
       "Path of cache_repair."},
      {"global/cache_check_options", kQuietAndClear, {2, 2, 108}, kKept | kMayBeEmpty, "Options for cache_check."},
      {"global/cache_repair_options", kEmptyWord, {2, 2, 108}, kKept | kMayBeEmpty, "Options for cache_repair."},
      {"global/vdo_format_executable", "/usr/bin/vdoformat", {2, 3, 0}, kKept | kMayBeEmpty,
       "Path of vdoformat, which prepares a VDO pool."},
      {"global/vdo_format_options", kEmptyWord, {2, 3, 0}, kKept | kMayBeEmpty, "Options for vdoformat."},
      {"global/vdo_disabled_features", kNothing, {2, 3, 11}, kKept | kUnset | kMayBeEmpty,
       "Features of the vdo target not to use.", R"([ "online_rename" ])"},
      {"global/fsadm_executable", "/sbin/fsadm", {2, 2, 170}, kKept,
       "Path of fsadm, by which LVM2 resizes file systems."},
      {"global/system_id_source", "none", {2, 2, 117}, kPlain,
       "Where this host's system ID comes from: \"none\", \"uname\" (the host name), \"machineid\" (/etc/machine-id), "
       "\"file\" (global/system_id_file) or \"lvmlocal\" (local/system_id). A VG with another host's ID is not used. "
       "With \"appmachineid\", an ID that only LVM2 can work out, every command is refused."},
      {"global/system_id_file", "", {2, 2, 117}, kUnset,
       "File with the system ID, alone on a line; # starts a comment.", R"("/etc/lvm/lvm.systemid")"},
      {"global/use_lvmpolld", true, {2, 2, 120}, kKept, "Have the daemon lvmpolld follow long work such as pvmove."},
      {"global/notify_dbus", true, {2, 2, 145}, kKept, "Tell lvmdbusd on D-Bus about changes."},
      {"global/io_memory_size", 8192, {2, 3, 2}, kKept, "Memory for reading and writing metadata in KiB."},
  };
  // clang-format on
  return kRows;
}

}  // namespace ashlar::config
