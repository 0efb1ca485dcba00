// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/activation_options.h"
#include "cli/choose.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Result<plan::ChangeVg> parse_vg_change(const Args& args) {
  plan::ChangeVg change;
  change.add_tags = TRY(parse_tags(args, "addtag"));
  change.del_tags = TRY(parse_tags(args, "deltag"));
  change.alloc = TRY(parse_alloc(args));
  change.resizeable = TRY(args.yes_no("resizeable"));
  change.autoactivate = TRY(args.yes_no("setautoactivation"));
  change.max_lv = TRY(parse_count(args, "logicalvolume", UINT32_MAX));
  change.max_pv = TRY(parse_count(args, "maxphysicalvolumes", UINT32_MAX));
  if (auto size = TRY(parse_bytes(args, "physicalextentsize", 'm'))) change.extent_size = to_sectors(*size);
  if (args.has("uuid")) change.new_id = Uuid();  // which one is drawn when it comes to it
  change.profile = TRY(parse_profile(args));
  if (auto id = args.value("systemid")) change.system_id = ops::usable_system_id(*id);
  change.metadata_copies = TRY(parse_copies(args));
  return change;
}

Status change_one(Session& session, ops::System& sys, const Args& args, const std::string& vg) {
  const bool refreshes = args.has("refresh");
  const bool activates = args.has("activate") || refreshes;
  plan::ChangeVg change = TRY(parse_vg_change(args));
  bool changes = !change.add_tags.empty() || !change.del_tags.empty() || change.alloc || change.resizeable ||
                 change.autoactivate || change.max_lv || change.max_pv || change.extent_size || change.new_id ||
                 change.system_id || change.metadata_copies || change.profile;
  if (!activates && !changes) {  // --monitor, --poll
    TRY(ops::meant_lvs(sys, vg, {}));
    return ok();
  }
  if (changes) {
    session.tell(TRY(ops::change_vg(sys, vg, change)));
    session.out().done(fmt::format("Volume group \"{}\" successfully changed", vg));
  }
  if (!activates) return ok();
  ops::Activate request = TRY(parse_activation(args));
  request.vg = vg;
  ops::Activated done = TRY(ops::activate(sys, request));
  session.tell(done.outcome);
  const auto open = std::count_if(done.outcome.failures.begin(), done.outcome.failures.end(),
                                  [](const Error& e) { return e.code() == Errc::Busy; });
  if (request.what == ops::Activate::What::Off && open > 0) {
    session.fail(Error(Errc::Busy,
                       fmt::format("Can't deactivate volume group \"{}\" with {} open logical volume(s)", vg, open)));
    return ok();
  }
  if (request.what != ops::Activate::What::Refresh)
    session.out().done(fmt::format("{} logical volume(s) in volume group \"{}\" now active", done.active, vg));
  return ok();
}

/// What the forms cannot say, since it depends on the value of -a.
Status check_activation(const Args& args) {
  if (!args.has("activate")) return ok();
  const bool off = TRY(parse_activation(args)).what == ops::Activate::What::Off;
  if (off && (args.has("monitor") || args.has("poll")))
    return usage_error("vgchange", "Only -ay* allowed with --monitor or --poll.");
  if (args.has("sysinit") && args.has("poll"))
    return usage_error("vgchange", "Only one of --poll and --sysinit permitted.");
  return ok();
}

/// Shared VGs need a lock manager, which there is none: what asks for one says so.
Status check_sharing(Session& session, const Args& args) {
  if (auto type = args.value("locktype"); type && *type != "none")
    return Error(Errc::Unsupported,
                 fmt::format("Lock type {} requires lvmlockd, which Ashlar does not use", printable(*type)));
  if (args.has("locktype")) session.out().error("Using lock type requires lvmlockd.");
  if (args.has("lockstart") || args.has("lockstop"))
    session.out().error("Using lock start and lock stop requires lvmlockd.");
  return ok();
}

Status run_vgchange(Session& session, const Args& args) {
  TRY(check_activation(args));
  TRY(check_sharing(session, args));
  if (args.has("systemid") && args.has("select"))
    return usage_error("vgchange", "Command does not accept option: --select.");
  ops::System& sys = *TRY(session.system());
  if (const auto of = args.value("autoactivation");
      of && (*of != "event" || !sys.settings.flag("global/event_activation"))) {
    session.out().line(*of == "event" ? "Skip vgchange for event and event_activation=0."
                                      : "Skip vgchange for unknown autoactivation value.");
    return ok();
  }
  return each_vg(session, args, [&](const std::string& vg) { return change_one(session, sys, args, vg); });
}

constexpr Option kVgchangeOptions[] = {
    kAutobackup,
    ASHLAR_ACTIVATION_OPTIONS,
    {"autoactivation", 0, Arg::Value, "event", "Do nothing where global/event_activation is off"},
    {"addtag", 0, Arg::List, "Tag", "Add a tag"},
    {"deltag", 0, Arg::List, "Tag", "Take a tag off"},
    {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal or anywhere"},
    {"resizeable", 'x', Arg::Value, "y|n", "May PVs join and leave"},
    {"setautoactivation", 0, Arg::Value, "y|n", "May it be activated by events"},
    {"logicalvolume", 'l', Arg::Value, "Number", "Most LVs it may have; 0: no limit"},
    {"maxphysicalvolumes", 'p', Arg::Value, "Number", "Most PVs it may have; 0: no limit"},
    {"physicalextentsize", 's', Arg::Value, "Size[m]", "Size of an extent; all must come out even"},
    {"uuid", 'u', Arg::Flag, "", "Give it a new random id"},
    {"systemid", 0, Arg::Value, "String", "Which host may use it"},
    {"vgmetadatacopies", 0, Arg::Value, "all|unmanaged|Number", "How many metadata areas are used"},
    {"metadatacopies", 0, Arg::Value, "all|unmanaged|Number", "The same"},
    {"metadataprofile", 0, Arg::Value, "String", "The profile of settings of the VG"},
    {"detachprofile", 0, Arg::Flag, "", "Take the metadata profile off"},
    {"select", 'S', Arg::Last, "String", "Only VGs for which this holds"},
    {"force", 'f', Arg::Flag, "", "Accepted"},
    {"locktype", 0, Arg::Value, "none", "Only none: there is no lock manager"},
    {"lockstart", 0, Arg::Flag, "", "Accepted: there is no lock manager"},
    {"lockstop", 0, Arg::Flag, "", "Accepted: there is no lock manager"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

Result<ops::Activate> parse_activation(const Args& args) {
  ops::Activate request;
  request.ignore_skip = args.has("ignoreactivationskip");
  if (auto word = args.value("activationmode")) {
    request.mode = ops::parse_activation_mode(*word);
    if (!request.mode)
      return Error(
          Errc::InvalidArgument,
          fmt::format("Invalid argument for --activationmode: {} (complete, degraded, partial)", printable(*word)));
  }
  if (args.has("partial")) request.mode = ops::Activate::Mode::Partial;
  if (args.has("refresh")) {
    request.what = ops::Activate::What::Refresh;
    return request;
  }
  // Exclusive and local mean nothing more on a VG that one host uses.
  std::string word = args.value_or("activate", "y");
  if (word == "y" || word == "ey" || word == "ly" || word == "sy")
    request.what = ops::Activate::What::On;
  else if (word == "ay")
    request.what = ops::Activate::What::AutoOn;
  else if (word == "n" || word == "ln" || word == "en")
    request.what = ops::Activate::What::Off;
  else
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --activate: {} (y, n, ay, ey, ly, ln)", printable(word)));
  return request;
}

const Command kVgchange{
    "vgchange", "Activate volume groups, change their properties",
    "--activate [--ignoreactivationskip] [--partial|--activationmode] [--autoactivation] [--sysinit] [--ignorelockingfailure] [--monitor] [--poll] [VG|@TAG...] | "
    "--refresh [--sysinit] [--ignorelockingfailure] [--poll] [VG|@TAG...] | "
    "(--addtag|--deltag|--alloc|--resizeable|--setautoactivation|--logicalvolume|--maxphysicalvolumes|--physicalextentsize|"
    "--uuid|--vgmetadatacopies|--metadatacopies|--metadataprofile|--detachprofile|--profile) [--vgmetadatacopies|--metadatacopies] "
    "[--metadataprofile|--detachprofile] [--poll] [VG|@TAG...] | "
    "--systemid VG|@TAG... | --monitor [--sysinit] [--ignorelockingfailure] [--poll] [VG|@TAG...] | "
    "--poll [--ignorelockingfailure] [VG|@TAG...] | --lockstart [VG|@TAG...] | --lockstop [VG|@TAG...] | --locktype [VG|@TAG...]",
    kVgchangeOptions, run_vgchange};

}  // namespace ashlar::cli
