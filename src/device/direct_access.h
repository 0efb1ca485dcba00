// SPDX-License-Identifier: LGPL-2.1-or-later
// What device/ itself needs of a device that has a descriptor; nobody outside of the folder.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"
#include "device/fd_pool.h"

namespace ashlar::device {

enum class Mode : std::uint8_t { Read, Write };

class DirectAccess {
 public:
  virtual ~DirectAccess() = default;

  /// Offsets and lengths on the descriptor are multiples of it: the logical block size, or what O_DIRECT on this
  /// filesystem demands.
  virtual std::uint64_t unit() const = 0;

  /// Where whole-unit transfers must stop; the last part of a unit, if any, goes through read() and write().
  virtual std::uint64_t direct_end() const = 0;

  /// The open descriptor, good at least until it is let go.
  virtual Result<SharedFd> lease(Mode mode) = 0;

  /// Opens exclusively (O_EXCL: the kernel refuses if somebody else claimed the block device) and keeps it so.
  /// Errc::Busy. For an image file the same as lease(Mode::Write).
  virtual Status claim() = 0;
  virtual Status check_claim() = 0;  ///< the same for a moment, and for reading only
  virtual void unclaim() = 0;        ///< no-op unless it is claimed

  virtual bool is_block_device() const = 0;
  virtual ino_t inode() const = 0;       ///< of an image file
  virtual dev_t filesystem() const = 0;  ///< st_dev of an image file
};

/// A second descriptor of what `fd` is, opened with `flags`: the same inode whatever the path means by now.
Result<UniqueFd> reopen(int fd, int flags, const std::string& path);

}  // namespace ashlar::device
