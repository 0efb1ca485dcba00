// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/vg_access.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "activation/permission.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_writer.h"
#include "ops/clear_lv.h"
#include "ops/command_header.h"
#include "ops/device_sizes.h"
#include "ops/newer_backup.h"
#include "ops/permission_rules.h"
#include "ops/transaction.h"
#include "ops/version.h"
#include "ops/vg_locks.h"

namespace ashlar::ops {

namespace {
/// What a change meets and a person should know of: a missing PV, a copy that is bad. Once for each command.
void warn(System& sys, const store::Picture& picture, const store::VgState& state) {
  auto once = [&](const std::string& what) {
    if (sys.warned.insert(what).second) log(LogLevel::Warning, what);
  };
  for (const std::string& doubled : picture.warnings) once(doubled);
  for (const std::string& damage : state.damage) once(damage);
  for (const std::string& smaller : size_warnings(sys, picture, state)) once(smaller);
  if (is_partial(state.vg)) warn_unread(sys, picture);
}

Result<std::size_t> index_of(System& sys, const store::Picture& picture, const std::string& vg, const Uuid* id) {
  for (std::size_t i = 0; id != nullptr && i < picture.vgs.size(); ++i) {
    if (picture.vgs[i].vg.id == *id && picture.vgs[i].vg.name == vg) return i;
  }
  auto state = store::find_vg(picture, vg);
  if (!state.ok()) warn_unread(sys, picture);
  return static_cast<std::size_t>(TRY(std::move(state)) - picture.vgs.data());
}

}  // namespace

Status check_allowed(const System& sys, const store::VgState& state, Need need) {
  const VolumeGroup& vg = state.vg;
  if (!owns(sys.host.system_ids, vg.system_id))
    return Error(Errc::Refused,
                 fmt::format("Cannot access VG {} with system ID {} with {}local system ID{}. To have it here, {}",
                             vg.name, printable(vg.system_id), sys.host.system_ids.own.empty() ? "unknown " : "",
                             sys.host.system_ids.own.empty() ? "" : " " + sys.host.system_ids.own,
                             way_here(sys.host.system_ids, vg.name, vg.system_id)));
  if (vg.status.has(VgFlag::Exported) && !needs(need, Need::AllowExported))
    return Error(Errc::Refused, fmt::format("Volume group \"{0}\" is exported: vgimport {0} takes it in", vg.name));
  if (state.unsafe) return *state.unsafe;
  if (needs(need, Need::Activation)) return ok();
  if (state.read_only) {
    // That it is exported is such a reason, and none for a command that may write exported VGs.
    if (!vg.status.has(VgFlag::Exported) || !needs(need, Need::AllowExported)) return *state.read_only;
    VolumeGroup taken_in = vg;
    taken_in.status.set(VgFlag::Exported, false);
    TRY(check_writable(taken_in));
  }
  if (is_partial(vg) && !needs(need, Need::AllowPartial)) {
    std::string gone;
    for (const PhysicalVolume& pv : vg.pvs) {
      if (pv.status.has(PvFlag::Missing))
        gone += fmt::format(" {} (last seen at {})", pv.id.dashed(), printable(pv.device));
    }
    return Error(
        Errc::Refused,
        fmt::format(
            "Cannot change VG {0} while PVs are missing:{1}. Bring them back (vgextend --restoremissing {0} DEVICE), or "
            "give them up: vgreduce --removemissing {0}",
            vg.name, gone));
  }
  return ok();
}

namespace {
/// What waiting for a writer could make whole: VGs whose copies disagree; "" if what concerns PVs of no VG is not all
/// there.
std::set<std::string> unsettled(const store::Picture& picture) {
  std::set<std::string> names;
  for (const store::VgState& state : picture.vgs) {
    if (state.stale_copies) names.insert(state.vg.name);
  }
  if (!picture.problems.empty()) names.insert("");
  return names;
}

/// Those that can be had, for reading.
std::vector<lock::Held> lock_for_reading(System& sys, const std::set<std::string>& names) {
  std::vector<lock::Held> held;
  for (const std::string& name : names) {  // "" comes first: the order in which they may be taken
    auto lock = name.empty() ? sys.locks->global(lock::Mode::Shared) : sys.locks->vg(name, lock::Mode::Shared);
    if (lock) held.push_back(std::move(lock).value());
  }
  return held;
}
}  // namespace

Result<store::Picture> look(System& sys) {
  if (sys.transaction != nullptr) return store::Picture(*TRY(sys.transaction->picture()));
  store::Picture picture = store::consensus(TRY(scan_devices(sys)));
  // Copies disagree either because a write was cut off or because one is under way: what is read while its writers are
  // locked out tells which. Meanwhile others may begin elsewhere, until the locks of all who do are held.
  std::set<std::string> waited_for;
  for (;;) {
    const std::size_t before = waited_for.size();
    waited_for.merge(unsettled(picture));
    if (waited_for.size() == before) return picture;
    const std::vector<lock::Held> held = lock_for_reading(sys, waited_for);
    if (held.empty()) return picture;
    picture = store::consensus(TRY(scan_devices(sys)));
  }
}

Result<std::shared_ptr<const store::Picture>> read_devices(System& sys) {
  if (sys.transaction != nullptr) return sys.transaction->picture();
  auto picture = std::make_shared<const store::Picture>(store::consensus(TRY(scan_devices(sys))));
  draw_no_id_of(sys, *picture);
  return picture;
}

void draw_no_id_of(System& sys, const store::Picture& picture) {
  for (const store::FoundPv& pv : picture.scan.pvs) sys.random->taken(pv.label.pv);
  for (const store::VgState& state : picture.vgs) {
    sys.random->taken(state.vg.id);
    // The same words on a VG that has changed make another LV.
    sys.random->stir(fmt::format("{} {}", state.vg.id.raw(), state.vg.seqno));
    for (const PhysicalVolume& pv : state.vg.pvs) sys.random->taken(pv.id);
  }
}

Result<OpenVg> open_for_update(System& sys, const std::string& vg, Need need, const Uuid* id) {
  lock::Held global, lock;
  std::shared_ptr<const store::Picture> picture;
  for (int attempt = 1;; ++attempt) {
    if (needs(need, Need::Global)) global = TRY(sys.locks->global(lock::Mode::Exclusive));
    const bool unlocked = sys.only_activates && needs(need, Need::Activation);
    lock = TRY(sys.locks->vg(vg, unlocked ? lock::Mode::Shared : lock::Mode::Exclusive));
    picture = TRY(read_devices(sys));
    if (needs(need, Need::Activation) || !has_cut_commits(sys, *picture, {vg})) break;
    if (attempt == kCutAttempts) return Error(Errc::Busy, fmt::format("VG {} keeps changing; try again", vg));
    lock.reset();
    global.reset();
    TRY(finish_cut_commits(sys, *picture, {vg}));
  }
  std::size_t at = TRY(index_of(sys, *picture, vg, id));
  const VolumeGroup& read = picture->vgs[at].vg;
  log(LogLevel::Verbose, fmt::format("VG {} is locked and read: seqno {}, {} PVs, {} LVs.", vg, read.seqno,
                                     read.pvs.size(), read.lvs.size()));
  TRY(check_allowed(sys, picture->vgs[at], need));
  warn(sys, *picture, picture->vgs[at]);
  if (!needs(need, Need::Activation) && !needs(need, Need::AllowOlder)) TRY(check_newest(sys, picture->vgs[at]));
  return OpenVg{std::move(global), std::move(lock), std::move(picture), at};
}

VolumeGroup vg_to_change(System& sys, const OpenVg& open) {
  // What lies beyond the end of a device that has become smaller is compared with what lay there.
  if (sys.transaction == nullptr || !reach(open.picture, open.state()).empty()) return open.vg();
  return sys.transaction->take_vg(open.vg().id);
}

text::Origin origin(const System& sys) { return {std::string("Ashlar version ") + kVersion, sys.host.uname}; }

std::string file_text(System& sys, const VolumeGroup& vg, const std::string& description) {
  text::Header header{description, sys.host.name, sys.host.system_ids.own, sys.now()};
  return text::write_vg(vg, header, origin(sys), text::Form::File);
}

Status check_archive(System& sys) {
  if (!sys.private_archive || sys.conduct.test || sys.transaction != nullptr || !sys.conduct.archive ||
      !sys.settings.flag("backup/archive"))
    return ok();
  return sys.archive->prepare().context(
      "no archives could be made of what is changed later; nothing was changed (-A n goes on without)");
}

Status archive_before(System& sys, const VolumeGroup& vg) {
  if (!sys.conduct.archive || !sys.settings.flag("backup/archive")) return ok();  // the text may be large
  log(LogLevel::Info, fmt::format("Archiving VG {} as it is (seqno {}).", vg.name, vg.seqno));
  std::string text = file_text(sys, vg, fmt::format("Created *before* executing '{}'", sys.conduct.command_line));
  return sys.archive->save_before(vg.name, text)
      .context("archiving the state before the change; nothing was changed (-A n goes on without)");
}

Status carry_out(System& sys, const dm::Change& change) {
  if (change.empty() || sys.conduct.test) return ok();
  log(LogLevel::Info, fmt::format("Changing device-mapper in {} steps.", change.steps.size()));
  auto loaded = TRY(sys.kernel->preload(change));
  return loaded->finish();
}

namespace {
Status check_seqno(const VolumeGroup* before) {
  if (before == nullptr || before->seqno != std::numeric_limits<std::uint32_t>::max()) return ok();
  return Error(Errc::Refused,
               fmt::format("VG {} has had 2^32-1 changes; back it up and restore it to go on", before->name));
}

void back_up(System& sys, const VolumeGroup& vg, std::vector<std::string>& notes) {
  if (!sys.conduct.archive || !sys.settings.flag("backup/backup")) return;
  log(LogLevel::Info, fmt::format("Backing up VG {} (seqno {}).", vg.name, vg.seqno));
  std::string text = file_text(sys, vg, fmt::format("Created *after* executing '{}'", sys.conduct.command_line));
  Status saved = sys.archive->save_current(vg.name, text);
  if (!saved) notes.push_back("WARNING: the backup of VG " + vg.name + " was not written: " + saved.error().message());
}

/// Stages what is to become of all VGs: seqno raised.
Result<std::vector<store::Staged>> stage_all(System& sys, std::vector<VgStep> steps) {
  const bool discards =
      std::any_of(steps.begin(), steps.end(), [&](const VgStep& step) { return !freed_runs(sys, step).empty(); });
  for (VgStep& step : steps)
    step.after.seqno = std::max(step.after.seqno, step.before != nullptr ? step.before->seqno : 0) + 1;
  const text::Header header = command_header(sys, discards ? kWriteAndDiscard : kWrite, steps);
  std::vector<store::Staged> staged;
  for (VgStep& step : steps) {
    log(LogLevel::Info,
        fmt::format("Writing VG {} (seqno {}) to {} PVs.", step.after.name, step.after.seqno, step.present.size()));
    write_device_ids(sys, step.present, step.after);
    staged.push_back(TRY(store::stage(std::move(step.present), std::move(step.after), header, origin(sys))));
  }
  return staged;
}

}  // namespace

Status check_legal(const VolumeGroup& after) {
  const std::vector<Violation> found = validate(after);
  if (found.empty()) return ok();
  return Error(Errc::Corrupt,
               fmt::format("internal error: VG {} would not be legal: {}", printable(after.name), found.front().what));
}

Status check_room(System& sys, VgStep step) {
  ++step.after.seqno;
  const std::string name = step.after.name;
  const text::Header header = command_header(sys, kWrite, {&step, 1});
  return store::check_room(step.present, std::move(step.after), header, origin(sys))
      .context(fmt::format("VG {} cannot be written", name));
}

namespace {
/// Does a PV go from one VG to another?
bool move_pvs(const std::vector<VgStep>& steps) {
  return std::any_of(steps.begin(), steps.end(), [&](const VgStep& to) {
    return std::any_of(steps.begin(), steps.end(), [&](const VgStep& from) {
      return &to != &from && from.before != nullptr &&
             std::any_of(from.before->pvs.begin(), from.before->pvs.end(),
                         [&](const PhysicalVolume& pv) { return find_pv(to.after, pv.id) != nullptr; });
    });
  });
}

/// Lets what is staged stay on the disks, where that is said, however the commit ends; what is committed is no longer
/// staged.
struct KeptStaged {
  std::vector<store::Staged>& staged;
  bool keep;
  ~KeptStaged() {
    if (!keep) return;
    for (store::Staged& each : staged) each.keep();
  }
};

/// Errc::Partial once one of several VGs is committed and another cannot be. `at_once`: PVs move between them, so that
/// the others count from then on as they are staged, and stay so.
Status commit_all(KeptStaged& kept, bool at_once, std::vector<std::string>& behind, std::vector<std::string>& notes) {
  std::vector<store::Staged>& staged = kept.staged;
  const bool kept_before = kept.keep;
  kept.keep = kept.keep || at_once;  // also where the memory is gone in the middle
  std::string done;
  for (std::size_t i = 0; i < staged.size(); ++i) {
    const std::string& vg = staged[i].vg().name;
    auto committed = store::commit(staged[i]);
    if (!committed && done.empty()) {
      kept.keep = kept_before;
      return std::move(committed).error();
    }
    if (!committed && at_once) {
      return Error(
          Errc::Partial,
          fmt::format(
              "The change of all VGs counts, but not all headers of VG {0} could be written: {1}. The next change of VG {0} writes them, or ashlar repair {0}",
              vg, committed.error().message()));
    }
    if (!committed)
      return Error(Errc::Partial, fmt::format("VG {} keeps its old metadata, while these have their new:{}: {}", vg,
                                              done, committed.error().message()));
    behind.insert(behind.end(), committed->behind.begin(), committed->behind.end());
    notes.insert(notes.end(), committed->warnings.begin(), committed->warnings.end());
    done += " " + vg;
  }
  return ok();
}
}  // namespace

std::vector<FreedRun> freed_runs(const System& sys, const VgStep& step) {
  std::vector<FreedRun> freed;
  if (!sys.settings.flag("devices/issue_discards") || step.discard == VgStep::Discard::Never) return freed;
  // With another extent size or place of the data, nothing was freed: the same bytes are counted otherwise.
  if (step.before == nullptr || step.before->extent_size != step.after.extent_size) return freed;
  const std::vector<PvUsage> before = pv_usage(*step.before), after = pv_usage(step.after);
  for (std::size_t i = 0; i < step.before->pvs.size(); ++i) {
    const PhysicalVolume& pv = step.before->pvs[i];
    for (std::size_t j = 0; j < step.after.pvs.size(); ++j) {
      if (step.after.pvs[j].id != pv.id || step.after.pvs[j].pe_start != pv.pe_start) continue;
      auto found = std::find_if(step.present.begin(), step.present.end(),
                                [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
      if (found == step.present.end() || found->stays_missing) continue;
      for (const PeRun& run : without(before[i].used, after[j].used)) {
        auto start = checked_mul(run.start.n, step.after.extent_size.n),
             length = checked_mul(run.length.n, step.after.extent_size.n);
        auto offset = start ? checked_add(*start, pv.pe_start.n) : std::nullopt;
        if (offset && length) freed.push_back({found->device, to_bytes(Sectors{*offset}), to_bytes(Sectors{*length})});
      }
    }
  }
  return freed;
}

void discard(const std::vector<FreedRun>& runs, std::vector<std::string>& notes) {
  for (const FreedRun& run : runs) {
    Status done = run.device->discard(run.offset, run.length);
    if (!done && done.error().code() != Errc::Unsupported)
      notes.push_back("WARNING: freed extents are not discarded: " + done.error().message());
  }
}

Status apply(System& sys, std::vector<VgStep> steps, const dm::Change& change, std::vector<std::string>& notes) {
  if (sys.conduct.test) {
    for (const VgStep& step : steps)
      if (step.before != nullptr) TRY(check_room(sys, step));
    return ok();
  }
  for (const VgStep& step : steps) {
    TRY(check_seqno(step.before));
    TRY(check_within_devices(step));
  }
  for (const VgStep& step : steps) {
    for (const store::FoundPv& pv : step.present) {
      if (!pv.mdas.empty()) TRY(pv.device->open_for_writing().context("nothing was changed"));
    }
  }
  if (sys.transaction != nullptr) {
    if (steps.size() > 1) sys.transaction->moves_pvs();
    for (std::size_t i = 0; i < steps.size(); ++i)
      TRY(sys.transaction->set_vg(std::move(steps[i]), i == 0 ? change : dm::Change{}));
    return ok();
  }
  for (const VgStep& step : steps) TRY(check_legal(step.after).context("nothing was changed"));
  std::vector<Clearing> clearings;  // asks, so before all else
  for (const VgStep& step : steps) {
    std::vector<Clearing> of_vg = TRY(Clearing::prepare(sys, step));
    std::move(of_vg.begin(), of_vg.end(), std::back_inserter(clearings));
  }
  for (const VgStep& step : steps) {
    if (step.before != nullptr) TRY(archive_before(sys, *step.before));
  }
  SignalShield shield;
  std::vector<FreedRun> freed;
  for (const VgStep& step : steps) {
    if (step.discard != VgStep::Discard::AtOnce) continue;
    const std::vector<FreedRun> runs = freed_runs(sys, step);
    freed.insert(freed.end(), runs.begin(), runs.end());
  }
  const bool at_once = move_pvs(steps);
  const bool every_copy = std::ranges::any_of(steps, &VgStep::every_copy);
  std::vector<store::Staged> staged = TRY(stage_all(sys, std::move(steps)));
  // Not earlier: what lies on free extents can still be brought back by undelete if this change fails. Not later: from
  // preload on devices may stand still.
  // What is staged tells that extents may be cleared, also after this came to nothing (store/vg_store.cc
  // leave_numbers_out()).
  KeptStaged kept{
      staged, std::any_of(clearings.begin(), clearings.end(), [](const Clearing& each) { return !each.was_used(); })};
  TRY(clear(clearings, false, notes));
  std::unique_ptr<dm::Preloaded> loaded;
  if (!change.empty()) {
    log(LogLevel::Info, fmt::format("Changing device-mapper in {} steps around the commit.", change.steps.size()));
    loaded = TRY(sys.kernel->preload(change));
  }
  std::vector<std::string> behind;
  TRY(commit_all(kept, at_once, behind, notes));  // the point of no return
  Status finished = clear(clearings, true, notes);
  if (finished && loaded) finished = loaded->finish();
  for (const store::Staged& each : staged) back_up(sys, each.vg(), notes);
  const bool backed_up = sys.conduct.archive && sys.settings.flag("backup/backup");
  if (!backed_up && !staged.empty()) notes.push_back("WARNING: This metadata update is NOT backed up.");
  if (finished) discard(freed, notes);
  if (every_copy && !behind.empty())
    return Error(Errc::Partial, fmt::format("{}. The same command tries again", fmt::join(behind, "; "))).noted(notes);
  for (const std::string& what : behind) notes.push_back("WARNING: " + what);
  if (!finished)
    return Error(Errc::Partial, "the metadata is committed, the machine is behind it: " + finished.error().message(),
                 finished.error().sys_errno());
  return ok();
}

Status apply(System& sys, const VolumeGroup* before, std::vector<store::FoundPv> present, VolumeGroup after,
             const dm::Change& change, std::vector<std::string>& notes) {
  std::vector<VgStep> one;
  one.push_back({before, std::move(present), std::move(after)});
  return apply(sys, std::move(one), change, notes);
}

Status release(System& sys, std::vector<store::FoundPv> pvs) {
  if (sys.conduct.test) return ok();
  SignalShield shield;
  if (sys.transaction == nullptr) return store::release(std::move(pvs));
  sys.transaction->release(pvs);
  return ok();
}

Status write_edit(const PvEdit& edit) {
  if (edit.with_commit) return ok();
  if (edit.area)
    TRY(store::make_area(*edit.device, *edit.area, edit.area_ignored)
            .context("making the metadata area of " + edit.path));
  if (edit.label) TRY(store::rewrite_label(*edit.device, *edit.label).context("writing the label of " + edit.path));
  if (edit.ignored)
    TRY(store::set_ignored(*edit.device, edit.mdas, *edit.ignored)
            .context("marking the metadata areas of " + edit.path));
  return ok();
}

Status edit_pv(System& sys, PvEdit edit) {
  if (sys.conduct.test) return ok();
  edit.path = edit.device->path();
  if (sys.transaction == nullptr) return write_edit(edit);
  sys.transaction->edit(std::move(edit));
  return ok();
}

Status drop_vg(System& sys, const OpenVg& open) {
  if (sys.conduct.test) return ok();
  if (sys.transaction != nullptr) {
    sys.transaction->remove_vg(open.vg().id);
    return ok();
  }
  TRY(archive_before(sys, open.vg()));
  SignalShield shield;
  return store::release(store::written_members(open.picture, open.state()));
}

void drop_backup(System& sys, const std::string& vg, std::vector<std::string>& notes) {
  if (sys.conduct.test || !sys.conduct.archive) return;
  if (Status gone = sys.archive->remove_backup(vg); !gone)
    notes.push_back("WARNING: the backup of VG " + vg + " is left: " + gone.error().message());
}

dm::LayoutContext layout_context(System& sys, const store::Picture& picture, const store::VgState& state) {
  dm::LayoutContext context;
  for (std::size_t i = 0; i < state.vg.pvs.size(); ++i) {
    if (state.members[i] == store::kNoPv) continue;
    device::BlockDevice& device = *picture.scan.pvs[state.members[i]].device;
    const Uuid& id = state.vg.pvs[i].id;
    if (auto number = device.number()) context.pv_numbers.emplace(id, *number);
    context.pv_paths.emplace(id, device.path());
    context.pv_sizes.emplace(id, to_sectors(device.size()));
    context.pv_read_ahead.emplace(id, device.topology().read_ahead);
  }
  context.read_only = [rules = activation_rules(sys)](const VolumeGroup& vg, const LogicalVolume& lv) {
    return dm::forced_read_only(rules, vg, lv);
  };
  context.use_linear_target = sys.settings.flag("activation/use_linear_target");
  context.auto_read_ahead = sys.settings.text("activation/readahead") == "auto";
  return context;
}

}  // namespace ashlar::ops
