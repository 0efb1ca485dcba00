// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/layout.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "support/table_text.h"
#include "support/vg_builder.h"

namespace ashlar::dm {
namespace {

using test::context_of;
using test::id_of;
using test::print_table;
using test::VgBuilder;

VgBuilder three_disks() { return VgBuilder("vg0").pv("vda", 100).pv("vdb", 100).pv("vdc", 100); }

Device laid_out(const VolumeGroup& vg, const std::string& lv) {
  Result<Device> made = lv_device(vg, *find_lv(vg, lv), context_of(vg));
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message());
  return made.ok() ? *made : Device{};
}

Error refused(const VolumeGroup& vg, const std::string& lv, const LayoutContext& context) {
  Result<Device> made = lv_device(vg, *find_lv(vg, lv), context);
  return made.ok() ? Error(Errc::Exists, "was laid out") : made.error();
}
Error refused(const VolumeGroup& vg, const std::string& lv) { return refused(vg, lv, context_of(vg)); }

// The tables of docs/format.md 8.3, which LVM2 made for the same metadata.
TEST(Layout, MapsALinearSegmentToOneLine) {
  EXPECT_EQ(print_table(laid_out(three_disks().lv("lin", {{"vda", 0, 10}}).vg, "lin").table),
            "0 81920 linear 254:0 2048");
}

TEST(Layout, MapsEverySegmentToALineOfItsOwn) {
  EXPECT_EQ(print_table(laid_out(three_disks().lv("lin", {{"vda", 0, 10}, {"vdc", 0, 5}}).vg, "lin").table),
            "0 81920 linear 254:0 2048 / 81920 40960 linear 254:32 2048");
  // Even where the extents would join.
  EXPECT_EQ(print_table(laid_out(three_disks().lv("lin", {{"vda", 0, 1}, {"vda", 1, 1}}).vg, "lin").table),
            "0 8192 linear 254:0 2048 / 8192 8192 linear 254:0 10240");
}

TEST(Layout, MapsStripesByPvInOrder) {
  const VolumeGroup vg = three_disks().striped("st-r", {{"vda", 0, 4}, {"vdb", 0, 4}, {"vdc", 0, 4}}).vg;
  const Device device = laid_out(vg, "st-r");
  EXPECT_EQ(print_table(device.table), "0 98304 striped 3 128 254:0 2048 254:16 2048 254:32 2048");
  EXPECT_EQ(device.name, "vg0-st--r");
  EXPECT_EQ(device.uuid, device_uuid(id_of("vg0"), id_of("st-r")));
  EXPECT_EQ(device.vg_name, "vg0");
  EXPECT_EQ(device.lv_name, "st-r");
}

TEST(Layout, StartsInsideThePvAtItsDataArea) {
  VolumeGroup vg = three_disks().lv("lin", {{"vdb", 7, 2}}).vg;
  vg.pvs[1].pe_start = {4096};
  vg.extent_size = {2048};
  EXPECT_EQ(print_table(laid_out(vg, "lin").table), fmt::format("0 4096 linear 254:16 {}", 4096 + 7 * 2048));
}

TEST(Layout, IsReadOnlyWithoutWritePermissionOrByTheList) {
  VolumeGroup vg = three_disks().lv("a", {{"vda", 0, 1}}).vg;
  EXPECT_FALSE(laid_out(vg, "a").read_only);
  LayoutContext context = context_of(vg);
  context.read_only = [](const VolumeGroup&, const LogicalVolume& lv) { return lv.name == "a"; };
  EXPECT_TRUE(lv_device(vg, vg.lvs[0], context)->read_only);
  vg.lvs[0].status.set(LvFlag::Write, false);
  EXPECT_TRUE(laid_out(vg, "a").read_only);
  vg.lvs[0].status.set(LvFlag::WriteLocked);
  EXPECT_FALSE(laid_out(vg, "a").read_only);
}

TEST(Layout, AsksForAPersistentMinorOnlyWhenItIsFixed) {
  VolumeGroup vg = three_disks().lv("a", {{"vda", 0, 1}}).vg;
  vg.lvs[0].major = 253;
  vg.lvs[0].minor = 77;
  EXPECT_FALSE(laid_out(vg, "a").fixed);
  vg.lvs[0].status.set(LvFlag::FixedMinor);
  EXPECT_EQ(laid_out(vg, "a").fixed, (DevNumber{253, 77}));
  vg.lvs[0].major.reset();
  EXPECT_EQ(laid_out(vg, "a").fixed, (DevNumber{0, 77}));
}

TEST(Layout, ReadAheadFollowsStripesPvsOrTheSetting) {
  VolumeGroup vg = three_disks().lv("a", {{"vda", 0, 1}}).striped("s", {{"vdb", 0, 4}, {"vdc", 0, 4}}).vg;
  EXPECT_EQ(laid_out(vg, "a").read_ahead, 256U);
  EXPECT_TRUE(laid_out(vg, "a").read_ahead_is_minimum);
  EXPECT_EQ(laid_out(vg, "s").read_ahead, 512U);
  EXPECT_TRUE(laid_out(vg, "s").read_ahead_is_minimum);

  const struct {
    std::optional<std::int32_t> set;
    bool automatic;
    std::optional<std::uint32_t> wanted;
  } cases[] = {{128, true, 128},         {-1, true, 0}, {0, true, 256},
               {std::nullopt, false, 0}, {0, false, 0}, {128, false, 128}};
  for (const auto& each : cases) {
    vg.lvs[0].read_ahead = each.set;
    LayoutContext context = context_of(vg);
    context.auto_read_ahead = each.automatic;
    const Result<Device> device = lv_device(vg, vg.lvs[0], context);
    EXPECT_EQ(device->read_ahead, each.wanted) << each.set.value_or(-99) << each.automatic;
    EXPECT_EQ(device->read_ahead_is_minimum, each.wanted == 256U);
  }
}

TEST(Layout, LeavesReadAheadToTheKernelWhenNothingIsKnown) {
  const VolumeGroup vg = three_disks().lv("a", {{"vda", 0, 1}}).vg;
  LayoutContext context = context_of(vg);
  context.pv_read_ahead.clear();
  EXPECT_FALSE(lv_device(vg, vg.lvs[0], context)->read_ahead);
}

TEST(Layout, RefusesAnotherSegmentTypeByName) {
  const VolumeGroup vg = three_disks().foreign("t", 10, "thin", "thin_pool = \"tp\"").vg;
  const Error error = refused(vg, "t");
  EXPECT_EQ(error.code(), Errc::Unsupported);
  EXPECT_EQ(error.message(), "Logical volume vg0/t has a segment of type thin, which Ashlar does not activate.");
}

TEST(Layout, RefusesAnLvOnAMissingPvByName) {
  VolumeGroup vg = three_disks().lv("a", {{"vda", 0, 1}, {"vdb", 0, 1}}).vg;
  LayoutContext context = context_of(vg);
  context.pv_numbers.erase(id_of("vdb"));
  context.pv_paths.erase(id_of("vdb"));
  Error error = refused(vg, "a", context);
  EXPECT_EQ(error.code(), Errc::Refused);
  const std::string missing = "physical volume " + id_of("vdb").dashed() + " (vdb) is missing";
  EXPECT_EQ(error.message(), "Logical volume vg0/a is partial: " + missing + "; ashlar why vg0 says what can be done");
  context.may_fill = true;
  error = refused(vg, "a", context);
  EXPECT_EQ(error.message(), "Refusing activation of partial logical volume vg0/a: " + missing +
                                 ". '--activationmode partial' puts errors in its place.");
  vg.pvs[0].status.set(PvFlag::Missing);
  error = refused(vg, "a");
  EXPECT_EQ(error.code(), Errc::Refused);
  EXPECT_NE(error.message().find("/dev/vda"), std::string::npos) << error.message();
}

// As LVM2 makes them (docs/format.md 8.10).
TEST(Layout, PutsADeviceOfErrorsUnderEachAreaOnAMissingPv) {
  VolumeGroup vg = three_disks()
                       .lv("a", {{"vda", 0, 1}, {"vdb", 0, 2}})
                       .striped("st-r", {{"vda", 4, 2}, {"vdb", 4, 2}, {"vdc", 4, 2}})
                       .vg;
  vg.pvs[1].status.set(PvFlag::Missing);
  LayoutContext context = context_of(vg);
  context.filler = UnbackedTarget{false};
  const std::vector<Device> linear = VgLayout(vg, context).devices(*find_lv(vg, "a")).value();
  ASSERT_EQ(linear.size(), 2U);
  EXPECT_EQ(linear[0].name, "vg0-a-missing_1_0");
  EXPECT_EQ(linear[0].uuid, device_uuid(id_of("vg0"), id_of("a")) + "-missing_1_0");
  EXPECT_EQ(linear[0].lv_name, "");
  EXPECT_EQ(print_table(linear[0].table), "0 16384 error ");
  EXPECT_EQ(print_table(linear[1].table), "0 8192 linear 254:0 2048 / 8192 16384 linear " + linear[0].uuid + " 0");
  context.filler = UnbackedTarget{true};
  const std::vector<Device> striped = VgLayout(vg, context).devices(*find_lv(vg, "st-r")).value();
  ASSERT_EQ(striped.size(), 2U);
  EXPECT_EQ(striped[0].name, "vg0-st--r-missing_0_1");
  EXPECT_EQ(print_table(striped[0].table), "0 49152 zero ");
  EXPECT_EQ(print_table(striped[1].table), "0 49152 striped 3 128 254:0 34816 " + striped[0].uuid + " 0 254:32 34816");
}

TEST(Layout, RefusesAnLvOnAHiddenLv) {
  VolumeGroup vg = three_disks()
                       .foreign("pvmove0", 1, "mirror", "mirrors = [\"pv0\", 0, \"pv1\", 0]")
                       .hidden()
                       .lv("a", {{"vda", 0, 1}})
                       .vg;
  vg.lvs[1].segments[0].body = Striped{{}, {LvArea{"pvmove0", {0}}}};
  const Error error = refused(vg, "a");
  EXPECT_EQ(error.code(), Errc::Unsupported);
  EXPECT_NE(error.message().find("vg0/a lies on the hidden logical volume pvmove0"), std::string::npos);
}

TEST(Layout, RefusesAnOriginWhoseSnapshotWouldMissItsWrites) {
  const VolumeGroup vg =
      three_disks()
          .lv("org", {{"vda", 0, 4}})
          .lv("sn1", {{"vdb", 0, 1}})
          .hidden()
          .foreign("snapshot0", 4, "snapshot", "chunk_size = 8\norigin = \"org\"\ncow_store = \"sn1\"\n")
          .hidden()
          .lv("other", {{"vdc", 0, 1}})
          .vg;
  EXPECT_EQ(refused(vg, "org").code(), Errc::Unsupported);
  EXPECT_EQ(refused(vg, "org").message(),
            "Logical volume vg0/org is used by vg0/snapshot0 (type snapshot), which Ashlar does not activate.");
  EXPECT_EQ(refused(vg, "sn1").code(), Errc::Unsupported);
  EXPECT_EQ(print_table(laid_out(vg, "other").table), "0 8192 linear 254:32 2048");
}

TEST(Layout, RefusesAHiddenLvByItself) {
  const VolumeGroup vg = three_disks().lv("lvol0_pmspare", {{"vda", 0, 1}}).hidden().vg;
  EXPECT_EQ(refused(vg, "lvol0_pmspare").code(), Errc::Unsupported);
}

TEST(Layout, RefusesSegmentsThatLeaveTheirPvOrDoNotFit) {
  const auto broken = [](auto change) {
    VolumeGroup vg = three_disks().lv("a", {{"vda", 10, 10}}).vg;
    change(vg.lvs[0].segments[0], vg);
    return refused(vg, "a");
  };
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  const Error errors[] = {
      broken([](Segment& s, VolumeGroup&) { s.length = {91}; }),
      broken([](Segment& s, VolumeGroup&) { s.length = {kHuge}; }),
      broken([](Segment& s, VolumeGroup&) { s.length = {0}; }),
      broken([](Segment& s, VolumeGroup&) { s.start = {1}; }),
      broken([](Segment& s, VolumeGroup&) { std::get<PvArea>(std::get<Striped>(s.body).areas[0]).start = {kHuge}; }),
      broken([](Segment& s, VolumeGroup&) { std::get<PvArea>(std::get<Striped>(s.body).areas[0]).pv = id_of("x"); }),
      broken([](Segment& s, VolumeGroup&) { std::get<Striped>(s.body).areas.clear(); }),
      broken([](Segment&, VolumeGroup& vg) { vg.extent_size = {kHuge / 4}; }),
      broken([](Segment&, VolumeGroup& vg) { vg.lvs[0].segments.clear(); }),
  };
  for (const Error& error : errors) {
    EXPECT_EQ(error.code(), Errc::Corrupt) << error.message();
    EXPECT_NE(error.message().find("vg0/a"), std::string::npos) << error.message();
  }
}

TEST(Layout, RefusesStripesThatTheKernelWouldRefuse) {
  const auto broken = [](auto change) {
    VolumeGroup vg = three_disks().striped("s", {{"vda", 0, 4}, {"vdb", 0, 4}, {"vdc", 0, 4}}).vg;
    change(vg.lvs[0].segments[0]);
    return refused(vg, "s").code();
  };
  EXPECT_EQ(broken([](Segment& s) { s.length = {11}; }), Errc::Corrupt);
  EXPECT_EQ(broken([](Segment& s) { std::get<Striped>(s.body).stripe_size = {0}; }), Errc::Corrupt);
  EXPECT_EQ(broken([](Segment& s) { std::get<Striped>(s.body).stripe_size = {5000}; }), Errc::Corrupt);
  EXPECT_EQ(broken([](Segment& s) {
              std::get<Striped>(s.body).areas.resize(129, PvArea{id_of("vda"), {0}});
            }),
            Errc::Corrupt);
}

TEST(Layout, RefusesANameTooLongForTheKernel) {
  const std::string name(100, 'n');
  VolumeGroup vg = VgBuilder(std::string(26, 'v')).pv("vda", 10).lv(name, {{"vda", 0, 1}}).vg;
  EXPECT_EQ(laid_out(vg, name).name.size(), 127U);
  vg.name += 'v';
  EXPECT_EQ(refused(vg, name).code(), Errc::InvalidArgument);
}

RC_GTEST_PROP(Layout, EveryTableIsWithoutGapsAndInsideItsPvs, ()) {
  VgBuilder builder = three_disks();
  const auto runs = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 95), rc::gen::inRange(1, 5))));
  std::vector<test::Pes> pes;
  const std::vector<std::string> pvs = {"vda", "vdb", "vdc"};
  for (const auto& [start, length] : runs)
    pes.push_back({*rc::gen::elementOf(pvs), static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(length)});
  const VolumeGroup vg = builder.lv("a", pes).vg;
  const Device device = laid_out(vg, "a");
  Sectors next{};
  for (const Target& target : device.table) {
    RC_ASSERT(target.start == next);
    next += target.length;
    const Below& area = std::get<LinearTarget>(target.params).area;
    RC_ASSERT(area.offset.n >= 2048U);
    RC_ASSERT(area.offset.n + target.length.n <= 2048U + 100U * 8192U);
  }
  RC_ASSERT(next == to_sectors(vg.lvs[0].extents(), vg.extent_size));
}

}  // namespace
}  // namespace ashlar::dm
