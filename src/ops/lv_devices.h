// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel has of a VG, LV by LV.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/table.h"
#include "metadata/model/volume_group.h"
#include "ops/system.h"

namespace ashlar::ops {

class LvDevices {
 public:
  /// One query of the kernel.
  static Result<LvDevices> read(System& sys, const Uuid& vg);
  /// The devices of this LV of it alone, or of those with these names.
  static Result<LvDevices> read(System& sys, const Uuid& vg, const LogicalVolume& lv);
  static Result<LvDevices> read(System& sys, const VolumeGroup& vg, std::span<const std::string> names);

  /// The LV's own device, first, and its layers, whose UUIDs are its own with a suffix; empty: it is not active.
  const std::vector<dm::ActiveDevice>& of(const LogicalVolume& lv) const;
  bool active(const LogicalVolume& lv) const { return !of(lv).empty(); }
  bool open(const LogicalVolume& lv) const { return active(lv) && of(lv).front().info.open_count > 0; }

 private:
  explicit LvDevices(std::vector<dm::ActiveDevice> devices);
  std::unordered_map<Uuid, std::vector<dm::ActiveDevice>> by_lv_;
};

}  // namespace ashlar::ops
