// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/crc32.h"

#include <zlib.h>

namespace ashlar {

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t start) {
  if (bytes.empty()) return start;  // zlib answers a null pointer with its own start value
  // zlib inverts the register on the way in and out; LVM2's form does neither.
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(::crc32_z(start ^ 0xFFFFFFFFU, data, bytes.size())) ^ 0xFFFFFFFFU;
}

}  // namespace ashlar
