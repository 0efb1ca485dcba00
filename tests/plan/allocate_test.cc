// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/allocate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "support/vg_builder.h"

namespace ashlar::plan {
namespace {

using test::id_of;
using test::VgBuilder;
using testing::ElementsAre;
using testing::HasSubstr;

VolumeGroup two_pvs() { return VgBuilder("vg0").pv("pv0", 31).pv("pv1", 31).lv("a", {{"pv0", 5, 5}}).vg; }

std::vector<Space> spaces_of(const VolumeGroup& vg, std::optional<std::vector<PvChoice>> pvs = {}) {
  std::vector<std::string> notes;
  return candidates(vg, pvs, {}, notes).value();
}

std::string refusal(const VolumeGroup& vg, std::vector<PvChoice> pvs) {
  std::vector<std::string> notes;
  auto found = candidates(vg, std::move(pvs), {}, notes);
  return found.ok() ? "" : found.error().message();
}

PeRun run(std::uint64_t start, std::uint64_t length) { return {{start}, {length}}; }

TEST(Candidates, AreTheFreeRunsOfAllPvs) {
  std::vector<Space> spaces = spaces_of(two_pvs());
  ASSERT_EQ(spaces.size(), 2u);
  EXPECT_THAT(spaces[0].runs, ElementsAre(run(0, 5), run(10, 21)));
  EXPECT_EQ(extents_in(spaces), Extents{57});
}

TEST(Candidates, LeaveOutMissingFullAndUnallocatablePvs) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 9).pv("pv1", 9).pv("pv2", 9).pv("pv3", 9).lv("a", {{"pv2", 0, 9}}).vg;
  vg.pvs[0].status.set(PvFlag::Missing);
  vg.pvs[1].status.set(PvFlag::Allocatable, false);
  std::vector<Space> spaces = spaces_of(vg);
  ASSERT_EQ(spaces.size(), 1u);
  EXPECT_EQ(spaces[0].pv, 3u);

  std::vector<std::string> notes;
  std::optional<std::vector<PvChoice>> all{
      {{id_of("pv0"), {}}, {id_of("pv1"), {}}, {id_of("pv2"), {}}, {id_of("pv3"), {}}}};
  EXPECT_EQ(candidates(vg, all, {}, notes).value().size(), 1u);
  EXPECT_THAT(notes, ElementsAre("WARNING: Physical volume pv0 not allocatable.",
                                 "WARNING: Physical volume pv1 not allocatable.",
                                 "WARNING: No free extents on physical volume \"pv2\"."));
  EXPECT_EQ(refusal(vg, {{id_of("pv0"), {}}, {id_of("pv2"), {}}}), "No specified PVs have space available.");
}

TEST(Candidates, AreClippedToTheRangesInTheOrderGiven) {
  std::vector<PvChoice> pvs = {{id_of("pv1"), {run(20, 5)}}, {id_of("pv0"), {run(8, 4)}}, {id_of("pv1"), {run(0, 3)}}};
  std::vector<Space> spaces = spaces_of(two_pvs(), pvs);
  ASSERT_EQ(spaces.size(), 2u);
  EXPECT_EQ(spaces[0].pv, 1u);
  EXPECT_THAT(spaces[0].runs, ElementsAre(run(20, 5), run(0, 3)));
  EXPECT_THAT(spaces[1].runs, ElementsAre(run(10, 2)));
}

TEST(Candidates, RefuseRangesThatAreNone) {
  VolumeGroup vg = two_pvs();
  EXPECT_THAT(refusal(vg, {{id_of("pv0"), {run(29, 3)}}}),
              HasSubstr("PE range error: start extent 29 to end extent 31."));
  EXPECT_THAT(refusal(vg, {{id_of("pv0"), {run(29, ~0ull)}}}), HasSubstr("PE range error"));
  EXPECT_THAT(refusal(vg, {{id_of("pv0"), {run(3, 0)}}}), HasSubstr("PE range error"));
  EXPECT_EQ(refusal(vg, {{id_of("pv0"), {run(1, 3), run(3, 2)}}}),
            "Overlapping PE ranges specified (3-4, 1-3) on pv0.");
  EXPECT_EQ(refusal(vg, {{id_of("pv0"), {}}, {id_of("pv0"), {}}}),
            "Overlapping PE ranges specified (0-30, 0-30) on pv0.");
  EXPECT_THAT(refusal(vg, {{id_of("gone"), {}}}), HasSubstr("not found in Volume Group \"vg0\"."));
}

TEST(AppendSegments, JoinsOnlyWhatContinuesOnEveryArea) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).pv("pv1", 31).striped("s", {{"pv0", 0, 2}, {"pv1", 0, 2}}).vg;
  LogicalVolume& lv = vg.lvs[0];
  auto next = [&](std::uint64_t on_pv0, std::uint64_t on_pv1) {
    return Segment{
        lv.extents(), {2}, {}, Striped{{128}, {PvArea{id_of("pv0"), {on_pv0}}, PvArea{id_of("pv1"), {on_pv1}}}}, {}};
  };
  append_segments(lv, {next(2, 2)});
  EXPECT_EQ(lv.segments.size(), 1u);
  EXPECT_EQ(lv.extents(), Extents{6});
  append_segments(lv, {next(3, 4)});
  EXPECT_EQ(lv.segments.size(), 2u);
  Segment other = next(4, 5);
  std::get<Striped>(other.body).stripe_size = {256};
  append_segments(lv, {other});
  EXPECT_EQ(lv.segments.size(), 3u) << "another stripe size";
  Segment tagged = next(5, 6);
  std::get<Striped>(tagged.body).stripe_size = {256};
  tagged.tags = {"t"};
  append_segments(lv, {tagged});
  EXPECT_EQ(lv.segments.size(), 4u) << "other tags";
}

/// 100,000 runs of one to three extents, a used one between each.
VolumeGroup holes() {
  VgBuilder builder("vg0");
  builder.pv("pv0", 300'000).pv("pv1", 10);
  std::vector<test::Pes> used;
  for (std::uint64_t start = 0; start + 3 < 300'000; start += 3) used.push_back({"pv0", start, 1 + start / 3 % 2});
  builder.lv("used", used);
  return builder.vg;
}

TEST(Allocate, FindsRoomAmongAHundredThousandHolesQuickly) {
  VolumeGroup vg = holes();
  std::vector<Space> spaces = spaces_of(vg);
  for (std::uint64_t extents : {2u, 10u, 5000u, 149'000u}) {
    Wanted wanted{.extents = {extents}};
    auto start = std::chrono::steady_clock::now();
    Allocation found = allocate(vg, nullptr, spaces, wanted);
    auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(found.short_by, Extents{}) << extents;
    // Optimised a few milliseconds, most of it for sorting the runs; a pass over all runs for each takes minutes.
    EXPECT_LT(took, std::chrono::seconds(5)) << extents;
  }
}

TEST(Allocate, TellsHowMuchIsMissing) {
  VolumeGroup vg = two_pvs();
  EXPECT_EQ(allocate(vg, nullptr, spaces_of(vg), {.extents = {60}}).short_by, Extents{3});
  EXPECT_EQ(allocate(vg, nullptr, spaces_of(vg), {.extents = {40}, .policy = AllocPolicy::Contiguous}).short_by,
            Extents{40});
}

TEST(Allocate, KeepsToPvsThatShareAListedTag) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 10).pv("pv1", 50).pv("pv2", 10).lv("a", {{"pv0", 0, 10}}).vg;
  vg.pvs[0].tags = {"rack1"};
  vg.pvs[2].tags = {"rack1"};
  std::vector<std::string> tags = {"@rack1"};
  Wanted wanted{.extents = {5}, .policy = AllocPolicy::Cling, .cling_tags = tags};
  Allocation found = allocate(vg, &vg.lvs[0], spaces_of(vg), wanted);
  ASSERT_EQ(found.segments.size(), 1u);
  EXPECT_EQ(std::get<PvArea>(std::get<Striped>(found.segments[0].body).areas[0]).pv, id_of("pv2"));
  wanted.cling_tags = {};
  EXPECT_EQ(allocate(vg, &vg.lvs[0], spaces_of(vg), wanted).short_by, Extents{5});
}

}  // namespace
}  // namespace ashlar::plan
