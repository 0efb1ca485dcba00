// SPDX-License-Identifier: LGPL-2.1-or-later
// Several VGs at once, for commands that move PVs or names between them.
#pragma once

#include <string>
#include <vector>

#include "ops/vg_access.h"

namespace ashlar::ops {

/// The global lock and those of some VGs, with one scan made under all of them.
struct OpenVgs {
  lock::Held global;
  std::vector<lock::Held> locks;
  std::shared_ptr<const store::Picture> shared;
  const store::Picture& picture = *shared;
};

/// Locks in the order in which they may be taken. The VGs need not exist: their names are then taken.
Result<OpenVgs> lock_vgs(System& sys, std::vector<std::string> names);

/// One of them, if it may be written. `id`: which one, where several have the name.
Result<const store::VgState*> usable_vg(System& sys, const OpenVgs& open, const std::string& name, Need need, const Uuid* id = nullptr);

}  // namespace ashlar::ops
