// SPDX-License-Identifier: LGPL-2.1-or-later
// The label of a PV in a file or disk that is no device of the command: one that something is about to be written over.
#pragma once

#include <string>

#include "base/result.h"
#include "base/units.h"
#include "device/block_device.h"
#include "metadata/disk/label.h"

namespace ashlar::ops {

/// Of the PV that begins at byte `at`, if one does. `fd` can be read; `file` names it in errors.
Result<disk::LabelScan> label_at(int fd, Bytes at, const std::string& file);

/// Errc::Refused for a range of bytes (FILE@1m) of an image file that is a PV itself there.
Status check_within_no_pv(const device::BlockDevice& device);

}  // namespace ashlar::ops
