// SPDX-License-Identifier: LGPL-2.1-or-later
// What a transaction is about to do, as one value: from it a plan is told and by it the change is carried out.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/table.h"
#include "metadata/model/volume_group.h"
#include "store/pv_store.h"

namespace ashlar::ops {

/// The start of a new LV that nobody may read before it is cleared.
struct LvClear {
  Uuid lv;
  bool active = false;  ///< through its device; else through its PVs
  bool zero = false, wipe = false;
};

/// One VG's way from the first value to the last, however many commands it took.
struct VgChange {
  std::optional<VolumeGroup> before;  ///< none: it is made
  std::optional<VolumeGroup> after;   ///< none: it is removed. seqno is not raised yet
  std::unordered_map<Uuid, std::string> paths;  ///< devices of the PVs of both that are present
  std::vector<dm::ActiveDevice> had;  ///< devices that the kernel has and that change
  std::vector<dm::Device> wanted;     ///< the same devices as they will be, and new ones
  std::set<std::string> refreshed;    ///< UUIDs of devices whose tables are loaded anew although they do not differ
  std::vector<LvClear> clears;
  Extents peak;  ///< the most that was ever taken on PVs beyond what `before` takes, over the commands

  const VolumeGroup& any() const { return after ? *after : *before; }
  bool writes() const { return before != after; }
  bool loads() const { return !had.empty() || !wanted.empty(); }
};

/// A device becomes a PV, or stops being one.
struct PvChange {
  device::BlockDevice* device = nullptr;
  std::string path;
  Bytes size;
  std::optional<Uuid> before;             ///< the PV that it is now
  bool member = false;                    ///< of a VG, or marked as such
  std::optional<store::WritePv> after;    ///< none: the label is wiped
};

/// Another's signature goes.
struct SignatureWipe {
  device::BlockDevice* device = nullptr;
  std::string path;
  device::DeviceSource::Signature signature;
};

/// Locks that the change needs.
struct Needs {
  bool global = false;
  std::set<std::string> vgs;  ///< names; their order is the order of locking
  bool covers(const Needs& other) const;
};

struct Changes {
  std::vector<VgChange> vgs;  ///< by name
  std::vector<PvChange> pvs;
  std::vector<SignatureWipe> wipes;
  std::vector<std::string> questions;  ///< put to the person on the way, in order
  Needs needs;
  bool empty() const;  ///< nothing would be written and nothing loaded
};

}  // namespace ashlar::ops
