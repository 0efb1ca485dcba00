// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/check_settings.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "base/size_text.h"
#include "ops/ops.h"
#include "report/time_format.h"

namespace ashlar::cli {

namespace {
bool one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

/// What is wrong with a setting, told with where it stands.
Error wrong(const config::Settings& settings, const char* path, Errc code, const std::string& what) {
  const std::string where = settings.where(path);
  return Error(code, fmt::format("{}{}{}", where, where.empty() ? "" : ": ", what));
}

Errc code_of(const config::Settings& settings, const char* path) {
  return settings.where(path).starts_with("--config") ? Errc::Refused : Errc::Corrupt;
}

Status check_one(const config::Settings& settings, const char* path, const Status& fine) {
  return fine ? ok() : Status(wrong(settings, path, code_of(settings, path), fine.error().message()));
}

Status check_units(const config::Settings& settings) {
  auto units = parse_units(settings.text("global/units"));
  return units ? ok() : Status(Error(Errc::Refused, "global/units: " + units.error().message()));
}

/// Names, each with a number.
Status check_types(const config::Settings& settings) {
  const std::vector<std::string> words = settings.list("devices/types");
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string partitions = i + 1 < words.size() ? words[i + 1] : "";
    if (std::strtoll(partitions.c_str(), nullptr, 10) == 0)
      return Error(Errc::Refused,
                   fmt::format("devices/types: behind \"{}\" stands how many partitions such a device can "
                               "have, as [ \"fd\", 16 ]; here it is \"{}\"",
                               printable(words[i]), printable(partitions)));
  }
  return ok();
}

Status check_read_ahead(const config::Settings& settings) {
  const std::string text = settings.text("activation/readahead");
  for (const char* word : {"auto", "none"})
    if (::strcasecmp(text.c_str(), word) == 0) return ok();
  return Error(Errc::Refused, fmt::format("activation/readahead: \"{}\" is neither auto nor none", printable(text)));
}

}  // namespace

Status check_settings(const config::Settings& settings) {
  TRY(settings.check_strictly());
  TRY(check_one(settings, "report/time_format", report::check_time_format(settings.text("report/time_format"))));
  TRY(check_one(settings, "global/units", check_units(settings)));
  TRY(check_one(settings, "activation/readahead", check_read_ahead(settings)));
  TRY(check_one(settings, "devices/types", check_types(settings)));
  if (const std::string format = settings.text("report/output_format"); !one_of(format, {"basic", "json", "json_std"}))
    return wrong(settings, "report/output_format", Errc::Refused,
                 fmt::format("report/output_format: \"{}\" is none of basic, json and json_std", printable(format)));
  if (const std::string mode = settings.text("activation/activation_mode"); !ops::parse_activation_mode(mode))
    return wrong(
        settings, "activation/activation_mode", Errc::InvalidArgument,
        fmt::format("activation/activation_mode: \"{}\" is none of complete, degraded and partial", printable(mode)));
  return ok();
}

}  // namespace ashlar::cli
