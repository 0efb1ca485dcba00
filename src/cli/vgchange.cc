// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "base/log.h"
#include "cli/activation_options.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
/// The VGs named, or all.
Result<std::vector<std::string>> vgs_of(Session& session, const Args& args) {
  if (args.positionals.empty()) return session.every_vg();
  std::vector<std::string> names;
  for (const std::string& word : args.positionals) names.push_back(TRY(parse_vg_name(word)));
  return names;
}

Result<plan::ChangeVg> parse_change(const Args& args) {
  plan::ChangeVg change;
  change.add_tags = TRY(parse_tags(args, "addtag"));
  change.del_tags = TRY(parse_tags(args, "deltag"));
  change.alloc = TRY(parse_alloc(args));
  change.resizeable = TRY(args.yes_no("resizeable"));
  change.autoactivate = TRY(args.yes_no("setautoactivation"));
  change.max_lv = TRY(parse_count(args, "logicalvolume", UINT32_MAX));
  if (!change.max_lv) change.max_lv = TRY(parse_count(args, "maxlogicalvolumes", UINT32_MAX));
  change.max_pv = TRY(parse_count(args, "maxphysicalvolumes", UINT32_MAX));
  return change;
}

Status change_one(Session& session, ops::System& sys, const Args& args, const std::string& vg) {
  bool activates = args.has("activate") || args.has("refresh");
  plan::ChangeVg change = TRY(parse_change(args));
  bool changes = !change.add_tags.empty() || !change.del_tags.empty() || change.alloc || change.resizeable || change.autoactivate ||
                 change.max_lv || change.max_pv;
  if (!activates && !changes) return usage_error("vgchange", "Please give an option that says what to change.");
  if (changes) {
    session.tell(TRY(ops::change_vg(sys, vg, change)));
    session.out().done(fmt::format("Volume group \"{}\" successfully changed", vg));
  }
  if (!activates) return ok();
  ops::Activate request = TRY(parse_activation(args));
  request.vg = vg;
  ops::Activated done = TRY(ops::activate(sys, request));
  session.tell(done.outcome);
  if (request.what != ops::Activate::What::Refresh)
    session.out().done(fmt::format("{} logical volume(s) in volume group \"{}\" now active", done.active, vg));
  return ok();
}

Status run_vgchange(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  for (const std::string& vg : TRY(vgs_of(session, args))) {
    Status status = change_one(session, sys, args, vg);
    if (!status && status.error().code() == Errc::InvalidArgument) return status;
    if (!status) session.fail(status.error());
  }
  return ok();
}

constexpr Option kOptions[] = {
    ASHLAR_ACTIVATION_OPTIONS,
    {"addtag", 0, Arg::List, "Tag", "Add a tag"},
    {"deltag", 0, Arg::List, "Tag", "Take a tag off"},
    {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal or anywhere"},
    {"resizeable", 'x', Arg::Value, "y|n", "May PVs join and leave"},
    {"setautoactivation", 0, Arg::Value, "y|n", "May it be activated by events"},
    {"logicalvolume", 'l', Arg::Value, "Number", "Most LVs it may have; 0: no limit"},
    {"maxlogicalvolumes", 0, Arg::Value, "Number", "The same"},
    {"maxphysicalvolumes", 'p', Arg::Value, "Number", "Most PVs it may have; 0: no limit"},
};
}  // namespace

Result<ops::Activate> parse_activation(const Args& args) {
  ops::Activate request;
  request.ignore_skip = args.has("ignoreactivationskip");
  if (args.has("partial")) return Error(Errc::Unsupported, "--partial is not handled by Ashlar yet: an LV with a missing PV stays inactive");
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
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --activate: {} (y, n, ay, ey, ly, ln)", printable(word)));
  return request;
}

const Command kVgchange{"vgchange", "Activate volume groups, change their properties", "[VG...]", kOptions, run_vgchange};

}  // namespace ashlar::cli
