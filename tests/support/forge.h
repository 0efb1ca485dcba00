// SPDX-License-Identifier: LGPL-2.1-or-later
// PVs made by hand, with every number free: what a hostile or a broken disk holds. Checksums are right unless a test
// breaks them, so that what lies behind them is reached.
//
//   ForgedPv pv{.id = id_of("x")};
//   pv.mdas[0].text = "...";
//   pv.mdas[0].locn_size = std::uint64_t{1} << 40;
//   forge(machine.disks.disk("/dev/a"), pv);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "support/ram_disk.h"

namespace ashlar::test {

/// A metadata area; what is not set is as it must be.
struct ForgedMda {
  std::uint64_t offset = 4096, size = (1 << 20) - 4096;  ///< as the label says, and where it is written
  std::string text;                                      ///< with a NUL behind it; empty: no text
  std::uint64_t text_at = 512;                           ///< from the area's start; wraps at its end
  std::optional<std::uint64_t> header_offset, header_size;
  std::optional<std::uint64_t> locn_offset, locn_size;
  std::optional<std::uint32_t> locn_checksum, locn_flags;
  std::string magic = " LVM2 x[5A%r0N*>";
  std::uint32_t version = 1;
  bool bad_checksum = false, no_header = false;
};

using Areas = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct ForgedPv {
  Uuid id;
  std::uint64_t sector = 1;
  std::optional<std::uint64_t> sector_says;
  std::uint32_t header_at = 32;
  std::string type = "LVM2 001";
  std::uint64_t device_size = 64 << 20;
  Areas data{{1 << 20, 0}};
  std::vector<ForgedMda> mdas{ForgedMda{}};
  Areas mda_list{};  ///< what the label says instead of where `mdas` are
  std::uint32_t ext_version = 2, ext_flags = 1;
  Areas bootloader{};
  bool terminated = true;  ///< the lists of areas end
  bool bad_checksum = false;
  std::string raw_id{};  ///< 32 bytes instead of the id
};

/// Writes it below the machine's log.
void forge(RamDisk& disk, const ForgedPv& pv);

}  // namespace ashlar::test
