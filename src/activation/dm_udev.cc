// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_udev.h"

#include <libdevmapper.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace ashlar::dm {

bool udevd_listens() {
  const UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr char kPath[] = "/run/udev/control";
  std::memcpy(address.sun_path, kPath, sizeof kPath);
  // EAGAIN: somebody listens, but its queue is full.
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
}

namespace {

/// The semaphore's key is the cookie; its value is 1 more than the events that udev has not handled.
int events_left(std::uint32_t cookie) {
  const int id = semget(static_cast<key_t>(cookie), 1, 0);
  return id < 0 ? -1 : semctl(id, 0, GETVAL);
}

/// Sleeps until udev has handled all events, somebody has taken the semaphore away, or the time is over.
void sleep_until_done(std::uint32_t cookie, std::chrono::milliseconds longest) {
  const int id = semget(static_cast<key_t>(cookie), 1, 0);
  // Possible at once, all together, when the value is 1; and leaves it so.
  sembuf done[] = {{0, -1, 0}, {0, 0, 0}, {0, 1, 0}};
  const timespec limit{longest.count() / 1000, longest.count() % 1000 * 1'000'000};
  if (id >= 0 && semtimedop(id, done, 3, &limit) < 0 && errno != EAGAIN && errno != EINTR)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

UdevCookie::UdevCookie(DmLog& dm_log, bool sync, bool verify_operations) {
  dm_udev_set_checking(verify_operations ? 1 : 0);
  dm_udev_set_sync_support(sync ? 1 : 0);
  // libdevmapper has reasons of its own not to: DM_DISABLE_UDEV, a kernel without semaphores.
  if (dm_udev_get_sync_support() == 0) return;
  if (dm_udev_create_cookie(&value_) != 0) return;
  value_ = 0;
  dm_udev_set_sync_support(0);
  log(LogLevel::Warning, dm_log.error("No semaphore for waiting for udev; device nodes are made without it").message());
}

UdevCookie::~UdevCookie() { destroy(); }

void UdevCookie::follow(std::uint32_t cookie) {
  if (cookie == value_) return;
  destroy();
  value_ = cookie;
}

bool UdevCookie::wait(std::chrono::seconds patience) {
  constexpr std::chrono::milliseconds kLookForProgress(500);
  if (value_ == 0) {
    dm_task_update_nodes();
    return true;
  }
  auto last_progress = std::chrono::steady_clock::now();
  int last_count = events_left(value_);
  bool in_time = false;
  while (true) {
    int ready = 0;
    // A failure means that somebody has taken the semaphore away, as "dmsetup udevcomplete_all" does.
    if (dm_udev_wait_immediate(value_, &ready) == 0 || ready != 0) {
      value_ = 0;
      in_time = true;
      break;
    }
    // Thousands of events may take udev longer than one; it is given up when it stands still.
    const auto now = std::chrono::steady_clock::now();
    if (const int count = events_left(value_); count != std::exchange(last_count, count)) last_progress = now;
    const auto waited = now - last_progress;
    if (waited >= patience) break;
    const auto rest =
        std::chrono::duration_cast<std::chrono::milliseconds>(patience - waited) + std::chrono::milliseconds(1);
    sleep_until_done(value_, std::min(rest, kLookForProgress));
  }
  if (!in_time) destroy();
  dm_task_update_nodes();
  return in_time;
}

void UdevCookie::destroy() {
  if (value_ == 0) return;
  const DmLog scratch;  // udev may be counting at this moment; then one of us is told that there is nothing left
  // Counting down ourselves what udev has not is the way to have libdevmapper destroy the semaphore. Its counter
  // cannot be larger than this.
  constexpr int kMaxCount = 32767;
  for (int i = 0; i <= kMaxCount; ++i) {
    int ready = 0;
    if (dm_udev_wait_immediate(value_, &ready) == 0 || ready != 0 || dm_udev_complete(value_) == 0) break;
  }
  value_ = 0;
}

}  // namespace ashlar::dm
