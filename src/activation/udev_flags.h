// SPDX-License-Identifier: LGPL-2.1-or-later
// What the udev rules of device-mapper and LVM2 are told about a device's events: the upper half of its cookie.
// Source: docs/format.md 8.6.
#pragma once

#include <cstdint>

namespace ashlar::dm {

inline constexpr std::uint16_t kUdevDisableDmRules = 0x01;
inline constexpr std::uint16_t kUdevDisableSubsystemRules = 0x02;
inline constexpr std::uint16_t kUdevDisableLibraryFallback = 0x20;

/// Flags of a visible LV. `rules` is activation/udev_rules. `fallback`: libdevmapper makes nodes too, because
/// activation/verify_udev_operations says so or because there is no udevd.
constexpr std::uint16_t udev_flags(bool rules, bool fallback) {
  std::uint32_t flags = fallback ? 0U : kUdevDisableLibraryFallback;
  if (!rules) flags |= kUdevDisableDmRules | kUdevDisableSubsystemRules;
  return static_cast<std::uint16_t>(flags);
}

}  // namespace ashlar::dm
