// SPDX-License-Identifier: LGPL-2.1-or-later
// apply: carries out a plan that --plan=json made, exactly as it shows, or not at all.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "cli/forms.h"
#include "cli/json_plan.h"
#include "cli/planning.h"
#include "cli/run.h"
#include "cli/table.h"
#include "ops/chance.h"
#include "ops/transaction.h"

namespace ashlar::cli {

namespace {
Result<SavedPlan> read_plan(Session& session, const Args& args) {
  std::string text = TRY(session.input(args.positionals[0]));
  return SavedPlan::parse(text).context(printable(args.positionals[0]));
}

/// What is used, and how, is the plan's: another word for it here is refused, not passed over.
Status check_plans_own(const Args& args, const Args& planned) {
  for (const char* option : {"config", "devices", "image", "devicesfile", "uuidseed", "commandprofile", "profile",
                             "driverloaded", "nolocking", "readonly"}) {
    if (args.has(option) && args.list(option) != planned.list(option))
      return Error(Errc::InvalidArgument,
                   fmt::format("apply does not take --{}: the plan has the options that it was made with", option));
  }
  return ok();
}

Result<ops::Changes> apply_plan(Session& session, const Args& args, const SavedPlan& plan, Said& said) {
  const PlanHead& head = plan.head();
  const Command* command = find_command(head.command[0]);
  if (command == nullptr || command->effect == Effect::Reads || command == &kApply)
    return Error(Errc::InvalidArgument, fmt::format("The plan is of \"{}\", which is no command that can be planned",
                                                    printable(head.command[0])));
  Args planned = TRY(parse(command->name, command->options, {head.command.begin() + 1, head.command.end()}));
  TRY(check_form(*command, planned));
  TRY(check_plans_own(args, planned));

  // The machine is the plan's; how to go about it is said here. Questions are asked as they were planned, so that they
  // are the same.
  ops::SystemOptions options = TRY(system_options(*command, planned));
  const ops::Conduct& here = session.options().conduct;
  const bool archive_planned = options.conduct.archive, archive = here.archive && archive_planned;
  const auto agree = [](const std::string&) { return true; };
  options.conduct = {.test = here.test,
                     .archive = archive_planned,
                     .assume_yes = options.conduct.assume_yes,
                     .command_line = printable(fmt::format("{}", fmt::join(head.command, " "))),
                     .confirm = here.assume_yes ? agree : here.confirm};
  options.on_wait = session.options().on_wait;
  session.use(std::move(options));
  ops::System& sys = *TRY(session.system());
  if (sys.transaction != nullptr)
    return Error(Errc::Unsupported, "A saved plan is carried out by itself, not as a part of another change");

  auto body = [&]() -> Status {
    said = {};
    sys.conduct.archive = archive_planned;
    TRY(plan.unmoved(*TRY(sys.transaction->picture())));
    TRY(run_line(sys, *command, planned, head.input, said));
    if (!said.failures.empty()) return said.failures.front();
    return ok();
  };
  ops::Chance chance(sys, head.drawn, head.seconds);
  auto same = [&](const ops::Changes& changes) -> Status {
    TRY(plan.same({changes, facts_of(sys, changes, said), said.warnings}));
    sys.conduct.archive = archive;
    return ok();
  };
  if (sys.conduct
          .test) {  // as the plan was made: under -t the commands themselves would change nothing, which is no plan
    sys.conduct.test = false;
    Result<ops::Changes> would = ops::plan_changes(sys, body);
    sys.conduct.test = true;
    if (would) TRY(same(*would));
    return would;
  }
  std::vector<std::string> notes;
  ops::Changes done = TRY(ops::transact(sys, body, same, notes));
  run_afterwards(sys, said.afterwards, [&](const Error& error) { said.failures.push_back(error); });
  said.warnings.insert(said.warnings.end(), notes.begin(), notes.end());
  return done;
}

Status run_apply(Session& session, const Args& args) {
  Said said;
  const SavedPlan plan = TRY(read_plan(session, args));
  const ops::Changes done = TRY(apply_plan(session, args, plan, said));
  session.tell({said.warnings, said.failures});
  const bool test = (*TRY(session.system())).conduct.test;
  if (!said.failures.empty()) return ok();  // which are told
  const char* what = test ? "Can be done as planned, and was not" : "Done as planned";
  session.out().done(
      done.empty() && said.afterwards.empty()
          ? "Nothing to change."
          : fmt::format("{}: {}", what, printable(fmt::format("{}", fmt::join(plan.head().command, " ")))));
  return ok();
}

Result<ops::Changes> tell_apply(Session& session, const Args& args, Said& said) {
  return apply_plan(session, args, TRY(read_plan(session, args)), said);
}
}  // namespace

const Command kApply{"apply",     "Carry out a plan that CMD --plan=json made",
                     "PLAN.json", kAutobackupAlone,
                     run_apply,   Effect::Changes,
                     false,       tell_apply};

}  // namespace ashlar::cli
