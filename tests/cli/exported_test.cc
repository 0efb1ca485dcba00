// SPDX-License-Identifier: LGPL-2.1-or-later
// An exported VG is refused to who calls it by its name, and passed over otherwise. Found by running lvm2 2.03.16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExportedVg : public testing::Test {
 protected:
  ExportedVg() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate --addtag both here /dev/a");
    m.must("vgcreate --addtag both away /dev/b");
    m.must("lvcreate -an -Zn -l 1 -n one here");
    m.must("lvcreate -an -Zn -l 1 -n two away");
    m.must("vgexport away");
  }
  TestMachine m;
};

TEST_F(ExportedVg, KeepsNoCommandThatDoesNotNameItFromSuccess) {
  const std::uint32_t seqno = m.vg("away").seqno;
  for (const char* line :
       {"vgchange -ay", "vgchange -aay", "vgchange -an", "vgchange --addtag t", "vgchange -l 5 @both",
        "vgchange --refresh", "vgchange --addtag u -S vg_name=away", "vgchange --addtag v -S vg_name=~a", "vgck",
        "vgck @both", "pvchange -a --addtag t", "vgremove -f -S vg_name=away", "vgmknodes --refresh", "vgexport @both",
        "vgexport -S vg_name=away", "vgexport -a"})
    EXPECT_THAT(m.must(line), Not(HasSubstr("away"))) << line;
  EXPECT_EQ(m.vg("away").seqno, seqno);
  EXPECT_THAT(m.must("vgcfgbackup @both"), HasSubstr("\"away\" successfully backed up"));
  EXPECT_THAT(m.must("vgimport -a"), HasSubstr("\"away\" successfully imported"));
}

TEST_F(ExportedVg, IsRefusedByItsName) {
  for (const char* line : {"vgck away", "vgck here away", "vgck --updatemetadata away", "vgchange -an away",
                           "vgchange --addtag t here away", "vgchange --monitor n away", "vgchange --poll n away",
                           "vgchange --addtag u away @both", "vgremove -f away", "vgexport away",
                           "pvchange --addtag t /dev/b", "vgreduce --removemissing away"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("\"away\" is exported")) << line;
  }
}

TEST_F(ExportedVg, HasPvsThatAreNotCounted) {
  EXPECT_EQ(m.run("pvchange --addtag t /dev/b").out, "  0 physical volumes changed / 0 physical volumes not changed\n");
  EXPECT_EQ(m.run("pvresize /dev/b").out,
            "  0 physical volume(s) resized or updated / 0 physical volume(s) not resized\n");
  EXPECT_THAT(m.run("pvchange -xy /dev/a /dev/b").out, HasSubstr("0 physical volumes changed / 1 physical volume not"));
  m.disk("/dev/c");
  m.must("pvcreate /dev/c");
  EXPECT_EQ(m.run("pvchange --addtag t /dev/c").out, "  0 physical volumes changed / 1 physical volume not changed\n");
}

TEST_F(ExportedVg, IsNotFoundByATagWhereOneVgIsToBeNamed) {
  EXPECT_EQ(m.run("vgreduce --removemissing @both").status, 5);
}

TEST_F(ExportedVg, IsInAFullReportWithItsLvs) {
  const std::string fields = " --configreport lv -o lv_name --configreport seg -o seg_start_pe,lv_name";
  for (const char* line : {"fullreport away", "fullreport", "fullreport --reportformat json away"})
    EXPECT_THAT(m.must(line + fields), HasSubstr("two")) << line;
  EXPECT_THAT(m.must("lvs"), Not(HasSubstr("two")));
}

}  // namespace
}  // namespace ashlar::test
