// SPDX-License-Identifier: LGPL-2.1-or-later
// Which PVs, VGs and LVs a command line means: names, paths, @tags and --select, or all. What is named and not there
// is reported and fails the command; the rest is done.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/words.h"
#include "ops/inventory.h"
#include "report/report.h"

namespace ashlar::cli {

/// A PV of an inventory with its VG.
struct ChosenPv {
  const ops::VgInfo* vg = nullptr;  ///< null: in no VG
  const ops::PvInfo* pv = nullptr;
  const PvUsage* usage = nullptr;  ///< null: in no VG
  std::string device = {};         ///< its name for people
};

/// An inventory and the ids of what the arguments mean in it.
class Choice {
 public:
  /// Looks at the machine. `kind`: what the arguments name.
  static Result<Choice> make(Session& session, const Args& args, report::Kind kind);

  const ops::Inventory& inventory() const { return inventory_; }
  bool has(const Uuid& id) const { return ids_.contains(id); }
  /// Is it a VG whose LVs were looked at: of those that are named only one with LVs that are meant.
  bool works_on(const ops::VgInfo& vg) const;
  std::vector<ChosenPv> pvs() const;  ///< those of VGs first, by VG
  std::vector<const ops::VgInfo*> vgs() const;

 private:
  ops::Inventory inventory_;
  bool has(const ops::PvInfo& pv) const { return has(pv.pv.id) && (devices_.empty() || devices_.contains(pv.device)); }

  bool foreign_ = false, aside_ = false, named_ = false;
  std::string unknown_device_;
  std::unordered_set<std::string> devices_;  ///< of PVs that were named, and nothing else was
  std::unordered_set<Uuid> ids_;
};

/// Does the command line name things otherwise than by plain names (tags, --select, nothing at all)?
bool needs_choice(const Args& args);

/// Of VGs that are not called by their names, but are meant by a tag, --select or nothing at all.
enum class ExportedVgs : std::uint8_t { PassedOver, Too };
/// Names of the VGs for a command that changes them. Plain names are taken as they are: whether they exist is seen
/// under their lock.
Result<std::vector<std::string>> chosen_vgs(Session& session, const Args& args,
                                            ExportedVgs exported = ExportedVgs::PassedOver);
/// Runs `work` for each of them; a failure of one does not keep the others from their turn, a wrong command line does.
Status each_vg(Session& session, const Args& args, const std::function<Status(const std::string& vg)>& work,
               ExportedVgs exported = ExportedVgs::PassedOver);
/// LVs by VG in the same way; an empty list stands for all LVs of the VG.
Result<LvsByVg> chosen_lvs(Session& session, const Args& args);
/// Paths of PVs; those of exported VGs only by their own names.
Result<std::vector<std::string>> chosen_pvs(Session& session, const Args& args);

}  // namespace ashlar::cli
