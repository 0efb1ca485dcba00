// SPDX-License-Identifier: LGPL-2.1-or-later
// What an LV holds, in and out of files, through its PVs: no root and no device-mapper. The VG stays locked meanwhile,
// so nobody moves the LV's extents.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/system.h"
#include "store/consensus.h"

namespace ashlar::ops {

enum class Access : std::uint8_t { Read, Write };

/// An LV, open.
struct OpenLv {
  lock::Held lock;  ///< shared for reading, exclusive for writing
  std::shared_ptr<const store::Picture> picture;
  std::unique_ptr<device::BlockDevice> device;  ///< size() is the LV's; no byte outside of the LV can be reached
  std::vector<std::string> notes;
};

/// Errc::Busy for writing to an LV that is active here: its device has a cache of its own. Errc::Refused for one that
/// is read-only, of another host, exported, or misses a PV; Errc::Unsupported for a type that Ashlar does not map.
Result<OpenLv> open_lv(System& sys, const std::string& vg, const std::string& lv, Access access);

/// A copy between an LV and a file.
struct LvCopy {
  std::string vg, lv;
  std::string file;               ///< empty: `fd`, such as a pipe
  int fd = -1;                    ///< not closed
  Bytes offset;                   ///< where it begins in the LV; the file is used from its start
  std::optional<Bytes> size;      ///< none: to the end of the LV, or as much as there is to write
  bool resume = false;            ///< a regular file: what is the same on both sides already is not written again
  bool keep_under_holes = false;  ///< into the LV: what lies where the file has a hole stays; else it becomes zero
  std::function<void(Bytes done, Bytes total)> progress = {};  ///< total 0: not known
  std::vector<std::string> planned = {};  ///< LvCopied::facts of the plan that this carries out; empty: of none
};
struct LvCopied {
  Bytes bytes;    ///< how many the copy has
  Bytes written;  ///< of them written; the rest was a hole, or the same already
  std::vector<std::string> notes;
  bool stream = false;    ///< the file is a pipe or the like: what it gives is not known before
  bool replaces = false;  ///< from the LV: the file, or disk, is there and holds something
  std::vector<std::string>
      facts;  ///< under a plan: what the volume and the file are, so that a copy by the plan is of these
};

/// Both: Errc::Refused if something of `planned` is not so any more.
/// From the LV. A regular file is sparse where the LV is, or holds zeros; one that exists is asked for before it is
/// overwritten (Errc::Refused), and so is a disk, which must not be in use (Errc::Busy); never if a PV of the VG lies
/// in it. No-op under -t.
Result<LvCopied> read_lv(System& sys, const LvCopy& request);
/// Into the LV, then flushed. A regular file that is larger than what is left of the LV: Errc::NoSpace before anything
/// is written; a pipe: after what fits.
Result<LvCopied> write_lv(System& sys, const LvCopy& request);

}  // namespace ashlar::ops
