// SPDX-License-Identifier: LGPL-2.1-or-later
// Which times report/time_format can ask for.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ashlar::report {

/// Errc::Refused unless every % starts a conversion of strftime(3) that LVM2 2.03.16 takes: flags, widths, %n, %N and %%
/// before anything but a conversion are none.
Status check_time_format(std::string_view format);

}  // namespace ashlar::report
