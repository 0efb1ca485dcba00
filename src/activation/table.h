// SPDX-License-Identifier: LGPL-2.1-or-later
// Device-mapper tables as values. The same structs say what a VG wants and what the kernel has, so that the difference
// is a comparison. Lengths and offsets are 512-byte sectors. Source: docs/activation.md, docs/format.md 8.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "device/block_device.h"

namespace ashlar::dm {

using device::DevNumber;

/// A device a target maps to: a PV by number, or another dm device by its UUID.
struct Below {
  std::variant<DevNumber, std::string> device;
  Sectors offset;
  friend bool operator==(const Below&, const Below&) = default;
};

struct LinearTarget {
  Below area;
  friend bool operator==(const LinearTarget&, const LinearTarget&) = default;
};
struct StripedTarget {
  Sectors chunk;
  std::vector<Below> areas;
  friend bool operator==(const StripedTarget&, const StripedTarget&) = default;
};
/// `error` and `zero`.
struct UnbackedTarget {
  bool zero = false;
  friend bool operator==(const UnbackedTarget&, const UnbackedTarget&) = default;
};
/// A target as read from the kernel that Ashlar does not make.
struct ForeignTarget {
  std::string type, params;
  friend bool operator==(const ForeignTarget&, const ForeignTarget&) = default;
};
using Params = std::variant<LinearTarget, StripedTarget, UnbackedTarget, ForeignTarget>;

/// One line of a table.
struct Target {
  Sectors start, length;
  Params params;
  friend bool operator==(const Target&, const Target&) = default;
};

/// One dm device.
struct Device {
  std::string name;  ///< "vg0-st--r"
  std::string uuid;  ///< "LVM-" + VG id + LV id [+ "-" suffix]
  std::vector<Target> table;
  bool read_only = false;
  std::optional<DevNumber> fixed;           ///< persistent number, when the LV asks for one
  std::optional<std::uint32_t> read_ahead;  ///< sectors; none: the kernel's choice
  bool read_ahead_is_minimum = false;       ///< keep the kernel's value if it is larger
  std::string vg_name, lv_name;             ///< for /dev/VG/LV; lv_name empty: no such link
  friend bool operator==(const Device&, const Device&) = default;
};

/// What the kernel says beyond the table.
struct Info {
  DevNumber number;
  std::int32_t open_count = 0;
  bool suspended = false, read_only = false, live_table = false, inactive_table = false;
  std::uint32_t read_ahead = 0;  ///< sectors
};

/// A device the kernel has. `device.read_ahead` is not filled in.
struct ActiveDevice {
  Device device;
  Info info;
};

/// The text `dmsetup table` prints after the length: "linear 254:0 2048". A dm device below is printed by `number_of`.
std::string print_params(const Params& params, const std::function<std::string(const std::string& uuid)>& number_of);
std::string_view target_type(const Params& params);
/// Gives what lies on other dm devices their numbers; a UUID for which `number_of` has none is kept.
void locate(Params& params, const std::function<std::optional<DevNumber>(const std::string& uuid)>& number_of);
/// The inverse, from a kernel table line; an unknown type or form becomes a ForeignTarget.
Params parse_params(std::string_view type, std::string_view params);

}  // namespace ashlar::dm
