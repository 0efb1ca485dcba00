// SPDX-License-Identifier: LGPL-2.1-or-later
// The filesystem on an LV, changed in size with it. Everything that can be refused is looked at before anything is
// changed: a filesystem is never made smaller than what it holds.
#pragma once

#include <string>

#include "ops/system.h"

namespace ashlar::ops {

/// What lies on an active LV.
struct Filesystem {
  std::string device;       ///< /dev/mapper/NAME
  std::string type;         ///< "ext4", "xfs"
  std::string mount_point;  ///< empty: not mounted
};

/// Errc::Unsupported for none or one that cannot change its size with Ashlar.
Result<Filesystem> find_filesystem(System& sys, const std::string& dm_name);

/// What of check_resize() needs no other program and changes nothing.
Status check_resizable(const Filesystem& fs, Bytes from, Bytes to);
/// May it be made so large or small? Checks it (e2fsck) where that is possible and `check` says so.
Status check_resize(const Filesystem& fs, Bytes from, Bytes to, bool check);
/// Makes it `size`; growing: as large as its device, which has that size by now.
Status resize_filesystem(const Filesystem& fs, Bytes size, bool grow);

/// Of an LV that is about to become smaller, as the beginning of a plan. The LV has `from` bytes then, or it is refused.
Status shrink_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to);
/// Of an LV that has grown already, as the end of a plan.
Status grow_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to, bool check);

}  // namespace ashlar::ops
