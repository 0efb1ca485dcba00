// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/size_text.h"
#include "cli/output.h"
#include "config/settings.h"
#include "ops/inventory.h"

namespace ashlar::cli {

/// How LVs are called.
struct LvNaming {
  std::string dev;            ///< devices/dir
  bool path_is_name = false;  ///< global/lvdisplay_shows_full_device_path
};
LvNaming lv_naming(const config::Settings& settings);

/// The lines of one LV.
void display_lv(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const SizeFormat& units,
                const LvNaming& naming);

}  // namespace ashlar::cli
