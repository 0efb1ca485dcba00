// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_on_pvs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "activation/layout.h"
#include "activation/table_map.h"

namespace ashlar::ops {

namespace {
using device::BlockDevice;

/// How much stretch() joins at most: callers move no more at a time.
constexpr std::uint64_t kJoined = 1 << 20;

class LvOnPvs final : public BlockDevice {
 public:
  LvOnPvs(std::string name, std::vector<dm::Target> table, std::vector<BlockDevice*> pvs)
      : name_(std::move(name)), table_(std::move(table)), pvs_(std::move(pvs)), size_(dm::length_of(table_)) {}

  const std::string& path() const override { return name_; }
  std::optional<device::DevNumber> number() const override { return std::nullopt; }
  Bytes size() const override { return size_; }
  Bytes block_size() const override {
    Bytes largest{kSectorSize};
    for (const BlockDevice* pv : used()) largest = std::max(largest, pv->block_size());
    return largest;
  }
  device::Topology topology() const override { return {}; }

  Status read(Bytes offset, std::span<std::byte> out) override {
    return each("read", offset, {out.size()}, [&](const dm::Place& place, Bytes at) -> Status {
      std::span<std::byte> piece = out.subspan((at - offset).n, place.length.n);
      if (place.kind == dm::Place::Kind::Below) return pv_of(place).read(place.offset, piece);
      std::memset(piece.data(), 0, piece.size());
      return ok();
    });
  }
  Status write(Bytes offset, std::span<const std::byte> in) override {
    return each("write", offset, {in.size()}, [&](const dm::Place& place, Bytes at) -> Status {
      if (place.kind != dm::Place::Kind::Below)
        return ok();  // what is written to a zero segment is lost, as in the kernel
      return pv_of(place).write(place.offset, in.subspan((at - offset).n, place.length.n));
    });
  }
  Status clear(Bytes offset, Bytes length) override {
    return each("clear", offset, length, [&](const dm::Place& place, Bytes) -> Status {
      return place.kind == dm::Place::Kind::Below ? pv_of(place).clear(place.offset, place.length) : ok();
    });
  }
  Result<device::Stretch> stretch(Bytes offset) override {
    if (offset >= size_) return device::Stretch{};
    device::Stretch all = TRY(piece_at(offset));
    while (all.length.n < kJoined && offset + all.length < size_) {
      device::Stretch next = TRY(piece_at(offset + all.length));
      if (next.hole != all.hole || next.length.n == 0) break;
      all.length += next.length;
    }
    return all;
  }
  Status flush() override {
    for (BlockDevice* pv : used()) TRY(pv->flush());
    return ok();
  }
  Status unchanged() override {
    for (BlockDevice* pv : used()) TRY(pv->unchanged());
    return ok();
  }
  Status open_for_writing() override {
    for (BlockDevice* pv : used()) TRY(pv->open_for_writing());
    return ok();
  }

 private:
  BlockDevice& pv_of(const dm::Place& place) const { return *pvs_[std::get<dm::DevNumber>(place.device).minor]; }

  std::vector<BlockDevice*> used() const {
    std::vector<BlockDevice*> all;
    auto add = [&](const dm::Below& area) {
      BlockDevice* pv = pvs_[std::get<dm::DevNumber>(area.device).minor];
      if (std::find(all.begin(), all.end(), pv) == all.end()) all.push_back(pv);
    };
    for (const dm::Target& target : table_) {
      if (const auto* linear = std::get_if<dm::LinearTarget>(&target.params)) add(linear->area);
      if (const auto* striped = std::get_if<dm::StripedTarget>(&target.params))
        std::for_each(striped->areas.begin(), striped->areas.end(), add);
    }
    return all;
  }

  Result<device::Stretch> piece_at(Bytes offset) {
    dm::Place place = dm::place_of(table_, offset);
    if (place.kind != dm::Place::Kind::Below) return device::Stretch{place.kind == dm::Place::Kind::Zero, place.length};
    device::Stretch found = TRY(pv_of(place).stretch(place.offset));
    return device::Stretch{found.hole, std::min(found.length, place.length)};
  }

  template <class F>
  Status each(const char* what, Bytes offset, Bytes length, F f) {
    std::optional<std::uint64_t> end = checked_add(offset.n, length.n);
    if (!end || *end > size_.n)
      return Error(Errc::InvalidArgument, fmt::format("Cannot {} {} bytes at {} of {}: past its end at {}", what,
                                                      length.n, offset.n, name_, size_.n));
    for (Bytes at = offset; at.n < *end;) {
      dm::Place place = dm::place_of(table_, at);
      place.length = std::min(place.length, Bytes{*end} - at);
      if (place.kind == dm::Place::Kind::Error)
        return Error(Errc::Io,
                     fmt::format("Cannot {} {} bytes at {} of {}: an error segment lies there", what, place.length.n,
                                 at.n, name_),
                     EIO);
      TRY(f(place, at));
      at += place.length;
    }
    return ok();
  }

  std::string name_;
  std::vector<dm::Target> table_;
  std::vector<BlockDevice*> pvs_;
  Bytes size_;
};
}  // namespace

Result<std::unique_ptr<BlockDevice>> lv_on_pvs(const VolumeGroup& vg, const std::vector<store::FoundPv>& present,
                                               const LogicalVolume& lv, std::string name) {
  // PVs stand in the table by their place in the VG; the numbers mean nothing outside of here.
  dm::LayoutContext context;
  std::vector<BlockDevice*> pvs(vg.pvs.size());
  for (std::uint32_t i = 0; i < vg.pvs.size(); ++i) {
    auto found = std::find_if(present.begin(), present.end(),
                              [&](const store::FoundPv& pv) { return pv.label.pv == vg.pvs[i].id; });
    if (found == present.end()) continue;
    pvs[i] = found->device;
    context.pv_numbers.emplace(vg.pvs[i].id, dm::DevNumber{0, i});
    context.pv_paths.emplace(vg.pvs[i].id, found->device->path());
    context.pv_sizes.emplace(vg.pvs[i].id, to_sectors(found->device->size()));
  }
  dm::Device device = TRY(dm::lv_device(vg, lv, context));
  return std::unique_ptr<BlockDevice>(
      std::make_unique<LvOnPvs>(std::move(name), std::move(device.table), std::move(pvs)));
}

}  // namespace ashlar::ops
