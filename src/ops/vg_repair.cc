// SPDX-License-Identifier: LGPL-2.1-or-later
// vgreduce --removemissing and vgck: a VG whose PVs or copies are not all there.
#include <fmt/format.h>

#include <algorithm>

#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/damaged_vg.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/lv_devices.h"
#include "ops/newer_backup.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/stopped.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"

namespace ashlar::ops {

namespace {
/// Nothing where the kernel does not answer: the metadata is checked all the same.
std::vector<std::string> left_by_stopped(System& sys, const VolumeGroup& vg) {
  std::vector<std::string> left;
  const auto read = LvDevices::read(sys, vg.id);
  if (!read) return left;
  const LvDevices& devices = *read;
  for (const LogicalVolume& lv : vg.lvs) {
    const std::vector<dm::ActiveDevice>& of = devices.of(lv);
    if (of.empty()) continue;
    if (std::string still = still_sentence(vg, lv, of.front()); !still.empty()) left.push_back(std::move(still));
  }
  return left;
}
}  // namespace

Result<ReducedMissing> reduce_missing(System& sys, const std::string& vg, bool force) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global | Need::AllowPartial));
  ReducedMissing reduced;
  if (!is_partial(open.vg())) {
    reduced.consistent = true;
    return reduced;
  }
  plan::Reduced planned = TRY(plan::remove_missing(open.vg(), force));
  reduced.partial_lvs = planned.partial;
  reduced.removed_lvs = planned.removed_lvs;
  if (planned.planned.vg == open.vg()) return reduced;
  for (const std::string& lv : planned.removed_lvs) {
    if (!sys.conduct.test) TRY(deactivate_one(sys, open.vg(), lv).context(fmt::format("deactivating {}/{}", vg, lv)));
  }
  TRY(apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.planned.vg), {},
            reduced.outcome.notes)
          .context("taking missing PVs out of VG " + vg));
  forget_hints(sys);
  return reduced;
}

Result<Outcome> restore_missing(System& sys, const std::string& vg, const std::vector<std::string>& devices) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global | Need::AllowPartial));
  Outcome outcome;
  std::vector<store::FoundPv> present = store::written_members(open.picture, open.state());
  for (const std::string& path : devices) {
    const std::size_t at = TRY(find_pv_by_name(sys, open.picture, path));
    const store::FoundPv& found = open.picture.scan.pvs[at];
    const PhysicalVolume* pv = find_pv(open.vg(), found.label.pv);
    if (pv == nullptr)
      return Error(Errc::NotFound,
                   fmt::format("Physical Volume \"{}\" not found in Volume Group \"{}\".", found.device->path(), vg));
    if (!pv->status.has(PvFlag::Missing))
      return Error(Errc::Refused, fmt::format("PV {} was not missing in VG {}", found.device->path(), vg));
    TRY(check_may_join(open.picture, at, open.vg().id).context("nothing was changed"));
    TRY(check_size(found, open.vg()).context("nothing was changed"));
    std::erase_if(present, [&](const store::FoundPv& f) { return f.device == found.device; });
    present.push_back(found);
  }
  TRY(apply(sys, &open.vg(), std::move(present), open.vg(), {}, outcome.notes)
          .context("taking PVs of VG " + vg + " in again"));
  forget_hints(sys);
  return outcome;
}

Result<Outcome> check_vg(System& sys, const std::string& vg, bool update) {
  Outcome outcome;
  if (!update) {
    store::Picture picture = TRY(look(sys));
    const store::VgState& state = *TRY(store::find_vg(picture, vg));
    if (!state.unsafe) TRY(check_allowed(sys, state, Need::Activation));  // foreign, exported
    std::size_t missing = 0;
    for (const PhysicalVolume& pv : state.vg.pvs) missing += pv.status.has(PvFlag::Missing) ? 1 : 0;
    auto warn = [&](const std::string& what) {
      if (sys.warned.insert(what).second) outcome.notes.push_back("WARNING: " + what);
    };
    for (const std::string& what : picture.warnings) warn(what);
    for (const std::string& what : state.damage) warn(what);
    // A scan reads one of all copies that their headers call the same; some of the others may not be readable.
    std::vector<BadArea> areas;
    for (std::size_t member : state.members) {
      if (member != store::kNoPv) find_bad_areas(picture, member, state.vg.seqno, areas);
    }
    for (const BadArea& area : areas) {
      const std::string name = store::mda_name(picture.scan.pvs[area.pv], area.mda);
      if (std::ranges::none_of(state.damage,
                               [&](const std::string& what) { return what.find(name) != std::string::npos; }))
        warn(name + ": " + area.fault);
    }
    const std::vector<std::string> sizes = size_warnings(sys, picture, state);
    for (const std::string& what : sizes) warn(what);
    for (const std::string& what : left_by_stopped(sys, state.vg)) warn(what);
    if (missing != 0)
      outcome.failures.emplace_back(Errc::Partial,
                                    fmt::format("The volume group is missing {} physical volumes.", missing));
    if (!sizes.empty())
      outcome.failures.emplace_back(Errc::Partial, fmt::format("{}: {}", cut_off_text(vg), cut_off_mend(vg)));
    if (state.unsafe)
      outcome.failures.push_back(*state.unsafe);
    else if ((!state.damage.empty() || !areas.empty()) && missing == 0)
      outcome.failures.emplace_back(
          Errc::Partial, fmt::format("The copies of VG {0} disagree; vgck --updatemetadata {0} mends them", vg));
    return outcome;
  }
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global | Need::AllowPartial | Need::AllowOlder));
  const store::VgState& state = open.state();
  VolumeGroup after = open.vg();
  if (const auto newer = newer_backup(sys, state)) {
    const std::string what = newer_text(after, *newer);
    if (!sys.conduct.agrees(fmt::format("{}. Keep seqno {}, which they lose to then?", what, after.seqno)))
      return Error(Errc::Refused,
                   fmt::format("{}. Nothing was changed: confirm with -y that seqno {} is to stay", what, after.seqno));
    after.seqno = newer->seqno;  // what is written is above it
  }
  std::vector<store::FoundPv> outdated;
  for (std::size_t at : state.outdated) outdated.push_back(open.picture.scan.pvs[at]);
  std::vector<VgStep> steps;
  steps.push_back({.before = &open.vg(),
                   .present = store::written_members(open.picture, state),
                   .after = std::move(after),
                   .every_copy = true});
  TRY(apply(sys, std::move(steps), {}, outcome.notes).context("writing VG " + vg));
  if (!outdated.empty())
    TRY(release(sys, std::move(outdated)).context("PVs that VG " + vg + " no longer has keep its old metadata"));
  return outcome;
}

}  // namespace ashlar::ops
