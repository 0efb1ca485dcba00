// SPDX-License-Identifier: LGPL-2.1-or-later
// repair: shows what is left of a damaged VG, what may be done, and does it once somebody agrees.
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "cli/history.h"
#include "cli/table.h"
#include "ops/repair.h"

namespace ashlar::cli {

namespace {
void show(Session& session, const ops::Repair& repair, const std::string& this_host) {
  Output& out = session.out();
  const std::string vg = printable(repair.vg);
  if (repair.plan.healthy()) {
    out.line(fmt::format("VG {}: nothing to repair.", vg));
    return;
  }
  out.line(fmt::format("VG {}: what was found of it", vg));
  for (const HistoryRow& row : history_rows(repair.history)) show_version(session, row, this_host);
  for (const std::string& what : repair.damage) out.line("! " + printable(what));
  for (const std::string& note : repair.notes) out.error("WARNING: " + printable(note));
  if (repair.plan.steps.empty()) return;
  out.line(fmt::format("VG {}: what may be done", vg));
  for (std::size_t i = 0; i < repair.plan.steps.size(); ++i) {
    const plan::RepairStep& step = repair.plan.steps[i];
    out.line(fmt::format("{:>2}. {}", i + 1, printable(step.what)));
    if (!step.unknown.empty()) out.line("    Not known: " + printable(step.unknown) + ".");
  }
}

Status carry_out(Session& session, ops::System& sys, const ops::Repair& repair, const std::vector<std::string>& devices) {
  if (sys.transaction == nullptr) {
    session.tell(TRY(ops::carry_out_repair(sys, repair, devices)));
    if (!sys.conduct.test) session.out().done(fmt::format("Volume group \"{}\" is repaired.", repair.vg));
    return ok();
  }
  // What lies under a label that is not there cannot be planned as a change of a VG: it is done when the plan's end comes.
  const auto& steps = repair.plan.steps;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) session.afterwards(steps[i].what, [](ops::System&) { return ok(); });
  session.afterwards(steps.back().what, [repair, devices](ops::System& real) -> Status {
    for (const std::string& note : TRY(ops::carry_out_repair(real, repair, devices)).notes) log(LogLevel::Warning, note);
    return ok();
  });
  return ok();
}

Status run_repair(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const ops::RepairTargets targets = TRY(ops::repair_targets(sys, args.positionals));
  for (const std::string& what : targets.unknown) session.fail(Error(Errc::Corrupt, what));
  std::vector<ops::Repair> all;
  for (const std::string& vg : targets.vgs) {
    auto repair = ops::find_repair(sys, vg, targets.devices);
    if (!repair) {
      session.fail(repair.error());
      continue;
    }
    show(session, *repair, sys.host.name);
    all.push_back(std::move(*repair));
    for (const plan::RepairObstacle& obstacle : all.back().plan.obstacles) {
      session.fail(Error(Errc::Corrupt, printable(obstacle.what)));
      if (!obstacle.mend.empty()) session.out().error("    -> " + printable(obstacle.mend));
    }
  }
  std::set<std::string> agreed;
  for (const ops::Repair& repair : all) {
    if (!repair.plan.obstacles.empty()) session.out().error(fmt::format("VG {} is not repaired and nothing was written to it.", printable(repair.vg)));
    if (repair.plan.steps.empty()) continue;
    const std::string question = fmt::format("Repair VG {} so?", printable(repair.vg));
    if (!sys.conduct.assume_yes && (!sys.conduct.confirm || !sys.conduct.confirm(question))) {
      session.fail(Error(Errc::Interrupted, fmt::format("VG {} is not repaired: nothing was written; confirm with -y", printable(repair.vg))));
      continue;
    }
    agreed.insert(repair.vg);
    if (Status done = carry_out(session, sys, repair, targets.devices); !done) session.fail(done.error());
  }
  session.document(repair_json(all, agreed));
  return ok();
}
}  // namespace

const Command kRepair{"repair", "Show what is left of a damaged volume group, and mend it", "[VG|PV...]", {}, run_repair};

}  // namespace ashlar::cli
