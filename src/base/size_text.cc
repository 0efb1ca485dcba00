// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/size_text.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <optional>

#include "base/log.h"

namespace ashlar {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::string_view kScale = "bkmgtpe";  // each 1024 (or 1000) times the one before

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of the unit of a letter, in powers of `base`; 0 if it is none.
std::uint64_t unit_bytes(char letter, std::uint64_t base) {
  if (lower(letter) == 's') return kSectorSize;
  std::size_t power = kScale.find(lower(letter));
  if (power == std::string_view::npos || letter == '\0') return 0;
  std::uint64_t bytes = 1;
  while (power-- > 0) bytes *= base;
  return bytes;
}

/// A decimal number: whole + fraction / scale. Digits that cannot matter (past the 18th of a fraction) are dropped.
struct Decimal {
  std::uint64_t whole = 0, fraction = 0, scale = 1;
  bool overflow = false;

  /// The number times `unit`, rounded down; nothing when it does not fit 64 bits.
  std::optional<std::uint64_t> times(std::uint64_t unit) const {
    Wide n = Wide{whole} * unit + Wide{fraction} * unit / scale;
    if (overflow || n > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return static_cast<std::uint64_t>(n);
  }
};

/// The value of a hexadecimal digit; 16 if it is none.
unsigned hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return lower(c) >= 'a' && lower(c) <= 'f' ? static_cast<unsigned>(lower(c) - 'a') + 10 : 16;
}

/// "0x1f" off the front of `text`, as LVM2 takes it too. A b, e or f behind it is a digit, not a unit.
std::optional<Decimal> take_hex(std::string_view& text) {
  if (text.size() < 3 || text[0] != '0' || lower(text[1]) != 'x' || hex_digit(text[2]) == 16) return std::nullopt;
  Decimal d;
  for (text.remove_prefix(2); !text.empty() && hex_digit(text.front()) != 16; text.remove_prefix(1)) {
    auto shifted = checked_mul(d.whole, 16);
    d.overflow = d.overflow || !shifted;
    d.whole = shifted.value_or(0) + hex_digit(text.front());
  }
  return d;
}

/// Takes the number off the front of `text`; nothing if there is none.
std::optional<Decimal> take_decimal(std::string_view& text) {
  if (auto hex = take_hex(text)) return hex;
  Decimal d;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    auto ten = checked_mul(d.whole, 10);
    auto sum = ten ? checked_add(*ten, static_cast<std::uint64_t>(text.front() - '0')) : std::nullopt;
    d.overflow = d.overflow || !sum;
    d.whole = sum.value_or(0);
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
      if (d.scale >= 1'000'000'000'000'000'000) continue;
      d.fraction = d.fraction * 10 + static_cast<std::uint64_t>(text.front() - '0');
      d.scale *= 10;
    }
  }
  if (digits == 0) return std::nullopt;
  return d;
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (text.size() != word.size()) continue;
    std::size_t i = 0;
    while (i < text.size() && lower(text[i]) == word[i]) ++i;
    if (i == text.size()) return true;
  }
  return false;
}

Error bad_size(std::string_view text, std::string_view why) {
  return {Errc::InvalidArgument, fmt::format("Size \"{}\" {}", printable(text), why)};
}

struct Scaled {
  std::string text;   ///< two decimals; whole bytes without any
  std::size_t power;  ///< index in kScale
  bool rounded_up;    ///< what the text shows is more than there is
};

/// In the largest unit that is not larger than the size.
Scaled scale(std::uint64_t bytes, std::uint64_t base) {
  std::size_t power = 0;
  std::uint64_t unit = 1;
  while (power + 1 < kScale.size() && bytes / base >= unit) {
    unit *= base;
    ++power;
  }
  if (power == 0) return {fmt::format("{}", bytes), 0, false};
  if (bytes % unit == 0) return {fmt::format("{}.00", bytes / unit), power, false};
  double value = static_cast<double>(bytes) / static_cast<double>(unit);
  std::string text = fmt::format("{:.2f}", value);
  bool rounded_up = std::strtod(text.c_str(), nullptr) > value;
  return {std::move(text), power, rounded_up};
}

}  // namespace

Result<Bytes> parse_size(std::string_view text, char default_unit) {
  std::string_view rest = text;
  if (rest.starts_with('-')) return bad_size(text, "is negative");
  auto number = take_decimal(rest);
  if (!number) return bad_size(text, "does not start with a number; write it like 10G or 1.5t");
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  char unit = default_unit;
  if (!rest.empty()) {
    unit = rest.front();
    rest.remove_prefix(1);
  }
  std::uint64_t bytes_of_unit = unit_bytes(unit, 1024);
  bool long_form = lower(unit) != 'b' && lower(unit) != 's' && one_of(rest, {"b", "i", "ib"});
  if (bytes_of_unit == 0 || (!rest.empty() && !long_form))
    return bad_size(text, "does not end in a unit; use one of b s k m g t p e, or none");
  auto bytes = number->times(bytes_of_unit);
  if (!bytes) return bad_size(text, "is too big: 16 EiB or more");
  std::uint64_t whole_sectors = round_down(*bytes, kSectorSize);
  bool fraction_of_a_byte = bytes_of_unit == 1 && number->fraction != 0;
  if (bytes_of_unit == 1 && (whole_sectors != *bytes || fraction_of_a_byte)) {
    return bad_size(text, fmt::format("is not a multiple of 512 bytes; use {}b or {}b", whole_sectors,
                                      Wide{whole_sectors} + kSectorSize));
  }
  return Bytes{whole_sectors};
}

Result<SizeFormat> parse_units(std::string_view units) {
  Error bad(Errc::InvalidArgument, fmt::format("Invalid units specification \"{}\": use a letter of hrbskmgtpe (upper "
                                               "case for powers of 1000), perhaps after a number",
                                               printable(units)));
  std::string_view rest = units;
  bool custom = !rest.empty() && is_digit(rest.front());
  Decimal number{.whole = 1};
  if (custom) number = take_decimal(rest).value_or(number);
  if (rest.size() != 1) return bad;
  SizeFormat format;
  format.unit = rest.front();
  if (lower(format.unit) == 'h' || lower(format.unit) == 'r') return format;  // a number before these means nothing
  std::uint64_t bytes = unit_bytes(format.unit, std::isupper(static_cast<unsigned char>(format.unit)) ? 1000 : 1024);
  if (bytes == 0) return bad;
  if (!custom) return format;
  format.custom = number.times(bytes).value_or(0);
  if (format.custom == 0) return bad;
  if (number.whole != 1) format.unit = 'U';  // LVM2 keeps the letter for 1, 1.5, ...
  return format;
}

std::string report_size(Bytes size, const SizeFormat& format) {
  std::uint64_t base = std::isupper(static_cast<unsigned char>(format.unit)) ? 1000 : 1024;
  char kind = lower(format.unit);
  std::string text;
  char suffix = format.unit;
  if (kind == 'h' || kind == 'r') {
    Scaled s = scale(size.n, base);
    suffix = base == 1000 || !format.si_consistency ? upper(kScale[s.power]) : kScale[s.power];
    if (size.n == 0) suffix = ' ';
    text = (kind == 'r' && s.rounded_up ? "<" : "") + s.text;
  } else {
    std::uint64_t unit = format.custom != 0 ? format.custom : unit_bytes(format.unit, base);
    bool whole = kind == 'b' || kind == 's';
    if (whole || !format.si_consistency) suffix = upper(suffix);  // "s" would be taken for seconds
    double value = static_cast<double>(size.n) / static_cast<double>(unit == 0 ? 1 : unit);
    text = size.n == 0          ? "0"
           : whole && unit == 1 ? fmt::format("{}", size.n)
           : whole              ? fmt::format("{:.0f}", value)
                                : fmt::format("{:.2f}", value);
  }
  // Without its letter an h or r size would mean nothing, so it stays.
  bool needed = (kind == 'h' || kind == 'r') && size.n != 0;
  if (format.suffix || needed) text += suffix;
  return text;
}

std::string display_size(Bytes size, const SizeFormat& format) {
  // Three places for every unit, so that what stands behind is in one column.
  constexpr std::array<std::string_view, 7> kBinary = {"B  ", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  constexpr std::array<std::string_view, 7> kDecimal = {"B  ", "kB", "MB", "GB", "TB", "PB", "EB"};
  constexpr std::array<std::string_view, 7> kEither = {"B  ", "KB", "MB", "GB",
                                                       "TB",  "PB", "EB"};  // without consistency
  const bool si = std::isupper(static_cast<unsigned char>(format.unit)) != 0;
  const auto& names = !format.si_consistency ? kEither : si ? kDecimal : kBinary;
  char kind = lower(format.unit);
  std::string text;
  std::string_view unit;
  if (kind == 'h' || kind == 'r') {
    if (size.n == 0) return format.suffix ? "0   " : "0";
    Scaled s = scale(size.n, si ? 1000 : 1024);
    text = (kind == 'r' && s.rounded_up ? "<" : "") + s.text;
    unit = names[s.power];
  } else {
    SizeFormat bare = format;
    bare.suffix = false;
    text = report_size(size, bare);
    std::size_t power = std::string_view("bkmgtpe").find(kind);
    unit = format.custom != 0 ? "Un"
           : kind == 'b'      ? "B "
           : kind == 's'      ? "Se"
                              : names[std::min(power, names.size() - 1)];
  }
  // Without its unit an h or r size would mean nothing, so it stays.
  bool keep = format.suffix || kind == 'h' || kind == 'r';
  return keep ? fmt::format("{} {}", text, unit) : text;
}

std::string human_size(Bytes size) {
  constexpr std::array<std::string_view, 7> kNames = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  Scaled s = scale(size.n, 1024);
  return fmt::format("{}{} {}", s.rounded_up ? "<" : "", s.text, kNames[s.power]);
}

}  // namespace ashlar
