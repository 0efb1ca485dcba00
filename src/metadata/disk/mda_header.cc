// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/mda_header.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc32.h"

namespace ashlar::disk {

namespace {
constexpr std::uint32_t kVersion = 1;

RawLocn read_slot(ByteReader& in) { return {{in.u64()}, {in.u64()}, in.u32(), in.u32()}; }

void write_slot(ByteWriter& out, const RawLocn& slot) {
  out.u64(slot.offset.n);
  out.u64(slot.size.n);
  out.u32(slot.checksum);
  out.u32(slot.flags);
}

Status check_slot(const RawLocn& slot, const DiskArea& area, const char* name) {
  if (slot.empty()) return ok();
  // A text may start on any byte behind the header: very old LVM2 packed copies without alignment.
  if (slot.offset.n < kSectorSize || slot.offset.n >= area.size.n)
    return Error(Errc::Corrupt, fmt::format("{} text at offset {} lies outside its area of {} bytes", name,
                                            slot.offset.n, area.size.n));
  if (slot.size.n == 0 || slot.size.n > area.size.n - kSectorSize)
    return Error(Errc::Corrupt,
                 fmt::format("{} text of {} bytes cannot be in an area of {} bytes", name, slot.size.n, area.size.n));
  return ok();
}
}  // namespace

Result<MdaHeader> decode_mda_header(std::span<const std::byte> sector, const DiskArea& area) {
  ASHLAR_REQUIRE(sector.size() >= kSectorSize);
  sector = sector.first(kSectorSize);
  ByteReader in(sector);
  std::uint32_t crc = in.u32();
  std::string_view magic = in.text(kMdaMagic.size());
  std::uint32_t version = in.u32();
  DiskArea says{{in.u64()}, {in.u64()}};
  if (magic != kMdaMagic) return Error(Errc::Corrupt, "no metadata area header there");
  if (std::uint32_t real = crc32(sector.subspan(4)); real != crc)
    return Error(Errc::Corrupt, fmt::format("the header has checksum {:08x}, its content {:08x}", crc, real));
  if (version != kVersion) return Error(Errc::Corrupt, fmt::format("header version {}, only 1 is known", version));
  if (says.offset != area.offset)
    return Error(Errc::Corrupt, fmt::format("the header says that it starts at byte {}", says.offset.n));
  // The label may give a rounded size after a resize; the smaller one is what the ring was laid out for.
  if (says.size.n < 2 * kSectorSize || says.size.n % kSectorSize != 0 || says.size.n > area.size.n)
    return Error(Errc::Corrupt, fmt::format("the header says {} bytes, the label {}", says.size.n, area.size.n));
  MdaHeader header{says, read_slot(in), read_slot(in)};
  TRY(check_slot(header.committed, says, "committed"));
  // A bad precommitted slot is what a crash may leave; nobody reads it and the next commit clears it.
  if (!check_slot(header.precommitted, says, "precommitted")) header.precommitted = {};
  return header;
}

Sector encode_mda_header(const MdaHeader& header) {
  Sector sector{};
  ByteWriter out(sector);
  out.u32(0);
  out.text(kMdaMagic);
  out.u32(kVersion);
  out.u64(header.area.offset.n);
  out.u64(header.area.size.n);
  write_slot(out, header.committed);
  write_slot(out, header.precommitted);
  ByteWriter(sector).u32(crc32(std::span<const std::byte>(sector).subspan(4)));
  return sector;
}

}  // namespace ashlar::disk
