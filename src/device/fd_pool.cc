// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/fd_pool.h"

#include <sys/resource.h>

#include <algorithm>

namespace ashlar::device {

namespace {
constexpr std::size_t kReserved = 64;  // standard streams, locks, archive files, the ring, libraries
}

SharedFd FdPool::get(Slot& slot, bool writable) {
  std::lock_guard lock(mutex_);
  if (!slot.fd || (writable && !slot.writable)) return nullptr;
  used_.splice(used_.end(), used_, slot.place);
  return slot.fd;
}

bool FdPool::close_oldest() {
  // Holders take their copy under mutex_, so a count of 1 cannot grow while we look at it.
  auto idle = std::find_if(used_.begin(), used_.end(), [](Slot* s) { return !s->kept && s->fd.use_count() == 1; });
  if (idle == used_.end()) return false;
  (*idle)->fd.reset();
  (*idle)->writable = false;
  (*idle)->listed = false;
  used_.erase(idle);
  return true;
}

void FdPool::make_room() {
  std::lock_guard lock(mutex_);
  while (used_.size() >= limit_ && close_oldest()) {
  }
}

bool FdPool::close_idle() {
  std::lock_guard lock(mutex_);
  bool any = false;
  while (close_oldest()) any = true;
  return any;
}

SharedFd FdPool::put(Slot& slot, UniqueFd fd, bool writable, bool kept) {
  auto shared = std::make_shared<const UniqueFd>(std::move(fd));
  std::lock_guard lock(mutex_);
  slot.fd = shared;
  slot.writable = writable;
  slot.kept = kept;
  if (slot.listed) {
    used_.splice(used_.end(), used_, slot.place);
  } else {
    slot.place = used_.insert(used_.end(), &slot);
    slot.listed = true;
  }
  return shared;
}

void FdPool::remove(Slot& slot) {
  std::lock_guard lock(mutex_);
  if (slot.listed) used_.erase(slot.place);
  slot.listed = false;
  slot.fd.reset();
}

std::size_t FdPool::open_count() const {
  std::lock_guard lock(mutex_);
  return used_.size();
}

std::shared_ptr<FdPool> make_fd_pool(std::size_t devices, std::size_t others) {
  const std::size_t reserved = kReserved + others;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::make_shared<FdPool>(kReserved);
  if (limit.rlim_cur < devices + reserved && limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(limit.rlim_max, devices + reserved);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  std::size_t usable = limit.rlim_cur > 2 * reserved ? limit.rlim_cur - reserved : limit.rlim_cur / 2;
  return std::make_shared<FdPool>(std::max<std::size_t>(usable, 4));
}

}  // namespace ashlar::device
