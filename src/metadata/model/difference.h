// SPDX-License-Identifier: LGPL-2.1-or-later
// What became of a VG between two values, in human terms: pure, by ids, so that a rename is a rename.
#pragma once

#include <string>
#include <vector>

#include "metadata/model/query.h"

namespace ashlar {

enum class Fate : std::uint8_t { Made, Changed, Removed, Unchanged };

struct LvDifference {
  Fate fate = Fate::Changed;
  std::string name;      ///< the new one; the old one of an LV that is gone
  std::string old_name;  ///< empty unless it was renamed
  Uuid id;
  Extents before, after;
  std::string type;               ///< of the first segment: "linear", "striped", …
  std::vector<std::string> what;  ///< "tag db added", "read-only", …; not sizes and names
};

/// A PV of either value: what is taken of it and given back.
struct PvDifference {
  Fate fate = Fate::Unchanged;  ///< Made: joined the VG; Removed: left it
  Uuid id;
  std::string device;  ///< the hint
  Extents total, free_before, free_after;
  std::vector<PeRun> taken, freed;  ///< by LV: what goes from one LV to another is in both
  std::vector<std::string> what;
};

struct VgDifference {
  Fate fate = Fate::Changed;
  std::string name, old_name;
  Uuid id;
  std::vector<std::string> what;
  std::vector<PvDifference> pvs;  ///< those of `after` in its order, then those that left
  std::vector<LvDifference> lvs;  ///< only those that differ; those of `after` in its order, then those that are gone
};

/// Null: there is no VG. Not both.
VgDifference difference(const VolumeGroup* before, const VolumeGroup* after);

}  // namespace ashlar
