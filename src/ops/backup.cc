// SPDX-License-Identifier: LGPL-2.1-or-later
// vgcfgbackup and vgcfgrestore.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_reader.h"
#include "ops/active_lvs.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
std::string with_name(std::string pattern, const std::string& vg) {
  if (std::size_t at = pattern.find("%s"); at != std::string::npos) pattern.replace(at, 2, vg);
  return pattern;
}

bool has_thin(const VolumeGroup& vg) {
  return std::any_of(vg.lvs.begin(), vg.lvs.end(), [](const LogicalVolume& lv) {
    const Foreign* f = foreign(lv);
    return f != nullptr && (f->type == "thin-pool" || f->type == "thin");
  });
}

/// The PVs that the file names, as found on the machine by their ids alone.
Result<std::vector<store::FoundPv>> find_members(const store::Picture& picture, const VolumeGroup& vg) {
  std::unordered_map<Uuid, std::size_t> by_id;
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) by_id.emplace(picture.scan.pvs[i].label.pv, i);
  std::vector<store::FoundPv> present;
  std::string missing;
  std::size_t count = 0;
  for (const PhysicalVolume& pv : vg.pvs) {
    auto at = by_id.find(pv.id);
    if (at == by_id.end()) {
      missing += fmt::format(" {} (last seen at {});", pv.id.dashed(), printable(pv.device));
      ++count;
      continue;
    }
    const store::FoundPv& found = picture.scan.pvs[at->second];
    const Sectors size = to_sectors(found.device->size());
    if (const Extents fit = extents_within(pv, vg.extent_size, size); fit < pv.pe_count)
      return Error(Errc::Refused,
                   fmt::format("{} is smaller than PV {} of the file: its {} sectors have room for {} of {} extents",
                               found.device->path(), pv.id.dashed(), size.n, fit.n, pv.pe_count.n));
    TRY(check_may_join(picture, at->second, vg.id));
    present.push_back(found);
  }
  if (count != 0)
    return Error(Errc::NotFound,
                 fmt::format("Cannot restore Volume Group {} with {} PVs marked as missing:{} pvcreate --uuid UUID "
                             "--restorefile FILE DEVICE puts a label back",
                             vg.name, count, missing));
  return present;
}
}  // namespace

Result<std::string> backup_vg(System& sys, const std::string& vg, const std::string& file) {
  store::Picture picture = TRY(look(sys));
  const store::VgState& state = *TRY(store::find_vg(picture, vg));
  for (const std::vector<std::string>& said : {picture.warnings, state.damage, size_warnings(sys, picture, state)}) {
    for (const std::string& what : said)
      if (sys.warned.insert(what).second) log(LogLevel::Warning, what);
  }
  std::string text = file_text(sys, state.vg, sys.conduct.command_line);
  const bool dry = sys.conduct.test || sys.transaction != nullptr;
  if (file.empty()) {
    // The backup says what the VG was when it was whole: it is what a missing PV is restored from.
    if (is_partial(state.vg))
      return Error(Errc::Refused, "No backup taken: specify filename with -f to backup with missing PVs.");
    if (!dry) TRY(sys.archive->save_current(vg, text));
    return sys.archive->backup_path(vg);
  }
  std::string path = with_name(file, vg);
  if (!dry) TRY(archive::write_file(path, text));
  return path;
}

Result<Outcome> restore_vg(System& sys, const RestoreVg& request) {
  std::string path =
      request.file.empty() ? TRY(sys.archive->backup_path(request.vg)) : with_name(request.file, request.vg);
  std::string text =
      TRY((request.file.empty() ? sys.archive->read({path, request.vg, 0, true}) : archive::read_file(path))
              .context(fmt::format("Restore failed (vgcfgrestore --list {} shows what there is)", request.vg)));
  VolumeGroup vg = TRY(text::read_vg(text, path)).vg;
  if (vg.name != request.vg)
    return Error(Errc::NotFound, fmt::format("'{}' does not contain volume group '{}'.", path, printable(request.vg)));
  if (auto broken = validate_import(vg); !broken.empty()) {
    const Violation& first = broken.front();
    const int line = first.pv ? text::line_of_pv(text, *first.pv) : first.lv ? text::line_of_lv(text, *first.lv) : 0;
    return Error(Errc::Corrupt, fmt::format("{}{} is not a legal VG: {}", path,
                                            line == 0 ? "" : fmt::format(":{}", line), first.what));
  }
  // Nobody could read what would be written, as a word with a slip of the pen in it.
  TRY(check_status_known(vg).context(path));
  if (has_thin(vg) && !request.force)
    return Error(
        Errc::Refused,
        fmt::format("Consider using option --force to restore Volume Group {} with thin volumes: the pool's own "
                    "metadata is not restored and may no longer match",
                    vg.name));

  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  lock::Held lock = TRY(sys.locks->vg(vg.name, lock::Mode::Exclusive));
  auto shared = TRY(read_devices(sys));
  const store::Picture& picture = *shared;
  Outcome outcome;
  const std::vector<ActiveLv> active = TRY(active_lvs(sys, picture, vg));
  if (!active.empty()) {
    const std::string names = names_of(active);
    std::string question = fmt::format(
        "WARNING: Found {} active volume(s) in volume group \"{}\":{}. Restoring VG with active LVs, may cause "
        "mismatch with its metadata. Do you really want to proceed with restore of volume group \"{}\", while "
        "{} volume(s) are active?",
        active.size(), vg.name, names, vg.name, active.size());
    if (!sys.conduct.agrees(question))
      return Error(
          Errc::Refused,
          fmt::format("Restore aborted: volume group {} has active volumes:{}; deactivate them or confirm with -y",
                      vg.name, names));
  }
  std::vector<store::FoundPv> present = TRY(find_members(picture, vg));
  for (PhysicalVolume& pv : vg.pvs) pv.status.set(PvFlag::Missing, false);

  // The restored state must outrule whatever copy is anywhere, also on a PV that comes back later: cutting the write
  // off half-way then leaves one of the two VGs, never a mixture.
  std::vector<store::FoundPv> leaving;
  const VolumeGroup* replaced = nullptr;
  for (const store::VgState& state : picture.vgs) {
    if (state.vg.id != vg.id && state.vg.name == vg.name)
      return Error(Errc::Exists,
                   fmt::format("Another volume group is called {} (id {})", vg.name, state.vg.id.dashed()));
    if (state.vg.id != vg.id) continue;
    vg.seqno = std::max(vg.seqno, state.vg.seqno);
    replaced = &state.vg;
    for (store::FoundPv& pv : store::present_members(picture, state)) {
      if (find_pv(vg, pv.label.pv) == nullptr) leaving.push_back(std::move(pv));
    }
  }
  // LVM2 keeps no archive of what it replaces; who restores the wrong file wants it.
  if (replaced != nullptr && !sys.conduct.test) TRY(archive_before(sys, *replaced).context("restoring VG " + vg.name));
  SignalShield shield;
  TRY(apply(sys, nullptr, std::move(present), vg, {}, outcome.notes).context("restoring VG " + vg.name));
  if (!leaving.empty())
    TRY(release(sys, std::move(leaving)).context("PVs that the restored VG does not have keep old labels"));
  forget_hints(sys);
  return outcome;
}

namespace {
HistoryEntry describe_text(const std::string& text, const std::string& path) {
  HistoryEntry entry;
  entry.file.path = path;
  auto read = text::read_vg(text, path);
  if (!read) {
    entry.problem = read.error().message();
    return entry;
  }
  entry.vg_name = read->vg.name;
  entry.description = read->header.description;
  entry.time = read->header.creation_time;
  return entry;
}
}  // namespace

Result<HistoryEntry> describe_file(const std::string& path) {
  return describe_text(TRY(archive::read_file(path)), path);
}

Result<std::vector<HistoryEntry>> history(System& sys, const std::string& vg) {
  std::vector<HistoryEntry> entries;
  for (archive::Entry& file : TRY(sys.archive->list(vg))) {
    auto text = sys.archive->read(file);
    HistoryEntry shown = text ? describe_text(*text, file.path) : HistoryEntry{{}, {}, {}, 0, text.error().message()};
    shown.file = std::move(file);
    entries.push_back(std::move(shown));
  }
  return entries;
}

}  // namespace ashlar::ops
