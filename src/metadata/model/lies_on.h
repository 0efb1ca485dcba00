// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies on what, for all LVs of a VG at once: asked of one after the other, a VG of many would be walked for each.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metadata/model/query.h"

namespace ashlar {

/// Which LVs lie on a PV, at any depth. Of the VG as it was given, which is not copied.
class LvsOnPvs {
 public:
  explicit LvsOnPvs(const VolumeGroup& vg);
  /// Indices into vg.lvs, in their order.
  std::vector<std::size_t> on(const Uuid& pv) const;

 private:
  std::unordered_map<Uuid, std::vector<std::size_t>> directly_;  ///< LVs of each PV
  std::vector<std::vector<std::size_t>> above_;                  ///< of each LV, those whose data lies on it
};

/// Of each LV that other LVs' segments name, the first of those.
std::unordered_map<std::string, std::string> first_users(const VolumeGroup& vg);

}  // namespace ashlar
