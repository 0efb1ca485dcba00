// SPDX-License-Identifier: LGPL-2.1-or-later
// The directory of the lock files. Whoever can write to it can lock everybody out, so it belongs to one user alone.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace ashlar::lock {

/// Opens the directory; what is missing of its path is made 0700. Refused if its last component is a link, if it
/// belongs to a user other than root or the effective one, or if group or others may write to it.
Result<UniqueFd> open_lock_directory(const std::string& path);

}  // namespace ashlar::lock
