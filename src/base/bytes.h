// SPDX-License-Identifier: LGPL-2.1-or-later
// Little-endian fields in a byte span. Reads past the end give 0 and set `bad`, so a decoder checks once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ashlar {

inline bool all_zero(std::span<const std::byte> bytes) {
  return bytes.empty() ||
         (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// Walks a span from a position; never reads outside it.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}

  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::string_view text(std::size_t n) {
    if (!room(n)) return {};
    std::string_view s(reinterpret_cast<const char*>(bytes_.data()) + at_, n);
    at_ += n;
    return s;
  }
  std::size_t at() const { return at_; }
  bool room(std::size_t n) {
    if (at_ > bytes_.size() || bytes_.size() - at_ < n) bad_ = true;
    return !bad_;
  }
  bool bad() const { return bad_; }

 private:
  std::uint64_t number(std::size_t n) {
    if (!room(n)) return 0;
    std::uint64_t v = 0;
    for (std::size_t i = n; i-- > 0;) v = v << 8 | std::to_integer<std::uint64_t>(bytes_[at_ + i]);
    at_ += n;
    return v;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_;
  bool bad_ = false;
};

inline std::span<const std::byte> as_bytes(std::string_view s) {
  return std::as_bytes(std::span<const char>(s.data(), s.size()));
}

/// The inverse; the caller sizes the span, writing past its end is a bug of ours.
class ByteWriter {
 public:
  explicit ByteWriter(std::span<std::byte> bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}

  void u32(std::uint32_t v) { number(v, 4); }
  void u64(std::uint64_t v) { number(v, 8); }
  void text(std::string_view s) {
    std::ranges::copy(as_bytes(s), bytes_.subspan(at_, s.size()).begin());
    at_ += s.size();
  }
  std::size_t at() const { return at_; }

 private:
  void number(std::uint64_t v, std::size_t n) {
    for (std::byte& b : bytes_.subspan(at_, n)) {
      b = static_cast<std::byte>(v & 0xff);
      v >>= 8;
    }
    at_ += n;
  }

  std::span<std::byte> bytes_;
  std::size_t at_;
};

inline std::string_view as_text(std::span<const std::byte> b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

}  // namespace ashlar
