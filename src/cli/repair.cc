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
std::string title(const ops::RepairTargets& targets, const std::string& vg, const std::optional<Uuid>& id) {
  const auto same =
      std::count_if(targets.vgs.begin(), targets.vgs.end(), [&](const ops::RepairTarget& t) { return t.name == vg; });
  return same > 1 && id ? fmt::format("{} ({})", printable(vg), id->dashed()) : printable(vg);
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
  if (repair.plan.steps.empty()) return;
  out.line(fmt::format("VG {}: what may be done", vg));
  for (std::size_t i = 0; i < repair.plan.steps.size(); ++i) {
    const plan::RepairStep& step = repair.plan.steps[i];
    out.line(fmt::format("{:>2}. {}", i + 1, printable(step.what)));
    if (!step.unknown.empty()) out.line("    Not known: " + printable(step.unknown) + ".");
  }
}

Status carry_out(Session& session, ops::System& sys, const ops::Repair& repair,
                 const std::vector<std::string>& devices) {
  if (sys.transaction == nullptr) {
    session.tell(TRY(ops::carry_out_repair(sys, repair, devices)));
    if (!sys.conduct.test)
      session.out().done(fmt::format("Volume group \"{}\" is repaired{}.", repair.vg,
                                     repair.plan.rest.empty() ? "" : " as far as it can be without you"));
    return ok();
  }
  // What lies under a label that is not there cannot be planned as a change of a VG: it is done when the plan's end
  // comes.
  const auto& steps = repair.plan.steps;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i)
    session.afterwards(steps[i].what, [](ops::System&) { return ok(); });
  session.afterwards(steps.back().what, [repair, devices](ops::System& real) -> Status {
    for (const std::string& note : TRY(ops::carry_out_repair(real, repair, devices)).notes)
      log(LogLevel::Warning, note);
    return ok();
  });
  return ok();
}

Status run_repair(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const ops::RepairTargets targets = TRY(ops::repair_targets(sys, args.positionals));
  for (const std::string& what : targets.unknown) session.fail(Error(Errc::Corrupt, printable(what)));
  std::vector<ops::Repair> all;
  auto tell = [&](const std::vector<plan::RepairObstacle>& obstacles) {
    for (const plan::RepairObstacle& obstacle : obstacles) {
      session.fail(Error(Errc::Corrupt, printable(obstacle.what)));
      if (!obstacle.mend.empty()) session.out().error("    -> " + printable(obstacle.mend));
    }
  };
  for (const ops::RepairTarget& vg : targets.vgs) {
    auto repair = ops::find_repair(sys, vg, targets.devices);
    if (!repair) {
      session.fail(repair.error());
      continue;
    }
    show(session, *repair, title(targets, vg.name, vg.id), sys.host.name);
    all.push_back(std::move(*repair));
    tell(all.back().plan.obstacles);
    tell(all.back().plan.rest);
  }
  std::vector<bool> agreed(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ops::Repair& repair = all[i];
    const std::string vg = title(targets, repair.vg, repair.id);
    if (!repair.plan.obstacles.empty())
      session.out().error(fmt::format("VG {} is not repaired and nothing was written to it.", vg));
    if (repair.plan.steps.empty()) continue;
    const std::string question = fmt::format("Repair VG {} so?", vg);
    if (!sys.conduct.agrees(question)) {
      session.fail(
          Error(Errc::Refused, fmt::format("VG {} is not repaired: nothing was written; confirm with -y", vg)));
      continue;
    }
    agreed[i] = true;
    if (Status done = carry_out(session, sys, repair, targets.devices); !done) session.fail(done.error());
  }
  session.document(repair_json(all, agreed));
  return ok();
}
}  // namespace

const Command kRepair{"repair", "Show what is left of a damaged volume group, and mend it", "[VG|UUID|PV...]",
                      kAutobackupAlone, run_repair};

}  // namespace ashlar::cli
