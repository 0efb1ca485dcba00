// SPDX-License-Identifier: LGPL-2.1-or-later
// Several VGs at once, for commands that move PVs or names between them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "ops/vg_access.h"

namespace ashlar::ops {

/// The global lock and those of some VGs, with one scan made under all of them.
struct OpenVgs {
  lock::Held global;
  std::vector<lock::Held> locks;
  std::shared_ptr<const store::Picture> shared;
  const store::Picture& picture = *shared;
};

/// Locks in the order in which they may be taken. The VGs need not exist: their names are then taken.
Result<OpenVgs> lock_vgs(System& sys, std::vector<std::string> names);

/// Commits that were cut off between VGs and that readers take for whole (store/roll_forward.h): those of which one of
/// `vgs` is a part are finished, before a change of that VG writes over what tells that they were. The caller holds no
/// lock, and reads anew afterwards.
Status finish_cut_commits(System& sys, const store::Picture& picture, const std::set<std::string>& vgs);
/// How often that is tried: what is under way elsewhere may look like it.
inline constexpr int kCutAttempts = 10;
/// Are there any? Not under -t and in a transaction, where nothing is written.
bool has_cut_commits(const System& sys, const store::Picture& picture, const std::set<std::string>& vgs);

/// Warns of devices and copies that could not be read: they may be why a PV or a VG is missing. Once for each command.
void warn_unread(System& sys, const store::Picture& picture);

/// One of them, if it may be written. `id`: which one, where several have the name.
Result<const store::VgState*> usable_vg(System& sys, const OpenVgs& open, const std::string& name, Need need,
                                        const Uuid* id = nullptr);

}  // namespace ashlar::ops
