// SPDX-License-Identifier: LGPL-2.1-or-later
// The label sector: one of the first four 512-byte sectors of a PV, with label_header, pv_header and its extension.
// All offsets and sizes on disk are bytes, little-endian. Source: docs/format.md 1.1-1.6.
//
//   0 "LABELONE"   8 sector u64   16 crc u32 (of 20..511)   20 offset u32 (=32)   24 "LVM2 001"
//   32 pv_uuid[32]   64 device_size u64   72 data areas {offset,size}* 0,0   mda areas {offset,size}* 0,0
//   then: version u32, flags u32, bootloader areas {offset,size}* 0,0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "base/uuid.h"

namespace ashlar::disk {

inline constexpr std::size_t kLabelSectors = 4;  ///< sectors 0..3 are searched
inline constexpr std::size_t kMaxAreas = 4;      ///< more in one list is refused; LVM2 writes 1 data area, 2 mdas
using Sector = std::array<std::byte, kSectorSize>;

/// Part of a device; size 0 for a data area means "to the end".
struct DiskArea {
  Bytes offset, size;
  friend bool operator==(const DiskArea&, const DiskArea&) = default;
};
/// Do they share a byte? Both end below 2^64.
inline bool overlap(const DiskArea& a, const DiskArea& b) {
  return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

inline constexpr std::uint32_t kExtensionVersion = 2;
inline constexpr std::uint32_t kExtUsed = 1;  ///< the PV belongs to a VG

/// The label of one PV.
struct Label {
  Uuid pv;
  std::uint32_t sector = 1;  ///< 0..3
  Bytes device_size;         ///< informational once the PV is in a VG
  std::vector<DiskArea> data_areas;
  std::vector<DiskArea> mdas;  ///< 0, 1 or 2
  std::uint32_t ext_version = kExtensionVersion;
  std::uint32_t ext_flags = 0;
  std::vector<DiskArea> bootloader;

  bool used() const { return ext_version >= 2 && (ext_flags & kExtUsed) != 0; }
  friend bool operator==(const Label&, const Label&) = default;
};

/// What the first sectors of a device hold: the label if there is a good one, and a sentence for each bad one.
struct LabelScan {
  std::optional<Label> label;
  std::vector<std::string> problems;
};

/// `start`: the first bytes of the device, 2048 at least unless the device is shorter. Areas are checked against one
/// another, not against the device's end: a device that shrank still has its label.
LabelScan scan_label(std::span<const std::byte> start);

/// The sector to write at label.sector * 512.
Sector encode_label(const Label& label);

/// Puts the label_header before what the sector of that number holds behind it: a pv_header at byte 32.
void write_label_header(std::span<std::byte> sector, std::uint32_t number);

/// Does the sector carry "LABELONE"? Such sectors are wiped when a PV is made or removed.
bool looks_like_label(std::span<const std::byte> sector);

}  // namespace ashlar::disk
