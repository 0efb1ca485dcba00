// SPDX-License-Identifier: LGPL-2.1-or-later
// From what was found of a damaged VG to what may be done about it, in sentences: pure. What could be wrong to write
// keeps all of the VG from being written; what merely cannot be mended without a person is said, and the rest is done.
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
/// What a person has to decide or do.
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
  bool left = false;  ///< only older texts of the VG have it: a device that may be this one gets no label
};
struct LabelMatch {
  std::size_t device;  ///< index into the devices
  LostPv lost;
  std::string unknown;
};
/// A PV that has more than one device that fits, or whose device fits other PVs too.
struct UndecidedLabel {
  Uuid pv;
  std::string what;  ///< a sentence
};
struct LabelMatches {
  std::vector<LabelMatch> matches;
  std::vector<UndecidedLabel> undecided;
};
/// Which device was which PV. By its id, where that can still be read; else by size, on devices with metadata of the VG
/// or that the person named, and only if nothing else fits on either side.
LabelMatches match_labels(const std::vector<Unlabelled>& devices, const std::vector<LostPv>& lost);

// ---- VGs -----------------------------------------------------------------------------------------------------------

struct RepairFindings {
  std::string vg;
  std::string host;                      ///< this one's name
  const VolumeGroup* current = nullptr;  ///< null: no copy can be read as committed
  std::string refusal;                   ///< why nobody may write it; empty: one may
  std::string refusal_mend;              ///< what a person may do about that; empty: restore a file
  bool unsafe = false;                   ///< that is damage, and not somebody's will
  struct Label {
    std::string path, pv, unknown;
  };
  std::vector<Label> labels;              ///< to be written again
  std::vector<UndecidedLabel> undecided;  ///< of which nobody can tell where they were
  bool undecided_stops = false;           ///< nothing is written while there are any: no copy counts without those PVs
  struct Area {
    std::string name, fault;
    std::string keep;              ///< file for its bytes, which are no metadata that can be read; empty: they are
    const Version* own = nullptr;  ///< what it carries, where that can be read and is known
  };
  std::vector<Area> areas;  ///< metadata areas that are not as they must be
  struct Returned {
    Uuid pv;
    std::string path;
    std::string refusal;     ///< whose it is now, so that it may not be taken; empty: it may
    bool released = false;   ///< it was made an unused PV
    const VolumeGroup* own;  ///< what its own areas said of it before it was missing; null: nothing of this VG
  };
  std::vector<Returned> returned;  ///< marked as missing, and there
  struct Gone {
    PhysicalVolume pv;
    std::string perhaps;  ///< a device without a label where it was last seen, as large as it
  };
  std::vector<Gone> gone;
  std::vector<std::string> released;  ///< paths of PVs that VG lists, and that were made unused PVs
  struct Left {
    Uuid pv;
    std::string path;
    const Version* own = nullptr;     ///< what it carries; null: unknown
    bool alone = false;               ///< `own` is in no file and on no other PV; or another device has the PV's id
    std::vector<std::string> active;  ///< LVs that only that has, and the kernel
  };
  std::vector<Left> left;  ///< PVs that left the VG and still carry it
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
  std::vector<RepairObstacle> obstacles;  ///< any keeps all from being written
  std::vector<RepairObstacle> rest;       ///< what is left when the steps are done
  std::vector<Uuid> taken_back;           ///< PVs marked as missing that become members again
  std::vector<Uuid> taken_off;            ///< PVs that left, whose old copy of the VG goes: they become unused PVs
  bool writes_vg = false;
  bool finishes_commit = false;         ///< the only step is to finish a commit that was cut off between VGs
  std::optional<VolumeGroup> restored;  ///< the state to be brought back
  bool healthy() const { return steps.empty() && obstacles.empty() && rest.empty(); }
};
RepairPlan plan_repair(const RepairFindings& found);

/// What speaks against bringing `newest` back, of which no copy counts: another text with a seqno that one of its VG
/// has, and copies in metadata areas that nothing shows to be its past. Empty: it is the end of the only line that is
/// known.
std::vector<std::string> disputes(const History& history, const Version& newest);

/// "archive /etc/lvm/archive/vg0_00002-1.vg", "what still lies in metadata area 1 of /dev/sdb": the best place of those
/// it has.
std::string where_text(const Version& version);
/// What a person may do where seqno `kept` is what can be read, and a file or a copy has `other`.
std::string ways_between(const std::string& vg, std::uint32_t kept, std::uint32_t other);

/// Does what `own` says of the PV agree with `vg`: where its extents are, and which LVs lie on them?
bool same_on_pv(const VolumeGroup& vg, const VolumeGroup& own, const Uuid& pv);

}  // namespace ashlar::plan
