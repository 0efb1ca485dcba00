// SPDX-License-Identifier: LGPL-2.1-or-later
// Brings a VG value to the disks. Two phases, all PVs in parallel, a flush after each:
//
//   stage    text into the free part of each ring      | a crash here: nobody looks at it
//            slot 1 (precommitted) of each header      | nobody looks at slot 1
//   commit   labels of PVs that get another id             | the first such write makes the new VG
//            slot 0 (committed) := it, slot 1 empty    | without new ids this one makes it; the others follow by seqno
//            (copies that are behind first, PVs that join last: a phase each)
//            labels of PVs that joined get the USED flag
//
// The caller holds the VG's lock exclusively and has read the VG under it. Source: docs/commit-protocol.md.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "metadata/text/vg_writer.h"
#include "store/consensus.h"

namespace ashlar::store {

/// What is to be said of a commit.
struct Committed {
  std::vector<std::string> behind;    ///< copies and labels that could not be written; the next write mends them
  std::vector<std::string> warnings;  ///< areas that are nearly full
};

/// A new text that is on the disks and does not count yet. Destroyed uncommitted, it is dropped again.
class Staged {
 public:
  Staged(Staged&&) noexcept;
  Staged& operator=(Staged&&) noexcept;
  ~Staged();

  /// From here on, what is staged stays on the disks: another VG of the same command is committed, and with it this
  /// counts (store/roll_forward.h).
  void keep() noexcept;

  const VolumeGroup& vg() const;  ///< as it will be, seqno raised, MISSING and device hints brought up to date

 private:
  friend Result<Staged> stage(std::vector<FoundPv>, VolumeGroup, const text::Header&, const text::Origin&);
  static Result<Staged> on(std::vector<FoundPv> present, VolumeGroup after, const text::Header& header,
                           const text::Origin& origin);
  friend Result<Committed> commit(Staged&);
  struct Impl;
  explicit Staged(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// `present`: the VG's PVs that are there, members of `after` (in any order). `after.seqno` is the new one; it is
/// raised by one more for each PV of `after` that is not present or stays missing, and those get the MISSING flag. One
/// that stays missing keeps the flag; it is left out where it cannot be written, or is none of `after` any longer. The
/// text is parsed back and compared before it is written. Errors: NoSpace if the text is too large for an area, Io
/// naming the device, Refused if no area takes metadata.
Result<Staged> stage(std::vector<FoundPv> present, VolumeGroup after, const text::Header& header,
                     const text::Origin& origin);

/// Could a text that is longer than those that are there by this much find no room in an area? Makes and reads none.
bool nearly_full(const std::vector<FoundPv>& present, Bytes more);

/// What stage() would say of a text without room in an area. Writes nothing.
Status check_room(const std::vector<FoundPv>& present, VolumeGroup after, const text::Header& header,
                  const text::Origin& origin);

/// The point of no return. An Error means that no copy was written, and the old VG is still there.
Result<Committed> commit(Staged& staged);

/// Makes orphans of PVs that left a VG: the USED flag goes, then the metadata areas are emptied.
Status release(std::vector<FoundPv> pvs);

/// The members of a state that are present.
std::vector<FoundPv> present_members(const Picture& picture, const VgState& state);

/// Those, and behind them the PVs marked as missing that are there again, can be read and were not released: they take
/// the VG's texts, as LVM2 lets them, so that none of them ever holds an older one than the rest (docs/format.md 2.7).
std::vector<FoundPv> written_members(const Picture& picture, const VgState& state);

}  // namespace ashlar::store
