// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/uuid.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdint>

#include "base/result.h"

namespace ashlar {

namespace {
constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#";
constexpr std::size_t kGenerated = 62;  // new ids leave out '!' and '#'
constexpr std::array<bool, 256> kInAlphabet = [] {
  std::array<bool, 256> in{};
  for (char c : kAlphabet) in[static_cast<unsigned char>(c)] = true;
  return in;
}();
constexpr std::array<std::size_t, 7> kGroups = {6, 4, 4, 4, 4, 4, 6};
constexpr std::size_t kDashed = 38;
}  // namespace

void Uuid::append_dashed(std::string& out) const {
  std::array<char, kDashed> text;
  std::size_t from = 0, to = 0;
  for (std::size_t group : kGroups) {
    if (from != 0) text[to++] = '-';
    std::copy_n(chars.data() + from, group, text.data() + to);
    from += group;
    to += group;
  }
  out.append(text.data(), text.size());
}

std::string Uuid::dashed() const {
  std::string out;
  out.reserve(kDashed);
  append_dashed(out);
  return out;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  Uuid id;
  if (text.size() == kDashed) {  // as it is written; anything else is looked at one by one below
    std::size_t to = 0, from = 0;
    bool good = true;
    for (std::size_t group : kGroups) {
      if (from != 0) good &= text[from++] == '-';
      std::copy_n(text.data() + from, group, id.chars.data() + to);
      from += group;
      to += group;
    }
    for (char c : id.chars) good &= kInAlphabet[static_cast<unsigned char>(c)];
    if (good) return id;
  }
  std::size_t n = 0;
  for (char c : text) {
    if (c == '-') continue;
    if (n == id.chars.size() || !kInAlphabet[static_cast<unsigned char>(c)]) return std::nullopt;
    id.chars[n++] = c;
  }
  if (n != id.chars.size()) return std::nullopt;
  return id;
}

Uuid Random::uuid() {
  Uuid id;
  do {
    fill(id.chars.data(), id.chars.size());
    for (char& c : id.chars) c = kAlphabet[static_cast<unsigned char>(c) % kGenerated];
  } while (!taken_.insert(id).second);
  return id;
}

std::uint32_t Random::number31() {
  unsigned char b[4];
  fill(reinterpret_cast<char*>(b), sizeof b);
  return (b[0] | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[3]} << 24) & 0x7fffffffU;
}

void SystemRandom::fill(char* bytes, std::size_t count) {
  while (count > 0) {
    ssize_t got = ::getrandom(bytes, count, 0);
    if (got < 0) {
      ASHLAR_REQUIRE(errno == EINTR);
      continue;
    }
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
}

SeededRandom::SeededRandom(std::string_view seed) : state_(0xcbf29ce484222325U) { stir(seed); }

void SeededRandom::stir(std::string_view text) {
  for (char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;  // FNV-1a
}

void SeededRandom::fill(char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {  // splitmix64, one byte a step
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    bytes[i] = static_cast<char>((z ^ (z >> 31)) & 0xff);
  }
}

}  // namespace ashlar
