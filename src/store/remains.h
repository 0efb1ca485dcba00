// SPDX-License-Identifier: LGPL-2.1-or-later
// What a device still holds of a PV whose label is gone, and the label that it had. Source: docs/format.md 1, 2.
#pragma once

#include <optional>
#include <vector>

#include "metadata/text/vg_reader.h"
#include "store/scan.h"

namespace ashlar::store {

/// Nothing here is certain: it is read where PVs usually have it.
struct Remains {
  std::optional<Uuid> id;             ///< where a label has it
  std::uint32_t sector = 1;           ///< of the label
  std::vector<disk::DiskArea> areas;  ///< metadata areas whose headers name their own place
  bool released = false;              ///< a good header without a text: the PV had left its VG
  std::vector<text::ReadVg> texts;    ///< that lie in its areas: the highest seqno of each VG
};

/// Reads some MiB at the device's start and end.
Result<Remains> read_remains(device::BlockDevice& device);

/// Where the texts were looked for: its areas, and where an area nearly always is, if no header was found there.
std::vector<disk::DiskArea> searched_areas(const Remains& remains, const device::BlockDevice& device);

/// VGs whose texts lie in the area: the highest seqno of each.
Result<std::vector<text::ReadVg>> texts_in(device::BlockDevice& device, const disk::DiskArea& area);

/// The label of that PV of the VG. Where no metadata area was found, there is one where a restored PV has it, if it has
/// room.
disk::Label label_of(const Remains& remains, const VolumeGroup& vg, const PhysicalVolume& pv,
                     const device::BlockDevice& device);

/// The devices of another source, as they would be read with these labels on them.
class Relabelled final : public device::DeviceSource {
 public:
  struct With {
    const device::BlockDevice* device;
    disk::Label label;
  };
  Relabelled(device::DeviceSource& real, std::vector<With> labels) : real_(real), labels_(std::move(labels)) {}
  Result<Candidates> candidates() override;
  Result<device::BlockDevice*> find(const std::string& path) override { return real_.find(path); }
  Status claim(device::BlockDevice& device) override { return real_.claim(device); }
  Result<std::vector<Signature>> signatures(device::BlockDevice& device) override { return real_.signatures(device); }

 private:
  device::DeviceSource& real_;
  std::vector<With> labels_;
};

}  // namespace ashlar::store
