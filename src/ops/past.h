// SPDX-License-Identifier: LGPL-2.1-or-later
// A VG's past, read from archives, backup and rings.
#pragma once

#include "ops/ops.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// `state` null: the VG of that name is gone; `id`: that one, where several had the name. Reads whole metadata areas,
/// of at most 512 MiB in all.
Result<Past> read_past(System& sys, const store::Picture& picture, const store::VgState* state, const std::string& name,
                       const Uuid* id = nullptr);

}  // namespace ashlar::ops
