// SPDX-License-Identifier: LGPL-2.1-or-later
// How many devices are open at a time. A VG of 1,000 PVs must work where a process may have 256 descriptors: the
// descriptor of the device used longest ago is closed, and opened again when it is next needed.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "base/unique_fd.h"

namespace ashlar::device {

/// Whoever holds one may use it; it is closed when the pool and every holder have let go.
using SharedFd = std::shared_ptr<const UniqueFd>;

class FdPool {
 public:
  /// At most `limit` descriptors stay open while nobody uses them. A device that is in use or kept counts but is not
  /// closed, so more than `limit` used at the same time reach the system's own limit (EMFILE, which names itself).
  explicit FdPool(std::size_t limit) : limit_(limit) {}
  FdPool(const FdPool&) = delete;
  FdPool& operator=(const FdPool&) = delete;

  /// One device's place in the pool. Must not outlive the pool.
  struct Slot {
    SharedFd fd;
    bool writable = false;
    bool kept = false;  ///< exclusively claimed: closing it would give the claim away
    bool listed = false;
    std::list<Slot*>::iterator place;
  };

  /// The open descriptor of the slot, if it may do what is wanted; null: open one and put() it.
  SharedFd get(Slot& slot, bool writable);
  /// Closes the idle descriptor used longest ago if the limit is reached. Call before opening.
  void make_room();
  /// Closes every idle descriptor but those kept; true if any was closed. For EMFILE.
  bool close_idle();
  SharedFd put(Slot& slot, UniqueFd fd, bool writable, bool kept);
  void remove(Slot& slot);

  std::size_t open_count() const;

 private:
  bool close_oldest();  ///< mutex_ held

  std::size_t limit_;
  mutable std::mutex mutex_;
  std::list<Slot*> used_;  ///< longest ago first; only slots with an open descriptor
};

/// A pool for `devices` devices: raises this process's soft limit of descriptors towards the hard one if the devices
/// would not fit, and leaves `others` and 64 more descriptors for everything else.
std::shared_ptr<FdPool> make_fd_pool(std::size_t devices, std::size_t others = 0);

}  // namespace ashlar::device
