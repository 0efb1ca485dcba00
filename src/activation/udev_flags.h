// SPDX-License-Identifier: LGPL-2.1-or-later
// What the udev rules of device-mapper and LVM2 are told about a device's events: the upper half of its cookie.
// Source: docs/format.md 8.6.
#pragma once

#include <cstdint>

#include "activation/diff.h"

namespace ashlar::dm {

inline constexpr std::uint16_t kUdevDisableDmRules = 0x01;
inline constexpr std::uint16_t kUdevDisableSubsystemRules = 0x02;
inline constexpr std::uint16_t kUdevDisableLibraryFallback = 0x20;
inline constexpr std::uint16_t kUdevLvmNoScan = 0x100;

/// Flags of a visible LV. `rules` and `verify` are activation/udev_rules and activation/verify_udev_operations.
constexpr std::uint16_t udev_flags(Scan scan, bool rules, bool verify) {
  std::uint32_t flags = verify ? 0U : kUdevDisableLibraryFallback;
  if (!rules) flags |= kUdevDisableDmRules | kUdevDisableSubsystemRules;
  if (scan == Scan::Off) flags |= kUdevLvmNoScan;
  return static_cast<std::uint16_t>(flags);
}

}  // namespace ashlar::dm
