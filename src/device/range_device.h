// SPDX-License-Identifier: LGPL-2.1-or-later
// A range of an image file as a device of its own. Whoever has it reaches no byte outside of the range.
#pragma once

#include <memory>
#include <string>

#include "device/block_device.h"
#include "device/image_partition.h"

namespace ashlar::device {

/// `image` is opened through the page cache (OpenOptions::cached), since a range need not begin and end where O_DIRECT
/// can. `range` is whole sectors within it. `partition`: what partition_at() says of it; unchanged() also asks whether
/// that is still so.
std::unique_ptr<BlockDevice> range_device(std::string name, std::shared_ptr<BlockDevice> image, ByteRange range,
                                          unsigned partition);

}  // namespace ashlar::device
