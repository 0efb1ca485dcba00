// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/output.h"
#include "ops/system.h"

namespace ashlar::cli {

/// The lines that scripts read (the first must be "LVM version:"), then our own. `sys`: to ask the driver; null: do
/// not.
void print_version(Output& out, ops::System* sys);

}  // namespace ashlar::cli
