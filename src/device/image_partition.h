// SPDX-License-Identifier: LGPL-2.1-or-later
// Partitions of a disk image, by libblkid: nobody attaches the image for it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "device/block_device.h"

namespace ashlar::device {

/// A run of bytes of a device.
struct ByteRange {
  Bytes start, length;
  Bytes end() const { return {start.n + length.n}; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Where partition `number` of the GPT or MBR on an image file lies; sectors of 512 bytes, or of 4096 if the table is
/// there. Errc::NotFound: no table, or no such partition. Errc::Corrupt: the partition is empty, lies outside the file,
/// on the table or its backup or on another partition. Errc::Refused: an extended partition, which is only a frame
/// around others.
Result<ByteRange> partition_of(BlockDevice& image, unsigned number);

/// The partition that is exactly this range, or 0: the range is free, or there is no table. Errc::Refused: it shares
/// bytes with a partition, the table or the table's backup, which the message names.
Result<unsigned> partition_at(BlockDevice& image, ByteRange range);

/// A partition as a table says, whatever is wrong with it.
struct NumberedRange {
  int number;
  ByteRange range;
};

/// All of what `fd`, open for reading, shows, `size` bytes under `name`; those without a place that a disk could have
/// are left out, and so are extended ones. Empty: there is no table. The descriptor's position moves.
Result<std::vector<NumberedRange>> partitions_in(int fd, const std::string& name, Bytes size);

}  // namespace ashlar::device
