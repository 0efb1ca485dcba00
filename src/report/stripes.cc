// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report/stripes.h"

#include <algorithm>

#include "report/lv_facts.h"

namespace ashlar::report {

std::uint64_t stripes(const Segment& segment) {
  if (const auto* striped = std::get_if<Striped>(&segment.body)) return striped->areas.size();
  std::string_view type = base_type(segment);
  Body keys(segment);
  for (const char* key : {"mirror_count", "device_count", "stripe_count"})
    if (auto n = keys.number(key)) return *n;
  return is_pool(type) || type == "cache" || type == "writecache" || type == "vdo" || type == "integrity" ? 1 : 0;
}

std::uint64_t data_copies(const Segment& segment) {
  std::string_view type = base_type(segment);
  if (type == "raid1") return stripes(segment);
  if (type.starts_with("raid10")) return Body(segment).number("data_copies").value_or(2);
  if (type == "raid4" || type.starts_with("raid5")) return 2;
  if (type.starts_with("raid6")) return 3;
  return 1;
}

std::uint64_t data_stripes(const Segment& segment) {
  std::string_view type = base_type(segment);
  std::uint64_t all = stripes(segment), copies = data_copies(segment);
  if (type.starts_with("raid10")) return all / std::max<std::uint64_t>(copies, 1);
  if (type == "raid4" || type.starts_with("raid5") || type.starts_with("raid6")) return all - std::min(all, copies - 1);
  return all;
}

Extents reshape_room_of_image(const Segment& segment) {
  const bool foreign = std::holds_alternative<Foreign>(segment.body);
  const Body keys = foreign ? Body(segment) : Body::unknown_keys(segment);
  return {std::min(keys.number("reshape_count").value_or(0), segment.length.n)};
}

Extents reshape_room(const Segment& segment, bool data_only) {
  const std::uint64_t images = data_only ? data_stripes(segment) : stripes(segment);
  return {checked_mul(reshape_room_of_image(segment).n, images).value_or(0)};
}

}  // namespace ashlar::report
