// SPDX-License-Identifier: LGPL-2.1-or-later
// Exactly the devices and image files that a command names (--image, --devices), whoever runs it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/block_device.h"
#include "device/sysfs.h"

namespace ashlar::device {

/// Words are paths of devices and files, and parts of files (device/image_name.h); each is its device's path(), as
/// written. Candidates are the words, in their order, each file, part or device once, and an error if two overlap;
/// filters and size limits do not apply. A path that is not there, or does not open, is named in `problems`, and find()
/// returns its error. find() of anything else: Errc::Refused "… is not in devices list". `host` is for claim().
std::unique_ptr<DeviceSource> image_source(std::vector<std::string> words, HostPaths host = {});

}  // namespace ashlar::device
