// SPDX-License-Identifier: LGPL-2.1-or-later
// Which texts are of one VG, and which of them rules: pure. Source: docs/format.md 2.7.
#pragma once

#include <vector>

#include "store/scan.h"

namespace ashlar::store {

/// A text, and whether some PV that carries it is one of those that it lists: every commit writes to the PVs of its VG,
/// so a text that is on others alone is of no commit of theirs.
struct Placed {
  const Version* version;
  bool at_home;
};

/// Texts of one VG. Those at home with one VG id are of one VG if they have a PV in common, or others between them
/// have; else they are of two, one of them a copy or a forgery, and neither may pass for the other's newer state. A
/// text that is not at home counts only where no other does.
struct Family {
  std::vector<std::size_t> texts;  ///< indices into what was given
  /// Of those at home, if any is: the highest seqno; among equals, so that every reader takes the same, the greater
  /// checksum.
  std::size_t ruling = 0;
  bool id_is_shared = false;  ///< with another VG
};

std::vector<Family> families(const std::vector<Placed>& texts);

}  // namespace ashlar::store
