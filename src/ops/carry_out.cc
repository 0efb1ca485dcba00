// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/carry_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/log.h"
#include "base/signal_shield.h"
#include "device/signatures.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/devices.h"
#include "ops/transaction.h"
#include "ops/vg_locks.h"

namespace ashlar::ops {

namespace {
const store::VgState* state_of(const store::Picture& picture, const Uuid& id) {
  for (const store::VgState& state : picture.vgs) {
    if (state.vg.id == id) return &state;
  }
  return nullptr;
}

bool contains(const std::vector<Uuid>& ids, const Uuid& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// The PVs that the VG is written to: as they lie on the machine now, as they are made, or as they are altered.
std::vector<store::FoundPv> written_pvs(const Changes& changes, const VgChange& vg, const store::Picture& now,
                                        const std::vector<store::FoundPv>& made) {
  std::vector<store::FoundPv> present;
  auto is_on = [](const store::FoundPv& pv) {
    return [&](const store::FoundPv& other) { return other.device == pv.device; };
  };
  for (const store::FoundPv& found : now.scan.pvs) {
    if (std::any_of(made.begin(), made.end(), is_on(found))) continue;
    auto altered = std::find_if(changes.altered.begin(), changes.altered.end(),
                                [&](const AlteredPv& a) { return a.pv.device == found.device; });
    const store::FoundPv& pv = altered != changes.altered.end() ? altered->pv : found;
    if (contains(vg.present, pv.label.pv)) present.push_back(pv);
  }
  std::copy_if(made.begin(), made.end(), std::back_inserter(present),
               [&](const store::FoundPv& pv) { return contains(vg.present, pv.label.pv); });
  for (const store::VgState& state : now.vgs) {
    if (!vg.before || state.vg.id != vg.before->id) continue;
    for (store::FoundPv& pv : store::written_members(now, state)) {
      if (pv.stays_missing && std::none_of(present.begin(), present.end(), is_on(pv))) present.push_back(std::move(pv));
    }
  }
  return present;
}

/// The PVs that belong to no VG any more. One that the VG misses may be another VG's by now.
std::vector<store::FoundPv> leaving(const Changes& changes, const VgChange& vg, const store::Picture& now) {
  const std::vector<Uuid> ids = changes.released(vg);
  std::vector<store::FoundPv> gone;
  for (std::size_t i = 0; i < now.scan.pvs.size(); ++i) {
    const store::VgState* owner = vg_of(now, i);
    if (owner == nullptr && !vg.after) owner = returned_to(now, i);
    if (contains(ids, now.scan.pvs[i].label.pv) && owner != nullptr && owner->vg.id == vg.before->id)
      gone.push_back(now.scan.pvs[i]);
  }
  return gone;
}

/// Does `to` get a PV of `from`?
bool takes_from(const VgChange& to, const VgChange& from) {
  return &to != &from && to.after && from.before &&
         std::any_of(from.before->pvs.begin(), from.before->pvs.end(), [&](const PhysicalVolume& pv) {
           return find_pv(*to.after, pv.id) != nullptr && (!from.after || find_pv(*from.after, pv.id) == nullptr);
         });
}

/// Whoever gets a PV is committed before the one that gives it: a PV's own text tells whose it is. Nothing if they give
/// to one another in a ring.
std::optional<std::vector<const VgChange*>> commit_order(const Changes& changes) {
  std::vector<const VgChange*> waiting, ordered;
  for (const VgChange& vg : changes.vgs) waiting.push_back(&vg);
  while (!waiting.empty()) {
    auto next = std::find_if(waiting.begin(), waiting.end(), [&](const VgChange* vg) {
      return std::none_of(waiting.begin(), waiting.end(),
                          [&](const VgChange* other) { return takes_from(*other, *vg); });
    });
    if (next == waiting.end()) return std::nullopt;
    ordered.push_back(*next);
    waiting.erase(next);
  }
  return ordered;
}

bool is_wanted(const VgChange& vg, const std::string& uuid) {
  return std::any_of(vg.wanted.begin(), vg.wanted.end(), [&](const dm::Device& d) { return d.uuid == uuid; });
}

/// Devices that go. They are gone before the metadata changes, like those of a single lvremove: what lies on their
/// extents may then be mapped anew.
dm::Change removals(const Changes& changes) {
  dm::Change all;
  for (const VgChange& vg : changes.vgs) {
    std::vector<dm::ActiveDevice> gone;
    std::copy_if(vg.had.begin(), vg.had.end(), std::back_inserter(gone),
                 [&](const dm::ActiveDevice& d) { return !is_wanted(vg, d.device.uuid); });
    dm::Change change = dm::diff(gone, {});
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(all.steps));
  }
  return all;
}

/// Devices that come and change.
dm::Change loads(const Changes& changes) {
  dm::Change all;
  for (const VgChange& vg : changes.vgs) {
    std::vector<dm::ActiveDevice> stay;
    std::copy_if(vg.had.begin(), vg.had.end(), std::back_inserter(stay),
                 [&](const dm::ActiveDevice& d) { return is_wanted(vg, d.device.uuid); });
    dm::Change change = dm::diff(stay, vg.wanted);
    std::set<std::string> loaded;
    for (dm::Step& step : change.steps) {
      if (auto* reload = std::get_if<dm::Reload>(&step)) loaded.insert(reload->device.uuid);
      if (auto* create = std::get_if<dm::Create>(&step)) loaded.insert(create->device.uuid);
    }
    for (const dm::Device& device : vg.wanted) {
      if (vg.refreshed.contains(device.uuid) && !loaded.contains(device.uuid))
        change.steps.push_back(dm::Reload{device, false, true});
    }
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(all.steps));
  }
  return all;
}

/// The PVs that are made, as FoundPvs; on failure those already made are no PVs again.
Result<std::vector<store::FoundPv>> make_pvs(System& sys, const Changes& changes) {
  std::vector<store::FoundPv> made;
  std::vector<std::string> notes;  // stays empty: what is wiped was told by the plan
  for (const PvChange& pv : changes.pvs)
    if (pv.after) TRY(sys.devices->check_claim(*pv.device).context("Can't initialize " + pv.path));
  for (const SignatureWipe& wipe : changes.wipes)
    TRY(device::wipe(*wipe.device, wipe.signature).context("wiping a signature on " + wipe.path));
  for (const PvChange& pv : changes.pvs) {
    if (!pv.after) continue;
    Status claimed = sys.devices->claim(*pv.device);
    auto one = claimed ? make_pv(sys, {pv.device, *pv.after}, notes)
                       : Result<store::FoundPv>(std::move(claimed).error().context("Can't initialize " + pv.path));
    sys.devices->unclaim(*pv.device);  // device-mapper is to use it
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

/// Brings the devices back to what they were.
Status restore_kernel(System& sys, const Changes& changes) {
  dm::Change back;
  for (const VgChange& vg : changes.vgs) {
    if (!vg.loads()) continue;
    std::vector<dm::ActiveDevice> now = TRY(sys.kernel->active(vg.any().id));
    std::erase_if(now, [&](const dm::ActiveDevice& d) {
      bool had = std::any_of(vg.had.begin(), vg.had.end(),
                             [&](const dm::ActiveDevice& h) { return h.device.uuid == d.device.uuid; });
      return !had && !is_wanted(vg, d.device.uuid);
    });
    std::vector<dm::Device> then;
    for (const dm::ActiveDevice& d : vg.had) then.push_back(d.device);
    dm::Change change = dm::diff(now, then);
    std::move(change.steps.begin(), change.steps.end(), std::back_inserter(back.steps));
  }
  return ops::carry_out(sys, back);
}

/// What the devices file is to say of PVs that joined a VG, changed their ids or are none any longer; make_pv() told of
/// new ones.
void list_changed(System& sys, const Changes& changes, const std::vector<VgStep>& steps) {
  if (sys.devices_file == nullptr) return;
  for (const VgStep& step : steps) {
    for (const store::FoundPv& pv : step.present) {
      bool known = std::any_of(changes.vgs.begin(), changes.vgs.end(), [&](const VgChange& vg) {
        return vg.before && find_pv(*vg.before, pv.label.pv) != nullptr;
      });
      if (!known) sys.devices_file->put(*pv.device, pv.label.pv);
    }
  }
  for (const PvEdit& edit : changes.edits)
    if (edit.label) sys.devices_file->note_pv(*edit.device, edit.label->pv);
  for (const PvChange& pv : changes.pvs)
    if (!pv.after) sys.devices_file->note_pv(*pv.device, std::nullopt);
}

/// After the commit something failed that a volume cannot do without: the metadata goes back too.
Error take_back(System& sys, const Changes& changes, const std::vector<VgStep>& steps, Error why) {
  std::vector<std::string> notes;
  std::set<std::string> vgs;
  for (const VgChange& vg : changes.vgs) vgs.insert(vg.any().name);
  auto read = read_devices(sys);
  if (!read)
    return Error(Errc::Partial,
                 fmt::format("{}; it could not be taken back: {}", why.message(), read.error().message()));
  const store::Picture& disks = **read;
  if (has_cut_commits(sys, disks, vgs)) return why;  // it counts, and is finished later
  Status undone = restore_kernel(sys, changes);
  std::vector<VgStep> back;
  for (const VgChange& vg : changes.vgs) {
    if (undone && vg.before && !vg.after)
      undone = Error(Errc::Partial, fmt::format("VG {} went into another one", vg.before->name));
  }
  for (const VgStep& step : steps) {
    if (undone && step.before == nullptr)
      undone = Error(Errc::Partial, fmt::format("VG {} has been made", step.after.name));
  }
  std::vector<VolumeGroup> now;
  now.reserve(steps.size());
  for (const VgStep& step : steps) {
    if (step.before == nullptr) continue;
    now.push_back(step.after);
    for (const VgChange& vg : changes.vgs) {
      if (vg.after && vg.after->id == step.after.id) now.back().seqno = vg.seqno_after();
    }
    if (const store::VgState* state = state_of(disks, step.after.id))
      now.back().seqno = std::max(now.back().seqno, state->vg.seqno);
    std::vector<store::FoundPv> present = step.present;
    for (store::FoundPv& pv : present) {
      // What was committed just now must not be written over: the headers are others than they were.
      auto at = std::find_if(disks.scan.pvs.begin(), disks.scan.pvs.end(),
                             [&](const store::FoundPv& f) { return f.device == pv.device; });
      if (at != disks.scan.pvs.end()) pv.mdas = at->mdas;
      if (pv.was) std::swap(pv.label, *pv.was);
    }
    std::erase_if(present, [&](const store::FoundPv& pv) { return find_pv(*step.before, pv.label.pv) == nullptr; });
    back.push_back({&now.back(), std::move(present), *step.before});
  }
  if (undone) undone = apply(sys, std::move(back), {}, notes);
  if (undone) return std::move(why).context("nothing was kept");
  return Error(Errc::Partial,
               fmt::format("{}; taking it back failed too: {}", why.message(), undone.error().message()));
}
}  // namespace

Status check_possible(const Changes& changes) {
  if (!commit_order(changes))
    return Error(
        Errc::Refused,
        "VGs exchange PVs: one is committed after the other, so a crash could mix them up; use two transactions");
  // What a reader makes of a commit that was cut off in between (store/roll_forward.h) has one VG that gets PVs.
  for (const VgChange& from : changes.vgs) {
    const auto takers =
        std::count_if(changes.vgs.begin(), changes.vgs.end(), [&](const VgChange& to) { return takes_from(to, from); });
    const bool takes = std::any_of(changes.vgs.begin(), changes.vgs.end(),
                                   [&](const VgChange& other) { return takes_from(from, other); });
    if (takers > 1 || (takers == 1 && takes))
      return Error(
          Errc::Refused,
          fmt::format(
              "PVs go from VG {} to more than one VG, or others come to it: a crash could mix them up; use two transactions",
              from.any().name));
  }
  for (const VgChange& vg : changes.vgs) {
    if (!vg.after || !vg.writes()) continue;
    for (const VgChange& other : changes.vgs) {
      if (!changes.moves_pvs && takes_from(vg, other))
        return Error(
            Errc::Refused,
            fmt::format(
                "A PV goes from VG {} to VG {}: one VG is committed after the other, so a crash could leave it in both; "
                "use two transactions",
                other.before->name, vg.after->name));
      bool gives_name = &other != &vg && other.before && other.before->name == vg.after->name &&
                        (!other.after || other.after->name != vg.after->name);
      if (gives_name)
        return Error(Errc::Refused, fmt::format("VG {} gives up its name and another VG takes it; use two transactions",
                                                vg.after->name));
    }
  }
  for (const PvChange& pv : changes.pvs) {
    for (const VgChange& vg : changes.vgs) {
      if (pv.after && pv.before && vg.before && find_pv(*vg.before, *pv.before) != nullptr)
        return Error(Errc::Refused, fmt::format("{} leaves VG {} and becomes a new PV; use two transactions", pv.path,
                                                vg.before->name));
    }
  }
  return ok();
}

Status check_unmoved(System& sys, const Changes& changes, const store::Picture& now) {
  auto moved = [](std::string what) { return Error(Errc::Busy, std::move(what) + " while the change was planned"); };
  for (const VgChange& vg : changes.vgs) {
    const Uuid& id = vg.before ? vg.before->id : vg.after->id;
    const store::VgState* state = state_of(now, id);
    for (const store::VgState& other : now.vgs) {
      if (vg.after && other.vg.id != id && other.vg.name == vg.after->name &&
          (!vg.before || vg.before->name != vg.after->name))
        return moved(fmt::format("VG {} was made", vg.after->name));
    }
    if (!vg.before) continue;
    if (state == nullptr || state->vg != *vg.before) return moved(fmt::format("VG {} changed", vg.before->name));
    for (const dm::ActiveDevice& device : TRY(sys.kernel->active(vg.before->id))) {
      auto had = std::find_if(vg.had.begin(), vg.had.end(),
                              [&](const dm::ActiveDevice& d) { return d.device.uuid == device.device.uuid; });
      bool known = had != vg.had.end();
      if (known ? had->device.table != device.device.table || had->device.name != device.device.name
                : is_wanted(vg, device.device.uuid))
        return moved(fmt::format("{} was loaded", device.device.name));
    }
  }
  for (const PvChange& pv : changes.pvs) {
    auto at = std::find_if(now.scan.pvs.begin(), now.scan.pvs.end(),
                           [&](const store::FoundPv& f) { return f.device == pv.device; });
    std::optional<Uuid> id;
    if (at != now.scan.pvs.end()) id = at->label.pv;
    if (id != pv.before) return moved(fmt::format("the label of {} changed", pv.path));
    bool known = pv.before && std::any_of(changes.vgs.begin(), changes.vgs.end(), [&](const VgChange& vg) {
                   return vg.before && find_pv(*vg.before, *pv.before) != nullptr;
                 });
    if (pv.before && !pv.member && !known && at->label.used()) return moved(fmt::format("{} joined a VG", pv.path));
  }
  for (const PvEdit& edit : changes.edits) {
    auto at = std::find_if(now.scan.pvs.begin(), now.scan.pvs.end(),
                           [&](const store::FoundPv& f) { return f.device == edit.device; });
    disk::Label was = edit.was.value_or(disk::Label{});
    if (at != now.scan.pvs.end()) was.ext_flags = at->label.ext_flags;
    if (at == now.scan.pvs.end() || at->label != was) return moved(fmt::format("the label of {} changed", edit.path));
  }
  // PVs that join without being made anew.
  for (const VgChange& vg : changes.vgs) {
    if (!vg.after) continue;
    for (const PhysicalVolume& pv : vg.after->pvs) {
      for (const store::VgState& state : now.vgs) {
        bool known = std::any_of(changes.vgs.begin(), changes.vgs.end(), [&](const VgChange& other) {
          return other.before && other.before->id == state.vg.id;
        });
        if (!known && find_pv(state.vg, pv.id) != nullptr)
          return moved(fmt::format("{} joined VG {}", printable(pv.device), state.vg.name));
      }
    }
  }
  return ok();
}

namespace {
Status change_all(System& sys, const Changes& changes, const store::Picture& now, std::vector<std::string>& notes) {
  for (const VgChange& vg : changes.vgs)
    if (vg.after && !vg.before) TRY(check_archive(sys).context("creating VG " + vg.after->name));
  TRY(ops::carry_out(sys, removals(changes)));
  auto fail = [&](Error why) -> Error {
    Status back = restore_kernel(sys, changes);
    return back ? std::move(why)
                : std::move(why).context("devices that were removed are not back (" + back.error().message() + ")");
  };
  SignalShield shield;
  auto made = make_pvs(sys, changes);
  if (!made) return fail(std::move(made).error());

  for (const PvEdit& edit : changes.edits) {
    if (!edit.before_commit) continue;
    if (Status edited = write_edit(edit); !edited) return fail(std::move(edited).error());
  }
  for (const VgChange& vg : changes.vgs) {
    if (vg.after || !vg.before) continue;
    if (Status archived = archive_before(sys, *vg.before); !archived)
      return fail(std::move(archived).error().context("removing VG " + vg.before->name));
  }
  std::vector<VgStep> steps;
  const auto order = commit_order(changes);
  for (const VgChange* vg : order.value_or(std::vector<const VgChange*>{})) {
    if (vg->after && vg->writes())
      steps.push_back({vg->before ? &*vg->before : nullptr, written_pvs(changes, *vg, now, *made), *vg->after,
                       vg->restored ? VgStep::Discard::Never : VgStep::Discard::Later, vg->clears});
  }
  const std::vector<VgStep> kept = steps;
  Status done =
      steps.empty() ? ops::carry_out(sys, loads(changes)) : apply(sys, std::move(steps), loads(changes), notes);
  if (!done && done.error().code() != Errc::Partial) return fail(std::move(done).error());
  if (!done && std::any_of(kept.begin(), kept.end(), clears_used_extents))
    return Error(Errc::Partial,
                 fmt::format("{}; it is not taken back, since the start of what was removed may be cleared by now",
                             done.error().message()));
  if (!done) return take_back(sys, changes, kept, std::move(done).error());

  // From here on nothing can be taken back.
  for (const VgStep& step : kept) discard(freed_runs(sys, step), notes);
  for (const PvEdit& edit : changes.edits) {
    if (!edit.before_commit) TRY(write_edit(edit).context("the metadata is written, the PV is behind it"));
  }
  for (const VgChange& vg : changes.vgs) {
    if (!vg.before) continue;
    TRY(release(sys, leaving(changes, vg, now))
            .context(fmt::format("PVs left VG {}, but their own labels are not cleared (pvcreate -ff does it)",
                                 vg.before->name)));
  }
  for (const PvChange& pv : changes.pvs) {
    if (!pv.after) TRY(store::wipe_labels(*pv.device).context("wiping the label of " + pv.path));
  }
  for (const std::string& name : changes.dropped_backups) {
    bool taken = std::any_of(changes.vgs.begin(), changes.vgs.end(),
                             [&](const VgChange& vg) { return vg.after && vg.after->name == name; });
    if (!taken) drop_backup(sys, name, notes);
  }
  bool moves = std::any_of(changes.vgs.begin(), changes.vgs.end(), [](const VgChange& vg) {
    return !vg.before || !vg.after || vg.before->pvs.size() != vg.after->pvs.size() ||
           vg.before->name != vg.after->name;
  });
  list_changed(sys, changes, kept);
  write_devices_file(sys, notes);
  if (moves || !changes.pvs.empty() || !changes.edits.empty()) forget_hints(sys);
  return ok();
}
}  // namespace

Status carry_out(System& sys, const Changes& changes, const store::Picture& now, std::vector<std::string>& notes) {
  if (sys.conduct.test || changes.empty()) return ok();
  std::string done;
  auto beside = [&](std::string otherwise) {
    return done.empty() ? otherwise : "this was done before, and nothing else was changed: " + done;
  };
  for (const Beforehand& first : changes.beforehand) {
    TRY(first.run(sys).context(beside("nothing else was changed")));
    done += (done.empty() ? "" : "; ") + first.done;
  }
  Status all = change_all(sys, changes, now, notes);
  return all || done.empty() ? all : Status(std::move(all).error().context(done));
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

Result<Changes> plan(System& sys, const std::function<Status()>& body, bool told) {
  auto transaction = TRY(Transaction::begin(sys, told));
  TRY(body());
  TRY(transaction->check_result().context("nothing was changed"));
  Changes changes = transaction->finish();
  TRY(check_possible(changes).context("nothing was changed"));
  return changes;
}
}  // namespace

Result<Changes> plan_changes(System& sys, const std::function<Status()>& body) { return plan(sys, body, true); }

Result<Changes> transact(System& sys, const std::function<Status()>& body,
                         const std::function<Status(const Changes&)>& check, std::vector<std::string>& notes) {
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
    if (attempt < kAttempts && has_cut_commits(sys, *now, changes.needs.vgs)) {
      locked.reset();
      TRY(finish_cut_commits(sys, *now, changes.needs.vgs));
      continue;
    }
    Status unmoved = check_unmoved(sys, changes, *now);
    if (!unmoved && attempt < kAttempts) continue;
    if (!unmoved) return std::move(unmoved).error();
    TRY(carry_out(sys, changes, *now, notes));
    return changes;
  }
}

}  // namespace ashlar::ops
