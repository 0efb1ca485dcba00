// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/system.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <sstream>

#include "base/log.h"
#include "base/system_file.h"
#include "device/direct_device.h"
#include "device/image_name.h"
#include "device/image_source.h"
#include "device/scanner.h"
#include "ops/helper.h"

namespace ashlar::ops {

namespace {
constexpr char kDefaultDirectory[] = "/etc/lvm";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// A folder of the XDG base directory specification: a relative one is as if it were not set.
std::string base_directory(const char* name) {
  std::string path = environment(name);
  return path.starts_with('/') ? path : std::string();
}

/// Where things are kept: a user without root who names image files has places of their own.
struct Places {
  std::string directory;    ///< lvm.conf, archive, backup
  std::string locking_dir;  ///< where global/locking_dir is not set; empty: its default
};

Places choose_places(const SystemOptions& options) {
  if (!options.directory.empty()) return {options.directory, {}};
  if (::geteuid() == 0 || !options.explicit_devices) return {kDefaultDirectory, {}};
  std::string run = base_directory("XDG_RUNTIME_DIR"), state = base_directory("XDG_STATE_HOME");
  if (run.empty()) run = fmt::format("/tmp/ashlar-{}", ::geteuid());
  if (state.empty()) state = environment("HOME") + "/.local/state";
  return {state + "/ashlar", run + "/ashlar"};
}

bool is_image(const std::string& word) { return device::image_file_of(word).has_value(); }

std::int32_t dm_major() {
  std::istringstream devices(system_file("/proc/devices"));
  std::int32_t number = 0;
  std::string name;
  for (std::string line; std::getline(devices, line);) {
    std::istringstream words(line);
    if (words >> number >> name && name == "device-mapper") return number;
  }
  return 0;
}

Host this_host() {
  utsname u{};
  if (::uname(&u) != 0) return {.name = "localhost"};
  return {u.nodename,
          fmt::format("{} {} {} {} {}", u.sysname, u.nodename, u.release, u.version, u.machine),
          {},
          dm_major()};
}

/// Chance, time and this host's name, or what stands for them where the same commands are to give the same bytes. Who
/// owns a VG is asked of the real name all the same.
void make_repeatable(System& sys, const SystemOptions& options) {
  if (options.uuid_seed.empty())
    sys.random = std::make_unique<SystemRandom>();
  else
    sys.random = std::make_unique<SeededRandom>(options.uuid_seed + "\n" + options.conduct.command_line);
  if (!options.time) {
    sys.now = [] { return static_cast<std::uint64_t>(std::time(nullptr)); };
    return;
  }
  sys.now = [time = *options.time] { return time; };
  sys.host.name = "localhost";
  sys.host.uname = "Linux localhost";
}

std::uint32_t bounded(std::int64_t value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, UINT32_MAX));
}

archive::Options archive_options(const config::Settings& s) {
  return {s.flag("backup/archive"), s.text("backup/archive_dir"), s.text("backup/backup_dir"),
          bounded(s.number("backup/retain_min")), bounded(s.number("backup/retain_days"))};
}

device::ScanOptions scan_options(const config::Settings& s) {
  device::ScanOptions options;
  options.host.dev = s.text("devices/dir");
  options.scan = s.list("devices/scan");
  options.filter = s.list("devices/filter");
  options.global_filter = s.list("devices/global_filter");
  options.types = s.list("devices/types");  // the numbers among them are no driver's name
  options.scan_lvs = s.flag("devices/scan_lvs");
  options.ignore_suspended = s.flag("devices/ignore_suspended_devices");
  options.md_component_detection = s.flag("devices/md_component_detection");
  options.multipath_component_detection = s.flag("devices/multipath_component_detection");
  options.pv_min_size_kib = bounded(s.number("devices/pv_min_size"));
  return options;
}

/// The devices file to use, if any.
Result<std::unique_ptr<DevicesRegister>> choose_devices_file(const SystemOptions& options, const config::Settings& s,
                                                             const std::string& directory, const std::string& locks) {
  const bool named = options.devices_file && !options.devices_file->empty();
  if (options.explicit_devices && named)
    return Error(Errc::InvalidArgument, "A --devices list cannot be used with --devicesfile.");
  if (options.explicit_devices || (!named && (options.devices_file || !s.flag("devices/use_devicesfile"))))
    return std::unique_ptr<DevicesRegister>();
  DevicesRegister::Options file;
  file.directory = directory + "/devices";
  file.name = named ? *options.devices_file : s.text("devices/devicesfile");
  if (!options.no_locking) file.lock_directory = locks;
  file.wait = s.flag("global/wait_for_locks");
  file.named = named;
  using Listing = SystemOptions::Listing;
  file.all_devices = options.listing == Listing::Search || options.listing == Listing::Import;
  file.by_hand = options.listing != Listing::Limits;
  file.search = s.text("devices/search_for_devnames") != "none";
  return DevicesRegister::open(std::move(file));
}

/// With a devices file the filters do not count, as in LVM2.
void drop_filters(device::ScanOptions& scan) {
  auto drop = [](std::vector<std::string>& filter, const char* name) {
    if (!filter.empty() && filter != std::vector<std::string>{"a|.*|"})
      log(LogLevel::Warning, fmt::format("Please remove the lvm.conf {}, it is ignored with the devices file.", name));
    filter.clear();
  };
  drop(scan.global_filter, "global_filter");
  drop(scan.filter, "filter");
}

// What LVM2 made of global/locking_type.
constexpr std::int64_t kFileLocking = 1, kReadOnlyLocking = 4;

std::unique_ptr<dm::Kernel> choose_kernel(const SystemOptions& options, const config::Settings& s) {
  bool images = std::any_of(options.devices.begin(), options.devices.end(), is_image);
  if (::geteuid() != 0 || images || options.no_kernel || !s.flag("global/activation")) return dm::no_kernel();
  dm::KernelOptions kernel;
  kernel.udev_sync = s.flag("activation/udev_sync") && !options.no_udev_sync;
  kernel.udev_rules = s.flag("activation/udev_rules");
  kernel.verify_udev_operations = s.flag("activation/verify_udev_operations");
  kernel.retry_deactivation = s.flag("activation/retry_deactivation");
  kernel.dev_dir = s.text("devices/dir");
  return dm::dm_kernel(std::move(kernel));
}
}  // namespace

bool lock_read_only(System& sys, const SystemOptions& options) {
  const std::int64_t type = sys.settings.number("global/locking_type");
  sys.only_activates = type == kReadOnlyLocking;
  if (sys.only_activates)
    log(LogLevel::Warning,
        "global/locking_type (4) is deprecated: nothing is changed, and LVs are activated without a lock.");
  else if (type != kFileLocking)
    log(LogLevel::Warning, fmt::format("global/locking_type ({}) is deprecated: lock files are used.", type));
  if (!sys.only_activates && !options.read_only && !sys.settings.flag("global/metadata_read_only")) return false;
  sys.locks = lock::readonly_locks();
  return true;
}

Result<System> make_system(const SystemOptions& options) {
  for (const std::string& word : options.devices) TRY(device::parse_image_name(word));
  Places places = choose_places(options);
  Host host = this_host();
  auto settings = config::load_settings(
      {places.directory, options.command_line_config, options.command_profile, options.metadata_profile, host.name});
  if (!settings && settings.error().sys_errno() != 0 && !places.locking_dir.empty())
    return Error(settings.error().code(),
                 settings.error().message() + " ($XDG_STATE_HOME or $LVM_SYSTEM_DIR names another folder)",
                 settings.error().sys_errno());
  System sys{.settings = TRY(std::move(settings))};
  const config::Settings& s = sys.settings;
  TRY(s.check_limits());
  sys.conduct = options.conduct;
  sys.conduct.test = sys.conduct.test || s.flag("global/test");
  sys.host = std::move(host);
  sys.host.system_ids = TRY(system_ids(s, sys.host.name));
  make_repeatable(sys, options);

  lock::FileLockOptions locks;
  bool own = !places.locking_dir.empty() && !s.is_set("global/locking_dir");
  locks.directory = own ? places.locking_dir : s.text("global/locking_dir");

  sys.devices_file = TRY(choose_devices_file(options, s, places.directory, locks.directory));
  if (options.explicit_devices) {
    sys.devices = device::image_source(options.devices, {.dev = s.text("devices/dir")});
  } else {
    device::ScanOptions scan = scan_options(s);
    if (sys.devices_file) {
      scan.listed = sys.devices_file->shared();
      if (sys.devices_file->limits() || options.listing == SystemOptions::Listing::Search) drop_filters(scan);
    }
    sys.devices = TRY(device::machine_source(std::move(scan)));
  }
  locks.wait = s.flag("global/wait_for_locks");
  locks.prioritise_writers = s.flag("global/prioritise_write_locks");
  for (const std::string& word : options.devices) {
    if (auto file = device::image_file_of(word)) locks.images.push_back(std::move(*file));
  }
  locks.on_wait = options.on_wait;
  if (options.no_locking)
    sys.locks = lock::no_locks();
  else if (!lock_read_only(sys, options))
    sys.locks = lock::file_locks(std::move(locks));

  sys.private_archive = !places.locking_dir.empty();
  archive::Options kept = archive_options(s);
  if (sys.private_archive) kept.other_settings = ", $XDG_STATE_HOME or $LVM_SYSTEM_DIR";
  sys.archive = archive::file_archive(std::move(kept), *sys.random);
  sys.kernel = choose_kernel(options, s);
  sys.run_program = [time = options.time](const std::vector<std::string>& words) -> Status {
    HelperResult done = TRY(run_helper(words, {.our_stdin = false, .time = time}));
    if (done.status == 0) return ok();
    return Error(Errc::Io, fmt::format("{} failed (status {}): {}", words[0], done.status, complaint(done.output)));
  };
  sys.check_program = [](const std::string& name) -> Status {
    TRY(find_program(name));
    return ok();
  };
  sys.ask_kernel = !options.no_kernel && s.flag("global/activation");
  sys.open_lv = [dir = s.text("devices/dir")](const std::string& name) {
    return device::open_device(dir + "/mapper/" + name);
  };
  if (::geteuid() == 0 && !options.explicit_devices) sys.run_dir = "/run/lvm";
  return sys;
}

}  // namespace ashlar::ops
