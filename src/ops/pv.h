// SPDX-License-Identifier: LGPL-2.1-or-later
// Making PVs, for pvcreate and for the VG commands that take plain devices.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "store/consensus.h"
#include "store/pv_store.h"

namespace ashlar::ops {

/// A device that may become a PV: checked, claimed, its areas laid out. Nothing is written to it yet, so that of
/// several devices none is touched before all of them will do.
struct PreparedPv {
  device::BlockDevice* device;
  store::WritePv write;
  std::vector<device::DeviceSource::Signature> signatures = {};  ///< foreign ones that somebody agreed to wipe
};

/// Locks VGs by name, under the global lock: `vgs` and, where `force` is 2 or more, those whose PVs are to be made anew
/// or removed: a command that is at work in one of them ends before, and a plan holds only as long as they stay as they
/// are.
Result<std::vector<lock::Held>> lock_with_owners(System& sys, std::set<std::string> vgs,
                                                 const std::vector<std::string>& devices, int force);

/// Refuses a device that is a PV of a VG, in use, or carries something nobody agreed to wipe.
Result<PreparedPv> prepare_pv(System& sys, const store::Picture& picture, const std::string& path,
                              const CreatePvs& request, std::vector<std::string>& notes);

/// Wipes its signatures and writes it; the PV as a scan would find it.
Result<store::FoundPv> make_pv(System& sys, const PreparedPv& prepared, std::vector<std::string>& notes);

/// What a VG that takes it in has to know of an unused PV.
plan::JoiningPv joining_pv(const store::FoundPv& pv);

/// LVM2's cache of which devices are PVs is wrong from now on. Quiet if there is none.
void forget_hints(const System& sys);

}  // namespace ashlar::ops
