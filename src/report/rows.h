// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of a report in the order of the inventory, limited to what was named.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/columns.h"
#include "report/row.h"

namespace ashlar::report {

/// Calls `emit` for every line.
void for_each_row(const ops::Inventory& inventory, const Options& options, Line line,
                  const std::function<void(Row&)>& emit);

}  // namespace ashlar::report
