// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything an operation touches outside its arguments, as interfaces: devices, locks, archive, kernel, chance, time.
// Tests put fakes here; make_system() puts the machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "activation/kernel.h"
#include "archive/archive.h"
#include "base/result.h"
#include "base/uuid.h"
#include "config/settings.h"
#include "device/block_device.h"
#include "lock/locks.h"
#include "ops/devices_file.h"
#include "ops/system_id.h"

namespace ashlar::ops {

class Transaction;

/// This host, as metadata names it.
struct Host {
  std::string name;   ///< nodename
  std::string uname;  ///< "Linux node release version machine"
  SystemIds system_ids;
  std::int32_t dm_major = 0;  ///< device-mapper's, from /proc/devices; 0: it is not in the kernel
};

/// How to go about it: options that every command has.
struct Conduct {
  bool test = false;         ///< -t: stop before the first write
  bool archive = true;       ///< -A n: false
  bool assume_yes = false;   ///< -y
  std::string command_line;  ///< for archives and metadata: "lvcreate -L 1G vg0"
  /// Asked before something that loses data; false or no function: the answer is no. Never blocks a script.
  std::function<bool(const std::string& question)> confirm = {};
  bool agrees(const std::string& question) const { return assume_yes || (confirm && confirm(question)); }
  bool helpers_may_ask = false;  ///< a program that is run, such as cryptsetup, may ask for a passphrase on stdin
};

struct System {
  config::Settings settings;
  std::unique_ptr<device::DeviceSource> devices;
  std::unique_ptr<DevicesRegister> devices_file;  ///< null: none is in use
  std::unique_ptr<lock::Locks> locks;
  std::unique_ptr<archive::Archive> archive;
  std::unique_ptr<dm::Kernel> kernel;
  std::unique_ptr<Random> random;
  Host host;
  std::function<std::uint64_t()> now;  ///< seconds since 1970
  /// Opens an active LV by its dm name to clear its start.
  std::function<Result<std::unique_ptr<device::BlockDevice>>(const std::string& dm_name)> open_lv;
  /// Runs a program by its name and waits: mkfs. No shell, stdin empty; the error holds what it said.
  std::function<Status(const std::vector<std::string>& arguments)> run_program = {};
  /// Is there a program of that name for it? Says that it is not installed.
  std::function<Status(const std::string& name)> check_program = {};
  bool private_archive = false;  ///< archives are in a folder of the user's own, since the machine's are root's
  bool only_activates = false;   ///< global/locking_type=4: nothing is changed, and activation goes without a lock
  bool ask_kernel = true;        ///< false: what is active is unknown (--driverloaded n, --readonly)
  std::string run_dir;           ///< LVM2's hints live here; empty: leave them alone
  Conduct conduct;
  std::set<std::string> warned;        ///< what was said of damage, so that it is said once
  Transaction* transaction = nullptr;  ///< while one is on, nothing is written (ops/transaction.h)
};

/// Which machine, or which images.
struct SystemOptions {
  std::string command_line_config;                               ///< --config
  std::optional<std::string> command_profile, metadata_profile;  ///< --commandprofile, --metadataprofile
  std::vector<std::string> devices;         ///< --devices, --image: only these; empty: the machine's
  bool explicit_devices = false;            ///< --devices or --image was given
  std::optional<std::string> devices_file;  ///< --devicesfile; "": none is used
  /// For commands that change the devices file.
  enum class Listing : std::uint8_t {
    Limits,  ///< only what it lists is used
    ByHand,  ///< the same, and nothing is written that the command does not ask for
    Search,  ///< all devices are looked at, whatever the filters say
    Import,  ///< all that the filters leave
  } listing = Listing::Limits;
  bool no_locking = false, read_only = false;
  bool no_kernel = false;     ///< --driverloaded n: leave the kernel alone
  bool no_udev_sync = false;  ///< --noudevsync: do not wait until udev has made nodes and links
  std::optional<std::uint64_t>
      time;               ///< stands still at it, and the host has no name: for images that come out the same
  std::string uuid_seed;  ///< with the command line what ids are drawn from; empty: chance
  std::string directory;  ///< LVM_SYSTEM_DIR; empty: /etc/lvm, or the user's state for images without root
  Conduct conduct;
  std::function<void(const std::string&)> on_wait = {};  ///< told once when a lock is not free
};

/// Locks that refuse every change, and what goes with them: --readonly, global/metadata_read_only and
/// global/locking_type=4. False: they are none of these settings' and options' matter.
bool lock_read_only(System& sys, const SystemOptions& options);

/// Reads the configuration and opens nothing else yet.
Result<System> make_system(const SystemOptions& options);

}  // namespace ashlar::ops
