// SPDX-License-Identifier: LGPL-2.1-or-later
// From all copies seen to the state that rules: pure. The highest seqno wins; what disagrees becomes a sentence and is
// mended by the next write. Source: docs/format.md 2.7, docs/commit-protocol.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/scan.h"

namespace ashlar::store {

inline constexpr std::size_t kNoPv = SIZE_MAX;

/// A VG as it stands.
struct VgState {
  VolumeGroup vg;  ///< MISSING is set on PVs that are not there, and dropped on unused ones that came back
  text::Header header;
  Bytes text_size;
  std::vector<std::size_t> members;  ///< parallel to vg.pvs: index into Scan::pvs, or kNoPv
  std::vector<std::size_t>
      returned;  ///< PVs that are marked as missing and are there again, alone with their id and of no other VG
  std::vector<std::size_t> outdated;  ///< PVs that still carry an older text of the VG but are no longer in it
  std::vector<std::string> damage;    ///< what a reader should know; the next write mends copies
  std::optional<Error> unsafe;  ///< why not even its LVs may be activated: not legal, or not known which disk is meant
  std::optional<Error> read_only;  ///< why nothing may be written; set whenever unsafe is
  bool stale_copies = false;       ///< copies disagree: a write was cut off, or is under way right now
};

/// Everything found, judged.
struct Picture {
  Scan scan;                               ///< its versions have gone into `vgs`
  std::vector<VgState> vgs;                ///< by name
  std::vector<std::size_t> orphans;        ///< PVs of no VG, by device path
  std::vector<std::size_t> duplicates;     ///< PVs set aside because another device carries the same id
  std::vector<std::vector<Uuid>> carried;  ///< of each PV that was read: the VGs whose texts lie committed in its areas
  std::vector<Problem> problems;           ///< what may be missing from the answer
  std::vector<std::string> warnings;       ///< of PVs on several devices: which is used; nothing is missing for it
};

Picture consensus(Scan scan);

/// Is its PV on another device too?
bool is_doubled(const Picture& picture, std::size_t pv);
/// "PV X is on /dev/sda, /dev/sdb": all devices with its id.
std::string devices_text(const Scan& scan, const Uuid& pv);
/// What a person may do about a PV on several devices.
inline constexpr std::string_view kSingleAgain =
    "take one of them away, name the other with --devices, or make a VG of its own of a copy with vgimportclone";
/// Errc::Refused, `Cannot use device X with duplicates.`, if it is: which of them is meant cannot be known.
Status check_single(const Picture& picture, std::size_t pv);

/// The VG whose text the PV carries although that is not `vg`; null if there is none. `pv`: index into Scan::pvs.
const Uuid* carries_other(const Picture& picture, std::size_t pv, const Uuid& vg);

/// What a command by name is refused with where there are two of that name.
Error two_of_one_name(const VolumeGroup& one, const VolumeGroup& other);
/// The one VG of that name. Errc::NotFound `Volume group "x" not found`; Errc::Refused if there are two.
Result<const VgState*> find_vg(const Picture& picture, const std::string& name);

}  // namespace ashlar::store
