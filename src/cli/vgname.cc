// SPDX-License-Identifier: LGPL-2.1-or-later
// vgrename, vgexport, vgimport.
#include <fmt/format.h>

#include "base/uuid.h"
#include "cli/choose.h"
#include "cli/table.h"
#include "cli/words.h"

namespace ashlar::cli {

namespace {
Status run_vgrename(Session& session, const Args& args) {
  const std::string from = vg_word(args.positionals[0]), to = vg_word(args.positionals[1]);
  auto done = ops::rename_vg(*TRY(session.system()), from, to);
  if (!done) {
    // A name that cannot be one is a failure here, not of the command line.
    session.fail(Error(done.error().code() == Errc::InvalidArgument ? Errc::Refused : done.error().code(),
                       done.error().message()));
    return ok();
  }
  session.tell(*done);
  session.out().done(fmt::format("Volume group \"{}\" successfully renamed to \"{}\"", from, to));
  return ok();
}

Status run_vgexport(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  return each_vg(session, args, [&](const std::string& vg) -> Status {
    session.tell(TRY(ops::export_vg(sys, vg)));
    session.out().done(fmt::format("Volume group \"{}\" successfully exported", vg));
    return ok();
  });
}

Status run_vgimport(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  return each_vg(
      session, args,
      [&](const std::string& vg) -> Status {
        session.tell(TRY(ops::import_vg(sys, vg, args.has("force"))));
        session.out().done(fmt::format("Volume group \"{}\" successfully imported", vg));
        return ok();
      },
      ExportedVgs::Too);
}

constexpr Option kVgrenameOptions[] = {
    kAutobackup,
    {"force", 'f', Arg::Flag, "", "Accepted"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kVgexportOptions[] = {
    {"all", 'a', Arg::Flag, "", "All VGs"},
    {"select", 'S', Arg::Last, "String", "Only VGs for which this holds"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kVgimportOptions[] = {
    {"all", 'a', Arg::Flag, "", "All VGs"},
    {"force", 'f', Arg::Flag, "", "Also where PVs are missing"},
    {"select", 'S', Arg::Last, "String", "Only VGs for which this holds"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgrename{"vgrename", "Give a volume group another name", "VG|UUID NEW", kVgrenameOptions, run_vgrename};
const Command kVgexport{"vgexport", "Mark volume groups as on their way to another machine", "VG|@TAG... | --all",
                        kVgexportOptions, run_vgexport};
const Command kVgimport{"vgimport", "Take in volume groups that were exported", "VG|@TAG... | --all", kVgimportOptions,
                        run_vgimport};

}  // namespace ashlar::cli
