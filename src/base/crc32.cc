// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/crc32.h"

#include <libdeflate.h>

namespace ashlar {

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t start) {
  if (bytes.empty()) return start;  // libdeflate answers a null pointer with its own start value
  // libdeflate inverts the register on the way in and out; LVM2's form does neither.
  return ::libdeflate_crc32(start ^ 0xFFFFFFFFU, bytes.data(), bytes.size()) ^ 0xFFFFFFFFU;
}

}  // namespace ashlar
