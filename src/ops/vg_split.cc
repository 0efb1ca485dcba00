// SPDX-License-Identifier: LGPL-2.1-or-later
// vgsplit and vgmerge. A PV goes from one VG to another by the one write that replaces the old VG's text on it.
#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "ops/devices.h"
#include "ops/lv_devices.h"
#include "ops/metadata_copies.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_locks.h"

namespace ashlar::ops {

namespace {
/// LVs that change their VG change the UUID of their device, which the kernel cannot do under a user.
Status check_inactive(System& sys, const VolumeGroup& vg, const std::vector<LogicalVolume>& lvs) {
  const LvDevices devices = TRY(LvDevices::read(sys, vg.id));
  for (const LogicalVolume& lv : lvs) {
    if (devices.active(lv))
      return Error(Errc::Busy, fmt::format("Logical volume {}/{} must be inactive.", vg.name, lv.name));
  }
  return ok();
}

std::vector<store::FoundPv> present_of(const store::Picture& picture, const VolumeGroup& vg) {
  std::vector<store::FoundPv> present;
  for (const store::VgState& state : picture.vgs) {
    for (store::FoundPv& pv : store::present_members(picture, state)) {
      if (find_pv(vg, pv.label.pv) != nullptr) present.push_back(std::move(pv));
    }
  }
  return present;
}
}  // namespace

Result<Outcome> merge_vgs(System& sys, const std::string& to, const std::string& from) {
  if (to == from) return Error(Errc::Refused, fmt::format("Duplicate volume group name \"{}\"", to));
  OpenVgs open = TRY(lock_vgs(sys, {to, from}));
  const store::VgState& into = *TRY(usable_vg(sys, open, to, Need::Complete));
  const store::VgState& source = *TRY(usable_vg(sys, open, from, Need::Complete));
  plan::Planned planned = TRY(plan::merge_vgs(into.vg, source.vg));
  TRY(check_inactive(sys, source.vg, source.vg.lvs));
  Outcome outcome{planned.notes, {}};
  if (!sys.conduct.test) TRY(archive_before(sys, source.vg));
  std::vector<store::FoundPv> present = present_of(open.picture, planned.vg);
  TRY(apply(sys, &into.vg, std::move(present), std::move(planned.vg), {}, outcome.notes)
          .context(fmt::format("merging VG {} into {}", from, to)));
  drop_backup(sys, from, outcome.notes);
  forget_hints(sys);
  return outcome;
}

Result<SplitDone> split_vg(System& sys, const SplitVgs& request) {
  const std::string& from = request.from;
  const std::string& to = request.plan.name;
  if (to == from) return Error(Errc::Refused, fmt::format("Duplicate volume group name \"{}\"", to));
  OpenVgs open = TRY(lock_vgs(sys, {to, from}));
  const store::VgState& source = *TRY(usable_vg(sys, open, from, Need::Complete));
  const bool exists = std::any_of(open.picture.vgs.begin(), open.picture.vgs.end(),
                                  [&](const store::VgState& s) { return s.vg.name == to; });
  const store::VgState* into = exists ? TRY(usable_vg(sys, open, to, Need::Complete)) : nullptr;
  if (into != nullptr &&
      (request.plan.max_lv || request.plan.max_pv || request.plan.alloc || request.plan.metadata_copies))
    return Error(Errc::Refused, fmt::format("Volume group \"{}\" exists, but new VG option specified", to));
  if (into == nullptr) TRY(check_dev_name(sys, to, store::present_members(open.picture, source)));
  plan::SplitRequest wanted = request.plan;
  if (!wanted.metadata_copies) wanted.metadata_copies = copies_of_new_vg(sys.settings);
  for (const std::string& device : request.devices) {
    std::size_t at = TRY(find_pv_by_name(sys, open.picture, device));
    const Uuid& id = open.picture.scan.pvs[at].label.pv;
    if (find_pv(source.vg, id) == nullptr)
      return Error(Errc::NotFound, fmt::format("Physical volume {} not in volume group {}",
                                               open.picture.scan.pvs[at].device->path(), from));
    wanted.pvs.push_back(id);
  }
  plan::SplitVg split = TRY(plan::split_vg(source.vg, into == nullptr ? nullptr : &into->vg, wanted, *sys.random));
  std::vector<LogicalVolume> moving;
  for (const LogicalVolume& lv : source.vg.lvs) {
    if (!split.rest || find_lv(*split.rest, lv.name) == nullptr) moving.push_back(lv);
  }
  TRY(check_inactive(sys, source.vg, moving));
  SplitDone done{into == nullptr, {}};
  // Staged together; the PVs' new VG is committed first. Where that is cut off both VGs list them, and their own text
  // tells whose they are.
  std::vector<VgStep> steps;
  steps.push_back({into == nullptr ? nullptr : &into->vg, present_of(open.picture, split.into), split.into});
  if (split.rest) steps.push_back({&source.vg, present_of(open.picture, *split.rest), *split.rest});
  std::vector<store::FoundPv> ignored;
  for (VgStep& step : steps) {
    for (store::FoundPv& pv : choose_areas(step.present, step.after.metadata_copies)) ignored.push_back(std::move(pv));
  }
  if (!split.rest && !sys.conduct.test) TRY(archive_before(sys, source.vg));
  TRY(apply(sys, std::move(steps), {}, done.outcome.notes).context(fmt::format("moving PVs of VG {} to {}", from, to)));
  TRY(ignore_areas(sys, ignored));
  if (!split.rest) drop_backup(sys, from, done.outcome.notes);
  forget_hints(sys);
  return done;
}

}  // namespace ashlar::ops
