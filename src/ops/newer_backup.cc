// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/newer_backup.h"

#include <fmt/format.h>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/text/vg_reader.h"
#include "plan/repair.h"

namespace ashlar::ops {

std::optional<NewerBackup> newer_backup(System& sys, const store::VgState& state) {
  const VolumeGroup& vg = state.vg;
  if (!is_partial(vg) && state.damage.empty()) return std::nullopt;
  auto path = sys.archive->backup_path(vg.name);
  if (!path) return std::nullopt;
  auto text = sys.archive->read({.path = *path, .vg_name = vg.name, .is_backup = true});
  if (!text) return std::nullopt;
  auto read = text::read_vg(*text, *path);
  if (!read || read->vg.id != vg.id || read->vg.seqno <= vg.seqno) return std::nullopt;
  return NewerBackup{*path, read->vg.seqno};
}

std::string newer_text(const VolumeGroup& vg, const NewerBackup& backup) {
  return fmt::format(
      "The copies of VG {} that can be read have seqno {}, but {} has seqno {}: those that cannot be read may be newer",
      vg.name, vg.seqno, printable(backup.path), backup.seqno);
}

Status check_newest(System& sys, const store::VgState& state) {
  const auto newer = newer_backup(sys, state);
  if (!newer) return ok();
  return Error(Errc::Refused, fmt::format("{}. Nothing was changed. Bring them back, or ashlar repair {}; {}",
                                          newer_text(state.vg, *newer), state.vg.name,
                                          plan::ways_between(state.vg.name, state.vg.seqno, newer->seqno)));
}

}  // namespace ashlar::ops
