// SPDX-License-Identifier: LGPL-2.1-or-later
// lvcreate: one lock, one read, one pure plan, one apply.
#include <fmt/format.h>

#include "base/log.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/ops.h"
#include "ops/permission_rules.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// After a failed activation the new LV goes again; if even that fails both errors are told.
Error take_back(System& sys, const OpenVg& open, const VolumeGroup& with_lv, const std::string& name, Error why) {
  std::vector<std::string> notes;
  Status undone = deactivate_one(sys, with_lv, name);
  if (undone) {
    // Read again: what was committed just now must not be written over.
    auto picture = read_devices(sys);
    auto state = picture ? store::find_vg(**picture, with_lv.name) : Result<const store::VgState*>(picture.error());
    undone = state ? apply(sys, &(*state)->vg, store::written_members(**picture, **state), open.vg(), {}, notes)
                   : Status(state.error());
  }
  if (!undone)
    return std::move(why).context(
        fmt::format("LV {}/{} is left in the metadata ({})", with_lv.name, name, undone.error().message()));
  return std::move(why).context(fmt::format("LV {}/{} was not kept", with_lv.name, name));
}
}  // namespace

Result<CreatedLv> create_lv(System& sys, const CreateLv& request) {
  OpenVg open = TRY(open_for_update(sys, request.vg));
  plan::CreateLv wanted = request.plan;
  if (!request.pvs.empty()) wanted.pvs = TRY(choose_pvs(sys, open.picture, open.state(), request.pvs));
  if (wanted.minor) wanted.major = sys.host.dm_major;  // the kernel gives it; what a person says has no effect
  wanted.reach = reach(open.picture, open.state());
  auto made = plan::create_lv(vg_to_change(sys, open), wanted, *sys.random);
  if (!made) return with_reach(std::move(made).error(), open.picture, open.state());
  plan::Planned planned = std::move(made).value();
  CreatedLv created{planned.lv, {std::move(planned.notes), {}}};
  std::vector<std::string>& notes = created.outcome.notes;
  const LogicalVolume& lv = *find_lv(planned.vg, created.lv);

  const bool no_kernel = on_images(open.picture, open.state()) || (request.activate && !sys.ask_kernel);
  bool activate = request.activate && !no_kernel;
  const dm::ActivationRequest how{.automatic = request.automatic, .ignore_skip = request.ignore_skip, .new_lv = true};
  if (auto denied = dm::activation_denied(activation_rules(sys), planned.vg, lv, how); activate && denied) {
    const bool clears = request.zero.value_or(wanted.writable && !wanted.unbacked) || request.wipe.value_or(false);
    if (clears && !denied->automatic())
      return Error(Errc::Refused,
                   fmt::format(
                       "{} Nothing was created, since the start of the new LV cannot be cleared (-an -Zn does without)",
                       denied->message))
          .noted(notes);
    activate = false;
    log(LogLevel::Info, denied->message);
  }
  std::vector<LvClear> clears;
  if (!wanted.unbacked) {
    const bool zero = request.zero.value_or((activate || (no_kernel && request.activate)) && wanted.writable);
    const bool wipe = request.wipe.value_or(zero);
    if (zero || wipe) clears.push_back({lv.id, zero, wipe, sys.conduct.assume_yes});
    if (!zero) notes.push_back(fmt::format("WARNING: Logical volume {}/{} not zeroed.", request.vg, created.lv));
  }
  dm::Change change;
  if (activate) {
    TRY(sys.kernel->available().context("activating the new LV (-an creates it inactive)").noted(notes));
    change = dm::diff({}, {TRY(dm::lv_device(planned.vg, lv, layout_context(sys, open.picture, open.state())))});
  }
  VolumeGroup now;
  const bool goes_on = activate && sys.transaction == nullptr;  // after the commit something can fail
  if (goes_on) {                                                // what it would be taken back from
    now = planned.vg;
    now.seqno = open.vg().seqno + 1;
  }
  std::vector<VgStep> steps;
  steps.push_back({&open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg),
                   VgStep::Discard::Never, std::move(clears)});  // it frees nothing
  Status done = apply(sys, std::move(steps), change, notes);
  if (!done && (!goes_on || done.error().code() != Errc::Partial))
    return std::move(done).error().noted(notes).context(fmt::format("creating {}/{}", request.vg, created.lv));
  if (!done) return take_back(sys, open, now, created.lv, std::move(done).error().noted(notes));
  return created;
}

}  // namespace ashlar::ops
