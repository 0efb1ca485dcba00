// SPDX-License-Identifier: LGPL-2.1-or-later
// The report format json_std, which libdevmapper of LVM2 2.03.16 does not have: as json, but counts and yes/no as
// numbers (undefined: null or -1), lists as arrays; sizes and times stay strings.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "report/columns.h"
#include "report/engine.h"

namespace ashlar::report {

Result<std::vector<std::string>> json_std(const Columns& columns, const Options& options, Line line, const Feed& feed);

}  // namespace ashlar::report
