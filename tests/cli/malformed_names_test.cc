// SPDX-License-Identifier: LGPL-2.1-or-later
// Of several names one that nothing can have: what becomes of the others. Found by running lvm2 2.03.16.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata/model/query.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MalformedNames : public testing::Test {
 protected:
  MalformedNames() {
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a");
    m.must("vgcreate vg1 /dev/b");
    m.must("lvcreate -an -Zn -l 1 -n one vg0");
    m.must("lvcreate -an -Zn -l 1 -n two vg0");
    m.must("lvcreate -an -Zn -l 1 -n zed vg1");
  }
  /// The line fails with this status; its stdout.
  std::string fails(int status, const std::string& line) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, status) << line << "\n" << ran.out << ran.err;
    said = ran.err;
    return ran.out;
  }
  std::vector<std::string> lvs(const std::string& vg) {
    std::vector<std::string> names;
    for (const LogicalVolume& lv : m.vg(vg).lvs) names.push_back(lv.name);
    return names;
  }
  TestMachine m;
  std::string said;
};

TEST_F(MalformedNames, OfOneVgKeepNoOtherVgFromItsTurn) {
  EXPECT_EQ(fails(5, "vgs --noheadings -o vg_name vg0 'bad name!' vg1"), "  vg0\n  vg1\n");
  EXPECT_THAT(said, HasSubstr("Volume group name \"bad name!\" has invalid characters."));
  EXPECT_EQ(fails(5, "vgs --noheadings -o vg_name '' vg1"), "  vg1\n");
  EXPECT_EQ(fails(5, "lvs --noheadings -o lv_name 'no!/x' vg1"), "  zed \n");
  fails(5, "vgchange --addtag t vg0 'bad name!' vg1");
  EXPECT_THAT(said, HasSubstr("Volume group name \"bad name!\" has invalid characters."));
  EXPECT_THAT(m.vg("vg0").tags, ElementsAre("t"));
  EXPECT_THAT(m.vg("vg1").tags, ElementsAre("t"));
  EXPECT_THAT(fails(5, "vgexport 'bad!' vg1"), HasSubstr("\"vg1\" successfully exported"));
  EXPECT_THAT(fails(5, "vgimport 'bad!' vg1"), HasSubstr("\"vg1\" successfully imported"));
  EXPECT_THAT(fails(5, "vgcfgbackup vg0 'bad!' vg1"), HasSubstr("\"vg1\" successfully backed up"));
  fails(5, "vgremove -f 'bad!' vg1");
  EXPECT_EQ(m.look().vgs.size(), 1U);
}

TEST_F(MalformedNames, OfOneLvKeepNoOtherLvFromItsTurn) {
  fails(5, "lvchange --addtag t vg1/zed 'vg0/x!' vg0/two vg0/ 'bad name!'");
  EXPECT_THAT(said, HasSubstr("Failed to find logical volume \"vg0/x!\""));
  EXPECT_THAT(said, HasSubstr("Failed to find logical volume \"vg0/\""));
  EXPECT_THAT(said, HasSubstr("Volume group name \"bad name!\" has invalid characters."));
  EXPECT_THAT(find_lv(m.vg("vg1"), "zed")->tags, ElementsAre("t"));
  EXPECT_THAT(find_lv(m.vg("vg0"), "two")->tags, ElementsAre("t"));
  EXPECT_TRUE(find_lv(m.vg("vg0"), "one")->tags.empty());
  fails(5, "lvremove vg1/zed 'bad name!' vg0/two");
  EXPECT_THAT(lvs("vg1"), ElementsAre());
  EXPECT_THAT(lvs("vg0"), ElementsAre("one"));
}

TEST_F(MalformedNames, AreNeverTakenForTheVgAsAWhole) {
  fails(5, "lvremove -y 'vg0/x!' 'vg0/y!' vg1/");
  EXPECT_THAT(lvs("vg0"), ElementsAre("one", "two"));
  EXPECT_THAT(lvs("vg1"), ElementsAre("zed"));
  const std::string lines = m.must("vgs --noheadings -o vg_name,vg_seqno");
  EXPECT_EQ(fails(5, "vgchange --addtag t 'bad!'"), "");
  EXPECT_EQ(fails(5, "vgcfgbackup 'bad!'"), "");
  EXPECT_EQ(fails(5, "vgmknodes --refresh 'bad!'"), "");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_name,vg_seqno"), lines);
}

TEST_F(MalformedNames, OfAnLvAreSwallowedByItsVgAsAWhole) {
  EXPECT_EQ(m.must("lvs --noheadings -o lv_name vg0/nosuch vg0 'vg0/x y'"), "  one \n  two \n");
  EXPECT_EQ(fails(5, "lvs --noheadings -o lv_name vg0/nosuch vg1"), "  zed \n");
  m.must("lvremove -y vg0 'vg0/x!'");
  EXPECT_THAT(lvs("vg0"), ElementsAre());
}

TEST_F(MalformedNames, PathsThatCannotBeMeantKeepTheWholeLineFromRunning) {
  for (const char* line : {"vgs vg0 a/b/c vg1", "vgchange --addtag t vg0 vg1/zed", "vgdisplay -s a/b vg0",
                           "vgremove -f vg0 a/b", "vgcfgbackup vg0 a/b/c", "vgchange --addtag t @x a/b vg0"})
    EXPECT_EQ(fails(3, line), "") << line;
  EXPECT_THAT(said, HasSubstr("Invalid volume group name a/b."));
  for (const char* line : {"lvs vg0 a/b/c vg1/zed", "lvdisplay -c a/b/c/d vg0", "lvremove -y vg0 a/b/c",
                           "lvchange --addtag t vg0/one /vg1/zed vg0/two", "lvs /dev/a/b/c vg0", "lvs vg0 vg1/zed/"})
    EXPECT_EQ(fails(5, line), "") << line;
  EXPECT_THAT(lvs("vg0"), ElementsAre("one", "two"));
  EXPECT_TRUE(m.vg("vg0").tags.empty());
}

TEST_F(MalformedNames, OfTheOnlyVgOfACommandAreOnesThatAreNotThere) {
  for (const char* line : {"vgmerge vg0 a/b", "vgsplit a/b vg2 /dev/a", "vgreduce a/b /dev/a", "vgextend a/b /dev/a"})
    EXPECT_EQ(fails(5, line), "") << line;
  EXPECT_THAT(said, HasSubstr("Volume group name \"a/b\" has invalid characters."));
}

}  // namespace
}  // namespace ashlar::test
