// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of a VG's past: texts from archives, backup and rings put together, each version once. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar::plan {

/// Where a text was found.
struct Place {
  enum class Kind : std::uint8_t {
    Committed,  ///< the ruling copy of a metadata area
    Ring,       ///< an older copy that still lies in an area; its checksum is known no more
    Archive,
    Backup
  } kind = Kind::Ring;
  std::string name;  ///< "metadata area 1 of /dev/sdb", or a file's path
  /// Of Committed and Ring: each text from this one to the ruling one lies right behind the one before it, as commits
  /// write them (docs/format.md 2.3). A write that was cut off is overwritten by the next, so this text was in effect.
  bool in_line = false;
  std::string device = {};  ///< whose first area that is; empty: a file, or another area
  Bytes at = {};            ///< on the device
  bool is_file() const { return kind == Kind::Archive || kind == Kind::Backup; }
  friend bool operator==(const Place&, const Place&) = default;
};

/// What writes the text that lies there to FILE; `place.device` is set.
std::string dump_command(const Place& place);

/// One text with what its header says.
struct OldText {
  VolumeGroup vg;
  std::string description, host;
  std::uint64_t time = 0;     ///< seconds since 1970
  std::vector<Place> places;  ///< of its copies, letter by letter the same; at least one unless it is the current one
  std::uint32_t skipped =
      0;  ///< numbers that its commit skipped, one for each PV that was missing (docs/format.md 2.7)
  std::optional<bool> discarded =
      {};  ///< were the extents that its commit freed discarded? None: it does not tell (docs/format.md 3.2)
};

/// One state of the VG.
struct Version {
  VolumeGroup vg;
  std::string command;  ///< that made it; empty: unknown
  std::string host;
  std::uint64_t time = 0;  ///< when it was written; 0: unknown
  std::vector<Place> places;
  std::vector<Uuid> away;         ///< PVs that were missing where it was written, or where a copy of it was made later
  std::uint32_t skipped = 0;      ///< as in OldText
  std::optional<bool> discarded;  ///< as in OldText
  enum class Standing : std::uint8_t {
    Current,
    Past,       ///< it was in effect once
    Disputed,   ///< several texts have its seqno, and nothing tells which of them was in effect
    Elsewhere,  ///< of another history of this VG: known from files alone, and the disks hold another text of its seqno
    Dropped,    ///< a write that was cut off: another text of its seqno was in effect
    Ahead,      ///< its seqno is above the current one: cut off, or put out of effect by a restored backup
  } standing = Standing::Past;
  /// What ties it to the next version in effect.
  enum class Tie : std::uint8_t {
    Proven,        ///< both lie in the line of a ring, or it was archived before the command that made the next one
    Unproven,      ///< nothing but the numbers
    Contradicted,  ///< it was archived before other commands than the one that made the next one
  } tie = Tie::Proven;
  bool was_in_effect() const { return standing == Standing::Past || standing == Standing::Current; }
  bool counts() const { return was_in_effect() || standing == Standing::Disputed; }
};

/// How far back a PV's own metadata areas tell of it. A commit that finds the PV writes its text there, right behind
/// the one before it; one that does not find it leaves a number out.
struct AreaTells {
  static constexpr std::uint32_t kNothing = UINT32_MAX;
  Uuid pv;
  std::uint32_t since = kNothing;   ///< no commit from this seqno on is left out: it was this disk, and it was there
  std::uint32_t oldest = kNothing;  ///< seqno of the oldest text, whatever is left out behind it; 0: it has no area,
                                    ///< and nothing can lie there
};

struct History {
  std::vector<AreaTells> areas;   ///< of PVs of the VG as it is
  std::vector<Version> versions;  ///< by seqno; exactly one is Current, unless the VG is gone
  const Version* current() const;
  /// Of that seqno: the one in effect, else one that is disputed; null if there is none.
  const Version* find(std::uint32_t seqno) const;
  /// What its areas tell; of a PV that is not known: nothing.
  AreaTells area_of(const Uuid& pv) const;
};

/// `current` null: the VG is gone. Texts of other VGs (by id) are not to be among `texts`.
History make_history(std::optional<OldText> current, std::vector<OldText> texts);

/// Sequence numbers of which no version is known, as runs, behind `from` and before `to`. What a commit beside missing
/// PVs skips is not among them.
struct SeqnoRun {
  std::uint32_t first = 0, last = 0;
  friend bool operator==(const SeqnoRun&, const SeqnoRun&) = default;
};
std::vector<SeqnoRun> unknown_between(const History& history, std::uint32_t from, std::uint32_t to);

/// Without what says nothing of the VG itself: device hints, which PVs were missing, the order in memory, the seqno.
VolumeGroup content_of(VolumeGroup vg);

}  // namespace ashlar::plan
