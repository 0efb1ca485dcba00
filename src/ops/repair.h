// SPDX-License-Identifier: LGPL-2.1-or-later
// A damaged VG: what was found of it, what may be done, and doing it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "plan/repair.h"

namespace ashlar::ops {

/// A VG: several may have one name.
struct RepairTarget {
  std::string name;
  std::optional<Uuid> id;  ///< none: nothing that can be read says which
  friend auto operator<=>(const RepairTarget&, const RepairTarget&) = default;
};
/// Which VGs to look at more closely.
struct RepairTargets {
  std::vector<RepairTarget> vgs;
  std::vector<std::string> devices;  ///< named by the person
  std::vector<std::string> unknown;  ///< sentences: what cannot be read and says of no VG that it is its
};
/// `words`: names and UUIDs of VGs, and devices; empty: all VGs, and those of which something lies on devices that
/// cannot be read as PVs.
Result<RepairTargets> repair_targets(System& sys, const std::vector<std::string>& words);

/// What was found of a VG, and what may be done.
struct Repair {
  std::string vg;
  std::optional<Uuid> id;
  plan::History history;            ///< every copy that was found; empty where nothing is wrong
  std::vector<std::string> damage;  ///< sentences
  std::vector<std::string> notes;   ///< warnings: what could not be read, devices smaller than their PVs
  plan::RepairPlan plan;
};
/// Takes no lock and writes nothing. Errc::NotFound if there is no trace of such a VG.
Result<Repair> find_repair(System& sys, const RepairTarget& vg, const std::vector<std::string>& devices);
/// Carries out what a person agreed to. Bytes that would be lost are saved first, in the folder of the backups.
/// Errc::Busy if under the locks something else would be done now; Errc::Refused where nothing may be done. No-op under
/// -t.
Result<Outcome> carry_out_repair(System& sys, const Repair& agreed, const std::vector<std::string>& devices);

}  // namespace ashlar::ops
