// SPDX-License-Identifier: LGPL-2.1-or-later
// lvcreate: words to a request, a result to words.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/activation_options.h"
#include "cli/allocation_settings.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status parse_type(const Args& args, plan::CreateLv& lv) {
  std::string type = args.value_or("type", lv.stripes > 1 ? "striped" : "linear");
  if (type == "error" || type == "zero") {
    lv.unbacked = type == "zero" ? Unbacked::Kind::Zero : Unbacked::Kind::Error;
    for (std::string_view option : {"stripes", "stripesize"}) {
      if (args.has(option))
        return usage_error("lvcreate",
                           fmt::format("Command does not accept option: --{} {}.", option, *args.value(option)));
    }
    return ok();
  }
  if (args.has("type") && type == "linear" && lv.stripes > 1)
    return usage_error("lvcreate", fmt::format("Command does not accept option: --stripes {}.", lv.stripes));
  if (type != "linear" && type != "striped")
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --type: {}: Ashlar makes linear, striped, error and zero volumes",
                             printable(type)));
  return ok();
}

Result<std::string> vg_of(const Args& args, std::size_t& pvs_from, std::string& name) {
  pvs_from = 0;
  // -n VG/LV names the VG too; else it is the first argument, else LVM_VG_NAME.
  if (std::size_t slash = name.rfind('/'); slash != std::string::npos) {
    LvName full = TRY(parse_new_lv_name(name));
    name = full.lv;
    if (args.positionals.empty()) return full.vg;
    std::string vg = TRY(parse_new_vg_name(args.positionals[0]));
    if (vg != full.vg)
      return usage_error("lvcreate",
                         fmt::format("Inconsistent volume group names given: \"{}\" and \"{}\"", full.vg, vg));
    pvs_from = 1;
    return full.vg;
  }
  if (!args.positionals.empty()) {
    pvs_from = 1;
    return parse_new_vg_name(args.positionals[0]);
  }
  if (const char* vg = std::getenv("LVM_VG_NAME"); vg != nullptr) return parse_new_vg_name(vg);
  return usage_error("lvcreate", "Please provide a volume group name");
}

Status run_lvcreate(Session& session, const Args& args) {
  ops::CreateLv request;
  plan::CreateLv& lv = request.plan;
  lv.name = args.value_or("name", "");
  if (args.has("name") && lv.name.empty()) return Error(Errc::InvalidArgument, "Logical volume name \"\" is invalid.");
  std::size_t pvs_from = 0;
  request.vg = TRY(vg_of(args, pvs_from, lv.name));
  request.pvs.assign(args.positionals.begin() + static_cast<std::ptrdiff_t>(pvs_from), args.positionals.end());
  const auto size = TRY(parse_size_options(args));  // the forms want one
  if (size->sign == plan::SizeRequest::Sign::Minus) return Error(Errc::InvalidArgument, "Negative size is invalid.");
  lv.size = *size;
  lv.size.sign = plan::SizeRequest::Sign::Absolute;
  lv.stripes = TRY(parse_count(args, "stripes", kMaxStripes)).value_or(1);
  if (lv.stripes == 0) return Error(Errc::InvalidArgument, "Number of stripes (0) must be between 1 and 128.");
  lv.stripe_size = TRY(parse_bytes(args, "stripesize", 'k'));
  const bool striped = args.has("type") ? args.value("type") == "striped" : args.has("stripes") || args.has("mirrors");
  if (lv.stripe_size && !striped)
    return usage_error("lvcreate",
                       fmt::format("Command does not accept option: --stripesize {}.", *args.value("stripesize")));
  TRY(parse_type(args, lv));
  if (auto mirrors = TRY(parse_count(args, "mirrors", UINT32_MAX))) {
    if (*mirrors > 0)
      return Error(Errc::Unsupported,
                   fmt::format("Volumes with mirrors (--mirrors {}) are not handled by Ashlar yet.", *mirrors));
    if (args.has("type") && args.value("type") != "linear")
      return usage_error("lvcreate", "Command does not accept option: --mirrors 0.");
  }
  if (lv.unbacked && !request.pvs.empty())
    return usage_error("lvcreate", fmt::format("Command does not accept argument: {}.", printable(request.pvs[0])));
  lv.alloc = TRY(parse_alloc(args));
  if (TRY(args.yes_no("contiguous")).value_or(false)) {
    if (lv.alloc && *lv.alloc != AllocPolicy::Contiguous)
      return usage_error("lvcreate", "Conflicting --contiguous and --alloc.");
    lv.alloc = AllocPolicy::Contiguous;
  }
  lv.tags = TRY(parse_tags(args, "addtag"));
  lv.profile = TRY(parse_profile(args)).value_or("");
  lv.read_ahead = TRY(parse_read_ahead(args));
  lv.writable = TRY(parse_writable(args)).value_or(true);
  lv.activation_skip = TRY(args.yes_no("setactivationskip")).value_or(false);
  lv.no_autoactivate = !TRY(args.yes_no("setautoactivation")).value_or(true);
  if (args.value("persistent") == "n" && (args.has("minor") || args.has("major")))
    return Error(Errc::Refused, "Options --major and --minor are incompatible with -Mn.");
  bool persistent = TRY(args.yes_no("persistent")).value_or(args.has("minor"));
  if (auto minor = TRY(parse_count(args, "minor", UINT32_MAX / 2)); minor && persistent)
    lv.minor = static_cast<std::int32_t>(*minor);
  if (persistent && !lv.minor) return Error(Errc::Refused, "Please specify minor number with --minor when using -My");

  ops::System& sys = *TRY(session.system());
  const Major major = TRY(parse_major(args, sys.host.dm_major));
  if (persistent) lv.major = major.number;
  if (!major.warning.empty()) session.out().error(major.warning);
  take_allocation_settings(sys.settings, lv);
  lv.creation_time = sys.now();
  lv.creation_host = sys.host.name;
  const ops::Activate activation = TRY(parse_activation(args));
  request.activate =
      activation.what != ops::Activate::What::Off && (!lv.activation_skip || args.has("ignoreactivationskip"));
  request.automatic = activation.what == ops::Activate::What::AutoOn;
  request.ignore_skip = activation.ignore_skip;
  request.zero = TRY(args.yes_no("zero"));
  request.wipe = TRY(args.yes_no("wipesignatures"));
  const bool wipes = sys.settings.flag("allocation/wipe_signatures_when_zeroing_new_lvs") &&
                     sys.settings.flag("allocation/use_blkid_wiping");
  if (!request.wipe && !wipes) request.wipe = false;

  ops::CreatedLv done = TRY(ops::create_lv(sys, request));
  session.tell(done.outcome);
  if (args.has("mirrors") && !args.has("type")) session.out().done("Redundant mirrors argument: default is 0");
  session.out().done(fmt::format("Logical volume \"{}\" created.", done.lv));
  return ok();
}

constexpr Option kLvcreateOptions[] = {
    kAutobackup,
    {"size", 'L', Arg::Value, "Size[m]", "How large it is to be, rounded up to whole extents"},
    {"extents", 'l', Arg::Value, "Number[%VG|FREE|PVS]",
     "Size in extents, or as a part of the VG, of what is free in it, or of the PVs named"},
    {"name", 'n', Arg::Value, "String", "Name; lvolN if left out"},
    {"stripes", 'i', Arg::Value, "Number", "Spread over this many PVs"},
    {"stripesize", 'I', Arg::Value, "Size[k]", "How much goes to one PV before the next"},
    {"type", 0, Arg::Value, "linear|striped|error|zero", "Segment type"},
    {"mirrors", 'm', Arg::Value, "0", "Accepted: linear and striped LVs have none"},
    {"activate", 'a', Arg::Value, "y|n", "Activate the new LV"},
    {"zero", 'Z', Arg::Value, "y|n",
     "Clear its first 4 KiB; y: also with -an. Default: y if it is to be activated and writable"},
    {"wipesignatures", 'W', Arg::Value, "y|n",
     "Look for signatures such as a filesystem's on its extents and wipe them after asking. Default: if it is cleared"},
    {"permission", 'p', Arg::Value, "rw|r", "Writable or read-only"},
    {"readahead", 'r', Arg::Value, "auto|none|Sectors", "Read-ahead"},
    {"alloc", 0, Arg::Value, "Policy", "contiguous, cling, cling_by_tags, normal, anywhere or inherit"},
    {"contiguous", 'C', Arg::Value, "y|n", "y: --alloc contiguous"},
    {"addtag", 0, Arg::List, "Tag", "Tag of the LV"},
    {"metadataprofile", 0, Arg::Value, "String", "The profile of settings of the LV"},
    {"persistent", 'M', Arg::Value, "y|n", "Always the same minor number"},
    {"minor", 0, Arg::Value, "Number", "With -My: the minor number of its device"},
    {"major", 'j', Arg::Value, "Number", "Accepted; device-mapper has one"},
    {"setactivationskip", 'k', Arg::Value, "y|n", "Leave it out when the VG is activated"},
    {"ignoreactivationskip", 'K', Arg::Flag, "", "Activate it all the same"},
    {"setautoactivation", 0, Arg::Value, "y|n", "May it be activated by events"},
    {"ignoremonitoring", 0, Arg::Flag, "", "Accepted"},
    {"monitor", 0, Arg::Value, "y|n", "Accepted: linear and striped LVs are not monitored"},
    {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kLvcreate{"lvcreate", "Create a logical volume", "(--size|--extents) [VG [PV[:RANGE]...]]",
                        kLvcreateOptions, run_lvcreate};

}  // namespace ashlar::cli
