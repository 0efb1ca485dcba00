// SPDX-License-Identifier: LGPL-2.1-or-later
// What a command that was stopped on its way (kill -9, a crash) can leave in the kernel, and what to run then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "activation/table.h"
#include "metadata/model/volume_group.h"

namespace ashlar::ops {

/// Whoever uses the device waits for ever, or finds nothing.
bool stands_still(const dm::ActiveDevice& device);

/// A sentence if the LV's own device stands still; empty if not.
std::string still_sentence(const VolumeGroup& vg, const LogicalVolume& lv, const dm::ActiveDevice& device);

/// The command that loads and resumes it: LVM2's where the LV's devices are not its own segments alone.
/// `program`: what stands before a command of ours, "" or "ashlar ".
std::string refresh_command(std::string_view program, const VolumeGroup& vg, const LogicalVolume& lv,
                            const dm::ActiveDevice& device);

}  // namespace ashlar::ops
