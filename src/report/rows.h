// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of a report in the order of the inventory, limited to what was named.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/columns.h"
#include "report/row.h"

namespace ashlar::report {

/// The sort keys that `by_name` stands for.
inline constexpr std::string_view kByName = "vg_name,lv_name";

/// Calls `emit` for every line. With `by_name` LVs come sorted by VG and name, else in the order of the VG. `labels`:
/// a line for each PV that has a label, whatever its VG says.
void for_each_row(const ops::Inventory& inventory, const Options& options, Line line, bool by_name, bool labels,
                  const std::function<void(Row&)>& emit);

}  // namespace ashlar::report
