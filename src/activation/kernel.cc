// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/kernel.h"

#include <algorithm>

#include "activation/names.h"

namespace ashlar::dm {

Result<std::vector<ActiveDevice>> Kernel::active_of(const Uuid& vg, std::span<const Uuid> lvs) {
  std::vector<ActiveDevice> devices = TRY(active(vg));
  std::erase_if(devices, [&](const ActiveDevice& each) { return !is_of(each.device.uuid, lvs); });
  return devices;
}

}  // namespace ashlar::dm
