// SPDX-License-Identifier: LGPL-2.1-or-later
// vgcreate, vgextend, vgreduce, vgremove.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/pv_options.h"
#include "cli/table.h"
#include "cli/words.h"
#include "ops/metadata_copies.h"

namespace ashlar::cli {

namespace {
Status run_vgcreate(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  plan::CreateVg request;
  request.name = TRY(parse_new_vg_name(args.positionals[0]));
  // A bare number is MiB; the setting is in KiB.
  if (auto size = TRY(parse_bytes(args, "physicalextentsize", 'm')))
    request.extent_size = to_sectors(*size);
  else if (std::int64_t kib = sys.settings.number("allocation/physical_extent_size"); kib > 0)
    request.extent_size = {static_cast<std::uint64_t>(std::min<std::int64_t>(kib, 1 << 30)) * 2};
  request.max_lv = TRY(parse_count(args, "maxlogicalvolumes", UINT32_MAX)).value_or(0);
  request.max_pv = TRY(parse_count(args, "maxphysicalvolumes", UINT32_MAX)).value_or(0);
  request.alloc = TRY(parse_alloc(args)).value_or(AllocPolicy::Normal);
  request.tags = TRY(parse_tags(args, "addtag"));
  request.profile = TRY(parse_profile(args)).value_or("");
  request.autoactivate = TRY(args.yes_no("setautoactivation")).value_or(true);
  request.metadata_copies = TRY(parse_copies(args)).value_or(ops::copies_of_new_vg(sys.settings));
  if (const auto locks = args.value("locktype"); locks && *locks != "none")
    return Error(Errc::Unsupported,
                 fmt::format("Using a shared lock type ({}) requires lvmlockd, which Ashlar does not work with.",
                             printable(*locks)));
  ops::CreatePvs pv = TRY(parse_pv_options(args, sys));
  std::vector<std::string> devices(args.positionals.begin() + 1, args.positionals.end());
  request.system_id = sys.host.system_ids.own;
  if (auto id = args.value("systemid")) {
    request.system_id = ops::usable_system_id(*id);
    if (request.system_id.empty())
      session.out().error("WARNING: A VG without a system ID allows unsafe access from other hosts.");
    if (!ops::owns(sys.host.system_ids, request.system_id))
      session.out().error(
          fmt::format("WARNING: VG with system ID {} will not be accessible on this host.", request.system_id));
  }
  session.tell(TRY(ops::create_vg(sys, request, devices, pv)));
  std::string owner = request.system_id.empty() ? "" : " with system ID " + request.system_id;
  session.out().done(fmt::format("Volume group \"{}\" successfully created{}", request.name, owner));
  return ok();
}

Status run_vgextend(Session& session, const Args& args) {
  std::string vg = TRY(parse_vg_name(args.positionals[0]));
  ops::System& sys = *TRY(session.system());
  std::vector<std::string> devices(args.positionals.begin() + 1, args.positionals.end());
  if (args.has("restoremissing")) {
    session.tell(TRY(ops::restore_missing(sys, vg, devices)));
    session.out().done(fmt::format("Volume group \"{}\" successfully extended", vg));
    return ok();
  }
  ops::CreatePvs pv = TRY(parse_pv_options(args, sys));
  pv.force = 0;  // as LVM2 has it: what lies on a disk that joins is asked about all the same
  session.tell(TRY(ops::extend_vg(sys, vg, devices, pv)));
  session.out().done(fmt::format("Volume group \"{}\" successfully extended", vg));
  return ok();
}

Status reduce_missing(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  for (const std::string& word : args.positionals) {
    const std::string vg = TRY(parse_vg_name(word));
    auto done = ops::reduce_missing(sys, vg, args.has("force") && !args.has("mirrorsonly"));
    if (!done) {
      session.fail(done.error());
      continue;
    }
    Output& out = session.out();
    if (done->consistent) {
      out.done(fmt::format("Volume group \"{}\" is already consistent.", vg));
      continue;
    }
    for (const std::string& lv : done->removed_lvs)
      out.done(fmt::format("Logical volume \"{}\" successfully removed.", lv));
    session.tell(done->outcome);
    for (const std::string& lv : done->partial_lvs)
      out.error(fmt::format("WARNING: Partial LV {} needs to be repaired or removed.", lv));
    if (done->partial_lvs.empty() || args.has("mirrorsonly")) {
      out.done(fmt::format("Wrote out consistent volume group {}.", vg));
      continue;
    }
    out.error(fmt::format("There are still partial LVs in VG {}.", vg));
    out.error("To remove them unconditionally use: vgreduce --removemissing --force.");
    session.fail(
        Error(Errc::Partial, fmt::format("WARNING: Volume group {} keeps its missing PVs that hold LVs.", vg)));
  }
  return ok();
}

Status run_vgreduce(Session& session, const Args& args) {
  bool all = args.has("all");
  if (args.has("removemissing")) return reduce_missing(session, args);
  std::string vg = TRY(parse_vg_name(args.positionals[0]));
  std::vector<std::string> devices(args.positionals.begin() + 1, args.positionals.end());
  ops::ReducedVg done = TRY(ops::reduce_vg(*TRY(session.system()), vg, devices, all));
  for (const std::string& path : done.removed) {
    TRY(session.work_on_pv(path, [&]() -> Status {
      session.out().done(fmt::format("Removed \"{}\" from volume group \"{}\"", path, vg));
      return ok();
    }));
  }
  session.tell(done.outcome);
  return ok();
}

Status run_vgremove(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  return each_vg(session, args, [&](const std::string& vg) -> Status {
    const ops::Outcome done = TRY(ops::remove_vg(sys, vg, args.count("force")));
    session.tell(done);
    if (done.failures.empty()) session.out().done(fmt::format("Volume group \"{}\" successfully removed", vg));
    return ok();
  });
}

constexpr Option kVgcreateOptions[] = {
    kAutobackup,
    {"physicalextentsize", 's', Arg::Value, "Size[m]", "Size of an extent"},
    {"addtag", 0, Arg::List, "Tag", "Tag of the VG"},
    {"metadataprofile", 0, Arg::Value, "String", "The profile of settings of the VG"},
    {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal or anywhere"},
    {"maxlogicalvolumes", 'l', Arg::Value, "Number", "Most LVs it may have; 0: no limit"},
    {"maxphysicalvolumes", 'p', Arg::Value, "Number", "Most PVs it may have; 0: no limit"},
    {"setautoactivation", 0, Arg::Value, "y|n", "May it be activated by events"},
    {"systemid", 0, Arg::Value, "String", "The host that owns it; this host if left out"},
    {"locktype", 0, Arg::Value, "none", "Accepted: VGs are not shared"},
    {"vgmetadatacopies", 0, Arg::Value, "all|unmanaged|Number", "How many metadata areas are used"},
    {"metadatacopies", 0, Arg::Value, "all|unmanaged|Number", "The same"},
    ASHLAR_PV_OPTIONS,
};
constexpr Option kVgextendOptions[] = {
    kAutobackup,
    ASHLAR_PV_OPTIONS,
    {"restoremissing", 0, Arg::Flag, "", "PVs of the VG that were missing and are back hold what they should"},
};
constexpr Option kVgreduceOptions[] = {
    kAutobackup,
    {"all", 'a', Arg::Flag, "", "All PVs that are not used"},
    {"removemissing", 0, Arg::Flag, "", "Take missing PVs out that hold no LV"},
    {"force", 'f', Arg::Flag, "", "With --removemissing: remove the LVs on missing PVs too"},
    {"mirrorsonly", 0, Arg::Flag, "", "With --removemissing: leave LVs that are no mirrors alone"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kVgremoveOptions[] = {
    {"force", 'f', Arg::Flag, "", "Remove the LVs with it without asking"},
    {"select", 'S', Arg::Last, "String", "Only VGs for which this holds"},
    {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgcreate{"vgcreate", "Make a volume group of physical volumes",
                        "[--vgmetadatacopies|--metadatacopies] VG PV...", kVgcreateOptions, run_vgcreate};
const Command kVgextend{"vgextend", "Add physical volumes to a volume group", "VG PV...", kVgextendOptions,
                        run_vgextend};
const Command kVgreduce{"vgreduce", "Take unused physical volumes out of a volume group",
                        "VG PV... | --all VG | --removemissing [--mirrorsonly] VG", kVgreduceOptions, run_vgreduce};
const Command kVgremove{"vgremove", "Remove volume groups", "VG|@TAG...", kVgremoveOptions, run_vgremove};

}  // namespace ashlar::cli
