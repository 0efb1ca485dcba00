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

VolumeGroup two_pvs() { return VgBuilder("vg0").pv("pv0", 31).pv("pv1", 31).vg; }

CreateLv request(const std::string& name, decltype(SizeRequest::amount) amount) {
  CreateLv wanted;
  wanted.name = name;
  wanted.size.amount = amount;
  return wanted;
}

Result<Planned> create(const VolumeGroup& vg, const CreateLv& wanted) {
  SeededRandom random(7);
  return create_lv(vg, wanted, random);
}
Error error_of(const VolumeGroup& vg, const CreateLv& wanted) {
  Result<Planned> planned = create(vg, wanted);
  return planned.ok() ? Error(Errc::Io, "worked") : planned.error();
}
std::string refusal(const VolumeGroup& vg, const CreateLv& wanted) { return error_of(vg, wanted).message(); }

TEST(CreateLv, AppendsAVisibleWritableLvAndTouchesNothingElse) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).lv("b", {{"pv0", 0, 3}}).vg;
  CreateLv wanted = request("a", Extents{4});
  wanted.creation_time = 1795308690;
  wanted.creation_host = "vm";
  wanted.tags = {"z", "b", "z"};
  Planned planned = create(vg, wanted).value();
  EXPECT_EQ(planned.lv, "a");
  ASSERT_EQ(planned.vg.lvs.size(), 2u);
  const LogicalVolume& lv = planned.vg.lvs.back();
  EXPECT_EQ(lv.name, "a");
  EXPECT_FALSE(lv.id.empty());
  EXPECT_TRUE(lv.status.has(LvFlag::Read) && lv.status.has(LvFlag::Write) && lv.visible());
  EXPECT_EQ(lv.status.bits, static_cast<std::uint32_t>(LvFlag::Read) | static_cast<std::uint32_t>(LvFlag::Write) |
                                static_cast<std::uint32_t>(LvFlag::Visible));
  EXPECT_EQ(lv.creation_time, 1795308690u);
  EXPECT_EQ(lv.creation_host, "vm");
  EXPECT_THAT(lv.tags, ElementsAre("z", "b")) << "as they were given";
  EXPECT_EQ(lv.alloc, AllocPolicy::Inherit);
  ASSERT_EQ(lv.segments.size(), 1u);
  EXPECT_EQ(lv.segments[0], (Segment{{}, {4}, {}, Striped{{}, {PvArea{id_of("pv0"), {3}}}}, {}}));
  planned.vg.lvs.pop_back();
  EXPECT_EQ(planned.vg, vg) << "seqno too";
}

TEST(CreateLv, KeepsThePropertiesAskedFor) {
  CreateLv wanted = request("a", Extents{4});
  wanted.writable = false;
  wanted.activation_skip = wanted.no_autoactivate = true;
  wanted.minor = 12;
  wanted.read_ahead = 13;
  wanted.alloc = AllocPolicy::Contiguous;
  Planned planned = create(two_pvs(), wanted).value();
  const LogicalVolume& lv = planned.vg.lvs.back();
  EXPECT_FALSE(lv.status.has(LvFlag::Write));
  EXPECT_TRUE(lv.status.has(LvFlag::ActivationSkip) && lv.status.has(LvFlag::NoAutoActivate));
  EXPECT_TRUE(lv.status.has(LvFlag::FixedMinor));
  EXPECT_EQ(lv.major, 0);
  EXPECT_EQ(lv.minor, 12);
  EXPECT_EQ(lv.read_ahead, 8);
  EXPECT_EQ(lv.alloc, AllocPolicy::Contiguous);
  EXPECT_THAT(planned.notes, ElementsAre("WARNING: Overriding readahead to 8 sectors, a multiple of 4K page size."));
}

TEST(CreateLv, NamesANamelessOneAfterTheHighestNumber) {
  EXPECT_EQ(create(two_pvs(), request("", Extents{1}))->lv, "lvol0");
  VgBuilder builder("vg0");
  builder.pv("pv0", 31).lv("lvol8", {{"pv0", 0, 1}}).lv("lvol007", {{"pv0", 1, 1}}).lv("lvol", {{"pv0", 2, 1}});
  EXPECT_EQ(create(builder.vg, request("", Extents{1}))->lv, "lvol9");
  builder.lv("lvol9x", {{"pv0", 3, 1}})
      .lv("lvol12_pmspare", {{"pv0", 4, 1}})
      .lv("lvol99999999999999999999", {{"pv0", 5, 1}});
  EXPECT_EQ(create(builder.vg, request("", Extents{1}))->lv, "lvol13");
}

TEST(CreateLv, RoundsASizeUpToExtents) {
  Planned planned = create(two_pvs(), request("a", 5_MiB)).value();
  EXPECT_EQ(planned.vg.lvs[0].extents(), Extents{2});
  EXPECT_THAT(planned.notes, ElementsAre("Rounding up size to full physical extent 8.00 MiB"));
  EXPECT_THAT(create(two_pvs(), request("a", 8_MiB))->notes, IsEmpty());
  EXPECT_EQ(create(two_pvs(), request("a", Bytes{1}))->vg.lvs[0].extents(), Extents{1});
}

TEST(CreateLv, StripesOverDistinctPvs) {
  CreateLv wanted = request("s", Extents{5});
  wanted.stripes = 2;
  Planned planned = create(two_pvs(), wanted).value();
  EXPECT_EQ(planned.vg.lvs[0].segments[0],
            (Segment{{}, {6}, {}, Striped{{128}, {PvArea{id_of("pv0"), {0}}, PvArea{id_of("pv1"), {0}}}}, {}}));
  EXPECT_THAT(planned.notes,
              ElementsAre("Using default stripesize 64.00 KiB.",
                          "Rounding size 20.00 MiB (5 extents) up to stripe boundary size 24.00 MiB (6 extents)."));
}

TEST(CreateLv, RefusesWhatCannotBeMeant) {
  auto code = [](const CreateLv& wanted) { return error_of(two_pvs(), wanted).code(); };
  CreateLv wanted = request("a", Extents{0});
  EXPECT_EQ(refusal(two_pvs(), wanted), "--extents may not be zero.");
  EXPECT_EQ(code(wanted), Errc::InvalidArgument);
  EXPECT_EQ(refusal(two_pvs(), request("a", Bytes{0})), "--size may not be zero.");
  EXPECT_EQ(refusal(two_pvs(), request("a", Percent{0, Percent::Of::Vg})), "--extents may not be zero.");
  EXPECT_EQ(refusal(two_pvs(), request("a", Percent{10, Percent::Of::Lv})),
            "Please express size as %FREE, %PVS or %VG.");
  wanted = request("a", Extents{4});
  wanted.size.sign = SizeRequest::Sign::Minus;
  EXPECT_EQ(refusal(two_pvs(), wanted), "Extents may not be negative.");
  wanted = request("a", Extents{4});
  wanted.stripes = 0;
  EXPECT_EQ(refusal(two_pvs(), wanted), "--stripes may not be zero.");
  wanted.stripes = 129;
  EXPECT_EQ(refusal(two_pvs(), wanted), "Number of stripes (129) must be between 1 and 128.");
  wanted.stripes = 2;
  wanted.stripe_size = 3_KiB;
  EXPECT_THAT(refusal(two_pvs(), wanted), StartsWith("Invalid stripe size 3.00 KiB."));
  wanted.stripe_size = 2_KiB;
  EXPECT_THAT(refusal(two_pvs(), wanted), StartsWith("Invalid stripe size 2.00 KiB."));
  EXPECT_EQ(code(wanted), Errc::InvalidArgument);
  wanted = request("a", Extents{4});
  wanted.minor = 1 << 20;
  EXPECT_EQ(refusal(two_pvs(), wanted), "Minor number 1048576 outside range 0-1048575.");
  wanted = request("a", Extents{4});
  wanted.tags = {"no space"};
  EXPECT_THAT(refusal(two_pvs(), wanted), HasSubstr("Tag \"no space\" is not valid"));
}

TEST(CreateLv, RefusesSizesBeyondTheFormat) {
  EXPECT_EQ(refusal(two_pvs(), request("a", Bytes{9ull << 60})),
            "Volume too large (9.00 EiB) for extent size 4.00 MiB. Upper limit is less than <16.00 PiB.");
  EXPECT_THAT(refusal(two_pvs(), request("a", Extents{1ull << 32})), HasSubstr("at most 4294967295 extents"));
  EXPECT_THAT(refusal(two_pvs(), request("a", Extents{~0ull})), HasSubstr("at most 4294967295 extents"));
  EXPECT_THAT(refusal(two_pvs(), request("a", Percent{~0u, Percent::Of::Pvs})), HasSubstr("worked"))
      << "a percentage takes what is there";
}

TEST(CreateLv, SaysHowMuchIsFreeAndHowMuchWasWanted) {
  EXPECT_THAT(refusal(two_pvs(), request("a", Extents{256})),
              StartsWith("Volume group \"vg0\" has insufficient free space (62 extents): 256 required. 194 extents "
                         "(776.00 MiB) are missing: vgextend vg0 DEVICE adds room."));
  CreateLv wanted = request("a", Extents{40});
  wanted.pvs = {{{id_of("pv1"), {}}}};
  EXPECT_EQ(
      refusal(two_pvs(), wanted),
      "Insufficient free space: 40 extents needed, but only 31 available. VG vg0 has 62 extents (248.00 MiB) free, on PVs that are not named, "
      "are missing or may not be used (pvchange -xy)");
  wanted = request("a", Extents{40});
  wanted.alloc = AllocPolicy::Contiguous;
  EXPECT_EQ(refusal(two_pvs(), wanted),
            "Insufficient suitable contiguous allocatable extents for logical volume a: 40 more required. 31 extents "
            "(124.00 MiB) would fit. --alloc normal is less strict.");
  EXPECT_EQ(error_of(two_pvs(), wanted).code(), Errc::NoSpace);
  wanted = request("a", Extents{40});
  wanted.stripes = 3;
  EXPECT_EQ(refusal(two_pvs(), wanted),
            "Number of stripes (3) must not exceed number of physical volumes (2): vgextend vg0 DEVICE adds one");
}

TEST(CreateLv, WhatItSaysWouldFitDoesFit) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).pv("pv1", 31).lv("x", {{"pv0", 10, 1}, {"pv1", 3, 1}}).vg;
  CreateLv wanted = request("a", Extents{44});
  wanted.stripes = 2;
  wanted.alloc = AllocPolicy::Contiguous;
  EXPECT_THAT(refusal(vg, wanted), HasSubstr("44 more required. 40 extents (160.00 MiB) would fit."));
  wanted.size.amount = Extents{40};
  EXPECT_TRUE(create(vg, wanted).ok());
}

TEST(CreateLv, RefusesATakenOrReservedName) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).lv("a", {{"pv0", 0, 3}}).lv("h", {{"pv0", 3, 3}}).hidden().vg;
  EXPECT_EQ(refusal(vg, request("a", Extents{1})), "Logical Volume \"a\" already exists in volume group \"vg0\"");
  EXPECT_EQ(error_of(vg, request("h", Extents{1})).code(), Errc::Exists);
  EXPECT_THAT(refusal(vg, request("pvmove1", Extents{1})), StartsWith("Names starting \"pvmove\" are reserved."));
  EXPECT_THAT(refusal(vg, request("x_tmeta", Extents{1})), StartsWith("Names including \"_tmeta\" are reserved."));
  EXPECT_THAT(refusal(vg, request("../x", Extents{1})), HasSubstr("is not valid"));
  EXPECT_TRUE(create(vg, request(std::string(121, 'x'), Extents{1})).ok());
  EXPECT_THAT(refusal(vg, request(std::string(122, 'x'), Extents{1})), HasSubstr("at most 124 are allowed"));
}

TEST(CreateLv, HonoursMaxLv) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).lv("a", {{"pv0", 0, 3}}).lv("h", {{"pv0", 3, 3}}).hidden().vg;
  vg.max_lv = 2;
  Planned planned = create(vg, request("b", Extents{1})).value();
  EXPECT_EQ(refusal(planned.vg, request("c", Extents{1})),
            "Maximum number of logical volumes (2) reached in volume group vg0: vgchange -l 3 vg0 makes room for one");
}

TEST(CreateLv, RefusesAVgThatCannotBeWritten) {
  VolumeGroup vg = two_pvs();
  vg.status.set(VgFlag::Exported);
  EXPECT_EQ(refusal(vg, request("a", Extents{1})), "Volume group vg0 is exported: vgimport vg0 takes it in");
}

TEST(CreateLv, KeepsOffMissingPvs) {
  VolumeGroup vg = two_pvs();
  vg.pvs[0].status.set(PvFlag::Missing);
  Planned planned = create(vg, request("a", Extents{5})).value();
  EXPECT_EQ(std::get<PvArea>(std::get<Striped>(planned.vg.lvs[0].segments[0].body).areas[0]).pv, id_of("pv1"));
  EXPECT_THAT(refusal(vg, request("a", Extents{40})),
              StartsWith("Insufficient free space: 40 extents needed, but only 31"));
}

TEST(CreateLv, KeepsOffMirrorLegsOfAnUnfinishedMove) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 10).foreign("pvmove0", 4, "mirror", "mirrors=[\"pv0\",0,\"pv0\",4]").vg;
  Planned planned = create(vg, request("a", Percent{100, Percent::Of::Free})).value();
  EXPECT_EQ(planned.vg.lvs.back().segments[0].body,
            (decltype(Segment::body){Striped{{}, {PvArea{id_of("pv0"), {8}}}}}));
}

TEST(CreateLv, RefusesWhenAForeignSegmentMayLieAnywhere) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 10).foreign("x", 4, "raid1", "raids=[\"pv0\",\"pv0\"]").vg;
  EXPECT_THAT(refusal(vg, request("a", Extents{1})), HasSubstr("LV vg0/x"));
}

}  // namespace
}  // namespace ashlar::plan
