// SPDX-License-Identifier: LGPL-2.1-or-later
// Every invariant of a VG, checked in one linear pass, always: after import and before each commit. A plan that changes one
// LV looks at that one.
// Source: docs/format.md 3.11, 4.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar {

/// One broken rule, as a sentence naming PV or LV, and the numbers.
struct Violation {
  std::string what;
  bool fatal = false;  ///< the VG cannot even be shown (a size does not fit, a reference leads nowhere)
  std::optional<std::size_t> pv = {}, lv = {};  ///< which of the VG's, where it is of one
};

/// Empty for a legal VG. At most 100 are listed.
std::vector<Violation> validate(const VolumeGroup& vg);
/// The same of a text that is to be restored, and what LVM2 does not write but reads and uses: tags with characters
/// that are not legal, a lock type without its arguments. On disks these are no reason to keep a VG from being used.
std::vector<Violation> validate_import(const VolumeGroup& vg);
/// What is wrong with the LV at this position, where the rest of the VG is legal: a look at each other LV, without an
/// index of them all. Not what its change means for LVs that name it.
std::vector<Violation> validate_lv(const VolumeGroup& vg, std::size_t lv);

}  // namespace ashlar
