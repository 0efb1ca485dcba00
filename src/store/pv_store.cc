// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pv_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "metadata/disk/mda_header.h"

namespace ashlar::store {

namespace {
constexpr std::size_t kLabelArea = disk::kLabelSectors * kSectorSize;
constexpr std::size_t kCleared = 4096;  // start of a new metadata area: no old text is taken for one of it

Status check_fits(const device::BlockDevice& device, const disk::Label& label) {
  auto fits = [&](const char* what, const disk::DiskArea& area) -> Status {
    auto end = checked_add(area.offset.n, area.size.n);
    if (end && *end <= device.size().n) return ok();
    return Error(Errc::NoSpace, fmt::format("{}: the {} area at {}+{} does not fit on {} bytes", device.path(), what,
                                            area.offset.n, area.size.n, device.size().n));
  };
  ASHLAR_REQUIRE(label.sector < disk::kLabelSectors);
  TRY(fits("label", {{0}, {kLabelArea}}));
  for (const disk::DiskArea& area : label.mdas) {
    ASHLAR_REQUIRE(area.size.n >= kCleared && area.offset.n >= kLabelArea);
    TRY(fits("metadata", area));
  }
  for (const disk::DiskArea& area : label.bootloader) TRY(fits("bootloader", area));
  return ok();
}

Status write_empty_mda(device::BlockDevice& device, const disk::DiskArea& area, bool ignored) {
  disk::MdaHeader header;
  header.area = area;
  header.committed.flags = ignored ? 1 : 0;
  std::vector<std::byte> start(kCleared);
  disk::Sector sector = disk::encode_mda_header(header);
  std::copy(sector.begin(), sector.end(), start.begin());
  return device.write(area.offset, start);
}
}  // namespace

Status write_pv(device::BlockDevice& device, const WritePv& request) {
  TRY(check_fits(device, request.label));
  // The flush in between matters: emptied areas under an old label that is still there would be an old PV damaged.
  TRY(wipe_labels(device));
  if (request.zero) TRY(device.write({0}, std::vector<std::byte>(kLabelArea)));
  for (const disk::DiskArea& area : request.label.mdas) TRY(write_empty_mda(device, area, request.ignore_metadata));
  TRY(device.flush());
  return rewrite_label(device, request.label);
}

Status rewrite_label(device::BlockDevice& device, const disk::Label& label) {
  disk::Sector sector = disk::encode_label(label);
  TRY(device.write({label.sector * kSectorSize}, sector));
  return device.flush();
}

Status make_area(device::BlockDevice& device, const disk::DiskArea& area, bool ignored) {
  TRY(write_empty_mda(device, area, ignored));
  return device.flush();
}

Status set_ignored(device::BlockDevice& device, const std::vector<Mda>& mdas, bool ignored) {
  for (const Mda& mda : mdas) {
    if (!mda.header) continue;
    // Read again: the text may have been written since the scan.
    disk::Sector sector{};
    TRY(device.read(mda.area.offset, sector));
    disk::MdaHeader header = TRY(disk::decode_mda_header(sector, mda.area));
    header.committed.set_ignored(ignored);
    TRY(device.write(mda.area.offset, disk::encode_mda_header(header)));
  }
  return device.flush();
}

Status wipe_labels(device::BlockDevice& device) {
  std::array<std::byte, kLabelArea> start{};
  std::span<std::byte> seen(start.data(), std::min<std::uint64_t>(start.size(), device.size().n));
  TRY(device.read({0}, seen));
  const disk::Sector nothing{};
  // The first good label is the one that counts, so it goes last: no other comes to light.
  for (std::size_t n = seen.size() / kSectorSize; n-- > 0;) {
    if (!disk::looks_like_label(seen.subspan(n * kSectorSize, kSectorSize))) continue;
    TRY(device.write({n * kSectorSize}, nothing));
    TRY(device.flush());
  }
  return ok();
}

}  // namespace ashlar::store
