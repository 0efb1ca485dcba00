// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel's device-mapper as the rest sees it. dm_kernel.cc speaks to the real one through libdevmapper's dm_tree;
// tests have a fake that keeps tables and refuses illegal orders.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/diff.h"
#include "activation/table.h"
#include "base/uuid.h"

namespace ashlar::dm {

/// A change that is under way: existing devices have their new tables loaded and are suspended, new ones wait. finish()
/// makes it permanent; destroying it unfinished clears the new tables and resumes the old ones, and logs a warning if
/// that fails. While devices are suspended the process is locked in memory and the thread takes no signals; so it is
/// finished or destroyed soon, by the thread that began it.
class Preloaded {
 public:
  virtual ~Preloaded() = default;
  /// Resumes with the new tables, creates, renames and removes, waits (with a deadline) for udev, makes nodes and links
  /// where udev does not. Errc::Partial: what could be done is done, nothing stays suspended that can be resumed, and
  /// the message says which device is not as wanted. Call once.
  virtual Status finish() = 0;
};

/// One thread at a time: libdevmapper keeps its state in globals.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// All devices whose UUID starts with "LVM-" + the VG's id. One query of the whole list, tables for those found.
  /// Without a device-mapper in the kernel: empty.
  virtual Result<std::vector<ActiveDevice>> active(const Uuid& vg) = 0;
  /// active(), of these LVs alone: tables are read of no others.
  virtual Result<std::vector<ActiveDevice>> active_of(const Uuid& vg, std::span<const Uuid> lvs);
  /// Every LVM device with its state, without its table: for reports. One query of the whole list, one for each found.
  virtual Result<std::vector<ActiveDevice>> list() = 0;
  /// The UUID of the device of each name in the whole device-mapper, LVM's or not. One query.
  virtual Result<std::unordered_map<std::string, std::string>> names() = 0;
  /// The UUIDs of active(), for those who need no tables. One query.
  virtual Result<std::vector<std::string>> active_uuids(const Uuid& vg) {
    std::vector<std::string> uuids;
    for (ActiveDevice& each : TRY(active(vg))) uuids.push_back(std::move(each.device.uuid));
    return uuids;
  }

  /// Loads tables and suspends what the change touches, in an order that is safe; on failure everything is as before,
  /// or the message says what is not. Errc::Busy "Logical volume VG/LV in use." and by whom, for a device to be
  /// removed; Errc::Exists for a name or UUID that is taken; Errc::Unsupported for devices that exchange names. Between
  /// this and finish() nobody opens files, logs to disk or starts programs.
  virtual Result<std::unique_ptr<Preloaded>> preload(const Change& change) = 0;

  /// Can devices be made at all: /dev/mapper/control answers. The Status says why not.
  virtual Status available() = 0;
  /// Makes the names under /dev of LVM devices where udev did not; the paths made.
  virtual Result<std::vector<std::string>> make_nodes() { return std::vector<std::string>(); }
  /// "4.47.0"
  virtual Result<std::string> driver_version() = 0;
};

struct KernelOptions {
  bool udev_sync = true, udev_rules = true, verify_udev_operations = false;
  bool retry_deactivation = true;
  std::string dev_dir = "/dev";
  unsigned udev_timeout_seconds = 30;  ///< given up when udev has handled no event for so long
};
/// The machine's device-mapper.
std::unique_ptr<Kernel> dm_kernel(KernelOptions options);
/// No device-mapper: nothing is active, preload of a non-empty change says so. For images without root.
std::unique_ptr<Kernel> no_kernel();

/// libdevmapper's own: "1.02.185 (2022-05-18)".
std::string library_version();

}  // namespace ashlar::dm
