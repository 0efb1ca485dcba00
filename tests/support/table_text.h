// SPDX-License-Identifier: LGPL-2.1-or-later
// Tables as `dmsetup table` shows them, lines joined by " / ", for reading and writing tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "activation/layout.h"
#include "activation/table.h"

namespace ashlar::test {

std::string print_table(const std::vector<dm::Target>& table);
std::vector<dm::Target> parse_table(std::string_view text);

/// Every PV present, as 254:0, 254:16, 254:32 ... in the VG's order, each with a read-ahead of 256.
dm::LayoutContext context_of(const VolumeGroup& vg);

/// "vg0-a" of the VG whose id is made from "vg0", with the id made from the LV's name.
dm::Device device(const std::string& name, std::string_view table);
/// The same as the kernel has it, as 253:minor.
dm::ActiveDevice active(const dm::Device& device, std::uint32_t minor = 0);

}  // namespace ashlar::test
