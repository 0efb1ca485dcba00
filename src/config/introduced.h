// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace ashlar::config {

/// The version of LVM2 that introduced a setting or section: "2.2.99"; empty: LVM2 does not have it.
std::string_view introduced(std::string_view path);

}  // namespace ashlar::config
