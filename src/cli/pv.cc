// SPDX-License-Identifier: LGPL-2.1-or-later
// pvcreate and pvremove.
#include <fmt/format.h>

#include "base/log.h"
#include "cli/pv_options.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

Result<ops::CreatePvs> parse_pv_options(const Args& args, const ops::System& sys) {
  const config::Settings& s = sys.settings;
  ops::CreatePvs request;
  TRY(check_metadata_type(args));
  request.force = args.count("force");
  // A PV that is put back must not lose what lies before its label.
  request.zero = TRY(args.yes_no("zero")).value_or(!args.has("uuid") && !args.has("restorefile"));
  request.ignore_metadata = TRY(args.yes_no("metadataignore")).value_or(s.flag("metadata/pvmetadataignore"));

  store::PvLayoutRequest& layout = request.layout;
  layout.detect_alignment = s.flag("devices/data_alignment_detection");
  layout.detect_offset = s.flag("devices/data_alignment_offset_detection");
  layout.data_alignment = TRY(parse_bytes(args, "dataalignment", 'k'));
  if (std::int64_t kib = s.number("devices/data_alignment"); !layout.data_alignment && kib > 0)
    layout.data_alignment = Bytes{static_cast<std::uint64_t>(std::min<std::int64_t>(kib, 1 << 30)) << 10};
  if (std::int64_t mib = s.number("devices/default_data_alignment"); mib > 0)
    layout.default_data_alignment = Bytes{static_cast<std::uint64_t>(std::min<std::int64_t>(mib, 1 << 20)) << 20};
  layout.data_alignment_offset = TRY(parse_bytes(args, "dataalignmentoffset", 'k'));
  layout.label_sector = TRY(parse_count(args, "labelsector", 3)).value_or(1);
  layout.metadata_size = TRY(parse_bytes(args, "metadatasize", 'm'));
  if (std::int64_t sectors = s.number("metadata/pvmetadatasize"); sectors > 0)
    layout.default_metadata_size =
        to_bytes({static_cast<std::uint64_t>(std::min<std::int64_t>(sectors, std::int64_t{1} << 40))});
  const auto copies = TRY(parse_count(args, "pvmetadatacopies", 2));
  layout.metadata_copies =
      copies ? *copies : static_cast<unsigned>(std::clamp<std::int64_t>(s.number("metadata/pvmetadatacopies"), 0, 2));
  return request;
}

namespace {
Status run_pvcreate(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  ops::CreatePvs request = TRY(parse_pv_options(args, sys));
  if (const auto copies = TRY(parse_count(args, "metadatacopies", 2))) request.layout.metadata_copies = *copies;
  if (args.has("metadataignore") && request.layout.metadata_copies == 0)
    return usage_error("pvcreate", "metadataignore only applies to metadatacopies > 0.");
  request.devices = args.positionals;
  request.wipe = TRY(args.yes_no("wipesignatures"));
  request.restore_file = args.value_or("restorefile", "");
  request.no_restore_file = args.has("norestorefile");
  request.size = TRY(parse_bytes(args, "setphysicalvolumesize", 'm'));
  request.layout.bootloader_size = TRY(parse_bytes(args, "bootloaderareasize", 'm'));
  if (auto text = args.value("uuid")) {
    request.uuid = parse_uuid(*text);
    if (!request.uuid)
      return Error(
          Errc::InvalidArgument,
          fmt::format("Invalid argument for --uuid: {} (an id has 32 letters and digits, as pvs -o uuid shows it)",
                      printable(*text)));
  }
  ops::CreatedPvs done = TRY(ops::create_pvs(sys, request));
  session.tell(done.outcome);
  for (const std::string& path : done.created)
    session.out().done(fmt::format("Physical volume \"{}\" successfully created.", path));
  return ok();
}

Status run_pvremove(Session& session, const Args& args) {
  ops::RemovedPvs done = TRY(ops::remove_pvs(*TRY(session.system()), args.positionals, args.count("force")));
  for (const std::string& path : done.removed)
    session.out().done(fmt::format("Labels on physical volume \"{}\" successfully wiped.", path));
  session.tell(done.outcome);
  return ok();
}

constexpr Option kPvcreateOptions[] = {
    ASHLAR_PV_OPTIONS,
    {"metadatacopies", 0, Arg::Value, "0|1|2", "As --pvmetadatacopies"},
    {"uuid", 'u', Arg::Value, "String", "The PV's id; with --restorefile or --norestorefile"},
    {"restorefile", 0, Arg::Value, "File", "Place the data area where this backup has it"},
    {"norestorefile", 0, Arg::Flag, "", "Use --uuid without a backup"},
    {"setphysicalvolumesize", 0, Arg::Value, "Size[m]", "Pretend that the device has this size"},
    {"bootloaderareasize", 0, Arg::Value, "Size[m]", "Leave room for a boot loader in front of the data"},
    {"wipesignatures", 'W', Arg::Value, "y|n", "Look for signatures of others and wipe them after asking"},
};
constexpr Option kPvremoveOptions[] = {
    {"force", 'f', Arg::Flag, "", "-ff removes a PV that is in a VG"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kPvcreate{"pvcreate", "Make physical volumes of devices", "PV...", kPvcreateOptions, run_pvcreate};
const Command kPvremove{"pvremove", "Take the labels off physical volumes", "PV...", kPvremoveOptions, run_pvremove};

}  // namespace ashlar::cli
