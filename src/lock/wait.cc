// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/wait.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/timerfd.h>

#include "base/unique_fd.h"

namespace ashlar::lock {

namespace {
// A holder that is just leaving, or a reader in its moment with the :aux file, is no reason to fail or to alarm
// anybody: naps of 0.1 ms, doubled each time, 25 ms in all, come first.
constexpr int kNaps = 8;
constexpr long kFirstNap = 100'000;  // ns
// Each beginning means that somebody else just had the lock; this many in a row is no contention.
constexpr int kMaxBeginnings = 100'000;

Error interrupted(const std::string& what) {
  return Error(Errc::Interrupted, fmt::format("Giving up waiting for {}: interrupted by a signal", what), EINTR);
}
}  // namespace

bool Wait::rested() const {
  return naps_ >= kNaps;
}

Error Wait::busy(const std::string& holders) const {
  return Error(
      Errc::Busy,
      fmt::format("{}: {}", refusal_,
                  holders.empty() ? "another process holds it, which could not be found" : "held by " + holders),
      EWOULDBLOCK);
}

/// Sleeps in read(2) of a timer: unlike nanosleep(2), it goes on after a handler with SA_RESTART, as flock(2) does.
Status Wait::nap() {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  if (!timer) return errno_error("Making a timer to wait for " + what_);
  itimerspec once{};
  once.it_value.tv_nsec = kFirstNap << naps_++;
  std::uint64_t ticks = 0;
  if (::timerfd_settime(timer.get(), 0, &once, nullptr) != 0) return errno_error("Waiting for " + what_);
  if (::read(timer.get(), &ticks, sizeof ticks) == -1)
    return errno == EINTR ? interrupted(what_) : errno_error("Waiting for " + what_);
  return ok();
}

Status Wait::begin_again() {
  if (++beginnings_ == kMaxBeginnings)
    return Error(Errc::Io,
                 fmt::format("The file of {} vanishes whenever it is locked; is its directory sound?", what_));
  if (may_block_) return ok();
  if (rested()) return busy("");
  return nap();
}

Status Wait::take(int fd, Mode mode, const std::function<std::string()>& holders,
                  const std::function<void()>& before_blocking) {
  const int how = mode == Mode::Shared ? LOCK_SH : LOCK_EX;
  while (true) {
    if (retry_eintr([&] { return ::flock(fd, how | LOCK_NB); }) == 0) return ok();
    if (errno != EWOULDBLOCK) return errno_error("Taking " + what_);
    if (rested()) break;
    TRY(nap());
  }

  if (!may_block_) return busy(holders());
  if (tell_ && !told_) {
    told_ = true;
    const std::string named = holders();
    tell_(named.empty() ? fmt::format("Waiting for {}; who holds it could not be found.", what_)
                        : fmt::format("Waiting for {}, held by {}.", what_, named));
  }
  if (before_blocking) before_blocking();
  if (::flock(fd, how) == 0) return ok();
  return errno == EINTR ? interrupted(what_) : errno_error("Taking " + what_);
}

}  // namespace ashlar::lock
