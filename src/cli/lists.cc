// SPDX-License-Identifier: LGPL-2.1-or-later
// Small commands: what there is to choose from, and names of LVM2 that only say where to look.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status run_formats(Session& session, const Args&) {
  session.out().line("lvm2");
  return ok();
}

/// Those that Ashlar makes: programs ask to learn what they may use.
Status run_segtypes(Session& session, const Args&) {
  for (const char* type : {"linear", "striped", "zero", "error"}) session.out().line(type);
  return ok();
}

Status run_systemid(Session& session, const Args&) {
  session.out().line("system ID: " + printable((*TRY(session.system())).host.system_ids.own));
  return ok();
}

/// Tags of this host.
Status run_tags(Session& session, const Args&) {
  for (const std::string& tag : TRY(session.system())->settings.host_tags()) session.out().line(tag);
  return ok();
}

Status run_devtypes(Session& session, const Args& args) {
  report::Options options =
      TRY(report_options(args, report::Kind::DeviceTypes, TRY(session.system())->settings, session.verbose));
  TRY(check_fields(session, options));
  auto lines = report::print_device_types(options);
  if (!lines) return session.bad_report(lines.error());
  for (const std::string& line : *lines) session.out().report(line);
  return ok();
}

/// All rows of it, whatever the settings select.
Status run_lastlog(Session& session, const Args& args) {
  const ShellLog* log = session.program() == nullptr ? nullptr : session.program()->shell_log;
  if (log == nullptr || !log->last) return Error(Errc::Unsupported, "No log report stored.");
  report::Options options =
      TRY(report_options(args, report::Kind::Log, TRY(session.system())->settings, session.verbose));
  options.select = args.value_or("select", "");
  auto lines = log_lines(*log->last, options);
  if (!lines) return session.bad_report(lines.error());
  for (const std::string& line : *lines) session.out().report(line);
  return ok();
}
Status run_lvmsadc(Session&, const Args&) {
  return Error(Errc::Unsupported, "There's no 'lvmsadc' command: dmstats shows device-mapper's statistics.");
}
Status run_lvmsar(Session&, const Args&) {
  return Error(Errc::Unsupported, "There's no 'lvmsar' command: dmstats shows device-mapper's statistics.");
}
Status run_lvmchange(Session&, const Args&) {
  return Error(Errc::Unsupported, "There's no 'lvmchange' command: dmsetup resets device-mapper.");
}
Status run_pvdata(Session&, const Args&) {
  return Error(Errc::Unsupported, "There's no 'pvdata' command: use lvs, pvs, vgs, or pvck --dump metadata.");
}
Status run_lvpoll(Session&, const Args&) {
  return Error(Errc::Unsupported, "There is nothing to poll: Ashlar starts no operation that goes on by itself.");
}
Status run_vgconvert(Session&, const Args& args) {
  TRY(check_metadata_type(args));
  return Error(Errc::Unsupported, "There is one format, lvm2: a volume group in LVM1's is converted by an older lvm2.");
}

constexpr Option kDevtypesOptions[] = {ASHLAR_REPORT_LAYOUT_OPTIONS};
constexpr Option kLastlogOptions[] = {
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "As a table or as JSON"},
    {"select", 'S', Arg::Last, "String", "Only rows for which this holds"},
};
constexpr Option kVgconvertOptions[] = {
    {"metadatatype", 'M', Arg::Value, "lvm2", "The format"},
    {"force", 'f', Arg::Flag, "", "Accepted"},
};
constexpr Option kLvpollOptions[] = {
    {"polloperation", 0, Arg::Value, "pvmove|convert|merge", "What to poll for"},
    {"abort", 0, Arg::Flag, "", "Stop a pvmove"},
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
    {"interval", 'i', Arg::Value, "Seconds", "How often"},
};
}  // namespace

const Command kFormats{"formats", "List metadata formats", "", {}, run_formats, Effect::Reads};
const Command kSegtypes{"segtypes", "List the segment types that can be made", "", {}, run_segtypes, Effect::Reads};
const Command kSystemid{"systemid", "Show this host's system ID", "", {}, run_systemid, Effect::Reads};
const Command kTags{"tags", "List this host's tags", "", {}, run_tags, Effect::Reads};
const Command kDevtypes{"devtypes", "List types of block devices", "", kDevtypesOptions, run_devtypes, Effect::Reads};
const Command kLastlog{"lastlog",    "Show the last command's log report", "", kLastlogOptions, run_lastlog,
                       Effect::Reads};
const Command kLvmsadc{"lvmsadc", "Says that dmstats does it", "", {}, run_lvmsadc, Effect::Reads};
const Command kLvmsar{"lvmsar", "Says that dmstats does it", "", {}, run_lvmsar, Effect::Reads};
const Command kLvmchange{"lvmchange", "Says that dmsetup does it", "", {}, run_lvmchange, Effect::Reads};
const Command kPvdata{"pvdata", "Says that pvs and pvck do it", "", {}, run_pvdata, Effect::Reads};
const Command kLvpoll{"lvpoll",     "Says that there is nothing to poll", "LV...", kLvpollOptions, run_lvpoll,
                      Effect::Reads};
const Command kVgconvert{"vgconvert",  "Says that there is one format", "VG...", kVgconvertOptions, run_vgconvert,
                         Effect::Reads};

}  // namespace ashlar::cli
