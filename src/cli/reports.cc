// SPDX-License-Identifier: LGPL-2.1-or-later
// pvs, vgs, lvs.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/display.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

using report::Kind;

namespace {
/// -o, -O and -S that no --configreport gives to another report.
Status take_own_part(const Args& args, report::Options& o) {
  static constexpr std::string_view kReports[] = {"log", "vg", "lv", "pv", "pvseg", "seg"};
  bool mine = o.kind != Kind::Log;
  for (const auto& [option, value] : args.sequence) {
    if (option == "configreport") {
      if (std::find(std::begin(kReports), std::end(kReports), value) == std::end(kReports))
        return Error(
            Errc::InvalidArgument,
            fmt::format("Invalid argument for --configreport: {} (log, vg, lv, pv, pvseg or seg)", printable(value)));
      mine = o.kind == Kind::Log   ? value == "log"
             : o.kind == Kind::Vgs ? value == "vg"
             : o.kind == Kind::Pvs ? value == "pv" || value == "pvseg"
                                   : value == "lv" || value == "seg";
    }
    if (!mine) continue;
    if (option == "options") o.fields.push_back(value);
    if (option == "sort") o.sort = value;
    if (option == "select") o.select = value;
  }
  return ok();
}

/// report/NAME_cols and the like, of the log log/command_log_cols.
std::string setting_of(Kind kind, bool segments, std::string_view what) {
  switch (kind) {
    case Kind::Log:
      return fmt::format("log/command_log_{}", what);
    case Kind::Pvs:
      return fmt::format("report/{}_{}", segments ? "pvsegs" : "pvs", what);
    case Kind::Lvs:
      return fmt::format("report/{}_{}", segments ? "segs" : "lvs", what);
    case Kind::Vgs:
      return fmt::format("report/vgs_{}", what);
    case Kind::DeviceTypes:
      break;
  }
  return fmt::format("report/devtypes_{}", what);
}
}  // namespace

Result<report::Options> report_options(const Args& args, Kind kind, const config::Settings& s, int verbose) {
  report::Options o;
  o.kind = kind;
  TRY(take_own_part(args, o));
  const bool wide = verbose > 0 && kind != Kind::Log;
  o.default_fields = s.text(setting_of(kind, args.has("segments"), wide ? "cols_verbose" : "cols"));
  o.default_sort = s.text(setting_of(kind, args.has("segments"), "sort"));
  if (kind == Kind::Log && o.select.empty()) o.select = s.text("log/command_log_selection");
  o.compact = s.flag("report/compact_output");
  if (!o.compact) o.compact_fields = s.text("report/compact_output_cols");
  const bool json = args.has("json");  // numbers in bytes, whatever unit a person would like
  o.units = TRY(parse_units(args.value_or("units", s.text("global/units"))));
  if (json && !args.has("reportformat")) o.units = TRY(parse_units("b"));
  o.units.suffix = s.flag("global/suffix") && !args.has("nosuffix") && !json;
  o.units.si_consistency = s.flag("global/si_unit_consistency");
  o.json_typed = json;
  // --separator alone does away with aligning, and --nameprefixes always; the settings do not.
  o.aligned =
      (args.has("aligned") || (!args.has("separator") && s.flag("report/aligned"))) && !args.has("nameprefixes");
  o.separator = args.value("separator");
  if (const std::string set = s.text("report/separator"); !o.separator && !set.empty())
    o.separator = set;  // the setting cannot be nothing
  if (!o.separator && !s.flag("report/aligned") && !args.has("aligned")) o.separator = " ";
  o.headings = s.flag("report/headings");
  if (const auto word = args.value("headings")) {
    o.full_headings = *word == "full" || *word == "2";
    o.headings = o.full_headings || *word == "abbrev" || *word == "1";
    if (!o.headings && *word != "none" && *word != "0")
      return Error(
          Errc::InvalidArgument,
          fmt::format("Invalid argument for --headings: {} (none, abbrev, full, 0, 1 or 2)", printable(*word)));
  }
  o.headings = o.headings && !args.has("noheadings");
  o.full_headings = o.full_headings && o.headings;  // they would widen columns
  // As in LVM2 an order that the line asks for outweighs its --unbuffered.
  o.buffered = s.flag("report/buffered") && (!args.has("unbuffered") || args.has("sort"));
  o.name_prefixes = s.flag("report/prefixes") || args.has("nameprefixes");
  o.quoted = s.flag("report/quoted") && !args.has("unquoted");
  o.columns_as_rows = s.flag("report/columns_as_rows") || args.has("rows");
  o.binary = s.flag("report/binary_values_as_numeric") || args.has("binary");
  o.all = args.has("all");
  o.segments = args.has("segments");
  o.foreign = args.has("foreign");
  o.verbose = verbose;
  o.time_format = s.text("report/time_format");
  o.values.mark_hidden_devices = s.flag("report/mark_hidden_devices");
  o.values.unknown_device = unknown_device(s);
  o.values.auto_read_ahead = auto_read_ahead(s);
  o.list_item_separator = s.text("report/list_item_separator");
  std::string format = args.value_or("reportformat", json ? "json_std" : s.text("report/output_format"));
  if (format == "json")
    o.format = report::Options::Format::Json;
  else if (format == "json_std")
    o.format = report::Options::Format::JsonStd;
  else if (format != "basic")
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --reportformat: {} (basic, json or json_std)", printable(format)));
  return o;
}

namespace {
const char* all_fields(Kind kind) { return kind == Kind::Pvs ? "pv_all" : kind == Kind::Vgs ? "vg_all" : "lv_all"; }

/// Has the answer something of this VG?
bool concerns(const ops::VgInfo& vg, const report::Options& options) {
  if (options.names.empty()) return true;
  return std::any_of(options.names.begin(), options.names.end(), [&](const std::string& name) {
    const bool named = options.kind != Kind::Pvs && name.substr(0, name.find('/')) == vg.vg.name;
    return named || name.starts_with('@') ||
           std::any_of(vg.pvs.begin(), vg.pvs.end(), [&](const ops::PvInfo& pv) { return pv.device == name; });
  });
}

/// Whoever asks for a VG or PV by name, and gets it, has the whole answer whatever else is unreadable.
bool concerns(const store::Problem& problem, const report::Options& options) {
  if (options.names.empty()) return true;
  return std::any_of(options.names.begin(), options.names.end(), [&](const std::string& name) {
    if (name.starts_with('@')) return true;
    if (options.kind == Kind::Pvs) return name == problem.device;
    return !problem.vg.empty() && name.substr(0, name.find('/')) == problem.vg;
  });
}
}  // namespace

void tell_problems(Session& session, const ops::Inventory& inventory, const report::Options& options, bool missing) {
  for (const std::string& doubled : inventory.warnings) session.warn_once(doubled);
  for (const ops::VgInfo& vg : inventory.vgs) {
    if (!concerns(vg, options)) continue;
    for (const std::string& smaller : vg.size_warnings) session.warn_once(smaller);
    for (const std::string& still : vg.still) session.warn_once(still);
    for (const ops::PvInfo& pv : vg.pvs) {
      if (pv.missing) session.lacks(fmt::format("PV {} of VG {} is missing", pv.pv.id.dashed(), vg.vg.name));
    }
  }
  for (const store::Problem& problem : inventory.problems) {
    if (missing || concerns(problem, options))
      session.fail(Error(Errc::Partial, problem.what));
    else
      session.out().error("WARNING: " + problem.what);
  }
  for (const ops::VgInfo& vg : inventory.vgs) {
    if (vg.foreign && !options.foreign && options.names.empty()) session.out().error(report::foreign_text(vg));
  }
}

Status check_fields(Session& session, const report::Options& options) {
  for (const std::string& fields : options.fields) {
    if (fields.empty()) return session.bad_report({Errc::InvalidArgument, "Invalid options string: it names no field"});
  }
  return ok();
}

namespace {
/// In a log it is about a PV, which has no name.
void fail_unknown(Session& session, const std::string& device) {
  CommandLog::Work work(session.log(), report::LogObject{"pv", "", "", "", ""});
  session.fail(Error(Errc::NotFound, fmt::format("Cannot use {}: device not found", printable(device))));
  work.cancel();
}
}  // namespace

Status print_report(Session& session, const Args& args, Kind kind) {
  ops::System& sys = *TRY(session.system());
  report::Options options = TRY(report_options(args, kind, sys.settings, session.verbose));
  options.now = sys.now();
  options.labels_alone =
      std::none_of(args.positionals.begin(), args.positionals.end(), [](auto& word) { return word.starts_with('@'); });
  if (session.log() != nullptr) session.log()->begin_report();
  for (const std::string& word : args.positionals) options.names.push_back(kind == Kind::Lvs ? vg_or_lv(word) : word);
  TRY(check_fields(session, options));
  if (kind == Kind::Vgs) TRY(check_vg_words(args.positionals));
  if (kind == Kind::Lvs) TRY(check_lv_words(args.positionals));
  if (kind == Kind::Pvs) {
    // Any of a device's names will do; rows know the one that is shown.
    for (std::string& name : options.names) {
      if (name.starts_with('@')) continue;
      auto device = sys.devices->find(name);
      if (device)
        name = (*device)->path();
      else
        fail_unknown(session, name);
    }
  }
  ops::Inventory inventory = TRY(ops::inventory(sys));
  for (const ops::VgInfo& vg : inventory.vgs) {
    for (const std::string& what : vg.damage) session.out().error("WARNING: " + what);
  }
  bool labels = false;
  auto lines = report::print(inventory, options, &labels);
  if (!lines) return session.bad_report(lines.error());
  bool missing = false;
  if (session.log() != nullptr) {
    session.log()->show(std::move(*lines), report_title(options), options.format != report::Options::Format::Basic);
    missing = log_reported(session, inventory, options, labels);
  } else {
    for (const std::string& line : *lines) session.out().report(line);
    missing = fail_missing(session, inventory, options, labels);
  }
  tell_problems(session, inventory, options, missing);
  return ok();
}

Status print_typed(Session& session, Args args, Kind kind, const std::string& select) {
  args.sequence.emplace_back("options", all_fields(kind));
  if (!select.empty()) args.sequence.emplace_back("select", select);
  return print_report(session, args, kind);
}

namespace {
Status run_pvs(Session& s, const Args& a) { return print_report(s, a, Kind::Pvs); }
Status run_vgs(Session& s, const Args& a) { return print_report(s, a, Kind::Vgs); }
Status run_lvs(Session& s, const Args& a) { return print_report(s, a, Kind::Lvs); }

constexpr Option kPvsOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    {"all", 'a', Arg::Flag, "", "Devices that are no PVs too"},
    {"segments", 0, Arg::Flag, "", "One row a segment"},
};
constexpr Option kVgsOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    {"all", 'a', Arg::Flag, "", "Accepted: all VGs are shown"},
};
constexpr Option kLvsOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
    {"segments", 0, Arg::Flag, "", "One row a segment"},
    {"history", 'H', Arg::Flag, "", "Accepted: Ashlar keeps no removed LVs"},
};
}  // namespace

const Command kPvs{"pvs", "Report on physical volumes", "[PV...]", kPvsOptions, run_pvs, Effect::Reads};
const Command kVgs{"vgs", "Report on volume groups", "[VG...]", kVgsOptions, run_vgs, Effect::Reads};
const Command kLvs{"lvs", "Report on logical volumes", "[VG|LV...]", kLvsOptions, run_lvs, Effect::Reads};

}  // namespace ashlar::cli
