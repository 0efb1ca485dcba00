// SPDX-License-Identifier: LGPL-2.1-or-later
// What to write: pure but for reading the device.
#include "ops/rewrite_pv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_writer.h"
#include "ops/vg_access.h"
#include "store/remains.h"
#include "store/text_copy.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kStart = disk::kLabelSectors * kSectorSize;
constexpr Bytes kFirstArea{4096};

Result<text::ReadVg> read_file_text(const std::string& text) {
  text::ReadVg read = TRY(text::read_vg(text, "the metadata file"));
  if (const auto broken = validate(read.vg); !broken.empty())
    return Error(Errc::Corrupt, "the metadata file: " + broken.front().what);
  return read;
}

Result<std::vector<std::byte>> start_of(device::BlockDevice& device) {
  if (device.size().n < 2 * kStart) return Error(Errc::Refused, device.path() + " is too small for a PV");
  std::vector<std::byte> start(kStart);
  TRY(device.read({0}, start));
  return start;
}

/// Nobody uses the device, and it carries nothing else, unless its label is still good.
Status check_device(System& sys, device::BlockDevice& device, bool labelled) {
  TRY(sys.devices->check_claim(device).context("Can't repair " + device.path()));
  if (labelled) return ok();
  const auto signatures = TRY(sys.devices->signatures(device));
  if (signatures.empty()) return ok();
  return Error(
      Errc::Refused,
      fmt::format(
          "{} carries a signature of {}: it is left alone; if it is a PV all the same, wipe that signature first",
          device.path(), printable(signatures.front().type)));
}

/// Which PV of the metadata the device is: as told, as its own pv_header says, by the name that the PV had last.
Result<const PhysicalVolume*> pv_of(const RewritePv& request, const VolumeGroup& vg, const std::optional<Uuid>& own,
                                    const device::BlockDevice& device) {
  const std::optional<Uuid> id = request.pv ? request.pv : own;
  if (id) {
    if (const PhysicalVolume* pv = find_pv(vg, *id)) return pv;
    return Error(
        Errc::Refused,
        fmt::format(
            "PV UUID {}{} not found in metadata file.  No valid PV UUID, specify a PV UUID from metadata in --settings.",
            id->dashed(), request.pv ? "" : " in existing pv_header"));
  }
  for (const PhysicalVolume& pv : vg.pvs) {
    if (pv.device == device.path() || pv.device == request.device) return &pv;
  }
  return Error(
      Errc::Refused,
      fmt::format(
          "PV name {} not found in metadata file.  No valid PV UUID, specify a PV UUID from metadata in --settings.",
          device.path()));
}

/// No other device is that PV.
Status check_unique(System& sys, const Uuid& pv, const device::BlockDevice& device) {
  const store::Scan all = TRY(store::scan(*sys.devices));
  for (const store::FoundPv& found : all.pvs) {
    if (found.label.pv == pv && found.device != &device)
      return Error(Errc::Refused,
                   fmt::format("Cannot use PV UUID {} which exists on {}", pv.dashed(), found.device->path()));
  }
  return ok();
}

Status check_area(const disk::DiskArea& area, const device::BlockDevice& device, const char* name) {
  const auto end = checked_add(area.offset.n, area.size.n);
  const bool whole = area.offset.n % kSectorSize == 0 && area.size.n % kSectorSize == 0;
  if (whole && end && *end <= device.size().n && area.offset >= kFirstArea && area.size.n >= 4 * kSectorSize)
    return ok();
  return Error(Errc::Refused, fmt::format("{} at {} of size {} is no place for a metadata area on {}", name,
                                          area.offset.n, area.size.n, device.path()));
}
}  // namespace

Result<NewHeader> new_header(System& sys, const RewritePv& request) {
  device::BlockDevice& device = *TRY(sys.devices->find(request.device));
  const disk::LabelScan found = disk::scan_label(TRY(start_of(device)));
  TRY(check_device(sys, device, found.label.has_value()));
  NewHeader made{&device, {}, {}, {}, {}};
  if (!found.label)
    made.notes.push_back(fmt::format("No LVM label found on {}.  It may not be an LVM device.", device.path()));
  const store::Remains remains = TRY(store::read_remains(device));
  disk::Label& label = made.label;
  if (request.text.empty()) {
    if (!request.pv || !request.device_size || !request.data_offset)
      return Error(
          Errc::Refused,
          "Metadata input file is needed for pv_header info.  See pvck --dump to locate and create a metadata file.");
    label = found.label.value_or(disk::Label{});
    label.pv = *request.pv;
    label.device_size = *request.device_size;
    label.data_areas = {{*request.data_offset, {0}}};
    label.ext_flags = disk::kExtUsed;
    if (!found.label) label.mdas = remains.areas;
    if (label.mdas.empty() && *request.data_offset > kFirstArea)
      label.mdas = {{kFirstArea, *request.data_offset - kFirstArea}};
  } else {
    const VolumeGroup vg = TRY(read_file_text(request.text)).vg;
    const std::optional<Uuid> own = found.label                                         ? std::optional(found.label->pv)
                                    : remains.id && find_pv(vg, *remains.id) != nullptr ? remains.id
                                                                                        : std::nullopt;
    const PhysicalVolume& pv = *TRY(pv_of(request, vg, own, device));
    made.vg = vg.name;
    store::Remains known = remains;
    if (found.label) {
      known.areas = found.label->mdas;
      known.sector = found.label->sector;
    }
    label = store::label_of(known, vg, pv, device);
    if (found.label) label.mdas = found.label->mdas;
  }
  TRY(check_unique(sys, label.pv, device));
  auto put = [&](const std::optional<disk::DiskArea>& area, bool first, const char* name) -> Status {
    if (!area) return ok();
    const Bytes data = label.data_areas.front().offset;
    std::erase_if(label.mdas, [&](const disk::DiskArea& m) { return (m.offset < data) == first; });
    if (area->size.n == 0) return ok();
    TRY(check_area(*area, device, name));
    label.mdas.insert(first ? label.mdas.begin() : label.mdas.end(), *area);
    return ok();
  };
  TRY(put(request.mda1, true, "mda1"));
  TRY(put(request.mda2, false, "mda2"));
  if (label.mdas.empty()) made.notes.push_back("PV will have no metadata with zero metadata areas.");
  made.sector = disk::encode_label(label);
  // What cannot be read back is not written.
  std::vector<std::byte> start(kStart);
  std::memcpy(start.data() + label.sector * kSectorSize, made.sector.data(), made.sector.size());
  if (const disk::LabelScan back = disk::scan_label(start); !back.label || *back.label != label)
    return Error(Errc::Refused,
                 fmt::format("these settings make no label that can be read{}{}", back.problems.empty() ? "" : ": ",
                             back.problems.empty() ? "" : back.problems.front()));
  return made;
}

Result<NewHeader> new_label_header(System& sys, const RewritePv& request) {
  device::BlockDevice& device = *TRY(sys.devices->find(request.device));
  std::vector<std::byte> start = TRY(start_of(device));
  const disk::LabelScan found = disk::scan_label(start);
  TRY(check_device(sys, device, found.label.has_value()));
  const std::uint32_t number = found.label ? found.label->sector : 1;
  std::span<std::byte> sector = std::span(start).subspan(number * kSectorSize, kSectorSize);
  disk::write_label_header(sector, number);
  const disk::LabelScan made = disk::scan_label(start);
  if (!made.label || made.label->sector != number)
    return Error(
        Errc::Refused,
        fmt::format(
            "the pv_header of {} is damaged too, so a label_header would not make it a PV: use --repairtype pv_header",
            device.path()));
  NewHeader header{&device, *made.label, {}, {}, {}};
  std::copy(sector.begin(), sector.end(), header.sector.begin());
  return header;
}

Result<NewMetadata> new_metadata(System& sys, const RewritePv& request, const disk::Label* label) {
  if (request.text.empty()) return Error(Errc::Refused, "Metadata input file is required.");
  device::BlockDevice& device = *TRY(sys.devices->find(request.device));
  const disk::LabelScan found = disk::scan_label(TRY(start_of(device)));
  if (label == nullptr && found.label) label = &*found.label;
  const char* const hint = "See --repairtype pv_header to repair headers.";
  if (label == nullptr) return Error(Errc::Refused, fmt::format("No lvm label found on device.  {}", hint));
  TRY(check_device(sys, device, true));
  if (label->mdas.empty()) return Error(Errc::Refused, fmt::format("No metadata areas found on device.  {}", hint));
  const text::ReadVg read = TRY(read_file_text(request.text));
  if (find_pv(read.vg, label->pv) == nullptr)
    return Error(Errc::Refused, fmt::format("VG {} of the metadata file does not have PV {}, which {} is", read.vg.name,
                                            label->pv.dashed(), device.path()));
  NewMetadata made{&device, read.vg.name, request.text, {}};
  // As it was saved from a disk it goes back byte for byte; a backup is written in the form that it has on disks.
  if (made.text.front() == '#') made.text = text::write_vg(read.vg, read.header, origin(sys), text::Form::Raw);
  while (!made.text.empty() && made.text.back() == '\0') made.text.pop_back();
  const std::string with_nul = made.text + '\0';
  if (label->mdas.size() < request.area)
    return Error(Errc::Refused, fmt::format("{} has no metadata area {}", device.path(), request.area));
  for (unsigned i = 1; i <= label->mdas.size(); ++i) {
    if (request.area != 0 && request.area != i) continue;
    const disk::DiskArea& area = label->mdas[i - 1];
    if (checked_add(area.offset.n, area.size.n).value_or(~0ULL) > device.size().n)
      return Error(Errc::Refused, fmt::format("metadata area {} of {} lies beyond its end", i, device.path()));
    disk::Sector sector{};
    TRY(device.read(area.offset, sector));
    auto header = disk::decode_mda_header(sector, area);
    bool readable = header.ok();
    if (header && !header->committed.empty()) {
      const Result<std::string> old = store::read_text(device, *header);
      if (!old && old.error().code() != Errc::Corrupt) return Error(old.error());
      readable = old.ok();
    }
    auto place = disk::next_place(area.size, readable ? header->committed : disk::RawLocn{}, {with_nul.size()});
    if (!place) return std::move(place).error().context(fmt::format("metadata area {} of {}", i, device.path()));
    made.areas.push_back({i, area, {place->offset, {with_nul.size()}, crc32(as_bytes(with_nul)), 0}, !readable});
  }
  return made;
}

}  // namespace ashlar::ops
