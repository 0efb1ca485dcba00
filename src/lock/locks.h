// SPDX-License-Identifier: LGPL-2.1-or-later
// The global lock and one lock per VG, in LVM2's files and by its protocol, so that both programs exclude one another.
// Order: global, then VGs by ascending name, then image files. Source: docs/locking.md, docs/format.md 6.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace ashlar::lock {

enum class Mode { Shared, Exclusive };

/// A held lock; released when destroyed.
class Lock {
 public:
  virtual ~Lock() = default;
};
using Held = std::unique_ptr<Lock>;

class Locks {
 public:
  virtual ~Locks() = default;
  virtual Result<Held> global(Mode mode) = 0;
  virtual Result<Held> vg(const std::string& name, Mode mode) = 0;
};

struct FileLockOptions {
  std::string directory = "/run/lock/lvm";  ///< made 0700 if missing
  bool wait = true;              ///< global/wait_for_locks; false: Errc::Busy at once
  bool prioritise_writers = true;  ///< take NAME:aux first, as LVM2 does
  std::vector<std::string> images;  ///< regular files to flock too, after the lock file, in (dev, inode) order
  /// Called once when the lock is not free at once, with a sentence such as
  /// "Waiting for the lock of VG vg0, held by PID 123 (lvextend -L 1G vg0/a)."
  std::function<void(const std::string&)> on_wait;
};
/// flock(2) on DIRECTORY/P_global and DIRECTORY/V_NAME. A wait ends with Errc::Interrupted on a signal without SA_RESTART.
std::unique_ptr<Locks> file_locks(FileLockOptions options);

/// Grants everything and touches nothing: --nolocking, and tests.
std::unique_ptr<Locks> no_locks();

/// Grants shared locks without a file, refuses exclusive ones: --readonly.
std::unique_ptr<Locks> readonly_locks();

}  // namespace ashlar::lock
