// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/lies_on.h"

#include <gtest/gtest.h>

#include "support/vg_builder.h"

namespace ashlar {
namespace {
using test::VgBuilder;
using Lvs = std::vector<std::size_t>;

std::string mirror_of(const std::string& lv) { return "mirror_count = 1\nmirrors = [\"" + lv + "\", 0]\n"; }

TEST(LvsOnPvs, AreFoundAtAnyDepthAndOnce) {
  const VolumeGroup vg = VgBuilder()
                             .pv("a", 20)
                             .pv("b", 20)
                             .foreign("top", 3, "mirror", mirror_of("mid"))
                             .lv("two", {{"a", 0, 2}, {"a", 4, 2}, {"b", 0, 1}})
                             .foreign("mid", 3, "mirror", mirror_of("low"))
                             .lv("low", {{"b", 4, 3}})
                             .lv("other", {{"a", 8, 1}})
                             .vg;
  const LvsOnPvs lvs(vg);
  EXPECT_EQ(lvs.on(vg.pvs[0].id), (Lvs{1, 4}));
  EXPECT_EQ(lvs.on(vg.pvs[1].id), (Lvs{0, 1, 2, 3}));
  EXPECT_EQ(lvs.on(test::id_of("nowhere")), Lvs{});
  const auto users = first_users(vg);
  EXPECT_EQ(users.size(), 2U);
  EXPECT_EQ(users.at("mid"), "top");
  EXPECT_EQ(users.at("low"), "mid");
}

TEST(LvsOnPvs, OfACircleAreFoundToo) {
  VgBuilder builder;
  builder.pv("a", 20)
      .lv("x", {{"a", 0, 2}})
      .foreign("m", 2, "mirror", "mirror_count = 2\nmirrors = [\"x\", 0, \"n\", 0]\n")
      .foreign("n", 2, "mirror", mirror_of("m"));
  EXPECT_EQ(LvsOnPvs(builder.vg).on(builder.vg.pvs[0].id), (Lvs{0, 1, 2}));
}

}  // namespace
}  // namespace ashlar
