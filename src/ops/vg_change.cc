// SPDX-License-Identifier: LGPL-2.1-or-later
// vgreduce, vgremove, vgchange of properties.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/devices.h"
#include "ops/lv_devices.h"
#include "ops/metadata_copies.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"

namespace ashlar::ops {

namespace {
/// A VG with another system ID is out of reach from here on.
Status confirm_system_id(System& sys, const VolumeGroup& vg, const std::string& id, std::vector<std::string>& notes) {
  if (id.empty()) notes.emplace_back("WARNING: Empty system ID supplied.");
  if (id == vg.system_id)
    return Error(Errc::Refused, fmt::format("Volume Group system ID is already \"{}\".", printable(id)));
  if (id == sys.host.system_ids.own) return ok();
  if (!id.empty()) {
    if (sys.host.system_ids.own.empty()) notes.push_back("WARNING: No local system ID is set.");
    notes.push_back(fmt::format("WARNING: Volume group {} might become inaccessible from this machine.", vg.name));
  }
  std::string question =
      id.empty() ? fmt::format("Remove system ID {} from volume group {}?", printable(vg.system_id), vg.name)
                 : fmt::format("Set foreign system ID {} on volume group {}?", printable(id), vg.name);
  if (sys.conduct.agrees(question)) return ok();
  return Error(Errc::Refused, fmt::format("Volume group {} system ID not changed.", vg.name));
}
}  // namespace

Result<ReducedVg> reduce_vg(System& sys, const std::string& vg, const std::vector<std::string>& devices, bool all) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global));
  ReducedVg reduced;
  std::vector<std::size_t> leaving;  // indices into vg.pvs
  if (all) {
    std::vector<PvUsage> usage = pv_usage(open.vg());
    for (std::size_t i = 0; i < usage.size(); ++i) {
      if (usage[i].used_extents.n == 0)
        leaving.push_back(i);
      else
        reduced.outcome.failures.push_back(plan::still_in_use(open.vg(), open.vg().pvs[i]));
    }
    if (leaving.size() == usage.size() && !leaving.empty()) {  // a VG keeps one PV
      reduced.outcome.failures.emplace_back(plan::final_pv(open.vg(), open.vg().pvs[leaving.back()]));
      leaving.pop_back();
    }
  }
  for (const std::string& path : devices) {
    std::size_t at = TRY(find_pv_by_name(sys, open.picture, path));
    auto member = std::find(open.state().members.begin(), open.state().members.end(), at);
    if (member == open.state().members.end())
      return Error(Errc::NotFound,
                   fmt::format("Physical Volume \"{}\" not found in Volume Group \"{}\".", printable(path), vg));
    const auto place = static_cast<std::size_t>(member - open.state().members.begin());
    if (std::find(leaving.begin(), leaving.end(), place) == leaving.end()) leaving.push_back(place);
  }
  if (leaving.empty() && !reduced.outcome.failures.empty()) return reduced;
  if (leaving.empty()) return Error(Errc::Refused, fmt::format("VG {} has no unused PV that could leave", vg));
  std::vector<Uuid> ids;
  std::vector<store::FoundPv> released;
  for (std::size_t i : leaving) {
    ids.push_back(open.vg().pvs[i].id);
    if (open.state().members[i] == store::kNoPv) continue;
    released.push_back(open.picture.scan.pvs[open.state().members[i]]);
    reduced.removed.push_back(released.back().device->path());
  }
  plan::Planned planned = TRY(plan::reduce_vg(open.vg(), ids));
  reduced.outcome.notes = planned.notes;
  std::vector<store::FoundPv> present;
  for (store::FoundPv& pv : store::written_members(open.picture, open.state())) {
    if (std::find(ids.begin(), ids.end(), pv.label.pv) == ids.end()) present.push_back(std::move(pv));
  }
  const auto has_area = [](const store::FoundPv& pv) { return !pv.mdas.empty(); };
  if (std::none_of(present.begin(), present.end(), has_area) && std::any_of(released.begin(), released.end(), has_area))
    return Error(Errc::Refused,
                 fmt::format("Cannot remove final metadata area on \"{}\" from \"{}\": the PVs that stay have none",
                             fmt::join(reduced.removed, ", "), vg));
  const std::vector<store::FoundPv> ignored = choose_areas(present, planned.vg.metadata_copies);
  SignalShield shield;
  TRY(apply(sys, &open.vg(), std::move(present), std::move(planned.vg), {}, reduced.outcome.notes)
          .context("reducing VG " + vg));
  TRY(ignore_areas(sys, ignored));
  TRY(release(sys, std::move(released))
          .context("the PVs left the VG, but their own labels are not cleared (pvcreate -ff does it)"));
  forget_hints(sys);
  return reduced;
}

namespace {
/// All LVs or none: what cannot go is found before the first one is gone.
Status check_all_removable(System& sys, const VolumeGroup& vg) {
  const LvDevices devices = TRY(LvDevices::read(sys, vg.id));
  const std::vector<bool> visible = visibility(vg);
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    if (!visible[i]) continue;
    TRY(plan::check_removable(vg, vg.lvs[i].name));
    if (devices.open(vg.lvs[i]))
      return Error(Errc::Busy,
                   fmt::format("Logical volume {}/{} in use; nothing was removed", vg.name, vg.lvs[i].name));
  }
  return ok();
}

Result<OpenVg> open_to_remove(System& sys, const std::string& vg, int force) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global | Need::AllowPartial));
  if (is_partial(open.vg()) && force == 0)
    return Error(
        Errc::Refused,
        fmt::format(
            "Volume group \"{}\" not found, is inconsistent or has PVs missing. A PV that comes back would bring it back "
            "in part: vgreduce --removemissing gives those up, vgremove -f does not wait for them",
            vg));
  return open;
}
}  // namespace

Result<Outcome> remove_vg(System& sys, const std::string& vg, int force) {
  std::optional<OpenVg> open(TRY(open_to_remove(sys, vg, force)));
  Outcome outcome;
  std::optional<SignalShield> shield;  // from the first LV that goes to the last PV
  std::size_t lvs = visible_lv_count(open->vg());
  if (lvs != 0) {
    bool sure =
        force > 0 || sys.conduct.agrees(fmt::format(
                         "Do you really want to remove volume group \"{}\" containing {} logical volumes?", vg, lvs));
    if (!sure)
      return Error(
          Errc::Refused,
          fmt::format("Volume group \"{}\" not removed: it holds {} logical volumes; confirm with -y or -f", vg, lvs));
    TRY(check_all_removable(sys, open->vg()));
    shield.emplace();
    open.reset();  // remove_lvs takes the VG's lock itself; the global lock is free meanwhile, so everything is read
                   // again
    RemovedLvs removed = TRY(remove_lvs(sys, vg, {}, std::max(force, 1)));
    outcome = std::move(removed.outcome);
    for (const std::string& lv : removed.removed)
      outcome.notes.push_back(fmt::format("Logical volume \"{}\" successfully removed.", lv));
    if (!outcome.failures.empty()) return outcome;
    if (sys.conduct.test) return outcome;
    open.emplace(TRY(open_to_remove(sys, vg, force)));
  }
  if (!open->vg().lvs.empty())
    return Error(Errc::Refused,
                 fmt::format("Volume group \"{}\" still contains {} logical volume(s)", vg, open->vg().lvs.size()));
  if (!TRY(sys.kernel->active(open->vg().id)).empty())
    return Error(
        Errc::Busy,
        fmt::format("Volume group \"{}\" has devices in the kernel that are not in its metadata; dmsetup shows them",
                    vg));
  if (store::present_members(open->picture, open->state()).empty())
    return Error(Errc::Refused, fmt::format("Volume group \"{}\" not removed: none of its PVs is there", vg));
  TRY(drop_vg(sys, *open).context("removing VG " + vg));
  drop_backup(sys, vg, outcome.notes);
  forget_hints(sys);
  return outcome;
}

namespace {
/// As LVM2 has it: tags and a profile are given to a VG whose PVs are not all there, and nothing else is.
Need need_of(const plan::ChangeVg& request) {
  if (request.new_id) return Need::Global;
  const bool more = request.alloc || request.resizeable || request.autoactivate || request.max_lv || request.max_pv ||
                    request.extent_size || request.system_id || request.metadata_copies;
  return more ? Need::Complete : Need::AllowPartial;
}

/// A copy of the text with the old id that is left behind would come back as another VG of the same name.
Status check_no_old_copy(const store::VgState& state) {
  if (state.outdated.empty()) return ok();
  return Error(
      Errc::Refused,
      fmt::format("A PV that VG {0} no longer has carries its old metadata; vgck --updatemetadata {0} clears it",
                  state.vg.name));
}
}  // namespace

Result<Outcome> change_vg(System& sys, const std::string& vg, const plan::ChangeVg& request) {
  OpenVg open = TRY(open_for_update(sys, vg, need_of(request)));
  if (request.new_id) TRY(check_no_old_copy(open.state()));
  plan::ChangeVg wanted = request;
  if (wanted.new_id) wanted.new_id = sys.random->uuid();
  plan::Planned planned = TRY(plan::change_vg(open.vg(), wanted));
  Outcome outcome{planned.notes, {}};
  if (request.system_id) TRY(confirm_system_id(sys, open.vg(), *request.system_id, outcome.notes));
  if (planned.vg == open.vg()) return outcome;
  if ((request.new_id || request.extent_size) && !TRY(sys.kernel->active(open.vg().id)).empty())
    return Error(Errc::Busy, "Volume group has active logical volumes");
  std::vector<store::FoundPv> present = store::written_members(open.picture, open.state());
  std::vector<store::FoundPv> ignored;
  if (request.metadata_copies) ignored = choose_areas(present, *request.metadata_copies);
  TRY(apply(sys, &open.vg(), std::move(present), std::move(planned.vg), {}, outcome.notes)
          .context("changing VG " + vg));
  TRY(ignore_areas(sys, ignored));
  return outcome;
}

}  // namespace ashlar::ops
