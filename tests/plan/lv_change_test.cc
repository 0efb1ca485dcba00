// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "support/vg_builder.h"

namespace ashlar::plan {
namespace {

using test::VgBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

VolumeGroup vg0() {
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).lv("a", {{"pv0", 0, 3}}).lv("b", {{"pv0", 3, 3}});
  builder.lv("tp_tmeta", {{"pv0", 10, 1}}).hidden().lv("tp_tdata", {{"pv0", 11, 4}}).hidden();
  builder.foreign("tp", 4, "thin-pool", "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"");
  builder.foreign("th", 4, "thin", "thin_pool=\"tp\"\ndevice_id=1");
  return builder.vg;
}

template <class T>
std::string message(const Result<T>& result) {
  return result.ok() ? "worked" : result.error().message();
}

ChangeLv change(const std::string& lv) {
  ChangeLv wanted;
  wanted.lv = lv;
  return wanted;
}

TEST(RemoveLv, TakesOutThisOneAlone) {
  Planned planned = remove_lv(vg0(), "a").value();
  EXPECT_EQ(find_lv(planned.vg, "a"), nullptr);
  EXPECT_EQ(planned.vg.lvs.size(), vg0().lvs.size() - 1);
  EXPECT_EQ(planned.vg.lvs[0].name, "b");
  EXPECT_EQ(planned.lv, "a");
}

TEST(RemoveLv, RefusesPartsAndWholesOfOtherTypes) {
  EXPECT_EQ(message(remove_lv(vg0(), "nope")), "Failed to find logical volume \"vg0/nope\"");
  EXPECT_THAT(message(remove_lv(vg0(), "tp_tdata")), HasSubstr("it is part of logical volume vg0/tp (type thin-pool)"));
  EXPECT_THAT(message(remove_lv(vg0(), "tp")), HasSubstr("it is part of logical volume vg0/th (type thin)"));
  EXPECT_THAT(message(remove_lv(vg0(), "th")), HasSubstr("it has segments of type \"thin\""));
  EXPECT_EQ(remove_lv(vg0(), "th").error().code(), Errc::Refused);
}

TEST(RemoveLv, RefusesTheOriginOfASnapshot) {
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).lv("org", {{"pv0", 0, 3}}).lv("sn", {{"pv0", 3, 1}}).hidden();
  builder.foreign("snapshot0", 3, "snapshot", "chunk_size=8\norigin=\"org\"\ncow_store=\"sn\"");
  EXPECT_THAT(message(remove_lv(builder.vg, "org")), HasSubstr("part of logical volume vg0/snapshot0 (type snapshot)"));
  EXPECT_THAT(message(remove_lv(builder.vg, "sn")), HasSubstr("part of logical volume vg0/snapshot0 (type snapshot)"));
}

TEST(RenameLv, ChangesTheNameAlone) {
  VolumeGroup vg = vg0();
  Planned planned = rename_lv(vg, "a", "data").value();
  EXPECT_EQ(planned.lv, "data");
  planned.vg.lvs[0].name = "a";
  EXPECT_EQ(planned.vg, vg);
}

TEST(RenameLv, RefusesTakenReservedAndIllegalNames) {
  EXPECT_EQ(message(rename_lv(vg0(), "a", "b")), "Logical Volume \"b\" already exists in volume group \"vg0\"");
  EXPECT_EQ(message(rename_lv(vg0(), "a", "a")), "Old and new logical volume names must differ");
  EXPECT_THAT(message(rename_lv(vg0(), "a", "pvmove1")), StartsWith("Names starting \"pvmove\" are reserved."));
  EXPECT_THAT(message(rename_lv(vg0(), "a", "b!")), HasSubstr("is not valid"));
  EXPECT_THAT(message(rename_lv(vg0(), "tp_tmeta", "x")), HasSubstr("part of logical volume vg0/tp"));
  EXPECT_THAT(message(rename_lv(vg0(), "tp", "x")), HasSubstr("part of logical volume vg0/th"));
}

TEST(ChangeLv, KeepsTagsInTheOrderOfTheirAdditionAndAddsBeforeItDeletes) {
  ChangeLv wanted = change("a");
  wanted.add_tags = {"m", "b", "m"};
  VolumeGroup vg = change_lv(vg0(), wanted)->vg;
  EXPECT_THAT(find_lv(vg, "a")->tags, ElementsAre("m", "b"));
  wanted.add_tags = {"b", "z"};
  wanted.del_tags = {"b", "m", "unknown"};
  EXPECT_THAT(find_lv(change_lv(vg, wanted)->vg, "a")->tags, ElementsAre("z"));
  wanted.add_tags = {"bad tag"};
  EXPECT_THAT(message(change_lv(vg, wanted)), HasSubstr("Tag \"bad tag\" is not valid"));
}

TEST(ChangeLv, SetsPermissionPolicyReadaheadAndFlags) {
  ChangeLv wanted = change("a");
  wanted.writable = false;
  wanted.alloc = AllocPolicy::Cling;
  wanted.read_ahead = 128;
  wanted.activation_skip = true;
  wanted.autoactivate = false;
  VolumeGroup vg = change_lv(vg0(), wanted)->vg;
  const LogicalVolume& lv = *find_lv(vg, "a");
  EXPECT_FALSE(lv.status.has(LvFlag::Write));
  EXPECT_EQ(lv.alloc, AllocPolicy::Cling);
  EXPECT_EQ(lv.read_ahead, 128);
  EXPECT_TRUE(lv.status.has(LvFlag::ActivationSkip) && lv.status.has(LvFlag::NoAutoActivate));

  wanted = change("a");
  wanted.read_ahead = 0;
  EXPECT_EQ(find_lv(change_lv(vg, wanted)->vg, "a")->read_ahead, std::nullopt) << "auto is not written";
  wanted.read_ahead = -1;
  EXPECT_EQ(find_lv(change_lv(vg, wanted)->vg, "a")->read_ahead, -1);
}

TEST(ChangeLv, SaysWhatIsAlreadySo) {
  ChangeLv wanted = change("a");
  wanted.writable = true;
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Logical volume \"vg0/a\" is already writable.");
  wanted = change("a");
  wanted.alloc = AllocPolicy::Inherit;
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Allocation policy of logical volume vg0/a is already inherit.");
  wanted = change("a");
  wanted.read_ahead = 0;
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Read ahead is already auto for vg0/a.");
  wanted = change("a");
  wanted.persistent = false;
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Minor number is already not persistent for vg0/a.");
}

TEST(ChangeLv, FixesAndForgetsTheDeviceNumber) {
  ChangeLv wanted = change("a");
  wanted.persistent = true;
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Please specify minor number with --minor when using -My.");
  wanted.minor = 300;
  wanted.major = 253;
  VolumeGroup vg = change_lv(vg0(), wanted)->vg;
  EXPECT_TRUE(find_lv(vg, "a")->status.has(LvFlag::FixedMinor));
  EXPECT_EQ(find_lv(vg, "a")->minor, 300);
  EXPECT_EQ(find_lv(vg, "a")->major, 253);
  wanted = change("a");
  wanted.persistent = false;
  VolumeGroup forgotten = change_lv(vg, wanted)->vg;
  EXPECT_EQ(forgotten, vg0());
  wanted.minor = 5;
  EXPECT_EQ(message(change_lv(vg, wanted)), "Options --major and --minor are incompatible with -Mn.");
}

TEST(ChangeLv, AllowsTagsAndFlagsOnOtherTypesButNotTheirDevice) {
  ChangeLv wanted = change("th");
  wanted.add_tags = {"x"};
  wanted.activation_skip = true;
  EXPECT_THAT(message(change_lv(vg0(), wanted)), "worked");
  wanted.writable = false;
  EXPECT_THAT(message(change_lv(vg0(), wanted)), HasSubstr("it has segments of type \"thin\""));
  wanted = change("tp_tdata");
  wanted.add_tags = {"x"};
  EXPECT_EQ(message(change_lv(vg0(), wanted)), "Operation not permitted on hidden LV vg0/tp_tdata.");
}

TEST(ChangeLv, KnowsThatTheCowOfASnapshotIsTheLvPeopleSee) {
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).lv("org", {{"pv0", 0, 3}}).lv("sn", {{"pv0", 3, 1}}).hidden();
  builder.foreign("snapshot0", 3, "snapshot", "chunk_size=8\norigin=\"org\"\ncow_store=\"sn\"");
  ChangeLv wanted = change("sn");
  wanted.add_tags = {"x"};
  EXPECT_EQ(message(change_lv(builder.vg, wanted)), "worked");
  wanted.lv = "snapshot0";
  EXPECT_THAT(message(change_lv(builder.vg, wanted)), HasSubstr("hidden"));
}

}  // namespace
}  // namespace ashlar::plan
