// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/difference.h"

#include <gtest/gtest.h>

#include "metadata/model/recount.h"
#include "support/vg_builder.h"

namespace ashlar {
namespace {

using test::id_of;
using test::VgBuilder;
using Runs = std::vector<PeRun>;
using Words = std::vector<std::string>;

TEST(Difference, OfEqualVgsIsNone) {
  VolumeGroup vg = VgBuilder().pv("pv0", 10).lv("a", {{"pv0", 0, 5}}).vg;
  VgDifference d = difference(&vg, &vg);
  EXPECT_EQ(d.fate, Fate::Unchanged);
  EXPECT_TRUE(d.lvs.empty());
  ASSERT_EQ(d.pvs.size(), 1U);
  EXPECT_EQ(d.pvs[0].fate, Fate::Unchanged);
  EXPECT_TRUE(d.pvs[0].taken.empty() && d.pvs[0].freed.empty());
}

TEST(Difference, TellsLvsMadeRemovedAndResizedWithTheirExtents) {
  VolumeGroup before = VgBuilder().pv("pv0", 20).lv("a", {{"pv0", 0, 5}}).lv("b", {{"pv0", 5, 2}}).vg;
  VolumeGroup after = VgBuilder().pv("pv0", 20).lv("a", {{"pv0", 0, 5}, {"pv0", 8, 2}}).lv("c", {{"pv0", 10, 1}}).vg;
  VgDifference d = difference(&before, &after);
  EXPECT_EQ(d.fate, Fate::Changed);
  ASSERT_EQ(d.lvs.size(), 3U);
  EXPECT_EQ(d.lvs[0].name, "a");
  EXPECT_EQ(d.lvs[0].before.n, 5U);
  EXPECT_EQ(d.lvs[0].after.n, 7U);
  EXPECT_EQ(d.lvs[1].fate, Fate::Made);
  EXPECT_EQ(d.lvs[2].fate, Fate::Removed);
  EXPECT_EQ(d.pvs[0].taken, (Runs{{{8}, {3}}}));
  EXPECT_EQ(d.pvs[0].freed, (Runs{{{5}, {2}}}));
  EXPECT_EQ(d.pvs[0].free_before.n, 13U);
  EXPECT_EQ(d.pvs[0].free_after.n, 12U);
}

TEST(Difference, CountsExtentsThatGoFromOneLvToAnotherAsFreedAndTaken) {
  VolumeGroup before = VgBuilder().pv("pv0", 10).lv("a", {{"pv0", 0, 6}}).vg;
  VolumeGroup after = VgBuilder().pv("pv0", 10).lv("a", {{"pv0", 0, 4}}).lv("b", {{"pv0", 4, 2}}).vg;
  VgDifference d = difference(&before, &after);
  EXPECT_EQ(d.pvs[0].taken, (Runs{{{4}, {2}}}));
  EXPECT_EQ(d.pvs[0].freed, (Runs{{{4}, {2}}}));
  EXPECT_EQ(d.pvs[0].free_before, d.pvs[0].free_after);
}

TEST(Difference, KnowsARenameByTheIdAndTellsProperties) {
  VolumeGroup before = VgBuilder().pv("pv0", 10).lv("a", {{"pv0", 0, 6}}).tag("old").vg;
  VolumeGroup after = before;
  after.lvs[0].name = "b";
  after.lvs[0].tags = {"new"};
  after.lvs[0].status.set(LvFlag::Write, false);
  after.alloc = AllocPolicy::Cling;
  VgDifference d = difference(&before, &after);
  ASSERT_EQ(d.lvs.size(), 1U);
  EXPECT_EQ(d.lvs[0].old_name, "a");
  EXPECT_EQ(d.lvs[0].what, (Words{"tag new added", "tag old removed", "read-only"}));
  EXPECT_EQ(d.what, (Words{"allocation policy cling instead of normal"}));
}

TEST(Difference, OfIdsAndOfTheExtentsSizeIsNoneOfWhatLiesWhere) {
  VolumeGroup before = VgBuilder().pv("pv0", 20).lv("a", {{"pv0", 2, 6}}).vg;
  VolumeGroup after = before;
  rename_pv(after, id_of("pv0"), id_of("new"));
  after.id = id_of("other");
  VgDifference d = difference(&before, &after);
  EXPECT_TRUE(d.lvs.empty());
  ASSERT_EQ(d.pvs.size(), 1U);
  EXPECT_EQ(d.pvs[0].fate, Fate::Changed);
  EXPECT_EQ(d.pvs[0].what, (Words{"id " + id_of("new").dashed() + " instead of " + id_of("pv0").dashed()}));
  EXPECT_TRUE(d.pvs[0].taken.empty() && d.pvs[0].freed.empty());
  EXPECT_EQ(d.what, (Words{"id " + id_of("other").dashed() + " instead of " + before.id.dashed()}));

  after = before;
  const Recount half(before.extent_size, Sectors{before.extent_size.n / 2});
  after.extent_size = Sectors{before.extent_size.n / 2};
  half.apply(after.pvs[0].pe_count);
  half.apply(after.lvs[0].segments[0]);
  d = difference(&before, &after);
  EXPECT_EQ(d.fate, Fate::Changed);
  EXPECT_TRUE(d.lvs.empty());
  EXPECT_TRUE(d.pvs[0].taken.empty() && d.pvs[0].freed.empty());
  EXPECT_EQ(d.pvs[0].free_before.n, 28U);
  EXPECT_EQ(d.pvs[0].free_after.n, 28U);
  EXPECT_EQ(d.what.size(), 1U);
  // Beside it, what is another change is told.
  after.lvs[0].segments[0].length = Extents{10};
  EXPECT_EQ(difference(&before, &after).lvs.size(), 1U);
}

TEST(Difference, TellsPvsThatJoinAndLeave) {
  VolumeGroup before = VgBuilder().pv("pv0", 10).pv("pv1", 10).vg;
  VolumeGroup after = VgBuilder().pv("pv0", 10).pv("pv2", 30).vg;
  VgDifference d = difference(&before, &after);
  ASSERT_EQ(d.pvs.size(), 3U);
  EXPECT_EQ(d.pvs[1].fate, Fate::Made);
  EXPECT_EQ(d.pvs[1].id, id_of("pv2"));
  EXPECT_EQ(d.pvs[1].free_after.n, 30U);
  EXPECT_EQ(d.pvs[2].fate, Fate::Removed);
  EXPECT_EQ(d.pvs[2].id, id_of("pv1"));
}

TEST(Difference, OfAVgThatIsMadeOrRemovedIsAllOfIt) {
  VolumeGroup vg = VgBuilder().pv("pv0", 10).lv("a", {{"pv0", 2, 6}}).vg;
  VgDifference made = difference(nullptr, &vg);
  EXPECT_EQ(made.fate, Fate::Made);
  EXPECT_EQ(made.lvs.at(0).fate, Fate::Made);
  EXPECT_EQ(made.pvs.at(0).taken, (Runs{{{2}, {6}}}));
  VgDifference removed = difference(&vg, nullptr);
  EXPECT_EQ(removed.fate, Fate::Removed);
  EXPECT_EQ(removed.lvs.at(0).fate, Fate::Removed);
  EXPECT_EQ(removed.pvs.at(0).freed, (Runs{{{2}, {6}}}));
}

}  // namespace
}  // namespace ashlar
