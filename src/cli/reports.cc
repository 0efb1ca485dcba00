// SPDX-License-Identifier: LGPL-2.1-or-later
// pvs, vgs, lvs.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/table.h"
#include "report/report.h"

namespace ashlar::cli {

namespace {
using report::Kind;

Result<report::Options> parse_options(const Args& args, Kind kind, const config::Settings& s, int verbose) {
  report::Options o;
  o.kind = kind;
  o.fields = args.list("options");
  std::string name = kind == Kind::Pvs ? "pvs" : kind == Kind::Vgs ? "vgs" : "lvs";
  std::string part = args.has("segments") ? (kind == Kind::Pvs ? "pvsegs" : "segs") : name;
  o.default_fields = s.text("report/" + part + "_cols" + (verbose > 0 ? "_verbose" : ""));
  o.default_sort = s.text("report/" + part + "_sort");
  o.compact = s.flag("report/compact_output");
  o.sort = args.value_or("sort", "");
  o.select = args.value_or("select", "");
  const bool json = args.has("json");  // numbers in bytes
  o.units = TRY(parse_units(args.value_or("units", json ? "b" : s.text("global/units"))));
  o.units.suffix = s.flag("global/suffix") && !args.has("nosuffix") && !json;
  o.units.si_consistency = s.flag("global/si_unit_consistency");
  o.json_sizes = json;
  o.aligned = args.has("aligned");
  o.separator = args.value_or("separator", s.flag("report/aligned") ? "" : s.text("report/separator"));
  o.headings = s.flag("report/headings") && !args.has("noheadings");
  o.buffered = s.flag("report/buffered") && !args.has("unbuffered");
  o.name_prefixes = s.flag("report/prefixes") || args.has("nameprefixes");
  o.quoted = s.flag("report/quoted") && !args.has("unquoted");
  o.columns_as_rows = s.flag("report/columns_as_rows") || args.has("rows");
  o.binary = s.flag("report/binary_values_as_numeric") || args.has("binary");
  o.all = args.has("all");
  o.segments = args.has("segments");
  o.foreign = args.has("foreign");
  o.verbose = verbose;
  o.time_format = s.text("report/time_format");
  o.list_item_separator = s.text("report/list_item_separator");
  std::string format = args.value_or("reportformat", json ? "json_std" : s.text("report/output_format"));
  if (format == "json")
    o.format = report::Options::Format::Json;
  else if (format == "json_std")
    o.format = report::Options::Format::JsonStd;
  else if (format != "basic")
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --reportformat: {} (basic, json or json_std)", printable(format)));
  return o;
}

Status report(Session& session, const Args& args, Kind kind) {
  ops::System& sys = *TRY(session.system());
  report::Options options = TRY(parse_options(args, kind, sys.settings, session.verbose));
  options.names = args.positionals;
  if (kind == Kind::Pvs) {
    // Any of a device's names will do; rows know the one that is shown.
    for (std::string& name : options.names) {
      if (name.starts_with('@')) continue;
      auto device = sys.devices->find(name);
      if (device)
        name = (*device)->path();
      else
        session.fail(device.error());
    }
  }
  ops::Inventory inventory = TRY(ops::inventory(sys));
  for (const ops::VgInfo& vg : inventory.vgs) {
    for (const std::string& what : vg.damage) session.out().error("WARNING: " + what);
  }
  auto lines = report::print(inventory, options);
  // An unknown field or selection is a failure of the command, not of its syntax.
  if (!lines) return Error(Errc::Unsupported, lines.error().message());
  for (const std::string& line : *lines) session.out().line(line);
  for (const std::string& line : report::missing_names(inventory, options)) session.fail(Error(Errc::NotFound, line));
  for (const std::string& problem : inventory.problems) session.fail(Error(Errc::Partial, problem));
  return ok();
}

Status run_pvs(Session& s, const Args& a) { return report(s, a, Kind::Pvs); }
Status run_vgs(Session& s, const Args& a) { return report(s, a, Kind::Vgs); }
Status run_lvs(Session& s, const Args& a) { return report(s, a, Kind::Lvs); }

constexpr Option kOptions[] = {
    {"options", 'o', Arg::List, "Field,...", "Fields to show; +Field adds to the usual ones; help lists them"},
    {"sort", 'O', Arg::Value, "Field,...", "Order of the rows; -Field turns it round"},
    {"select", 'S', Arg::Value, "String", "Only rows for which this holds"},
    {"units", 0, Arg::Value, "Unit", "h r b s k m g t p e; upper case for powers of 1000"},
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
    {"segments", 0, Arg::Flag, "", "One row a segment"},
    {"noheadings", 0, Arg::Flag, "", "Leave the headings out"},
    {"nosuffix", 0, Arg::Flag, "", "Leave the unit off sizes"},
    {"separator", 0, Arg::Value, "String", "Between columns, instead of aligning them"},
    {"aligned", 0, Arg::Flag, "", "Align columns in spite of --separator"},
    {"nameprefixes", 0, Arg::Flag, "", "LVM2_FIELD='value'"},
    {"unquoted", 0, Arg::Flag, "", "No quotes with --nameprefixes"},
    {"rows", 0, Arg::Flag, "", "Columns as rows"},
    {"unbuffered", 0, Arg::Flag, "", "Rows as they come, not in columns of one width"},
    {"binary", 0, Arg::Flag, "", "0 and 1 instead of words"},
    {"reportformat", 0, Arg::Value, "basic|json", "Format"},
    {"foreign", 0, Arg::Flag, "", "VGs of other hosts too"},
    {"shared", 0, Arg::Flag, "", "Accepted: shared VGs are always shown"},
    {"partial", 'P', Arg::Flag, "", "Accepted: VGs with missing PVs are always shown"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted: reports take no locks"},
    {"ignoreskippedcluster", 0, Arg::Flag, "", "Accepted"},
};
}  // namespace

const Command kPvs{"pvs", "Report on physical volumes", "[PV...]", kOptions, run_pvs, Effect::Reads};
const Command kVgs{"vgs", "Report on volume groups", "[VG...]", kOptions, run_vgs, Effect::Reads};
const Command kLvs{"lvs", "Report on logical volumes", "[VG|LV...]", kOptions, run_lvs, Effect::Reads};

}  // namespace ashlar::cli
