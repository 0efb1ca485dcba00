// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "base/size_text.h"
#include "cli/output.h"
#include "config/settings.h"
#include "ops/inventory.h"

namespace ashlar::cli {

/// What settings change in the words about LVs.
struct LvNaming {
  std::string dev;            ///< devices/dir
  bool path_is_name = false;  ///< global/lvdisplay_shows_full_device_path
  std::string unknown_device = ops::kUnknownDevice;
  bool auto_read_ahead = true;  ///< what an LV has that has none of its own
};
LvNaming lv_naming(const config::Settings& settings);

/// The lines of one LV.
void display_lv(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const SizeFormat& units,
                const LvNaming& naming);

}  // namespace ashlar::cli
