// SPDX-License-Identifier: LGPL-2.1-or-later
// lvextend, lvreduce, lvresize: one function, three directions.
#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "base/size_text.h"
#include "cli/allocation_settings.h"
#include "cli/table.h"
#include "cli/words.h"
#include "metadata/model/foreign.h"
#include "ops/filesystem.h"

namespace ashlar::cli {

namespace {
using Direction = plan::ResizeLv::Direction;

/// Of what is added; one stripe is striped too, as metadata has it.
Result<plan::ResizeLv::Type> added_type(const Args& args, std::string_view command) {
  using Type = plan::ResizeLv::Type;
  const auto type = args.value("type");
  if (!type) return Type::AsTheEnd;
  if (*type == "striped") return Type::Striped;
  if (*type == "error") return Type::Error;
  if (*type == "zero") return Type::Zero;
  if (!is_known_type(*type))
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --type: {}", printable(*type)));
  if (*type != "linear")
    return Error(
        Errc::Unsupported,
        fmt::format("VolumeType does not match ({}): Ashlar extends by linear, striped, error and zero segments",
                    printable(*type)));
  if (TRY(parse_count(args, "stripes", UINT32_MAX)).value_or(1) > 1)
    return usage_error(command, "Cannot use stripes with linear type.");
  return Type::Striped;
}

/// -r, or --fs as LVM2 has it since 2.03.17: "ignore" is what happens without either.
Result<bool> with_filesystem(const Args& args, std::string_view command) {
  const std::string fs = args.value_or("fs", args.has("resizefs") ? "resize" : "ignore");
  if (fs == "ignore" && args.has("resizefs"))
    return usage_error(command, "--resizefs and --fs ignore contradict each other.");
  if (fs == "resize" || fs == "resize_fsadm" || fs == "ignore") return fs != "ignore";
  return Error(Errc::InvalidArgument,
               fmt::format("Invalid argument for --fs: {} (ignore, resize or resize_fsadm)", printable(fs)));
}

/// The filesystem grows when its volume has.
Status grow_later(Session& session, ops::System& sys, const LvName& name, const ops::ResizedLv& done, bool check) {
  const ops::Filesystem fs = TRY(ops::find_filesystem(sys, dm::device_name(name.vg, name.lv)));
  const Bytes from = to_bytes(to_sectors(done.before, done.extent_size)),
              to = to_bytes(to_sectors(done.after, done.extent_size));
  const bool checked = check && !ops::check_program(fs).empty();
  session.afterwards(fmt::format("{} the {} on {}/{} to {}.", checked ? "Check and grow" : "Grow", ops::described(fs),
                                 name.vg, name.lv, human_size(to)),
                     [name, from, to, check](ops::System& real) {
                       return ops::grow_filesystem(real, name.vg, name.lv, from, to, check);
                     });
  return ok();
}

Status resize(Session& session, const Args& args, std::string_view command, Direction direction) {
  LvName name = TRY(parse_lv_name(args.positionals[0], true));
  if (name.lv.empty())
    return usage_error(command, fmt::format("Please provide a logical volume name, not the VG {} alone.", name.vg));
  std::vector<std::string> pvs(args.positionals.begin() + 1, args.positionals.end());
  const plan::ResizeLv::Type type = TRY(added_type(args, command));
  if (TRY(parse_count(args, "mirrors", UINT32_MAX)).value_or(0) > 0)
    return Error(Errc::Unsupported, "Cannot vary number of mirrors: Ashlar does not handle mirrors yet.");
  const bool with_fs = TRY(with_filesystem(args, command));
  plan::ResizeLv request;
  request.lv = name.lv;
  request.direction = direction;
  request.type = type;
  request.stripes = TRY(parse_count(args, "stripes", UINT32_MAX));
  request.stripe_size = TRY(parse_bytes(args, "stripesize", 'k'));
  request.alloc = TRY(parse_alloc(args));
  auto size = TRY(parse_size_options(args));
  if (size) {
    request.size = *size;
  } else {
    // PVs alone: all that is free on them.
    request.size = {plan::SizeRequest::Sign::Plus, plan::Percent{100, plan::Percent::Of::Pvs}};
  }
  ops::System& sys = *TRY(session.system());
  take_allocation_settings(sys.settings, request);
  ops::ResizedLv done = TRY(with_fs ? ops::resize_lv_with_fs(sys, name.vg, request, pvs, !args.has("nofsck"))
                                    : ops::resize_lv(sys, name.vg, request, pvs, args.has("force")));
  if (done.after < done.before && done.was_active && !with_fs)
    session.out().error(
        fmt::format("WARNING: Reducing active{} logical volume to {}. THIS MAY DESTROY YOUR DATA (filesystem etc.)",
                    done.was_open ? " and open" : "", human_size(to_bytes(to_sectors(done.after, done.extent_size)))));
  session.tell(done.outcome);
  if (with_fs && sys.transaction != nullptr && done.after > done.before)
    TRY(grow_later(session, sys, name, done, !args.has("nofsck")));
  auto shown = [&](Extents e) {
    return fmt::format("{} ({} extents)", human_size(to_bytes(to_sectors(e, done.extent_size))), e.n);
  };
  session.out().done(done.after == done.before ? fmt::format("Size of logical volume {}/{} unchanged from {}.", name.vg,
                                                             name.lv, shown(done.before))
                                               : fmt::format("Size of logical volume {}/{} changed from {} to {}.",
                                                             name.vg, name.lv, shown(done.before), shown(done.after)));
  session.out().done(fmt::format("Logical volume {}/{} successfully resized.", name.vg, name.lv));
  return ok();
}

Status run_lvextend(Session& s, const Args& a) { return resize(s, a, "lvextend", Direction::Extend); }
Status run_lvreduce(Session& s, const Args& a) { return resize(s, a, "lvreduce", Direction::Reduce); }
Status run_lvresize(Session& s, const Args& a) { return resize(s, a, "lvresize", Direction::Either); }

#define ASHLAR_RESIZE_OPTIONS                                                                                       \
  {"size", 'L', Arg::Value, "[+|-]Size[m]", "New size, or how much more or less"},                                  \
      {"extents", 'l', Arg::Value, "[+|-]Number[%VG|FREE|PVS|LV]", "The same in extents, or a part of something"},  \
      {"force", 'f', Arg::Flag, "", "Reduce without asking"},                                                       \
      {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},                                                     \
      {"resizefs", 'r', Arg::Flag, "", "The filesystem on it too (ext2, ext3, ext4, xfs, btrfs; also in LUKS)"},    \
      {"fs", 0, Arg::Value, "ignore|resize|resize_fsadm", "resize: as -r; ignore: only the volume, as without -r"}, \
      {"nofsck", 'n', Arg::Flag, "", "With -r: do not check it before it grows"}, {                                 \
    "reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"                 \
  }
#define ASHLAR_GROW_OPTIONS                                                                                  \
  {"stripes", 'i', Arg::Value, "Number", "Stripes of the added part; as the last segment if left out"},      \
      {"stripesize", 'I', Arg::Value, "Size[k]", "Stripe size of the added part"},                           \
      {"type", 0, Arg::Value, "linear|striped|error|zero", "Segment type of the added part"},                \
      {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal, anywhere or inherit"}, { \
    "nosync", 0, Arg::Flag, "", "Accepted: there is nothing to bring in step"                                \
  }

constexpr Option kExtend[] = {kAutobackup,
                              ASHLAR_RESIZE_OPTIONS,
                              ASHLAR_GROW_OPTIONS,
                              {"mirrors", 'm', Arg::Value, "0", "Accepted: linear and striped LVs have none"}};
constexpr Option kResize[] = {kAutobackup, ASHLAR_RESIZE_OPTIONS, ASHLAR_GROW_OPTIONS};
constexpr Option kShrink[] = {kAutobackup, ASHLAR_RESIZE_OPTIONS};
}  // namespace

const Command kLvextend{"lvextend", "Make a logical volume larger",
                        "(--size|--extents) LV [PV[:RANGE]...] | LV PV[:RANGE]...", kExtend, run_lvextend};
const Command kLvreduce{"lvreduce", "Make a logical volume smaller", "(--size|--extents) LV", kShrink, run_lvreduce};
const Command kLvresize{"lvresize", "Give a logical volume another size",
                        "(--size|--extents) LV [PV[:RANGE]...] | LV PV[:RANGE]...", kResize, run_lvresize};

}  // namespace ashlar::cli
