// SPDX-License-Identifier: LGPL-2.1-or-later
// Bringing a VG, or one LV of it, back from its history: pure. The metadata can always be had back; the data only where
// nothing else was written since, so every version since is looked at, and what is not known is said.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/requests.h"
#include "plan/sureness.h"

namespace ashlar::plan {

struct UndoRequest {
  std::optional<std::uint32_t> to;  ///< seqno; none: the state before the last change
  Circumstances circumstances;
  std::vector<JoiningPv> orphans;  ///< PVs of no VG, which may come back into this one
};
struct UndeleteRequest {
  std::string lv;
  std::string new_name;  ///< empty: the one it had
  Circumstances circumstances;
};

/// The VG as it is to be, and how sure it is that the data is as it was.
struct Restored {
  VolumeGroup vg;
  std::uint32_t from = 0;  ///< seqno of the version that it comes from
  std::string lv;          ///< undelete: the LV's name now
  Sureness sureness;
  std::vector<std::string> notes;
};

/// The VG as it was. What belongs to the machine and not to a change of LVs stays as it is now: the VG's name, system
/// ID, lock type and whether it is exported, and where each PV lies and ends.
/// Refused: what how_sure() refuses, data of an LV lies elsewhere now, a PV left and does not come back whole, an LV
/// that Ashlar only carries through would change.
Result<Restored> undo(const History& history, const UndoRequest& request);

/// The VG with an LV that it has no more: segments, id, tags as in the newest version that had it.
/// Refused: what how_sure() refuses, a PV of the LV left, shrank or was made anew.
Result<Restored> undelete(const History& history, const UndeleteRequest& request);

}  // namespace ashlar::plan
