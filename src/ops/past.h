// SPDX-License-Identifier: LGPL-2.1-or-later
// A VG's past, read from archives, backup and rings.
#pragma once

#include <span>

#include "ops/ops.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// `state` null: the VG of that name is gone; `id`: that one, where several had the name. Reads whole metadata areas,
/// of at most 512 MiB in all. `unlabelled`: devices without a label and the areas on them that are searched too.
Result<Past> read_past(System& sys, const store::Picture& picture, const store::VgState* state, const std::string& name,
                       const Uuid* id = nullptr, std::span<const store::FoundPv> unlabelled = {});

}  // namespace ashlar::ops
