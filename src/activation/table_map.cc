// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/table_map.h"

#include <algorithm>

#include "metadata/model/segment.h"

namespace ashlar::dm {

namespace {
Place below(const Below& area, Bytes offset, Bytes length) {
  return {Place::Kind::Below, area.device, to_bytes(area.offset) + offset, length};
}

/// Chunk k lies on area k mod n, there as chunk k div n.
Place in_stripes(const StripedTarget& striped, Bytes offset) {
  const Bytes chunk = to_bytes(striped.chunk);
  const std::uint64_t number = offset / chunk, areas = striped.areas.size();
  const Bytes within = offset % chunk;
  return below(striped.areas[number % areas], chunk * (number / areas) + within, chunk - within);
}
}  // namespace

Bytes length_of(std::span<const Target> table) {
  return table.empty() ? Bytes{} : to_bytes(table.back().start + table.back().length);
}

Place place_of(std::span<const Target> table, Bytes offset) {
  ASHLAR_REQUIRE(offset < length_of(table));
  auto after = std::upper_bound(table.begin(), table.end(), to_sectors(offset),
                                [](Sectors at, const Target& t) { return at < t.start; });
  const Target& target = *std::prev(after);
  const Bytes within = offset - to_bytes(target.start), rest = to_bytes(target.length) - within;
  Place place = std::visit(overloaded{[&](const LinearTarget& t) { return below(t.area, within, rest); },
                                      [&](const StripedTarget& t) { return in_stripes(t, within); },
                                      [&](const UnbackedTarget& t) {
                                        return Place{t.zero ? Place::Kind::Zero : Place::Kind::Error, {}, {}, rest};
                                      },
                                      [&](const ForeignTarget&) {
                                        return Place{Place::Kind::Error, {}, {}, rest};
                                      }},
                           target.params);
  place.length = std::min(place.length, rest);
  return place;
}

}  // namespace ashlar::dm
