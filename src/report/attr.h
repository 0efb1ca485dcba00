// SPDX-License-Identifier: LGPL-2.1-or-later
// The attribute strings of lvs(8), vgs(8), pvs(8), NOTES: one character a question, at fixed positions.
#pragma once

#include <string>

#include "report/row.h"

namespace ashlar::report {

std::string lv_attr(const VgView& vg, const LvView& lv);  ///< 10 characters
std::string vg_attr(const VgView& vg);                    ///< 6 characters
std::string pv_attr(const Row& row);                      ///< 3 characters

/// Shown in lv_health_status and at position 9 of lv_attr.
enum class Health { Good, Partial, Unknown, WriteMostly };
Health lv_health(const VgView& vg, const LvView& lv);

}  // namespace ashlar::report
