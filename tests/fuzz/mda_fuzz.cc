// SPDX-License-Identifier: LGPL-2.1-or-later
// An mda_header whose magic and checksum are made good, and the place of the next text behind what it says.
#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "base/crc32.h"
#include "metadata/disk/mda_header.h"
#include "metadata/disk/mda_ring.h"

using namespace ashlar;

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}

void check_pieces(const std::vector<disk::RingPiece>& pieces, Bytes area, Bytes size) {
  Bytes sum{};
  for (const disk::RingPiece& piece : pieces) {
    require(piece.offset.n >= kSectorSize && piece.offset <= area && piece.length <= area - piece.offset);
    sum += piece.length;
  }
  require(sum == size);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  disk::Sector sector{};
  std::transform(data, data + std::min(size, sector.size()), sector.begin(),
                 [](std::uint8_t b) { return std::byte{b}; });
  ByteWriter(sector, 4).text(" LVM2 x[5A%r0N*>");
  ByteWriter(sector, 20).u32(1);
  ByteWriter(sector).u32(crc32(std::span(sector).subspan(4)));
  ByteReader says(sector, 24);
  disk::DiskArea area{{says.u64()}, {says.u64()}};
  auto header = disk::decode_mda_header(sector, area);
  if (!header.ok()) return 0;
  auto again = disk::decode_mda_header(disk::encode_mda_header(*header), area);
  require(again.ok() && *again == *header);
  if (header->committed.empty()) return 0;
  check_pieces(disk::pieces_of(header->area.size, header->committed), header->area.size, header->committed.size);
  Bytes text = {ByteReader(sector, 200).u64() % (header->area.size.n + 1)};
  if (text.n == 0) return 0;
  auto place = disk::next_place(header->area.size, header->committed, text);
  if (place.ok()) check_pieces(place->pieces, header->area.size, text);
  return 0;
}
