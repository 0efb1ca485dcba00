// SPDX-License-Identifier: LGPL-2.1-or-later
// The machine's devices: found below /dev, judged by filters, /sys and their first 8 KiB. Never asks udev.
// Source: docs/format.md 7.1, 7.2, 7.4.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/host_source.h"
#include "device/listed.h"
#include "device/sysfs.h"

namespace ashlar::device {

/// The settings of section "devices" that say what may be a PV, with LVM2's defaults.
struct ScanOptions {
  HostPaths host;
  std::vector<std::string> scan{"/dev"};
  std::vector<std::string> filter, global_filter;  ///< "a|REGEX|", "r|REGEX|"; empty: everything is accepted
  std::vector<std::string> preferred_names;        ///< regexes
  std::vector<std::string> types;                  ///< names of further block drivers in /proc/devices
  bool sysfs_scan = true;                          ///< only devices that /sys knows
  bool scan_lvs = false;
  bool ignore_suspended = false;  ///< a device-mapper device that is suspended is no candidate; else it is waited for
  bool md_component_detection = true;
  bool multipath_component_detection = true;
  std::uint64_t pv_min_size_kib = 2048;
  std::shared_ptr<ListedDevices> listed = {};  ///< a devices file that rules; none: every device may be used
};

/// A device that is no candidate, and why, as in "Cannot use NAME: REASON".
struct Rejected {
  std::vector<std::string> names;  ///< the shown one first
  std::string reason;
};

class MachineSource : public HostSource {
 public:
  using HostSource::HostSource;
  /// What the last candidates() and the find()s since then rejected, by device number.
  virtual std::vector<Rejected> rejected() const = 0;
};

/// Nothing is looked at before the first candidates() or find(). Errc::InvalidArgument for a bad filter.
Result<std::unique_ptr<MachineSource>> machine_source(ScanOptions options);

/// Can a block driver of this name in /proc/devices have PVs? `extra` is devices/types.
bool is_known_driver(std::string_view driver, const std::vector<std::string>& extra);

}  // namespace ashlar::device
