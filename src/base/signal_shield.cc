// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/signal_shield.h"

#include <pthread.h>

#include <initializer_list>

namespace ashlar {

SignalShield::SignalShield() {
  sigset_t held;
  sigemptyset(&held);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGALRM, SIGUSR1, SIGUSR2}) sigaddset(&held, signal);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalShield::~SignalShield() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace ashlar
