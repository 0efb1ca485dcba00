// SPDX-License-Identifier: LGPL-2.1-or-later
// pvs, vgs, lvs: rows of an Inventory through libdevmapper's report engine (-o -O -S, JSON, prefixes, ...).
// A field is one row in pv_fields.cc, vg_fields.cc, lv_fields.cc or seg_fields.cc.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/size_text.h"
#include "ops/inventory.h"

namespace ashlar::report {

enum class Kind { Pvs, Vgs, Lvs };

struct Options {
  Kind kind = Kind::Lvs;
  std::string fields;          ///< -o as given, "+x" appends to the defaults; empty: the defaults of the kind
  std::string sort;            ///< -O; empty: the default
  std::string select;          ///< -S; empty: all
  SizeFormat units;
  std::string separator;       ///< empty: columns are aligned with blanks
  bool headings = true, aligned = true, buffered = true;
  bool name_prefixes = false, quoted = true, columns_as_rows = false, binary = false;
  bool all = false;            ///< -a: hidden LVs; for pvs, devices that are no PVs
  bool segments = false;       ///< --segments
  int verbose = 0;             ///< -v widens the default columns
  enum class Format { Basic, Json, JsonStd } format = Format::Basic;
  std::string time_format = "%Y-%m-%d %T %z";
  std::string list_item_separator = ",";
  /// Limits the rows: names of VGs, "VG/LV", or PV paths. Empty: all.
  std::vector<std::string> names;
};

/// The whole output, lines without the two-blank prefix, ready to print. Errc::InvalidArgument for an unknown field or
/// selection, with what is wrong; the list of fields is in the message for "help".
Result<std::vector<std::string>> print(const ops::Inventory& inventory, const Options& options);

}  // namespace ashlar::report
