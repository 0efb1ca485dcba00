// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/remains.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "metadata/text/ring_search.h"
#include "store/pv_layout.h"

namespace ashlar::store {

namespace {
constexpr std::uint64_t kStart = 1 << 20, kEnd = 4 << 20;  // bytes that are searched for headers
constexpr std::uint64_t kFirstArea = 4096;                 // where the first area nearly always is
constexpr std::uint64_t kMostArea = 64 << 20;              // of an area that is searched for texts

/// Headers that say that they lie where they do; their other fields are judged by whoever uses them.
void find_headers(std::span<const std::byte> bytes, std::uint64_t from, const device::BlockDevice& device,
                  Remains& remains) {
  for (std::size_t at = 0; at + kSectorSize <= bytes.size(); at += kSectorSize) {
    ByteReader in(bytes.subspan(at, kSectorSize));
    in.u32();
    if (in.text(disk::kMdaMagic.size()) != disk::kMdaMagic) continue;
    in.u32();
    const disk::DiskArea area{{in.u64()}, {in.u64()}};
    auto end = checked_add(area.offset.n, area.size.n);
    if (area.offset.n != from + at || !end || *end > device.size().n || area.size.n < 2 * kSectorSize ||
        area.size.n % kSectorSize != 0)
      continue;
    const bool known =
        std::ranges::any_of(remains.areas, [&](const disk::DiskArea& other) { return disk::overlap(area, other); });
    if (known || remains.areas.size() == 2) continue;
    remains.areas.push_back(area);
    auto header = disk::decode_mda_header(bytes.subspan(at, kSectorSize), area);
    if (header && header->committed.empty() && !header->ignored()) remains.released = true;
  }
}

void add(std::vector<text::ReadVg>& texts, text::ReadVg&& read) {
  auto known = std::find_if(texts.begin(), texts.end(), [&](const text::ReadVg& t) { return t.vg.id == read.vg.id; });
  if (known == texts.end())
    texts.push_back(std::move(read));
  else if (known->vg.seqno < read.vg.seqno)
    *known = std::move(read);
}

void search(std::span<const std::byte> area, std::vector<text::ReadVg>& texts) {
  text::search_ring(area, "", [&](Bytes, const std::string& text) {
    auto read = text::read_vg(text, "a copy");
    if (!read) return false;
    add(texts, std::move(*read));
    return true;
  });
}
}  // namespace

Result<std::vector<text::ReadVg>> texts_in(device::BlockDevice& device, const disk::DiskArea& area) {
  std::vector<text::ReadVg> texts;
  auto end = checked_add(area.offset.n, area.size.n);
  if (!end || *end > device.size().n || area.size.n > kMostArea) return texts;
  std::vector<std::byte> bytes(area.size.n);
  TRY(device.read(area.offset, bytes));
  search(bytes, texts);
  return texts;
}

Result<Remains> read_remains(device::BlockDevice& device) {
  Remains remains;
  std::vector<std::byte> start(std::min(kStart, device.size().n));
  if (start.size() < 8192) return remains;
  TRY(device.read({0}, start));
  for (std::uint32_t sector = 0; sector < disk::kLabelSectors && !remains.id; ++sector) {
    ByteReader in(std::span<const std::byte>(start).subspan(sector * kSectorSize + 32, 32));
    remains.id = parse_uuid(in.text(32));
    if (remains.id) remains.sector = sector;
  }
  const std::size_t labels = disk::kLabelSectors * kSectorSize;
  find_headers(std::span<const std::byte>(start).subspan(labels), labels, device, remains);
  if (device.size().n > kStart) {
    const std::uint64_t from =
        std::max(kStart, device.size().n - std::min(device.size().n, kEnd)) / kSectorSize * kSectorSize;
    std::vector<std::byte> end(device.size().n - from);
    TRY(device.read({from}, end));
    find_headers(end, from, device, remains);
  }
  for (const disk::DiskArea& area : searched_areas(remains, device)) {
    for (text::ReadVg& read : TRY(texts_in(device, area))) add(remains.texts, std::move(read));
  }
  return remains;
}

std::vector<disk::DiskArea> searched_areas(const Remains& remains, const device::BlockDevice& device) {
  std::vector<disk::DiskArea> areas = remains.areas;
  if (device.size().n > kFirstArea &&
      std::ranges::none_of(areas, [](const disk::DiskArea& area) { return area.offset.n < kStart; }))
    areas.insert(areas.begin(), disk::DiskArea{{kFirstArea}, {std::min(kStart, device.size().n) - kFirstArea}});
  return areas;
}

disk::Label label_of(const Remains& remains, const VolumeGroup& vg, const PhysicalVolume& pv,
                     const device::BlockDevice& device) {
  disk::Label label;
  label.pv = pv.id;
  label.sector = remains.sector;
  label.device_size = pv.dev_size ? to_bytes(*pv.dev_size) : device.size();
  label.data_areas = {{to_bytes(pv.pe_start), {0}}};
  label.ext_flags = disk::kExtUsed;
  const auto bootloader_end = checked_add(pv.ba_start.n, pv.ba_size.n);
  if (pv.ba_size.n != 0 && bootloader_end && *bootloader_end <= to_sectors(device.size()).n)
    label.bootloader = {{to_bytes(pv.ba_start), to_bytes(pv.ba_size)}};
  const std::uint64_t from = pv.pe_start.n,
                      end = from + pv.pe_count.n * vg.extent_size.n;  // bounded when the device was chosen
  bool first = false;
  for (const disk::DiskArea& area : remains.areas) {
    const bool before = area.offset + area.size <= to_bytes(Sectors{from}),
               behind = area.offset >= to_bytes(Sectors{end});
    if (before || behind) label.mdas.push_back(area);
    first = first || before;
  }
  if (first) return label;
  PvLayoutRequest request;
  request.id = pv.id;
  request.device_size = device.size();
  request.fixed = {pv.pe_start, pv.ba_start, pv.ba_size, {end}};
  if (auto laid_out = pv_layout(request))
    label.mdas.insert(label.mdas.begin(), laid_out->mdas.begin(), laid_out->mdas.end());
  return label;
}

Result<device::DeviceSource::Candidates> Relabelled::candidates() {
  Candidates found = TRY(real_.candidates());
  for (const With& with : labels_) {
    for (std::size_t i = 0; i < found.devices.size(); ++i) {
      if (found.devices[i] != with.device || found.first[i].size() < disk::kLabelSectors * kSectorSize) continue;
      const disk::Sector sector = disk::encode_label(with.label);
      std::memcpy(found.first[i].data() + with.label.sector * kSectorSize, sector.data(), sector.size());
    }
  }
  return found;
}

}  // namespace ashlar::store
