// SPDX-License-Identifier: LGPL-2.1-or-later
// Getting hold of a VG and putting it back: every operation that changes a VG goes through these four.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "activation/diff.h"
#include "activation/layout.h"
#include "lock/locks.h"
#include "ops/changes.h"
#include "ops/system.h"
#include "store/vg_store.h"

namespace ashlar::ops {

/// A scan of all devices, judged. No lock: for reports, where a VG whose copies disagree is read again under its lock.
Result<store::Picture> look(System& sys);

/// All devices read under a lock that is held, or as the transaction that is on leaves them.
Result<std::shared_ptr<const store::Picture>> read_devices(System& sys);

/// New ids are none of those of its PVs and VGs: two disks with one id would be taken for one another.
void draw_no_id_of(System& sys, const store::Picture& picture);

/// A VG under its lock, as read for a change. Holding it is what makes the change safe. Can be moved, not assigned.
struct OpenVg {
  lock::Held global;  ///< when the operation needed it
  lock::Held lock;
  std::shared_ptr<const store::Picture> shared;
  std::size_t at = 0;  ///< which of picture.vgs
  const store::Picture& picture = *shared;

  const store::VgState& state() const { return picture.vgs[at]; }
  const VolumeGroup& vg() const { return state().vg; }
};

/// What an operation needs to be allowed.
enum class Need : std::uint8_t {
  Complete = 0,            ///< nothing special: refuse a VG with missing PVs, an exported one
  AllowPartial = 1 << 0,   ///< may write while PVs are missing
  Global = 1 << 1,         ///< changes which PVs belong to which VG: the global lock too
  Activation = 1 << 2,     ///< nothing is written: what is not understood or missing matters for single LVs only
  AllowExported = 1 << 3,  ///< may write an exported VG
  AllowOlder = 1 << 4,     ///< may write although what cannot be read may be newer (ops/newer_backup.h)
};
constexpr Need operator|(Need a, Need b) { return static_cast<Need>(static_cast<int>(a) | static_cast<int>(b)); }
constexpr bool needs(Need set, Need one) { return (static_cast<int>(set) & static_cast<int>(one)) != 0; }

/// May a command that needs `need` go on with the VG? Not if it is foreign, exported, not legal, not understood, not
/// complete.
Status check_allowed(const System& sys, const store::VgState& state, Need need);

/// Locks the VG, reads it, and refuses what must not be written: foreign, not legal, not understood, not complete.
/// `id`: which one, where several have the name.
Result<OpenVg> open_for_update(System& sys, const std::string& vg, Need need = Need::Complete,
                               const Uuid* id = nullptr);

/// The VG that is open, to be changed. In a transaction, where each line of a batch changes what the line before made,
/// it is not copied, and `open` is left without its LVs: the operation that fails from here on is the transaction's last.
VolumeGroup vg_to_change(System& sys, const OpenVg& open);

/// One VG's way from one value to the next.
struct VgStep {
  const VolumeGroup* before;            ///< null: it is made
  std::vector<store::FoundPv> present;  ///< PVs of `after` that are there, joining ones included
  VolumeGroup after;
  /// When what it frees is discarded, where devices/issue_discards is on. Later: by the caller, once nothing can be
  /// taken back.
  enum class Discard : std::uint8_t { AtOnce, Later, Never } discard = Discard::AtOnce;
  std::vector<LvClear> clears = {};  ///< new LVs of `after` whose start is cleared
  bool every_copy = false;  ///< it is for the copies' sake: one that is not written is an error, and no warning
};

/// Moves VGs from one value to the next: archive, disks, kernel, backup. The one commit path. All are staged before the
/// first is committed. New LVs are cleared after all is staged and before the commit; those on extents that another LV
/// has until then, after the commit and before the kernel maps them. Warnings are appended to `notes`. No-op under -t;
/// in a transaction it is kept for its end. Errc::Partial: the metadata is the new one (of some VGs, which are named),
/// the kernel is not, or not every_copy; any other error: the metadata is the old one. What is not legal is not written.
Status apply(System& sys, std::vector<VgStep> steps, const dm::Change& change, std::vector<std::string>& notes);
/// The same for one VG.
Status apply(System& sys, const VolumeGroup* before, std::vector<store::FoundPv> present, VolumeGroup after,
             const dm::Change& change, std::vector<std::string>& notes);

/// Is the whole of it as validate() wants it? Plans look at what they change; this is looked at before each commit.
/// Errc::Corrupt.
Status check_legal(const VolumeGroup& after);

/// Would the text of what the VG is to become, seqno raised, find room in the areas of its PVs? Errc::NoSpace.
Status check_room(System& sys, VgStep step);

/// Extents that LVs used before the steps and none uses after them.
struct FreedRun {
  device::BlockDevice* device;
  Bytes offset, length;
};
/// None where devices/issue_discards is off, none of a step that says Never.
std::vector<FreedRun> freed_runs(const System& sys, const VgStep& step);
/// Tells the devices. What cannot be told is a note.
void discard(const std::vector<FreedRun>& runs, std::vector<std::string>& notes);

/// Makes orphans of PVs that have left their VG. No-op under -t.
Status release(System& sys, std::vector<store::FoundPv> pvs);

/// Changes what a PV's own areas say. No-op under -t; in a transaction it is kept for its end.
Status edit_pv(System& sys, PvEdit edit);
/// Does it.
Status write_edit(const PvEdit& edit);

/// Takes a VG that has no LVs off its PVs, after archiving it. No-op under -t.
Status drop_vg(System& sys, const OpenVg& open);

/// Removes the backup of a VG that is no more under this name; what it was is in the archive. A failure is a note.
/// No-op under -t and where archiving is off for this command.
void drop_backup(System& sys, const std::string& vg, std::vector<std::string>& notes);

/// A change of the kernel alone: activation and deactivation. No-op under -t.
Status carry_out(System& sys, const dm::Change& change);

/// Archives the VG as it is, before something changes it. No-op where archiving is off for this command.
Status archive_before(System& sys, const VolumeGroup& vg);

/// Of an ordinary user, whose folder nobody has set up: could what is made now be changed later? A VG that is made has
/// nothing to archive, and its next change would be the first to fail. No-op where archiving is off for this command,
/// and under -t.
Status check_archive(System& sys);

/// The links to LVs of a VG of this name stand in /dev/NAME: Errc::InvalidArgument where something else is called so, as
/// "null" or "mapper". Nothing is asked of a VG in image files, which has no links.
Status check_dev_name(const System& sys, const std::string& vg, const std::vector<store::FoundPv>& pvs);

/// What layout has to know of the PVs that are present.
dm::LayoutContext layout_context(System& sys, const store::Picture& picture, const store::VgState& state);

/// How the description of a text on disks begins if its commit discards what it frees: later nothing else tells, but
/// undelete wants to know. Else it is kWrite. Source: docs/format.md 3.2.
inline constexpr std::string_view kWriteAndDiscard = "Write[discard] from ", kWrite = "Write from ";

/// The text of an archive or backup of the VG.
std::string file_text(System& sys, const VolumeGroup& vg, const std::string& description);

text::Origin origin(const System& sys);

}  // namespace ashlar::ops
