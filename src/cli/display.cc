// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/display.h"

#include <fmt/format.h>
#include <strings.h>

#include "base/log.h"

namespace ashlar::cli {

Status check_display_options(std::string_view command, const Args& args, std::initializer_list<std::string_view> own) {
  for (std::string_view option : own) {
    if (!args.has(option)) continue;
    if (args.has("colon"))
      return usage_error(command, fmt::format("Option --colon is not allowed with option --{}", option));
    if (args.has("columns")) return usage_error(command, "Incompatible options selected");
  }
  if (args.has("colon") && args.has("columns")) return usage_error(command, "Incompatible options selected");
  if (args.has("columns")) return ok();
  for (std::string_view option :
       {"aligned", "binary", "headings", "noheadings", "options", "separator", "sort", "unbuffered"}) {
    if (args.has(option))
      return usage_error(command, fmt::format("Incompatible options selected: --{} needs --columns", option));
  }
  if (args.has("all") && command == "pvdisplay")
    return usage_error(command, "Incompatible options selected: --all needs --columns");
  return ok();
}

Result<SizeFormat> display_units(const Args& args, const config::Settings& settings) {
  SizeFormat format = TRY(parse_units(args.value_or("units", settings.text("global/units"))));
  format.si_consistency = settings.flag("global/si_unit_consistency");
  format.suffix = settings.flag("global/suffix") && !args.has("nosuffix");
  return format;
}

std::string unknown_device(const config::Settings& settings) {
  return settings.flag("report/two_word_unknown_device") ? "unknown device" : ops::kUnknownDevice;
}

std::string shown_device(const ops::PvInfo& pv, const std::string& unknown) {
  return pv.has_device() ? printable(pv.device) : unknown;
}

bool auto_read_ahead(const config::Settings& settings) {
  return ::strcasecmp(settings.text("activation/readahead").c_str(), "none") != 0;
}

}  // namespace ashlar::cli
