// SPDX-License-Identifier: LGPL-2.1-or-later
// vgcfgbackup and vgcfgrestore.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"
#include "ops/transaction.h"

namespace ashlar::cli {

namespace {
std::string ctime_text(std::uint64_t seconds) {
  std::time_t t = static_cast<std::time_t>(seconds);
  char buffer[32] = "";
  if (::ctime_r(&t, buffer) == nullptr) return "?";
  std::string text = buffer;
  text.pop_back();
  return text;
}

/// --file; empty: not given. An empty name is none, and must not stand for the VG's own backup.
Result<std::string> file_of(const Args& args) {
  if (args.value("file") == "") return Error(Errc::Refused, "--file names no file");
  return args.value_or("file", "");
}

Status status_of(const Result<std::string>& done) { return done ? ok() : Status(done.error()); }

Status run_vgcfgbackup(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const std::vector<std::string> vgs =
      args.positionals.empty() ? TRY(session.every_vg()) : TRY(chosen_vgs(session, args, ExportedVgs::Too));
  const std::string file = TRY(file_of(args));
  if (vgs.size() > 1 && !file.empty() && file.find("%s") == std::string::npos)
    return Error(Errc::Refused,
                 fmt::format("{} would be written once for each of {} VGs: put %s for the VG's name into --file",
                             printable(file), vgs.size()));
  for (const std::string& vg : vgs) {
    Status done = session.work_on_vg(vg, [&]() -> Status {
      const std::string path = TRY(ops::backup_vg(sys, vg, file));
      if (sys.transaction != nullptr) {
        const auto picture = TRY(sys.transaction->picture());
        const bool replaces = !file.empty() && ::access(path.c_str(), F_OK) == 0;
        session.afterwards(
            fmt::format("Write the metadata of VG {}, seqno {}, to {}{}.", vg,
                        TRY(store::find_vg(*picture, vg))->vg.seqno, printable(path),
                        replaces ? ", in place of what is there" : ""),
            [vg, file](ops::System& real) { return status_of(ops::backup_vg(real, vg, file)); },
            replaces ? "what " + printable(path) + " holds" : "");
        return ok();
      }
      session.out().done(fmt::format("Volume group \"{}\" successfully backed up.", vg));
      return ok();
    });
    if (!done) session.fail(done.error());
  }
  return ok();
}

void show(Session& session, const ops::HistoryEntry& entry) {
  Output& out = session.out();
  out.line(" ");
  out.line("File:\t\t" + printable(entry.file.path));
  if (!entry.problem.empty()) {
    out.line("Cannot be read:\t" + entry.problem);
    return;
  }
  out.line("VG name:    \t" + printable(entry.vg_name));
  out.line("Description:\t" + printable(entry.description));
  out.line("Backup Time:\t" + ctime_text(entry.time));
  out.raw("\n");
}

Status run_vgcfgrestore(Session& session, const Args& args) {
  TRY(check_metadata_type(args));
  ops::System& sys = *TRY(session.system());
  const std::string file = TRY(file_of(args));
  if (args.has("list")) {
    if (!file.empty()) {
      ops::HistoryEntry entry = TRY(ops::describe_file(file));
      session.document([entry] { return archives_json({entry}); });
      show(session, entry);
      if (!entry.problem.empty()) return Error(Errc::Corrupt, entry.problem);
      return ok();
    }
    std::string vg = TRY(parse_new_vg_name(args.positionals[0]));
    std::vector<ops::HistoryEntry> entries = TRY(ops::history(sys, vg));
    session.document([entries] { return archives_json(entries); });
    if (entries.empty()) session.out().line(fmt::format("No archives found for volume group {}.", vg));
    for (const ops::HistoryEntry& entry : entries) show(session, entry);
    return ok();
  }
  ops::RestoreVg request{TRY(parse_new_vg_name(args.positionals[0])), file, args.has("force")};
  session.tell(TRY(ops::restore_vg(sys, request)));
  session.out().done(fmt::format("Restored volume group {}.", request.vg));
  return ok();
}

constexpr Option kBackupOptions[] = {
    {"file", 'f', Arg::Value, "File", "Write there instead of the backup directory; %s is the VG's name"},
    {"foreign", 0, Arg::Flag, "", "Accepted: VGs of other hosts can be backed up"},
    {"partial", 'P', Arg::Flag, "", "Accepted: a VG with missing PVs can be backed up"},
    {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted: a backup takes no lock"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
constexpr Option kRestoreOptions[] = {
    {"file", 'f', Arg::Value, "File", "The archive or backup to restore; the VG's backup if left out"},
    {"list", 'l', Arg::Flag, "", "List what there is to restore"},
    {"force", 0, Arg::Flag, "", "Restore a VG with thin volumes"},
    {"metadatatype", 'M', Arg::Value, "lvm2", "Accepted"},
};
}  // namespace

const Command kVgcfgbackup{"vgcfgbackup",   "Write the metadata of volume groups to files",
                           "[VG...]",       kBackupOptions,
                           run_vgcfgbackup, Effect::Elsewhere};
const Command kVgcfgrestore{"vgcfgrestore", "Bring a volume group's metadata back from a file",
                            "[--file] VG | --list VG | --list --file [VG]", kRestoreOptions, run_vgcfgrestore};

}  // namespace ashlar::cli
