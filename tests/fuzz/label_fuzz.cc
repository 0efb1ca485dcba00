// SPDX-License-Identifier: LGPL-2.1-or-later
// The first sectors of a device. Id, sector, type and checksum are made good, so that what lies behind them is reached.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/bytes.h"
#include "base/crc32.h"
#include "metadata/disk/label.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> start(disk::kLabelSectors * kSectorSize);
  std::transform(data, data + std::min(size, start.size()), start.begin(), [](std::uint8_t b) { return std::byte{b}; });
  for (std::size_t n = 0; n < disk::kLabelSectors; ++n) {
    auto sector = std::span(start).subspan(n * kSectorSize, kSectorSize);
    if (sector[0] == std::byte{}) continue;
    ByteWriter out(sector);
    out.text("LABELONE");
    out.u64(n);
    ByteWriter(sector, 24).text("LVM2 001");
    if (sector[20] > std::byte{200}) ByteWriter(sector, 20).u32(32);
    ByteWriter(sector, 16).u32(crc32(sector.subspan(20)));
  }
  disk::LabelScan scan = disk::scan_label(start);
  if (!scan.label) return 0;
  scan.label->ext_version = disk::kExtensionVersion;  // what is written anew is of this version
  disk::Sector again = disk::encode_label(*scan.label);
  std::vector<std::byte> written(start.size());
  std::copy(again.begin(), again.end(),
            written.begin() + static_cast<std::ptrdiff_t>(scan.label->sector * kSectorSize));
  if (disk::scan_label(written).label != scan.label) std::abort();
  return 0;
}
