// SPDX-License-Identifier: LGPL-2.1-or-later
// The first sector of a metadata area: where the committed text (slot 0) and a precommitted one (slot 1) lie in the
// ring that follows. Source: docs/format.md 2.1, 2.2.
//
//   0 crc u32 (of 4..511)   4 magic[16]   20 version u32 (=1)   24 start u64   32 size u64   40 raw_locn[2]
//   raw_locn: 0 offset u64   8 size u64 (text with its NUL)   16 checksum u32   20 flags u32 (bit 0: area ignored)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "metadata/disk/label.h"

namespace ashlar::disk {

inline constexpr std::string_view kMdaMagic = " LVM2 x[5A%r0N*>";

/// One copy of the metadata text in the ring; offset is from the start of the area, 0: empty slot.
struct RawLocn {
  Bytes offset, size;
  std::uint32_t checksum = 0;
  std::uint32_t flags = 0;

  bool empty() const { return offset.n == 0; }
  bool ignored() const { return (flags & kIgnored) != 0; }
  void set_ignored(bool ignored) { flags = ignored ? flags | kIgnored : flags & ~kIgnored; }
  static constexpr std::uint32_t kIgnored = 1;  ///< docs/format.md 2.8
  friend bool operator==(const RawLocn&, const RawLocn&) = default;
};

struct MdaHeader {
  DiskArea area;  ///< offset on the device, size with this header
  RawLocn committed, precommitted;
  bool ignored() const { return committed.ignored(); }
  friend bool operator==(const MdaHeader&, const MdaHeader&) = default;
};

/// `sector`: the 512 bytes at area.offset. Checks crc, magic, version, start, size and bounds both slots.
Result<MdaHeader> decode_mda_header(std::span<const std::byte> sector, const DiskArea& area);
Sector encode_mda_header(const MdaHeader& header);

}  // namespace ashlar::disk
