// SPDX-License-Identifier: LGPL-2.1-or-later
// What settings change on disks and in the kernel; profiles that metadata names; the devices file where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;

constexpr Bytes kExtent{4 << 20};
constexpr Bytes kDataStart{1 << 20};

// lvm2 2.03.16 does not do what its own description says.
TEST(MetadataReadOnly, ChangesNoMetadata) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  const std::string off = " --config global/metadata_read_only=1";
  const VolumeGroup before = m.vg("vg0");
  for (const std::string line :
       {"vgchange --addtag t vg0", "lvcreate -an -Zn -l1 vg0", "vgrename vg0 vg1", "pvcreate /dev/b"})
    EXPECT_EQ(m.run(line + off).status, 5) << line;
  EXPECT_EQ(m.vg("vg0"), before);
  EXPECT_EQ(m.look().scan.pvs.size(), 1U);
  m.must("vgs" + off);
}

// Observed: lvm2 takes it for --sysinit --readonly, and any other number for 1 or for no locks.
TEST(LockingType, FourChangesNothingAndActivates) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l1 -n lv vg0");
  m.must("pvcreate /dev/b");
  const std::string four = " --config global/locking_type=4";
  const std::uint32_t seqno = m.vg("vg0").seqno;
  for (const std::string line :
       {"vgchange --addtag t vg0", "lvcreate -an -Zn -l1 vg0", "lvremove -y vg0/lv", "vgremove -y vg0",
        "vgcreate vg1 /dev/c", "pvcreate /dev/c", "pvremove /dev/b", "vgrename vg0 vg1", "pvchange --addtag t /dev/a",
        "vgck --updatemetadata vg0", "pvresize /dev/a", "vgextend vg0 /dev/b", "vgexport vg0",
        "lvchange --addtag t vg0/lv"}) {
    Ran ran = m.run(line + four);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("Operation prohibited while --readonly is set.")) << line;
  }
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
  EXPECT_EQ(m.look().scan.pvs.size(), 2U);
  for (const std::string line : {"vgs", "lvs", "pvs", "pvscan", "vgck", "vgcfgbackup vg0"}) m.must(line + four);
  m.must("vgchange -ay vg0" + four);
  EXPECT_TRUE(m.kernel.find("vg0-lv") != nullptr);
  m.must("lvchange -an vg0/lv" + four);
  EXPECT_TRUE(m.kernel.find("vg0-lv") == nullptr);
  EXPECT_THAT(m.run("vgs" + four).err, HasSubstr("locking_type (4) is deprecated"));
  for (const std::string other : {"0", "1", "2", "3", "5", "6"})
    m.must("vgchange --addtag t" + other + " vg0 --config global/locking_type=" + other);
}

// Observed: vgcreate and vgsplit take it from there, an option of theirs goes before it, and less than 0 counts as 0.
TEST(VgMetadataCopies, OfANewVgAreThoseOfTheSetting) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b").disk("/dev/c").disk("/dev/d").disk("/dev/e");
  const std::string one = " --config metadata/vgmetadatacopies=1";
  m.must("vgcreate vg0 /dev/a /dev/b /dev/c" + one);
  m.must("vgcreate vg1 /dev/d --config metadata/vgmetadatacopies=-1");
  m.must("vgcreate vg2 /dev/e --vgmetadatacopies 2" + one);
  EXPECT_EQ(m.must("vgs --noheadings -o vg_name,vg_mda_count,vg_mda_used_count,vg_mda_copies"),
            "  vg0     3        1         1\n  vg1     1        1 unmanaged\n  vg2     1        1         2\n");
  m.must("vgsplit vg0 vg3 /dev/b" + one);
  EXPECT_EQ(m.vg("vg3").metadata_copies, 1U);
  m.must("vgsplit vg0 vg1 /dev/c" + one);
  EXPECT_EQ(m.vg("vg1").metadata_copies, 0U);
  m.must("vgremove vg2");
  m.input = R"({"volume_groups": [{"name": "vg4", "devices": ["/dev/e"]}]})";
  m.must("ensure -" + one);
  EXPECT_EQ(m.vg("vg4").metadata_copies, 1U);
}

/// Is extent `n` of the disk discarded?
bool discarded(TestMachine& m, std::uint64_t n, std::size_t disk = 0) {
  auto is = [&](std::uint64_t at) { return m.disks.disk(disk).peek({at}, 1)[0] == std::byte{0xDD}; };
  const std::uint64_t start = kDataStart.n + n * kExtent.n;
  EXPECT_EQ(is(start), is(start + kExtent.n - 1)) << "in part only: extent " << n;
  return is(start);
}

std::string discarded_extents(TestMachine& m, std::size_t disk = 0) {
  std::string all;
  for (std::uint64_t n = 0; n < 15; ++n)
    if (discarded(m, n, disk)) all += (all.empty() ? "" : " ") + std::to_string(n);
  return all;
}

class Discards : public testing::Test {
 protected:
  void SetUp() override {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 4 -n first vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 3 -n second vg0 /dev/a");
    m.must("lvcreate -an -Zn -i 2 -l 6 -n striped vg0");  // on a: 7-9, on b: 0-2
  }
  TestMachine m;
  const std::string on = " --config devices/issue_discards=1";
};

TEST_F(Discards, AreNotSentUnlessASettingAsksForThem) {
  m.must("lvremove -y vg0/first");
  EXPECT_EQ(discarded_extents(m), "");
}

TEST_F(Discards, AreSentForWhatARemovedLvUsed) {
  m.must("lvremove -y vg0/second" + on);
  EXPECT_EQ(discarded_extents(m), "4 5 6");
  m.must("lvremove -y vg0/striped" + on);
  EXPECT_EQ(discarded_extents(m), "4 5 6 7 8 9");
  EXPECT_EQ(discarded_extents(m, 1), "0 1 2");
}

TEST_F(Discards, AreSentForTheEndOfAReducedLv) {
  m.must("lvreduce -y -l 1 vg0/first" + on);
  EXPECT_EQ(discarded_extents(m), "1 2 3");
  m.must("lvreduce -y -l 2 vg0/striped" + on);
  EXPECT_EQ(discarded_extents(m), "1 2 3 8 9");
  EXPECT_EQ(discarded_extents(m, 1), "1 2");
}

TEST_F(Discards, AreNotSentForATestOrAPlan) {
  m.must("lvremove -t -y vg0/first" + on);
  m.must("lvremove --plan -y vg0/first" + on);
  EXPECT_EQ(discarded_extents(m), "");
}

TEST_F(Discards, OfATransactionSpareWhatIsUsedAgain) {
  m.input = "lvremove -y vg0/first\nlvcreate -an -Zn -l 2 -n third vg0 /dev/a:0-1\n";
  m.must("batch" + on);
  EXPECT_EQ(discarded_extents(m), "2 3");
}

TEST_F(Discards, AreNotSentWhenTheCommitFails) {
  m.disks.disk(0).fail_write(0, true);
  EXPECT_NE(m.run("lvremove -y vg0/first" + on).status, 0);
  m.disks.disk(0).heal();
  EXPECT_EQ(discarded_extents(m), "");
}

TEST_F(Discards, AreNotSentForExtentsThatAreOnlyCountedAnew) {
  m.must("vgchange -s 1M vg0" + on);
  EXPECT_EQ(discarded_extents(m), "");
  EXPECT_EQ(discarded_extents(m, 1), "");
}

TEST(UseLinearTarget, LeavesTheChoiceOfTheTarget) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 3 -n lin vg0");
  EXPECT_THAT(m.must("tables vg0"), HasSubstr("0 24576 linear "));
  EXPECT_THAT(m.must("tables vg0 --config activation/use_linear_target=0"), HasSubstr("0 24576 striped 1 8192 "));
}

TEST(AllowMixedBlockSizes, LetsDisksOfDifferentBlocksIntoOneVg) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b", {64 << 20}, {4096});
  const std::string on = " --config devices/allow_mixed_block_sizes=1";
  EXPECT_EQ(m.run("vgcreate vg0 /dev/a /dev/b").status, 5);
  m.must("vgcreate vg0 /dev/a /dev/b" + on);
  m.must("vgreduce vg0 /dev/b");
  EXPECT_EQ(m.run("vgextend vg0 /dev/b").status, 5);
  m.must("vgextend vg0 /dev/b" + on);
}

TEST(MetadataProfiles, AreKeptByNameAndTakenOff) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate --metadataprofile one vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 1 -n a vg0 --profile two");
  m.must("lvcreate -an -Zn -l 1 -n b vg0");
  EXPECT_EQ(m.vg("vg0").profile, "one");
  EXPECT_EQ(m.vg("vg0").lvs[0].profile, "two");
  EXPECT_EQ(m.vg("vg0").lvs[1].profile, "");
  m.must("lvchange --metadataprofile three vg0/b");
  m.must("lvchange --detachprofile vg0/a");
  m.must("vgchange --profile four vg0");
  EXPECT_EQ(m.vg("vg0").lvs[0].profile, "");
  EXPECT_EQ(m.vg("vg0").lvs[1].profile, "three");
  EXPECT_EQ(m.vg("vg0").profile, "four");
  m.must("vgchange --detachprofile vg0");
  EXPECT_EQ(m.vg("vg0").profile, "");
  EXPECT_EQ(m.run("vgchange --detachprofile --metadataprofile x vg0").status, 3);
  EXPECT_EQ(m.run("pvs --metadataprofile x").status, 3);
  EXPECT_EQ(m.run("vgs --profile x --commandprofile y").status, 5);
}

TEST(DevicesFile, ThatIsNotInUseIsSaidSo) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  for (const char* line : {"lvmdevices", "lvmdevices --check", "lvmdevices --update", "lvmdevices --adddev /dev/a",
                           "lvmdevices --deldev /dev/a", "vgimportdevices -a", "vgimportdevices vg0"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("Devices file not enabled.")) << line;
    EXPECT_EQ(ran.out, "") << line;
  }
  for (const char* line : {"lvmdevices x", "lvmdevices --check --update", "lvmdevices --check --deviceidtype x",
                           "vgimportdevices", "vgimportdevices -a vg0", "pvs --devices /dev/a --devicesfile x"})
    EXPECT_EQ(m.run(line).status, 3) << line;
  EXPECT_EQ(m.run("lvmdevices --addpvid x").status, 5);
  EXPECT_THAT(m.run("lvmdevices --readonly --adddev /dev/a").err, HasSubstr("leave out --adddev"));
}

TEST(SettingsEffect, UnitsOf1024AreSmallLettersUnlessConsistencyIsOff) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  const std::string off = " --config global/si_unit_consistency=0";
  EXPECT_EQ(m.must("vgs --noheadings -o vg_size vg0"), "  60.00m\n");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_size vg0" + off), "  60.00M\n");
  EXPECT_EQ(m.must("vgs --noheadings --units H -o vg_size vg0" + off), "  62.91M\n");
  EXPECT_THAT(m.must("vgdisplay vg0"), HasSubstr("VG Size               60.00 MiB"));
  EXPECT_THAT(m.must("vgdisplay vg0" + off), HasSubstr("VG Size               60.00 MB"));
}

TEST(SettingsEffect, TheFillerStandsInForMissingStripes) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -an -Zn -i 2 -l 2 -n data vg0");
  m.disks.remove("/dev/b");
  auto filled_by = [&](const std::string& filler) {
    m.must("lvchange -ay -P vg0/data --config activation/missing_stripe_filler=\"" + filler + "\"");
    const FakeKernel::FakeDevice* device = m.kernel.find("vg0-data-missing_0_1");
    EXPECT_NE(device, nullptr);
    const bool zero = device != nullptr && std::get<dm::UnbackedTarget>(device->live->targets.at(0).params).zero;
    m.must("lvchange -an vg0/data");
    return std::string(zero ? "zero" : "error");
  };
  EXPECT_EQ(filled_by("zero"), "zero");
  EXPECT_EQ(filled_by("error"), "error");
  Ran device = m.run("lvchange -ay -P vg0/data --config activation/missing_stripe_filler=\"/dev/zero\"");
  EXPECT_EQ(device.status, 5);
  EXPECT_THAT(device.err, HasSubstr("Ashlar knows error and zero"));
}

TEST(SettingsEffect, SignaturesOnANewLvAreLookedForAsTheSettingsSay) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.lv_signatures = {{"xfs", {0}, {4}}};
  auto asks = [&](const std::string& more) {
    return m.run("lvcreate -l 1 vg0" + more, "n").err.find("xfs signature detected") != std::string::npos;
  };
  EXPECT_TRUE(asks(""));
  EXPECT_FALSE(asks(" --config allocation/wipe_signatures_when_zeroing_new_lvs=0"));
  EXPECT_FALSE(asks(" --config allocation/use_blkid_wiping=0"));
  EXPECT_TRUE(asks(" -Wy --config allocation/wipe_signatures_when_zeroing_new_lvs=0"));
}

TEST(SettingsEffect, AnIdWithoutARestoreFileIsTakenWhereTheSettingAllowsIt) {
  TestMachine m;
  m.disk("/dev/a");
  const std::string line = "pvcreate --uuid abcdef-ghij-klmn-opqr-stuv-wxyz-012345 /dev/a";
  Ran refused = m.run(line);
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.err, HasSubstr("--restorefile is required with --uuid"));
  m.must(line + " --config devices/require_restorefile_with_uuid=0");
  EXPECT_THAT(m.must("pvs --noheadings -o pv_uuid"), HasSubstr("abcdef-ghij-klmn-opqr-stuv-wxyz-012345"));
}

class ReportSettings : public testing::Test {
 protected:
  ReportSettings() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 1 -n small vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 2 -n big vg0 /dev/b");
  }
  std::string one_line(const std::string& line) {
    std::string out = m.must(line + " --noheadings --separator :");
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
  }
  TestMachine m;
};

TEST_F(ReportSettings, NoReportIsMadeWithATimeFormatThatLvm2WouldNotTake) {
  for (const char* format : {"%Q", "%", "a%", "%n", "%%", "%-d", "%OQ", "%EH", "%5Y"}) {
    const Ran ran = m.run(std::string("lvs -o lv_time --config report/time_format=\"") + format + "\"");
    EXPECT_EQ(ran.status, 5) << format;
    EXPECT_THAT(ran.err, HasSubstr(std::string("Invalid time format \"") + format + "\"")) << format;
    EXPECT_EQ(ran.out, "") << format;
  }
  for (const char* format : {"abc", "%Y-%m-%d", "%EY%Od", "a%%Y", "%s"})
    m.must(std::string("lvs -o lv_time --config report/time_format=\"") + format + "\"");
}

TEST_F(ReportSettings, AMissingDeviceIsCalledInTwoWordsIfTheyAreAskedFor) {
  m.disks.remove("/dev/b");
  const std::string words = " --config report/two_word_unknown_device=1";
  EXPECT_EQ(one_line("pvs -o pv_name,pv_attr"), "  /dev/a:a--   [unknown]:a-m ");
  EXPECT_EQ(one_line("pvs -o pv_name,pv_attr" + words), "  /dev/a:a--   unknown device:a-m ");
  EXPECT_EQ(one_line("pvs -o pv_attr -S 'pv_name=\"unknown device\"'" + words), "  a-m ");
  EXPECT_EQ(one_line("lvs -o devices,seg_pe_ranges vg0/big" + words), "  unknown device(0):unknown device:0-1 ");
  for (const char* line :
       {"pvdisplay", "pvdisplay -c", "pvdisplay -s", "lvdisplay -m vg0/big", "vgdisplay -v", "pvscan"}) {
    EXPECT_THAT(m.must(line + words), HasSubstr("unknown device")) << line;
    EXPECT_THAT(m.must(line), HasSubstr("[unknown]")) << line;
  }
}

TEST_F(ReportSettings, AnLvWithoutReadAheadOfItsOwnHasWhatTheSettingSays) {
  m.must("lvchange -r 256 vg0/big");
  const std::string none = " --config activation/readahead=\"none\"";
  EXPECT_EQ(one_line("lvs -o lv_name,lv_read_ahead"), "  big:128.00k   small:auto ");
  EXPECT_EQ(one_line("lvs -o lv_name,lv_read_ahead" + none), "  big:128.00k   small:0  ");
  EXPECT_EQ(one_line("lvs -o lv_name -S lv_read_ahead=auto" + none), "");
  EXPECT_EQ(one_line("lvs -o lv_read_ahead vg0/small --config activation/readahead=\"None\""), "  0  ");
  EXPECT_THAT(m.must("lvdisplay vg0/small"), HasSubstr("Read ahead sectors     auto"));
  EXPECT_THAT(m.must("lvdisplay vg0/small" + none), HasSubstr("Read ahead sectors     0"));
  EXPECT_THAT(m.must("lvdisplay vg0/big" + none), HasSubstr("Read ahead sectors     256"));
  EXPECT_THAT(m.must("lvdisplay -c vg0/small"), HasSubstr(":0:-1:-1:-1\n"));
  EXPECT_THAT(m.must("lvdisplay -c vg0/small" + none), HasSubstr(":0:0:-1:-1\n"));
}

TEST_F(ReportSettings, AnOrderOfTheCommandLineHoldsInSpiteOfUnbuffered) {
  EXPECT_EQ(one_line("lvs -o lv_name --unbuffered -O -lv_size"), "  big   small ");
  EXPECT_EQ(one_line("lvs -o lv_name --unbuffered -O lv_size"), "  small   big ");
  EXPECT_EQ(one_line("lvs -o lv_name --unbuffered"), "  small   big ");
  EXPECT_EQ(one_line("lvs -o lv_name -O -lv_size --config report/buffered=0"), "  small   big ");
}

TEST(ActivationLists, KeepANewLvInactiveThatIsToBeActivatedAutomatically) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.lvm_conf = "activation { auto_activation_volume_list = [ \"zz\" ] }";
  const Ran ran = m.run("lvcreate -y -aay -l 1 -n one vg0");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("vg0/one not zeroed"), std::string::npos) << ran.err;
  EXPECT_EQ(m.kernel.find("vg0-one"), nullptr);
  m.must("lvcreate -y -ay -l 1 -n two vg0");
  EXPECT_NE(m.kernel.find("vg0-two"), nullptr);
  m.must("lvcreate -an -Zn --setautoactivation n -l 1 -n three vg0");
  m.lvm_conf = "";
  m.must("lvcreate -y -aay -l 1 -n four vg0");
  EXPECT_NE(m.kernel.find("vg0-four"), nullptr);
}

// As LVM2: somebody is there who asks for it.
TEST(NewLvs, AreActivatedWhateverTheyAreToDoAtBootAndWithKWhateverIsSkipped) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -aay --setautoactivation n -l 1 -n one vg0");
  EXPECT_NE(m.kernel.find("vg0-one"), nullptr);
  m.must("lvcreate -y -ay -ky -K -l 1 -n two vg0");
  EXPECT_NE(m.kernel.find("vg0-two"), nullptr);
  m.must("lvcreate -y -aay -ky -l 1 -n three vg0");
  EXPECT_EQ(m.kernel.find("vg0-three"), nullptr);
  m.must("vgchange --setautoactivation n vg0");
  m.must("lvcreate -y -aay -l 1 -n four vg0");
  EXPECT_NE(m.kernel.find("vg0-four"), nullptr);
  m.must("vgchange -an vg0");
  m.must("vgchange -aay vg0");
  EXPECT_TRUE(m.kernel.devices().empty());
}

}  // namespace
}  // namespace ashlar::test
