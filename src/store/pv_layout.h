// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a new PV's metadata areas and data area go: pure arithmetic. Source: docs/format.md 1.7.
//
//   0        4 label sectors            4096 (a page)      first mda    bootloader area    data ...    second mda
//
// The same numbers as LVM2's pvcreate, which tests/data/pv_layout/cases.txt records, but for layouts in which areas
// would overlap one another or the label: those are refused here.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/units.h"
#include "base/uuid.h"
#include "device/block_device.h"
#include "metadata/disk/label.h"

namespace ashlar::store {

/// What a person, a restore file and the settings ask for. Sizes are whole sectors. Sizes not given take LVM2's
/// defaults.
struct PvLayoutRequest {
  Uuid id;
  Bytes device_size;                              ///< of the device, or --setphysicalvolumesize
  Bytes real_size;                                ///< of the device where device_size is not; 0: the same
  device::Topology topology;                      ///< for alignment detection
  bool detect_alignment = true;                   ///< devices/data_alignment_detection
  bool detect_offset = true;                      ///< devices/data_alignment_offset_detection
  std::optional<Bytes> data_alignment;            ///< --dataalignment, or devices/data_alignment; 0: not given
  Bytes default_data_alignment{1 << 20};          ///< devices/default_data_alignment; 0: 1 MiB
  std::optional<Bytes> data_alignment_offset;     ///< --dataalignmentoffset
  std::optional<Bytes> metadata_size;             ///< --metadatasize; 0: not given
  Bytes default_metadata_size{(1 << 20) - 4096};  ///< metadata/pvmetadatasize; a fixed pe_start overrules it
  unsigned metadata_copies = 1;                   ///< 0, 1, 2
  std::optional<Bytes> bootloader_size;           ///< --bootloaderareasize; 0: none
  std::uint32_t label_sector = 1;
  /// From a restore file: where the data area must start (and the bootloader area lie), and where the PEs end.
  struct Fixed {
    Sectors pe_start;
    Sectors ba_start, ba_size;  ///< size 0: none
    Sectors pe_end;
  };
  std::optional<Fixed> fixed;
  Bytes page_size{4096};
  Bytes minimum_size{2 << 20};  ///< devices/pv_min_size
};

/// The label of the PV, unused (not in a VG). Errc::InvalidArgument naming the option and the numbers,
/// Errc::NoSpace where something does not fit.
Result<disk::Label> pv_layout(const PvLayoutRequest& request);

}  // namespace ashlar::store
