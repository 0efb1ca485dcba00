// SPDX-License-Identifier: LGPL-2.1-or-later
// What pvdisplay, vgdisplay and lvdisplay share.
#pragma once

#include <initializer_list>
#include <string>

#include "base/size_text.h"
#include "cli/command.h"
#include "ops/inventory.h"

namespace ashlar::cli {

#define ASHLAR_DISPLAY_OPTIONS                                                  \
  {"colon", 'c', Arg::Flag, "", "One line each, fields separated by colons"}, { \
    "columns", 'C', Arg::Flag, "", "As the report command does"                 \
  }

/// Columns at which values start.
inline constexpr std::size_t kPvColumn = 22, kVgColumn = 22, kLvColumn = 23;

/// "PV Name               /dev/sdb"
inline void display_field(Output& out, std::size_t column, std::string name, const std::string& value) {
  if (name.size() < column) name.resize(column, ' ');
  out.line(name + value);
}

/// Options of reports need -C; -c, -C and `own` do not go together.
Status check_display_options(std::string_view command, const Args& args, std::initializer_list<std::string_view> own);
Result<SizeFormat> display_units(const Args& args, const config::Settings& settings);

/// What a device that is not there is called: report/two_word_unknown_device.
std::string unknown_device(const config::Settings& settings);
/// The name of a PV's device for people.
std::string shown_device(const ops::PvInfo& pv, const std::string& unknown);
/// Has an LV without a read-ahead of its own one all the same? Not where activation/readahead is "none".
bool auto_read_ahead(const config::Settings& settings);

}  // namespace ashlar::cli
