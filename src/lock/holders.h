// SPDX-License-Identifier: LGPL-2.1-or-later
// Who holds a flock(2) on a file, for the sentence that a waiter shows. Source: proc(5), /proc/locks.
#pragma once

#include <sys/types.h>

#include <string>

namespace ashlar::lock {

/// A file, by what /proc/locks calls it.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;

  friend auto operator<=>(const FileId&, const FileId&) = default;
};

/// "PID 7 (vgs vg0)", "PID 7 (vgs), PID 8 (lvs) and 3 more"; empty if the kernel does not tell: no /proc, or the holder
/// is in a PID namespace that is not seen from here. Command lines are made printable and cut.
std::string holders_of(FileId file, const std::string& proc = "/proc");

}  // namespace ashlar::lock
