// SPDX-License-Identifier: LGPL-2.1-or-later
// One lock file: how it is made, locked, checked and removed again. Source: docs/locking.md, docs/format.md 6.3.
//
//   take:     open, flock, and if the name no longer leads to what was opened (its last user removed it): begin again
//   release:  unlock; if nobody else has it by then, remove the name
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "lock/wait.h"

namespace ashlar::lock {

/// A locked lock file; released when destroyed, except in a forked child, which only closes its descriptor.
class LockFile {
 public:
  LockFile(std::shared_ptr<const UniqueFd> directory, std::string name, UniqueFd fd, bool unlock_first);
  LockFile(LockFile&&) = default;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  std::shared_ptr<const UniqueFd> directory_;
  std::string name_;
  UniqueFd fd_;
  bool unlock_first_;
  pid_t taker_;
};

/// Takes DIRECTORY/NAME; with `prioritise`, by way of NAME:aux, which a waiting writer keeps so that new readers queue
/// behind it. `before_blocking` as in Wait::take.
Result<LockFile> take_lock_file(const std::shared_ptr<const UniqueFd>& directory, const std::string& name, Mode mode,
                                bool prioritise, Wait& wait, const std::function<void()>& before_blocking);

}  // namespace ashlar::lock
