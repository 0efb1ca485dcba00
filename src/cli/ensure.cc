// SPDX-License-Identifier: LGPL-2.1-or-later
// ensure: brings volume groups to what a specification says, as one transaction.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

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

std::string step_of(const ops::MakeFilesystem& make) {
  const std::string options =
      make.filesystem.options.empty()
          ? ""
          : fmt::format(" (options {})", printable(fmt::format("{}", fmt::join(make.filesystem.options, " "))));
  return fmt::format("Make an {} filesystem on {}/{}{}.", make.filesystem.type, make.vg, make.lv, options);
}

std::string line_of(const ops::Ensured& object) {
  const std::string what =
      object.what.empty() ? "unchanged" : printable(fmt::format("{}", fmt::join(object.what, "; ")));
  return printable(object.name) + ": " + what;
}

Status run_ensure(Session& session, const Args& args) {
  std::string text = TRY(session.input(args.positionals[0]));
  std::vector<ops::WantedVg> wanted = TRY(parse_spec(text).context(printable(args.positionals[0])));
  ops::System& sys = *TRY(session.system());
  ops::EnsureDefaults defaults = TRY(defaults_of(sys, args));
  const auto done = std::make_shared<ops::Ensure>();  // filesystems are made, or not, when this has returned
  std::vector<std::string> notes;
  auto body = [&]() -> Status {
    *done = TRY(ops::ensure(sys, wanted, defaults));
    return ok();
  };
  TRY(in_transaction(sys, body, notes));
  // What was done is told object by object; of the operations' notes only warnings are news.
  std::erase_if(done->notes, [](const std::string& note) { return !note.starts_with("WARNING"); });
  session.tell({done->notes, {}});
  session.tell({notes, {}});
  for (ops::Ensured& object : done->objects) {
    if (object.filesystem)
      session.afterwards(step_of(*object.filesystem),
                         [done, &object](ops::System& system) { return ops::make_filesystem(system, object); });
  }
  session.document([done] { return objects_json(done->objects); });
  session.at_the_end([done, &session] {
    for (const ops::Ensured& object : done->objects) session.out().done(line_of(object));
  });
  return ok();
}
}  // namespace

const Command kEnsure{"ensure",      "Bring volume groups to what a specification says",
                      "SPEC.json|-", kAutobackupAlone,
                      run_ensure,    Effect::Changes,
                      true};

}  // namespace ashlar::cli
