// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/time_format.h"

#include <fmt/format.h>

#include "base/log.h"

namespace ashlar::report {

namespace {
constexpr std::string_view kConversions = "aAbBcCdDeFgGhHIjklmMpPrRsStTuUVwWxXyYzZ";
constexpr std::string_view kOfEra = "cCxXyY", kInOtherDigits = "deHImMSuUVwWy";

/// Is what starts behind a % a conversion?
bool is_conversion(std::string_view rest) {
  if (rest.empty()) return false;
  const char first = rest.front();
  if (first != 'E' && first != 'O') return kConversions.find(first) != std::string_view::npos;
  return rest.size() > 1 && (first == 'E' ? kOfEra : kInOtherDigits).find(rest[1]) != std::string_view::npos;
}
}  // namespace

Status check_time_format(std::string_view format) {
  for (std::size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%', at + 1)) {
    const std::string_view rest = format.substr(at + 1);
    if (rest.starts_with('%') || is_conversion(rest)) continue;
    return Error(Errc::Refused,
                 fmt::format("report/time_format: Invalid time format \"{}\": \"{}\" is none of the conversions of "
                             "strftime(3) that it may have",
                             printable(format), printable(format.substr(at, 2))));
  }
  return ok();
}

}  // namespace ashlar::report
