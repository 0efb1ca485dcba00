// SPDX-License-Identifier: LGPL-2.1-or-later
// A value as it stands in a report: what is shown and what sorting and selection compare.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/size_text.h"
#include "report/value.h"

namespace ashlar::report {

/// How a report is laid out.
struct Layout {
  std::string separator = " ";
  std::string list_separator = ",";
  bool one_list_separator = false;  ///< also for fields that have their own
  std::string time_format;
  std::int64_t now = 0;  ///< seconds since the Epoch: what times in words are counted from
  SizeFormat units;
  bool headings = true, aligned = true, buffered = true, name_prefixes = false, quoted = true, columns_as_rows = false;
  bool binary = false, compact = false, json = false;
  bool full_headings = false;   ///< names of fields, as -o takes them
  bool headings_alone = false;  ///< also where there is no row
};

inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};
inline constexpr double kUndefinedSize = static_cast<double>(kUndefined);

struct Cell {
  std::string text;
  std::optional<std::string> text_key;  ///< Text: if it is not the text
  std::uint64_t number = kUndefined;    ///< Number, Flag, Percent, Time
  double sectors = 0;                   ///< Size
};
/// Of any type but TextList.
Cell make_cell(const Field& field, Value value, const Layout& layout);

/// An item of a list as it is to be shown.
std::string shown_item(const std::string& item, const Layout& layout);

}  // namespace ashlar::report
