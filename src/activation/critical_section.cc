// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/critical_section.h"

#include <pthread.h>
#include <sys/mman.h>

#include <initializer_list>

namespace ashlar::dm {

CriticalSection::CriticalSection() {
  sigset_t all;
  sigfillset(&all);
  // A fault of our own must still end the program, with a core.
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &signals_before_);
  // Current pages only: what is allocated from now on is in memory when it is first touched.
  locked_ = mlockall(MCL_CURRENT) == 0;
}

CriticalSection::~CriticalSection() {
  if (locked_) munlockall();
  pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
}

}  // namespace ashlar::dm
