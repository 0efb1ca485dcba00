// SPDX-License-Identifier: LGPL-2.1-or-later
// The checksum of labels, mda headers and metadata text: reflected CRC-32 (polynomial 0xEDB88320),
// register started at 0xF597A6CF, no final inversion. Source: docs/format.md 1.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ashlar {

inline constexpr std::uint32_t kCrcStart = 0xF597A6CF;

/// CRC of `bytes`; pieces chain by passing the result of one as the start of the next.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t start = kCrcStart);

}  // namespace ashlar
