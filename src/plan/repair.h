// SPDX-License-Identifier: LGPL-2.1-or-later
// From what was found of a damaged VG to what may be done about it, in sentences: pure. All that a VG needs is done, or
// nothing: one thing that needs a person's decision keeps the rest from being written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/history.h"

namespace ashlar::plan {

/// One thing that is written.
struct RepairStep {
  std::string what;     ///< a sentence
  std::string unknown;  ///< what nobody can know about it; empty: nothing
};
/// Why nothing is written.
struct RepairObstacle {
  std::string what;  ///< a sentence
  std::string mend;  ///< what a person may do
};

// ---- Labels --------------------------------------------------------------------------------------------------------

/// A device without a label.
struct Unlabelled {
  std::string path;
  Sectors size;
  std::optional<Uuid> id;  ///< read where a label has its PV's id
  std::vector<Uuid> vgs;   ///< whose metadata lies on it
  bool named = false;      ///< by the person
};
/// A PV of a VG that is on no device.
struct LostPv {
  const VolumeGroup* vg;
  const PhysicalVolume* pv;
};
struct LabelMatch {
  std::size_t device;  ///< index into the devices
  LostPv lost;
  std::string unknown;
};
struct LabelMatches {
  std::vector<LabelMatch> matches;
  std::vector<RepairObstacle> obstacles;  ///< more than one device, or more than one PV, that fit
};
/// Which device was which PV. By its id, where that can still be read; else by size, on devices with metadata of the VG or
/// that the person named, and only if nothing else fits on either side.
LabelMatches match_labels(const std::vector<Unlabelled>& devices, const std::vector<LostPv>& lost);

// ---- VGs -----------------------------------------------------------------------------------------------------------

struct RepairFindings {
  std::string vg;
  const VolumeGroup* current = nullptr;  ///< null: no copy can be read as committed
  std::string refusal;                   ///< why nobody may write it; empty: one may
  bool unsafe = false;                   ///< that is damage, and not somebody's will
  struct Label {
    std::string path, pv, unknown;
  };
  std::vector<Label> labels;  ///< to be written again
  struct Area {
    std::string name, fault;
    std::string keep;  ///< file for its bytes, which are no metadata that can be read; empty: they are
  };
  std::vector<Area> areas;  ///< metadata areas that are not as they must be
  struct Returned {
    Uuid pv;
    std::string path;
    const VolumeGroup* own;  ///< what its own areas say; null: nothing of this VG
  };
  std::vector<Returned> returned;  ///< marked as missing, and there
  std::vector<PhysicalVolume> gone;
  std::vector<std::string> left;   ///< PVs that left the VG and still carry it
  const History* history = nullptr;
  struct Device {
    Uuid pv;
    std::string path;
    Sectors size;
    bool used;       ///< marked as a VG's
    std::string vg;  ///< that it belongs to now
  };
  std::vector<Device> devices;  ///< where `current` is null: all PVs
};

struct RepairPlan {
  std::vector<RepairStep> steps;
  std::vector<RepairObstacle> obstacles;
  bool writes_vg = false;
  std::optional<VolumeGroup> restored;  ///< the state to be brought back
  bool healthy() const { return steps.empty() && obstacles.empty(); }
};
RepairPlan plan_repair(const RepairFindings& found);

/// Does what `own` says of the PV agree with `vg`: where its extents are, and which LVs lie on them?
bool same_on_pv(const VolumeGroup& vg, const VolumeGroup& own, const Uuid& pv);

}  // namespace ashlar::plan
