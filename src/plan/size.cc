// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/size.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/size_text.h"
#include "plan/common.h"

namespace ashlar::plan {

namespace {

std::string human(Extents extents, Sectors extent_size) {
  return human_size(to_bytes(to_sectors(extents, extent_size)));
}

/// Whole extents for a size, rounded up. The size is at most 2^64-1 bytes.
Extents up_to_extents(Bytes size, Sectors extent_size) {
  std::uint64_t extent = to_bytes(extent_size).n;
  return {size.n / extent + (size.n % extent != 0 ? 1 : 0)};
}

/// value% of `whole`; more than any VG holds when the product does not fit.
Extents percent_of(std::uint32_t value, Extents whole, bool up) {
  auto hundredfold = checked_mul(whole.n, value);
  if (!hundredfold) return {kMaxExtents + 1};
  return {*hundredfold / 100 + (up && *hundredfold % 100 != 0 ? 1 : 0)};
}

Status check_stripe_size(Sectors size) {
  if (size.n < kPageSectors || !is_power_of_two(size.n))
    return invalid(fmt::format("Invalid stripe size {}. It must be a power of two, at least 4.00 KiB.",
                               human_size(to_bytes(size))));
  return ok();
}

Status check_stripe_count(std::uint32_t count) {
  if (count == 0) return invalid("--stripes may not be zero.");
  if (count > kMaxStripes)
    return invalid(fmt::format("Number of stripes ({}) must be between 1 and {}.", count, kMaxStripes));
  return ok();
}

Status check_amount(const VolumeGroup& vg, const SizeRequest& size) {
  return std::visit(
      overloaded{
          [&](Bytes bytes) -> Status {
            if (bytes.n == 0) return invalid("--size may not be zero.");
            if (up_to_extents(bytes, vg.extent_size) <= most_extents(vg)) return ok();
            return refused(fmt::format("Volume too large ({}) for extent size {}. Upper limit is less than {}.",
                                       human_size(bytes), human_size(to_bytes(vg.extent_size)),
                                       human_size(to_bytes(to_sectors(most_extents(vg), vg.extent_size)))));
          },
          [&](Extents extents) -> Status {
            if (extents.n == 0) return invalid("--extents may not be zero.");
            if (extents <= most_extents(vg)) return ok();
            return refused(fmt::format("A logical volume of volume group {} has at most {} extents.", vg.name,
                                       most_extents(vg).n));
          },
          [](Percent percent) -> Status { return percent.value != 0 ? ok() : invalid("--extents may not be zero."); }},
      size.amount);
}

Extents percent_of_new(const VolumeGroup& vg, const CreateLv& request, Percent percent, std::span<const Space> spaces,
                       Extents free, std::vector<std::string>& notes) {
  if (percent.of == Percent::Of::Pvs && request.pvs) return percent_of(percent.value, extents_in(spaces), false);
  if (percent.of == Percent::Of::Free) return std::min(percent_of(percent.value, free, false), free);
  Extents extents = percent_of(percent.value, total_extents(vg), false);
  if (extents <= free || percent.of == Percent::Of::Pvs) return extents;
  notes.push_back(
      fmt::format("Reducing {}%VG to remaining free space {} in VG.", percent.value, human(free, vg.extent_size)));
  return free;
}

}  // namespace

Result<Stripes> new_stripes(const CreateLv& request, Sectors extent_size, std::vector<std::string>& notes) {
  TRY(check_stripe_count(request.stripes));
  if (request.stripes == 1) {
    if (request.stripe_size) notes.push_back("Ignoring stripesize argument with single stripe.");
    return Stripes{};
  }
  Stripes stripes{request.stripes, to_sectors(request.stripe_size.value_or(request.default_stripe_size))};
  if (!request.stripe_size)
    notes.push_back(fmt::format("Using default stripesize {}.", human_size(request.default_stripe_size)));
  TRY(check_stripe_size(stripes.size));
  if (stripes.size > extent_size) {
    notes.push_back(fmt::format("Reducing requested stripe size {} to maximum, physical extent size {}.",
                                human_size(to_bytes(stripes.size)), human_size(to_bytes(extent_size))));
    stripes.size = extent_size;
  }
  return stripes;
}

Result<Size> size_of_new(const VolumeGroup& vg, const CreateLv& request, std::span<const Space> spaces,
                         std::vector<std::string>& notes) {
  if (request.size.sign == SizeRequest::Sign::Minus)
    return invalid(std::holds_alternative<Bytes>(request.size.amount) ? "Size may not be negative."
                                                                      : "Extents may not be negative.");
  TRY(check_amount(vg, request.size));
  Size size;
  if (const auto* bytes = std::get_if<Bytes>(&request.size.amount)) {
    size.extents = up_to_extents(*bytes, vg.extent_size);
    if (bytes->n % to_bytes(vg.extent_size).n != 0)
      notes.push_back(fmt::format("Rounding up size to full physical extent {}", human(size.extents, vg.extent_size)));
  } else if (const auto* extents = std::get_if<Extents>(&request.size.amount)) {
    size.extents = *extents;
  } else {
    Percent percent = std::get<Percent>(request.size.amount);
    if (percent.of == Percent::Of::Lv || percent.of == Percent::Of::Origin)
      return refused("Please express size as %FREE, %PVS or %VG.");
    Extents free = free_extents(vg);
    size.extents = percent_of_new(vg, request, percent, spaces, free, notes);
    size.approximate = true;
    if (size.extents.n == 0)
      return Error(Errc::NoSpace, "Calculated size of logical volume is 0 extents. Needs to be larger.");
    std::uint64_t over = size.extents.n % request.stripes;
    if (over != 0 && size.extents.n - over + request.stripes > free.n) {
      notes.push_back(fmt::format("Rounding size ({} extents) down to stripe boundary size ({} extents)",
                                  size.extents.n, size.extents.n - over));
      size.extents.n -= over;
      if (size.extents.n == 0)
        return Error(Errc::NoSpace, "Adjusted size of logical volume is 0 extents. Needs to be larger.");
    }
  }
  if (std::uint64_t over = size.extents.n % request.stripes; over != 0 && size.extents.n <= kMaxExtents) {
    Extents rounded{size.extents.n - over + request.stripes};
    notes.push_back(fmt::format("Rounding size {} ({} extents) up to stripe boundary size {} ({} extents).",
                                human(size.extents, vg.extent_size), size.extents.n, human(rounded, vg.extent_size),
                                rounded.n));
    size.extents = rounded;
  }
  return size;
}

Result<Stripes> more_stripes(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request, bool another,
                             std::vector<std::string>& notes) {
  if (request.stripes)  // of an LV that is there LVM2 says so after it has understood the command
    if (Status good = check_stripe_count(*request.stripes); !good)
      return *request.stripes == 0 ? std::move(good).error() : refused(good.error().message());
  // What is not asked for must be the same in all segments; a linear one has one stripe and no stripe size.
  const std::optional<std::uint32_t> asked = request.stripes || !another ? request.stripes : std::optional(1u);
  const bool linear = asked == 1u;  // has no stripe size to disagree on
  Stripes last;
  bool first = true;
  for (const Segment& segment : lv.segments) {
    const auto* striped = std::get_if<Striped>(&segment.body);
    if (striped == nullptr) continue;
    auto count = static_cast<std::uint32_t>(striped->areas.size());
    if (!std::exchange(first, false) && !linear &&
        ((!asked && count != last.count) || (!request.stripe_size && last.size.n != 0 && striped->stripe_size.n != 0 &&
                                             striped->stripe_size != last.size)))
      return refused("Please specify number of stripes (-i) and stripesize (-I)");
    last = {count, striped->stripe_size};
  }
  Stripes stripes{asked.value_or(last.count), {}};
  if (stripes.count == 1) return stripes;
  if (request.stripe_size) {
    if (request.stripe_size->n == 0) return invalid("--stripesize may not be zero.");
    stripes.size = to_sectors(*request.stripe_size);
    if (!is_power_of_two(stripes.size.n)) return refused("Stripe size must be power of 2.");
  } else if (last.size.n != 0) {
    stripes.size = last.size;
    notes.push_back(fmt::format("Using stripesize of last segment {}", human_size(to_bytes(stripes.size))));
  } else {
    stripes.size = to_sectors(request.default_stripe_size);
    notes.push_back(fmt::format("Using default stripesize {}", human_size(to_bytes(stripes.size))));
  }
  TRY(check_stripe_size(stripes.size));
  if (stripes.size > vg.extent_size) {
    notes.push_back(fmt::format("Reducing stripe size {} to maximum, physical extent size {}.",
                                human_size(to_bytes(stripes.size)), human_size(to_bytes(vg.extent_size))));
    stripes.size = vg.extent_size;
  }
  return stripes;
}

namespace {

struct Change {
  Extents extents;
  bool approximate = false;
};

/// The amount alone, without sign: rounded up, but a percentage to take away is rounded down.
Result<Change> amount_of(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request,
                         std::span<const Space> spaces, std::vector<std::string>& notes) {
  using Sign = SizeRequest::Sign;
  if (const auto* extents = std::get_if<Extents>(&request.size.amount)) return Change{*extents};
  if (const auto* bytes = std::get_if<Bytes>(&request.size.amount)) {
    std::uint64_t extent = to_bytes(vg.extent_size).n;
    Extents extents = up_to_extents(*bytes, vg.extent_size);
    if (bytes->n % extent != 0) {
      if (request.size.sign == Sign::Minus) extents.n -= 1;
      notes.push_back(
          fmt::format("Rounding size to boundary between physical extents: {}.", human(extents, vg.extent_size)));
    }
    return Change{extents};
  }
  Percent percent = std::get<Percent>(request.size.amount);
  Extents whole;
  switch (percent.of) {
    case Percent::Of::Vg:
      whole = total_extents(vg);
      break;
    case Percent::Of::Lv:
      whole = lv.extents();
      break;
    case Percent::Of::Origin:
      return refused("Specified LV does not have an origin LV.");
    case Percent::Of::Free:
      whole = free_extents(vg);
      break;
    case Percent::Of::Pvs:
      whole = request.pvs ? extents_in(spaces) : total_extents(vg);
      break;
  }
  Extents extents = percent_of(percent.value, whole, request.size.sign != Sign::Minus);
  Extents free = free_extents(vg);
  if (request.size.sign == Sign::Absolute && percent.of == Percent::Of::Vg && extents > lv.extents() + free) {
    extents = lv.extents() + free;
    notes.push_back(
        fmt::format("Reducing {}%VG to remaining free space {} in VG.", percent.value, human(extents, vg.extent_size)));
  }
  bool approximate = (request.size.sign == Sign::Absolute && percent.of != Percent::Of::Lv) ||
                     (request.size.sign == Sign::Plus && percent.of == Percent::Of::Free);
  return Change{extents, approximate};
}

}  // namespace

Result<Size> size_asked(const VolumeGroup& vg, const LogicalVolume& lv, const ResizeLv& request,
                        std::span<const Space> spaces, std::vector<std::string>& notes) {
  using Sign = SizeRequest::Sign;
  using Direction = ResizeLv::Direction;
  std::string_view what = std::holds_alternative<Bytes>(request.size.amount) ? "Size" : "Extents";
  if (request.direction == Direction::Extend && request.size.sign == Sign::Minus)
    return invalid(fmt::format("{} may not be negative.", what));
  if (request.direction == Direction::Reduce && request.size.sign == Sign::Plus)
    return invalid(fmt::format("{} may not be positive.", what));
  TRY(check_amount(vg, request.size));

  Change change = TRY(amount_of(vg, lv, request, spaces, notes));
  Extents now = lv.extents();
  switch (request.size.sign) {
    case Sign::Absolute:
      if (change.extents.n == 0) return refused("New size of 0 not permitted.");
      return Size{change.extents, change.approximate};
    case Sign::Plus:
      if (change.extents > most_extents(vg) - now)
        return refused(fmt::format("Unable to extend {}/{} by {} logical extents: exceeds limit ({}).", vg.name,
                                   lv.name, change.extents.n, most_extents(vg).n));
      return Size{now + change.extents, change.approximate};
    case Sign::Minus:
      if (change.extents >= now)
        return refused(fmt::format("Unable to reduce {0}/{1} below 1 extent. It has {2}; lvremove {0}/{1} removes it",
                                   vg.name, lv.name, shown(now, vg.extent_size)));
      return Size{now - change.extents, false};
  }
  return Size{now, false};
}

namespace {

/// The most that is known to fit: what was found, or a request of the longest runs, if asking for it works.
Extents most_that_fits(const VolumeGroup& vg, const LogicalVolume* lv, const std::vector<Space>& spaces, Wanted wanted,
                       Extents found) {
  std::vector<Extents> longest;
  for (const Space& space : spaces) {
    Extents length;
    for (const PeRun& run : space.runs) length = std::max(length, run.length);
    longest.push_back(length);
  }
  std::sort(longest.rbegin(), longest.rend());
  Extents whole = wanted.stripes <= longest.size() ? longest[wanted.stripes - 1] * wanted.stripes : Extents{};
  for (Extents extents : {std::max(whole, found), std::min(whole, found)}) {
    wanted.extents = extents;
    if (extents.n != 0 && allocate(vg, lv, spaces, wanted).short_by.n == 0) return extents;
  }
  return {};
}

/// Why stripes find no place however much is free; empty: that is not what stands in the way.
std::string too_few_pvs(const VolumeGroup& vg, std::span<const Space> spaces, const Wanted& wanted) {
  const auto pvs = static_cast<std::size_t>(
      std::count_if(spaces.begin(), spaces.end(), [](const Space& space) { return !space.runs.empty(); }));
  if (wanted.stripes <= pvs || wanted.policy == AllocPolicy::Anywhere) return {};
  return fmt::format(
      " {} stripes need as many PVs with free extents, and {} of those that may be used {} any: vgextend {} DEVICE adds "
      "one{}.",
      wanted.stripes, pvs, pvs == 1 ? "has" : "have", vg.name,
      pvs == 0 ? "" : fmt::format(", -i {} does with them", pvs));
}

/// What would help.
std::string where_is_room(const VolumeGroup& vg, Extents usable, Extents wanted) {
  const Extents all = free_extents(vg);
  if (all >= wanted)
    return fmt::format(". VG {} has {} free, on PVs that are not named, are missing or may not be used (pvchange -xy)",
                       vg.name, shown(all, vg.extent_size));
  return fmt::format(". {} are missing: vgextend {} DEVICE adds room", shown(wanted - usable, vg.extent_size), vg.name);
}

}  // namespace

Status allocate_onto(const VolumeGroup& vg, LogicalVolume& lv, std::vector<Space> spaces, const Wanted& wanted) {
  const LogicalVolume* extended = lv.segments.empty() ? nullptr : &lv;
  std::string_view contiguous = wanted.policy == AllocPolicy::Contiguous ? "contiguous " : "";
  if (Extents free = extents_in(spaces); !wanted.approximate && free < wanted.extents)
    return Error(Errc::NoSpace, fmt::format("Insufficient free space: {} extents needed, but only {} available{}",
                                            wanted.extents.n, free.n, where_is_room(vg, free, wanted.extents)));
  Allocation found = allocate(vg, extended, spaces, wanted);
  if (found.short_by.n == 0 || (wanted.approximate && !found.segments.empty())) {
    append_segments(lv, std::move(found.segments));
    return ok();
  }
  std::string message =
      wanted.approximate
          ? fmt::format("Insufficient suitable {}allocatable extents found for logical volume {}.", contiguous, lv.name)
          : fmt::format("Insufficient suitable {}allocatable extents for logical volume {}: {} more required",
                        contiguous, lv.name, found.short_by.n);
  Extents fits = most_that_fits(vg, extended, spaces, wanted, wanted.extents - found.short_by);
  if (fits.n != 0)
    message += fmt::format("{} {} would fit.", message.ends_with('.') ? "" : ".", shown(fits, vg.extent_size));
  if (const std::string few = too_few_pvs(vg, spaces, wanted); !few.empty())
    message += (message.ends_with('.') ? "" : ".") + few;
  else if (wanted.policy != AllocPolicy::Normal && wanted.policy != AllocPolicy::Anywhere)
    message += fmt::format("{} --alloc normal is less strict.", message.ends_with('.') ? "" : ".");
  return Error(Errc::NoSpace, std::move(message));
}

}  // namespace ashlar::plan
