// SPDX-License-Identifier: LGPL-2.1-or-later
// pvchange and pvresize: PV after PV, and a count of both kinds at the end.
#include <fmt/format.h>

#include "cli/choose.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
std::string volumes(std::size_t n) { return fmt::format("{} physical volume{}", n, n == 1 ? "" : "s"); }

Result<ops::ChangePv> parse_pv_change(const Args& args) {
  ops::ChangePv change;
  change.allocatable = TRY(args.yes_no("allocatable"));
  change.ignore_metadata = TRY(args.yes_no("metadataignore"));
  change.add_tags = TRY(parse_tags(args, "addtag"));
  change.del_tags = TRY(parse_tags(args, "deltag"));
  change.new_id = args.has("uuid");
  return change;
}

Status run_pvchange(Session& session, const Args& args) {
  ops::ChangePv change = TRY(parse_pv_change(args));
  ops::System& sys = *TRY(session.system());
  std::size_t changed = 0, kept = 0;
  for (const std::string& path : TRY(chosen_pvs(session, args))) {
    TRY(session.work_on_pv(path, [&]() -> Status {
      auto done = ops::change_pv(sys, path, change);
      if (!done) {
        session.fail(done.error());
        if (!ops::is_at_hand(sys, path)) return ok();
        session.out().error(fmt::format("Physical volume {} not changed", path));
        ++kept;
        return ok();
      }
      for (const std::string& note : done->outcome.notes) session.out().error(note);
      for (const Error& failure : done->outcome.failures) session.fail(failure);
      ++(done->changed ? changed : kept);
      session.out().done(done->changed ? fmt::format("Physical volume \"{}\" changed", path)
                                       : fmt::format("Physical volume {} not changed", path));
      return ok();
    }));
  }
  session.out().done(fmt::format("{} changed / {} not changed", volumes(changed), volumes(kept)));
  return ok();
}

Status run_pvresize(Session& session, const Args& args) {
  std::optional<Bytes> size = TRY(parse_bytes(args, "setphysicalvolumesize", 'm'));
  ops::System& sys = *TRY(session.system());
  std::size_t resized = 0, kept = 0;
  for (const std::string& path : TRY(chosen_pvs(session, args))) {
    TRY(session.work_on_pv(path, [&]() -> Status {
      auto done = ops::resize_pv(sys, path, size);
      if (!done) {
        session.fail(done.error());
        kept += ops::is_at_hand(sys, path) ? 1 : 0;
        return ok();
      }
      session.tell(*done);
      session.out().done(fmt::format("Physical volume \"{}\" changed", path));
      ++resized;
      return ok();
    }));
  }
  session.out().done(
      fmt::format("{} physical volume(s) resized or updated / {} physical volume(s) not resized", resized, kept));
  return ok();
}

constexpr Option kPvchangeOptions[] = {
    kAutobackup,
    {"all", 'a', Arg::Flag, "", "All PVs"},
    {"allocatable", 'x', Arg::Value, "y|n", "May LVs take extents of it"},
    {"uuid", 'u', Arg::Flag, "", "Give it a new random id"},
    {"addtag", 0, Arg::List, "Tag", "Add a tag"},
    {"deltag", 0, Arg::List, "Tag", "Take a tag off"},
    {"metadataignore", 0, Arg::Value, "y|n", "Keep no metadata in its areas"},
    {"select", 'S', Arg::Last, "String", "Only PVs for which this holds"},
    {"force", 'f', Arg::Flag, "", "Accepted"},
    {"ignoreskippedcluster", 0, Arg::Flag, "", "Accepted"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kPvresizeOptions[] = {
    {"setphysicalvolumesize", 0, Arg::Value, "Size[m]", "Pretend that the device has this size"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kPvchange{
    "pvchange", "Change properties of physical volumes",
    "(--allocatable|--uuid|--addtag|--deltag|--metadataignore) PV|@TAG... | (--allocatable|--uuid|--addtag|--deltag|--metadataignore) --all",
    kPvchangeOptions, run_pvchange};
const Command kPvresize{"pvresize", "Make physical volumes as large as their devices", "PV...", kPvresizeOptions,
                        run_pvresize};

}  // namespace ashlar::cli
