// SPDX-License-Identifier: LGPL-2.1-or-later
// What udev rules and boot scripts keep of PVs that have appeared: LVM2's files pvs_online/PVID ("major:minor", "vg:",
// "dev:"), vgs_online/VG (who made it activates the VG) and pvs_lookup/VG, so that both programs can take turns at
// boot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "device/block_device.h"

namespace ashlar::ops {

class OnlineFiles {
 public:
  /// `run_dir`: /run/lvm.
  explicit OnlineFiles(std::string run_dir) : run_dir_(std::move(run_dir)) {}

  /// Forgets everything: a scan of all devices comes next.
  Status clear();
  Status add_pv(const Uuid& pv, device::DevNumber number, const std::string& vg, const std::string& device);
  Status remove_pv(device::DevNumber number);
  bool has_pv(const Uuid& pv) const;
  /// True for the one who may activate the VG: the file was made by this call.
  Result<bool> claim_vg(const std::string& vg);

 private:
  Status make_directories() const;
  std::string pv_path(const Uuid& pv) const;

  std::string run_dir_;
};

}  // namespace ashlar::ops
