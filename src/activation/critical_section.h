// SPDX-License-Identifier: LGPL-2.1-or-later
// The time between suspending a device and resuming it. The root file system, or swap, may lie on that device: a page
// of this program that has to be read from it would wait for a resume that never comes, and a signal that ends the
// program would leave the device suspended.
#pragma once

#include <csignal>

namespace ashlar::dm {

/// While it lives, all of this process is in memory and the calling thread takes no signals. Ended by the thread that
/// began it. Being unable to lock memory (RLIMIT_MEMLOCK) is not an error; `locked()` tells.
class CriticalSection {
 public:
  CriticalSection();
  ~CriticalSection();
  CriticalSection(const CriticalSection&) = delete;
  CriticalSection& operator=(const CriticalSection&) = delete;

  bool locked() const { return locked_; }

 private:
  bool locked_ = false;
  sigset_t signals_before_{};
};

}  // namespace ashlar::dm
