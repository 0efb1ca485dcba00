// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/partitions.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace ashlar::device {

namespace {

constexpr std::uint32_t kMdMagic = 0xa92b4efc;
constexpr std::uint64_t kMaxGptTable = 64 << 10;  // 512 entries of the usual 128 bytes

std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t at) { return ByteReader(bytes, at).u32(); }

bool is_md_magic(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t word = u32_at(bytes, at);
  return word == kMdMagic || __builtin_bswap32(word) == kMdMagic;  // the array may come from another architecture
}

enum class Mbr { None, Entries, Protective };

Mbr read_mbr(std::span<const std::byte> first) {
  auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(first[i]); };
  if (first.size() < 512 || byte(510) != 0x55 || byte(511) != 0xaa) return Mbr::None;
  Mbr found = Mbr::None;
  for (std::size_t entry = 446; entry < 510; entry += 16) {
    if ((byte(entry) & 0x7f) != 0) return Mbr::None;  // no boot flag: the boot code of a filesystem, not a table
    unsigned type = byte(entry + 4);
    bool used = type != 0 && u32_at(first, entry + 12) != 0;
    if (used && type == 0xee) return Mbr::Protective;
    if (used) found = Mbr::Entries;
  }
  return found;
}

Result<bool> gpt_is_used(BlockDevice& device, std::span<const std::byte> first) {
  const std::uint64_t block = device.block_size().n;
  if (first.size() < block + 92) return false;
  ByteReader header(first, block);
  if (header.text(8) != "EFI PART") return false;
  const std::uint64_t table = ByteReader(first, block + 72).u64();
  const std::uint64_t count = u32_at(first, block + 80);
  const std::uint64_t entry_size = u32_at(first, block + 84);
  if (entry_size < 128 || entry_size > 4096 || table < 2 || table > device.size().n / block) return false;
  const std::uint64_t start = table * block;
  const std::uint64_t length =
      std::min({count * entry_size, kMaxGptTable, device.size().n - start}) / entry_size * entry_size;
  std::vector<std::byte> read;
  std::span<const std::byte> entries;
  if (start + length <= first.size()) {
    entries = first.subspan(start, length);
  } else {
    read.resize(length);
    TRY(device.read({start}, read));
    entries = read;
  }
  for (std::size_t at = 0; at < entries.size(); at += entry_size) {  // used: the type id is not all zero
    std::span<const std::byte> type = entries.subspan(at, 16);
    if (std::ranges::any_of(type, [](std::byte b) { return b != std::byte{0}; })) return true;
  }
  return false;
}

}  // namespace

Result<bool> has_partition_table(BlockDevice& device, std::span<const std::byte> first) {
  if (read_mbr(first) == Mbr::Entries) return true;
  return gpt_is_used(device, first);
}

std::optional<std::string> md_superblock_at_start(std::span<const std::byte> first) {
  if (is_md_magic(first, 0)) return "1.1";
  if (is_md_magic(first, 4096)) return "1.2";
  return std::nullopt;
}

Result<std::optional<std::string>> raid_superblock_at_end(BlockDevice& device) {
  using Raid = std::optional<std::string>;
  const std::uint64_t sectors = device.size().n / kSectorSize;
  if (sectors < 512) return Raid();
  // All of them lie in the last 128 KiB and one sector more; one read serves.
  const std::uint64_t start = sectors - 257;
  std::vector<std::byte> end((sectors - start) * kSectorSize);
  TRY(device.read(to_bytes(Sectors{start}), end));
  auto at = [&](std::uint64_t sector) { return static_cast<std::size_t>((sector - start) * kSectorSize); };
  if (is_md_magic(end, at((sectors & ~std::uint64_t{127}) - 128))) return Raid("0.90");
  if (is_md_magic(end, at((sectors - 16) & ~std::uint64_t{7}))) return Raid("1.0");
  if (as_text(end).substr(at(sectors - 2)).starts_with("Intel Raid ISM Cfg Sig. ")) return Raid("imsm");
  for (std::uint64_t sector : {sectors - 1, sectors - 257}) {
    std::uint32_t word = u32_at(end, at(sector));
    if (word == 0x11de11de || word == 0xde11de11) return Raid("ddf");
  }
  return Raid();
}

}  // namespace ashlar::device
