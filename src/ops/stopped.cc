// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/stopped.h"

#include <fmt/format.h>

#include "base/log.h"
#include "ops/layered.h"

namespace ashlar::ops {

bool stands_still(const dm::ActiveDevice& device) { return device.info.suspended || !device.info.live_table; }

std::string still_sentence(const VolumeGroup& vg, const LogicalVolume& lv, const dm::ActiveDevice& device) {
  if (!stands_still(device)) return {};
  return fmt::format("Logical volume {} {}: a command that changed it was stopped on its way. {} mends it.",
                     printable(vg.name) + "/" + printable(lv.name),
                     device.info.suspended ? "is suspended, and whoever uses it waits" : "has a device without a table",
                     refresh_command("", vg, lv, device));
}

std::string refresh_command(std::string_view program, const VolumeGroup& vg, const LogicalVolume& lv,
                            const dm::ActiveDevice& device) {
  return fmt::format("{}lvchange --refresh {}/{}", Layered(vg).why(lv, {device}) ? "lvm " : program, printable(vg.name),
                     printable(lv.name));
}

}  // namespace ashlar::ops
