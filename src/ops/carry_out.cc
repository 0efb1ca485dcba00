// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/carry_out.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "device/signatures.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/transaction.h"

namespace ashlar::ops {

namespace {
const store::VgState* state_of(const store::Picture& picture, const Uuid& id) {
  for (const store::VgState& state : picture.vgs) {
    if (state.vg.id == id) return &state;
  }
  return nullptr;
}

const LogicalVolume* lv_by_id(const VolumeGroup& vg, const Uuid& id) {
  auto at = std::find_if(vg.lvs.begin(), vg.lvs.end(), [&](const LogicalVolume& lv) { return lv.id == id; });
  return at == vg.lvs.end() ? nullptr : &*at;
}

/// The PVs of `vg` as they lie on the machine now.
std::vector<store::FoundPv> found_pvs(const VolumeGroup& vg, const store::Picture& now) {
  std::vector<store::FoundPv> found;
  for (const store::FoundPv& pv : now.scan.pvs) {
    if (find_pv(vg, pv.label.pv) != nullptr) found.push_back(pv);
  }
  return found;
}

/// The PVs of `before` that `after` does not have.
std::vector<store::FoundPv> leaving(const VgChange& change, const store::Picture& now) {
  if (!change.before) return {};
  std::vector<store::FoundPv> gone = found_pvs(*change.before, now);
  if (change.after) std::erase_if(gone, [&](const store::FoundPv& pv) { return find_pv(*change.after, pv.label.pv) != nullptr; });
  return gone;
}

bool is_wanted(const VgChange& vg, const std::string& uuid) {
  return std::any_of(vg.wanted.begin(), vg.wanted.end(), [&](const dm::Device& d) { return d.uuid == uuid; });
}

/// Is this LV cleared through its device?
bool cleared_active(const VgChange& vg, const LvClear& clear) { return clear.active && is_wanted(vg, dm::device_uuid(vg.any().id, clear.lv)); }

/// Devices that go. They are gone before the metadata changes, like those of a single lvremove: what lies on their
/// extents may then be mapped anew.
dm::Change removals(const Changes& changes) {
  dm::Change all;
  for (const VgChange& vg : changes.vgs) {
    std::vector<dm::ActiveDevice> gone;
    std::copy_if(vg.had.begin(), vg.had.end(), std::back_inserter(gone), [&](const dm::ActiveDevice& d) { return !is_wanted(vg, d.device.uuid); });
    dm::Change change = dm::diff(gone, {});
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(all.steps));
  }
  return all;
}

/// Devices that come and change. New ones that are to be cleared stay unseen until they are.
dm::Change loads(const Changes& changes) {
  dm::Change all;
  for (const VgChange& vg : changes.vgs) {
    std::vector<dm::ActiveDevice> stay;
    std::copy_if(vg.had.begin(), vg.had.end(), std::back_inserter(stay), [&](const dm::ActiveDevice& d) { return is_wanted(vg, d.device.uuid); });
    dm::Change change = dm::diff(stay, vg.wanted);
    std::set<std::string> loaded;
    for (dm::Step& step : change.steps) {
      if (auto* reload = std::get_if<dm::Reload>(&step)) loaded.insert(reload->device.uuid);
      auto* create = std::get_if<dm::Create>(&step);
      if (create == nullptr) continue;
      loaded.insert(create->device.uuid);
      bool unseen = std::any_of(vg.clears.begin(), vg.clears.end(), [&](const LvClear& c) { return dm::device_uuid(vg.any().id, c.lv) == create->device.uuid; });
      if (unseen) create->scan = dm::Scan::Off;
    }
    for (const dm::Device& device : vg.wanted) {
      if (vg.refreshed.contains(device.uuid) && !loaded.contains(device.uuid)) change.steps.push_back(dm::Reload{device, false, true});
    }
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(all.steps));
  }
  return all;
}

/// The PVs that are made, as FoundPvs; on failure those already made are no PVs again.
Result<std::vector<store::FoundPv>> make_pvs(System& sys, const Changes& changes) {
  std::vector<store::FoundPv> made;
  for (const SignatureWipe& wipe : changes.wipes) TRY(device::wipe(*wipe.device, wipe.signature).context("wiping a signature on " + wipe.path));
  for (const PvChange& pv : changes.pvs) {
    if (!pv.after) continue;
    Status claimed = sys.devices->claim(*pv.device);
    auto one = claimed ? make_pv(sys, {pv.device, *pv.after}) : Result<store::FoundPv>(std::move(claimed).error().context("Can't initialize " + pv.path));
    if (one) {
      made.push_back(std::move(*one));
      continue;
    }
    std::string also;
    for (const store::FoundPv& undone : made) {
      if (!store::wipe_labels(*undone.device)) also += fmt::format("; {} is a PV now", undone.device->path());
    }
    return std::move(one).error().context("nothing was changed" + also);
  }
  return made;
}

/// Extents that nobody used are cleared before they are given out, others after nobody needs them.
Status clear_on_pvs(const Changes& changes, const std::vector<VgStep>& steps, bool before_commit) {
  for (const VgChange& vg : changes.vgs) {
    for (const LvClear& clear : vg.clears) {
      if (!vg.after || !clear.zero || cleared_active(vg, clear)) continue;
      const LogicalVolume& lv = *lv_by_id(*vg.after, clear.lv);
      const auto* striped = std::get_if<Striped>(&lv.segments.front().body);
      const auto* area = striped != nullptr ? std::get_if<PvArea>(&striped->areas.front()) : nullptr;
      bool used = false;
      if (area != nullptr && vg.before) {
        std::vector<PvUsage> usage = pv_usage(*vg.before);
        for (std::size_t i = 0; i < usage.size(); ++i) {
          if (vg.before->pvs[i].id != area->pv) continue;
          used = std::any_of(usage[i].used.begin(), usage[i].used.end(), [&](const PeRun& r) { return r.start <= area->start && area->start < r.start + r.length; });
        }
      }
      if (used == before_commit) continue;
      for (const VgStep& step : steps) {
        if (step.after.id == vg.after->id) TRY(clear_start_on_pvs(*vg.after, step.present, lv));
      }
    }
  }
  return ok();
}

/// Through their devices; then all are shown to udev at once.
Status clear_active(System& sys, const Changes& changes, std::vector<std::string>& notes) {
  dm::Change shown;
  for (const VgChange& vg : changes.vgs) {
    for (const LvClear& clear : vg.clears) {
      if (!cleared_active(vg, clear)) continue;
      const LogicalVolume& lv = *lv_by_id(*vg.after, clear.lv);
      TRY(clear_device(sys, *vg.after, lv.name, clear.zero, clear.wipe, notes));
      for (const dm::Device& device : vg.wanted) {
        if (device.uuid == dm::device_uuid(vg.after->id, clear.lv)) shown.steps.push_back(dm::Reload{device, false, true});
      }
    }
  }
  return ops::carry_out(sys, shown).context("showing the cleared LVs to udev");
}

/// Brings the devices back to what they were.
Status restore_kernel(System& sys, const Changes& changes) {
  dm::Change back;
  for (const VgChange& vg : changes.vgs) {
    if (!vg.loads()) continue;
    std::vector<dm::ActiveDevice> now = TRY(sys.kernel->active(vg.any().id));
    std::erase_if(now, [&](const dm::ActiveDevice& d) {
      bool had = std::any_of(vg.had.begin(), vg.had.end(), [&](const dm::ActiveDevice& h) { return h.device.uuid == d.device.uuid; });
      return !had && !is_wanted(vg, d.device.uuid);
    });
    std::vector<dm::Device> then;
    for (const dm::ActiveDevice& d : vg.had) then.push_back(d.device);
    dm::Change change = dm::diff(now, then);
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(back.steps));
  }
  return ops::carry_out(sys, back);
}

/// After the commit something failed that a volume cannot do without: the metadata goes back too.
Error take_back(System& sys, const Changes& changes, const std::vector<VgStep>& steps, Error why) {
  std::vector<std::string> notes;
  Status undone = restore_kernel(sys, changes);
  std::vector<VgStep> back;
  for (const VgStep& step : steps) {
    if (undone && step.before == nullptr) undone = Error(Errc::Partial, fmt::format("VG {} has been made", step.after.name));
  }
  std::vector<VolumeGroup> now;
  now.reserve(steps.size());
  for (const VgStep& step : steps) {
    if (step.before == nullptr) continue;
    now.push_back(step.after);
    now.back().seqno = step.before->seqno + 1;
    std::vector<store::FoundPv> present = step.present;
    std::erase_if(present, [&](const store::FoundPv& pv) { return find_pv(*step.before, pv.label.pv) == nullptr; });
    back.push_back({&now.back(), std::move(present), *step.before});
  }
  if (undone) undone = apply(sys, std::move(back), {}, notes);
  if (undone) return std::move(why).context("nothing was kept");
  return Error(Errc::Partial, fmt::format("{}; taking it back failed too: {}", why.message(), undone.error().message()));
}
}  // namespace

Status check_possible(const Changes& changes) {
  std::map<Uuid, const VolumeGroup*, decltype([](const Uuid& a, const Uuid& b) { return a.raw() < b.raw(); })> owner;
  for (const VgChange& vg : changes.vgs) {
    if (!vg.before) continue;
    for (const PhysicalVolume& pv : vg.before->pvs) owner.emplace(pv.id, &*vg.before);
  }
  for (const VgChange& vg : changes.vgs) {
    if (!vg.after || !vg.writes()) continue;
    for (const PhysicalVolume& pv : vg.after->pvs) {
      auto at = owner.find(pv.id);
      if (at != owner.end() && at->second->id != vg.after->id)
        return Error(Errc::Refused, fmt::format("PV {} goes from VG {} to VG {}: one VG is committed after the other, so a crash could leave it in both; "
                                                "use two transactions", printable(pv.device), at->second->name, vg.after->name));
    }
    for (const VgChange& other : changes.vgs) {
      if (&other != &vg && other.before && other.before->name == vg.after->name && (!other.after || other.after->name != vg.after->name))
        return Error(Errc::Refused, fmt::format("VG {} gives up its name and another VG takes it; use two transactions", vg.after->name));
    }
  }
  return ok();
}

Status check_unmoved(System& sys, const Changes& changes, const store::Picture& now) {
  auto moved = [](std::string what) { return Error(Errc::Busy, std::move(what) + " while the change was planned"); };
  for (const VgChange& vg : changes.vgs) {
    const store::VgState* state = state_of(now, vg.any().id);
    if (!vg.before) {
      for (const store::VgState& other : now.vgs) {
        if (other.vg.name == vg.after->name) return moved(fmt::format("VG {} was made", vg.after->name));
      }
      continue;
    }
    if (state == nullptr || state->vg != *vg.before) return moved(fmt::format("VG {} changed", vg.before->name));
    for (const dm::ActiveDevice& device : TRY(sys.kernel->active(vg.before->id))) {
      auto had = std::find_if(vg.had.begin(), vg.had.end(), [&](const dm::ActiveDevice& d) { return d.device.uuid == device.device.uuid; });
      bool known = had != vg.had.end();
      if (known ? had->device.table != device.device.table || had->device.name != device.device.name : is_wanted(vg, device.device.uuid))
        return moved(fmt::format("{} was loaded", device.device.name));
    }
  }
  for (const PvChange& pv : changes.pvs) {
    auto at = std::find_if(now.scan.pvs.begin(), now.scan.pvs.end(), [&](const store::FoundPv& f) { return f.device == pv.device; });
    std::optional<Uuid> id;
    if (at != now.scan.pvs.end()) id = at->label.pv;
    if (id != pv.before) return moved(fmt::format("the label of {} changed", pv.path));
    bool known = pv.before && std::any_of(changes.vgs.begin(), changes.vgs.end(), [&](const VgChange& vg) { return vg.before && find_pv(*vg.before, *pv.before) != nullptr; });
    if (pv.before && !pv.member && !known && at->label.used()) return moved(fmt::format("{} joined a VG", pv.path));
  }
  // PVs that join without being made anew.
  for (const VgChange& vg : changes.vgs) {
    if (!vg.after) continue;
    for (const PhysicalVolume& pv : vg.after->pvs) {
      if (vg.before && find_pv(*vg.before, pv.id) != nullptr) continue;
      for (const store::VgState& state : now.vgs) {
        if (state.vg.id != vg.after->id && find_pv(state.vg, pv.id) != nullptr) return moved(fmt::format("{} joined VG {}", printable(pv.device), state.vg.name));
      }
    }
  }
  return ok();
}

Status carry_out(System& sys, const Changes& changes, const store::Picture& now, std::vector<std::string>& notes) {
  if (sys.conduct.test || changes.empty()) return ok();
  TRY(ops::carry_out(sys, removals(changes)));
  auto fail = [&](Error why) -> Error {
    Status back = restore_kernel(sys, changes);
    return back ? std::move(why) : std::move(why).context("devices that were removed are not back (" + back.error().message() + ")");
  };
  SignalShield shield;
  auto made = make_pvs(sys, changes);
  if (!made) return fail(std::move(made).error());

  std::vector<VgStep> steps;
  for (const VgChange& vg : changes.vgs) {
    if (!vg.after || !vg.writes()) continue;
    std::vector<store::FoundPv> present = found_pvs(*vg.after, now);
    std::erase_if(present, [&](const store::FoundPv& pv) {  // made anew under its old id: as it is made
      return std::any_of(made->begin(), made->end(), [&](const store::FoundPv& m) { return m.label.pv == pv.label.pv; });
    });
    for (const store::FoundPv& pv : *made) {
      if (find_pv(*vg.after, pv.label.pv) != nullptr) present.push_back(pv);
    }
    steps.push_back({vg.before ? &*vg.before : nullptr, std::move(present), *vg.after});
  }
  if (Status cleared = clear_on_pvs(changes, steps, true); !cleared) return fail(std::move(cleared).error());
  std::vector<VgStep> kept = steps;
  Status done = steps.empty() ? ops::carry_out(sys, loads(changes)) : apply(sys, std::move(steps), loads(changes), notes);
  if (!done && done.error().code() != Errc::Partial) return fail(std::move(done).error());
  if (done) done = clear_on_pvs(changes, kept, false);
  if (done) done = clear_active(sys, changes, notes);
  if (!done) return take_back(sys, changes, kept, std::move(done).error());

  // From here on nothing can be taken back.
  for (const VgChange& vg : changes.vgs) {
    if (vg.after) {
      TRY(release(sys, leaving(vg, now)).context(fmt::format("PVs left VG {}, but their own labels are not cleared (pvcreate -ff does it)", vg.after->name)));
      continue;
    }
    TRY(archive_before(sys, *vg.before).context("removing VG " + vg.before->name));
    TRY(release(sys, leaving(vg, now)).context("removing VG " + vg.before->name));
  }
  for (const PvChange& pv : changes.pvs) {
    if (!pv.after) TRY(store::wipe_labels(*pv.device).context("wiping the label of " + pv.path));
  }
  bool moves = std::any_of(changes.vgs.begin(), changes.vgs.end(), [](const VgChange& vg) { return !vg.before || !vg.after || vg.before->pvs.size() != vg.after->pvs.size(); });
  if (moves || !changes.pvs.empty()) forget_hints(sys);
  return ok();
}

namespace {
struct Locked {
  lock::Held global;
  std::vector<lock::Held> vgs;
};

Result<Locked> take_locks(System& sys, const Needs& needs) {
  Locked locked;
  if (needs.global) locked.global = TRY(sys.locks->global(lock::Mode::Exclusive));
  for (const std::string& vg : needs.vgs) locked.vgs.push_back(TRY(sys.locks->vg(vg, lock::Mode::Exclusive)));
  return locked;
}

Result<Changes> plan(System& sys, const std::function<Status()>& body, bool assume_yes) {
  auto transaction = TRY(Transaction::begin(sys, assume_yes));
  TRY(body());
  Changes changes = transaction->finish();
  TRY(check_possible(changes));
  return changes;
}
}  // namespace

Result<Changes> plan_changes(System& sys, const std::function<Status()>& body) { return plan(sys, body, true); }

Result<Changes> transact(System& sys, const std::function<Status()>& body, const std::function<Status(const Changes&)>& check,
                         std::vector<std::string>& notes) {
  constexpr int kAttempts = 10;
  std::optional<Locked> locked;
  Needs held;
  for (int attempt = 1;; ++attempt) {
    Changes changes = TRY(plan(sys, body, false));
    if (check) TRY(check(changes));
    if (changes.empty()) return changes;
    bool covered = locked && held.covers(changes.needs);
    if (!covered) {
      locked.reset();
      locked.emplace(TRY(take_locks(sys, changes.needs)));
      held = changes.needs;
    }
    auto now = TRY(read_devices(sys));
    Status unmoved = check_unmoved(sys, changes, *now);
    if (!unmoved && attempt < kAttempts) continue;
    if (!unmoved) return std::move(unmoved).error();
    TRY(carry_out(sys, changes, *now, notes));
    return changes;
  }
}

}  // namespace ashlar::ops
