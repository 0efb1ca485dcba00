// SPDX-License-Identifier: LGPL-2.1-or-later
// lvchange, lvremove, lvrename.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/activation_options.h"
#include "cli/choose.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Result<plan::ChangeLv> parse_lv_change(const Args& args) {
  plan::ChangeLv change;
  change.add_tags = TRY(parse_tags(args, "addtag"));
  change.del_tags = TRY(parse_tags(args, "deltag"));
  change.writable = TRY(parse_writable(args));
  change.activation_skip = TRY(args.yes_no("setactivationskip"));
  change.autoactivate = TRY(args.yes_no("setautoactivation"));
  change.alloc = TRY(parse_alloc(args));
  if (auto contiguous = TRY(args.yes_no("contiguous")))
    change.alloc = *contiguous ? AllocPolicy::Contiguous : AllocPolicy::Inherit;
  change.read_ahead = TRY(parse_read_ahead(args));
  change.profile = TRY(parse_profile(args));
  change.persistent = TRY(args.yes_no("persistent"));
  if (auto minor = TRY(parse_count(args, "minor", UINT32_MAX / 2))) change.minor = static_cast<std::int32_t>(*minor);
  return change;
}

bool changes_anything(const plan::ChangeLv& c) {
  return !c.add_tags.empty() || !c.del_tags.empty() || c.writable || c.activation_skip || c.autoactivate || c.alloc ||
         c.read_ahead || c.persistent || c.minor || c.major || c.profile;
}

/// What is done to LVs of a VG at once is work on an LV where there is but one of them.
Status on_one(Session& session, const std::string& vg, const std::vector<std::string>& lvs,
              const std::function<Status()>& work) {
  return lvs.size() == 1 ? session.work_on_lv(vg, lvs[0], work) : work();
}

Status activate_group(Session& session, ops::System& sys, const Args& args, const std::string& vg,
                      const std::vector<std::string>& lvs) {
  ops::Activate request = TRY(parse_activation(args));
  request.vg = vg;
  request.lvs = lvs;
  const std::size_t failures = session.failures().size();
  TRY(on_one(session, vg, lvs, [&]() -> Status {
    session.tell(TRY(ops::activate(sys, request)).outcome);
    return ok();
  }));
  // Which of several has failed is in the words only.
  if (session.log() != nullptr && lvs.size() != 1 && failures == session.failures().size())
    session.log()->all_well(vg, lvs);
  return ok();
}

Status change_group(Session& session, const Args& args, const std::string& vg, const std::vector<std::string>& named) {
  ops::System& sys = *TRY(session.system());
  plan::ChangeLv change = TRY(parse_lv_change(args));
  const Major major = TRY(parse_major(args, sys.host.dm_major));
  change.major = major.number;
  if (!major.warning.empty()) session.out().error(major.warning);
  const bool activates = args.has("activate") || args.has("refresh");
  if (changes_anything(change)) {
    std::vector<std::string> lvs = named;
    // One alone needs no order, and no look at the disks for it.
    if (lvs.size() != 1) lvs = TRY(ops::meant_lvs(sys, vg, named));
    for (const std::string& lv : lvs) {
      change.lv = lv;
      Status done = session.work_on_lv(vg, lv, [&]() -> Status {
        session.tell(TRY(ops::change_lv(sys, vg, change)));
        if (!change.minor) session.out().done(fmt::format("Logical volume {}/{} changed.", vg, lv));
        return ok();
      });
      if (!done) session.fail(done.error());
    }
  }
  if (activates) TRY(activate_group(session, sys, args, vg, named));
  // Nothing is done to monitor or to poll, but as LVM2 has it there must be something to do it to.
  if (args.has("monitor") || args.has("poll")) {
    auto inactive = ops::inactive_lvs(sys, vg, named);
    const bool told = activates || changes_anything(change);  // that one is not there
    if (!inactive && inactive.error().code() == Errc::NotFound && told) return ok();
    for (const std::string& lv : TRY(std::move(inactive)))
      session.fail(Error(Errc::Refused, fmt::format("Logical volume {}/{} is not active.", vg, lv)));
  }
  return ok();
}

/// Runs `f` for each VG of the arguments; a failure of one does not keep the others from their turn.
template <class F>
Status each_group(Session& session, const Args& args, F f) {
  TRY(session.system());  // a log begins before its first object
  for (const auto& [vg, lvs] : TRY(chosen_lvs(session, args))) {
    Status status = session.work_on_vg(vg, [&, &vg = vg, &lvs = lvs] { return f(vg, lvs); });
    if (!status && status.error().code() == Errc::InvalidArgument) return status;
    if (!status) session.fail(status.error());
  }
  return ok();
}

Status run_lvchange(Session& session, const Args& args) {
  if (args.value("persistent") == "y" && !args.has("minor"))
    return usage_error("lvchange", "Please specify minor number with --minor when using -My.");
  if (args.has("minor") && args.value("persistent") != "y")
    return usage_error("lvchange", "--minor is only possible with -My.");
  if (args.has("minor") && args.positionals.empty())
    return usage_error("lvchange", "--minor is for one LV: name it, also where --select chooses.");
  return each_group(session, args, [&](const std::string& vg, const std::vector<std::string>& lvs) {
    return change_group(session, args, vg, lvs);
  });
}

Status run_lvremove(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  return each_group(session, args, [&](const std::string& vg, const std::vector<std::string>& lvs) -> Status {
    return on_one(session, vg, lvs, [&]() -> Status {
      ops::RemovedLvs done = TRY(ops::remove_lvs(sys, vg, lvs, args.count("force")));
      for (const std::string& lv : done.removed) {
        auto tell = [&]() -> Status {
          session.out().done(fmt::format("Logical volume \"{}\" successfully removed.", lv));
          return ok();
        };
        TRY(lvs.size() == 1 ? tell() : session.work_on_lv(vg, lv, tell));
      }
      session.tell(done.outcome);
      return ok();
    });
  });
}

Status run_lvrename(Session& session, const Args& args) {
  const std::vector<std::string>& words = args.positionals;
  std::string vg, from, to;
  if (words.size() == 3) {
    vg = TRY(parse_new_vg_name(words[0]));
    LvName old = words[1].find('/') == std::string::npos ? LvName{vg, words[1]} : TRY(parse_old_lv_name(words[1]));
    LvName fresh = words[2].find('/') == std::string::npos ? LvName{vg, words[2]} : TRY(parse_new_lv_name(words[2]));
    if (old.vg != vg || fresh.vg != vg)
      return usage_error("lvrename", "Logical volume names must have the same volume group");
    from = old.lv;
    to = fresh.lv;
  } else if (words.size() == 2) {
    LvName old = TRY(parse_old_lv_name(words[0], true));
    LvName fresh =
        words[1].find('/') == std::string::npos ? LvName{old.vg, words[1]} : TRY(parse_new_lv_name(words[1]));
    if (fresh.vg != old.vg)
      return Error(
          Errc::InvalidArgument,
          fmt::format("Logical volume names must have the same volume group (\"{}\" or \"{}\")", old.vg, fresh.vg));
    vg = old.vg;
    from = old.lv;
    to = fresh.lv;
  } else {
    return usage_error("lvrename", "Old and new logical volume names required");
  }
  session.tell(TRY(ops::rename_lv(*TRY(session.system()), vg, from, to)));
  session.out().done(fmt::format("Renamed \"{}\" to \"{}\" in volume group \"{}\"", from, to, vg));
  return ok();
}

constexpr Option kLvchangeOptions[] = {
    kAutobackup,
    ASHLAR_ACTIVATION_OPTIONS,
    {"permission", 'p', Arg::Value, "rw|r", "Writable or read-only"},
    {"addtag", 0, Arg::List, "Tag", "Add a tag"},
    {"deltag", 0, Arg::List, "Tag", "Take a tag off"},
    {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal, anywhere or inherit"},
    {"contiguous", 'C', Arg::Value, "y|n", "y: --alloc contiguous"},
    {"readahead", 'r', Arg::Value, "auto|none|Sectors", "Read-ahead"},
    {"persistent", 'M', Arg::Value, "y|n", "Always the same minor number"},
    {"minor", 0, Arg::Value, "Number", "With -My: the minor number of its device"},
    {"major", 'j', Arg::Value, "Number", "Accepted; device-mapper has one"},
    {"setactivationskip", 'k', Arg::Value, "y|n", "Leave it out when the VG is activated"},
    {"setautoactivation", 0, Arg::Value, "y|n", "May it be activated by events"},
    {"force", 'f', Arg::Flag, "", "Accepted"},
    {"select", 'S', Arg::Last, "String", "Only LVs for which this holds"},
    {"metadataprofile", 0, Arg::Value, "String", "The profile of settings of the LV"},
    {"detachprofile", 0, Arg::Flag, "", "Take the metadata profile off"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kLvremoveOptions[] = {
    kAutobackup,
    {"force", 'f', Arg::Flag, "", "Remove active LVs without asking"},
    {"select", 'S', Arg::Last, "String", "Only LVs for which this holds"},
    {"nohistory", 0, Arg::Flag, "", "Accepted: Ashlar keeps no removed LVs"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
    {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},
};
constexpr Option kLvrenameOptions[] = {
    kAutobackup,
    {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kLvchange{
    "lvchange", "Activate logical volumes, change their properties",
    "--activate [--ignoreactivationskip] [--partial|--activationmode] [--sysinit] [--ignorelockingfailure] [--monitor] [--poll] VG|LV... | "
    "--refresh [--partial|--activationmode] [--monitor] [--poll] VG|LV... | (--monitor|--poll) VG|LV... | "
    "(--addtag|--deltag|--alloc|--contiguous|--permission|--readahead|--persistent|--setactivationskip|--setautoactivation|"
    "--metadataprofile|--detachprofile|--profile) [--alloc|--contiguous] [--metadataprofile|--detachprofile] [--activate] [--monitor] [--poll] VG|LV... | "
    "--persistent --minor [--major] [--activate] [--monitor] [--poll] LV",
    kLvchangeOptions, run_lvchange};
const Command kLvremove{"lvremove", "Remove logical volumes", "VG|LV...", kLvremoveOptions, run_lvremove};
const Command kLvrename{"lvrename", "Give a logical volume another name", "VG LV NEW | VG/LV NEW", kLvrenameOptions,
                        run_lvrename};

}  // namespace ashlar::cli
