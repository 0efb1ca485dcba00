// SPDX-License-Identifier: LGPL-2.1-or-later
// pvchange and pvresize: one PV, in a VG or not.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/size_text.h"
#include "metadata/model/query.h"
#include "ops/devices.h"
#include "ops/ops.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"

namespace ashlar::ops {

namespace {
constexpr std::uint64_t kAreaAlignment = 1 << 20;

/// A PV under the locks that its VG needs. Without a VG the global lock is enough.
struct OpenPv {
  OpenVg open;  ///< of its VG; of an orphan only lock and picture
  bool in_vg = false;
  std::size_t at = 0;  ///< index into picture.scan.pvs

  const store::FoundPv& found() const { return open.picture.scan.pvs[at]; }
};

Result<OpenPv> open_pv(System& sys, const std::string& path) {
  // Which VG it is of is known only after a look; under the VG's lock it must still be so.
  store::Picture before = TRY(look(sys));
  const store::VgState* seen = vg_of(before, TRY(find_pv_by_name(sys, before, path)));
  auto lock_orphan = [&]() -> Result<OpenVg> {
    lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
    return OpenVg{std::move(global), {}, TRY(read_devices(sys))};
  };
  OpenPv pv{TRY(seen == nullptr ? lock_orphan() : open_for_update(sys, seen->vg.name, Need::Global)), seen != nullptr};
  pv.at = TRY(find_pv_by_name(sys, pv.open.picture, path));
  const store::VgState* now = vg_of(pv.open.picture, pv.at);
  if ((now != nullptr) != pv.in_vg || (now != nullptr && now != &pv.open.state()))
    return Error(Errc::Busy, fmt::format("{} changed its volume group just now; try again", printable(path)));
  if (now == nullptr) TRY(check_unused(pv.open.picture, pv.at));
  return pv;
}

bool all_ignored(const store::FoundPv& pv, bool ignored) {
  return std::all_of(pv.mdas.begin(), pv.mdas.end(),
                     [&](const store::Mda& m) { return !m.header || m.header->ignored() == ignored; });
}

Status check_ignore(const OpenPv& pv, bool ignore) {
  const std::string& path = pv.found().device->path();
  if (pv.found().mdas.empty())
    return Error(Errc::Refused, fmt::format("Physical volume \"{}\" has no metadata areas.", path));
  if (all_ignored(pv.found(), ignore))
    return Error(Errc::Refused, fmt::format("Metadata areas on physical volume \"{}\" already {}.", path,
                                            ignore ? "ignored" : "marked as in-use"));
  if (!ignore || !pv.in_vg) return ok();
  for (std::size_t member : pv.open.state().members) {
    if (member == store::kNoPv || member == pv.at) continue;
    const store::FoundPv& other = pv.open.picture.scan.pvs[member];
    bool takes = std::any_of(other.mdas.begin(), other.mdas.end(),
                             [](const store::Mda& m) { return m.header && !m.header->ignored(); });
    if (takes) return ok();
  }
  return Error(Errc::Refused, fmt::format("Cannot disable all metadata areas in volume group {}.", pv.open.vg().name));
}

/// Areas that are to be used again take the next text: as far as the commit sees they were never ignored.
void use_areas(store::FoundPv& pv) {
  for (store::Mda& mda : pv.mdas) {
    if (mda.header) mda.header->committed.set_ignored(false);
  }
}

/// A metadata area behind the data stays at the device's end. Moves it in the label; which one it is, if there is one.
std::optional<std::size_t> move_end_area(disk::Label& label, Bytes size) {
  if (label.data_areas.empty()) return std::nullopt;
  for (std::size_t i = 0; i < label.mdas.size(); ++i) {
    disk::DiskArea& area = label.mdas[i];
    if (area.offset <= label.data_areas[0].offset) continue;
    const std::uint64_t start = size > area.size ? round_down((size - area.size).n, kAreaAlignment) : 0;
    if (start <= label.data_areas[0].offset.n) return std::nullopt;  // no room: the plan refuses the size
    area = {{start}, size - Bytes{start}};
    return i;
  }
  return std::nullopt;
}

/// As if the area had always been there, and empty: the commit fills it.
void move_area(store::FoundPv& pv, std::size_t i, const disk::DiskArea& to) {
  const bool ignored = pv.mdas[i].header && pv.mdas[i].header->ignored();
  disk::MdaHeader header{to, {}, {}};
  header.committed.flags = ignored ? 1 : 0;
  pv.mdas[i] = {to, header, {}};
  pv.label.mdas[i] = to;
}
}  // namespace

bool is_at_hand(System& sys, const std::string& path) {
  const auto picture = look(sys);
  if (!picture) return false;
  const auto at = find_pv_by_name(sys, *picture, path);
  if (!at) return false;
  const store::VgState* state = vg_of(*picture, *at);
  return state == nullptr || store::is_doubled(*picture, *at) || check_allowed(sys, *state, Need::Global).ok();
}

Result<ChangedPv> change_pv(System& sys, const std::string& path, const ChangePv& request) {
  OpenPv pv = TRY(open_pv(sys, path));
  const std::string& device = pv.found().device->path();
  if (!pv.in_vg && request.allocatable)
    return Error(Errc::Refused, fmt::format("Allocatability not supported by orphan lvm2 format PV {}", device));
  if (!pv.in_vg && (!request.add_tags.empty() || !request.del_tags.empty()))
    return Error(Errc::Refused, fmt::format("Can't change tag on Physical Volume {} not in volume group", device));
  if (request.ignore_metadata) TRY(check_ignore(pv, *request.ignore_metadata));
  ChangedPv changed;
  std::optional<Uuid> id;
  // The same command with the same seed draws the same id again.
  if (request.new_id) {
    do id = sys.random->uuid();
    while (id == pv.found().label.pv);
  }

  if (pv.in_vg) {
    plan::ChangePv wanted{pv.found().label.pv, request.allocatable, request.add_tags, request.del_tags, id};
    plan::Planned planned = TRY(plan::change_pv(pv.open.vg(), wanted));
    changed.outcome.notes = planned.notes;
    bool only_allocatable = request.add_tags.empty() && request.del_tags.empty() && !id && !request.ignore_metadata;
    if (only_allocatable && planned.vg == pv.open.vg()) {
      changed.changed = false;
      return changed;
    }
    std::vector<store::FoundPv> present = store::written_members(pv.open.picture, pv.open.state());
    for (store::FoundPv& each : present) {
      if (each.device != pv.found().device) continue;
      if (id) {
        if (!each.was) each.was = each.label;
        each.label.pv = *id;
      }
      if (request.ignore_metadata == false) use_areas(each);
    }
    TRY(apply(sys, &pv.open.vg(), std::move(present), std::move(planned.vg), {}, changed.outcome.notes)
            .noted(changed.outcome.notes)
            .context("changing " + device));
  }
  if (id) {
    disk::Label label = pv.found().label;
    label.pv = *id;
    if (pv.in_vg) label.ext_flags |= disk::kExtUsed;
    TRY(edit_pv(sys,
                {.device = pv.found().device, .what = "id " + id->dashed(), .label = label, .with_commit = pv.in_vg}));
    forget_hints(sys);
    if (sys.devices_file && !sys.conduct.test && sys.transaction == nullptr)
      sys.devices_file->note_pv(*pv.found().device, id);
    write_devices_file(sys, changed.outcome.notes);
  }
  if (request.ignore_metadata && (*request.ignore_metadata || !pv.in_vg))
    TRY(edit_pv(sys, {.device = pv.found().device,
                      .what = *request.ignore_metadata ? "metadata areas ignored" : "metadata areas used",
                      .ignored = request.ignore_metadata,
                      .mdas = pv.found().mdas}));
  return changed;
}

Result<Outcome> resize_pv(System& sys, const std::string& path, std::optional<Bytes> size) {
  OpenPv pv = TRY(open_pv(sys, path));
  device::BlockDevice& device = *pv.found().device;
  Outcome outcome;
  Bytes wanted = device.size();
  if (size && size->n != 0 && *size != device.size()) {
    const bool larger = *size > device.size();
    std::string question =
        fmt::format("{}: Requested size {} {} real size {}. Proceed? ", device.path(), human_size(*size),
                    larger ? "exceeds" : "is less than", human_size(device.size()));
    if (!sys.conduct.agrees(question))
      return Error(
          Errc::Refused,
          fmt::format("Physical Volume {} not resized. It was asked for {} ({} bytes) and its device has {} ({} "
                      "bytes): -y agrees to that.",
                      device.path(), human_size(*size), size->n, human_size(device.size()), device.size().n));
    if (larger)
      outcome.notes.push_back(fmt::format("WARNING: {}: Overriding real size {}. You could lose data.", device.path(),
                                          human_size(device.size())));
    outcome.notes.push_back(fmt::format("WARNING: {}: Pretending size is {} not {} sectors.", device.path(),
                                        to_sectors(*size).n, to_sectors(device.size()).n));
    wanted = *size;
  }
  const Sectors minimum = to_sectors(
      Bytes{static_cast<std::uint64_t>(std::clamp<std::int64_t>(sys.settings.number("devices/pv_min_size"), 0, 1 << 30))
            << 10});
  if (to_sectors(wanted) < minimum)
    return Error(Errc::Refused,
                 fmt::format("Size must exceed minimum of {} sectors on PV {}.", minimum.n, device.path()));

  disk::Label label = pv.found().label;
  label.device_size = wanted;
  const std::optional<std::size_t> moving = move_end_area(label, wanted);
  const bool grows = moving && label.mdas[*moving].offset > pv.found().label.mdas[*moving].offset;
  // The label, and the area that moves with the device's end.
  auto write_label = [&](bool with_area, bool before_commit) {
    PvEdit edit{.device = &device, .what = "size " + human_size(wanted), .label = label};
    if (with_area) edit.area = label.mdas[*moving];
    edit.area_ignored = all_ignored(pv.found(), true);
    edit.before_commit = before_commit;
    return edit_pv(sys, std::move(edit));
  };
  if (!pv.in_vg) {
    TRY(write_label(moving.has_value(), false).noted(outcome.notes));
    return outcome;
  }
  plan::ResizePv request{label.pv, to_sectors(wanted), {}};
  if (moving) request.end_area = to_sectors(label.mdas[*moving].offset);
  plan::Planned planned = TRY(plan::resize_pv(pv.open.vg(), request).noted(outcome.notes));
  label.ext_flags |= disk::kExtUsed;
  std::vector<store::FoundPv> present = store::written_members(pv.open.picture, pv.open.state());
  if (moving) {
    for (store::FoundPv& each : present) {
      if (each.device == &device) move_area(each, *moving, label.mdas[*moving]);
    }
    // Of the label and the extents, whichever takes room comes last: no extent ever lies where the label has an area.
    if (grows) TRY(write_label(true, true).noted(outcome.notes));
  }
  TRY(apply(sys, &pv.open.vg(), std::move(present), std::move(planned.vg), {}, outcome.notes)
          .noted(outcome.notes)
          .context("resizing " + device.path()));
  if (!grows) TRY(write_label(false, false).noted(outcome.notes));
  return outcome;
}

}  // namespace ashlar::ops
