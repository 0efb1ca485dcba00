// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status run_vgimportclone(Session& session, const Args& args) {
  ops::ImportClone request{args.positionals, args.value_or("basevgname", ""), args.has("import"),
                           args.has("importdevices")};
  // LVM2 makes a VG of it that no command reads again; the exit status is as for any name that cannot be had.
  if (!request.base_name.empty()) request.base_name = TRY(parse_vg_name(request.base_name));
  ops::System& sys = *TRY(session.system());
  ops::ImportedClone done = TRY(ops::import_clone(sys, request));
  session.tell(done.outcome);
  session.document([done] { return cloned_json(done.name, done.from); });
  if (sys.transaction != nullptr) {
    session.afterwards(
        fmt::format("Make the copies of {} on {} volume group {}, with new ids for it and its PVs.", done.from,
                    printable(fmt::format("{}", fmt::join(args.positionals, ", "))), done.name),
        [request](ops::System& real) -> Status {
          TRY(ops::import_clone(real, request));
          return ok();
        });
    return ok();
  }
  if (session.verbose > 0) session.out().error(fmt::format("The clone is volume group \"{}\".", done.name));
  return ok();
}

constexpr Option kVgimportcloneOptions[] = {
    {"basevgname", 'n', Arg::Value, "VG", "Name of the VG it becomes; a number is added if it is taken"},
    {"import", 'i', Arg::Flag, "", "Take in an exported VG"},
    {"importdevices", 0, Arg::Flag, "", "Also devices that the devices file does not list; it lists them then"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgimportclone{"vgimportclone",   "Make copies of a volume group's disks a volume group of their own",
                             "PV...",           kVgimportcloneOptions,
                             run_vgimportclone, Effect::Elsewhere};

}  // namespace ashlar::cli
