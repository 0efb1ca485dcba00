// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/wait.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "base/unique_fd.h"

namespace ashlar::lock {

namespace {
// A holder that is just leaving, or a reader in its moment with the :aux file, is no reason to fail or to alarm
// anybody: naps of 0.1 ms, doubled up to 3.2 ms, some 0.2 s in all, come first.
constexpr int kNaps = 65;
constexpr long kFirstNap = 100'000;  // ns
constexpr int kDoublings = 5;
// Each beginning means that somebody else just had the lock; this many in a row is no contention.
constexpr int kMaxBeginnings = 100'000;

Error interrupted(const std::string& what) {
  return Error(Errc::Interrupted, fmt::format("Giving up waiting for {}: interrupted by a signal", what), EINTR);
}

/// Holds back the signals that would end a flock(2): those with a handler that has no SA_RESTART. One that came between
/// two tries would run its handler and be lost, and the wait would go on; held back, it is found pending.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    for (int signal = 1; signal < NSIG; ++signal) {
      struct sigaction action {};
      if (::sigaction(signal, nullptr, &action) != 0 || (action.sa_flags & SA_RESTART) != 0) continue;
      if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) sigaddset(&held_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  bool pending() const {
    sigset_t waiting;
    if (::sigpending(&waiting) != 0) return false;
    for (int signal = 1; signal < NSIG; ++signal) {
      if (sigismember(&waiting, signal) == 1 && sigismember(&held_, signal) == 1 && sigismember(&before_, signal) == 0)
        return true;
    }
    return false;
  }

 private:
  sigset_t held_, before_;
};
}  // namespace

bool Wait::rested() const { return naps_ >= kNaps; }

Error Wait::busy(const std::string& holders) const {
  return Error(
      Errc::Busy,
      fmt::format("{}: {}", refusal_,
                  holders.empty() ? "another process holds it, which could not be found" : "held by " + holders),
      EWOULDBLOCK);
}

void Wait::nap() {
  const timespec length{0, kFirstNap << std::min(naps_++, kDoublings)};
  ::nanosleep(&length, nullptr);
}

Status Wait::begin_again() {
  if (++beginnings_ == kMaxBeginnings)
    return Error(Errc::Io,
                 fmt::format("The file of {} vanishes whenever it is locked; is its directory sound?", what_));
  if (may_block_) return ok();
  if (rested()) return busy("");
  nap();
  return ok();
}

Status Wait::take(int fd, Mode mode, const std::function<std::string()>& holders,
                  const std::function<void()>& before_blocking) {
  const int how = mode == Mode::Shared ? LOCK_SH : LOCK_EX;
  auto attempt = [&] { return retry_eintr([&] { return ::flock(fd, how | LOCK_NB); }) == 0 ? 0 : errno; };
  int err = attempt();
  if (err == 0) return ok();
  {
    HeldSignals signals;
    while (err == EWOULDBLOCK && !rested()) {
      nap();
      if (signals.pending()) return interrupted(what_);
      err = attempt();
      if (err == 0) return ok();
    }
    if (err != EWOULDBLOCK) return errno_error("Taking " + what_, err);
    if (!may_block_) return busy(holders());
    if (tell_ && !told_) {
      told_ = true;
      const std::string named = holders();
      tell_(named.empty() ? fmt::format("Waiting for {}; who holds it could not be found.", what_)
                          : fmt::format("Waiting for {}, held by {}.", what_, named));
    }
    if (before_blocking) before_blocking();
    if (signals.pending()) return interrupted(what_);
  }
  if (::flock(fd, how) == 0) return ok();
  return errno == EINTR ? interrupted(what_) : errno_error("Taking " + what_);
}

}  // namespace ashlar::lock
