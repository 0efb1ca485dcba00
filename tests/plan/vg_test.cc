// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "support/vg_builder.h"

namespace ashlar::plan {
namespace {

using test::id_of;
using test::VgBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

JoiningPv joining(const std::string& device, std::uint64_t sectors) {
  JoiningPv pv;
  pv.id = id_of(device);
  pv.device = device;
  pv.dev_size = {sectors};
  pv.pe_start = {2048};
  return pv;
}

CreateVg request() {
  CreateVg wanted;
  wanted.name = "vg0";
  wanted.pvs = {joining("pv0", 262144), joining("pv1", 393216)};
  return wanted;
}

Result<Planned> create(const CreateVg& wanted) {
  SeededRandom random(3);
  return create_vg(wanted, random);
}

template <class T>
std::string message(const Result<T>& result) {
  return result.ok() ? "worked" : result.error().message();
}

TEST(CreateVg, CountsTheExtentsBehindTheMetadata) {
  CreateVg wanted = request();
  wanted.pvs[1].end_reserved = {2048};
  wanted.tags = {"b", "a"};
  VolumeGroup vg = create(wanted).value().vg;
  EXPECT_EQ(vg.name, "vg0");
  EXPECT_FALSE(vg.id.empty());
  EXPECT_EQ(vg.seqno, 0u) << "the commit makes it 1";
  EXPECT_EQ(vg.status.bits, static_cast<std::uint32_t>(VgFlag::Resizeable) | static_cast<std::uint32_t>(VgFlag::Read) |
                                static_cast<std::uint32_t>(VgFlag::Write));
  EXPECT_THAT(vg.tags, ElementsAre("b", "a"));
  ASSERT_EQ(vg.pvs.size(), 2u);
  EXPECT_EQ(vg.pvs[0].pe_count, Extents{31}) << "docs/format.md 9.4: 128 MiB";
  EXPECT_EQ(vg.pvs[0].dev_size, Sectors{262144});
  EXPECT_TRUE(vg.pvs[0].status.has(PvFlag::Allocatable));
  EXPECT_EQ(vg.pvs[1].pe_count, Extents{47});
}

TEST(CreateVg, KeepsWriteWithASystemId) {
  CreateVg wanted = request();
  wanted.system_id = "host";
  wanted.autoactivate = false;
  VolumeGroup vg = create(wanted).value().vg;
  EXPECT_TRUE(vg.status.has(VgFlag::Write));
  EXPECT_TRUE(vg.status.has(VgFlag::NoAutoActivate));
  EXPECT_EQ(vg.system_id, "host");
}

TEST(CreateVg, RefusesWhatCannotBe) {
  auto refusal = [](auto change) {
    CreateVg wanted = request();
    change(wanted);
    return message(create(wanted));
  };
  EXPECT_THAT(refusal([](CreateVg& r) { r.name = "v!g"; }), HasSubstr("New volume group name \"v!g\" is not valid"));
  EXPECT_THAT(refusal([](CreateVg& r) { r.pvs.clear(); }), HasSubstr("at least one PV"));
  EXPECT_EQ(refusal([](CreateVg& r) { r.alloc = AllocPolicy::Inherit; }),
            "Volume Group allocation policy cannot inherit from anything");
  EXPECT_THAT(refusal([](CreateVg& r) { r.extent_size = {200}; }),
              StartsWith("Physical Extent size must be a multiple of 128.00 KiB when not a power of 2."));
  EXPECT_EQ(refusal([](CreateVg& r) { r.extent_size = {0}; }), "Physical extent size may not be zero");
  EXPECT_EQ(refusal([](CreateVg& r) { r.extent_size = {1ull << 32}; }),
            "Physical extent size must be smaller than <2.00 TiB.");
  EXPECT_THAT(refusal([](CreateVg& r) { r.extent_size = {2097152}; }),
              StartsWith("pv0 is too small for volume group extents of 1.00 GiB"));
  EXPECT_THAT(refusal([](CreateVg& r) { r.pvs[0].pe_start = {~0ull}; }), StartsWith("pv0 is too small"));
  EXPECT_THAT(refusal([](CreateVg& r) { r.pvs[0].dev_size = {1ull << 45}, r.extent_size = {1}; }),
              HasSubstr("at most 4294967295"));
  EXPECT_THAT(refusal([](CreateVg& r) { r.pvs[1].block_size = {4096}; }),
              StartsWith("Devices have inconsistent logical block sizes (512 and 4096)."));
  EXPECT_THAT(
      refusal([](CreateVg& r) { r.extent_size = {1}, r.pvs[0].block_size = r.pvs[1].block_size = {4096}; }),
      StartsWith("Physical extent size used for volume group vg0 is less than logical block size (4096 bytes)"));
  EXPECT_EQ(refusal([](CreateVg& r) { r.pvs[1] = r.pvs[0]; }),
            "Physical volume 'pv0' is already in volume group 'vg0'");
  EXPECT_EQ(
      refusal([](CreateVg& r) { r.max_pv = 1; }),
      "No space for 'pv1' - volume group 'vg0' holds max 1 physical volume(s). vgcreate -p 2 vg0 makes room for it.");
  EXPECT_THAT(refusal([](CreateVg& r) { r.tags = {"a b"}; }), HasSubstr("is not valid"));
}

VolumeGroup vg0() { return create(request()).value().vg; }

TEST(ExtendVg, AppendsPvs) {
  std::vector<JoiningPv> pvs = {joining("pv2", 262144)};
  Planned planned = extend_vg(vg0(), pvs).value();
  ASSERT_EQ(planned.vg.pvs.size(), 3u);
  EXPECT_EQ(planned.vg.pvs[2].device, "pv2");
  EXPECT_EQ(planned.vg.pvs[2].pe_count, Extents{31});
}

TEST(ExtendVg, HonoursTheRulesOfTheVg) {
  std::vector<JoiningPv> pvs = {joining("pv2", 262144)};
  VolumeGroup vg = vg0();
  vg.status.set(VgFlag::Resizeable, false);
  EXPECT_THAT(message(extend_vg(vg, pvs)), StartsWith("Volume group vg0 is not resizeable."));
  vg = vg0();
  vg.max_pv = 2;
  EXPECT_THAT(message(extend_vg(vg, pvs)), StartsWith("No space for 'pv2' - volume group 'vg0' holds max 2"));
  vg = vg0();
  vg.status.set(VgFlag::Exported);
  EXPECT_THAT(message(extend_vg(vg, pvs)), HasSubstr("is exported"));
  pvs = {joining("pv1", 262144)};
  EXPECT_EQ(message(extend_vg(vg0(), pvs)), "Physical volume 'pv1' is already in volume group 'vg0'");
}

TEST(ReduceVg, TakesOutUnusedPvsButNotTheLast) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 9).pv("pv1", 9).pv("pv2", 9).lv("a", {{"pv1", 0, 3}}).vg;
  std::vector<Uuid> ids = {id_of("pv0"), id_of("pv2")};
  EXPECT_EQ(reduce_vg(vg, ids)->vg.pvs.size(), 1u);
  ids = {id_of("pv1")};
  EXPECT_EQ(
      message(reduce_vg(vg, ids)),
      "Physical volume \"pv1\" still in use: 3 extents (12.00 MiB) by a; lvremove frees them, and LVM2's pvmove moves them");
  ids = {id_of("pv9")};
  EXPECT_THAT(message(reduce_vg(vg, ids)), StartsWith("Failed to find physical volume"));
  vg.lvs.clear();
  ids = {id_of("pv0"), id_of("pv1"), id_of("pv2")};
  EXPECT_THAT(message(reduce_vg(vg, ids)), StartsWith("Can't remove final physical volume"));
  vg.status.set(VgFlag::Resizeable, false);
  EXPECT_THAT(message(reduce_vg(vg, ids)), StartsWith("Volume group vg0 is not resizeable."));
}

TEST(ReduceVg, KeepsThePositionsThatForeignSegmentsName) {
  VolumeGroup vg =
      VgBuilder("vg0").pv("sda", 9).pv("sdb", 9).pv("sdc", 9).foreign("m", 2, "mirror", "mirrors=[\"pv1\",0]").vg;
  std::vector<Uuid> first = {id_of("sda")}, used = {id_of("sdb")}, last = {id_of("sdc")};
  EXPECT_THAT(message(reduce_vg(vg, first)), HasSubstr("name PVs by position"));
  EXPECT_THAT(message(reduce_vg(vg, used)), StartsWith("Physical volume \"sdb\" still in use: "));
  EXPECT_EQ(message(reduce_vg(vg, last)), "worked");
}

TEST(ChangeVg, SetsWhatIsAskedFor) {
  ChangeVg wanted;
  wanted.add_tags = {"t"};
  wanted.alloc = AllocPolicy::Cling;
  wanted.autoactivate = false;
  wanted.max_lv = 5;
  wanted.max_pv = 2;
  VolumeGroup vg = change_vg(vg0(), wanted)->vg;
  EXPECT_THAT(vg.tags, ElementsAre("t"));
  EXPECT_EQ(vg.alloc, AllocPolicy::Cling);
  EXPECT_TRUE(vg.status.has(VgFlag::NoAutoActivate));
  EXPECT_EQ(vg.max_lv, 5u);
  EXPECT_EQ(vg.max_pv, 2u);
}

TEST(ChangeVg, SaysWhatIsAlreadySoOrCannotBe) {
  auto refusal = [](const VolumeGroup& vg, auto change) {
    ChangeVg wanted;
    change(wanted);
    return message(change_vg(vg, wanted));
  };
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 9).pv("pv1", 9).lv("a", {{"pv1", 0, 3}}).lv("b", {{"pv1", 3, 3}}).vg;
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.alloc = AllocPolicy::Normal; }),
            "Volume group allocation policy is already normal");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.resizeable = true; }), "Volume group \"vg0\" is already resizeable");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.autoactivate = true; }), "Volume group autoactivation is already yes.");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.max_lv = 1; }),
            "MaxLogicalVolume is less than the current number 2 of LVs for vg0");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.max_pv = 1; }),
            "MaxPhysicalVolumes is less than the current number 2 of PVs for \"vg0\"");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.alloc = AllocPolicy::Inherit; }),
            "Volume Group allocation policy cannot inherit from anything");
  vg.status.set(VgFlag::Resizeable, false);
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.resizeable = false; }), "Volume group \"vg0\" is already not resizeable");
  EXPECT_EQ(refusal(vg, [](ChangeVg& r) { r.max_lv = 0; }),
            "Volume group \"vg0\" must be resizeable to change MaxLogicalVolume");
}

TEST(ChangeVg, MayBeLimitedAsItStopsBeingResizeable) {
  ChangeVg wanted;
  wanted.resizeable = false;
  wanted.max_lv = 10;
  wanted.max_pv = 11;
  const VolumeGroup vg = change_vg(vg0(), wanted)->vg;
  EXPECT_FALSE(vg.status.has(VgFlag::Resizeable));
  EXPECT_EQ(vg.max_lv, 10U);
  EXPECT_EQ(vg.max_pv, 11U);
}

// As LVM2 has it: the limits are those of a VG that was resizeable before, extents are counted anew in one that is then.
TEST(ChangeVg, IsLimitedIfItWasResizeableAndCountedAnewIfItIsToBe) {
  ChangeVg stops;
  stops.resizeable = false;
  const VolumeGroup fixed = change_vg(vg0(), stops)->vg;
  ChangeVg limited;
  limited.resizeable = true;
  limited.max_lv = 10;
  EXPECT_EQ(message(change_vg(fixed, limited)), "Volume group \"vg0\" must be resizeable to change MaxLogicalVolume");
  ChangeVg smaller;
  smaller.resizeable = true;
  smaller.extent_size = vg0().extent_size / 2;
  EXPECT_EQ(message(change_vg(fixed, smaller)), "worked");
  smaller.resizeable = false;
  EXPECT_EQ(message(change_vg(vg0(), smaller)), "Volume group \"vg0\" must be resizeable to change PE size");
}

}  // namespace
}  // namespace ashlar::plan
