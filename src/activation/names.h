// SPDX-License-Identifier: LGPL-2.1-or-later
// Names and UUIDs of dm devices, as LVM2 makes them. Source: docs/format.md 8.1, 8.2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace ashlar::dm {

inline constexpr std::string_view kUuidPrefix = "LVM-";

/// "VG-LV" with every hyphen inside VG and LV doubled.
std::string device_name(std::string_view vg, std::string_view lv);
/// "LVM-" + both ids.
std::string device_uuid(const Uuid& vg, const Uuid& lv);

struct SplitName {
  std::string vg, lv, layer;
};
/// The parts of a dm name; layer is empty for a plain LV.
SplitName split_name(std::string_view dm_name);

/// Does it lie beneath the LV's own device: "VG-LV-real", "VG-LV-cow", "VG-LV-tpool"? A hidden LV's own device may have a
/// suffix in its UUID all the same, and so may a pool's (docs/format.md 8.2).
bool is_layer(std::string_view dm_name);

struct SplitUuid {
  Uuid vg, lv;
  std::string suffix;  ///< without its hyphen; empty for a plain LV
};
/// Nothing unless it is "LVM-", 64 characters of ids and perhaps "-suffix".
std::optional<SplitUuid> split_uuid(std::string_view uuid);
/// Is it a device of one of these LVs?
bool is_of(std::string_view uuid, std::span<const Uuid> lvs);

}  // namespace ashlar::dm
