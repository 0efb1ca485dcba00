// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace ashlar::ops {

inline constexpr char kVersion[] = "0.1.0";
/// The lvm2 release whose behaviour Ashlar follows; scripts compare it.
inline constexpr char kLvmVersion[] = "2.03.16(2) (2022-05-18)";

}  // namespace ashlar::ops
