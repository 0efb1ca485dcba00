// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes of .ashlar_index, little-endian. It never leaves the machine and may change its form: another magic, and the
// next command reads the directory.
//
//   magic[8] inode u64 mtime u64 ctime u64 mtime_ns u32 ctime_ns u32 complete u32 vgs u32
//   per VG: name, highest u32, count u64, oldest u32, that many tails;  a string is its length u32 and its bytes
//   crc u32 of everything before it
#include <algorithm>

#include "archive/directory_index.h"
#include "archive/file_name.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/names.h"

namespace ashlar::archive {

namespace {
constexpr std::string_view kMagic = "ASHLIDX1";
constexpr std::size_t kHead = 8 + 3 * 8 + 4 * 4;
constexpr std::size_t kCrc = 4;
constexpr std::size_t kMaxTail = 255;

std::size_t kept(const History& history) { return std::min(history.oldest.size(), kMaxOldest); }

std::size_t size_of(const std::string& name, const History& history) {
  std::size_t size = 4 + name.size() + 4 + 8 + 4;
  for (std::size_t i = 0; i < kept(history); ++i) size += 4 + history.oldest[i].tail.size();
  return size;
}

void put(ByteWriter& out, std::string_view text) {
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.text(text);
}

std::string_view get(ByteReader& in) { return in.text(in.u32()); }

/// Nothing unless it could have been written by encode(): names are used as file names later.
std::optional<History> get_history(ByteReader& in) {
  History history;
  history.highest = in.u32();
  history.count = in.u64();
  const std::uint32_t oldest = in.u32();
  if (in.bad() || oldest > kMaxOldest || oldest > history.count) return std::nullopt;
  history.oldest.reserve(oldest);
  for (std::uint32_t i = 0; i < oldest; ++i) {
    const std::string_view tail = get(in);
    const std::optional<std::uint32_t> index = index_of_tail(tail);
    if (in.bad() || tail.size() > kMaxTail || !index || *index > history.highest) return std::nullopt;
    history.oldest.push_back({*index, std::string(tail)});
  }
  if (!std::is_sorted(history.oldest.begin(), history.oldest.end())) return std::nullopt;
  return history;
}
}  // namespace

std::string encode(const IndexTable& table) {
  std::size_t size = kHead + kCrc;
  std::uint32_t fit = 0;
  for (const auto& [name, history] : table.vgs) {
    const std::size_t more = size_of(name, history);
    if (size + more > kMaxIndexBytes) break;
    size += more;
    ++fit;
  }

  std::string bytes(size, '\0');
  ByteWriter out(std::as_writable_bytes(std::span<char>(bytes)));
  out.text(kMagic);
  out.u64(table.stamp.inode);
  out.u64(static_cast<std::uint64_t>(table.stamp.mtime));
  out.u64(static_cast<std::uint64_t>(table.stamp.ctime));
  out.u32(table.stamp.mtime_ns);
  out.u32(table.stamp.ctime_ns);
  out.u32(table.complete && fit == table.vgs.size() ? 1 : 0);
  out.u32(fit);
  auto vg = table.vgs.begin();
  for (std::uint32_t i = 0; i < fit; ++i, ++vg) {
    const History& history = vg->second;
    put(out, vg->first);
    out.u32(history.highest);
    out.u64(history.count);
    out.u32(static_cast<std::uint32_t>(kept(history)));
    for (std::size_t k = 0; k < kept(history); ++k) put(out, history.oldest[k].tail);
  }
  out.u32(crc32(as_bytes(std::string_view(bytes).substr(0, size - kCrc))));
  return bytes;
}

std::optional<IndexTable> decode(std::string_view bytes) {
  if (bytes.size() < kHead + kCrc || bytes.size() > kMaxIndexBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - kCrc);
  ByteReader crc(as_bytes(bytes), body.size());
  if (crc.u32() != crc32(as_bytes(body))) return std::nullopt;

  ByteReader in(as_bytes(body), kMagic.size());
  IndexTable table;
  table.stamp.inode = in.u64();
  table.stamp.mtime = static_cast<std::int64_t>(in.u64());
  table.stamp.ctime = static_cast<std::int64_t>(in.u64());
  table.stamp.mtime_ns = in.u32();
  table.stamp.ctime_ns = in.u32();
  table.complete = in.u32() == 1;
  const std::uint32_t vgs = in.u32();
  for (std::uint32_t i = 0; i < vgs; ++i) {
    const std::string_view name = get(in);
    if (in.bad() || !is_valid_name(name)) return std::nullopt;
    std::optional<History> history = get_history(in);
    if (!history) return std::nullopt;
    table.vgs.emplace_back(name, std::move(*history));
  }
  if (in.bad() || in.at() != body.size()) return std::nullopt;
  return table;
}

}  // namespace ashlar::archive
