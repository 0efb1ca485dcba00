// SPDX-License-Identifier: LGPL-2.1-or-later
// Sizes as people write and read them: "10G", "1.5t", "512s" in; "4.00 MiB", "4.00m", "4194304B" out.
// Source: docs/format.md 4.4; the report units of lvmreport(7).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace ashlar {

/// A size argument: a decimal number, perhaps with a fraction, and a unit letter b s k m g t p e (any case, powers of
/// 1024; s is 512 bytes; `default_unit` when there is none). "10GiB", "10GB" and the like are refused, as in LVM2.
/// Bounded to 16 EiB; fractions of a byte are cut. No sign.
Result<Bytes> parse_size(std::string_view text, char default_unit = 'm');

/// How sizes are shown.
struct SizeFormat {
  char unit = 'r';       ///< one of h H r R b B s S k K m M g G t T p P e E (upper case: powers of 1000)
  double custom = 0;     ///< "--units 3M": sizes in multiples of 3M; 0: none
  bool suffix = true;    ///< "4.00m" or "4.00"
  bool si_consistency = true;
};
Result<SizeFormat> parse_units(std::string_view units);  ///< "h", "b", "4m"

/// As a report column shows it: "4.00m", "<15.88t", "4194304B".
std::string report_size(Bytes size, const SizeFormat& format);
/// As a message says it: "4.00 MiB", "<1.95 GiB".
std::string human_size(Bytes size);

}  // namespace ashlar
