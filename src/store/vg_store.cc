// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/vg_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <new>
#include <numeric>
#include <unordered_map>

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
  std::size_t pv;                      ///< index into Impl::present
  disk::MdaHeader header;              ///< as it is on disk now; empty for one that has to be made anew
  std::optional<std::uint32_t> seqno;  ///< of the text that is committed now, if it can be used
  bool joins;                          ///< the area has no text, or one of another VG
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

  /// Writes a header made by `change` into the areas of these targets.
  template <class F>
  std::vector<Status> write_headers(const std::vector<std::size_t>& which, F change) {
    std::vector<disk::Sector> sectors(which.size());
    std::vector<IoOp> ops;
    for (std::size_t i = 0; i < which.size(); ++i) {
      const Target& target = targets[which[i]];
      disk::MdaHeader header = target.header;
      change(header, target);
      sectors[i] = disk::encode_mda_header(header);
      ops.push_back({IoOp::Kind::Write, present[target.pv].device, header.area.offset, {}, sectors[i], {}});
    }
    return run_phase(std::move(ops));
  }
  template <class F>
  std::vector<Status> write_headers(F change) {
    std::vector<std::size_t> all(targets.size());
    std::iota(all.begin(), all.end(), 0);
    return write_headers(all, change);
  }

  /// In which order copies are committed: those that are behind before those that rule, and areas of PVs that join
  /// last. So however a commit is cut off, n absent PVs are at most n changes ahead of what is seen without them
  /// (leave_numbers_out()), and a PV that joins never has the new VG alone. Nearly always it is one group.
  std::vector<std::vector<std::size_t>> groups() const {
    std::map<std::uint64_t, std::vector<std::size_t>> by_age;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      by_age[targets[i].joins ? UINT64_MAX : targets[i].seqno.value_or(0)].push_back(i);
    }
    std::vector<std::vector<std::size_t>> groups;
    for (auto& [age, group] : by_age) groups.push_back(std::move(group));
    return groups;
  }

  /// Labels of PVs that get another id, or back again what they were. First those with metadata: what is staged there
  /// then tells whoever finds only some of them what the others are to be called (store/roll_forward.h).
  Status write_ids(bool back) {
    Status result = ok();
    for (bool with_metadata : {true, false}) {
      std::vector<disk::Sector> sectors(present.size());
      std::vector<IoOp> ops;
      for (std::size_t i = 0; i < present.size(); ++i) {
        FoundPv& pv = present[i];
        if (!pv.was ||
            std::any_of(targets.begin(), targets.end(), [&](const Target& t) { return t.pv == i; }) != with_metadata)
          continue;
        pv.label.ext_version = disk::kExtensionVersion;
        pv.label.ext_flags |= disk::kExtUsed;
        sectors[i] = disk::encode_label(back ? *pv.was : pv.label);
        ops.push_back({IoOp::Kind::Write, pv.device, to_bytes({pv.label.sector}), {}, sectors[i], {}});
      }
      if (Status written = first_error(run_phase(std::move(ops))); !written) result = std::move(written);
      if (!result && !back) break;
    }
    return result;
  }
  void take_ids_back() {
    if (std::none_of(present.begin(), present.end(), [](const FoundPv& pv) { return pv.was.has_value(); })) return;
    if (Status back = write_ids(true); !back)
      log(LogLevel::Warning, "writing the old PV id back: " + back.error().message());
  }

  /// Called by destructors, maybe on the way out of a lack of memory: what cannot be dropped does no harm.
  void revert() noexcept try {
    if (!precommitted) return;
    precommitted = false;
    auto results = write_headers([](disk::MdaHeader& h, const Target&) { h.precommitted = {}; });
    if (Status s = first_error(results); !s)
      log(LogLevel::Warning,
          "dropping the staged metadata: " + s.error().message() + "; it does not count and the next change clears it");
  } catch (const std::bad_alloc&) {
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
void Staged::keep() noexcept { impl_->precommitted = false; }

namespace {
/// Hints and MISSING flags as the machine is now; LVs in the order the text has them.
void bring_up_to_date(VolumeGroup& vg, const std::vector<FoundPv>& present) {
  std::unordered_map<Uuid, const FoundPv*> by_id;
  for (const FoundPv& pv : present) by_id.emplace(pv.label.pv, &pv);
  for (PhysicalVolume& pv : vg.pvs) {
    auto at = by_id.find(pv.id);
    pv.status.set(PvFlag::Missing, at == by_id.end() || at->second->stays_missing);
    if (at != by_id.end()) pv.device = at->second->device->path();
  }
  order_as_written(vg);
}

/// An absent PV may hold the only copy of a commit that a crash cut off, one seqno above what can be seen; and so may
/// each further one, one above that. What is written without them must outrule them all when they come back.
Status leave_numbers_out(VolumeGroup& vg, const std::vector<FoundPv>& present) {
  auto left_out = static_cast<std::uint32_t>(std::count_if(
      vg.pvs.begin(), vg.pvs.end(), [](const PhysicalVolume& pv) { return pv.status.has(PvFlag::Missing); }));
  // What is staged and came to nothing is written over now. It may have cleared extents before (VgStep::clears): a
  // number left out tells those who ask later that something is not known.
  const bool staged = std::any_of(present.begin(), present.end(), [](const FoundPv& pv) {
    return std::any_of(pv.mdas.begin(), pv.mdas.end(), [](const Mda& mda) {
      return mda.header && !mda.header->ignored() && !mda.header->precommitted.empty();
    });
  });
  left_out += staged ? 1 : 0;
  if (vg.seqno > std::numeric_limits<std::uint32_t>::max() - left_out)
    return Error(Errc::Refused,
                 fmt::format("VG {} has had 2^32-1 changes; back it up and restore it to go on", vg.name));
  vg.seqno += left_out;
  return ok();
}

/// What is about to be written must read back as the VG it was made from.
Status check_reads_back(const std::string& text, const VolumeGroup& vg) {
  auto read = text::read_vg(text, "new metadata");
  if (!read) return std::move(read).error().context("the new metadata cannot be read back, nothing was written");
  if (read->vg != vg) return Error(Errc::Corrupt, "the new metadata reads back differently, nothing was written");
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
      auto place = disk::next_place(header.area.size, mda.spared.value_or(header.committed), size);
      if (!place) return std::move(place).error().context(mda_name(present[p], m));
      const bool joins = (header.committed.empty() && !mda.spared) || (mda.vg && *mda.vg != vg.id);
      targets.push_back({p, header, mda.seqno, joins, *place, disk::RawLocn{place->offset, size, checksum, 0}});
    }
  }
  if (targets.empty())
    return Error(Errc::Refused,
                 fmt::format("VG {} has no metadata area to write to on the PVs that are present", vg.name));
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
      ops.push_back(
          {IoOp::Kind::Write, present[t.pv].device, t.header.area.offset + piece.offset, {}, left.first(length), {}});
      left = left.subspan(length);
    }
  }
  return ops;
}

/// The devices are those that the scan saw, with the PVs that it saw on them: who plans and asks takes time.
Status check_still_there(const std::vector<FoundPv>& pvs) {
  constexpr std::size_t kSearched = disk::kLabelSectors * kSectorSize;
  std::vector<std::array<std::byte, kSearched>> starts(pvs.size());
  std::vector<IoOp> reads;
  for (std::size_t i = 0; i < pvs.size(); ++i) {
    TRY(pvs[i].device->unchanged());
    reads.push_back({IoOp::Kind::Read, pvs[i].device, {}, starts[i], {}, {}});
  }
  device::run(reads);
  for (std::size_t i = 0; i < pvs.size(); ++i) {
    TRY(std::move(reads[i].result));
    const Uuid& id = pvs[i].was ? pvs[i].was->pv : pvs[i].label.pv;
    const std::optional<disk::Label> label = disk::scan_label(starts[i]).label;
    if (!label || label->pv != id)
      return Error(Errc::Busy, fmt::format("{} was PV {} when the command began and is {} by now: nothing is written",
                                           pvs[i].device->path(), id.dashed(),
                                           label ? "PV " + label->pv.dashed() : std::string("none")));
  }
  return ok();
}
}  // namespace

Result<Staged> Staged::on(std::vector<FoundPv> present, VolumeGroup after, const text::Header& header,
                          const text::Origin& origin) {
  bring_up_to_date(after, present);
  TRY(leave_numbers_out(after, present));
  std::string text = text::write_vg(after, header, origin, text::Form::Raw);
  TRY(check_reads_back(text, after));
  Bytes size{text.size() + 1};
  text.resize(round_up(size.n, kSectorSize) + kSectorSize, '\0');  // NUL, and zeros for any padding of a wrapped piece
  std::uint32_t checksum = crc32(as_bytes(text).first(size.n));

  auto impl = std::make_unique<Impl>();
  TRY(check_still_there(present).context("writing metadata of VG " + after.name));
  impl->targets = TRY(choose_targets(present, after, size, checksum));
  impl->present = std::move(present);
  impl->vg = std::move(after);

  TRY(first_error(run_phase(text_writes(impl->present, impl->targets, as_bytes(text)))));
  impl->precommitted = true;  // from here on some header may carry slot 1
  Staged staged(std::move(impl));
  TRY(first_error(staged.impl_->write_headers([](disk::MdaHeader& h, const Target& t) { h.precommitted = t.locn; })));
  log(LogLevel::Debug, fmt::format("Staged VG {} seqno {}: {} bytes in {} areas.", staged.vg().name, staged.vg().seqno,
                                   size.n, staged.impl_->targets.size()));
  return staged;
}

bool nearly_full(const std::vector<FoundPv>& present, Bytes more) {
  Bytes longest{};
  std::optional<Bytes> room;
  for (const FoundPv& pv : present) {
    for (const Mda& mda : pv.mdas) {
      if (mda.header && mda.header->ignored()) continue;
      if (mda.header) longest = std::max(longest, mda.header->committed.size);
      const Bytes here = disk::max_text_size(mda.area.size);
      room = std::min(room.value_or(here), here);
    }
  }
  return room && (longest.n == 0 || more > *room || longest > *room - more);
}

Status check_room(const std::vector<FoundPv>& present, VolumeGroup after, const text::Header& header,
                  const text::Origin& origin) {
  bring_up_to_date(after, present);
  TRY(leave_numbers_out(after, present));
  const Bytes size{text::write_vg(after, header, origin, text::Form::Raw).size() + 1};
  TRY(choose_targets(present, after, size, 0));
  return ok();
}

Result<Staged> stage(std::vector<FoundPv> present, VolumeGroup after, const text::Header& header,
                     const text::Origin& origin) {
  std::erase_if(present, [&](const FoundPv& pv) {
    return pv.stays_missing && std::none_of(after.pvs.begin(), after.pvs.end(),
                                            [&](const PhysicalVolume& p) { return p.id == pv.label.pv; });
  });
  if (std::any_of(present.begin(), present.end(), [](const FoundPv& pv) { return pv.stays_missing; })) {
    // What keeps them from being members may keep them from being written: nothing depends on it.
    std::vector<FoundPv> members = present;
    std::erase_if(members, [](const FoundPv& pv) { return pv.stays_missing; });
    auto staged = Staged::on(std::move(present), after, header, origin);
    if (staged) return staged;
    log(LogLevel::Info, "PVs that are marked as missing keep older metadata: " + staged.error().message());
    return Staged::on(std::move(members), std::move(after), header, origin);
  }
  return Staged::on(std::move(present), std::move(after), header, origin);
}

namespace {
/// From half on: a VG whose areas are full can only lose things.
void warn_of_full_areas(const VolumeGroup& vg, const std::vector<FoundPv>& present, const std::vector<Target>& targets,
                        std::vector<std::string>& notes) {
  const Target* fullest = nullptr;
  for (const Target& target : targets) {
    if (fullest == nullptr || target.header.area.size < fullest->header.area.size) fullest = &target;
  }
  const Bytes room = disk::max_text_size(fullest->header.area.size),
              size = fullest->locn.size;  // it was accepted: room is not 0
  if (size.n < room.n - room.n / 2) return;
  notes.push_back(fmt::format(
      "WARNING: the metadata of VG {} takes {} % of what the area on {} can hold ({} of {} bytes). Once it is full only removals succeed; pvcreate --metadatasize makes "
      "larger areas, pvchange --metadataignore y leaves a small one out",
      vg.name, size.n * 100 / room.n, present[fullest->pv].device->path(), size.n, room.n));
}
}  // namespace

Result<Committed> commit(Staged& staged) {
  Staged::Impl& impl = *staged.impl_;
  if (Status named = impl.write_ids(false); !named) {
    impl.take_ids_back();
    return std::move(named).error().context("writing a new PV id");
  }
  // Whatever ends this half-way, what has been committed is not taken back.
  impl.precommitted = false;
  Committed done;
  std::vector<std::string>& failed = done.behind;
  std::size_t written = 0;
  std::optional<Error> why;
  for (const std::vector<std::size_t>& group : impl.groups()) {
    // PVs that join do not make the new VG alone.
    if (why && written == 0 && impl.targets[group[0]].joins) break;
    auto results = impl.write_headers(group, [](disk::MdaHeader& h, const Target& t) {
      h.committed = t.locn;
      h.precommitted = {};
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i]) {
        ++written;
        continue;
      }
      failed.push_back(fmt::format("{} keeps the old metadata: {}",
                                   impl.present[impl.targets[group[i]].pv].device->path(),
                                   results[i].error().message()));
      if (!why) why = results[i].error();
    }
  }
  if (written == 0) {
    impl.take_ids_back();
    impl.precommitted = true;  // ~Staged clears slot 1 as far as it can
    return *why;
  }
  log(LogLevel::Debug, fmt::format("Committed VG {} seqno {} to {} areas.", impl.vg.name, impl.vg.seqno, written));
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
      failed.push_back(
          fmt::format("the label of {} is not marked as used: {}", labelled[i]->path(), marked[i].error().message()));
  }
  warn_of_full_areas(impl.vg, impl.present, impl.targets, done.warnings);
  return done;
}

Status release(std::vector<FoundPv> pvs) {
  TRY(check_still_there(pvs));
  // All labels before the first area: as long as one area holds the text, the VG is whole. Areas with an older text go
  // first, so that none of those comes to light.
  std::vector<disk::Sector> sectors;
  sectors.reserve(pvs.size() * 3);
  std::vector<IoOp> labels;
  std::map<std::uint32_t, std::vector<IoOp>> areas;
  auto add = [&](std::vector<IoOp>& ops, const FoundPv& pv, Bytes offset, const disk::Sector& sector) {
    sectors.push_back(sector);
    ops.push_back({IoOp::Kind::Write, pv.device, offset, {}, sectors.back(), {}});
  };
  for (FoundPv& pv : pvs) {
    ASHLAR_REQUIRE(pv.mdas.size() <= 2);
    pv.label.ext_flags &= ~disk::kExtUsed;
    pv.label.device_size = pv.device->size();
    std::erase_if(pv.label.mdas,
                  [&](const disk::DiskArea& mda) { return mda.offset.n + mda.size.n > pv.device->size().n; });
    add(labels, pv, to_bytes({pv.label.sector}), disk::encode_label(pv.label));
    for (const Mda& mda : pv.mdas) {
      if (mda.area.offset.n + mda.area.size.n > pv.device->size().n) continue;
      disk::MdaHeader empty{mda.header ? mda.header->area : mda.area, {}, {}};
      if (mda.header && mda.header->ignored()) empty.committed.flags = 1;
      add(areas[mda.seqno.value_or(0)], pv, empty.area.offset, disk::encode_mda_header(empty));
    }
  }
  TRY(first_error(run_phase(std::move(labels))));
  for (auto& [seqno, same_age] : areas) TRY(first_error(run_phase(std::move(same_age))));
  return ok();
}

std::vector<FoundPv> present_members(const Picture& picture, const VgState& state) {
  std::vector<FoundPv> present;
  for (std::size_t member : state.members) {
    if (member != kNoPv) present.push_back(picture.scan.pvs[member]);
  }
  return present;
}

std::vector<FoundPv> written_members(const Picture& picture, const VgState& state) {
  std::vector<FoundPv> written = present_members(picture, state);
  for (std::size_t i : state.returned) {
    const FoundPv& pv = picture.scan.pvs[i];
    // What cannot be read there may be all that says what the PV was.
    if (!pv.label.used() ||
        std::any_of(pv.mdas.begin(), pv.mdas.end(), [](const Mda& mda) { return !mda.problem.empty(); }))
      continue;
    written.push_back(pv);
    written.back().stays_missing = true;
  }
  return written;
}

}  // namespace ashlar::store
