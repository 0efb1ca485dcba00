// SPDX-License-Identifier: LGPL-2.1-or-later
// The types of block devices that `lvm devtypes` of 2.03.16 lists.
#pragma once

#include <span>

#include "report/row.h"

namespace ashlar::report {

std::span<const DeviceType> device_types();

}  // namespace ashlar::report
