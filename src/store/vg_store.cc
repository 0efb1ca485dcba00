// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/vg_store.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "metadata/disk/mda_ring.h"
#include "metadata/model/visibility.h"
#include "store/pv_store.h"

namespace ashlar::store {

namespace {
using device::IoOp;

/// One metadata area that takes the new text.
struct Target {
  std::size_t pv;            ///< index into Impl::present
  disk::MdaHeader header;    ///< as it is on disk now; empty for one that has to be made anew
  disk::RingPlace place;
  disk::RawLocn locn;
};

/// Device writes of a phase, each followed by a flush of its device; all devices at once.
std::vector<Status> run_phase(std::vector<IoOp> writes) {
  std::vector<std::size_t> flush_of;  // of each write: its device's flush, counted from `count`
  std::unordered_map<device::BlockDevice*, std::size_t> index;
  std::vector<device::BlockDevice*> devices;
  for (const IoOp& op : writes) {
    auto [at, fresh] = index.try_emplace(op.device, devices.size());
    if (fresh) devices.push_back(op.device);
    flush_of.push_back(at->second);
  }
  std::size_t count = writes.size();
  writes.reserve(count + devices.size());
  for (device::BlockDevice* d : devices) writes.push_back({IoOp::Kind::Flush, d, {}, {}, {}, {}});
  device::run(writes);
  std::vector<Status> results;
  results.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    // Unflushed is unwritten.
    results.push_back(writes[i].result ? writes[count + flush_of[i]].result : writes[i].result);
  }
  return results;
}

Status first_error(const std::vector<Status>& results) {
  for (const Status& r : results) {
    if (!r) return r;
  }
  return ok();
}
}  // namespace

struct Staged::Impl {
  std::vector<FoundPv> present;
  VolumeGroup vg;
  std::vector<Target> targets;
  bool precommitted = false;

  /// Writes a header made by `change` into every target's area.
  template <class F>
  std::vector<Status> write_headers(F change) {
    std::vector<disk::Sector> sectors(targets.size());
    std::vector<IoOp> ops;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      disk::MdaHeader header = targets[i].header;
      change(header, targets[i]);
      sectors[i] = disk::encode_mda_header(header);
      ops.push_back({IoOp::Kind::Write, present[targets[i].pv].device, header.area.offset, {}, sectors[i], {}});
    }
    return run_phase(std::move(ops));
  }

  void revert() {
    if (!precommitted) return;
    precommitted = false;
    auto results = write_headers([](disk::MdaHeader& h, const Target&) { h.precommitted = {}; });
    if (Status s = first_error(results); !s)
      log(LogLevel::Warning, "dropping the staged metadata: " + s.error().message() + "; it does not count and the next change clears it");
  }
};

Staged::Staged(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Staged::Staged(Staged&&) noexcept = default;
Staged& Staged::operator=(Staged&& other) noexcept {
  if (this != &other) {
    if (impl_) impl_->revert();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Staged::~Staged() {
  if (impl_) impl_->revert();
}
const VolumeGroup& Staged::vg() const { return impl_->vg; }

namespace {
/// Hints and MISSING flags as the machine is now; LVs in the order the text has them.
void bring_up_to_date(VolumeGroup& vg, const std::vector<FoundPv>& present) {
  std::unordered_map<Uuid, const FoundPv*> by_id;
  for (const FoundPv& pv : present) by_id.emplace(pv.label.pv, &pv);
  for (PhysicalVolume& pv : vg.pvs) {
    auto at = by_id.find(pv.id);
    pv.status.set(PvFlag::Missing, at == by_id.end());
    if (at != by_id.end()) pv.device = at->second->device->path();
  }
  order_as_written(vg);
}

/// What is about to be written must read back as the VG it was made from.
Status check_reads_back(const std::string& text, const VolumeGroup& vg) {
  auto read = text::read_vg(text, "new metadata");
  if (!read) return std::move(read).error().context("the new metadata cannot be read back, nothing was written");
  if (read->vg != vg)
    return Error(Errc::Corrupt, "the new metadata reads back differently, nothing was written");
  return ok();
}

Result<std::vector<Target>> choose_targets(const std::vector<FoundPv>& present, const VolumeGroup& vg, Bytes size,
                                           std::uint32_t checksum) {
  std::vector<Target> targets;
  for (std::size_t p = 0; p < present.size(); ++p) {
    for (std::size_t m = 0; m < present[p].mdas.size(); ++m) {
      const Mda& mda = present[p].mdas[m];
      if (mda.area.offset.n + mda.area.size.n > present[p].device->size().n) continue;  // beyond a shrunken device
      // An unreadable header is made anew: the text then starts at the ring's start.
      disk::MdaHeader header = mda.header ? *mda.header : disk::MdaHeader{mda.area, {}, {}};
      if (header.ignored()) continue;
      // A committed text that fails its checksum is no reason to spare its place, but none to trust its bounds less.
      auto place = disk::next_place(header.area.size, header.committed, size);
      if (!place) return std::move(place).error().context(mda_name(present[p], m));
      targets.push_back({p, header, *place, disk::RawLocn{place->offset, size, checksum, 0}});
    }
  }
  if (targets.empty())
    return Error(Errc::Refused, fmt::format("VG {} has no metadata area to write to on the PVs that are present", vg.name));
  return targets;
}

std::vector<IoOp> text_writes(const std::vector<FoundPv>& present, const std::vector<Target>& targets,
                              std::span<const std::byte> padded) {
  std::vector<IoOp> ops;
  for (const Target& t : targets) {
    std::span<const std::byte> left = padded;
    for (std::size_t i = 0; i < t.place.pieces.size(); ++i) {
      const disk::RingPiece& piece = t.place.pieces[i];
      bool last = i + 1 == t.place.pieces.size();
      // The last piece takes the zeros up to the next sector with it.
      std::size_t length = last ? left.size() : piece.length.n;
      if (last) length = std::min<std::size_t>(length, round_up(piece.length.n, kSectorSize));
      ops.push_back({IoOp::Kind::Write, present[t.pv].device, t.header.area.offset + piece.offset, {}, left.first(length), {}});
      left = left.subspan(length);
    }
  }
  return ops;
}
}  // namespace

Result<Staged> stage(std::vector<FoundPv> present, VolumeGroup after, const text::Header& header,
                     const text::Origin& origin) {
  bring_up_to_date(after, present);
  std::string text = text::write_vg(after, header, origin, text::Form::Raw);
  TRY(check_reads_back(text, after));
  Bytes size{text.size() + 1};
  text.resize(round_up(size.n, kSectorSize) + kSectorSize, '\0');  // NUL, and zeros for any padding of a wrapped piece
  std::uint32_t checksum = crc32(as_bytes(text).first(size.n));

  auto impl = std::make_unique<Staged::Impl>();
  for (const FoundPv& pv : present) TRY(pv.device->unchanged().context("writing metadata of VG " + after.name));
  impl->targets = TRY(choose_targets(present, after, size, checksum));
  impl->present = std::move(present);
  impl->vg = std::move(after);

  TRY(first_error(run_phase(text_writes(impl->present, impl->targets, as_bytes(text)))));
  impl->precommitted = true;  // from here on some header may carry slot 1
  Staged staged(std::move(impl));
  TRY(first_error(staged.impl_->write_headers([](disk::MdaHeader& h, const Target& t) {
    h.precommitted = t.locn;
  })));
  log(LogLevel::Debug, fmt::format("Staged VG {} seqno {}: {} bytes in {} areas.", staged.vg().name, staged.vg().seqno,
                                   size.n, staged.impl_->targets.size()));
  return staged;
}

Result<std::vector<std::string>> commit(Staged& staged) {
  Staged::Impl& impl = *staged.impl_;
  auto results = impl.write_headers([](disk::MdaHeader& h, const Target& t) {
    h.committed = t.locn;
    h.precommitted = {};
  });
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i])
      failed.push_back(fmt::format("{} keeps the old metadata: {}", impl.present[impl.targets[i].pv].device->path(),
                                   results[i].error().message()));
  }
  if (failed.size() == results.size()) return first_error(results).error();  // ~Staged clears slot 1 as far as it can
  impl.precommitted = false;
  log(LogLevel::Debug, fmt::format("Committed VG {} seqno {} to {} areas.", impl.vg.name, impl.vg.seqno,
                                   results.size() - failed.size()));
  std::vector<disk::Sector> sectors(impl.present.size());
  std::vector<IoOp> labels;
  for (std::size_t i = 0; i < impl.present.size(); ++i) {
    FoundPv& pv = impl.present[i];
    if (pv.label.used() && pv.label.ext_version >= disk::kExtensionVersion) continue;
    pv.label.ext_flags |= disk::kExtUsed;
    sectors[i] = disk::encode_label(pv.label);
    labels.push_back({IoOp::Kind::Write, pv.device, to_bytes({pv.label.sector}), {}, sectors[i], {}});
  }
  std::vector<device::BlockDevice*> labelled;
  for (const IoOp& op : labels) labelled.push_back(op.device);
  auto marked = run_phase(std::move(labels));
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (!marked[i])
      failed.push_back(fmt::format("the label of {} is not marked as used: {}", labelled[i]->path(), marked[i].error().message()));
  }
  return failed;
}

Status release(std::vector<FoundPv> pvs) {
  // All labels before the first area: as long as one area holds the text, the VG is whole.
  std::vector<disk::Sector> sectors;
  sectors.reserve(pvs.size() * 3);
  std::vector<IoOp> labels, areas;
  auto add = [&](std::vector<IoOp>& ops, const FoundPv& pv, Bytes offset, const disk::Sector& sector) {
    sectors.push_back(sector);
    ops.push_back({IoOp::Kind::Write, pv.device, offset, {}, sectors.back(), {}});
  };
  for (FoundPv& pv : pvs) {
    ASHLAR_REQUIRE(pv.mdas.size() <= 2);
    pv.label.ext_flags &= ~disk::kExtUsed;
    add(labels, pv, to_bytes({pv.label.sector}), disk::encode_label(pv.label));
    for (const Mda& mda : pv.mdas) {
      if (mda.area.offset.n + mda.area.size.n > pv.device->size().n) continue;
      disk::MdaHeader empty{mda.header ? mda.header->area : mda.area, {}, {}};
      if (mda.header && mda.header->ignored()) empty.committed.flags = 1;
      add(areas, pv, empty.area.offset, disk::encode_mda_header(empty));
    }
  }
  TRY(first_error(run_phase(std::move(labels))));
  return first_error(run_phase(std::move(areas)));
}

std::vector<FoundPv> present_members(const Picture& picture, const VgState& state) {
  std::vector<FoundPv> present;
  for (std::size_t member : state.members) {
    if (member != kNoPv) present.push_back(picture.scan.pvs[member]);
  }
  return present;
}

}  // namespace ashlar::store
