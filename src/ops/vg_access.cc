// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"
#include "ops/vg_access.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "activation/permission.h"
#include "base/log.h"
#include "metadata/text/vg_writer.h"
#include "ops/permission_rules.h"
#include "ops/version.h"

namespace ashlar::ops {

namespace {
Result<std::size_t> index_of(const store::Picture& picture, const std::string& vg) {
  const store::VgState* state = TRY(store::find_vg(picture, vg));
  return static_cast<std::size_t>(state - picture.vgs.data());
}

Status check_allowed(const System& sys, const store::VgState& state, Need need) {
  const VolumeGroup& vg = state.vg;
  if (!vg.system_id.empty() && vg.system_id != sys.host.system_id)
    return Error(Errc::Refused, fmt::format("Cannot access VG {} with system ID {} with {}local system ID{}.", vg.name,
                                            printable(vg.system_id), sys.host.system_id.empty() ? "unknown " : "",
                                            sys.host.system_id.empty() ? "" : " " + sys.host.system_id));
  if (vg.status.has(VgFlag::Exported))
    return Error(Errc::Refused, fmt::format("Volume group \"{}\" is exported", vg.name));
  if (state.unsafe) return *state.unsafe;
  if (needs(need, Need::Activation)) return ok();
  if (state.read_only) return *state.read_only;
  if (is_partial(vg) && !needs(need, Need::AllowPartial)) {
    std::string gone;
    for (const PhysicalVolume& pv : vg.pvs) {
      if (pv.status.has(PvFlag::Missing)) gone += fmt::format(" {} (last seen at {})", pv.id.dashed(), printable(pv.device));
    }
    return Error(Errc::Refused, fmt::format("Cannot change VG {} while PVs are missing:{}", vg.name, gone));
  }
  return ok();
}
}  // namespace

Result<store::Picture> look(System& sys) {
  store::Picture picture = store::consensus(TRY(store::scan(*sys.devices)));
  // Copies disagree either because a write was cut off or because one is under way. Having waited for the writers, the
  // second look tells which: one more scan serves all such VGs.
  bool waited = false;
  for (const store::VgState& state : picture.vgs) {
    if (!state.stale_copies) continue;
    auto lock = sys.locks->vg(state.vg.name, lock::Mode::Shared);
    waited = waited || lock.ok();
  }
  if (!waited && picture.problems.empty()) return picture;
  if (!waited) {
    auto lock = sys.locks->global(lock::Mode::Shared);
    if (!lock) return picture;
  }
  return store::consensus(TRY(store::scan(*sys.devices)));
}

Result<OpenVg> open_for_update(System& sys, const std::string& vg, Need need) {
  OpenVg open;
  if (needs(need, Need::Global)) open.global = TRY(sys.locks->global(lock::Mode::Exclusive));
  open.lock = TRY(sys.locks->vg(vg, lock::Mode::Exclusive));
  open.picture = store::consensus(TRY(store::scan(*sys.devices)));
  open.at = TRY(index_of(open.picture, vg));
  log(LogLevel::Verbose, fmt::format("VG {} is locked and read: seqno {}, {} PVs, {} LVs.", vg, open.vg().seqno,
                                     open.vg().pvs.size(), open.vg().lvs.size()));
  TRY(check_allowed(sys, open.state(), need));
  return open;
}

text::Origin origin(const System& sys) { return {std::string("Ashlar version ") + kVersion, sys.host.uname}; }

std::string file_text(System& sys, const VolumeGroup& vg, const std::string& description) {
  text::Header header{description, sys.host.name, sys.host.system_id, sys.now()};
  return text::write_vg(vg, header, origin(sys), text::Form::File);
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

Status apply(System& sys, const VolumeGroup* before, std::vector<store::FoundPv> present, VolumeGroup after,
             const dm::Change& change, std::vector<std::string>& notes) {
  if (sys.conduct.test) return ok();
  if (before != nullptr && before->seqno == std::numeric_limits<std::uint32_t>::max())
    return Error(Errc::Refused, fmt::format("VG {} has had 2^32-1 changes; back it up and restore it to go on", before->name));
  const std::string& command = sys.conduct.command_line;
  if (before != nullptr) TRY(archive_before(sys, *before));

  after.seqno = std::max(after.seqno, before != nullptr ? before->seqno : 0) + 1;
  text::Header header{fmt::format("Write from {}.", command), sys.host.name, sys.host.system_id, sys.now()};
  log(LogLevel::Info, fmt::format("Writing VG {} (seqno {}) to {} PVs.", after.name, after.seqno, present.size()));
  store::Staged staged = TRY(store::stage(std::move(present), std::move(after), header, origin(sys)));
  const VolumeGroup& now = staged.vg();
  std::unique_ptr<dm::Preloaded> loaded;
  if (!change.empty()) {
    log(LogLevel::Info, fmt::format("Changing device-mapper in {} steps around the commit.", change.steps.size()));
    loaded = TRY(sys.kernel->preload(change));
  }
  std::vector<std::string> behind = TRY(store::commit(staged));  // the point of no return
  Status finished = loaded ? loaded->finish() : ok();
  notes.insert(notes.end(), behind.begin(), behind.end());

  if (sys.conduct.archive && sys.settings.flag("backup/backup")) {
    log(LogLevel::Info, fmt::format("Backing up VG {} (seqno {}).", now.name, now.seqno));
    Status saved = sys.archive->save_current(now.name, file_text(sys, now, fmt::format("Created *after* executing '{}'", command)));
    if (!saved) notes.push_back("WARNING: the backup of VG " + now.name + " was not written: " + saved.error().message());
  } else if (!sys.conduct.archive) {
    notes.push_back("WARNING: This metadata update is NOT backed up.");
  }
  if (!finished)
    return Error(Errc::Partial, "the metadata is committed, the kernel is behind it: " + finished.error().message(),
                 finished.error().sys_errno());
  return ok();
}

dm::LayoutContext layout_context(System& sys, const store::Picture& picture, const store::VgState& state) {
  dm::LayoutContext context;
  for (std::size_t i = 0; i < state.vg.pvs.size(); ++i) {
    if (state.members[i] == store::kNoPv) continue;
    device::BlockDevice& device = *picture.scan.pvs[state.members[i]].device;
    const Uuid& id = state.vg.pvs[i].id;
    if (auto number = device.number()) context.pv_numbers.emplace(id, *number);
    context.pv_paths.emplace(id, device.path());
    context.pv_read_ahead.emplace(id, device.topology().read_ahead);
  }
  context.read_only = [rules = activation_rules(sys)](const VolumeGroup& vg, const LogicalVolume& lv) {
    return dm::forced_read_only(rules, vg, lv);
  };
  context.auto_read_ahead = sys.settings.text("activation/readahead") == "auto";
  return context;
}

}  // namespace ashlar::ops
