// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/report.h"

#include <fmt/format.h>

#include "report/device_types.h"
#include "report/engine.h"
#include "report/json_std.h"
#include "report/log.h"
#include "report/plain_table.h"
#include "report/rows.h"

namespace ashlar::report {

namespace {

constexpr Objects kLvBits = bit(Object::Lv) | bit(Object::LvInfo) | bit(Object::LvStatus) | bit(Object::LvInfoStatus);
constexpr Objects kPvBits = bit(Object::Label) | bit(Object::Pv);

/// What the lines stand for once it is known what is asked for: a report of VGs that shows LVs has a line for each LV.
Result<Line> line_for(Line line, Objects objects) {
  bool lv = (objects & kLvBits) != 0, segment = (objects & bit(Object::Segment)) != 0;
  bool pv = (objects & kPvBits) != 0, pv_segment = (objects & bit(Object::PvSegment)) != 0;
  if (line == Line::Pv || line == Line::PvSegment) return lv || segment || pv_segment ? Line::PvSegment : line;
  if ((line != Line::Vg || lv || segment) && (pv || pv_segment)) {
    return Error(Errc::InvalidArgument,
                 fmt::format("Can't report LV and PV fields at the same time in report type \"{}\".", line_name(line)));
  }
  if (pv_segment) return Line::PvSegment;
  if (pv) return Line::Pv;
  if (segment) return Line::Segment;
  return lv ? Line::Lv : line;
}

Layout layout_of(const Options& options) {
  Layout layout;
  layout.json = options.format == Options::Format::Json;
  layout.time_format = options.time_format;
  layout.now = static_cast<std::int64_t>(options.now);
  layout.list_separator = options.list_item_separator;
  layout.units = options.units;
  layout.headings = options.headings;
  layout.full_headings = options.full_headings;
  layout.buffered = options.buffered || options.columns_as_rows;
  layout.name_prefixes = options.name_prefixes && !layout.json;
  layout.quoted = options.quoted;
  layout.columns_as_rows = options.columns_as_rows;
  layout.binary = options.binary;
  layout.compact = options.compact;
  layout.aligned = ((!options.separator && !options.name_prefixes) || options.aligned) && !options.columns_as_rows;
  if (options.separator) layout.separator = *options.separator;
  return layout;
}

Result<std::vector<std::string>> print_lines(const Columns& shown, const Options& options, Line line,
                                             const Layout& layout, const Feed& feed) {
  if (options.format == Options::Format::JsonStd) return json_std(shown, options, line, feed);
  if (auto table = options.engine_only ? std::nullopt : PlainTable::of(shown, options.select, line, layout))
    return std::move(*table).run(feed);
  return run_engine(shown, options.select, line, layout, feed);
}

}  // namespace

Result<std::vector<std::string>> print_device_types(const Options& options) {
  return print_lines(columns(options), options, Line::DeviceType, layout_of(options),
                     [](Objects, const std::function<void(Row&)>& emit) {
                       for (const DeviceType& type : device_types()) {
                         Row row;
                         row.device_type = &type;
                         emit(row);
                       }
                       return ok();
                     });
}

Result<std::vector<std::string>> print_log(const std::vector<LogRow>& rows, const Options& options) {
  Layout layout = layout_of(options);
  layout.headings_alone = true;
  auto lines = TRY(
      print_lines(columns(options), options, Line::Log, layout, [&](Objects, const std::function<void(Row&)>& emit) {
        for (const LogRow& log : rows) {
          Row row;
          row.log = &log;
          emit(row);
        }
        return ok();
      }));
  if (options.format == Options::Format::Basic) return lines;
  lines = bare_array(lines);
  constexpr std::size_t kDeeper = 8;  // than where it stands here: no array "report" is around it
  for (std::string& line : lines) line.erase(0, kDeeper);
  return lines;
}

std::vector<std::string> bare_array(const std::vector<std::string>& lines) {
  constexpr std::size_t kAround = 3;
  if (lines.size() < 2 * kAround) return lines;
  return {lines.begin() + kAround, lines.end() - kAround};
}

Result<std::vector<std::string>> print(const ops::Inventory& inventory, const Options& options, bool* labels) {
  Line line = base_line(options);
  Columns shown = columns(options);
  Layout layout = layout_of(options);
  // LVs by name, the usual case, come in that order at a fraction of what the engine's sorting costs. Not for "all",
  // which stands for the fields of the sort keys' objects too.
  bool by_name = layout.buffered && line == Line::Lv && shown.sort == kByName &&
                 ("," + shown.shown + ",").find(",all,") == std::string::npos;
  if (by_name) shown.sort.clear();
  Feed feed = [&](Objects objects, const std::function<void(Row&)>& emit) -> Status {
    Line actual = TRY(line_for(line, objects));
    const bool alone = options.labels_alone && actual == Line::Pv && (objects & ~bit(Object::Label)) == 0;
    for_each_row(inventory, options, actual, by_name, alone, emit);
    if (labels != nullptr) *labels = alone;
    return ok();
  };
  return print_lines(shown, options, line, layout, feed);
}

}  // namespace ashlar::report
