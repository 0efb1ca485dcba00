// SPDX-License-Identifier: LGPL-2.1-or-later
// ensure: brings volume groups to what a specification says, as one transaction.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "cli/allocation_settings.h"
#include "cli/ensure_spec.h"
#include "cli/planning.h"
#include "cli/pv_options.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
Result<ops::EnsureDefaults> defaults_of(const ops::System& sys, const Args& args) {
  ops::EnsureDefaults defaults;
  defaults.pv = TRY(parse_pv_options(args, sys));
  take_allocation_settings(sys.settings, defaults.lv);
  defaults.lv.creation_time = sys.now();
  defaults.lv.creation_host = sys.host.name;
  if (std::int64_t kib = sys.settings.number("allocation/physical_extent_size"); kib > 0)
    defaults.extent_size = {static_cast<std::uint64_t>(std::min<std::int64_t>(kib, 1 << 30)) * 2};
  defaults.wipe = sys.settings.flag("allocation/wipe_signatures_when_zeroing_new_lvs") &&
                  sys.settings.flag("allocation/use_blkid_wiping");
  return defaults;
}

Status run_ensure(Session& session, const Args& args) {
  std::string text = TRY(session.input(args.positionals[0]));
  std::vector<ops::WantedVg> wanted = TRY(parse_spec(text).context(printable(args.positionals[0])));
  ops::System& sys = *TRY(session.system());
  ops::EnsureDefaults defaults = TRY(defaults_of(sys, args));
  ops::Ensure done;
  std::vector<std::string> notes;
  auto body = [&]() -> Status {
    done = TRY(ops::ensure(sys, wanted, defaults));
    return ok();
  };
  TRY(in_transaction(sys, body, notes));
  // What was done is told object by object; of the operations' notes only warnings are news.
  std::erase_if(done.notes, [](const std::string& note) { return !note.starts_with("WARNING"); });
  session.tell({done.notes, {}});
  session.tell({notes, {}});
  for (const ops::MakeFilesystem& make : done.filesystems) {
    const std::string options =
        make.filesystem.options.empty()
            ? ""
            : fmt::format(" (options {})", printable(fmt::format("{}", fmt::join(make.filesystem.options, " "))));
    session.afterwards(
        fmt::format("Make an {} filesystem on {}/{}{}.", make.filesystem.type, make.vg, make.lv, options),
        [make](ops::System& system) { return ops::make_filesystem(system, make); });
  }
  session.document(objects_json(done.objects));
  for (const ops::Ensured& each : done.objects) {
    const std::string name = printable(each.name);
    session.out().done(each.what.empty()
                           ? name + ": unchanged"
                           : fmt::format("{}: {}", name, printable(fmt::format("{}", fmt::join(each.what, "; ")))));
  }
  return ok();
}
}  // namespace

const Command kEnsure{"ensure",      "Bring volume groups to what a specification says",
                      "SPEC.json|-", kAutobackupAlone,
                      run_ensure,    Effect::Changes,
                      true};

}  // namespace ashlar::cli
