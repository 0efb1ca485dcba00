// SPDX-License-Identifier: LGPL-2.1-or-later
// A block device or a regular image file, read and written around the page cache (O_DIRECT), so that what another
// program or host wrote is seen and what is written is on the device. A filesystem without O_DIRECT (tmpfs) is used
// through the cache; flush() is what counts there. Opened read-only; a second opening through /proc/self/fd, which
// cannot hit another inode, replaces it at the first write or claim.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "device/block_device.h"
#include "device/fd_pool.h"
#include "device/loops.h"

namespace ashlar::device {

struct OpenOptions {
  /// Shared by the devices of one source; null: this device is on its own and stays open.
  std::shared_ptr<FdPool> pool;
  /// Through the page cache, an image file only: transfers then begin and end at any 512 bytes, and nothing around them
  /// is written.
  bool cached = false;
  /// Shared likewise; null: this device asks for itself.
  std::shared_ptr<LoopFiles> loops = {};
};

/// Opens for reading. `path` is kept as the device's name. Errc::NotFound if it is not there, Errc::InvalidArgument
/// if it is neither a block device nor a regular file, Errc::Io with the errno if it does not open or has no size.
/// The thread that calls it may be any; the device belongs to nobody.
Result<std::unique_ptr<BlockDevice>> open_device(const std::string& path, const OpenOptions& options = {});

}  // namespace ashlar::device
