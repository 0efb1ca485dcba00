// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines that scripts read: display commands and lists. tests/system/differential compares them with lvm2's.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

class Display : public testing::Test {
 protected:
  Display() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b --addtag red");
    m.must("lvcreate -an -Zn -L 8M -n one vg0");
    m.must("lvcreate -an -Zn -i2 -L 16M -n two vg0 --addtag blue");
    m.must("pvcreate /dev/c");
  }
  static std::size_t fields(const std::string& line) {
    return static_cast<std::size_t>(std::count(line.begin(), line.end(), ':')) + 1;
  }
  TestMachine m;
};

TEST_F(Display, GivesAsManyFieldsWithColonsAsScriptsCount) {
  EXPECT_EQ(fields(m.must("pvdisplay -c /dev/a")), 12U);
  EXPECT_EQ(fields(m.must("vgdisplay -c")), 17U);
  EXPECT_EQ(fields(m.must("lvdisplay -c vg0/one")), 13U);
}

TEST_F(Display, SaysInWordsWhatAPvIs) {
  std::string out = m.must("pvdisplay /dev/a");
  EXPECT_NE(out.find("  PV Size               64.00 MiB / not usable 4.00 MiB\n"), std::string::npos) << out;
  EXPECT_NE(out.find("  Allocated PE          4\n"), std::string::npos) << out;
  EXPECT_NE(m.must("pvdisplay /dev/c").find("  --- NEW Physical volume ---\n"), std::string::npos);
}

TEST_F(Display, CountsWhatIsAheadOfTheDataAsNotUsableOnlyWhereSomethingBehindItIsNot) {
  m.must("vgcreate -s 1m filled /dev/c");
  EXPECT_NE(m.must("pvdisplay /dev/c").find("  PV Size               64.00 MiB / not usable 0   \n"),
            std::string::npos);
  m.must("vgremove filled");
  m.must("vgcreate -s 4m odd /dev/c");
  EXPECT_NE(m.must("pvdisplay /dev/c").find("  PV Size               64.00 MiB / not usable 4.00 MiB\n"),
            std::string::npos);
}

TEST_F(Display, CountsAnActiveReadOnlyDeviceAmongTheAccessOfAnLvButNoPersistentNumber) {
  auto access = [&](const std::string& lv) {
    const std::string line = m.must("lvdisplay -c vg0/" + lv);
    const std::size_t second = line.find(':', line.find(':') + 1) + 1;
    return line.substr(second, line.find(':', second) - second);
  };
  m.must("lvcreate -an -Zn -l1 -n numbered -My --major 253 --minor 77 vg0");
  EXPECT_EQ(access("numbered"), "3");
  m.must("lvcreate -an -Zn -l1 -pr -n still vg0");
  EXPECT_EQ(access("still"), "1");
  m.must("lvchange -ay vg0/still");
  EXPECT_EQ(access("still"), "5");
}

TEST_F(Display, GivesAnLvItsPathForANameWhereTheSettingSaysSo) {
  const std::string out = m.must("lvdisplay --config global/lvdisplay_shows_full_device_path=1 vg0/one");
  EXPECT_NE(out.find("  LV Name                /dev/vg0/one\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("LV Path"), std::string::npos) << out;
}

TEST_F(Display, TellsWhichLvsAreActive) {
  EXPECT_NE(m.must("lvscan").find("  inactive          '/dev/vg0/one' [8.00 MiB] inherit\n"), std::string::npos);
  m.must("lvchange -ay vg0/one");
  EXPECT_NE(m.must("lvscan").find("  ACTIVE            '/dev/vg0/one' [8.00 MiB] inherit\n"), std::string::npos);
  EXPECT_NE(m.must("lvdisplay vg0/one").find("  LV Status              available\n  # open                 0\n"),
            std::string::npos);
  EXPECT_NE(m.must("lvs --noheadings -o lv_attr vg0/one").find("-wi-a-----"), std::string::npos);
}

TEST_F(Display, TakesNamesTagsAndSelections) {
  EXPECT_EQ(fields(m.must("lvdisplay -c @blue")), 13U);
  EXPECT_EQ(m.must("lvdisplay -c -S lv_name=none"), "");
  EXPECT_NE(m.must("vgdisplay -s @red").find("\"vg0\" 120.00 MiB [24.00 MiB used / 96.00 MiB free]"),
            std::string::npos);
  EXPECT_EQ(m.run("lvdisplay vg0/none").status, 5);
  EXPECT_EQ(m.run("vgdisplay none").status, 5);
  EXPECT_EQ(m.run("pvdisplay /dev/none").status, 5);
}

TEST_F(Display, RefusesOptionsThatDoNotGoTogether) {
  for (const char* line : {"pvdisplay -c -s", "pvdisplay -c -m", "pvdisplay -a", "vgdisplay -c -C",
                           "lvdisplay -o lv_name", "pvscan -e -n", "pvscan /dev/a"})
    EXPECT_EQ(m.run(line).status, 3) << line;
}

TEST_F(Display, ShowsSegmentsOfEveryKind) {
  m.must("lvcreate --type error -an -l 3 -n err vg0");
  std::string out = m.must("lvdisplay -m vg0");
  EXPECT_NE(out.find("    Stripe size\t\t64.00 KiB\n    Stripe 0:\n      Physical volume\t/dev/a\n"), std::string::npos)
      << out;
  EXPECT_NE(out.find("  Virtual extents 0 to 2:\n    Type\t\terror\n"), std::string::npos) << out;
  EXPECT_NE(m.must("pvdisplay -m /dev/a").find("  Physical extent 4 to 14:\n    FREE\n"), std::string::npos);
}

TEST_F(Display, ReportsEverythingOfEachVgInOneTree) {
  std::string out = m.must(
      "fullreport --reportformat json --configreport vg -o vg_name --configreport pv -o pv_name --configreport lv -o lv_name -S lv_name=two "
      "--configreport pvseg -o pvseg_start --configreport seg -o segtype");
  EXPECT_NE(out.find("              \"lv\": [\n                  {\"lv_name\":\"two\"}\n              ]\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("{\"pv_name\":\"/dev/c\"}"), std::string::npos) << out;
}

TEST_F(Display, ShowsWhatIsConfiguredAndWhatCouldBe) {
  EXPECT_EQ(m.must("lvmconfig --config backup/archive=0 backup/archive"), "archive=0\n");
  EXPECT_EQ(m.run("lvmconfig backup/archive").status, 5);
  EXPECT_EQ(m.must("lvmconfig --type default global/units"), "# units=\"r\"\n");
  EXPECT_EQ(m.must("lvmconfig --type default --withversions global/units"),
            "# Available since version 1.0.0.\n# units=\"r\"\n");
  EXPECT_EQ(m.must("lvmconfig --type list --withversions config/checks"), "config/checks - [2.2.99]\n");
  EXPECT_EQ(
      m.must("lvmconfig --type new --sinceversion 2.3.12"),
      "devices {\n\t# use_devicesfile=0\n\t# devicesfile=\"system.devices\"\n\t# search_for_devnames=\"auto\"\n"
      "\t# multipath_wwids_file=\"/etc/multipath/wwids\"\n}\nallocation {\n\t# thin_pool_crop_metadata=0\n\t# vdo_pool_header_size=512\n}\n"
      "log {\n\t# journal=[]\n}\nglobal {\n\t# lvmlockctl_kill_command=\"\"\n}\n");
  EXPECT_EQ(m.must("lvmconfig --type default --atversion 2.2.99 config/checks"), "# checks=1\n");
  for (const char* wrong : {"--type default --atversion 2.3", "--type default --sinceversion 2.3.0",
                            "--atversion 2.3.0", "--type new --atversion 2.3.0 --sinceversion 2.3.0"})
    EXPECT_EQ(m.run(std::string("lvmconfig ") + wrong).status, 3) << wrong;
  EXPECT_EQ(m.must("lvmconfig --type full global/units --valuesonly"), "\"r\"\n");
  EXPECT_EQ(m.must("lvmconfig --validate"), "  LVM configuration valid.\n");
  EXPECT_EQ(m.run("lvmconfig --type no-such").status, 3);
  // Settings that LVM2 gave up are known, and shown when asked for; what there is not is told.
  EXPECT_EQ(m.run("lvmconfig --type default global/locking_type").status, 5);
  EXPECT_EQ(m.must("lvmconfig --type default --showdeprecated global/locking_type devices/write_cache_state"),
            "# locking_type=1\nwrite_cache_state=1\n");
  EXPECT_EQ(m.must("lvmconfig --type default --showdeprecated --showunsupported metadata/disk_areas"),
            "# disk_areas {\n\t# disk_area {\n\t\t# start_sector=0\n\t\t# size=0\n\t# }\n# }\n");
  EXPECT_EQ(m.must("lvmconfig --type default --atversion 2.2.98 activation/mirror_region_size"),
            "# mirror_region_size=2048\n");
  EXPECT_EQ(m.run("lvmconfig --validate --config devices/dri=1").status, 5);
  EXPECT_EQ(m.must("lvmconfig --type profilable-metadata allocation/cache_settings"), "# cache_settings {\n# }\n");
}

TEST_F(Display, ChecksAndDumpsAPv) {
  EXPECT_EQ(
      m.must("pvck /dev/a"),
      "  Found label on /dev/a, sector 1, type=LVM2 001\n  Found text metadata area: offset=4096, size=1044480\n");
  EXPECT_NE(m.must("pvck --dump headers /dev/a").find("  mda_header_1.raw_locn[0] at 4136 # commit\n"),
            std::string::npos);
  EXPECT_NE(m.must("pvck --dump metadata_all /dev/a").find(" vg vg0 seqno 3 id "), std::string::npos);
  EXPECT_EQ(m.run("pvck --repair /dev/a").status, 3);
  EXPECT_EQ(m.run("pvck --dump nothing /dev/a").status, 3);
}

}  // namespace
}  // namespace ashlar::test
