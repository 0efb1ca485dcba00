// SPDX-License-Identifier: LGPL-2.1-or-later
// Which columns a report has: the defaults of its kind and what -o adds, removes and hides.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"
#include "report/value.h"

namespace ashlar::report {

/// What a line of a report stands for.
enum class Line { Pv, PvSegment, Vg, Lv, Segment, DeviceType, Log };
Line base_line(const Options& options);
/// "pv", "pvseg", "vg", "lv", "seg", "devtype", "log": the report's name in JSON and in messages.
const char* line_name(Line line);

struct Columns {
  std::string shown;    ///< field names with commas, for the engine
  std::string compact;  ///< those to hide when empty
  std::string sort;
};
Columns columns(const Options& options);

/// The fields that a report of such lines may have.
std::vector<const Field*> fields_of(Line line);

/// The field a name means: in any case, underscores or none, the prefix of its object (lv_, vg_, ...) left out or not;
/// of several the one that belongs to `line`. Null: none.
const Field* find_field(std::string_view name, Line line);

/// Does the report ask for a field of one of these objects: as a column, for sorting or in its selection?
bool asks(const Options& options, std::initializer_list<Object> objects);
/// Does it ask for fields of no other object?
bool asks_only(const Options& options, Object object);

/// Is the list of fields asked for in place of rows?
bool asks_help(const Options& options);

/// "Logical Volume" and the like: over their fields in the help, and over a report of them that is not alone.
std::string_view group_title(Object object);
/// "lv_" and the like; empty for none.
std::string_view prefix_of(Object object);

}  // namespace ashlar::report
