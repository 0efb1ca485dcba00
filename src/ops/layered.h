// SPDX-License-Identifier: LGPL-2.1-or-later
// LVs whose devices are not their own segments alone: of a type that is carried through, below one (the origin and the
// COW of a snapshot, images, what a pool is made of), or above one (pvmove). Taking one of their devices away from the
// others loses data: a writable origin without its snapshot destroys that.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "activation/table.h"
#include "metadata/model/volume_group.h"

namespace ashlar::ops {

class Layered {
 public:
  /// Of this VG, which is not copied; what uses what is worked out once.
  explicit Layered(const VolumeGroup& vg);

  /// Why the LV's devices are to be left alone, as the end of a sentence: "its segment type thin is not handled yet".
  /// `active`: what the kernel has of it. Nothing for a plain LV.
  std::optional<std::string> why(const LogicalVolume& lv, const std::vector<dm::ActiveDevice>& active) const;

  /// Hidden LVs, and ids that the VG does not have, among those `active` that belong to no visible LV that is active too:
  /// of a pvmove that was cut off, say. Names and ids. `visible`: parallel to vg.lvs.
  std::vector<std::string> left_behind(const std::vector<bool>& visible, std::unordered_set<Uuid> active) const;

 private:
  const VolumeGroup& vg_;
  std::unordered_map<std::string, std::string> users_;  ///< of LVs that others name, the first of these
};

}  // namespace ashlar::ops
