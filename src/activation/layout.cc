// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "activation/names.h"
#include "base/log.h"
#include "metadata/model/lies_on.h"

namespace ashlar::dm {
namespace {

/// The kernel's DM_NAME_LEN, its final NUL included.
constexpr std::size_t kMaxNameBytes = 128;

struct Where {
  const VolumeGroup& vg;
  const LogicalVolume& lv;
  const LayoutContext& context;
  std::vector<Device>& fillers;  ///< made on the way
  std::string full_name() const { return vg.name + "/" + lv.name; }
};

std::string pv_label(const Where& at, const Uuid& id) {
  if (const auto path = at.context.pv_paths.find(id); path != at.context.pv_paths.end()) return path->second;
  const PhysicalVolume* pv = find_pv(at.vg, id);
  return pv != nullptr && !pv->device.empty() ? pv->device : "[unknown]";
}

Error corrupt(const Where& at, const Segment& segment, const std::string& what) {
  return Error(Errc::Corrupt,
               fmt::format("Logical volume {}, segment at extent {}: {}.", at.full_name(), segment.start.n, what));
}

/// A device in place of an area on a missing PV. It is as long as the whole segment, as LVM2's is.
Below fill(const Where& at, const Segment& segment, std::size_t area) {
  const std::string layer = fmt::format("missing_{}_{}", &segment - at.lv.segments.data(), area);
  Device filler;
  filler.name = device_name(at.vg.name, at.lv.name) + "-" + layer;
  filler.uuid = device_uuid(at.vg.id, at.lv.id) + "-" + layer;
  filler.vg_name = at.vg.name;
  filler.table = {Target{Sectors{}, to_sectors(segment.length, at.vg.extent_size), *at.context.filler}};
  at.fillers.push_back(std::move(filler));
  return Below{at.fillers.back().uuid, Sectors{}};
}

/// Where `length` extents at the segment's area `index` begin on the device, after checking that they lie in the PV's
/// data area.
Result<Below> below_pv(const Where& at, const Segment& segment, std::size_t index, const PvArea& area, Extents length) {
  const PhysicalVolume* pv = find_pv(at.vg, area.pv);
  if (pv == nullptr) return corrupt(at, segment, "physical volume " + area.pv.dashed() + " is not in the volume group");
  const auto number = at.context.pv_numbers.find(area.pv);
  if (pv->status.has(PvFlag::Missing) || number == at.context.pv_numbers.end()) {
    if (at.context.filler) return fill(at, segment, index);
    const std::string missing =
        fmt::format("physical volume {} ({}) is missing", area.pv.dashed(), pv_label(at, area.pv));
    if (!at.context.may_fill)
      return Error(Errc::Refused, fmt::format("Logical volume {} is partial: {}; ashlar why {} says what can be done",
                                              at.full_name(), missing, at.vg.name));
    return Error(Errc::Refused, fmt::format("Refusing activation of partial logical volume {}: {}. "
                                            "'--activationmode partial' puts errors in its place.",
                                            at.full_name(), missing));
  }
  const std::optional<std::uint64_t> end = checked_add(area.start.n, length.n);
  if (!end || *end > pv->pe_count.n) {
    return corrupt(at, segment,
                   fmt::format("extents {} to {} lie outside {}, which has {}", area.start.n, area.start.n + length.n,
                               pv_label(at, area.pv), pv->pe_count.n));
  }
  const std::optional<std::uint64_t> offset = checked_mul(area.start.n, at.vg.extent_size.n);
  const std::optional<std::uint64_t> last = checked_mul(*end, at.vg.extent_size.n);
  if (!offset || !last || !checked_add(*last, pv->pe_start.n)) return corrupt(at, segment, "its sectors overflow");
  const auto size = at.context.pv_sizes.find(area.pv);
  if (size != at.context.pv_sizes.end() && pv->pe_start.n + *last > size->second.n) {
    return Error(
        Errc::Refused,
        fmt::format(
            "Logical volume {}, segment at extent {}: it ends at sector {} of {}, which has only {} sectors. The device became "
            "smaller than its PV: give it its size again, or put a whole copy of it in its place.",
            at.full_name(), segment.start.n, pv->pe_start.n + *last, pv_label(at, area.pv), size->second.n));
  }
  return Below{number->second, Sectors{pv->pe_start.n + *offset}};
}

Result<Below> below(const Where& at, const Segment& segment, const Striped& striped, std::size_t index,
                    Extents length) {
  using Found = Result<Below>;
  return std::visit(
      overloaded{[&](const PvArea& pv) { return below_pv(at, segment, index, pv, length); },
                 [&](const LvArea& lv) {
                   return Found(Error(Errc::Unsupported,
                                      fmt::format("Logical volume {} lies on the hidden logical volume {}, which "
                                                  "Ashlar does not activate (a move of extents is under way?).",
                                                  at.full_name(), lv.lv)));
                 }},
      striped.areas[index]);
}

Result<Params> striped_params(const Where& at, const Segment& segment, const Striped& striped) {
  const std::size_t count = striped.areas.size();
  if (count == 0 || count > kMaxStripes) return corrupt(at, segment, fmt::format("it has {} areas", count));
  if (segment.length.n % count != 0)
    return corrupt(at, segment, fmt::format("{} extents cannot be divided by {} stripes", segment.length.n, count));
  const Extents area_length = segment.length / count;
  if (count == 1) {
    Below only = TRY(below(at, segment, striped, 0, area_length));
    if (at.context.use_linear_target) return Params(LinearTarget{std::move(only)});
    return Params(StripedTarget{at.vg.extent_size, {std::move(only)}});  // the chunk that LVM2 takes
  }

  const Sectors area_sectors = to_sectors(area_length, at.vg.extent_size);
  // The kernel refuses a stripe that ends inside a chunk.
  if (striped.stripe_size.n == 0 || area_sectors % striped.stripe_size != Sectors{})
    return corrupt(
        at, segment,
        fmt::format("stripes of {} sectors do not hold whole chunks of {}", area_sectors.n, striped.stripe_size.n));
  StripedTarget target{striped.stripe_size, {}};
  target.areas.reserve(count);
  for (std::size_t i = 0; i < count; ++i) target.areas.push_back(TRY(below(at, segment, striped, i, area_length)));
  return Params(std::move(target));
}

Result<Params> segment_params(const Where& at, const Segment& segment) {
  using Made = Result<Params>;
  return std::visit(
      overloaded{
          [&](const Striped& striped) { return striped_params(at, segment, striped); },
          [](const Unbacked& unbacked) { return Made(Params(UnbackedTarget{unbacked.kind == Unbacked::Kind::Zero})); },
          [&](const Foreign& other) {
            return Made(Error(Errc::Unsupported,
                              fmt::format("Logical volume {} has a segment of type {}, which Ashlar does not "
                                          "activate.",
                                          at.full_name(), printable(other.type))));
          }},
      segment.body);
}

Result<std::vector<Target>> lv_table(const Where& at) {
  std::vector<Target> table;
  table.reserve(at.lv.segments.size());
  Extents next{};
  for (const Segment& segment : at.lv.segments) {
    if (segment.start != next || segment.length.n == 0) return corrupt(at, segment, "segments do not join");
    const std::optional<std::uint64_t> end = checked_add(segment.start.n, segment.length.n);
    if (!end || !checked_mul(*end, at.vg.extent_size.n)) return corrupt(at, segment, "its size overflows");
    next = Extents{*end};
    table.push_back(Target{to_sectors(segment.start, at.vg.extent_size), to_sectors(segment.length, at.vg.extent_size),
                           TRY(segment_params(at, segment))});
  }
  if (table.empty()) return Error(Errc::Corrupt, "Logical volume " + at.full_name() + " has no segments.");
  return table;
}

/// An LV below a snapshot, cache, pool or mirror must not be reached past it: writes would miss the copy.
Status check_not_used(const Where& at, const std::unordered_map<std::string, std::string>& users) {
  const auto used = users.find(at.lv.name);
  if (used == users.end()) return ok();
  const LogicalVolume* user = find_lv(at.vg, used->second);
  const Foreign* type = user != nullptr ? foreign(*user) : nullptr;
  return Error(Errc::Unsupported,
               fmt::format("Logical volume {} is used by {}/{} (type {}), which Ashlar does not "
                           "activate.",
                           at.full_name(), at.vg.name, used->second, type != nullptr ? type->type : "striped"));
}

/// Rules of docs/format.md 8.5.
void set_read_ahead(const Where& at, Device& device) {
  const std::int32_t wanted = at.lv.read_ahead.value_or(0);
  if (wanted != 0) {
    device.read_ahead = wanted < 0 ? 0 : static_cast<std::uint32_t>(wanted);
    return;
  }
  if (!at.context.auto_read_ahead) {
    device.read_ahead = 0;
    return;
  }
  std::uint64_t sectors = 0;
  std::uint64_t of_pvs = 0;
  for (const Segment& segment : at.lv.segments) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) continue;
    if (striped->areas.size() > 1) sectors = std::max(sectors, 2 * striped->stripe_size.n * striped->areas.size());
    for (const Area& area : striped->areas) {
      const auto* pv = std::get_if<PvArea>(&area);
      const auto found = pv != nullptr ? at.context.pv_read_ahead.find(pv->pv) : at.context.pv_read_ahead.end();
      if (found != at.context.pv_read_ahead.end()) of_pvs = std::max<std::uint64_t>(of_pvs, found->second);
    }
  }
  if (sectors == 0) sectors = of_pvs;
  if (sectors == 0 || sectors > std::numeric_limits<std::int32_t>::max()) return;
  device.read_ahead = static_cast<std::uint32_t>(sectors);
  device.read_ahead_is_minimum = true;
}

}  // namespace

VgLayout::VgLayout(const VolumeGroup& vg, const LayoutContext& context)
    : vg_(vg), context_(context), users_(first_users(vg)) {}

Result<Device> lv_device(const VolumeGroup& vg, const LogicalVolume& lv, const LayoutContext& context) {
  ASHLAR_REQUIRE(!context.filler);
  return std::move(TRY(VgLayout(vg, context).devices(lv)).back());
}

Result<std::vector<Device>> VgLayout::devices(const LogicalVolume& lv) const {
  const VolumeGroup& vg = vg_;
  const LayoutContext& context = context_;
  std::vector<Device> devices;
  const Where at{vg, lv, context, devices};
  TRY(check_not_used(at, users_));
  Device device;
  device.name = device_name(vg.name, lv.name);
  device.uuid = device_uuid(vg.id, lv.id);
  device.vg_name = vg.name;
  device.lv_name = lv.name;
  device.table = TRY(lv_table(at));
  // After the table, whose errors tell more: most hidden LVs are of a type that is not handled.
  if (!lv.visible())
    return Error(Errc::Unsupported, "Logical volume " + at.full_name() + " is hidden; it is not activated by itself.");
  if (device.name.size() >= kMaxNameBytes) {
    return Error(Errc::InvalidArgument,
                 fmt::format("Logical volume {} cannot be activated: its device-mapper name {} is longer than {} "
                             "characters.",
                             at.full_name(), device.name, kMaxNameBytes - 1));
  }
  // WRITE_LOCKED stands for WRITE towards versions that must not write (docs/format.md 3.7).
  const bool writable = lv.status.has(LvFlag::Write) || lv.status.has(LvFlag::WriteLocked);
  device.read_only = !writable || (context.read_only && context.read_only(vg, lv));
  if (lv.status.has(LvFlag::FixedMinor) && lv.minor && *lv.minor >= 0) {
    const std::int32_t major = std::max(lv.major.value_or(0), 0);
    device.fixed = DevNumber{static_cast<std::uint32_t>(major), static_cast<std::uint32_t>(*lv.minor)};
  }
  set_read_ahead(at, device);
  devices.push_back(std::move(device));
  return devices;
}

}  // namespace ashlar::dm
