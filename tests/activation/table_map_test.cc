// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/table_map.h"

#include <gtest/gtest.h>

#include <random>

#include "support/seed.h"

namespace ashlar::dm {
namespace {

Below at(std::uint32_t pv, std::uint64_t sector) { return {DevNumber{0, pv}, {sector}}; }

/// Where each sector of a table lies, worked out sector by sector as the kernel's documentation says.
std::vector<std::pair<int, std::uint64_t>> by_model(const std::vector<Target>& table) {
  std::vector<std::pair<int, std::uint64_t>> sectors;
  for (const Target& target : table) {
    for (std::uint64_t s = 0; s < target.length.n; ++s) {
      if (const auto* linear = std::get_if<LinearTarget>(&target.params)) {
        sectors.emplace_back(std::get<DevNumber>(linear->area.device).minor, linear->area.offset.n + s);
      } else if (const auto* striped = std::get_if<StripedTarget>(&target.params)) {
        const std::uint64_t chunk = s / striped->chunk.n, count = striped->areas.size();
        const Below& area = striped->areas[chunk % count];
        sectors.emplace_back(std::get<DevNumber>(area.device).minor,
                             area.offset.n + chunk / count * striped->chunk.n + s % striped->chunk.n);
      } else {
        sectors.emplace_back(std::get<UnbackedTarget>(target.params).zero ? -1 : -2, 0);
      }
    }
  }
  return sectors;
}

TEST(TableMap, PutsEveryByteOfRandomTablesWhereTheModelDoes) {
  const std::uint32_t seed = test::drawn_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto upto = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n)(random); };
  for (int round = 0; round < 200; ++round) {
    std::vector<Target> table;
    Sectors start{};
    for (std::uint64_t i = upto(3); i + 1 > 0; --i) {
      Target target{start, {}, UnbackedTarget{}};
      const std::uint64_t kind = upto(3);
      if (kind == 0) {
        target.length = {1 + upto(40)};
        target.params = UnbackedTarget{upto(1) == 1};
      } else if (kind == 1) {
        target.length = {1 + upto(40)};
        target.params = LinearTarget{at(static_cast<std::uint32_t>(upto(3)), upto(1000))};
      } else {
        StripedTarget striped{{1 + upto(5)}, {}};
        const std::uint64_t count = 2 + upto(3);
        for (std::uint64_t a = 0; a < count; ++a)
          striped.areas.push_back(at(static_cast<std::uint32_t>(a), upto(1000)));
        target.length = {striped.chunk.n * count * (1 + upto(4))};
        target.params = std::move(striped);
      }
      start += target.length;
      table.push_back(std::move(target));
      if (i == 0) break;
    }
    auto model = by_model(table);
    ASSERT_EQ(length_of(table).n, model.size() * 512);
    for (std::uint64_t byte = upto(700); byte < length_of(table).n; byte += 1 + upto(700)) {
      const Place place = place_of(table, {byte});
      ASSERT_GT(place.length.n, 0U);
      ASSERT_LE(byte + place.length.n, length_of(table).n);
      // All of the run, not only its first byte.
      for (std::uint64_t b = byte; b < byte + place.length.n; b += 512) {
        const auto& [pv, sector] = model[b / 512];
        if (pv < 0) {
          ASSERT_EQ(place.kind, pv == -1 ? Place::Kind::Zero : Place::Kind::Error);
          continue;
        }
        ASSERT_EQ(place.kind, Place::Kind::Below);
        ASSERT_EQ(std::get<DevNumber>(place.device).minor, static_cast<std::uint32_t>(pv));
        ASSERT_EQ(place.offset.n + (b - byte), sector * 512 + b % 512);
      }
    }
  }
}

TEST(TableMap, TakesWhatTheKernelHasBesidesAsNotToBeRead) {
  std::vector<Target> table{{{0}, {8}, ForeignTarget{"raid", "x"}}};
  EXPECT_EQ(place_of(table, {0}).kind, Place::Kind::Error);
  EXPECT_EQ(length_of({}).n, 0U);
}

}  // namespace
}  // namespace ashlar::dm
