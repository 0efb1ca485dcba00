// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/desired.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/common.h"

namespace ashlar::plan {

std::uint32_t stripes_of(const Segment& segment) {
  const auto* striped = std::get_if<Striped>(&segment.body);
  return striped == nullptr ? 1 : static_cast<std::uint32_t>(striped->areas.size());
}

Result<Extents> desired_extents(const std::variant<Bytes, Percent>& amount, Extents total, Sectors extent_size,
                                std::uint64_t stripes) {
  ASHLAR_REQUIRE(stripes >= 1 && stripes <= kMaxStripes);
  if (const auto* size = std::get_if<Bytes>(&amount)) {
    const std::uint64_t extent = to_bytes(extent_size).n;
    const std::uint64_t count = size->n / extent + (size->n % extent != 0 ? 1 : 0);
    if (count == 0 || count > kMaxExtents - kMaxStripes)
      return Error(Errc::InvalidArgument,
                   fmt::format("a size of {} bytes is not between one extent and 2^32", size->n));
    return Extents{count};
  }
  const auto part = checked_mul(total.n, std::get<Percent>(amount).value);
  if (!part || *part / 100 > kMaxExtents - kMaxStripes)
    return Error(Errc::InvalidArgument, "a volume cannot have so many extents");
  return Extents{std::max(*part / 100 / stripes, std::uint64_t{1}) * stripes};
}

bool has_size(const LogicalVolume& lv, Extents wanted) {
  const Extents now = lv.extents();
  return now >= wanted && (now - wanted).n < stripes_of(lv.segments.back());
}

}  // namespace ashlar::plan
