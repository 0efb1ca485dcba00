// SPDX-License-Identifier: LGPL-2.1-or-later
// A hash for tables whose keys come from a disk. With a seed that nobody can know beforehand, nobody can prepare keys
// that collide; an address is one, as it differs from run to run.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ashlar {

inline std::uint32_t seeded_hash(std::string_view key, std::uint64_t seed) {
  __extension__ using Wide = unsigned __int128;
  auto fold = [](std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::uint64_t h = seed * 0x9E3779B97F4A7C15ULL;
  auto take = [&](std::uint64_t word, std::size_t left) { h = fold(h ^ word, 0xA0761D6478BD642FULL ^ left); };
  std::uint64_t word = 0;
  for (; key.size() >= sizeof word; key.remove_prefix(sizeof word)) {
    std::memcpy(&word, key.data(), sizeof word);
    take(word, key.size());
  }
  word = 0;
  for (std::size_t i = 0; i < key.size(); ++i) word |= std::uint64_t{static_cast<unsigned char>(key[i])} << 8 * i;
  take(word, key.size());
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

}  // namespace ashlar
