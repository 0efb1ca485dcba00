// SPDX-License-Identifier: LGPL-2.1-or-later
// The log that log/report_command_log asks for: while it is kept, what a command says and how each object fared are rows
// of a report (report/log.h) that is printed behind the command's own. Source: lvmreport(7), and docs/format.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option.h"
#include "cli/output.h"
#include "ops/inventory.h"
#include "ops/system.h"
#include "report/log.h"

namespace ashlar::cli {

/// What the shell has of it: how its rows are shown, and those of the last command.
struct ShellLog {
  report::Options options;
  std::optional<std::vector<report::LogRow>> last = {};
};

/// Not kept at first: then all of this does nothing.
class CommandLog {
 public:
  /// `shell`: outside of it null. There the log is kept from the start, and the command is an object of it.
  CommandLog(Output& output, std::string_view command, ShellLog* shell);
  /// What was said and not printed, since an exception has ended the command, is told as if there were no log.
  ~CommandLog();
  CommandLog(const CommandLog&) = delete;
  CommandLog& operator=(const CommandLog&) = delete;

  /// The command has its System. Keeps the log from here on if the settings and the kind of command want one. Fails for
  /// fields and selections of the log that do not exist, before anything is done.
  Status begin(ops::System& sys, const Args& args, int verbose);
  bool kept() const { return kept_; }
  /// The command line was wrong: that is told as if there were no log.
  void give_up();
  /// Prints what there is. `status`: the command's exit status.
  void end(int status);

  /// The command prints a report of its own, even one without rows.
  void begin_report();
  /// Prints a table, or all of a JSON document but its last line, behind which the log goes. An empty `title`: several
  /// tables, which have theirs.
  void show(std::vector<std::string> lines, std::string_view title, bool json);
  bool alone() const { return alone_; }  ///< --logonly
  bool knows(const std::string& vg) const { return known_vg(vg) != nullptr; }
  /// Rows of LVs that went well together; none named: all visible ones of the VG.
  void all_well(const std::string& vg, const std::vector<std::string>& lvs);

  /// While it lives, what is said is about `object`; then there is a row of how it fared.
  class Work {
   public:
    Work(CommandLog* log, report::LogObject object);
    Work(CommandLog* log, const ops::VgInfo& vg);
    Work(CommandLog* log, const ops::VgInfo& vg, const LogicalVolume& lv);
    Work(CommandLog* log, const ops::VgInfo* vg, const ops::PvInfo& pv);  ///< no VG: an orphan
    ~Work() { finish(); }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    void finish();
    void cancel();  ///< no such row after all

   private:
    CommandLog* log_;
    std::size_t errors_ = 0;
  };

  /// Objects with the ids that they had when the command began.
  report::LogObject vg(const std::string& name) const;
  report::LogObject lv(const std::string& vg_name, const std::string& name) const;
  report::LogObject pv(const std::string& device) const;

 private:
  const ops::VgInfo* known_vg(const std::string& name) const;
  void add(std::string_view type, std::string_view message, std::uint64_t return_code = 0);
  void take(Output::Kind kind, std::string_view text);
  void keep();
  void leave();

  Output& output_;
  std::string command_;
  ShellLog* shell_;
  bool kept_ = false, working_ = false, shown_ = true, alone_ = false;
  bool reports_ = false, document_open_ = false;
  bool failed_at_work_ = false, failed_in_shell_ = false;
  std::size_t errors_ = 0;
  report::Options options_;
  ops::Inventory known_;
  std::vector<report::LogObject> objects_;  ///< the innermost last
  std::vector<report::LogRow> rows_;
  std::optional<Work> base_;
};

/// The lines of a log that stands alone, a title above the table.
Result<std::vector<std::string>> log_lines(const std::vector<report::LogRow>& rows, const report::Options& options);
/// Above a table that is not alone, with a line below it.
std::vector<std::string> title_lines(std::string_view title);

}  // namespace ashlar::cli
