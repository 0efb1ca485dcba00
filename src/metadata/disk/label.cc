// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/disk/label.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/result.h"

namespace ashlar::disk {

namespace {
constexpr std::string_view kId = "LABELONE";
constexpr std::string_view kType = "LVM2 001";
constexpr std::size_t kCrcFrom = 20;
constexpr std::uint32_t kHeaderOffset = 32;
constexpr std::uint32_t kMaxHeaderOffset = 512 - 40;  // room for the id and the device size
constexpr std::uint64_t kSmallestMda = 2 * kSectorSize;

/// One list of areas up to its terminator (an entry whose offset is 0; its size is not examined).
Result<std::vector<DiskArea>> read_areas(ByteReader& in, const char* what) {
  std::vector<DiskArea> areas;
  while (true) {
    DiskArea area{{in.u64()}, {in.u64()}};
    if (in.bad()) return Error(Errc::Corrupt, fmt::format("the list of {} areas has no end in its sector", what));
    if (area.offset.n == 0) return areas;
    if (areas.size() == kMaxAreas) return Error(Errc::Corrupt, fmt::format("more than {} {} areas", kMaxAreas, what));
    if (!checked_add(area.offset.n, area.size.n))
      return Error(Errc::Corrupt, fmt::format("{} area at {}+{} is no place", what, area.offset.n, area.size.n));
    areas.push_back(area);
  }
}

Status check_mdas(const Label& label) {
  for (std::size_t i = 0; i < label.mdas.size(); ++i) {
    const DiskArea& mda = label.mdas[i];
    if (mda.size.n < kSmallestMda || mda.offset.n % kSectorSize != 0 || mda.size.n % kSectorSize != 0)
      return Error(Errc::Corrupt, fmt::format("metadata area {} at {}+{} is too small or not in whole sectors", i + 1,
                                              mda.offset.n, mda.size.n));
    if (mda.offset.n < (label.sector + 1) * kSectorSize)
      return Error(Errc::Corrupt, fmt::format("metadata area {} at {} lies over the label", i + 1, mda.offset.n));
    for (std::size_t k = 0; k < i; ++k) {
      if (overlap(mda, label.mdas[k]))
        return Error(Errc::Corrupt, fmt::format("metadata areas {} and {} overlap", k + 1, i + 1));
    }
  }
  if (label.mdas.size() > 2)
    return Error(Errc::Corrupt, fmt::format("{} metadata areas, at most 2 are legal", label.mdas.size()));
  return ok();
}

/// Data and bootloader areas: what is written there must hit neither the label nor a metadata area. A data area of size
/// 0 goes on to the device's end, or to a metadata area behind it.
Status check_others(const Label& label, const std::vector<DiskArea>& areas, const char* what) {
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const DiskArea area{areas[i].offset, std::max(areas[i].size, Bytes{1})};
    if (area.offset.n < (label.sector + 1) * kSectorSize || area.offset.n % kSectorSize != 0)
      return Error(Errc::Corrupt,
                   fmt::format("{} area {} at {} lies over the label or not on a sector", what, i + 1, area.offset.n));
    for (std::size_t k = 0; k < label.mdas.size(); ++k) {
      if (areas[i].size.n == 0 && area.offset == label.mdas[k].offset)
        continue;  // goes on to there: it has no room at all
      if (overlap(area, label.mdas[k]))
        return Error(Errc::Corrupt,
                     fmt::format("{} area {} at {} lies in metadata area {}", what, i + 1, area.offset.n, k + 1));
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (overlap(area, areas[k]))
        return Error(Errc::Corrupt, fmt::format("{} areas {} and {} overlap", what, k + 1, i + 1));
    }
  }
  return ok();
}

Status check_areas(const Label& label) {
  TRY(check_mdas(label));
  TRY(check_others(label, label.data_areas, "data"));
  return check_others(label, label.bootloader, "bootloader");
}

Result<Label> decode_pv_header(std::span<const std::byte> sector, std::uint32_t offset) {
  Label label;
  ByteReader in(sector, offset);
  std::string_view id_text = in.text(32);
  auto id = parse_uuid(id_text);
  if (!id) return Error(Errc::Corrupt, fmt::format("\"{}\" is not a PV UUID", printable(id_text)));
  label.pv = *id;
  label.device_size = {in.u64()};
  label.data_areas = TRY(read_areas(in, "data"));
  label.mdas = TRY(read_areas(in, "metadata"));
  label.ext_version = in.u32();
  if (in.bad() || label.ext_version == 0) {  // written before there was an extension
    label.ext_version = 0;
  } else {
    label.ext_flags = in.u32();
    label.bootloader = TRY(read_areas(in, "bootloader"));
  }
  return label;
}
}  // namespace

bool looks_like_label(std::span<const std::byte> sector) {
  return sector.size() >= kSectorSize && as_text(sector.first(kId.size())) == kId;
}

LabelScan scan_label(std::span<const std::byte> start) {
  LabelScan scan;
  for (std::size_t n = 0; n < kLabelSectors && (n + 1) * kSectorSize <= start.size(); ++n) {
    auto sector = start.subspan(n * kSectorSize, kSectorSize);
    if (!looks_like_label(sector)) continue;
    ByteReader in(sector, kId.size());
    std::uint64_t at = in.u64();
    std::uint32_t crc = in.u32();
    std::uint32_t offset = in.u32();
    std::string_view type = in.text(kType.size());
    if (at != n) {
      scan.problems.push_back(fmt::format("label in sector {} says that it belongs in sector {}", n, at));
      continue;
    }
    if (type.find_first_not_of('\0') == std::string_view::npos)
      continue;  // taken off, as wipefs does: no label any more
    if (std::uint32_t real = crc32(sector.subspan(kCrcFrom)); real != crc) {
      scan.problems.push_back(fmt::format("label in sector {} has checksum {:08x}, its content {:08x}", n, crc, real));
      continue;
    }
    if (type != kType) {
      scan.problems.push_back(fmt::format("label in sector {} is of the unknown type \"{}\"", n, printable(type)));
      continue;
    }
    if (scan.label) {
      scan.problems.push_back(fmt::format("a second label, in sector {}, is ignored", n));
      continue;
    }
    if (offset < kHeaderOffset || offset > kMaxHeaderOffset) {
      scan.problems.push_back(fmt::format("label in sector {} puts the PV header at byte {}", n, offset));
      continue;
    }
    auto label = decode_pv_header(sector, offset);
    if (label) {
      label->sector = static_cast<std::uint32_t>(n);
      if (Status good = check_areas(*label); !good) label = std::move(good).error();
    }
    if (!label)
      scan.problems.push_back(fmt::format("label in sector {}: {}", n, label.error().message()));
    else
      scan.label = std::move(label).value();
  }
  return scan;
}

void write_label_header(std::span<std::byte> sector, std::uint32_t number) {
  ByteWriter out(sector);
  out.text(kId);
  out.u64(number);
  out.u32(0);
  out.u32(kHeaderOffset);
  out.text(kType);
  ByteWriter(sector, 16).u32(crc32(std::span<const std::byte>(sector).subspan(kCrcFrom)));
}

Sector encode_label(const Label& label) {
  Sector sector{};
  ByteWriter out(sector, kHeaderOffset);
  out.text(label.pv.raw());
  out.u64(label.device_size.n);
  auto areas = [&](const std::vector<DiskArea>& list) {
    for (const DiskArea& area : list) {
      out.u64(area.offset.n);
      out.u64(area.size.n);
    }
    out.u64(0);
    out.u64(0);
  };
  areas(label.data_areas);
  areas(label.mdas);
  out.u32(kExtensionVersion);
  out.u32(label.ext_flags);
  areas(label.bootloader);
  write_label_header(sector, label.sector);
  return sector;
}

}  // namespace ashlar::disk
