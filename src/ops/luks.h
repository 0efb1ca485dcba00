// SPDX-License-Identifier: LGPL-2.1-or-later
// An LV that is encrypted: the device-mapper device by which cryptsetup shows what is in it.
#pragma once

#include <string>
#include <string_view>

#include "device/block_device.h"
#include "device/sysfs.h"
#include "ops/system.h"

namespace ashlar::ops {

/// An open LUKS volume.
struct LuksMapping {
  std::string name;  ///< below /dev/mapper
  Bytes offset;      ///< what of the LV comes before its data
};

/// The mapping over the LV `what`, whose device that is. Errc::Refused, with the command that opens it, if it is
/// closed.
Result<LuksMapping> find_luks_mapping(const device::HostPaths& host, device::DevNumber lv, const std::string& what);
/// Where the data begins, from what "cryptsetup status" prints; nothing if that does not say it.
std::optional<Bytes> luks_offset(std::string_view status);

/// Gives the mapping all of its LV, or `size` bytes of data. cryptsetup may ask for a passphrase, on stdin if `conduct`
/// lets it.
Status resize_luks_mapping(const LuksMapping& mapping, std::optional<Bytes> size, const Conduct& conduct);

}  // namespace ashlar::ops
