// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/size_text.h"
#include "cli/output.h"
#include "ops/inventory.h"

namespace ashlar::cli {

/// The lines of one LV. `dev`: devices/dir.
void display_lv(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const SizeFormat& units, const std::string& dev);

}  // namespace ashlar::cli
