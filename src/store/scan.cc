// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/model/validate.h"
#include "store/roll_forward.h"
#include "store/text_copy.h"

namespace ashlar::store {

namespace {
using device::IoOp;

bool inside(const disk::DiskArea& area, const device::BlockDevice& device) {
  auto end = checked_add(area.offset.n, area.size.n);
  return end && *end <= device.size().n;
}

/// Labels of all devices, from the bytes that came with the candidates.
void read_labels(const device::DeviceSource::Candidates& candidates, Scan& scan) {
  for (std::size_t i = 0; i < candidates.devices.size(); ++i) {
    disk::LabelScan found = disk::scan_label(candidates.first[i]);
    device::BlockDevice* device = candidates.devices[i];
    for (const std::string& problem : found.problems)
      scan.problems.push_back({device->path() + ": " + problem, device->path(), {}});
    if (!found.label) continue;
    FoundPv pv{device, std::move(*found.label), {}};
    for (const disk::DiskArea& area : pv.label.mdas) {
      Mda mda{area, std::nullopt, {}};
      if (!inside(area, *device))
        mda.problem =
            fmt::format("at {}+{} it lies beyond the device's {} bytes", area.offset.n, area.size.n, device->size().n);
      pv.mdas.push_back(std::move(mda));
    }
    scan.pvs.push_back(std::move(pv));
  }
}

/// Headers: most lie in the bytes already read, the others are read in one batch.
void read_headers(const device::DeviceSource::Candidates& candidates, Scan& scan) {
  std::vector<IoOp> ops;
  std::vector<Mda*> targets;
  std::vector<disk::Sector> buffers;
  buffers.reserve(scan.pvs.size() * 2);
  std::size_t at = 0;
  auto decode = [](Mda& mda, std::span<const std::byte> sector) {
    auto header = disk::decode_mda_header(sector, mda.area);
    if (header)
      mda.header = *header;
    else
      mda.problem = header.error().message();
  };
  for (FoundPv& pv : scan.pvs) {
    while (candidates.devices[at] != pv.device) ++at;
    std::span<const std::byte> first = candidates.first[at];
    for (Mda& mda : pv.mdas) {
      if (!mda.problem.empty()) continue;
      if (mda.area.offset.n + kSectorSize <= first.size()) {
        decode(mda, first.subspan(mda.area.offset.n, kSectorSize));
        continue;
      }
      ASHLAR_REQUIRE(buffers.size() < buffers.capacity());  // spans point into it
      targets.push_back(&mda);
      ops.push_back({IoOp::Kind::Read, pv.device, mda.area.offset, buffers.emplace_back(), {}, {}});
    }
  }
  device::run(ops);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].result)
      decode(*targets[i], buffers[i]);
    else
      targets[i]->problem = ops[i].result.error().message();
  }
}

}  // namespace

Result<std::string> read_text(device::BlockDevice& device, const disk::MdaHeader& header) {
  const disk::RawLocn& locn = header.committed;
  if (locn.size > kMaxText)
    return Error(Errc::Corrupt,
                 fmt::format("its text claims {} bytes, more than {} are never read", locn.size.n, kMaxText.n));
  std::string text(locn.size.n, '\0');
  std::span<std::byte> left = std::as_writable_bytes(std::span<char>(text));
  for (const disk::RingPiece& piece : disk::pieces_of(header.area.size, locn)) {
    TRY(device.read(header.area.offset + piece.offset, left.first(piece.length.n)));
    left = left.subspan(piece.length.n);
  }
  if (std::uint32_t real = crc32(as_bytes(text)); real != locn.checksum)
    return Error(Errc::Corrupt, fmt::format("its text at offset {} has checksum {:08x}, the header says {:08x}",
                                            locn.offset.n, real, locn.checksum));
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

namespace {

/// Reads and parses the text of one copy; its problem is kept with the mda.
std::optional<Version> read_version(Scan& scan, CopyAt at) {
  FoundPv& pv = scan.pvs[at.pv];
  Mda& mda = pv.mdas[at.mda];
  auto text = read_text(*pv.device, *mda.header);
  if (!text) {
    mda.problem = text.error().message();
    return std::nullopt;
  }
  // Named by what is surely there, should it not parse: the text itself is still anybody's.
  std::string source = fmt::format("its text at offset {} (VG {})", mda.header->committed.offset.n,
                                   text::peek_vg_name(*text).value_or("?"));
  auto parsed = text::read_vg(*text, source);
  if (!parsed) {
    mda.problem = parsed.error().message();
    return std::nullopt;
  }
  const disk::RawLocn& locn = mda.header->committed;
  return Version{std::move(parsed->vg), std::move(parsed->header), locn.size, locn.checksum, {at}};
}

/// One text of each distinct size and checksum is read and parsed; the other copies are taken to be the same. A PV that
/// such a text does not list has its own copy read, so that equal checksums of different VGs mislead nobody.
void read_versions(Scan& scan) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::vector<CopyAt>> groups;
  for (std::size_t p = 0; p < scan.pvs.size(); ++p) {
    for (std::size_t m = 0; m < scan.pvs[p].mdas.size(); ++m) {
      const Mda& mda = scan.pvs[p].mdas[m];
      if (!mda.header || mda.header->ignored() || mda.header->committed.empty()) continue;
      groups[{mda.header->committed.size.n, mda.header->committed.checksum}].push_back({p, m});
    }
  }
  for (auto& [key, copies] : groups) {
    std::optional<Version> version;
    std::unordered_set<Uuid> listed;
    for (CopyAt at : copies) {
      if (version && listed.contains(scan.pvs[at.pv].label.pv)) {
        version->copies.push_back(at);
        continue;
      }
      std::optional<Version> own = read_version(scan, at);
      if (!own) continue;
      if (!version) {
        version = std::move(own);
        for (const PhysicalVolume& pv : version->vg.pvs) listed.insert(pv.id);
      } else if (own->vg == version->vg) {
        version->copies.push_back(at);
      } else {
        scan.versions.push_back(std::move(*own));
      }
    }
    if (version) scan.versions.push_back(std::move(*version));
  }
  for (const Version& version : scan.versions) {
    for (CopyAt at : version.copies) {
      scan.pvs[at.pv].mdas[at.mda].seqno = version.vg.seqno;
      scan.pvs[at.pv].mdas[at.mda].vg = version.vg.id;
    }
  }
}

/// Where a text with a right checksum is no VG that could even be shown, and another text of that VG is left, it counts
/// as one that cannot be read: the other rules, and the next writer writes over it.
void set_aside_impossible(Scan& scan) {
  std::unordered_map<Uuid, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < scan.versions.size(); ++i) by_id[scan.versions[i].vg.id].push_back(i);
  std::vector<bool> set_aside(scan.versions.size(), false);
  for (const auto& [id, same_id] : by_id) {
    if (same_id.size() < 2) continue;
    std::vector<std::pair<std::size_t, std::string>> impossible;
    for (std::size_t i : same_id) {
      const std::vector<Violation> found = validate(scan.versions[i].vg);
      auto fatal = std::find_if(found.begin(), found.end(), [](const Violation& v) { return v.fatal; });
      if (fatal != found.end()) impossible.emplace_back(i, fatal->what);
    }
    if (impossible.size() == same_id.size()) continue;
    for (const auto& [i, why] : impossible) {
      set_aside[i] = true;
      const Version& version = scan.versions[i];
      for (CopyAt at : version.copies) {
        Mda& mda = scan.pvs[at.pv].mdas[at.mda];
        mda.problem = fmt::format("its text at offset {} (VG {}, seqno {}) is not legal: {}",
                                  mda.header->committed.offset.n, version.vg.name, version.vg.seqno, why);
        mda.seqno.reset();
        mda.vg.reset();
      }
    }
  }
  std::size_t i = 0;
  std::erase_if(scan.versions, [&](const Version&) { return set_aside[i++]; });
}
}  // namespace

std::string mda_name(const FoundPv& pv, std::size_t mda) {
  return fmt::format("metadata area {} of {}", mda + 1, pv.device->path());
}

std::vector<device::BlockDevice*> without_pv(const Scan& scan) {
  std::unordered_set<const device::BlockDevice*> carriers;
  for (const FoundPv& pv : scan.pvs) carriers.insert(pv.device);
  std::vector<device::BlockDevice*> others;
  std::ranges::copy_if(scan.read, std::back_inserter(others),
                       [&](const device::BlockDevice* device) { return !carriers.contains(device); });
  return others;
}

Result<Scan> scan(device::DeviceSource& source) {
  device::DeviceSource::Candidates candidates = TRY(source.candidates());
  Scan scan;
  for (const std::string& problem : candidates.problems) scan.problems.push_back({problem, {}, {}});
  for (std::size_t i = 0; i < candidates.devices.size(); ++i)
    if (!candidates.first[i].empty()) scan.read.push_back(candidates.devices[i]);
  read_labels(candidates, scan);
  read_headers(candidates, scan);
  read_versions(scan);
  set_aside_impossible(scan);
  roll_forward(scan);
  log(LogLevel::Debug, fmt::format("Scanned {} devices: {} PVs, {} metadata texts.", candidates.devices.size(),
                                   scan.pvs.size(), scan.versions.size()));
  return scan;
}

}  // namespace ashlar::store
