// SPDX-License-Identifier: LGPL-2.1-or-later
// Foreign signatures: found by libblkid, wiped after asking.
#pragma once

#include <string>
#include <vector>

#include "ops/system.h"

namespace ashlar::ops {

/// Asks for each signature on `device` ("WARNING: ext4 signature detected on /dev/sdb at offset 1080. Wipe it?") and
/// wipes it; `agreed`: without asking (-f). Errc::Refused if the answer is no, or nobody can answer: the message names the options -y and -Wn.
Status wipe_signatures(System& sys, device::BlockDevice& device, const std::string& name, bool agreed,
                       std::vector<std::string>& notes);

}  // namespace ashlar::ops
