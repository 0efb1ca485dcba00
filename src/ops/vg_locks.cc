// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/vg_locks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/signal_shield.h"
#include "store/roll_forward.h"

namespace ashlar::ops {

namespace {
bool part_of(const store::CutCommit& cut, const std::set<std::string>& vgs) {
  return std::any_of(vgs.begin(), vgs.end(), [&](const std::string& vg) { return cut.vgs.contains(vg); });
}

Result<OpenVgs> lock_once(System& sys, const std::vector<std::string>& names) {
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  std::vector<lock::Held> locks;
  for (const std::string& name : names) locks.push_back(TRY(sys.locks->vg(name, lock::Mode::Exclusive)));
  auto picture = TRY(read_devices(sys));
  return OpenVgs{std::move(global), std::move(locks), std::move(picture)};
}
}  // namespace

Result<OpenVgs> lock_vgs(System& sys, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::set<std::string> vgs(names.begin(), names.end());
  for (int attempt = 1; attempt <= kCutAttempts; ++attempt) {
    std::shared_ptr<const store::Picture> picture;
    {
      OpenVgs open = TRY(lock_once(sys, names));
      if (!has_cut_commits(sys, open.picture, vgs)) return open;
      picture = open.shared;
    }
    TRY(finish_cut_commits(sys, *picture, vgs));
  }
  return Error(Errc::Busy, fmt::format("VG {} keeps changing; try again", names.front()));
}

bool has_cut_commits(const System& sys, const store::Picture& picture, const std::set<std::string>& vgs) {
  if (sys.conduct.test || sys.transaction != nullptr) return false;
  return std::any_of(picture.scan.cut.begin(), picture.scan.cut.end(),
                     [&](const store::CutCommit& cut) { return part_of(cut, vgs); });
}

Status finish_cut_commits(System& sys, const store::Picture& seen, const std::set<std::string>& vgs) {
  for (const store::CutCommit& cut : seen.scan.cut) {
    if (!part_of(cut, vgs)) continue;
    OpenVgs open = TRY(lock_once(sys, {cut.vgs.begin(), cut.vgs.end()}));
    auto now = std::find_if(open.picture.scan.cut.begin(), open.picture.scan.cut.end(),
                            [&](const store::CutCommit& c) { return c.vgs == cut.vgs; });
    if (now == open.picture.scan.cut.end()) continue;  // it was under way, or somebody was faster
    for (const store::VgState& state : open.picture.vgs) {
      if (cut.vgs.contains(state.vg.name))
        TRY(check_allowed(sys, state, Need::AllowPartial | Need::AllowExported)
                .context("finishing a command that was cut off"));
    }
    log(LogLevel::Info, "Finishing the commit of a command that was cut off.");
    SignalShield shield;
    TRY(store::finish(open.picture.scan, *now).context("finishing a command that was cut off"));
  }
  return ok();
}

void warn_unread(System& sys, const store::Picture& picture) {
  for (const store::Problem& problem : picture.problems) {
    if (sys.warned.insert(problem.what).second) log(LogLevel::Warning, problem.what);
  }
}

Result<const store::VgState*> usable_vg(System& sys, const OpenVgs& open, const std::string& name, Need need,
                                        const Uuid* id) {
  const store::VgState* state = nullptr;
  for (const store::VgState& each : open.picture.vgs) {
    if (id != nullptr && each.vg.id == *id && each.vg.name == name) state = &each;
  }
  if (state == nullptr) {
    auto found = store::find_vg(open.picture, name);
    if (!found.ok()) warn_unread(sys, open.picture);
    state = TRY(std::move(found));
  }
  TRY(check_allowed(sys, *state, need));
  return state;
}

}  // namespace ashlar::ops
