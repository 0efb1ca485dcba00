// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/largest.h"

#include <functional>

namespace ashlar::plan {

namespace {
using Ask = std::function<Status(Extents)>;

/// Whatever can be had can also be had smaller, so halving finds the largest; in steps of whole stripes, so that no
/// rounding makes two requests one.
Largest search(Extents most, std::uint64_t step, const Ask& ask) {
  if (most.n < step) return {{}, ask({step}).ok() ? "" : ask({step}).error().message()};
  if (Status least = ask({step}); !least) return {{}, least.error().message()};
  std::uint64_t good = 1, bad = most.n / step + 1;
  while (bad - good > 1) {
    const std::uint64_t middle = good + (bad - good) / 2;
    (ask({middle * step}) ? good : bad) = middle;
  }
  return {{good * step}, {}};
}

Status status_of(const Result<Planned>& planned) { return planned ? ok() : Status(planned.error()); }
}  // namespace

Largest largest_growth(const VolumeGroup& vg, ResizeLv request) {
  request.direction = ResizeLv::Direction::Extend;
  request.size.sign = SizeRequest::Sign::Plus;
  const LogicalVolume* lv = find_lv(vg, request.lv);
  const auto* last = lv != nullptr && !lv->segments.empty() ? std::get_if<Striped>(&lv->segments.back().body) : nullptr;
  const std::uint64_t stripes =
      request.stripes.value_or(last != nullptr ? static_cast<std::uint32_t>(last->areas.size()) : 1);
  return search(free_extents(vg), stripes, [&](Extents more) {
    request.size.amount = more;
    return status_of(resize_lv(vg, request));
  });
}

Largest largest_new(const VolumeGroup& vg, CreateLv request, Random& random) {
  return search(free_extents(vg), request.stripes, [&](Extents size) {
    request.size.amount = size;
    return status_of(create_lv(vg, request, random));
  });
}

}  // namespace ashlar::plan
