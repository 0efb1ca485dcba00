// SPDX-License-Identifier: LGPL-2.1-or-later
// The largest request is one that succeeds, and the next larger one fails.
#include "plan/largest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/generators.h"

namespace ashlar::plan {
namespace {

using test::VgBuilder;

ResizeLv growth_of(const std::string& lv) {
  ResizeLv request;
  request.lv = lv;
  return request;
}

TEST(Largest, GrowthFollowsPolicyAndStripes) {
  const VolumeGroup vg = VgBuilder("vg0")
                             .pv("pv0", 20)
                             .pv("pv1", 10)
                             .lv("a", {{"pv0", 0, 5}})
                             .lv("b", {{"pv0", 8, 2}})
                             .striped("s", {{"pv0", 10, 1}, {"pv1", 0, 1}})
                             .vg;
  ResizeLv request = growth_of("a");
  EXPECT_EQ(largest_growth(vg, request).extents.n, 3U + 9 + 9);
  request.alloc = AllocPolicy::Contiguous;
  EXPECT_EQ(largest_growth(vg, request).extents.n, 3U);
  EXPECT_EQ(largest_growth(vg, growth_of("s")).extents.n % 2, 0U);
}

TEST(Largest, OfAFullVgIsNothingAndSaysWhy) {
  const VolumeGroup vg = VgBuilder("vg0").pv("pv0", 5).lv("a", {{"pv0", 0, 5}}).vg;
  const Largest none = largest_growth(vg, growth_of("a"));
  EXPECT_EQ(none.extents.n, 0U);
  EXPECT_NE(none.refusal, "");
}

TEST(Largest, OfALvThatOthersLieOnIsNothing) {
  const VolumeGroup vg = VgBuilder("vg0")
                             .pv("pv0", 9)
                             .lv("m", {{"pv0", 0, 1}})
                             .hidden()
                             .lv("d", {{"pv0", 1, 2}})
                             .hidden()
                             .foreign("pool", 2, "thin-pool", "metadata=\"m\"\npool=\"d\"\nchunk_size=128")
                             .vg;
  EXPECT_NE(largest_growth(vg, growth_of("d")).refusal.find("it is part of logical volume vg0/pool"),
            std::string::npos);
}

RC_GTEST_PROP(LargestOfAnyVg, SucceedsAndTheNextFails, ()) {
  const VolumeGroup vg = *test::any_vg();
  const AllocPolicy policy = *rc::gen::element(AllocPolicy::Contiguous, AllocPolicy::Normal, AllocPolicy::Anywhere);
  SeededRandom random(1);
  CreateLv create;
  create.alloc = policy;
  const std::uint64_t most = largest_new(vg, create, random).extents.n;
  auto creates = [&](std::uint64_t extents) {
    create.size.amount = Extents{extents};
    return create_lv(vg, create, random).ok();
  };
  RC_ASSERT(most == 0 || creates(most));
  RC_ASSERT(!creates(most + 1));
}

}  // namespace
}  // namespace ashlar::plan
