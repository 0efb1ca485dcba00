// SPDX-License-Identifier: LGPL-2.1-or-later
// What has to be done to the kernel: the difference of what it has and what is wanted, as steps that print as
// sentences.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "activation/table.h"

namespace ashlar::dm {

struct Create {
  Device device;
};
struct Reload {
  Device device;
  bool shrinks = false;  ///< flush on suspend is needed
  bool force = false;    ///< refresh, or left suspended: suspend and resume although nothing differs
};
/// The device keeps its table.
struct Rename {
  std::string uuid, from, to;
  Device device;
};
struct Remove {
  std::string name, uuid, vg_name, lv_name;
};
using Step = std::variant<Create, Reload, Rename, Remove>;

/// Ordered steps. Empty: nothing to do.
struct Change {
  std::vector<Step> steps;
  bool empty() const { return steps.empty(); }
};

/// Steps that bring `active` to `wanted`; devices are matched by UUID. A device in `active` that is not in `wanted` is
/// removed, upper devices first; one whose name differs is renamed; one whose table or read-only flag differs, or that
/// is suspended, is reloaded. Numbers that devices ask for and read-ahead of active devices that need nothing else are
/// left alone.
Change diff(const std::vector<ActiveDevice>& active, const std::vector<Device>& wanted);

/// "Create vg0-data (20480 sectors: linear).", "Load a new table into vg0-data and resume it.", ...
std::string sentence(const Step& step);

}  // namespace ashlar::dm
