// SPDX-License-Identifier: LGPL-2.1-or-later
// batch: many command lines as one transaction, all of them or none, with one commit for each VG.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/forms.h"
#include "cli/planning.h"
#include "cli/shell.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
/// One command of the file, read once however often the transaction is tried.
struct Line {
  std::size_t number;
  const Command* command;
  Args args;
};

Error at_line(std::size_t number, Error why) { return std::move(why).context(fmt::format("line {}", number)); }

/// Options that say how the whole goes, not what a line does.
Status check_options(const Args& args) {
  if (args.has(kAutobackup.name))
    return Error(Errc::InvalidArgument, "--autobackup is an option of the whole batch: give it to batch itself");
  for (const Option& o : common_options()) {
    bool fits = o.name == "yes" || o.name == "quiet" || o.name == "verbose";
    if (!fits && args.has(o.name))
      return Error(Errc::InvalidArgument,
                   fmt::format("--{} is an option of the whole batch: give it to batch itself", o.name));
  }
  return ok();
}

Result<std::vector<Line>> read_lines(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  Parser parser;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++number;
    auto words = split_line(line);
    if (!words) return at_line(number, std::move(words).error());
    if (words->empty()) continue;
    if ((*words)[0] == "lvm" || (*words)[0] == "ashlar") words->erase(words->begin());
    const Command* command = words->empty() ? nullptr : find_command((*words)[0]);
    if (command == nullptr)
      return at_line(number, Error(Errc::InvalidArgument,
                                   fmt::format("No such command '{}'", words->empty() ? "" : printable((*words)[0]))));
    // repair writes when all else is done: there would be nothing to take back with the rest.
    if (command->effect != Effect::Changes || command->takes_input || command == &kRepair)
      return at_line(
          number,
          Error(Errc::InvalidArgument,
                fmt::format("{} cannot be part of a batch: only commands that change something by themselves can",
                            command->name)));
    auto args = parser.parse(command->name, command->options, {words->begin() + 1, words->end()});
    if (!args) return at_line(number, std::move(args).error());
    if (Status s = check_form(*command, *args); !s) return at_line(number, std::move(s).error());
    if (Status s = check_options(*args); !s) return at_line(number, std::move(s).error());
    lines.push_back({number, command, std::move(*args)});
  }
  return lines;
}

Status run_lines(ops::System& sys, const std::vector<Line>& lines, std::vector<std::string>& warnings,
                 std::vector<Session::Afterwards>& afterwards) {
  const bool assume_yes = sys.conduct.assume_yes;
  for (const Line& line : lines) {
    Said said;
    sys.conduct.assume_yes = assume_yes || line.args.has("yes");
    Status status = run_line(sys, *line.command, line.args, {}, said);
    sys.conduct.assume_yes = assume_yes;
    for (std::string& warning : said.warnings) warnings.push_back(fmt::format("line {}: {}", line.number, warning));
    if (status && !said.failures.empty()) status = std::move(said.failures.front());
    if (!status) return at_line(line.number, std::move(status).error()).context("nothing was changed");
    std::move(said.afterwards.begin(), said.afterwards.end(), std::back_inserter(afterwards));
  }
  return ok();
}

Status run_batch(Session& session, const Args& args) {
  std::string text = TRY(session.input(args.positionals.empty() ? "-" : args.positionals[0]));
  std::vector<Line> lines = TRY(read_lines(text));
  ops::System& sys = *TRY(session.system());
  std::vector<std::string> warnings, notes;
  std::vector<Session::Afterwards> afterwards;
  auto body = [&] {
    warnings.clear();
    afterwards.clear();
    return run_lines(sys, lines, warnings, afterwards);
  };
  TRY(in_transaction(sys, body, notes));
  for (Session::Afterwards& step : afterwards)
    session.afterwards(std::move(step.sentence), std::move(step.run), std::move(step.irreversible));
  for (const std::string& warning : warnings) session.out().error(warning);
  session.tell({notes, {}});
  session.out().done(fmt::format("{} {} carried out.", lines.size(), lines.size() == 1 ? "command" : "commands"));
  return ok();
}
}  // namespace

const Command kBatch{"batch",    "Carry out many command lines as one change, or none of them",
                     "[FILE|-]", kAutobackupAlone,
                     run_batch,  Effect::Changes,
                     true};

}  // namespace ashlar::cli
