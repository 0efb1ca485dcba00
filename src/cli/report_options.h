// SPDX-License-Identifier: LGPL-2.1-or-later
// Reports for more than one command: pvs, vgs, lvs, and -C of the display commands.
#pragma once

#include "cli/command.h"
#include "report/report.h"

namespace ashlar::cli {

/// Of every report, whatever its lines are.
#define ASHLAR_REPORT_LAYOUT_OPTIONS                                                                                  \
  {"options", 'o', Arg::List, "Field,...", "Fields to show; +Field adds to the usual ones; help lists them"},         \
      {"sort", 'O', Arg::Last, "Field,...", "Order of the rows; -Field turns it round"},                              \
      {"select", 'S', Arg::Last, "String", "Only rows for which this holds"},                                         \
      {"headings", 0, Arg::Value, "none|abbrev|full|0|1|2",                                                           \
       "Headings of columns: full ones are the names that --options takes"},                                          \
      {"noheadings", 0, Arg::Flag, "", "Leave the headings out, whatever --headings says"},                           \
      {"nosuffix", 0, Arg::Flag, "", "Leave the unit off sizes"},                                                     \
      {"separator", 0, Arg::Value, "String", "Between columns, instead of aligning them"},                            \
      {"aligned", 0, Arg::Flag, "", "Align columns in spite of --separator"},                                         \
      {"nameprefixes", 0, Arg::Flag, "", "LVM2_FIELD='value'"},                                                       \
      {"unquoted", 0, Arg::Flag, "", "No quotes with --nameprefixes"}, {"rows", 0, Arg::Flag, "", "Columns as rows"}, \
      {"unbuffered", 0, Arg::Flag, "", "Rows as they come, not in columns of one width"},                             \
      {"binary", 0, Arg::Flag, "", "0 and 1 instead of words"}, {                                                     \
    "reportformat", 0, Arg::Value, "basic|json|json_std", "As a table or as JSON"                                     \
  }

#define ASHLAR_REPORT_OPTIONS                                                                                    \
  ASHLAR_REPORT_LAYOUT_OPTIONS,                                                                                  \
      {"units", 0, Arg::Value, "Unit", "h r b s k m g t p e; upper case for powers of 1000"},                    \
      {"foreign", 0, Arg::Flag, "", "VGs of other hosts too"},                                                   \
      {"shared", 0, Arg::Flag, "", "Accepted: shared VGs are always shown"},                                     \
      {"partial", 'P', Arg::Flag, "", "Accepted: VGs with missing PVs are always shown"},                        \
      {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted: reports take no locks"},                             \
      {"ignoreskippedcluster", 0, Arg::Flag, "", "Accepted"},                                                    \
      {"trustcache", 0, Arg::Flag, "", "Accepted: there is no cache"},                                           \
      {"configreport", 0, Arg::List, "log|vg|pv|lv|pvseg|seg", "Which report the next -o, -O and -S are for"}, { \
    "logonly", 0, Arg::Flag, "", "Keep a log of the command, and show that alone"                                \
  }

/// What the arguments and the settings say of a report.
Result<report::Options> report_options(const Args& args, report::Kind kind, const config::Settings& settings,
                                       int verbose);
/// -o '' is no list of fields.
Status check_fields(Session& session, const report::Options& options);
/// The report that the arguments ask for, printed.
Status print_report(Session& session, const Args& args, report::Kind kind);
/// The answer to --json of a command that else prints for people: a report of all fields of its kind, and of the
/// rows that `select` names.
Status print_typed(Session& session, Args args, report::Kind kind, const std::string& select = "");

/// What could not be read fails the command if it may belong to what was asked for, else it is a warning.
/// `missing`: something that was named is not there.
void tell_problems(Session& session, const ops::Inventory& inventory, const report::Options& options, bool missing);

/// What stands above a table that is not the only one.
std::string_view report_title(const report::Options& options);
/// The rows of the log for what a report of `inventory` was asked for; what is missing is told among them.
/// `labels`: as report::print() has it. Returns whether there was any.
bool log_reported(Session& session, const ops::Inventory& inventory, const report::Options& options,
                  bool labels = false);
/// The same of one VG of a report of everything, and of the PVs that are in none.
void log_full_report(Session& session, const ops::VgInfo& vg);
void log_full_orphans(Session& session, const ops::Inventory& inventory);
/// Fails with what of options.names is not there, each as the object that it names. Returns whether there was any.
bool fail_missing(Session& session, const ops::Inventory& inventory, const report::Options& options,
                  bool labels = false);

}  // namespace ashlar::cli
