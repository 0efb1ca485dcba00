// SPDX-License-Identifier: LGPL-2.1-or-later
// lvmdevices and vgimportdevices: the devices file by hand.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "ops/list_devices.h"
#include "ops/transaction.h"

namespace ashlar::cli {

namespace {
using Listing = ops::SystemOptions::Listing;

/// The System of a command that changes the file. --devices does not stand in its way: the file is what it is about.
void list_with(ops::SystemOptions& options, Listing listing) {
  options.listing = listing;
  options.explicit_devices = false;
  options.devices.clear();
}
void adapt_lvmdevices(ops::SystemOptions& options, const Args& args) {
  list_with(options, args.has("addpvid") ? Listing::Search : Listing::ByHand);
}
void adapt_vgimportdevices(ops::SystemOptions& options, const Args&) { list_with(options, Listing::Import); }

Result<Uuid> pv_argument(const Args& args, std::string_view option) {
  auto id = parse_uuid(args.value_or(option, ""));
  if (!id) return Error(Errc::NotFound, "Invalid PVID.");
  return *id;
}

Status list(Session& session, ops::System& sys) {
  std::vector<ops::ListedEntry> all = TRY(ops::listed_devices(sys));
  for (const ops::ListedEntry& each : all)
    session.out().line(printable(fmt::format("Device {} {}", each.device.empty() ? "none" : each.device,
                                             device::entry_line(each.entry, "none"))));
  session.document([all = std::move(all)] { return listed_json(all); });
  return ok();
}

/// The steps of a plan: what becomes of the file, whose state it is bound to. `run` does it all. `alone`: nothing of
/// the same plan writes to the file before.
void leave_for_later(Session& session, ops::System& sys, bool alone, std::function<Status(ops::System&)> run) {
  sys.transaction->remark(sys.devices_file->state() + ".");
  std::function<Status(ops::System&)> once = [alone, run = std::move(run)](ops::System& real) {
    real.devices_file->start_over();
    if (alone) real.devices_file->hold();
    return run(real);
  };
  for (std::string& difference : sys.devices_file->differences()) {
    session.afterwards(std::move(difference), once);
    once = [](ops::System&) { return ok(); };
  }
}

Status check(Session& session, ops::System& sys, bool update) {
  if (sys.transaction != nullptr && sys.devices_file != nullptr) sys.devices_file->start_over();
  ops::CheckedEntries checked = TRY(ops::check_listed(sys, update));
  for (const std::string& difference : checked.differences) session.out().error(difference);
  session.tell(checked.outcome);
  if (update && sys.transaction != nullptr) {
    leave_for_later(session, sys, true, [](ops::System& real) -> Status {
      TRY(ops::check_listed(real, true));
      return ok();
    });
    return ok();
  }
  if (update) {
    session.out().line(checked.written ? fmt::format("Updated devices file to version 1.1.{}", *checked.written)
                                       : "No update for devices file is needed.");
    return ok();
  }
  if (!checked.differences.empty()) return Error(Errc::Refused, "Updates needed for devices file.");
  return ok();
}

Status run_lvmdevices(Session& session, const Args& args) {
  std::string_view act;
  for (std::string_view option : {"check", "update", "adddev", "deldev", "addpvid", "delpvid"}) {
    if (args.has(option)) act = option;
  }
  const std::string type = args.value_or("deviceidtype", "");
  if (session.options().read_only && !act.empty() && act != "check")
    return Error(Errc::Refused, fmt::format("With --readonly the devices file is not changed: leave out --{}", act));
  ops::System& sys = *TRY(session.system());
  if (act.empty()) return list(session, sys);
  if (act == "check" || act == "update") return check(session, sys, act == "update");
  const std::string word = args.value_or(act, "");
  const Uuid pv = act.ends_with("pvid") ? TRY(pv_argument(args, act)) : Uuid();
  auto change = [act, word, pv, type](ops::System& on) {
    if (act == "adddev") return ops::list_device(on, word, type);
    if (act == "deldev") return ops::unlist_device(on, word, type);
    return act == "addpvid" ? ops::list_pv(on, pv, type) : ops::unlist_pv(on, pv);
  };
  if (sys.transaction != nullptr && sys.devices_file != nullptr) sys.devices_file->start_over();
  session.tell(TRY(change(sys)));
  if (sys.transaction != nullptr)
    leave_for_later(session, sys, true, [change](ops::System& real) -> Status {
      TRY(change(real));
      return ok();
    });
  return ok();
}

Status run_vgimportdevices(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  if (sys.devices_file == nullptr) return Error(Errc::NotFound, "Devices file not enabled.");
  std::vector<std::string> vgs = TRY(chosen_vgs(session, args, ExportedVgs::Too));
  if (vgs.empty() && session.failed()) return ok();  // a file with nothing in it would let no device pass
  if (sys.transaction != nullptr) sys.devices_file->start_over();
  ops::ImportedDevices done = TRY(ops::import_devices(sys, vgs));
  session.tell(done.outcome);
  if (!done.outcome.failures.empty()) return ok();
  if (sys.transaction != nullptr)
    leave_for_later(session, sys, false, [vgs](ops::System& real) -> Status {
      TRY(ops::import_devices(real, vgs));
      return ok();
    });
  session.out().line(done.count == 0 ? "No devices to add."
                                     : fmt::format("Added {} devices to devices file.", done.count));
  return ok();
}

constexpr Option kLvmdevicesOptions[] = {
    {"check", 0, Arg::Flag, "", "Say what in the file is no longer so; the status is 5 then"},
    {"update", 0, Arg::Flag, "", "Correct it"},
    {"adddev", 0, Arg::Value, "PV", "List a device"},
    {"deldev", 0, Arg::Value, "PV|String", "Take a device off the list; with --deviceidtype by its id"},
    {"addpvid", 0, Arg::Value, "String", "List the device that has this PV"},
    {"delpvid", 0, Arg::Value, "String", "Take the entry with this PV off the list"},
    {"deviceidtype", 0, Arg::Value, "String",
     "sys_wwid, sys_serial, mpath_uuid, crypt_uuid, lvmlv_uuid, md_uuid, loop_file or devname"},
};
constexpr Option kVgimportdevicesOptions[] = {
    {"all", 'a', Arg::Flag, "", "Of all VGs"},
    {"select", 'S', Arg::Last, "String", "Only VGs for which this holds"},
    {"foreign", 0, Arg::Flag, "", "Accepted: other hosts' VGs are left alone"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kLvmdevices{
    "lvmdevices",
    "Show and change the devices file",
    " | --check | --update | --adddev [--deviceidtype] | --addpvid [--deviceidtype] | --deldev [--deviceidtype] | --delpvid",
    kLvmdevicesOptions,
    run_lvmdevices,
    Effect::Elsewhere,
    false,
    nullptr,
    adapt_lvmdevices};
const Command kVgimportdevices{"vgimportdevices",
                               "List the devices of volume groups in the devices file",
                               "VG|@TAG... | --all",
                               kVgimportdevicesOptions,
                               run_vgimportdevices,
                               Effect::Changes,
                               false,
                               nullptr,
                               adapt_vgimportdevices};

}  // namespace ashlar::cli
