// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace ashlar::config {

/// The whole of a configuration file, or nothing if there is none. More than 16 MiB is refused.
Result<std::optional<std::string>> read_file(const std::string& path);

}  // namespace ashlar::config
