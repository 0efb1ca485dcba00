// SPDX-License-Identifier: LGPL-2.1-or-later
// What a transaction is about to do, as one value: from it a plan is told and by it the change is carried out.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/table.h"
#include "base/result.h"
#include "metadata/model/volume_group.h"
#include "store/pv_store.h"

namespace ashlar::ops {

/// The start of a new LV that nobody may read before it is cleared.
struct LvClear {
  Uuid lv;
  bool zero = false;    ///< its first 4 KiB
  bool wipe = false;    ///< signatures, after asking
  bool agreed = false;  ///< the answer was given when it was asked for (-y)
};

/// One VG's way from the first value to the last, however many commands it took.
struct VgChange {
  std::optional<VolumeGroup> before;            ///< none: it is made
  std::optional<VolumeGroup> after;             ///< none: it is removed. seqno is not raised yet
  std::unordered_map<Uuid, std::string> paths;  ///< devices of the PVs of both that are present
  std::vector<dm::ActiveDevice> had;            ///< devices that the kernel has and that change
  std::vector<dm::Device> wanted;               ///< the same devices as they will be, and new ones
  std::set<std::string> refreshed;  ///< UUIDs of devices whose tables are loaded anew although they do not differ
  std::vector<LvClear> clears;
  std::vector<Uuid> present;  ///< PVs of `after` that are written
  bool restored = false;      ///< from a file: what it does not use may be wanted still
  bool rewrite = false;       ///< written although nothing differs: copies are mended
  Extents peak;               ///< the most that was ever taken on PVs beyond what `before` takes, over the commands

  const VolumeGroup& any() const { return after ? *after : *before; }
  bool writes() const { return rewrite || restored || before != after; }
  bool loads() const { return !had.empty() || !wanted.empty(); }
  /// The number that `after` gets when it is written: one more for each PV that is not there (store::stage). There is
  /// an `after`.
  std::uint32_t seqno_after() const;
};

/// A device becomes a PV, or stops being one.
struct PvChange {
  device::BlockDevice* device = nullptr;
  std::string path;
  Bytes size;
  std::optional<Uuid> before;           ///< the PV that it is now
  bool member = false;                  ///< of a VG, or marked as such
  std::string vg;                       ///< which loses it (-ff); empty: none that is known
  std::vector<std::string> lvs;         ///< of that VG, what lies on it
  std::optional<store::WritePv> after;  ///< none: the label is wiped
};

/// Another's signature goes.
struct SignatureWipe {
  device::BlockDevice* device = nullptr;
  std::string path;
  device::DeviceSource::Signature signature;
};

/// A PV keeps its place and changes what its own areas say.
struct PvEdit {
  device::BlockDevice* device = nullptr;
  std::string path;
  std::string what;                    ///< "a new id", as a person is told
  std::optional<disk::Label> label;    ///< written anew
  std::optional<disk::DiskArea> area;  ///< a metadata area made empty there
  bool area_ignored = false;
  std::optional<bool> ignored;     ///< all areas are marked so, or no longer
  std::vector<store::Mda> mdas;    ///< those areas
  bool before_commit = false;      ///< what the VG's next value relies on
  bool with_commit = false;        ///< the commit of its VG writes it (FoundPv::was)
  std::optional<disk::Label> was;  ///< before the transaction
};

/// A PV that a VG is written to otherwise than as it was found: with another id, or with areas elsewhere.
struct AlteredPv {
  disk::Label was;
  store::FoundPv pv;
};

/// Locks that the change needs.
struct Needs {
  bool global = false;
  std::set<std::string> vgs;  ///< names; their order is the order of locking
  bool covers(const Needs& other) const;
};

struct System;

/// What another program does first, under the locks: a filesystem becomes smaller than its volume is to be. If it
/// fails, nothing is changed.
struct Beforehand {
  std::string sentence;
  std::string irreversible;
  std::string done;  ///< "the ext4 on vg0/data is smaller", where something fails later
  std::function<Status(System&)> run;
};

/// A VG that is locked and looked at, and stays as it is.
struct UnchangedVg {
  std::string name;
  Uuid id;
  std::uint32_t seqno = 0;
};

struct Changes {
  std::vector<Beforehand> beforehand;
  std::vector<VgChange> vgs;  ///< by name
  std::vector<PvChange> pvs;
  std::vector<SignatureWipe> wipes;
  std::vector<PvEdit> edits;
  std::vector<AlteredPv> altered;
  std::vector<std::string> dropped_backups;  ///< of VGs that have no longer that name
  std::vector<std::string> questions;        ///< put to the person on the way, in order
  std::vector<std::string> remarks;          ///< what a person should know before it is done
  bool discards = false;                     ///< devices/issue_discards: what is freed is told to the disks
  std::vector<UnchangedVg> unchanged;        ///< of the VGs in `needs` those that do not change
  bool moves_pvs = false;                    ///< a command moves PVs from VG to VG by itself: vgsplit, vgmerge
  Needs needs;
  bool empty() const;  ///< nothing would be written and nothing loaded
  /// PVs that the VG has no longer and no other VG takes: they belong to none then.
  std::vector<Uuid> released(const VgChange& vg) const;
};

}  // namespace ashlar::ops
