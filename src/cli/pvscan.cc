// SPDX-License-Identifier: LGPL-2.1-or-later
// pvscan: a list of PVs; and for udev's rules, what PVs have appeared and which VGs they complete.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/log.h"
#include "base/size_text.h"
#include "cli/choose.h"
#include "cli/display.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "metadata/model/query.h"
#include "ops/online.h"

namespace ashlar::cli {

namespace {
// ---- The list ------------------------------------------------------------------------------------------------------

constexpr std::string_view kNoVg =
    "#orphans_lvm2";  // as long as LVM2's name for PVs in no VG, which its columns leave room for

struct Totals {
  std::size_t count = 0, in_vg = 0, in_none = 0;
  Bytes size, size_in_vg, size_in_none;
};

bool wanted(const Args& args, const ChosenPv& p) {
  if (args.has("exported")) return p.vg != nullptr && p.vg->vg.status.has(VgFlag::Exported);
  return !args.has("novolumegroup") || p.vg == nullptr;
}

Bytes bytes_of(const ChosenPv& p) {
  if (p.vg != nullptr) return to_bytes(to_sectors(p.pv->pv.pe_count, p.vg->vg.extent_size));
  return p.pv->pv.dev_size && p.pv->pv.dev_size->n != 0 ? to_bytes(*p.pv->pv.dev_size) : p.pv->device_size;
}

std::string line_of(const ChosenPv& p, std::string name, std::size_t vg_width, const SizeFormat& units) {
  std::string size = display_size(bytes_of(p), units);
  if (p.vg == nullptr) return fmt::format("PV {}    {:<{}} lvm2 [{}]", name, "", vg_width, size);
  std::string free = display_size(to_bytes(to_sectors(p.usage->free_extents, p.vg->vg.extent_size)), units);
  if (p.vg->vg.status.has(VgFlag::Exported))
    return fmt::format("PV {}  is in exported VG {} [{} / {} free]", name, p.vg->vg.name, size, free);
  return fmt::format("PV {} VG {:<{}} lvm2 [{} / {} free]", name, p.vg->vg.name, vg_width, size, free);
}

Status list(Session& session, const Args& args) {
  if (args.has("exported") && args.has("novolumegroup"))
    return usage_error("pvscan", "Options -e and -n are incompatible");
  Output& out = session.out();
  if (args.has("exported")) out.error("WARNING: only considering physical volumes of exported volume group(s)");
  if (args.has("novolumegroup")) out.error("WARNING: only considering physical volumes in no volume group");
  if (args.has("json"))
    return print_typed(session, args, report::Kind::Pvs,
                       args.has("exported")        ? "vg_exported=1"
                       : args.has("novolumegroup") ? "vg_name=\"\""
                                                   : "");
  SizeFormat units = TRY(display_units(args, TRY(session.system())->settings));
  Choice choice = TRY(Choice::make(session, args, report::Kind::Pvs));
  std::vector<ChosenPv> pvs;
  std::size_t name_width = 0, vg_width = kNoVg.size() + 2;
  for (const ChosenPv& p : choice.pvs()) {
    if (p.vg != nullptr) vg_width = std::max(vg_width, p.vg->vg.name.size() + 2);
    name_width = std::max(name_width, p.device.size());
    if (wanted(args, p)) pvs.push_back(p);
  }
  Totals n;
  for (const ChosenPv& p : pvs) {
    const CommandLog::Work work(session.log(), p.vg, *p.pv);
    ++n.count;
    n.size += bytes_of(p);
    ++(p.vg == nullptr ? n.in_none : n.in_vg);
    (p.vg == nullptr ? n.size_in_none : n.size_in_vg) += bytes_of(p);
    std::string name = p.device;
    if (args.has("short")) {
      out.done(name);
      continue;
    }
    if (args.has("uuid"))
      name = fmt::format("{:<{}} with UUID {}   ", name, name_width, p.pv->pv.id.dashed());
    else
      name = fmt::format("{:<{}}", name, name_width + 2);
    out.done(line_of(p, name, vg_width, units));
  }
  if (pvs.empty()) {
    out.done("No matching physical volumes found");
    return ok();
  }
  out.done(fmt::format("Total: {} [{}] / in use: {} [{}] / in no VG: {} [{}]", n.count, display_size(n.size, units),
                       n.in_vg, display_size(n.size_in_vg, units), n.in_none, display_size(n.size_in_none, units)));
  return ok();
}

// ---- Events --------------------------------------------------------------------------------------------------------

/// "pvscan[123] PV /dev/sdb online.": who says it matters in a journal.
std::string said(const std::string& text) { return fmt::format("pvscan[{}] {}", ::getpid(), text); }

std::optional<device::DevNumber> parse_number(const std::string& word) {
  std::size_t colon = word.find(':');
  device::DevNumber number;
  auto part = [&](std::string_view text, std::uint32_t& into) {
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc() && !text.empty() && end == text.data() + text.size();
  };
  if (colon == std::string::npos || !part(std::string_view(word).substr(0, colon), number.major) ||
      !part(std::string_view(word).substr(colon + 1), number.minor))
    return std::nullopt;
  return number;
}

/// What an event is about: a device by path or by number.
struct Event {
  std::string path;
  std::optional<device::DevNumber> number;
};

Result<std::vector<Event>> events_of(const Args& args) {
  std::vector<Event> events;
  for (const std::string& word : args.positionals) {
    auto number = parse_number(word);
    events.push_back({number ? std::string() : word, number});
  }
  if (args.has("major") != args.has("minor"))
    return usage_error("pvscan", "Both major and minor must be given for a device.");
  if (args.has("major")) {
    auto number = parse_number(*args.value("major") + ":" + *args.value("minor"));
    if (!number) return Error(Errc::InvalidArgument, "Invalid argument for --major and --minor: two numbers");
    events.push_back({{}, number});
  }
  return events;
}

bool complete(const ops::OnlineFiles& online, const ops::VgInfo& vg, std::size_t& need) {
  need = 0;
  for (const PhysicalVolume& pv : vg.vg.pvs) need += online.has_pv(pv.id) ? 0 : 1;
  return need == 0;
}

/// May this host use the VG by itself?
bool usable(const ops::VgInfo& vg) { return !vg.foreign && !vg.vg.status.has(VgFlag::Exported); }

class Recorder {
 public:
  Recorder(Session& session, const Args& args, ops::System& sys, ops::Inventory inventory)
      : session_(session),
        args_(args),
        sys_(sys),
        inventory_(std::move(inventory)),
        online_(sys.run_dir.empty() ? "/run/lvm" : sys.run_dir) {}

  /// All PVs there are, from a clean slate.
  Status record_all() {
    if (!sys_.conduct.test) TRY(online_.clear());
    for (const ops::VgInfo& vg : inventory_.vgs) {
      for (const ops::PvInfo& pv : vg.pvs) {
        if (!pv.missing) TRY(record(vg, pv));
      }
    }
    for (const ops::PvInfo& pv : inventory_.orphans)
      session_.out().line(said(fmt::format("PV {} not used.", printable(pv.device))));
    return ok();
  }

  Status record(const Event& event) {
    for (const ops::VgInfo& vg : inventory_.vgs) {
      for (const ops::PvInfo& pv : vg.pvs) {
        if (!pv.missing && matches(pv, event)) return record(vg, pv);
      }
    }
    for (const ops::PvInfo& pv : inventory_.orphans) {
      if (!matches(pv, event)) continue;
      session_.out().line(said(fmt::format("PV {} not used.", printable(pv.device))));
      return ok();
    }
    // Gone, or no PV (any more).
    if (event.number && !sys_.conduct.test) TRY(online_.remove_pv(*event.number));
    if (!event.path.empty()) session_.out().error(said(fmt::format("{} not an lvm device.", printable(event.path))));
    return ok();
  }

  Status activate() {
    for (const auto& [name, vg] : completed_) {
      if (!TRY(claim(name))) {
        session_.out().line(said(fmt::format("VG {} skip autoactivation.", name)));
        continue;
      }
      session_.out().line(said(fmt::format("VG {} run autoactivation.", name)));
      ops::Activate request;
      request.vg = name;
      request.what = ops::Activate::What::AutoOn;
      auto done = ops::activate(sys_, request);
      if (!done) {
        session_.fail(done.error());
        continue;
      }
      session_.tell(done->outcome);
      session_.out().line(fmt::format("{} logical volume(s) in volume group \"{}\" now active", done->active, name));
    }
    return ok();
  }

 private:
  static bool matches(const ops::PvInfo& pv, const Event& event) {
    return event.number ? pv.number == event.number : pv.device == event.path;
  }

  Result<bool> claim(const std::string& vg) {
    if (sys_.conduct.test) return true;
    return online_.claim_vg(vg);
  }

  Status record(const ops::VgInfo& vg, const ops::PvInfo& pv) {
    const std::string& name = vg.vg.name;
    if (!usable(vg)) {
      session_.out().line(said(fmt::format("PV {} ignore VG {}.", printable(pv.device),
                                           vg.foreign ? "foreign " + name : "exported " + name)));
      return ok();
    }
    if (args_.has("cache") && pv.number && !sys_.conduct.test)
      TRY(online_.add_pv(pv.pv.id, *pv.number, name, pv.device).context(said("PV " + pv.device)));
    std::size_t need = 0;
    const bool all = complete(online_, vg, need);
    if (all) completed_.emplace(name, &vg);
    const bool asks = args_.has("listvg") || args_.has("listlvs");
    const bool checks = args_.has("activate") || args_.has("checkcomplete");
    const std::string state = !checks ? ""
                              : all   ? fmt::format(", VG {} is complete", name)
                                      : fmt::format(", VG {} incomplete (need {})", name, need);
    if (!asks || (checks && !args_.has("udevoutput")))
      session_.out().line(said(fmt::format("PV {} online{}.", printable(pv.device), state)));
    if (!asks) return ok();
    // Only the first to see it complete is told so.
    const bool finished = all && args_.has("checkcomplete") && args_.has("vgonline") && !TRY(claim(name));
    if (args_.has("udevoutput")) {
      if (!finished)
        session_.out().raw(
            fmt::format("LVM_VG_NAME_{}='{}'\n", !args_.has("checkcomplete") || all ? "COMPLETE" : "INCOMPLETE", name));
      return ok();
    }
    session_.out().line(fmt::format("VG {}{}", name, finished ? " finished" : completeness(all)));
    if (!args_.has("listvg")) list_lvs(vg, pv);
    return ok();
  }

  void list_lvs(const ops::VgInfo& vg, const ops::PvInfo& pv) {
    for (const LogicalVolume& lv : vg.vg.lvs) {
      if (!lies_on_pv(lv, pv.pv.id)) continue;
      const bool there = std::ranges::all_of(
          vg.vg.pvs, [&](const PhysicalVolume& each) { return !lies_on_pv(lv, each.id) || online_.has_pv(each.id); });
      session_.out().line(fmt::format("LV {}/{}{}", vg.vg.name, lv.name, completeness(there)));
    }
  }

  const char* completeness(bool all) const {
    return !args_.has("checkcomplete") ? "" : all ? " complete" : " incomplete";
  }

  Session& session_;
  const Args& args_;
  ops::System& sys_;
  ops::Inventory inventory_;
  ops::OnlineFiles online_;
  std::map<std::string, const ops::VgInfo*> completed_;
};

Status scan_events(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  if (!sys.settings.flag("global/event_activation")) {
    if (args.has("udevoutput")) session.out().raw("LVM_EVENT_ACTIVATION=0\n");
    return ok();
  }
  std::vector<Event> events = TRY(events_of(args));
  for (Event& event : events) {
    if (event.path.empty()) continue;
    auto device = sys.devices->find(event.path);
    if (device) {
      event.path = (*device)->path();
    } else {
      session.out().error(device.error().message());
      event.path.clear();
    }
  }
  Recorder recorder(session, args, sys, TRY(ops::inventory(sys)));
  const bool asks = args.has("listvg") || args.has("listlvs");
  if (asks && events.size() != 1) return usage_error("pvscan", "Please name one device with --listvg and --listlvs.");
  if (events.empty()) TRY(recorder.record_all());
  for (const Event& event : events) {
    if (!event.path.empty() || event.number) TRY(recorder.record(event));
  }
  if (args.has("activate")) TRY(recorder.activate());
  return ok();
}

Status run_pvscan(Session& session, const Args& args) {
  if (auto word = args.value("activate"); word && *word != "ay")
    return usage_error("pvscan", fmt::format("Only --activate ay allowed with pvscan, not {}.", printable(*word)));
  if (args.has("activate") && !args.has("cache")) return usage_error("pvscan", "Option --activate requires --cache.");
  for (std::string_view option : {"checkcomplete", "vgonline", "udevoutput"}) {
    if (args.has(option) && !(args.has("listvg") || args.has("listlvs")))
      return usage_error("pvscan", fmt::format("Option --{} requires --listvg or --listlvs.", option));
  }
  if (args.has("udevoutput") && !args.has("listvg"))
    return usage_error("pvscan", "Option --udevoutput goes with --listvg: there are no variables for LVs.");
  if (args.has("background") && !args.has("cache"))
    return usage_error("pvscan", "Command does not accept option: --background.");
  if (args.has("cache") || args.has("listvg") || args.has("listlvs")) return scan_events(session, args);
  if (!args.positionals.empty())
    return usage_error("pvscan", fmt::format("Command does not accept argument: {}.", printable(args.positionals[0])));
  return list(session, args);
}

constexpr Option kPvscanOptions[] = {
    {"exported", 'e', Arg::Flag, "", "Only PVs of exported VGs"},
    {"novolumegroup", 'n', Arg::Flag, "", "Only PVs in no VG"},
    {"short", 's', Arg::Flag, "", "Only their names"},
    {"uuid", 'u', Arg::Flag, "", "Their ids too"},
    {"cache", 0, Arg::Flag, "", "Record that PVs have appeared or gone"},
    {"background", 'b', Arg::Flag, "", "Accepted with --cache: nothing runs on behind the command"},
    {"activate", 'a', Arg::Value, "ay", "With --cache: activate VGs that are complete now"},
    {"autoactivation", 0, Arg::Value, "event", "Accepted: nothing is done where global/event_activation is off"},
    {"listvg", 0, Arg::Flag, "", "Show the VG of the PV"},
    {"listlvs", 0, Arg::Flag, "", "Show the LVs that lie on the PV"},
    {"checkcomplete", 0, Arg::Flag, "", "Say whether the VG is complete"},
    {"vgonline", 0, Arg::Flag, "", "Say so once only"},
    {"udevoutput", 0, Arg::Flag, "", "As variables for udev"},
    {"major", 'j', Arg::Value, "Number", "Number of the device"},
    {"minor", 0, Arg::Value, "Number", "Number of the device"},
    {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kPvscan{
    "pvscan",     "List physical volumes; record those that appear", "[PV|MAJOR:MINOR...]", kPvscanOptions, run_pvscan,
    Effect::Reads};

}  // namespace ashlar::cli
