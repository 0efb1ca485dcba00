// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/forge.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32.h"
#include "metadata/disk/label.h"

namespace ashlar::test {

namespace {

/// A sector written field by field; what does not fit is left out.
class Fields {
 public:
  explicit Fields(std::size_t at = 0) : at_(at) {}
  void u32(std::uint64_t n) { number(n, 4); }
  void u64(std::uint64_t n) { number(n, 8); }
  void text(const std::string& t) {
    for (char c : t) put(static_cast<unsigned char>(c));
  }
  void areas(const Areas& list, bool terminated) {
    for (const auto& [offset, size] : list) u64(offset), u64(size);
    if (terminated) u64(0), u64(0);
  }
  void seek(std::size_t at) { at_ = at; }
  disk::Sector sector{};

 private:
  void number(std::uint64_t n, int bytes) {
    for (int i = 0; i < bytes; ++i) put((n >> (8 * i)) & 0xff);
  }
  void put(std::uint64_t byte) {
    if (at_ < sector.size()) sector[at_] = static_cast<std::byte>(byte);
    ++at_;
  }
  std::size_t at_;
};

std::uint32_t checksum(const std::string& text) { return crc32(std::as_bytes(std::span(text))); }

void forge_mda(RamDisk& disk, const ForgedMda& mda) {
  if (mda.no_header) return;
  const std::string text = mda.text.empty() ? mda.text : mda.text + '\0';
  Fields f;
  f.u32(0);
  f.text(mda.magic);
  f.u32(mda.version);
  f.u64(mda.header_offset.value_or(mda.offset));
  f.u64(mda.header_size.value_or(mda.size));
  f.u64(mda.locn_offset.value_or(text.empty() ? 0 : mda.text_at));
  f.u64(mda.locn_size.value_or(text.size()));
  f.u32(mda.locn_checksum.value_or(text.empty() ? 0 : checksum(text)));
  f.u32(mda.locn_flags.value_or(0));
  const std::uint32_t crc = crc32(std::span<const std::byte>(f.sector).subspan(4));
  f.seek(0);
  f.u32(mda.bad_checksum ? crc + 1 : crc);
  disk.poke({mda.offset}, f.sector);

  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  const std::size_t first = std::min<std::size_t>(bytes.size(), mda.size - mda.text_at);
  disk.poke({mda.offset + mda.text_at}, bytes.first(first));
  if (first < bytes.size()) disk.poke({mda.offset + kSectorSize}, bytes.subspan(first));
}

}  // namespace

void forge(RamDisk& disk, const ForgedPv& pv) {
  Areas mda_list = pv.mda_list;
  if (mda_list.empty())
    for (const ForgedMda& mda : pv.mdas) mda_list.emplace_back(mda.offset, mda.size);
  Fields f;
  f.text("LABELONE");
  f.u64(pv.sector_says.value_or(pv.sector));
  f.u32(0);
  f.u32(pv.header_at);
  f.text(pv.type);
  f.seek(std::max<std::size_t>(pv.header_at, 32));  // the label's own header stays whole
  f.text(pv.raw_id.empty() ? std::string(pv.id.raw()) : pv.raw_id);
  f.u64(pv.device_size);
  f.areas(pv.data, pv.terminated);
  f.areas(mda_list, pv.terminated);
  f.u32(pv.ext_version);
  f.u32(pv.ext_flags);
  f.areas(pv.bootloader, pv.terminated);
  const std::uint32_t crc = crc32(std::span<const std::byte>(f.sector).subspan(20));
  f.seek(16);
  f.u32(pv.bad_checksum ? crc + 1 : crc);
  disk.poke({pv.sector * kSectorSize}, f.sector);
  for (const ForgedMda& mda : pv.mdas) forge_mda(disk, mda);
}

}  // namespace ashlar::test
