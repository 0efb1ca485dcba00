// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/permission.h"

#include <gtest/gtest.h>

#include "support/vg_builder.h"

namespace ashlar::dm {
namespace {

VolumeGroup tagged() {
  VolumeGroup vg = test::VgBuilder("vg0").pv("vda", 10).lv("data", {{"vda", 0, 1}}).tag("db").vg;
  vg.tags = {"prod"};
  return vg;
}

std::optional<Denial::Reason> denied(const ActivationRules& rules, const VolumeGroup& vg,
                                     const ActivationRequest& request = {}) {
  const std::optional<Denial> denial = activation_denied(rules, vg, vg.lvs[0], request);
  if (!denial) return std::nullopt;
  EXPECT_NE(denial->message.find("vg0/data"), std::string::npos);
  return denial->reason;
}

TEST(VolumeList, EntriesMatchByVgLvAndTag) {
  const VolumeGroup vg = tagged();
  const struct {
    std::vector<std::string> list;
    bool matches;
  } cases[] = {
      {{}, false},
      {{"vg0"}, true},
      {{"vg"}, false},
      {{"vg00"}, false},
      {{"vg0/data"}, true},
      {{"vg0/dat"}, false},
      {{"vg0/"}, false},
      {{"vg0/data/"}, false},
      {{"vg1/data"}, false},
      {{"data"}, false},
      {{"/dev/vg0/data"}, false},
      {{"@db"}, true},
      {{"@prod"}, true},
      {{"@host1"}, false},
      {{"@"}, false},
      {{"@*"}, false},
      {{"db"}, false},
      {{""}, false},
      {{"vg1", "other/lv", "vg0/data"}, true},
  };
  for (const auto& each : cases)
    EXPECT_EQ(list_matches(each.list, {"host1"}, vg, vg.lvs[0]), each.matches)
        << (each.list.empty() ? "[]" : each.list.front());
}

TEST(VolumeList, AtStarMatchesWhenATagOfTheHostIsOnTheLvOrItsVg) {
  const VolumeGroup vg = tagged();
  EXPECT_TRUE(list_matches({"@*"}, {"x", "db"}, vg, vg.lvs[0]));
  EXPECT_TRUE(list_matches({"@*"}, {"prod"}, vg, vg.lvs[0]));
  EXPECT_FALSE(list_matches({"@*"}, {}, vg, vg.lvs[0]));
}

TEST(ActivationPermission, WithoutAListIsGivenUnlessTheHostHasTags) {
  const VolumeGroup vg = tagged();
  EXPECT_EQ(denied({}, vg), std::nullopt);
  ActivationRules rules;
  rules.host_tags = {"host1"};
  EXPECT_EQ(denied(rules, vg), Denial::Reason::NotListed);
  rules.host_tags = {"host1", "prod"};
  EXPECT_EQ(denied(rules, vg), std::nullopt);
}

TEST(ActivationPermission, WithAnEmptyListIsNotGiven) {
  ActivationRules rules;
  rules.volume_list.emplace();
  EXPECT_EQ(denied(rules, tagged()), Denial::Reason::NotListed);
  rules.volume_list = {{"vg0"}};
  EXPECT_EQ(denied(rules, tagged()), std::nullopt);
}

TEST(ActivationPermission, ListForAutomaticActivationIsForThatOnly) {
  ActivationRules rules;
  rules.auto_activation_volume_list.emplace();
  EXPECT_EQ(denied(rules, tagged()), std::nullopt);
  EXPECT_EQ(denied(rules, tagged(), {.automatic = true}), Denial::Reason::NotAutoListed);
  rules.auto_activation_volume_list = {{"@db"}};
  EXPECT_EQ(denied(rules, tagged(), {.automatic = true}), std::nullopt);
}

TEST(ActivationPermission, SkipFlagIsOverriddenByTheOptionOnly) {
  VolumeGroup vg = tagged();
  vg.lvs[0].status.set(LvFlag::ActivationSkip);
  EXPECT_EQ(denied({}, vg), Denial::Reason::ActivationSkip);
  EXPECT_EQ(denied({}, vg, {.automatic = true}), Denial::Reason::ActivationSkip);
  EXPECT_EQ(denied({}, vg, {.ignore_skip = true}), std::nullopt);
}

TEST(ActivationPermission, NoAutoActivationOfVgOrLvStopsAutomaticActivationOnly) {
  VolumeGroup vg = tagged();
  vg.lvs[0].status.set(LvFlag::NoAutoActivate);
  EXPECT_EQ(denied({}, vg), std::nullopt);
  EXPECT_EQ(denied({}, vg, {.automatic = true}), Denial::Reason::NoAutoActivate);
  vg = tagged();
  vg.status.set(VgFlag::NoAutoActivate);
  EXPECT_EQ(denied({}, vg, {.automatic = true}), Denial::Reason::NoAutoActivate);
  EXPECT_EQ(denied({}, vg), std::nullopt);
}

TEST(ActivationPermission, ReadOnlyListMakesItsMatchesReadOnly) {
  const VolumeGroup vg = tagged();
  ActivationRules rules;
  EXPECT_FALSE(forced_read_only(rules, vg, vg.lvs[0]));
  rules.read_only_volume_list = {{"vg0/data"}};
  EXPECT_TRUE(forced_read_only(rules, vg, vg.lvs[0]));
  rules.read_only_volume_list.emplace();
  EXPECT_FALSE(forced_read_only(rules, vg, vg.lvs[0]));
}

}  // namespace
}  // namespace ashlar::dm
