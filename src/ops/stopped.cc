// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/stopped.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/system_file.h"

namespace ashlar::ops {

namespace {
std::string name_of(const VolumeGroup& vg, const LogicalVolume& lv) { return fmt::format("{}/{}", printable(vg.name), printable(lv.name)); }
}  // namespace

bool stands_still(const dm::ActiveDevice& device) { return device.info.suspended || !device.info.live_table; }

std::string still_sentence(const VolumeGroup& vg, const LogicalVolume& lv, const dm::ActiveDevice& device) {
  if (!stands_still(device)) return {};
  return fmt::format("Logical volume {0} {1}: a command that changed it was stopped on its way. lvchange --refresh {0} mends it.", name_of(vg, lv),
                     device.info.suspended ? "is suspended, and whoever uses it waits" : "has a device without a table");
}

std::string uncleared_sentence(const VolumeGroup& vg, const LogicalVolume& lv, const dm::ActiveDevice& device) {
  const std::string known = system_file(fmt::format("/run/udev/data/b{}:{}", device.info.number.major, device.info.number.minor), 1 << 16);
  if (known.find("\nE:DM_NOSCAN=1\n") == std::string::npos) return {};
  return fmt::format("Logical volume {0} is hidden from udev, as a new one is until it is cleared: the lvcreate that made it was stopped on its way. "
                     "lvremove {0} takes it away; lvchange --refresh {0} shows it with whatever lay there before.", name_of(vg, lv));
}

}  // namespace ashlar::ops
