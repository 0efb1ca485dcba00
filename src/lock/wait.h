// SPDX-License-Identifier: LGPL-2.1-or-later
// How one request for a lock waits: it tries, naps a little, tells its caller whom it waits for, then blocks.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "lock/locks.h"

namespace ashlar::lock {

/// The patience of one request, spent over all the files that it takes.
class Wait {
 public:
  /// `what` is "the lock of VG vg0"; `refusal` begins the message of Errc::Busy; `tell` may be empty.
  Wait(std::string what, std::string refusal, bool may_block, std::function<void(const std::string&)> tell)
      : what_(std::move(what)), refusal_(std::move(refusal)), may_block_(may_block), tell_(std::move(tell)) {}

  const std::string& what() const { return what_; }

  /// flock(2) on `fd`. `holders` is asked whom to name only when there is a wait. `before_blocking`, if any, lets go of
  /// what must not be held while this request blocks.
  Status take(int fd, Mode mode, const std::function<std::string()>& holders,
              const std::function<void()>& before_blocking = nullptr);

  /// For a request that had to begin again because the lock file was removed under it.
  Status begin_again();

 private:
  bool rested() const;
  void nap();
  Error busy(const std::string& holders) const;

  std::string what_, refusal_;
  bool may_block_;
  std::function<void(const std::string&)> tell_;
  bool told_ = false;
  int naps_ = 0;
  int beginnings_ = 0;
};

}  // namespace ashlar::lock
