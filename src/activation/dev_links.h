// SPDX-License-Identifier: LGPL-2.1-or-later
// The names of active LVs under /dev where udev does not make them: /dev/mapper/NAME and /dev/VG/LV.
// Source: docs/format.md 8.7.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "activation/table.h"

namespace ashlar::dm {

/// One device's names.
struct DevNames {
  std::string name;              ///< under mapper/
  std::string vg_name, lv_name;  ///< lv_name empty: no VG/LV link
};

class DevLinks {
 public:
  explicit DevLinks(std::string dev_dir) : dev_dir_(std::move(dev_dir)) {}

  /// Which of the names do not lead to the device, as paths.
  std::vector<std::string> missing(const DevNames& names, DevNumber number) const;
  /// The same, looking again until nothing is missing or `until` has come.
  std::vector<std::string> missing(const DevNames& names, DevNumber number,
                                   std::chrono::steady_clock::time_point until) const;
  /// Makes those: mapper/NAME as a link to dm-N, or a node of its own if that is not there; VG/LV as a link to it.
  /// Replaces links that lead elsewhere, never anything else.
  Status make(const DevNames& names, DevNumber number) const;
  /// Takes away what make() or udev left of them, and the VG's directory if it is empty then. `number` is that of the
  /// device that is gone; a name that leads to another device stays.
  Status remove(const DevNames& names, DevNumber number) const;

  std::string node(const std::string& name) const { return dev_dir_ + "/mapper/" + name; }
  std::string link(const DevNames& names) const { return dev_dir_ + "/" + names.vg_name + "/" + names.lv_name; }

 private:
  std::string dev_dir_;
};

/// A node of the block device of that number: by the kernel's name for it, or by number.
Result<std::string> device_node(const std::string& dev_dir, DevNumber number);

}  // namespace ashlar::dm
