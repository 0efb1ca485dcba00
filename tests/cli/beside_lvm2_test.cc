// SPDX-License-Identifier: LGPL-2.1-or-later
// LVs of types that are carried through, active as lvm2 2.03.16 makes them
// (docs/format.md 8.2, 8.3): nothing may take a part of them down, write a
// state without them over them, or say that they are not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "metadata/text/vg_writer.h"
#include "support/host.h"
#include "support/test_machine.h"
#include "support/vg_builder.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class BesideLvm2 : public testing::Test {
 protected:
  BesideLvm2() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg1 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 3 -n o vg1 /dev/a");
    m.must("lvcreate -an -Zn -l 2 -n sn vg1 /dev/a");
    m.must("lvcreate -an -Zn -l 1 -n plain vg1 /dev/b");
  }

  /// The VG as `vg` says, as another program would have written it.
  void becomes(const VolumeGroup& vg) {
    std::ofstream(dir / "text") << text::write_vg(vg, {}, {}, text::Form::File);
    m.must("vgcfgrestore -y --force -f " + dir / "text" + " vg1");
  }
  static LogicalVolume of_type(const std::string& name, std::uint64_t length, const std::string& type,
                               const std::string& body) {
    return VgBuilder().foreign(name, length, type, body).vg.lvs.front();
  }
  static void hide(VolumeGroup& vg, const char* lv) { find_lv(vg, lv)->status.set(LvFlag::Visible, false); }

  /// A device of the LV, as lvm2 names it; `layer` also stands behind the name,
  /// `suffix` behind the UUID alone.
  void up(const std::string& lv, const std::string& layer = "", const std::string& suffix = "") {
    const VolumeGroup vg = m.vg("vg1");
    const LogicalVolume* of = find_lv(vg, lv);
    ASSERT_NE(of, nullptr) << lv;
    dm::Device device;
    device.name = dm::device_name("vg1", lv) + (layer.empty() ? "" : "-" + layer);
    device.uuid = dm::device_uuid(vg.id, of->id);
    if (const std::string& behind = layer.empty() ? suffix : layer; !behind.empty()) device.uuid += "-" + behind;
    device.table = {
        {{}, to_sectors(of->extents(), vg.extent_size), dm::LinearTarget{{dm::DevNumber{FakeKernel::kMajor, 99}, {}}}}};
    auto change = m.kernel.preload({{dm::Create{device}}});
    ASSERT_TRUE(change.ok()) << change.error().message();
    ASSERT_TRUE((*change)->finish().ok());
  }
  /// "sn" is a snapshot of "o", and both are active.
  void snapshot() {
    VolumeGroup vg = m.vg("vg1");
    hide(vg, "sn");
    vg.lvs.push_back(of_type("snapshot0", 2, "snapshot", "chunk_size = 8\norigin = \"o\"\ncow_store = \"sn\"\n"));
    becomes(vg);
    for (const char* lv : {"o", "sn"}) up(lv);
    up("o", "real");
    up("sn", "cow");
  }
  /// "o" and "sn" become the data and the metadata of a thin pool that has a
  /// thin LV.
  void thin_pool() {
    VolumeGroup vg = m.vg("vg1");
    hide(vg, "o");
    hide(vg, "sn");
    find_lv(vg, "o")->name = "tp_tdata";
    find_lv(vg, "sn")->name = "tp_tmeta";
    vg.lvs.push_back(of_type("tp", 3, "thin-pool",
                             "metadata = \"tp_tmeta\"\npool = \"tp_tdata\"\ntransaction_id "
                             "= 1\nchunk_size = 128\n"));
    vg.lvs.push_back(of_type("th", 5, "thin", "thin_pool = \"tp\"\ntransaction_id = 0\ndevice_id = 1\n"));
    becomes(vg);
    up("tp_tdata", "", "tdata");
    up("tp_tmeta", "", "tmeta");
  }
  /// pvmove0, which "o" lies on, as long as `o_uses_it`.
  void pvmove(bool o_uses_it) {
    VolumeGroup vg = m.vg("vg1");
    LogicalVolume move = of_type("pvmove0", 3, "mirror",
                                 "mirror_count = 2\nextents_moved = 0\nmirrors "
                                 "= [\n\"pv0\", 10,\n\"pv1\", 5\n]\n");
    for (LvFlag flag : {LvFlag::PvMove, LvFlag::Locked}) move.status.set(flag);
    move.status.set(LvFlag::Visible, false);
    vg.lvs.push_back(move);
    if (o_uses_it) find_lv(vg, "o")->status.set(LvFlag::Locked);
    if (o_uses_it) find_lv(vg, "o")->segments[0].body = Striped{{}, {LvArea{"pvmove0", {}}}};
    becomes(vg);
    up("pvmove0");
  }
  std::string devices() const {
    std::vector<std::string> names;
    for (const auto& [uuid, device] : m.kernel.devices()) names.push_back(device.name);
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) all += name + " ";
    return all;
  }
  void refuses(const std::string& line, const std::string& why) {
    const std::string before = devices();
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(why)) << line;
    EXPECT_EQ(devices(), before) << line;
  }

  TempDir dir;
  TestMachine m;
};

TEST_F(BesideLvm2, NeitherASnapshotNorItsOriginIsTakenDownOrLoadedAnew) {
  snapshot();
  for (const std::string lv : {"vg1/o", "vg1/sn"}) {
    const std::string why = lv +
                            ": it is used by vg1/snapshot0 (type "
                            "snapshot), which is not handled yet";
    for (const char* plan : {"", " --plan"}) {
      refuses("lvchange -an " + lv + plan, "Cannot deactivate " + why + "; `lvm lvchange -an " + lv + "` does it");
      refuses("lvchange --refresh " + lv + plan,
              "Cannot refresh " + why + "; `lvm lvchange --refresh " + lv + "` does it");
      refuses("lvchange -ay " + lv + plan, "Cannot activate " + why + "; `lvm lvchange -ay " + lv + "` does it");
    }
  }
  refuses("lvchange -an vg1/o vg1/sn", "Cannot deactivate vg1/sn");
}

TEST_F(BesideLvm2, TheSnapshotThatIsNotActiveIsLeftAloneQuietly) {
  snapshot();
  for (const char* name : {"vg1-sn", "vg1-sn-cow", "vg1-o", "vg1-o-real"}) {
    const FakeKernel::FakeDevice* device = m.kernel.find(name);
    ASSERT_TRUE((*m.kernel.preload({{dm::Remove{name, device->uuid, "vg1", "x"}}}))->finish().ok());
  }
  m.must("lvchange -an vg1/sn vg1/o");
  m.must("vgchange -an vg1");
  m.must("vgchange --refresh vg1");
  refuses("lvchange -ay vg1/o", "lvm lvchange -ay vg1/o");
}

TEST_F(BesideLvm2, WhatStandsStillIsMendedByTheCommandThatHandlesIt) {
  snapshot();
  m.must("lvchange -ay vg1/plain");
  for (const char* device : {"vg1-o", "vg1-plain"}) m.kernel.leave_suspended(device);
  const Ran ran = m.run("lvs");
  EXPECT_THAT(ran.err, HasSubstr(". lvm lvchange --refresh vg1/o mends it."));
  EXPECT_THAT(ran.err, HasSubstr(". lvchange --refresh vg1/plain mends it."));
  EXPECT_THAT(m.run("why vg1/o").out, HasSubstr("lvm lvchange --refresh vg1/o"));
  EXPECT_THAT(m.run("why vg1/plain").out, HasSubstr("ashlar lvchange --refresh vg1/plain"));
}

TEST_F(BesideLvm2, TheGroupIsTakenDownButForWhatIsNotHandled) {
  snapshot();
  m.must("lvchange -ay vg1/plain");
  const Ran plan = m.run("vgchange -an vg1 --plan");
  EXPECT_EQ(plan.status, 5);
  EXPECT_THAT(plan.out, HasSubstr("Remove the device vg1-plain ("));
  EXPECT_THAT(plan.out, Not(HasSubstr("device vg1-o")));
  EXPECT_NE(m.kernel.find("vg1-plain"), nullptr);
  const Ran ran = m.run("vgchange -an vg1");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("vg1/o"));
  EXPECT_THAT(ran.err, HasSubstr("vg1/sn"));
  EXPECT_THAT(ran.out, HasSubstr("2 logical volume(s) in volume group \"vg1\" now active"));
  EXPECT_EQ(devices(), "vg1-o vg1-o-real vg1-sn vg1-sn-cow ");
}

TEST_F(BesideLvm2, LayersOfALvThatIsPlainByItsMetadataStay) {
  for (const char* layer : {"", "real"}) up("plain", layer);
  refuses("lvchange -an vg1/plain", "Cannot deactivate vg1/plain: the kernel has vg1-plain-real beneath it");
  refuses("lvchange --refresh vg1/plain", "Cannot refresh vg1/plain");
}

TEST_F(BesideLvm2, ALvThatPvmoveHasInHandStays) {
  pvmove(true);
  up("o");
  refuses("lvchange -an vg1/o",
          "Cannot deactivate vg1/o: it lies on vg1/pvmove0 (type mirror), "
          "which is not handled yet; `lvm lvchange -an "
          "vg1/o` does it");
  refuses("lvchange -an vg1/pvmove0",
          "Cannot deactivate vg1/pvmove0: its segment type mirror is not "
          "handled yet; `lvm "
          "vgchange -an vg1` does it");
}

TEST_F(BesideLvm2, NoStateIsRestoredOverAPoolThatIsActive) {
  m.must("vgcfgbackup -f " + dir / "before" + " vg1");
  thin_pool();
  up("tp", "", "tpool");
  const std::uint32_t seqno = m.vg("vg1").seqno;
  refuses("vgcfgrestore -f " + dir / "before" + " vg1",
          "volume group vg1 has active volumes: vg1-tp vg1-tp_tdata vg1-tp_tmeta;");
  EXPECT_THAT(m.must("vgcfgrestore --plan -f " + dir / "before" + " vg1"),
              HasSubstr("Will be asked: WARNING: Found 3 active volume(s)"));
  const Ran ran = m.run("vgcfgrestore -f " + dir / "before" + " vg1", "n");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.out + ran.err, HasSubstr("Found 3 active volume(s)"));
  EXPECT_EQ(m.vg("vg1").seqno, seqno);
}

TEST_F(BesideLvm2, ASnapshotAndItsOriginAreTwoActiveVolumesHoweverManyDevicesTheyHave) {
  snapshot();
  m.must("vgcfgbackup -f " + dir / "before" + " vg1");
  refuses("vgcfgrestore -f " + dir / "before" + " vg1", "volume group vg1 has active volumes: vg1-o vg1-sn;");
}

TEST_F(BesideLvm2, TheGroupIsNotSaidToBeDownWhileAnLvThatNobodySeesIsUp) {
  pvmove(false);
  for (const char* plan : {"", " --plan"})
    refuses(std::string("vgchange -an vg1") + plan,
            "Active beside the logical volumes of vg1 that are shown: vg1/pvmove0; "
            "`lvm vgchange -ay vg1` and then `lvm vgchange -an vg1` take down");
  EXPECT_THAT(m.run("vgchange -an vg1").out, HasSubstr("1 logical volume(s) in volume group \"vg1\" now active"));
}

TEST_F(BesideLvm2, APartOfALvThatIsRefusedIsNotNamedBesideIt) {
  pvmove(true);
  up("o");
  const Ran ran = m.run("vgchange -an vg1");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("Cannot deactivate vg1/o: it lies on vg1/pvmove0"));
  EXPECT_THAT(ran.err, Not(HasSubstr("Active beside")));
}

TEST_F(BesideLvm2, DevicesOfAnLvThatTheGroupNoLongerHasAreNamedToo) {
  VolumeGroup vg = m.vg("vg1");
  up("o", "real");
  m.must("vgcfgbackup -f " + dir / "with" + " vg1");
  std::erase_if(vg.lvs, [](const LogicalVolume& lv) { return lv.name == "o"; });
  becomes(vg);
  refuses("vgchange -an vg1", "Active beside the logical volumes of vg1 that are shown: an LV of id ");
}

TEST_F(BesideLvm2, ReportsShowWhatIsActiveAsLvm2Does) {
  const std::string lvs =
      "lvs -a --noheadings --separator : -o "
      "lv_name,lv_attr,lv_active,lv_kernel_minor -S lv_active=active vg1";
  thin_pool();
  up("tp", "", "tpool");
  EXPECT_THAT(m.must(lvs), HasSubstr("tp:twi-a-t---:active:2\n"));
  EXPECT_THAT(m.must(lvs), HasSubstr("[tp_tdata]:Twi-a-----:active:0\n"));
  EXPECT_THAT(m.must(lvs), HasSubstr("[tp_tmeta]:ewi-a-----:active:1\n"));
  EXPECT_THAT(m.must("lvscan -a"), HasSubstr("ACTIVE            '/dev/vg1/tp'"));
}

TEST_F(BesideLvm2, APoolIsShownByWhatDoesItsWorkAndNotActiveWhereThatIsAllThereIs) {
  const std::string lvs =
      "lvs -a --noheadings --separator : -o "
      "lv_name,lv_attr,lv_active,lv_kernel_minor vg1";
  thin_pool();
  up("tp", "tpool");
  EXPECT_THAT(m.must(lvs), HasSubstr("tp:twi---t---::-1\n"));
  up("tp", "", "pool");
  EXPECT_THAT(m.must(lvs), HasSubstr("tp:twi-a-t---:active:2\n"));
}

TEST_F(BesideLvm2, LayersAreNotTakenForTheLvThatLiesOnThem) {
  snapshot();
  EXPECT_THAT(m.must("lvs --noheadings --separator : -o lv_name,lv_kernel_minor vg1"),
              HasSubstr("o:0\n  plain:-1\n  sn:1\n"));
}

TEST_F(BesideLvm2, OpenAreTheLvsThatPeopleHaveOpen) {
  thin_pool();
  up("tp", "tpool");
  up("tp", "", "pool");
  up("th");
  for (const char* device : {"vg1-tp_tdata", "vg1-tp_tmeta", "vg1-tp-tpool"}) m.kernel.open(device);
  EXPECT_THAT(m.must("vgdisplay vg1"), HasSubstr("Open LV               0\n"));
  m.kernel.open("vg1-th");
  EXPECT_THAT(m.must("vgdisplay vg1"), HasSubstr("Open LV               1\n"));
}

TEST_F(BesideLvm2, AGroupWithSuchLvsActiveIsRenamedOnceTheyAreDown) {
  snapshot();
  refuses("vgrename vg1 vg2",
          "vg1/o is active, and it is used by vg1/snapshot0 (type snapshot), "
          "which is not handled yet; deactivate VG vg1 "
          "first (`lvm vgchange -an vg1`)");
  EXPECT_THAT(m.run("vgrename vg1 vg2").err, Not(HasSubstr("vg2/")));
}

}  // namespace
}  // namespace ashlar::test
