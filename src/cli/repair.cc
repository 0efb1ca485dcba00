// SPDX-License-Identifier: LGPL-2.1-or-later
// repair: shows what is left of a damaged VG, what may be done, and does it once somebody agrees.
#include "ops/repair.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/history.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
/// With its UUID where another VG has its name.
std::string title(const ops::RepairTargets& targets, const ops::RepairTarget& vg) {
  const auto same = std::ranges::count(targets.vgs, vg.name, &ops::RepairTarget::name);
  return same > 1 && vg.id ? fmt::format("{} ({})", printable(vg.name), vg.id->dashed()) : printable(vg.name);
}

void show_steps(Output& out, const plan::RepairPlan& plan, const std::string& title) {
  out.line(title);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const plan::RepairStep& step = plan.steps[i];
    out.line(fmt::format("{:>2}. {}", i + 1, printable(step.what)));
    if (!step.unknown.empty()) out.line("    Not known: " + printable(step.unknown) + ".");
  }
}

void show(Session& session, const ops::Repair& repair, const std::string& vg, const std::string& this_host) {
  Output& out = session.out();
  if (repair.plan.healthy()) {
    out.line(fmt::format("VG {}: nothing to repair.", vg));
    return;
  }
  out.line(fmt::format("VG {}: what was found of it", vg));
  for (const HistoryRow& row : history_rows(repair.history)) show_version(session, row, this_host);
  for (const std::string& what : repair.damage) out.line("! " + printable(what));
  for (const std::string& note : repair.notes) out.error("WARNING: " + printable(note));
  if (!repair.plan.steps.empty()) show_steps(out, repair.plan, fmt::format("VG {}: what may be done", vg));
}

void tell(Session& session, const std::vector<plan::RepairObstacle>& obstacles) {
  for (const plan::RepairObstacle& obstacle : obstacles) {
    session.fail(Error(Errc::Corrupt, printable(obstacle.what)));
    if (!obstacle.mend.empty()) session.out().error("    -> " + printable(obstacle.mend));
  }
}

/// What lies under a label that is not there cannot be planned as a change of a VG: it is done when the plan's end comes.
void do_afterwards(Session& session, const ops::Repair& repair, const std::vector<std::string>& devices) {
  const auto& steps = repair.plan.steps;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i)
    session.afterwards(steps[i].what, [](ops::System&) { return ok(); });
  session.afterwards(steps.back().what, [repair, devices](ops::System& real) -> Status {
    for (const std::string& note : TRY(ops::carry_out_repair(real, repair, devices)).notes)
      log(LogLevel::Warning, note);
    return ok();
  });
}

/// What is mended lets more be known: a repair goes on until a look finds nothing more that may be done. `looks` takes
/// what each found.
Status ask_and_mend(Session& session, ops::System& sys, ops::Repair found, const ops::RepairTarget& vg,
                    const std::string& name, const std::vector<std::string>& devices, std::vector<RepairLook>& looks) {
  constexpr int kMostRounds = 8;  // a disk that loses what is written to it has no last one
  looks.push_back({std::move(found)});
  for (int round = 1; !looks.back().found.plan.steps.empty() && round <= kMostRounds; ++round) {
    RepairLook& now = looks.back();
    now.agreed = sys.conduct.agrees(fmt::format("Repair VG {} so?", name));
    if (!now.agreed) {
      tell(session, now.found.plan.rest);
      return Error(Errc::Refused, fmt::format("VG {} is not repaired{}; confirm with -y", name,
                                              round == 1 ? ": nothing was written" : " further"));
    }
    if (sys.transaction != nullptr) {
      do_afterwards(session, now.found, devices);
      break;
    }
    session.tell(TRY(ops::carry_out_repair(sys, now.found, devices)));
    if (sys.conduct.test) break;
    ops::Repair again = TRY(ops::find_repair(sys, vg, devices));
    looks.push_back({std::move(again)});
    const plan::RepairPlan& left = looks.back().found.plan;
    if (left.steps.empty() || round == kMostRounds)
      session.out().done(fmt::format("Volume group \"{}\" is repaired{}.", printable(vg.name),
                                     left.healthy() ? "" : " as far as it can be without you"));
    else
      show_steps(session.out(), left, fmt::format("VG {}: what may be done now", name));
    tell(session, left.obstacles);
  }
  tell(session, looks.back().found.plan.rest);
  return ok();
}

Status run_repair(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const ops::RepairTargets targets = TRY(ops::repair_targets(sys, args.positionals));
  for (const std::string& what : targets.unknown) session.fail(Error(Errc::Corrupt, printable(what)));
  std::vector<std::pair<ops::RepairTarget, ops::Repair>> all;
  for (const ops::RepairTarget& vg : targets.vgs) {
    auto repair = ops::find_repair(sys, vg, targets.devices);
    if (!repair) {
      session.fail(repair.error());
      continue;
    }
    show(session, *repair, title(targets, vg), sys.host.name);
    tell(session, repair->plan.obstacles);
    all.emplace_back(vg, std::move(*repair));
  }
  std::vector<RepairLook> looks;
  for (auto& [vg, repair] : all) {
    const std::string name = title(targets, vg);
    if (!repair.plan.obstacles.empty())
      session.out().error(fmt::format("VG {} is not repaired and nothing was written to it.", name));
    if (Status done = ask_and_mend(session, sys, std::move(repair), vg, name, targets.devices, looks); !done)
      session.fail(done.error());
  }
  session.document([looks = std::move(looks)] { return repair_json(looks); });
  return ok();
}
}  // namespace

const Command kRepair{"repair", "Show what is left of a damaged volume group, and mend it", "[VG|UUID|PV...]",
                      kAutobackupAlone, run_repair};

}  // namespace ashlar::cli
