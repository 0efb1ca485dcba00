// SPDX-License-Identifier: LGPL-2.1-or-later
// vgsplit and vgmerge.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status run_vgsplit(Session& session, const Args& args) {
  TRY(check_metadata_type(args));
  const std::vector<std::string>& words = args.positionals;
  const bool by_lv = args.has("name");
  ops::SplitVgs request;
  request.from = TRY(parse_vg_name(words[0]));
  request.plan.name = TRY(parse_vg_name(words[1]));
  request.devices.assign(words.begin() + 2, words.end());
  if (by_lv) {
    std::string lv = *args.value("name");
    if (lv.find('/') != std::string::npos) {
      LvName full = TRY(parse_lv_name(lv));
      if (full.vg != request.from)
        return Error(Errc::Refused,
                     fmt::format("Logical volume {} not in volume group {}", printable(lv), request.from));
      lv = full.lv;
    }
    request.plan.lv = lv;
  }
  request.plan.max_lv = TRY(parse_count(args, "maxlogicalvolumes", UINT32_MAX));
  request.plan.max_pv = TRY(parse_count(args, "maxphysicalvolumes", UINT32_MAX));
  request.plan.alloc = TRY(parse_alloc(args));
  request.plan.metadata_copies = TRY(parse_copies(args));
  auto done = ops::split_vg(*TRY(session.system()), request);
  if (!done) return std::move(done).error();
  session.tell(done->outcome);
  session.out().done(fmt::format("{} volume group \"{}\" successfully split from \"{}\"",
                                 done->fresh ? "New" : "Existing", request.plan.name, request.from));
  return ok();
}

Status run_vgmerge(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const std::string to = TRY(parse_vg_name(args.positionals[0]));
  const std::string from = TRY(parse_vg_name(args.positionals[1]));
  session.tell(TRY(ops::merge_vgs(sys, to, from)));
  session.out().done(fmt::format("Volume group \"{}\" successfully merged into \"{}\"", from, to));
  if (args.has("list")) session.out().line(fmt::format("Volume group \"{}\" now has the logical volumes of both", to));
  return ok();
}

constexpr Option kVgsplitOptions[] = {
    kAutobackup,
    {"name", 'n', Arg::Value, "LV", "The PVs on which this LV lies"},
    {"alloc", 0, Arg::Value, "Policy", "Of a new VG"},
    {"maxlogicalvolumes", 'l', Arg::Value, "Number", "Of a new VG"},
    {"maxphysicalvolumes", 'p', Arg::Value, "Number", "Of a new VG"},
    {"vgmetadatacopies", 0, Arg::Value, "all|unmanaged|Number", "Of a new VG"},
    {"metadatacopies", 0, Arg::Value, "all|unmanaged|Number", "The same"},
    {"metadatatype", 'M', Arg::Value, "lvm2", "Accepted"},
    {"poolmetadataspare", 0, Arg::Value, "y|n", "Accepted: there are no pools"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kVgmergeOptions[] = {
    kAutobackup,
    {"list", 'l', Arg::Flag, "", "Say more"},
    {"poolmetadataspare", 0, Arg::Value, "y|n", "Accepted: there are no pools"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgsplit{
    "vgsplit", "Move physical volumes to a new or another volume group",
    "[--vgmetadatacopies|--metadatacopies] VG VG PV... | --name [--vgmetadatacopies|--metadatacopies] VG VG",
    kVgsplitOptions, run_vgsplit};
const Command kVgmerge{"vgmerge", "Merge a volume group into another", "VG VG", kVgmergeOptions, run_vgmerge};

}  // namespace ashlar::cli
