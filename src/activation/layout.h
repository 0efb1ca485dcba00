// SPDX-License-Identifier: LGPL-2.1-or-later
// From a VG value to the dm devices it wants: pure. Every table stays inside its PVs' data areas.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "activation/table.h"
#include "metadata/model/volume_group.h"

namespace ashlar::dm {

/// What layout needs to know of the machine.
struct LayoutContext {
  std::unordered_map<Uuid, DevNumber> pv_numbers;  ///< PVs that are present
  std::unordered_map<Uuid, std::string> pv_paths;  ///< for messages
  std::unordered_map<Uuid, Sectors> pv_sizes =
      {};  ///< of their devices; a PV that is not in it is as large as the VG says
  std::unordered_map<Uuid, std::uint32_t> pv_read_ahead;                         ///< sectors
  std::function<bool(const VolumeGroup&, const LogicalVolume&)> read_only = {};  ///< activation/read_only_volume_list
  bool use_linear_target = true;  ///< activation/use_linear_target; false: a striped target of one stripe
  bool auto_read_ahead = true;    ///< activation/readahead = "auto"
  /// What stands in for an area on a missing PV (activation/missing_stripe_filler); none: such an LV is refused.
  std::optional<UnbackedTarget> filler = {};
  bool may_fill = false;  ///< whoever asks takes --activationmode, by which there would be one: for messages
};

/// The dm devices of a VG's LVs; what has to be known of the VG as a whole is worked out once. Neither argument is
/// copied.
class VgLayout {
 public:
  VgLayout(const VolumeGroup& vg, const LayoutContext& context);

  /// The LV's own device, last, after the devices it lies on: those that stand in for areas on missing PVs, called
  /// "VG-LV-missing_SEGMENT_AREA". Errc::Unsupported naming the segment type Ashlar does not activate; Errc::Refused
  /// for an LV with extents on a missing PV and no filler, or past the end of a PV's device.
  Result<std::vector<Device>> devices(const LogicalVolume& lv) const;

 private:
  const VolumeGroup& vg_;
  const LayoutContext& context_;
  std::unordered_map<std::string, std::string> users_;  ///< of LVs that others name, the first of these
};

/// The dm device of one LV all of whose PVs are there. Errors as of VgLayout::devices() without a filler.
Result<Device> lv_device(const VolumeGroup& vg, const LogicalVolume& lv, const LayoutContext& context);

}  // namespace ashlar::dm
