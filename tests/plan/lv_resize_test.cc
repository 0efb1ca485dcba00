// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "support/vg_builder.h"

namespace ashlar::plan {
namespace {

using namespace literals;
using test::id_of;
using test::VgBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Direction = ResizeLv::Direction;
using Sign = SizeRequest::Sign;

/// a: linear 0-2 of pv0; s: two stripes of two.
VolumeGroup vg0() {
  return VgBuilder("vg0")
      .pv("pv0", 31)
      .pv("pv1", 31)
      .lv("a", {{"pv0", 0, 3}})
      .striped("s", {{"pv0", 10, 2}, {"pv1", 10, 2}})
      .vg;
}

ResizeLv request(const std::string& lv, Direction direction, Sign sign, decltype(SizeRequest::amount) amount) {
  ResizeLv wanted;
  wanted.lv = lv;
  wanted.direction = direction;
  wanted.size = {sign, amount};
  return wanted;
}
ResizeLv extend(const std::string& lv, std::uint64_t extents) {
  return request(lv, Direction::Extend, Sign::Plus, Extents{extents});
}
ResizeLv reduce(const std::string& lv, std::uint64_t extents) {
  return request(lv, Direction::Reduce, Sign::Minus, Extents{extents});
}

Error error_of(const VolumeGroup& vg, const ResizeLv& wanted) {
  Result<Planned> planned = resize_lv(vg, wanted);
  return planned.ok() ? Error(Errc::Io, "worked") : planned.error();
}
std::string refusal(const VolumeGroup& vg, const ResizeLv& wanted) { return error_of(vg, wanted).message(); }

TEST(ExtendLv, GrowsTheLastSegmentWhenTheNextExtentsAreFree) {
  Planned planned = resize_lv(vg0(), extend("a", 4)).value();
  const LogicalVolume& lv = *find_lv(planned.vg, "a");
  ASSERT_EQ(lv.segments.size(), 1u);
  EXPECT_EQ(lv.extents(), Extents{7});
  EXPECT_THAT(planned.notes, IsEmpty());
  EXPECT_EQ(planned.lv, "a");
}

TEST(ExtendLv, MakesANewSegmentWhenSomethingIsInTheWay) {
  Planned planned = resize_lv(vg0(), extend("a", 10)).value();
  const LogicalVolume& lv = *find_lv(planned.vg, "a");
  ASSERT_EQ(lv.segments.size(), 2u) << "0-9, then behind the stripes of s";
  EXPECT_EQ(lv.segments[0].length, Extents{10});
  EXPECT_EQ(lv.segments[1].body, (decltype(Segment::body){Striped{{}, {PvArea{id_of("pv0"), {12}}}}}));
}

TEST(ExtendLv, KeepsTheStripesOfTheLv) {
  Planned planned = resize_lv(vg0(), extend("s", 3)).value();
  EXPECT_EQ(find_lv(planned.vg, "s")->segments.size(), 1u);
  EXPECT_EQ(find_lv(planned.vg, "s")->extents(), Extents{8});
  EXPECT_THAT(planned.notes,
              ElementsAre("Using stripesize of last segment 64.00 KiB",
                          "Rounding size (7 extents) up to stripe boundary size for segment (8 extents)."));
}

TEST(ExtendLv, AsksForStripesWhenSegmentsDisagree) {
  ResizeLv wanted = extend("s", 1);
  wanted.stripes = 1;
  VolumeGroup mixed = resize_lv(vg0(), wanted)->vg;
  EXPECT_EQ(find_lv(mixed, "s")->segments.size(), 2u);
  EXPECT_EQ(refusal(mixed, extend("s", 1)), "Please specify number of stripes (-i) and stripesize (-I)");
  EXPECT_TRUE(resize_lv(mixed, wanted).ok());
}

std::vector<std::string> types(const LogicalVolume& lv) {
  std::vector<std::string> all;
  for (const Segment& each : lv.segments) all.emplace_back(type_name(each));
  return all;
}

TEST(ExtendLv, AddsSegmentsOfTheTypeAskedFor) {
  using Type = ResizeLv::Type;
  VolumeGroup vg = vg0();
  auto grow = [&vg](Type type, std::optional<std::uint32_t> stripes, std::uint64_t extents) {
    ResizeLv wanted = extend("s", extents);
    wanted.type = type;
    wanted.stripes = stripes;
    Planned planned = resize_lv(vg, wanted).value();
    vg = planned.vg;
    return planned.notes;
  };
  EXPECT_THAT(grow(Type::Zero, {}, 1),
              ElementsAre("Logical volume vg0/s is using mixing segment types striped and zero."));
  // The stripes of what is there count for what has none, too.
  EXPECT_THAT(grow(Type::AsTheEnd, {}, 1),
              ElementsAre("Using stripesize of last segment 64.00 KiB",
                          "Rounding size (6 extents) up to stripe boundary size for segment (7 extents)."));
  EXPECT_THAT(grow(Type::Zero, 1, 1), IsEmpty());
  EXPECT_THAT(grow(Type::Striped, 2, 2),
              ElementsAre("Logical volume vg0/s is using mixing segment types zero and striped.",
                          "Using stripesize of last segment 64.00 KiB"));
  EXPECT_THAT(grow(Type::Error, 3, 2),
              ElementsAre("Logical volume vg0/s is using mixing segment types striped and error.",
                          "Using stripesize of last segment 64.00 KiB",
                          "Rounding size (12 extents) up to stripe boundary size for segment (13 extents)."));
  EXPECT_THAT(grow(Type::Striped, {}, 1),
              ElementsAre("Logical volume vg0/s is using mixing segment types error and striped."));
  EXPECT_THAT(types(*find_lv(vg, "s")), ElementsAre("striped", "zero", "striped", "error", "linear"));
  EXPECT_EQ(find_lv(vg, "s")->extents(), Extents{14});
}

TEST(ExtendLv, NeedsNoRoomOnPvsForWhatLiesOnNone) {
  ResizeLv wanted = extend("a", 5000);
  wanted.type = ResizeLv::Type::Zero;
  EXPECT_EQ(find_lv(resize_lv(vg0(), wanted)->vg, "a")->extents(), Extents{5003});
  wanted.size.amount = Extents{0xFFFFFFFF};
  EXPECT_EQ(refusal(vg0(), wanted),
            "Unable to extend vg0/a by 4294967295 logical extents: exceeds limit (4294967295).");
  wanted.size = {Sign::Absolute, Extents{2}};
  EXPECT_THAT(refusal(vg0(), wanted), StartsWith("New size given (2 extents) not larger than existing size"));
}

TEST(ExtendLv, SaysWhenNothingWouldChange) {
  VolumeGroup vg = vg0();
  ResizeLv same = request("a", Direction::Extend, Sign::Absolute, Extents{3});
  EXPECT_EQ(refusal(vg, same), "New size (3 extents) matches existing size (3 extents).");
  EXPECT_EQ(error_of(vg, same).code(), Errc::Refused) << "not a wrong command line";
  EXPECT_EQ(
      refusal(vg, request("a", Direction::Extend, Sign::Absolute, 8_MiB)),
      "New size given (2 extents) not larger than existing size (3 extents): 8.00 MiB is less than 12.00 MiB; lvreduce makes it smaller");
  EXPECT_EQ(
      refusal(vg, request("a", Direction::Reduce, Sign::Absolute, Extents{4})),
      "New size given (4 extents) not less than existing size (3 extents): 16.00 MiB is more than 12.00 MiB; lvextend makes it larger");
  EXPECT_EQ(refusal(vg, request("a", Direction::Either, Sign::Absolute, 12_MiB)),
            "New size (3 extents) matches existing size (3 extents).");
}

TEST(ExtendLv, SaysHowMuchThereIs) {
  VolumeGroup vg = vg0();
  EXPECT_EQ(
      refusal(vg, extend("a", 5000)),
      "Insufficient free space: 5000 extents needed, but only 55 available. 4945 extents (<19.32 GiB) are missing: vgextend vg0 DEVICE adds room");
  EXPECT_EQ(error_of(vg, extend("a", 5000)).code(), Errc::NoSpace);
  EXPECT_EQ(
      refusal(vg, request("a", Direction::Extend, Sign::Absolute, Extents{5000})),
      "Insufficient free space: 4997 extents needed, but only 55 available. 4942 extents (19.30 GiB) are missing: vgextend vg0 DEVICE adds room");
  ResizeLv wanted = extend("a", 20);
  wanted.alloc = AllocPolicy::Contiguous;
  EXPECT_EQ(refusal(vg, wanted),
            "Insufficient suitable contiguous allocatable extents for logical volume a: 13 more "
            "required. 7 extents (28.00 MiB) would fit. --alloc normal is less strict.");
  EXPECT_EQ(refusal(vg, request("a", Direction::Extend, Sign::Plus, Extents{0xFFFFFFFF})),
            "Unable to extend vg0/a by 4294967295 logical extents: exceeds limit (4294967295).");
}

// As LVM2 has it: a part of what is free is what can be had of it, and that may be nothing.
TEST(ExtendLv, KeepsItsSizeWhereNothingOfAPartOfTheFreeSpaceCanBeHad) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).pv("pv1", 2).striped("s", {{"pv0", 0, 2}, {"pv1", 0, 2}}).vg;
  using Of = Percent::Of;
  for (const ResizeLv& wanted : {request("s", Direction::Extend, Sign::Plus, Percent{100, Of::Free}),
                                 request("s", Direction::Either, Sign::Plus, Percent{50, Of::Free}),
                                 request("s", Direction::Extend, Sign::Absolute, Percent{100, Of::Vg})}) {
    const Result<Planned> planned = resize_lv(vg, wanted);
    ASSERT_TRUE(planned.ok()) << planned.error().message();
    EXPECT_EQ(planned->vg, vg);
    EXPECT_THAT(planned->notes.back(), HasSubstr("2 stripes need as many PVs with free extents"));
  }
  for (const ResizeLv& wanted : {extend("s", 4), request("s", Direction::Extend, Sign::Plus, Percent{50, Of::Vg})})
    EXPECT_EQ(error_of(vg, wanted).code(), Errc::NoSpace);
}

TEST(ExtendLv, TakesOnlyThePvsAndRangesNamed) {
  ResizeLv wanted = extend("a", 4);
  wanted.pvs = {{{id_of("pv1"), {{{20}, {5}}}}}};
  Planned planned = resize_lv(vg0(), wanted).value();
  EXPECT_EQ(find_lv(planned.vg, "a")->segments[1].body,
            (decltype(Segment::body){Striped{{}, {PvArea{id_of("pv1"), {20}}}}}));
}

TEST(ExtendLv, NeverOnAMissingPv) {
  VolumeGroup vg = vg0();
  vg.pvs[0].status.set(PvFlag::Missing);
  Planned planned = resize_lv(vg, extend("a", 4)).value();
  EXPECT_EQ(std::get<PvArea>(std::get<Striped>(find_lv(planned.vg, "a")->segments[1].body).areas[0]).pv, id_of("pv1"));
}

TEST(ExtendLv, UsesTheLvsOwnPolicy) {
  VolumeGroup vg = vg0();
  find_lv(vg, "a")->alloc = AllocPolicy::Contiguous;
  EXPECT_THAT(refusal(vg, extend("a", 20)), StartsWith("Insufficient suitable contiguous"));
  vg.alloc = AllocPolicy::Contiguous;
  find_lv(vg, "a")->alloc = AllocPolicy::Normal;
  EXPECT_TRUE(resize_lv(vg, extend("a", 20)).ok());
  EXPECT_EQ(find_lv(resize_lv(vg, extend("a", 20))->vg, "a")->alloc, AllocPolicy::Normal);
}

TEST(ReduceLv, CutsFromTheEnd) {
  VolumeGroup vg = resize_lv(vg0(), extend("a", 10)).value().vg;
  Planned planned = resize_lv(vg, reduce("a", 4)).value();
  EXPECT_EQ(find_lv(planned.vg, "a")->segments.size(), 1u);
  EXPECT_EQ(find_lv(planned.vg, "a")->extents(), Extents{9});
  EXPECT_EQ(free_extents(planned.vg), free_extents(vg) + Extents{4});
}

TEST(ReduceLv, KeepsWholeStripes) {
  VolumeGroup vg = vg0();
  EXPECT_EQ(refusal(vg, reduce("s", 1)), "New size (4 extents) matches existing size (4 extents)");
  Planned planned = resize_lv(vg, reduce("s", 3)).value();
  EXPECT_EQ(find_lv(planned.vg, "s")->extents(), Extents{2});
  EXPECT_THAT(planned.notes,
              ElementsAre("Rounding size (1 extents) up to stripe boundary size for segment (2 extents)."));
  ResizeLv wanted = reduce("s", 2);
  wanted.direction = Direction::Either;
  wanted.stripes = 1;
  EXPECT_THAT(resize_lv(vg, wanted)->notes[0], "Ignoring stripes, stripesize and mirrors arguments when reducing.");
}

TEST(ReduceLv, RoundsWhatIsTakenAwayDown) {
  Planned planned = resize_lv(vg0(), request("a", Direction::Reduce, Sign::Minus, 5_MiB)).value();
  EXPECT_EQ(find_lv(planned.vg, "a")->extents(), Extents{2});
  EXPECT_EQ(planned.notes[0], "Rounding size to boundary between physical extents: 4.00 MiB.");
  planned = resize_lv(vg0(), request("a", Direction::Reduce, Sign::Absolute, 6_MiB)).value();
  EXPECT_EQ(find_lv(planned.vg, "a")->extents(), Extents{2}) << "6 MiB are kept in 8";
}

TEST(ReduceLv, LeavesAtLeastOneExtent) {
  EXPECT_EQ(refusal(vg0(), reduce("a", 3)),
            "Unable to reduce vg0/a below 1 extent. It has 3 extents (12.00 MiB); lvremove vg0/a removes it");
  EXPECT_EQ(refusal(vg0(), reduce("a", 300)),
            "Unable to reduce vg0/a below 1 extent. It has 3 extents (12.00 MiB); lvremove vg0/a removes it");
  EXPECT_EQ(refusal(vg0(), request("a", Direction::Reduce, Sign::Absolute, Extents{0})), "--extents may not be zero.");
}

TEST(ResizeLv, RefusesSignsAgainstTheCommand) {
  EXPECT_EQ(refusal(vg0(), request("a", Direction::Extend, Sign::Minus, Extents{1})), "Extents may not be negative.");
  EXPECT_EQ(refusal(vg0(), request("a", Direction::Extend, Sign::Minus, 4_MiB)), "Size may not be negative.");
  EXPECT_EQ(refusal(vg0(), request("a", Direction::Reduce, Sign::Plus, Extents{1})), "Extents may not be positive.");
}

TEST(ResizeLv, NamesTheLvThatIsNotThere) {
  EXPECT_EQ(refusal(vg0(), extend("nope", 1)), "Logical volume nope not found in volume group vg0.");
  EXPECT_EQ(error_of(vg0(), extend("nope", 1)).code(), Errc::NotFound);
}

/// What stands in the way of changing an LV that is not on its own.
TEST(ResizeLv, RefusesLvsThatAreNotOnTheirOwn) {
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).lv("tp_tmeta", {{"pv0", 0, 1}}).hidden().lv("tp_tdata", {{"pv0", 1, 4}}).hidden();
  builder.foreign("tp", 4, "thin-pool", "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"");
  builder.lv("spare", {{"pv0", 8, 1}}).hidden().lv("moving", {{"pv0", 9, 1}}).lv("pvmove0", {{"pv0", 10, 1}});
  find_lv(builder.vg, "moving")->status.set(LvFlag::Locked);
  find_lv(builder.vg, "pvmove0")->status.set(LvFlag::PvMove);
  const VolumeGroup& vg = builder.vg;
  EXPECT_EQ(refusal(vg, extend("tp", 1)),
            "Cannot resize logical volume vg0/tp: it has segments of type \"thin-pool\", which "
            "are only carried through");
  EXPECT_EQ(refusal(vg, extend("tp_tdata", 1)),
            "Cannot resize logical volume vg0/tp_tdata: it is part of logical volume vg0/tp (type thin-pool)");
  EXPECT_THAT(refusal(vg, extend("spare", 1)), HasSubstr("it is a hidden logical volume"));
  EXPECT_THAT(refusal(vg, extend("moving", 1)), HasSubstr("locked by an unfinished pvmove"));
  EXPECT_THAT(refusal(vg, extend("pvmove0", 1)), HasSubstr("the mirror of an unfinished pvmove"));
}

TEST(ResizeLv, RefusesAVgThatCannotBeWritten) {
  VolumeGroup vg = vg0();
  vg.lvs[1].status.unknown_status = {"NEW"};
  EXPECT_THAT(refusal(vg, extend("a", 1)), StartsWith("Unknown status flag 'NEW'"));
}

}  // namespace
}  // namespace ashlar::plan
