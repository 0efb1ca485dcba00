// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/vg_builder.h"

namespace ashlar {
namespace {

using test::id_of;
using test::VgBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

VgBuilder two_pvs() {
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).pv("pv1", 31);
  return builder;
}

std::vector<PeRun> runs(std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> pairs) {
  std::vector<PeRun> result;
  for (auto [start, length] : pairs) result.push_back({{start}, {length}});
  return result;
}

TEST(PvUsage, JoinsAdjacentRunsAndListsTheGaps) {
  VolumeGroup vg =
      two_pvs().lv("a", {{"pv0", 5, 5}}).lv("b", {{"pv0", 10, 2}, {"pv1", 0, 31}}).lv("c", {{"pv0", 20, 1}}).vg;
  std::vector<PvUsage> usage = pv_usage(vg);
  EXPECT_EQ(usage[0].used, runs({{5, 7}, {20, 1}}));
  EXPECT_EQ(usage[0].free, runs({{0, 5}, {12, 8}, {21, 10}}));
  EXPECT_EQ(usage[0].used_extents, Extents{8});
  EXPECT_EQ(usage[0].free_extents, Extents{23});
  EXPECT_THAT(usage[1].free, IsEmpty());
  EXPECT_EQ(free_extents(vg), Extents{23});
  EXPECT_EQ(total_extents(vg), Extents{62});
}

TEST(PvUsage, CountsEachStripeOnItsPv) {
  VolumeGroup vg = two_pvs().striped("s", {{"pv0", 3, 4}, {"pv1", 9, 4}}).vg;
  std::vector<PvUsage> usage = pv_usage(vg);
  EXPECT_EQ(usage[0].used, runs({{3, 4}}));
  EXPECT_EQ(usage[1].used, runs({{9, 4}}));
}

TEST(PvUsage, CountsMirrorLegsThatLieOnPvs) {
  VolumeGroup vg =
      two_pvs().foreign("pvmove0", 4, "mirror", "mirror_count=2\nregion_size=4096\nmirrors=[\"pv0\",6,\"pv1\",0]").vg;
  std::vector<PvUsage> usage = pv_usage(vg);
  EXPECT_EQ(usage[0].used, runs({{6, 4}}));
  EXPECT_EQ(usage[1].used, runs({{0, 4}}));
}

TEST(PvUsage, SurvivesReferencesThatLeadNowhere) {
  VolumeGroup vg = two_pvs().lv("a", {{"pv0", 25, 100}, {"pv0", 1000, 2}, {"gone", 0, 5}}).lv("e", {}).vg;
  vg.lvs[0].segments.push_back({{}, {7}, {}, Striped{}, {}});
  vg.lvs[0].segments.push_back({{}, {~0ull}, {}, Striped{{}, {PvArea{id_of("pv1"), {~0ull}}}}, {}});
  std::vector<PvUsage> usage = pv_usage(vg);
  EXPECT_EQ(usage[0].used, runs({{25, 6}}));
  EXPECT_THAT(usage[1].used, IsEmpty());
}

TEST(PvUsage, JoinsRunsThatOverlapInADamagedVg) {
  VolumeGroup vg = two_pvs().lv("a", {{"pv0", 0, 10}}).lv("b", {{"pv0", 2, 3}}).lv("c", {{"pv0", 8, 4}}).vg;
  EXPECT_EQ(pv_usage(vg)[0].used, runs({{0, 12}}));
  EXPECT_EQ(pv_usage(vg)[0].free_extents, Extents{19});
}

TEST(ForeignAreas, KnowsThatRaidLiesOnLvsOnly) {
  VolumeGroup vg = two_pvs().foreign("r", 4, "raid1", "device_count=2\nraids=[\"r_rmeta_0\",\"r_rimage_0\"]").vg;
  ForeignAreas found = foreign_areas(vg, vg.lvs[0].segments[0]);
  EXPECT_TRUE(found.known);
  EXPECT_THAT(found.areas, IsEmpty());
}

TEST(ForeignAreas, DistrustsAnUnknownTypeAndOneThatNamesAPvUnexpectedly) {
  VgBuilder builder = two_pvs();
  builder.foreign("a", 4, "futuretype", "stripe_count=1").foreign("b", 4, "thin-pool", "pool=\"x\"\nnear=\"pv1\"");
  builder.foreign("c", 4, "raid1", "raids=[\"pv0\",\"x\"]").foreign("d", 4, "raid1", "deep { list=[1,\"pv0\"] }");
  builder.foreign("e", 4, "striped+NEWFLAG", "stripe_count=1").foreign("f", 4, "cache", "policy = [");
  for (const LogicalVolume& lv : builder.vg.lvs)
    EXPECT_FALSE(foreign_areas(builder.vg, lv.segments[0]).known) << lv.name;
}

TEST(PvUsage, TakesListsThatAreNoPairsForNothing) {
  for (const char* body : {"stripes=[\"pv0\"]", "stripes=\"pv0\"", "stripes=[\"pv0\",\"pv1\"]", "stripes=[5,\"pv0\"]",
                           "other=[\"pv0\"]"}) {
    const VolumeGroup vg = two_pvs().foreign("x", 4, "futuretype", body).vg;
    EXPECT_TRUE(pv_usage(vg)[0].used.empty()) << body;
    EXPECT_FALSE(foreign_areas(vg, vg.lvs[0].segments[0]).known) << body;
  }
}

TEST(PvUsage, CountsWhatAnUnknownTypeSaysItHas) {
  VgBuilder builder = two_pvs();
  builder.foreign("a", 4, "futuretype", "stripe_count=2\nstripes=[\"pv0\",3,\"pv1\",9]");
  builder.foreign("b", 3, "striped+NEWFLAG", "deep { images=[\"pv1\",20,\"pv0\"] }");
  builder.foreign("c", 99, "futuretype", "legs=[\"pv1\",29]");
  std::vector<PvUsage> usage = pv_usage(builder.vg);
  EXPECT_EQ(usage[0].used, runs({{3, 2}}));
  EXPECT_EQ(usage[1].used, runs({{9, 2}, {20, 3}, {29, 2}}));
}

TEST(ForeignAreas, DistrustsAMirrorThatLiesOnNothing) {
  VgBuilder builder = two_pvs();
  builder.foreign("m", 4, "mirror", "");
  EXPECT_FALSE(foreign_areas(builder.vg, builder.vg.lvs[0].segments[0]).known);
}

TEST(ForeignAreas, TakesPvNamesByPositionInTheVg) {
  VgBuilder builder("vg0");
  builder.pv("sdx", 10).pv("sdy", 10);
  builder.foreign("m", 2, "mirror", "mirrors=[\"pv1\",3,\"pv2\",0,\"pv01\",0]");
  ForeignAreas found = foreign_areas(builder.vg, builder.vg.lvs[0].segments[0]);
  EXPECT_THAT(found.areas, ElementsAre(PvArea{id_of("sdy"), {3}})) << "pv2 and pv01 are no sections of this VG";
}

TEST(References, FollowAreasAndForeignKeysBothWays) {
  VgBuilder builder = two_pvs();
  builder.lv("tp_tmeta", {{"pv0", 0, 1}}).hidden().lv("tp_tdata", {{"pv0", 1, 9}}).hidden();
  builder.foreign("tp", 9, "thin-pool",
                  "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"\nchunk_size=128\ndiscards=\"passdown\"");
  builder.foreign("th", 20, "thin", "thin_pool=\"tp\"\ntransaction_id=0\ndevice_id=1");
  builder.foreign("th2", 20, "thin", "thin_pool=\"tp\"\norigin=\"th\"");
  builder.lv("passdown", {{"pv0", 20, 1}});
  const VolumeGroup& vg = builder.vg;
  EXPECT_THAT(used_lvs(vg, *find_lv(vg, "tp")), ElementsAre("tp_tmeta", "tp_tdata"));
  EXPECT_THAT(users_of(vg, "tp"), ElementsAre("th", "th2"));
  EXPECT_THAT(users_of(vg, "th"), ElementsAre("th2"));
  EXPECT_THAT(users_of(vg, "passdown"), IsEmpty()) << "a word of another key is no reference";
}

TEST(References, OfAnUnknownTypeAreAllNamesItMentions) {
  VgBuilder builder = two_pvs();
  builder.lv("a", {{"pv0", 0, 1}}).foreign("x", 1, "futuretype", "whatever=[\"b\",\"a\"]");
  EXPECT_THAT(users_of(builder.vg, "a"), ElementsAre("x"));
  EXPECT_THAT(used_lvs(builder.vg, *find_lv(builder.vg, "x")), ElementsAre("a"));
}

TEST(References, OfAMovedLvAreItsLvAreas) {
  VolumeGroup vg = two_pvs().lv("pvmove0", {{"pv0", 0, 4}}).lv("c", {}).vg;
  vg.lvs[1].segments.push_back({{}, {4}, {}, Striped{{}, {LvArea{"pvmove0", {0}}}}, {}});
  EXPECT_THAT(users_of(vg, "pvmove0"), ElementsAre("c"));
  EXPECT_THAT(used_lvs(vg, vg.lvs[1]), ElementsAre("pvmove0"));
}

TEST(Partial, IsAnLvOnAMissingPvAlsoThroughOthers) {
  VgBuilder builder = two_pvs();
  builder.lv("here", {{"pv0", 0, 4}}).lv("gone", {{"pv1", 0, 4}}).lv("tp_tdata", {{"pv1", 4, 4}}).hidden();
  builder.foreign("tp", 4, "thin-pool", "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"")
      .foreign("th", 9, "thin", "thin_pool=\"tp\"");
  VolumeGroup vg = builder.vg;
  EXPECT_FALSE(is_partial(vg));
  EXPECT_FALSE(is_partial(vg, *find_lv(vg, "gone")));
  find_pv(vg, id_of("pv1"))->status.set(PvFlag::Missing);
  EXPECT_TRUE(is_partial(vg));
  EXPECT_FALSE(is_partial(vg, *find_lv(vg, "here")));
  for (const char* name : {"gone", "tp_tdata", "tp", "th"}) EXPECT_TRUE(is_partial(vg, *find_lv(vg, name))) << name;
}

TEST(Partial, EndsOnACycle) {
  VolumeGroup vg = two_pvs().lv("a", {}).lv("b", {}).vg;
  vg.lvs[0].segments.push_back({{}, {4}, {}, Striped{{}, {LvArea{"b", {0}}}}, {}});
  vg.lvs[1].segments.push_back({{}, {4}, {}, Striped{{}, {LvArea{"a", {0}}}}, {}});
  vg.pvs[0].status.set(PvFlag::Missing);
  EXPECT_FALSE(is_partial(vg, vg.lvs[0]));
}

TEST(TypeName, IsLinearForOneAreaAndTheTypeOnDiskForOthers) {
  VolumeGroup vg = two_pvs()
                       .lv("a", {{"pv0", 0, 1}})
                       .striped("s", {{"pv0", 1, 1}, {"pv1", 1, 1}})
                       .foreign("c", 1, "cache+CACHE_USES_CACHEVOL", "")
                       .vg;
  EXPECT_EQ(type_name(vg.lvs[0].segments[0]), "linear");
  EXPECT_EQ(type_name(vg.lvs[1].segments[0]), "striped");
  EXPECT_EQ(type_name(vg.lvs[2].segments[0]), "cache+CACHE_USES_CACHEVOL");
  EXPECT_EQ(foreign(vg.lvs[0]), nullptr);
  EXPECT_EQ(foreign(vg.lvs[2])->type, "cache+CACHE_USES_CACHEVOL");
}

TEST(VisibleLvCount, LeavesHiddenOnesOut) {
  EXPECT_EQ(visible_lv_count(two_pvs().lv("a", {{"pv0", 0, 1}}).lv("b", {{"pv0", 1, 1}}).hidden().vg), 1u);
}

std::string refusal(const VolumeGroup& vg) {
  Status status = check_writable(vg);
  return status.ok() ? "" : status.error().message();
}

TEST(CheckWritable, AcceptsEveryTypeThatLvm2Writes) {
  VgBuilder builder = two_pvs();
  for (const char* type : {"mirror", "raid5_ls", "raid10_near", "thin-pool", "thin", "cache-pool+METADATA_FORMAT",
                           "writecache", "cache+CACHE_USES_CACHEVOL", "integrity", "snapshot", "error", "zero", "vdo",
                           "vdo-pool", "raid5+RESHAPE+RESHAPE_DELTA_DISKS_PLUS"})
    builder.foreign(std::string("lv_") + std::to_string(builder.vg.lvs.size()), 1, type, "");
  EXPECT_EQ(refusal(builder.vg), "");
}

TEST(CheckWritable, NamesWhatIsNotUnderstood) {
  VolumeGroup good = two_pvs().lv("a", {{"pv0", 0, 1}}).vg;
  EXPECT_EQ(refusal(good), "");

  VolumeGroup vg = good;
  vg.lvs[0].segments.push_back({{1}, {1}, {}, Foreign{"striped+NEWFLAG", ""}, {}});
  EXPECT_THAT(refusal(vg), HasSubstr("Cannot change VG vg0 with unknown segments in it! LV vg0/a has a segment of type "
                                     "\"striped+NEWFLAG\""));
  vg = good;
  vg.status.unknown_status = {"FUTURE"};
  EXPECT_THAT(refusal(vg), HasSubstr("Unknown status flag 'FUTURE' in VG vg0"));
  vg = good;
  vg.pvs[1].status.unknown_status = {"ODD"};
  EXPECT_THAT(refusal(vg), HasSubstr("Unknown status flag 'ODD' in PV pv1 of VG vg0"));
  vg = good;
  vg.lvs[0].status.unknown_status = {"NEW"};
  EXPECT_THAT(refusal(vg), HasSubstr("Unknown status flag 'NEW' in LV vg0/a"));
}

TEST(CheckWritable, IgnoresUnknownCompatibleFlags) {
  VolumeGroup vg = two_pvs().vg;
  vg.status.unknown_flags = {"SOMETHING"};
  EXPECT_EQ(refusal(vg), "");
}

TEST(CheckWritable, RefusesVgsThatAreNotOurs) {
  VolumeGroup good = two_pvs().vg, vg = good;
  vg.status.set(VgFlag::Exported);
  EXPECT_EQ(refusal(vg), "Volume group vg0 is exported: vgimport vg0 takes it in");
  vg = good;
  vg.lock_type = "sanlock";
  EXPECT_THAT(refusal(vg), HasSubstr("shared VG vg0 with lock type \"sanlock\""));
  vg = good;
  vg.status.set(VgFlag::Clustered);
  EXPECT_THAT(refusal(vg), HasSubstr("clustered VG vg0"));
  vg = good;
  vg.status.set(VgFlag::Write, false);
  EXPECT_THAT(refusal(vg), HasSubstr("read-only"));
  vg.status.set(VgFlag::WriteLocked);
  EXPECT_EQ(refusal(vg), "");
  vg = good;
  vg.format = "lvm1";
  EXPECT_THAT(refusal(vg), HasSubstr("format is \"lvm1\""));
  vg = good;
  vg.lock_type = "none";
  EXPECT_EQ(refusal(vg), "");
}

}  // namespace
}  // namespace ashlar
