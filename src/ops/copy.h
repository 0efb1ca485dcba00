// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes between a device and a descriptor, a bounded piece at a time, holes as holes.
#pragma once

#include <functional>
#include <string>

#include "device/block_device.h"

namespace ashlar::ops {

/// One side is `length` bytes of a device, the other a descriptor, of a regular file from its start, or of a stream.
struct CopyPart {
  device::BlockDevice& device;
  Bytes offset, length;
  int fd;
  std::string file;  ///< for messages
  std::function<void(Bytes done, Bytes total)> progress;
};

// Each returns how many bytes it wrote. Errors name the side that failed; what was written before stays.

/// The file gets a hole wherever the device has one or holds zeros, ends after `length` bytes and is synced. `compare`:
/// it keeps what it has already and is written only where it differs.
Result<Bytes> copy_to_file(const CopyPart& part, bool compare);
Result<Bytes> copy_to_stream(const CopyPart& part);

/// The device is cleared where the file has a hole or zeros, unless `keep_under_holes`: then a hole changes nothing.
/// `compare`: the device is written only where it differs. Not flushed.
Result<Bytes> copy_from_file(const CopyPart& part, bool compare, bool keep_under_holes);
/// Until the stream ends. `exactly`: it must have `length` bytes, and no more are read; else Errc::NoSpace if it has
/// more.
Result<Bytes> copy_from_stream(const CopyPart& part, bool exactly);

}  // namespace ashlar::ops
