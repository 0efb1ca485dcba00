// SPDX-License-Identifier: LGPL-2.1-or-later
// The filesystem on an LV, changed in size with it. Everything that can be refused is looked at before anything is
// changed: a filesystem is never made smaller than what it holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/device_users.h"
#include "ops/luks.h"
#include "ops/system.h"

namespace ashlar::ops {

/// What lies on an active LV.
struct Filesystem {
  std::string device;                 ///< /dev/mapper/NAME: the LV, or what cryptsetup shows of it
  std::string type;                   ///< "ext4", "xfs"
  std::vector<device::Mount> mounts;  ///< none: not mounted
  std::optional<LuksMapping> luks;    ///< in which it lies
};

/// Errc::Unsupported for none or one that cannot change its size with Ashlar; Errc::Refused for an encrypted one that
/// is closed.
Result<Filesystem> find_filesystem(System& sys, const std::string& dm_name);

/// "ext4", "ext4 in LUKS".
std::string described(const Filesystem& fs);
/// "e2fsck -f -p", which looks it over as it is now; empty: nothing does.
std::string check_program(const Filesystem& fs);
/// "resize2fs, cryptsetup resize".
std::string shrink_program(const Filesystem& fs);

/// Is it mounted, and made smaller only while it is not (ops/fs_mount.h)?
bool shrinks_unmounted(const Filesystem& fs);

// Sizes are those of the LV.

/// What of check_resize() needs no other program and changes nothing. Errc::Busy for one that is to become smaller and
/// cannot be unmounted and mounted again: it is mounted in several places.
Status check_resizable(const Filesystem& fs, Bytes from, Bytes to);
/// May it be made so large or small? Looks it over where that is possible and `check` says so.
Status check_resize(const Filesystem& fs, Bytes from, Bytes to, bool check);
/// Makes it as large as its LV, which has that size by now.
Status grow_filesystem(const Filesystem& fs, const Conduct& conduct);
/// Makes it fit into that many bytes of its LV.
Status shrink_filesystem(const Filesystem& fs, Bytes size_of_lv, const Conduct& conduct);

/// Of an LV that is about to become smaller, as the beginning of a plan. The LV has `from` bytes then, or it is
/// refused; `may_unmount`: somebody agreed to that.
Status shrink_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to,
                         bool may_unmount);
/// Of an LV that has grown already, as the end of a plan.
Status grow_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to, bool check);

}  // namespace ashlar::ops
