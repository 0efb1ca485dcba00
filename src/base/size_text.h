// SPDX-License-Identifier: LGPL-2.1-or-later
// Sizes as people write and read them: "10G", "1.5t", "512s" in; "4.00 MiB", "4.00m", "4194304B" out.
// Source: docs/format.md 4.4; the report units of lvmreport(7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace ashlar {

/// A size argument: a decimal number, perhaps with a fraction, and a unit letter b s k m g t p e (any case, powers of
/// 1024; s is 512 bytes; `default_unit` when there is none). "10GB", "10GiB" and "10gi" are 10g, as in LVM2; other
/// text after the letter is refused (LVM2 drops it), and so are exponents and hexadecimal. No sign: that of "+10G"
/// is the caller's to take off.
/// The result is a multiple of 512 below 16 EiB: fractions of a sector are cut, but a number of bytes that is not a
/// multiple is refused, as in LVM2.
Result<Bytes> parse_size(std::string_view text, char default_unit = 'm');

/// How sizes are shown.
struct SizeFormat {
  char unit = 'r';           ///< one of h H r R b B s S k K m M g G t T p P e E (upper case: powers of 1000), U: custom
  std::uint64_t custom = 0;  ///< "--units 3M": bytes of the unit; 0: those of the letter
  bool suffix = true;        ///< "4.00m" or "4.00"
  bool si_consistency = true;  ///< false: the suffix is upper case whatever the unit
};
/// "h", "b", "4m", "1.5g": a letter, perhaps after a number that makes it a unit of its own (shown as U).
Result<SizeFormat> parse_units(std::string_view units);

/// As a report column shows it: "4.00m", "<15.88t", "4194304B"; nothing is "0" and the suffix, "0 " for h and r.
std::string report_size(Bytes size, const SizeFormat& format);
/// As a display command shows it: "4.00 MiB", "4194304 B ", "8192 Se", "0   ".
std::string display_size(Bytes size, const SizeFormat& format);
/// As a message says it: "4.00 MiB", "<1.95 GiB".
std::string human_size(Bytes size);

}  // namespace ashlar
