// SPDX-License-Identifier: LGPL-2.1-or-later
// lvextend, lvreduce, lvresize, lvremove, lvrename, lvchange of properties.
#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/clear_lv.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/lv_devices.h"
#include "ops/ops.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// What an LV's device has to become when its VG goes from one value to the next; nothing if it is not active.
/// Read-ahead is no part of a table: the kernel takes another one when the device is resumed.
Result<dm::Change> change_of_active(System& sys, const OpenVg& open, const VolumeGroup& after, const Uuid& lv_id) {
  const auto same_id = [&](const LogicalVolume& lv) { return lv.id == lv_id; };
  const LogicalVolume& before = *std::find_if(open.vg().lvs.begin(), open.vg().lvs.end(), same_id);
  const LogicalVolume& now = *std::find_if(after.lvs.begin(), after.lvs.end(), same_id);
  std::vector<dm::ActiveDevice> active = TRY(LvDevices::read(sys, open.vg().id, before)).of(before);
  if (active.empty()) return dm::Change{};
  dm::Device wanted = TRY(dm::lv_device(after, now, layout_context(sys, open.picture, open.state())));
  dm::Change change = dm::diff(active, {wanted});
  if (before.read_ahead != now.read_ahead && change.empty())
    change.steps.emplace_back(dm::Reload{std::move(wanted), false, true});
  return change;
}

/// Plan made, properties or extents changed: commit and carry the active device along.
Status commit_lv(System& sys, const OpenVg& open, plan::Planned planned, const Uuid& lv, Outcome& outcome) {
  dm::Change change = TRY(change_of_active(sys, open, planned.vg, lv));
  outcome.notes.insert(outcome.notes.end(), planned.notes.begin(), planned.notes.end());
  return apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg), change,
               outcome.notes);
}
}  // namespace

Result<ResizedLv> resize_lv(System& sys, const std::string& vg, plan::ResizeLv request,
                            const std::vector<std::string>& pvs, bool force) {
  OpenVg open = TRY(open_for_update(sys, vg));
  if (!pvs.empty()) request.pvs = TRY(choose_pvs(sys, open.picture, open.state(), pvs));
  request.reach = reach(open.picture, open.state());
  auto made = plan::resize_lv(open.vg(), request);
  if (!made) return with_reach(std::move(made).error(), open.picture, open.state());
  plan::Planned planned = std::move(made).value();
  const LogicalVolume* lv = find_lv(open.vg(), request.lv);
  ResizedLv resized{lv->extents(), find_lv(planned.vg, request.lv)->extents(), open.vg().extent_size, {}};
  if (resized.after == resized.before) {  // of what is free nothing could be had
    resized.outcome.notes = std::move(planned.notes);
    return resized;
  }
  if (resized.after < resized.before) {
    const LvDevices devices = TRY(LvDevices::read(sys, open.vg().id, *lv));
    resized.was_active = devices.active(*lv);
    resized.was_open = devices.open(*lv);
  }
  if (resized.after < resized.before && !force) {
    // Like removal, reducing an LV that nobody uses is taken at its word.
    std::string question = fmt::format(
        "WARNING: Reducing active logical volume {0}/{1} may destroy your data (filesystem etc.). "
        "Do you really want to reduce {0}/{1}?",
        vg, request.lv);
    if (resized.was_active && !sys.conduct.agrees(question))
      return Error(Errc::Refused,
                   fmt::format("Logical volume {}/{} NOT reduced: confirm with -y or -f", vg, request.lv))
          .noted(planned.notes);
  }
  TRY(commit_lv(sys, open, std::move(planned), lv->id, resized.outcome)
          .noted(resized.outcome.notes)
          .context(fmt::format("resizing {}/{}", vg, request.lv)));
  return resized;
}

Result<RemovedLvs> remove_lvs(System& sys, const std::string& vg, const std::vector<std::string>& lvs, int force) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::AllowPartial));
  const std::vector<std::string> names = meant_lvs(open.vg(), lvs).names();
  RemovedLvs removed;
  VolumeGroup after = open.vg();
  const LvDevices devices = TRY(LvDevices::read(sys, open.vg(), names));
  for (const std::string& name : names) {
    const LogicalVolume* lv = find_lv(after, name);
    if (lv == nullptr) {
      removed.outcome.failures.push_back(no_such_lv(vg, name));
      continue;
    }
    if (Status fits = plan::check_removable(after, name); !fits) {
      removed.outcome.failures.push_back(std::move(fits).error());
      continue;
    }
    if (const std::vector<dm::ActiveDevice>& active = devices.of(*lv); !active.empty()) {
      // An inactive LV is removed without a word, an active one only when somebody means it.
      bool sure = force > 0 || sys.conduct.agrees(
                                   fmt::format("Do you really want to remove active logical volume {}/{}?", vg, name));
      if (!sure) {
        removed.outcome.failures.emplace_back(
            Errc::Refused, fmt::format("Logical volume {}/{} not removed: confirm with -y or -f", vg, name));
        continue;
      }
      if (Status down = carry_out(sys, dm::diff(active, {})); !down) {
        removed.outcome.failures.push_back(std::move(down).error());
        continue;
      }
    }
    after = TRY(plan::remove_lv(std::move(after), name)).vg;
    removed.removed.push_back(name);
  }
  if (removed.removed.empty()) return removed;
  TRY(apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(after), {},
            removed.outcome.notes)
          .context(fmt::format("removing LVs of VG {}", vg)));
  return removed;
}

Result<Outcome> rename_lv(System& sys, const std::string& vg, const std::string& from, const std::string& to) {
  OpenVg open = TRY(open_for_update(sys, vg));
  const LogicalVolume* lv = find_lv(open.vg(), from);
  if (lv == nullptr)
    return Error(Errc::NotFound,
                 fmt::format("Existing logical volume \"{}\" not found in volume group \"{}\"", from, vg));
  Outcome outcome;
  plan::Planned planned = TRY(plan::rename_lv(open.vg(), from, to));
  TRY(commit_lv(sys, open, std::move(planned), lv->id, outcome).context(fmt::format("renaming {}/{}", vg, from)));
  return outcome;
}

namespace {
/// Gives an active LV another minor number: its device goes and comes again. Back to the old one if that fails.
Status renumber(System& sys, const OpenVg& open, plan::Planned planned, const std::vector<dm::ActiveDevice>& active,
                Outcome& outcome) {
  const std::string name = fmt::format("{}/{}", open.vg().name, planned.lv);
  const std::string question = fmt::format("Logical volume {} will be deactivated temporarily. Continue?", name);
  if (!sys.conduct.agrees(question))
    return Error(Errc::Refused,
                 fmt::format("{} keeps its minor number: confirm with -y, or deactivate it first", name));
  const dm::LayoutContext context = layout_context(sys, open.picture, open.state());
  const dm::Device before = TRY(dm::lv_device(open.vg(), *find_lv(open.vg(), planned.lv), context));
  const dm::Device after = TRY(dm::lv_device(planned.vg, *find_lv(planned.vg, planned.lv), context));
  TRY(carry_out(sys, dm::diff(active, {})).context("deactivating " + name));
  Status done = apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg),
                      dm::diff({}, {after}), outcome.notes);
  if (done || done.error().code() == Errc::Partial) return done;
  if (Status back = carry_out(sys, dm::diff({}, {before})); !back)
    return std::move(done).error().context(fmt::format("{} is inactive now ({})", name, back.error().message()));
  return done;
}
}  // namespace

Result<Outcome> change_lv(System& sys, const std::string& vg, const plan::ChangeLv& request) {
  OpenVg open = TRY(open_for_update(sys, vg, Need::AllowPartial));
  const LogicalVolume* lv = find_lv(open.vg(), request.lv);
  if (lv == nullptr) return no_such_lv(vg, request.lv);
  plan::ChangeLv wanted = request;
  if (wanted.minor) wanted.major = sys.host.dm_major;  // the kernel gives it; what a person says has no effect
  plan::Planned planned = TRY(plan::change_lv(open.vg(), wanted));
  Outcome outcome;
  if (planned.vg == open.vg()) return outcome;  // it is so already; nothing is written
  // Tags and flags mean nothing to the kernel; only what its device shows is carried there.
  bool shown = request.writable || request.read_ahead || request.persistent || request.minor || request.major;
  const std::vector<dm::ActiveDevice> active =
      wanted.minor ? TRY(LvDevices::read(sys, open.vg().id, *lv)).of(*lv) : std::vector<dm::ActiveDevice>();
  if (!active.empty() && active[0].info.number.minor != static_cast<std::uint32_t>(*wanted.minor)) {
    outcome.notes = planned.notes;
    TRY(renumber(sys, open, std::move(planned), active, outcome)
            .context(fmt::format("changing {}/{}", vg, request.lv)));
  } else if (shown) {
    TRY(commit_lv(sys, open, std::move(planned), lv->id, outcome)
            .context(fmt::format("changing {}/{}", vg, request.lv)));
  } else {
    outcome.notes = planned.notes;
    TRY(apply(sys, &open.vg(), store::written_members(open.picture, open.state()), std::move(planned.vg), {},
              outcome.notes));
  }
  return outcome;
}

}  // namespace ashlar::ops
