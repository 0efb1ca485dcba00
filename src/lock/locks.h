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

/// A held lock; released when destroyed. A forked child that destroys its copy only closes its descriptor: the lock
/// stays with the process that took it.
class Lock {
 public:
  virtual ~Lock() = default;
};
using Held = std::unique_ptr<Lock>;

/// For one thread at a time. A Held may outlive the Locks that gave it.
class Locks {
 public:
  virtual ~Locks() = default;
  /// Guards which devices are PVs, which VG a PV belongs to, and the names of VGs.
  virtual Result<Held> global(Mode mode) = 0;
  /// Guards the metadata and the activation of one VG. Errc::InvalidArgument for a name that no VG can have.
  virtual Result<Held> vg(const std::string& name, Mode mode) = 0;
};

struct FileLockOptions {
  std::string directory = "/run/lock/lvm";  ///< made 0700 if missing, with the parents that are missing
  bool wait = true;                         ///< global/wait_for_locks; false: Errc::Busy instead of waiting
  bool prioritise_writers = true;           ///< global/prioritise_write_locks: take NAME:aux first, as LVM2 does
  /// Regular files to flock too, after the lock file, in (device, inode) order; other kinds of file are passed over.
  /// They exclude commands that use another lock directory, such as those of another user.
  std::vector<std::string> images;
  /// Called at most once per lock, when it stays taken for some 0.2 s, with a sentence such as
  /// "Waiting for the lock of VG vg0, held by PID 123 (lvextend -L 1G vg0/a)."
  /// Signals that would end the wait are held back while it runs.
  std::function<void(const std::string&)> on_wait;
};

/// flock(2) on DIRECTORY/P_global and DIRECTORY/V_NAME. Errors:
///   Busy         somebody else holds it and `wait` is false; the message names the holder
///   Interrupted  a signal whose handler has no SA_RESTART ended the wait
///   Refused      the directory is a link, another user's, or writable by others; or the locks are asked for in an
///                order that could deadlock: each must come after all that are held, and none twice
///   Io …         the directory or a file could not be made, opened or locked
/// Images: while a further lock file is waited for, they are let go and then taken again, for whoever has that file may
/// be waiting for them. So what was read before the last lock was granted is read again after it; and when a further
/// lock fails, what is still held may have lost its images: give up.
std::unique_ptr<Locks> file_locks(FileLockOptions options);

/// Grants everything and touches nothing: --nolocking, and tests.
std::unique_ptr<Locks> no_locks();

/// Grants shared locks without a file, refuses exclusive ones: --readonly.
std::unique_ptr<Locks> readonly_locks();

}  // namespace ashlar::lock
