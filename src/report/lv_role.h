// SPDX-License-Identifier: LGPL-2.1-or-later
// The words of lv_layout, lv_role and lv_modules.
#pragma once

#include <string>
#include <vector>

#include "report/row.h"

namespace ashlar::report {

std::vector<std::string> lv_layout(const Row& row);
std::vector<std::string> lv_role(const Row& row);
std::vector<std::string> lv_modules(const Row& row);

}  // namespace ashlar::report
