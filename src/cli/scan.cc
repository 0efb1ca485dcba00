// SPDX-License-Identifier: LGPL-2.1-or-later
// vgscan, lvscan, lvmdiskscan: what there is, a line each.
#include <fmt/format.h>

#include <cctype>

#include "base/log.h"
#include "base/size_text.h"
#include "cli/choose.h"
#include "cli/display.h"
#include "cli/json_output.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/model/visibility.h"

namespace ashlar::cli {

namespace {
Status no_arguments(std::string_view command, const Args& args) {
  if (args.positionals.empty()) return ok();
  return Error(Errc::InvalidArgument,
               fmt::format("Command does not accept argument: {}.  Run '{} --help' for more information.",
                           printable(args.positionals[0]), command));
}

Status run_vgscan(Session& session, const Args& args) {
  TRY(no_arguments("vgscan", args));
  ops::System& sys = *TRY(session.system());
  if (args.has("cache")) session.out().error("Ignoring vgscan --cache command because lvmetad is no longer used.");
  if (args.has("json")) {
    TRY(print_typed(session, args, report::Kind::Vgs));
  } else {
    const Choice choice = TRY(Choice::make(session, args, report::Kind::Vgs));
    for (const ops::VgInfo* vg : choice.vgs()) {
      const CommandLog::Work work(session.log(), *vg);
      session.out().done(fmt::format("Found {}volume group \"{}\" using metadata type lvm2",
                                     vg->vg.status.has(VgFlag::Exported) ? "exported " : "", vg->vg.name));
    }
  }
  if (args.has("notifydbus"))
    return Error(Errc::Unsupported, "Cannot send D-Bus notification: Ashlar is built without lvmdbusd support.");
  if (args.has("mknodes")) session.tell(TRY(ops::make_nodes(sys)));
  return ok();
}

Status run_vgmknodes(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  LvsByVg lvs = args.positionals.empty() ? LvsByVg{} : TRY(chosen_lvs(session, args));
  if (args.has("refresh")) {
    std::vector<std::string> vgs;
    for (const auto& group : lvs) vgs.push_back(group.first);
    if (args.positionals.empty()) vgs = TRY(chosen_vgs(session, args));
    for (const std::string& vg : vgs) {
      ops::Activate request;
      request.vg = vg;
      request.what = ops::Activate::What::Refresh;
      for (const auto& group : lvs) {
        if (group.first == vg) request.lvs = group.second;
      }
      auto done = ops::activate(sys, request);
      if (done)
        session.tell(done->outcome);
      else
        session.fail(done.error());
    }
  }
  session.tell(TRY(ops::make_nodes(sys)));
  return ok();
}

Status run_lvscan(Session& session, const Args& args) {
  TRY(no_arguments("lvscan", args));
  if (args.has("json")) return print_typed(session, args, report::Kind::Lvs);
  ops::System& sys = *TRY(session.system());
  std::string dev = sys.settings.text("devices/dir");
  SizeFormat units = TRY(display_units(args, sys.settings));
  Choice choice = TRY(Choice::make(session, args, report::Kind::Lvs));
  for (const ops::VgInfo& vg : choice.inventory().vgs) {
    if (!choice.works_on(vg)) continue;
    const CommandLog::Work work_on_vg(session.log(), vg);
    for (const LogicalVolume& lv : vg.vg.lvs) {
      if (!choice.has(lv.id)) continue;
      const CommandLog::Work work(session.log(), vg, lv);
      session.out().done(fmt::format(
          "{:<9}         '{}/{}/{}' [{}] {}", vg.active.contains(lv.id) ? "ACTIVE" : "inactive", dev, vg.vg.name,
          lv.name, display_size(to_bytes(to_sectors(lv.extents(), vg.vg.extent_size)), units), policy_word(lv.alloc)));
    }
  }
  return ok();
}

/// Devices are told apart by whether their name ends in a digit, as LVM2 does.
struct DiskCounts {
  std::size_t disks = 0, partitions = 0, pv_disks = 0, pv_partitions = 0;
};

std::string counted(std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

Status run_lvmdiskscan(Session& session, const Args& args) {
  TRY(no_arguments("lvmdiskscan", args));
  ops::System& sys = *TRY(session.system());
  SizeFormat units = TRY(display_units(args, sys.settings));
  bool only_pvs = args.has("lvmpartition");
  if (only_pvs) session.out().error("WARNING: only considering LVM devices");
  std::vector<ops::SeenDevice> devices = TRY(ops::seen_devices(sys));
  if (only_pvs) std::erase_if(devices, [](const ops::SeenDevice& d) { return !d.pv; });
  session.document([devices] { return seen_json(devices); });
  std::size_t width = 0;
  for (const ops::SeenDevice& d : devices) {
    width = std::max(width, printable(d.path).size());
  }
  DiskCounts n;
  for (const ops::SeenDevice& d : devices) {
    bool digit = std::isdigit(static_cast<unsigned char>(d.path.back())) != 0;
    ++(d.pv ? digit ? n.pv_partitions : n.pv_disks : digit ? n.partitions : n.disks);
    session.out().line(fmt::format("{:<{}} [{:>15}] {}", printable(d.path), width, display_size(d.size, units),
                                   d.pv ? "LVM physical volume" : ""));
  }
  if (!only_pvs) {
    session.out().line(counted(n.disks, "disk"));
    session.out().line(counted(n.partitions, "partition"));
  }
  session.out().line(counted(n.pv_disks, "LVM physical volume whole disk"));
  session.out().line(counted(n.pv_partitions, "LVM physical volume"));
  return ok();
}

constexpr Option kVgscanOptions[] = {
    {"mknodes", 0, Arg::Flag, "", "Make the nodes of active LVs too"},
    {"cache", 0, Arg::Flag, "", "Accepted: nothing is cached"},
    {"notifydbus", 0, Arg::Flag, "", "Refused: there is no D-Bus service"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted: reading takes no locks"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
    {"foreign", 0, Arg::Flag, "", "VGs of other hosts too"},
    {"partial", 'P', Arg::Flag, "", "Accepted: VGs with missing PVs are always shown"},
};
constexpr Option kVgmknodesOptions[] = {
    {"refresh", 0, Arg::Flag, "", "Load the tables of active LVs anew first"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kLvscanOptions[] = {
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
    {"blockdevice", 'b', Arg::Flag, "", "Accepted"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted: reading takes no locks"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kLvmdiskscanOptions[] = {
    {"lvmpartition", 'l', Arg::Flag, "", "Only PVs"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgscan{"vgscan", "List volume groups", "", kVgscanOptions, run_vgscan, Effect::Reads};
const Command kVgmknodes{"vgmknodes",   "Make the nodes of active logical volumes",
                         "[VG|LV...]",  kVgmknodesOptions,
                         run_vgmknodes, Effect::Reads};
const Command kLvscan{"lvscan", "List logical volumes", "", kLvscanOptions, run_lvscan, Effect::Reads};
const Command kLvmdiskscan{
    "lvmdiskscan", "List devices that may hold physical volumes", "", kLvmdiskscanOptions, run_lvmdiskscan,
    Effect::Reads};

}  // namespace ashlar::cli
