// SPDX-License-Identifier: LGPL-2.1-or-later
// What a dm table does with a byte, worked out without the kernel: pure. So an LV can be read and written through its
// PVs exactly where activation would map it.
#pragma once

#include <span>

#include "activation/table.h"

namespace ashlar::dm {

/// Where a run of a dm device's bytes lies.
struct Place {
  enum class Kind : std::uint8_t { Below, Zero, Error } kind = Kind::Error;
  std::variant<DevNumber, std::string> device = {};  ///< of Kind::Below
  Bytes offset{};                                    ///< on it
  Bytes length{};                                    ///< how far this goes on in one piece
};

/// Total length of a table whose targets join.
Bytes length_of(std::span<const Target> table);

/// The place of byte `offset`, which lies within the table. A table with a ForeignTarget there: Kind::Error.
Place place_of(std::span<const Target> table, Bytes offset);

}  // namespace ashlar::dm
