// SPDX-License-Identifier: LGPL-2.1-or-later
// fullreport: for each VG a report of it, its PVs, LVs and their segments; then those of PVs in no VG.
#include <fmt/format.h>

#include <array>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "report/columns.h"

namespace ashlar::cli {

namespace {
using report::Kind;

/// One of the reports, in the order in which they are printed.
struct Part {
  std::string_view name;      ///< for --configreport
  std::string_view settings;  ///< report/NAME_cols_full
  Kind kind;
  bool segments;
  bool of_orphans;  ///< PVs in no VG have it too
  report::Object object;
};
constexpr std::array<Part, 5> kParts = {{{"vg", "vgs", Kind::Vgs, false, false, report::Object::Vg},
                                         {"pv", "pvs", Kind::Pvs, false, true, report::Object::Pv},
                                         {"lv", "lvs", Kind::Lvs, false, false, report::Object::Lv},
                                         {"pvseg", "pvsegs", Kind::Pvs, true, true, report::Object::PvSegment},
                                         {"seg", "segs", Kind::Lvs, true, false, report::Object::Segment}}};
using PartOptions = std::array<report::Options, kParts.size()>;

/// -o, -O and -S are of the report that the --configreport before them names.
Result<PartOptions> part_options(const Args& args, const config::Settings& settings, int verbose) {
  PartOptions options;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    report::Options& o = options[i];
    o = TRY(report_options(args, kParts[i].kind, settings, verbose));
    std::string part(kParts[i].settings);
    o.fields.clear();
    o.select.clear();
    o.sort.clear();
    o.names.clear();
    o.segments = kParts[i].segments;
    o.exported = true;
    o.default_fields = settings.text("report/" + part + "_cols_full");
    o.default_sort = settings.text("report/" + part + "_sort_full");
  }
  report::Options* current = nullptr;
  for (const auto& [option, value] : args.sequence) {
    if (option == "configreport") {
      auto at = std::find_if(kParts.begin(), kParts.end(), [&word = value](const Part& p) { return p.name == word; });
      current = at == kParts.end() ? nullptr : &options[static_cast<std::size_t>(at - kParts.begin())];
      if (current == nullptr && value != "log")
        return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --configreport: {}", printable(value)));
    }
    if (current == nullptr) continue;
    if (option == "options") current->fields.push_back(value);
    if (option == "sort") current->sort = value;
    if (option == "select") current->select = value;
  }
  return options;
}

/// Each part has lines of its own kind: a field of another object would make other lines of it, and as LVM2 has it such
/// a field goes to the part that it belongs to. Segments of PVs know the LV on them.
Status check_parts(const PartOptions& options) {
  using report::Object;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const Part& part = kParts[i];
    const bool of_lvs = part.kind == Kind::Lvs, of_pvs = part.kind == Kind::Pvs;
    if (of_pvs && part.segments) continue;
    const report::Options& o = options[i];
    const char* foreign = nullptr;
    if (!of_lvs && report::asks(o, {Object::Lv, Object::LvInfo, Object::LvStatus, Object::LvInfoStatus}))
      foreign = "lv";
    else if (!(of_lvs && part.segments) && report::asks(o, {Object::Segment}))
      foreign = "seg";
    else if (!of_pvs && report::asks(o, {Object::Pv, Object::Label}))
      foreign = "pv";
    else if (report::asks(o, {Object::PvSegment}))
      foreign = "pvseg";
    if (foreign != nullptr)
      return Error(Errc::Refused, fmt::format("The report \"{}\" cannot have fields of \"{}\": ask for them behind "
                                              "--configreport {}",
                                              part.name, foreign, foreign));
  }
  return ok();
}

class Printer {
 public:
  Printer(Session& session, PartOptions options) : session_(session), options_(std::move(options)) {
    json_ = options_[0].format != report::Options::Format::Basic;
    if (session_.log() != nullptr) session_.log()->begin_report();
    if (json_) add({"{", "    \"report\": ["});
  }

  Status group(const ops::Inventory& inventory, bool orphans) {
    if (json_ && !first_group_) add({"        ,"});
    if (json_) add({"        {"});
    first_group_ = false;
    bool first = true;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      if (orphans && !kParts[i].of_orphans) continue;
      auto lines = report::print(inventory, options_[i]);
      if (!lines) return session_.bad_report(lines.error());
      if (json_ && !first) add({"            ,"});
      first = false;
      if (!json_ && session_.log() != nullptr) titled(kParts[i], *lines);
      add(json_ ? report::bare_array(*lines) : *lines);
    }
    if (json_) add({"        }"});
    return ok();
  }

  void end() {
    if (json_) add({"    ]", "}"});
    if (session_.log() != nullptr) return session_.log()->show(std::move(lines_), "", json_);
    for (const std::string& line : lines_) session_.out().report(line);
  }

 private:
  void add(const std::vector<std::string>& lines) { lines_.insert(lines_.end(), lines.begin(), lines.end()); }
  /// Beside a log each table has its title, and a line before it.
  void titled(const Part& part, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    if (!lines_.empty()) add({""});
    add(title_lines(report::group_title(part.object)));
  }

  Session& session_;
  std::vector<std::string> lines_;
  PartOptions options_;
  bool json_ = false, first_group_ = true;
};

Status run_fullreport(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  PartOptions options = TRY(part_options(args, sys.settings, session.verbose));
  for (report::Options& o : options) o.now = sys.now();
  TRY(check_parts(options));
  // -S belongs to a part, not to the choice of VGs.
  Args names;
  names.positionals = args.positionals;
  for (const char* flag : {"foreign", "all"}) {
    if (args.has(flag)) names.add(flag, "");
  }
  Choice choice = TRY(Choice::make(session, names, Kind::Vgs));
  Printer printer(session, std::move(options));
  const bool with_orphans = args.positionals.empty();
  for (const ops::VgInfo* vg : choice.vgs()) {
    TRY(printer.group({{*vg}, {}, {}}, false));
    if (session.log() != nullptr) log_full_report(session, *vg);
  }
  if (with_orphans && !choice.inventory().orphans.empty())
    TRY(printer.group({{}, choice.inventory().orphans, {}}, true));
  if (with_orphans && session.log() != nullptr) log_full_orphans(session, choice.inventory());
  printer.end();
  return ok();
}

constexpr Option kFullreportOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
};
}  // namespace

const Command kFullreport{"fullreport",       "Report on everything", "[VG...]",
                          kFullreportOptions, run_fullreport,         Effect::Reads};

}  // namespace ashlar::cli
