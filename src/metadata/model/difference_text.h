// SPDX-License-Identifier: LGPL-2.1-or-later
// A difference told to people: plans and history use the same sentences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "metadata/model/difference.h"

namespace ashlar {

/// "10 extents (40.00 MiB)".
std::string size_in_words(Extents extents, Sectors extent_size);

/// Is it told how much each PV has free afterwards?
enum class FreeSpace : std::uint8_t { Told, Untold };
using PvNames = std::function<std::string(const PvDifference&)>;

/// "Remove LV vg0/data of 10 extents (40.00 MiB).", … one for each thing that differs; none that says that a VG as a
/// whole is made or removed. `name_of`: what a PV is called, printable.
std::vector<std::string> sentences(const VgDifference& difference, Sectors extent_size, const PvNames& name_of,
                                   FreeSpace free);

}  // namespace ashlar
