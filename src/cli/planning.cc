// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/size_text.h"
#include "cli/json_plan.h"
#include "ops/chance.h"
#include "ops/transaction.h"

namespace ashlar::cli {

Status run_line(ops::System& sys, const Command& command, const Args& args, const std::optional<std::string>& input,
                Said& said) {
  Output output([](std::string_view) {},
                [&](std::string_view text) {
                  while (text.ends_with('\n')) text.remove_suffix(1);
                  said.warnings.emplace_back(text);
                });
  output.prefix.clear();
  output.quiet = true;
  Session session(sys, output);
  if (input) session.set_input(*input);
  Status status = command.run(session, args);
  for (const Error& failure : session.failures()) {
    auto line = std::find(said.warnings.begin(), said.warnings.end(), failure.message());
    if (line != said.warnings.end()) said.warnings.erase(line);
    said.failures.push_back(failure);
  }
  said.understood = session.understood();
  said.document = session.document();
  said.afterwards = session.afterwards();
  return status;
}

ops::Facts facts_of(const ops::System& sys, const ops::Changes& changes, const Said& said) {
  ops::Facts facts = ops::facts(changes, ops::kept_files(sys));
  for (const Session::Afterwards& step : said.afterwards) {
    facts.steps.push_back(step.sentence);
    if (!step.irreversible.empty()) facts.irreversible.push_back(step.irreversible);
  }
  return facts;
}

void run_afterwards(ops::System& sys, const std::vector<Session::Afterwards>& steps,
                    const std::function<void(const Error&)>& fail) {
  for (const Session::Afterwards& step : steps) {
    if (Status done = sys.conduct.test ? ok() : step.run(sys); !done) fail(done.error());
  }
}

Result<ops::Changes> in_transaction(ops::System& sys, const std::function<Status()>& body,
                                    std::vector<std::string>& notes,
                                    const std::function<Status(const ops::Changes&)>& check) {
  // Under -t each operation would be none, and those that build on it would not find what it makes.
  struct AsPlan {
    explicit AsPlan(ops::Conduct& c) : conduct(c), test(std::exchange(c.test, false)) {}
    ~AsPlan() { conduct.test = test; }
    ops::Conduct& conduct;
    bool test;
  };
  if (sys.conduct.test) {
    const AsPlan as_plan(sys.conduct);
    if (sys.transaction != nullptr)
      TRY(body());
    else
      TRY(ops::plan_changes(sys, body));
    return ops::Changes();
  }
  if (sys.transaction == nullptr) return ops::transact(sys, body, check, notes);
  TRY(body());
  return ops::Changes();
}

namespace {
void print_plan(Output& out, const ops::Changes& changes, const ops::Facts& facts) {
  if (facts.steps.empty()) {
    out.line("Nothing would change.");
    return;
  }
  for (std::size_t i = 0; i < facts.steps.size(); ++i) out.line(fmt::format("{:>2}. {}", i + 1, facts.steps[i]));
  for (const ops::VgFacts& vg : facts.vgs) {
    if (vg.peak.n != 0)
      out.line(fmt::format("Peak extra space: {} of VG {}.", human_size(to_bytes(to_sectors(vg.peak, vg.extent_size))),
                           vg.difference.name));
  }
  for (const std::string& lost : facts.irreversible) out.line("Irreversible: " + lost + ".");
  for (const std::string& remark : changes.remarks) out.line("To know: " + remark);
  for (const std::string& question : changes.questions) out.line("Will be asked: " + question);
}

}  // namespace

std::vector<std::string> without_plan(std::vector<std::string> words) {
  auto end = std::find(words.begin(), words.end(), "--");
  words.erase(std::remove_if(words.begin(), end,
                             [](const std::string& word) { return word == "--plan" || word.starts_with("--plan="); }),
              end);
  return words;
}

Status run_plan(Session& session, const Command& command, const Args& args, const std::vector<std::string>& words) {
  const std::string format = args.value_or("plan", "text");
  if (format != "text" && format != "json")
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --plan: {} (text or json)", printable(format)));
  if (command.effect == Effect::Reads && args.has("activate"))
    return Error(
        Errc::InvalidArgument,
        fmt::format("{} --activate cannot be planned: it activates VGs by which PVs have appeared; vgchange -aay "
                    "--plan shows what would become active",
                    command.name));
  if (command.effect == Effect::Reads)
    return Error(Errc::InvalidArgument,
                 fmt::format("{} cannot be planned: it changes no VG, no PV and no device's table", command.name));
  ops::System& sys = *TRY(session.system());
  if (sys.conduct.test)
    return Error(Errc::InvalidArgument, "--plan and --test exclude one another: --plan shows, --test is silent");
  Said said;
  std::optional<std::string> input;
  if (command.takes_input) input = TRY(session.input(args.positionals.empty() ? "" : args.positionals[0]));
  ops::Chance chance(sys);
  ops::Changes changes = TRY(ops::plan_changes(sys, [&] { return run_line(sys, command, args, input, said); }));
  const ops::Facts facts = facts_of(sys, changes, said);
  if (format == "json" || args.has("json")) {
    std::vector<std::string> line = without_plan(words);
    line.insert(line.begin(), std::string(command.name));
    session.out().raw(TRY(plan_json({line, input, chance.drawn(), chance.seconds()}, {changes, facts, said.warnings},
                                    said.failures)) +
                      "\n");
  } else {
    for (const std::string& warning : said.warnings) session.out().error(warning);
    print_plan(session.out(), changes, facts);
  }
  for (const Error& failure : said.failures) session.fail(failure);
  return ok();
}

Result<ops::Changes> run_told(Session& session, const Command& command, const Args& args, Said& said) {
  if (command.run_told != nullptr) return command.run_told(session, args, said);
  ops::System& sys = *TRY(session.system());
  std::optional<std::string> input;
  if (command.takes_input) input = TRY(session.input(args.positionals.empty() ? "" : args.positionals[0]));
  auto body = [&] {
    said = {};
    return run_line(sys, command, args, input, said);
  };
  ops::Changes done = TRY(ops::transact(sys, body, {}, said.warnings));
  run_afterwards(sys, said.afterwards, [&](const Error& error) { said.failures.push_back(error); });
  if (sys.conduct.test) return ops::Changes();
  return done;
}

}  // namespace ashlar::cli
