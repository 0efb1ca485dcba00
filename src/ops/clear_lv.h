// SPDX-License-Identifier: LGPL-2.1-or-later
// A new LV must not show what an earlier owner of its extents left there, not even for a moment: its start is cleared
// through the PVs, before the metadata names it and the kernel maps it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ops/vg_access.h"

namespace ashlar::ops {

/// The start of one new LV: looked at, and not written to yet.
class Clearing {
 public:
  /// Of each new LV of the step: looks at what lies on its extents and asks for each signature whether it may be wiped.
  /// Errors as of ask_to_wipe() and lv_on_pvs(). The PVs' devices must outlive these.
  static Result<std::vector<Clearing>> prepare(System& sys, const VgStep& step);

  /// Did another LV of the VG have any of the extents until now? Then nothing may be written before the commit.
  bool was_used() const { return was_used_; }

  /// Wipes the signatures and zeros the first 4 KiB; flushes nothing. What was wiped is appended to `notes`.
  Status write(std::vector<std::string>& notes);
  /// The devices on which it lies.
  const std::vector<device::BlockDevice*>& pvs() const { return pvs_; }

 private:
  std::string name_;
  std::unique_ptr<device::BlockDevice> device_;
  std::vector<device::DeviceSource::Signature> signatures_;
  std::vector<device::BlockDevice*> pvs_;
  bool zero_ = false, was_used_ = false;
};

/// Those whose extents were in use until the commit, or the others, with one flush of each PV.
Status clear(std::vector<Clearing>& clearings, bool was_used, std::vector<std::string>& notes);

/// Does it clear extents that LVs had before it?
bool clears_used_extents(const VgStep& step);

/// Does some PV of the VG lie in a regular file? Such a VG has no device-mapper devices.
bool on_images(const store::Picture& picture, const store::VgState& state);

/// Takes the LV's device down if it is there.
Status deactivate_one(System& sys, const VolumeGroup& vg, const std::string& lv);

}  // namespace ashlar::ops
