// SPDX-License-Identifier: LGPL-2.1-or-later
// vgrename, vgexport, vgimport.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "activation/names.h"
#include "base/names.h"
#include "metadata/model/query.h"
#include "ops/layered.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "ops/vg_locks.h"

namespace ashlar::ops {

namespace {
/// What every active device of the VG becomes when it goes from one value to the next.
Result<dm::Change> change_of_active(System& sys, const store::Picture& picture, const store::VgState& state,
                                    const VolumeGroup& after) {
  std::vector<dm::ActiveDevice> active = TRY(sys.kernel->active(after.id));
  const dm::LayoutContext context = layout_context(sys, picture, state);
  const Layered layered(state.vg);
  std::vector<dm::Device> wanted;
  for (const dm::ActiveDevice& device : active) {
    const auto id = dm::split_uuid(device.device.uuid);
    const LogicalVolume* now = id ? find_lv(state.vg, id->lv) : nullptr;
    const LogicalVolume* lv = id ? find_lv(after, id->lv) : nullptr;
    // Of the VG as it is called now.
    if (const auto why = now != nullptr ? layered.why(*now, {device}) : std::nullopt)
      return Error(Errc::Unsupported,
                   fmt::format("{0}/{1} is active, and {2}; deactivate VG {0} first (`lvm vgchange -an {0}`)",
                               state.vg.name, now->name, *why));
    if (lv == nullptr || !id->suffix.empty())
      return Error(Errc::Unsupported, fmt::format("{0} is active and of a kind that is not handled yet; deactivate VG "
                                                  "{1} first (`lvm vgchange -an {1}`)",
                                                  device.device.name, state.vg.name));
    wanted.push_back(TRY(dm::lv_device(after, *lv, context)));
  }
  return dm::diff(active, wanted);
}

Result<const store::VgState*> by_name_or_id(const store::Picture& picture, const std::string& word) {
  if (auto id = parse_uuid(word)) {
    for (const store::VgState& state : picture.vgs) {
      if (state.vg.id == *id) return &state;
    }
  }
  return store::find_vg(picture, word);
}
}  // namespace

Status check_dev_name(const System& sys, const std::string& vg, const std::vector<store::FoundPv>& pvs) {
  const bool linked = std::any_of(pvs.begin(), pvs.end(), [](const store::FoundPv& pv) { return pv.device->number(); });
  const std::string path = sys.settings.text("devices/dir") + "/" + vg;
  struct stat st {};
  if (!linked || ::stat(path.c_str(), &st) != 0) return ok();
  // A VG that goes before it in the same transaction may have left it.
  if (sys.transaction != nullptr && S_ISDIR(st.st_mode)) return ok();
  return Error(Errc::InvalidArgument,
               fmt::format("{}: already exists in filesystem, so that the LVs of a VG {} could have no names there: "
                           "choose another name",
                           path, vg));
}

Result<Outcome> rename_vg(System& sys, const std::string& from, const std::string& to) {
  TRY(check_name("New volume group name", to));
  store::Picture before = TRY(look(sys));
  const VolumeGroup seen = TRY(by_name_or_id(before, from))->vg;
  if (seen.name == to) return Error(Errc::Refused, "Old and new volume group names must differ");
  OpenVgs open = TRY(lock_vgs(sys, {seen.name, to}));
  for (const store::VgState& state : open.picture.vgs) {
    if (state.vg.name == to) return Error(Errc::Exists, fmt::format("New VG name \"{}\" already exists", to));
  }
  const store::VgState& state = *TRY(usable_vg(sys, open, seen.name, Need::AllowExported, &seen.id));
  if (Status free = check_dev_name(sys, to, store::present_members(open.picture, state)); !free)
    return Error(Errc::Refused, free.error().message());
  plan::Planned planned = TRY(plan::rename_vg(state.vg, to));
  Outcome outcome{planned.notes, {}};
  dm::Change change = TRY(change_of_active(sys, open.picture, state, planned.vg));
  TRY(apply(sys, &state.vg, store::written_members(open.picture, state), std::move(planned.vg), change, outcome.notes)
          .context("renaming VG " + seen.name));
  forget_hints(sys);
  drop_backup(sys, seen.name, outcome.notes);
  return outcome;
}

Result<Outcome> export_vg(System& sys, const std::string& vg) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::Global));
  plan::Planned planned = TRY(plan::export_vg(open.vg()));
  if (!TRY(sys.kernel->active(open.vg().id)).empty())
    return Error(Errc::Busy, fmt::format("Volume group \"{}\" has active logical volumes", vg));
  Outcome outcome{planned.notes, {}};
  TRY(apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg), {},
            outcome.notes)
          .context("exporting VG " + vg));
  forget_hints(sys);
  return outcome;
}

Result<Outcome> import_vg(System& sys, const std::string& vg, bool force) {
  Need need = Need::Global | Need::AllowExported;
  OpenVg open = TRY(open_for_update(sys, vg, force ? need | Need::AllowPartial : need));
  plan::Planned planned = TRY(plan::import_vg(open.vg(), sys.host.system_ids.own));
  Outcome outcome{planned.notes, {}};
  TRY(apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg), {},
            outcome.notes)
          .context("importing VG " + vg));
  forget_hints(sys);
  return outcome;
}

}  // namespace ashlar::ops
