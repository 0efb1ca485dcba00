// SPDX-License-Identifier: LGPL-2.1-or-later
// While PVs of a VG are missing, or copies of its metadata cannot be read, the newest may be among them. The backup knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ops/system.h"
#include "store/consensus.h"

namespace ashlar::ops {

struct NewerBackup {
  std::string path;
  std::uint32_t seqno;
};
/// This host's backup of a VG of which not all copies can be read, if its seqno is above that of all that can. Nothing
/// where all can be, and where there is no backup or it cannot be read.
std::optional<NewerBackup> newer_backup(System& sys, const store::VgState& state);

/// "The copies of VG vg0 that can be read have seqno 3, but /etc/lvm/backup/vg0 has seqno 5: ..."
std::string newer_text(const VolumeGroup& vg, const NewerBackup& backup);

/// Errc::Refused, with the ways out, where there is one: a change of the older state would count beside the newer one.
Status check_newest(System& sys, const store::VgState& state);

}  // namespace ashlar::ops
