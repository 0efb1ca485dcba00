// SPDX-License-Identifier: LGPL-2.1-or-later
// Units as types. Bytes, 512-byte sectors and extents do not mix; crossing is spelled out.
// Numbers that come from a disk, a file or a user go through the checked functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace ashlar {

/// A count in one unit. Plain arithmetic is for numbers already bounded (a validated VG, our own constants).
template <class Tag>
struct Quantity {
  std::uint64_t n = 0;

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.n + b.n}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.n - b.n}; }
  friend constexpr Quantity operator*(Quantity a, std::uint64_t k) { return {a.n * k}; }
  friend constexpr Quantity operator/(Quantity a, std::uint64_t k) { return {a.n / k}; }
  friend constexpr std::uint64_t operator/(Quantity a, Quantity b) { return a.n / b.n; }
  friend constexpr Quantity operator%(Quantity a, Quantity b) { return {a.n % b.n}; }
  constexpr Quantity& operator+=(Quantity b) {
    n += b.n;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity b) {
    n -= b.n;
    return *this;
  }
};

using Bytes = Quantity<struct BytesTag>;      ///< offsets and sizes in the binary headers
using Sectors = Quantity<struct SectorsTag>;  ///< always 512 bytes, whatever the device's block size
using Extents = Quantity<struct ExtentsTag>;  ///< PEs of a PV or LEs of an LV; at most 2^32-1 in a valid VG

inline constexpr std::uint64_t kSectorSize = 512;

constexpr Bytes to_bytes(Sectors s) { return {s.n * kSectorSize}; }
constexpr Sectors to_sectors(Bytes b) { return {b.n / kSectorSize}; }  ///< rounds down
constexpr Sectors to_sectors(Extents e, Sectors extent_size) { return {e.n * extent_size.n}; }

/// Next multiple of `unit` at or above `n`; `unit` is not 0.
constexpr std::uint64_t round_up(std::uint64_t n, std::uint64_t unit) { return (n + unit - 1) / unit * unit; }
constexpr std::uint64_t round_down(std::uint64_t n, std::uint64_t unit) { return n / unit * unit; }
constexpr bool is_power_of_two(std::uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }

/// a + b and a * b, or nothing on overflow.
constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t r = 0;
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}
constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) {
  std::uint64_t r = 0;
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}

namespace literals {
constexpr Bytes operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return {n << 20}; }
}  // namespace literals

}  // namespace ashlar
