// SPDX-License-Identifier: LGPL-2.1-or-later
// One copy of a metadata text, read where its header says that it lies.
#pragma once

#include <string>

#include "store/scan.h"

namespace ashlar::store {

/// The committed text of the area, checksum verified, without its NUL. Errc::Corrupt where it is not what was written.
Result<std::string> read_text(device::BlockDevice& device, const disk::MdaHeader& header);

}  // namespace ashlar::store
