// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parts of ops/repair.h share: a damaged VG with the places on its PVs that are not as they must be.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ops/repair.h"
#include "store/consensus.h"
#include "store/remains.h"

namespace ashlar::ops {

/// A metadata area that is not as it must be.
struct BadArea {
  std::size_t pv, mda;
  std::string fault;
  bool unreadable;
};

/// Adds the areas of the PV, an index into Scan::pvs, that do not hold the state with this seqno; each text is read.
void find_bad_areas(const store::Picture& picture, std::size_t pv, std::optional<std::uint32_t> seqno,
                    std::vector<BadArea>& areas);

/// A label that is written again.
struct LostLabel {
  store::Relabelled::With with;
  bool in_use = false;  ///< by active LVs of the VG, which lie where it says
};

/// All that is known of one VG.
struct DamagedVg {
  std::shared_ptr<store::Picture> picture;  ///< as if the labels were written
  const store::VgState* state = nullptr;    ///< null: no copy counts
  std::vector<LostLabel> labels;
  std::vector<store::FoundPv> unlabelled;  ///< devices that carry metadata of it and whose labels nobody can tell
  std::vector<BadArea> areas;
  std::vector<std::size_t> returned;  ///< indices into Scan::pvs
  Repair repair;
};

/// Locks are the caller's; `picture` is what was read under them, if any. Errc::NotFound if there is no trace of such a
/// VG.
Result<DamagedVg> look_closely(System& sys, store::Picture&& picture, const RepairTarget& target,
                               const std::vector<std::string>& named);

/// Finds out which devices lost a label of the VG, and reads all again as if they had it. `obstacles`: what keeps them
/// from being written.
Status find_labels(System& sys, const RepairTarget& target, const std::vector<std::string>& named, DamagedVg& all,
                   plan::RepairFindings& findings, std::vector<plan::RepairObstacle>& obstacles);

/// The VG as its copies agree on it; null if none counts. Errc::Refused if several have the name and no id is given.
Result<const store::VgState*> state_of(const store::Picture& picture, const RepairTarget& target);

/// An area's bytes, and the name of the file in the folder of the backups that they are kept in before it is written
/// over. Errc::Refused for more than store::kMaxText.
Result<std::vector<std::byte>> read_area(const store::FoundPv& pv, std::size_t mda);
std::string saved_name(const std::string& vg, const store::FoundPv& pv, std::size_t mda,
                       std::span<const std::byte> bytes);

}  // namespace ashlar::ops
