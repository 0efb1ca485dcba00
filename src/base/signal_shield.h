// SPDX-License-Identifier: LGPL-2.1-or-later
// From the first metadata write of a change to its last no signal may end the program: what a person stops with Ctrl-C
// must be the old VG or the whole of the new one, with its labels, its kernel devices and its backup.
#pragma once

#include <csignal>

namespace ashlar {

/// While it lives, the calling thread, and threads that it starts, hold back the signals that ask a program to end or
/// to stop: SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGALRM, SIGUSR1 and SIGUSR2, however often they come. They act
/// as soon as the outermost shield of the thread is gone. Ended by the thread that began it.
class SignalShield {
 public:
  SignalShield();
  ~SignalShield();
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;

 private:
  sigset_t before_;
};

}  // namespace ashlar
