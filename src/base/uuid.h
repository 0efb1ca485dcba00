// SPDX-License-Identifier: LGPL-2.1-or-later
// PV, VG and LV ids: 32 characters of 0-9 a-z A-Z ! #, shown as 6-4-4-4-4-4-6. Source: docs/format.md 4.1.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace ashlar {

struct Uuid {
  std::array<char, 32> chars{};  ///< all NUL: no id

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  bool empty() const { return chars[0] == '\0'; }
  std::string_view raw() const { return {chars.data(), chars.size()}; }  ///< the 32 characters, as in binary headers
  std::string dashed() const;                                            ///< 6-4-4-4-4-4-6, 38 characters
  void append_dashed(std::string& out) const;
};

/// Reads the 32 characters with or without hyphens; nothing if the length or a character is wrong.
std::optional<Uuid> parse_uuid(std::string_view text);

/// Where new ids and the random part of archive names come from; tests and reproducible images seed it.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(char* bytes, std::size_t count) = 0;
  /// What is known of the machine: a repeatable sequence goes on from there as it would from another seed.
  virtual void stir(std::string_view) {}

  Uuid uuid();  ///< 32 of the 62 alphanumerics; never the same twice, nor one that is taken
  void taken(const Uuid& id) { taken_.insert(id); }  ///< somebody has it: a seed may come to it again
  std::uint32_t number31();                          ///< 0 .. 2^31-1

 private:
  struct Hash {
    std::size_t operator()(const Uuid& id) const noexcept { return std::hash<std::string_view>{}(id.raw()); }
  };
  std::unordered_set<Uuid, Hash> taken_;
};

/// The kernel's generator (getrandom).
class SystemRandom final : public Random {
 public:
  void fill(char* bytes, std::size_t count) override;
};

/// A repeatable sequence from a seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  explicit SeededRandom(std::string_view seed);  ///< any text
  void fill(char* bytes, std::size_t count) override;
  void stir(std::string_view text) override;

 private:
  std::uint64_t state_;
};

}  // namespace ashlar

namespace std {
template <>
struct hash<ashlar::Uuid> {
  size_t operator()(const ashlar::Uuid& id) const noexcept { return hash<string_view>{}(id.raw()); }
};
}  // namespace std
