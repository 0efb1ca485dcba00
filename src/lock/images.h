// SPDX-License-Identifier: LGPL-2.1-or-later
// flock(2) on the image files that a command works on. Lock files exclude only those who use the same directory; an
// image is the one place where everybody who works on it meets. Source: docs/locking.md.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "lock/wait.h"

namespace ashlar::lock {

/// The images of one Locks, shared by the locks it has given: taken for the first, let go with the last. One mode for
/// all, the strongest that was asked for, because a second flock of the same process would wait for the first.
class Images {
 public:
  explicit Images(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  ~Images() { let_go(); }
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;

  /// Counts one more user, with all images held in `mode` or stronger. A stronger mode lets all go first: waiting for
  /// one while holding another is safe only upwards in (device, inode) order.
  Status join(Mode mode, Wait& wait);
  void leave();
  /// Unlocks while a lock file is waited for; the next join takes the images again.
  void let_go();

 private:
  struct Held {
    UniqueFd fd;
    std::string path;
    dev_t device;
    ino_t inode;
  };
  Result<std::vector<Held>> open_all() const;

  std::vector<std::string> paths_;
  std::vector<Held> held_;
  bool taken_ = false;
  Mode mode_ = Mode::Shared;
  int users_ = 0;
  pid_t taker_ = 0;
};

}  // namespace ashlar::lock
