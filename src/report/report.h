// SPDX-License-Identifier: LGPL-2.1-or-later
// pvs, vgs, lvs, devtypes: rows of an Inventory through libdevmapper's report engine (-o -O -S, JSON, prefixes, ...).
// A field is one row in pv_fields.cc, vg_fields.cc, lv_fields.cc, lv_kernel_fields.cc, seg_fields.cc or device_types.cc
// (value.h says how); the log of a command is report/log.h's. Source: lvmreport(7), lvs(8), vgs(8), pvs(8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/size_text.h"
#include "ops/inventory.h"

namespace ashlar::report {

enum class Kind { Pvs, Vgs, Lvs, DeviceTypes, Log };

/// What settings change in the values of fields.
struct ValueSettings {
  bool mark_hidden_devices = true;                   ///< hidden LVs stand in brackets
  std::string unknown_device = ops::kUnknownDevice;  ///< for a device that is not there
  bool auto_read_ahead = true;                       ///< what an LV has that has no read-ahead of its own; else none
};

struct Options {
  Kind kind = Kind::Lvs;
  /// Every -o as given, in order: "a,b" sets the columns, "+a" appends to them, "-a" removes, "#a" hides those that are
  /// empty in all rows. Empty: the defaults of the kind.
  std::vector<std::string> fields;
  std::string sort;            ///< -O; empty: the default
  std::string select;          ///< -S; empty: all
  std::string default_fields;  ///< of the configuration (report/lvs_cols, ...); empty: the built-in ones
  std::string default_sort;    ///< of the configuration (report/lvs_sort, ...); empty: the built-in one
  bool compact = false;        ///< report/compact_output: hide every column that is empty in all rows
  std::string compact_fields;  ///< report/compact_output_cols: hide these where they are empty in all rows
  SizeFormat units;
  std::optional<std::string> separator;  ///< none: columns are aligned with blanks
  bool headings = true, buffered = true;
  bool full_headings = false;  ///< --headings full: names of fields, as -o takes them
  bool aligned = false;        ///< --aligned: also with a separator
  bool name_prefixes = false, quoted = true, columns_as_rows = false, binary = false;
  bool all = false;       ///< -a: hidden LVs
  bool segments = false;  ///< --segments
  bool foreign = false;   ///< --foreign: also VGs of other hosts
  bool exported = false;  ///< also LVs of exported VGs, as only a full report has them
  int verbose = 0;        ///< -v widens the default columns
  /// Where only fields of PV labels are asked for, there is a line for each label, as in LVM2: none for a missing PV or a
  /// device that is no PV, but one for a PV of another host.
  bool labels_alone = false;
  enum class Format { Basic, Json, JsonStd } format = Format::Basic;
  bool json_typed =
      false;  ///< JsonStd: sizes are numbers, flags booleans, null is what is not there; `units` has no suffix then
  std::string time_format = "%Y-%m-%d %T %z";
  std::uint64_t now = 0;  ///< seconds since the Epoch: what "yesterday" in a selection is counted from
  std::string list_item_separator = ",";
  ValueSettings values;
  /// Limits the rows: names of VGs, "VG/LV", their paths below /dev, PV paths, "@TAG". Empty: all.
  std::vector<std::string> names;
  bool engine_only = false;  ///< no short cut for plain tables: what those are compared with
};

/// The whole output, lines without the two-blank prefix, ready to print on stdout; for the field "help" the list of
/// fields. Errc::InvalidArgument for an unknown field, a selection that cannot be parsed or fields that do not go
/// together; the message has the lines to print on stderr, the list of what there is among them.
/// `labels`, if not null, becomes true where Options::labels_alone took effect.
Result<std::vector<std::string>> print(const ops::Inventory& inventory, const Options& options, bool* labels = nullptr);

/// The same of the types of block devices that LVM2 knows, whatever the machine has.
Result<std::vector<std::string>> print_device_types(const Options& options);

/// The array of rows of a JSON report without what stands around it.
std::vector<std::string> bare_array(const std::vector<std::string>& lines);

/// Those of options.names that the inventory does not have, as the lines that clients look for on stderr; the exit
/// status is then 5, but what print() gives is still to be printed. `labels`: as print() has it; else a PV of another
/// host's VG is among them.
std::vector<std::string> missing_names(const ops::Inventory& inventory, const Options& options, bool labels = false);
/// What is said of a VG that is another host's and not shown.
std::string foreign_text(const ops::VgInfo& vg);

}  // namespace ashlar::report
