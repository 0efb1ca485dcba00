// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes and unmakes PVs on a device. The caller has the global lock, has claimed the device and asked about foreign
// signatures. Source: docs/format.md 1.8.
#pragma once

#include "base/result.h"
#include "device/block_device.h"
#include "metadata/disk/label.h"
#include "store/scan.h"

namespace ashlar::store {

struct WritePv {
  disk::Label label;
  bool ignore_metadata = false;  ///< --metadataignore
  bool zero = true;              ///< -Z: clear the first 2 KiB
};

/// Order: old labels away, first 2 KiB zeroed, mdas empty, label last; flushed before and after the label, so that a
/// crash leaves no PV or the whole new one.
Status write_pv(device::BlockDevice& device, const WritePv& request);

/// Rewrites the label in place (flags or sizes changed), flushed.
Status rewrite_label(device::BlockDevice& device, const disk::Label& label);

/// Writes an empty metadata area. Flushed.
Status make_area(device::BlockDevice& device, const disk::DiskArea& area, bool ignored);

/// Marks the areas as ignored or not; their texts stay. Flushed.
Status set_ignored(device::BlockDevice& device, const std::vector<Mda>& mdas, bool ignored);

/// Overwrites the label sectors; metadata areas stay, as with LVM2.
Status wipe_labels(device::BlockDevice& device);

}  // namespace ashlar::store
