// SPDX-License-Identifier: LGPL-2.1-or-later
// Foreign signatures: found by libblkid, wiped after asking.
#pragma once

#include <string>
#include <vector>

#include "ops/system.h"

namespace ashlar::ops {

/// Asks for each signature on `device` ("WARNING: ext4 signature detected on /dev/sdb at offset 1080. Wipe it?");
/// `agreed`: without asking (-f). Writes nothing. Errc::Refused if the answer is no, or nobody can answer: the message
/// names the options -y and, where the command has it (`may_stay`), -Wn.
Result<std::vector<device::DeviceSource::Signature>> ask_to_wipe(System& sys, device::BlockDevice& device,
                                                                 const std::string& name, bool agreed,
                                                                 bool may_stay = true);

/// Wipes them. No-op under -t; in a transaction kept for its end.
Status wipe_signatures(System& sys, device::BlockDevice& device,
                       const std::vector<device::DeviceSource::Signature>& signatures, std::vector<std::string>& notes);

/// "Wiping ext4 signature on /dev/sdb."
std::string wiping_sentence(const device::DeviceSource::Signature& signature, const std::string& name);

}  // namespace ashlar::ops
