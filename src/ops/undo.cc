// SPDX-License-Identifier: LGPL-2.1-or-later
// undo and undelete.
#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "base/size_text.h"
#include "ops/clear_lv.h"
#include "ops/device_sizes.h"
#include "ops/lv_content.h"
#include "ops/ops.h"
#include "ops/past.h"
#include "ops/pv.h"
#include "ops/transaction.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
/// What is read from disks and files is the VG as committed; commands before this one in a batch are not.
Status check_committed(System& sys, const OpenVg& open, const plan::History& history) {
  if (sys.transaction == nullptr) return ok();
  for (const plan::Version& v : history.versions) {
    const bool on_disk = std::any_of(v.places.begin(), v.places.end(),
                                     [](const plan::Place& p) { return p.kind == plan::Place::Kind::Committed; });
    if (on_disk && v.vg.seqno == open.vg().seqno && v.standing != plan::Version::Standing::Current)
      return Error(Errc::Refused,
                   fmt::format("VG {} is changed before this in the same transaction: what is undone must come first",
                               open.vg().name));
  }
  return ok();
}

/// An active LV that goes, and active ones that become something else.
struct ActiveLvs {
  std::vector<std::string> go;        ///< names
  std::vector<dm::ActiveDevice> had;  ///< of LVs that stay and differ
  std::vector<dm::Device> wanted;     ///< the same
};

Result<ActiveLvs> active_lvs(System& sys, const OpenVg& open, const VolumeGroup& after) {
  ActiveLvs lvs;
  const VolumeGroup& before = open.vg();
  const dm::LayoutContext context = layout_context(sys, open.picture, open.state());
  const std::vector<dm::ActiveDevice> active = TRY(sys.kernel->active(before.id));
  for (const LogicalVolume& lv : before.lvs) {
    const std::string uuid = dm::device_uuid(before.id, lv.id);
    auto device =
        std::find_if(active.begin(), active.end(), [&](const dm::ActiveDevice& d) { return d.device.uuid == uuid; });
    if (device == active.end()) continue;
    const LogicalVolume* then = find_lv(after, lv.id);
    if (then == nullptr) {
      lvs.go.push_back(lv.name);
      continue;
    }
    if (*then == lv) continue;
    if (then->minor && *then->minor != static_cast<std::int32_t>(device->info.number.minor))
      return Error(Errc::Refused,
                   fmt::format("LV {}/{} would get another minor number: deactivate it first (lvchange -an)",
                               before.name, lv.name));
    const LogicalVolume* holder = find_lv(before, then->name);
    if (holder != nullptr && holder->id != lv.id)
      return Error(Errc::Refused,
                   fmt::format("LV {}/{} would get the name that {} has now: deactivate it first (lvchange -an)",
                               before.name, lv.name, then->name));
    lvs.had.push_back(*device);
    lvs.wanted.push_back(TRY(dm::lv_device(after, *then, context)));
  }
  return lvs;
}

/// Asks as lvremove and lvreduce do: only where an active LV loses something.
Status confirm_losses(System& sys, const OpenVg& open, const VolumeGroup& after, const ActiveLvs& lvs) {
  const std::string& vg = open.vg().name;
  for (const std::string& name : lvs.go) {
    if (!sys.conduct.agrees(fmt::format("Do you really want to remove active logical volume {}/{}?", vg, name)))
      return Error(Errc::Refused,
                   fmt::format("Logical volume {}/{} not removed, nothing undone: confirm with -y", vg, name));
  }
  for (const LogicalVolume& lv : open.vg().lvs) {
    const LogicalVolume* then = find_lv(after, lv.id);
    const std::string uuid = dm::device_uuid(open.vg().id, lv.id);
    const bool active =
        std::any_of(lvs.had.begin(), lvs.had.end(), [&](const dm::ActiveDevice& d) { return d.device.uuid == uuid; });
    if (then == nullptr || !active || then->extents() >= lv.extents()) continue;
    if (!sys.conduct.agrees(fmt::format(
            "WARNING: Reducing active logical volume {0}/{1} may destroy your data (filesystem etc.). Do you really want to reduce {0}/{1}?",
            vg, lv.name)))
      return Error(Errc::Refused,
                   fmt::format("Logical volume {}/{} NOT reduced, nothing undone: confirm with -y", vg, lv.name));
  }
  return ok();
}

/// A filesystem that was made larger with its volume would lose its end.
Status check_cuts(System& sys, const VolumeGroup& before, const VolumeGroup& after) {
  for (const LogicalVolume& lv : before.lvs) {
    const LogicalVolume* then = find_lv(after, lv.id);
    if (then == nullptr || then->extents() >= lv.extents() || foreign(lv) != nullptr) continue;
    const std::string cut = fmt::format("{}/{} would be cut from {} to {}", before.name, lv.name,
                                        human_size(to_bytes(to_sectors(lv.extents(), before.extent_size))),
                                        human_size(to_bytes(to_sectors(then->extents(), after.extent_size))));
    const auto found = lv_signatures(sys, before.name, lv.name);
    if (!found)
      return Error(found.error().code(), fmt::format("{}, and what it carries cannot be seen: {}. --force cuts it", cut,
                                                     found.error().message()));
    if (found->empty()) continue;
    return Error(
        Errc::Refused,
        fmt::format("{0} beneath the {1} that it carries. lvreduce -r -l {2} {3}/{4} makes a filesystem smaller "
                    "with it; --force cuts it as it is",
                    cut, printable(found->front().type), then->extents().n, before.name, lv.name));
  }
  return ok();
}

/// What lies on a PV that leaves is not followed from then on, so no undo brings it back.
Status confirm_leaving(System& sys, const OpenVg& open, const VolumeGroup& after,
                       const std::vector<store::FoundPv>& leaving) {
  const VolumeGroup& before = open.vg();
  for (const store::FoundPv& pv : leaving) {
    for (const LogicalVolume& lv : before.lvs) {
      const LogicalVolume* then = find_lv(after, lv.id);
      if (!lies_on_pv(lv, pv.label.pv) || (then != nullptr && *then == lv)) continue;
      const std::string question = fmt::format(
          "WARNING: {0} leaves VG {1}, and {1}/{2}, which has data on it, {3}: no undo brings that back, only vgcfgrestore "
          "with the archive of {1} as it is now, until somebody uses {0}. Do it?",
          printable(pv.device->path()), before.name, lv.name, then == nullptr ? "goes" : "is not as it is now");
      if (sys.conduct.agrees(question)) break;
      return Error(Errc::Refused,
                   fmt::format("{} was not taken out of VG {}, nothing undone: {}/{} has data on it; confirm with -y",
                               printable(pv.device->path()), before.name, before.name, lv.name));
    }
  }
  return ok();
}

/// Unused PVs of no VG whose label says so.
std::vector<std::size_t> usable_orphans(const store::Picture& picture) {
  std::vector<std::size_t> orphans;
  for (std::size_t i : picture.orphans) {
    if (picture.scan.pvs[i].device != nullptr && !picture.scan.pvs[i].label.used() && !store::is_doubled(picture, i))
      orphans.push_back(i);
  }
  return orphans;
}

/// Asks where data comes back that may not be what it was.
Status confirm_doubts(System& sys, const plan::Sureness& sureness) {
  const std::string& question = sureness.question;
  if (question.empty() || sys.conduct.agrees(question)) return ok();
  return Error(Errc::Refused, "Nothing was brought back: confirm with -y");
}

/// Commits what was planned. `past_notes`: what could not be read of the past.
Result<Undone> bring_back(System& sys, const OpenVg& open, plan::Restored restored,
                          const std::vector<std::string>& past_notes, bool force, const std::string& what) {
  Undone undone{restored.from, restored.lv, restored.sureness.text, {restored.notes, {}}};
  for (const std::string& note : past_notes)
    undone.outcome.notes.push_back("WARNING: of the past this was not read: " + note);
  if (sys.transaction != nullptr) sys.transaction->remark(restored.sureness.text);
  TRY(confirm_doubts(sys, restored.sureness));
  VolumeGroup& after = restored.vg;
  if (!force) TRY(check_cuts(sys, open.vg(), after).context(what));
  const ActiveLvs lvs = TRY(active_lvs(sys, open, after));
  TRY(confirm_losses(sys, open, after, lvs));

  std::vector<store::FoundPv> present, leaving;
  for (store::FoundPv& pv : store::present_members(open.picture, open.state()))
    (find_pv(after, pv.label.pv) != nullptr ? present : leaving).push_back(std::move(pv));
  TRY(confirm_leaving(sys, open, after, leaving));
  const std::size_t staying = present.size();
  for (std::size_t i : usable_orphans(open.picture)) {
    const store::FoundPv& pv = open.picture.scan.pvs[i];
    if (find_pv(after, pv.label.pv) == nullptr) continue;
    TRY(sys.devices->check_claim(*pv.device).context("Can't add " + pv.device->path()));
    present.push_back(pv);
  }
  const bool moves = !leaving.empty() || present.size() != staying;

  if (!sys.conduct.test) {
    if (!lvs.go.empty()) TRY(check_within_devices({&open.vg(), present, after}).context(what));
    for (const std::string& name : lvs.go)
      TRY(deactivate_one(sys, open.vg(), name).context(fmt::format("deactivating {}/{}", open.vg().name, name)));
  }
  SignalShield shield;
  TRY(apply(sys, &open.vg(), std::move(present), std::move(after), dm::diff(lvs.had, lvs.wanted), undone.outcome.notes)
          .context(what));
  if (!leaving.empty())
    TRY(release(sys, std::move(leaving))
            .context(
                "the VG is as it was, but PVs that are no longer in it keep old labels (pvcreate -ff makes them anew)"));
  if (moves) forget_hints(sys);
  return undone;
}

plan::Circumstances circumstances(const System& sys, bool force) {
  return {force, sys.settings.flag("devices/issue_discards")};
}
}  // namespace

namespace {
/// Of a VG that is not there nothing is undone, but something may bring it back.
Result<OpenVg> open_to_undo(System& sys, const std::string& vg, Need need) {
  auto open = open_for_update(sys, vg, need);
  if (open || open.error().code() != Errc::NotFound) return open;
  const auto past = past_of(sys, vg);
  if (past && !past->now_called.empty())
    return Error(Errc::NotFound,
                 fmt::format("Volume group \"{}\" not found: it is called {} now", vg, past->now_called));
  if (!past && past.error().code() == Errc::NotFound) return past.error();
  const std::string back = past && past->history.current() == nullptr ? way_back(*past, vg) : "";
  if (back.empty()) return open;
  return Error(Errc::NotFound,
               fmt::format("Volume group \"{}\" not found; if it was removed, {} brings it back", vg, back));
}
}  // namespace

Result<Undone> undo_vg(System& sys, const UndoVg& request) {
  OpenVg open = TRY(open_to_undo(sys, request.vg, Need::Global));
  Past past = TRY(read_past(sys, open.picture, &open.state(), request.vg));
  TRY(check_committed(sys, open, past.history));
  plan::UndoRequest wanted{request.to, circumstances(sys, request.force), {}};
  for (std::size_t i : usable_orphans(open.picture)) wanted.orphans.push_back(joining_pv(open.picture.scan.pvs[i]));
  const std::string what = "undoing in VG " + request.vg;
  return bring_back(sys, open, TRY(plan::undo(past.history, wanted).context(what)), past.notes, request.force, what);
}

Result<Undone> undelete_lv(System& sys, const UndeleteLv& request) {
  OpenVg open = TRY(open_to_undo(sys, request.vg, Need::Complete));
  Past past = TRY(read_past(sys, open.picture, &open.state(), request.vg));
  TRY(check_committed(sys, open, past.history));
  const std::string what = fmt::format("undeleting {}/{}", request.vg, printable(request.lv));
  plan::UndeleteRequest wanted{request.lv, request.new_name, circumstances(sys, request.force)};
  return bring_back(sys, open, TRY(plan::undelete(past.history, wanted).context(what)), past.notes, request.force,
                    what);
}

}  // namespace ashlar::ops
