// SPDX-License-Identifier: LGPL-2.1-or-later
// A disk that says that it is of a VG whose id and name it knows, in a text newer than the VG's own.
#include <gtest/gtest.h>

#include "metadata/text/vg_writer.h"
#include "support/forge.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

const Uuid kBad = *parse_uuid("hostil-0000-0000-0000-0000-0000-000000");
const Uuid kNowhere = *parse_uuid("nowher-0000-0000-0000-0000-0000-000000");

class FalseClaim : public testing::Test {
 protected:
  FalseClaim() {
    m.archive.directory = saved.path();
    m.disk("/dev/good0").disk("/dev/good1");
    m.must("vgcreate good /dev/good0 /dev/good1");
    m.must("lvcreate -an -Zn -l 2 -n lv good");
    before = m.vg("good");
    claim = before;
    claim.seqno = 900;
    claim.lvs.clear();
  }
  /// The claimed VG has this PV alone.
  void alone(const Uuid& id) {
    claim.pvs.resize(1);
    claim.pvs[0].id = id;
  }
  void plant() {
    ForgedPv pv{.id = kBad};
    pv.mdas[0].text = text::write_vg(claim, {"Write from evil.", "evil", "", 1}, {"LVM2", "Linux"}, text::Form::Raw);
    m.disk("/dev/bad");
    forge(m.disks.disk("/dev/bad"), pv);
    m.disks.forget_log();
  }
  std::size_t writes(const std::string& path) {
    std::size_t count = 0;
    for (const LogEntry& entry : m.disks.log())
      count += entry.kind == LogEntry::Kind::Write && m.disks.disk(entry.disk).path() == path ? 1 : 0;
    return count;
  }
  /// The VG is what it was and can be changed, the disk is named and left alone.
  void expect_unharmed() {
    for (const char* line :
         {"vgs good", "lvs good/lv", "vgchange -ay good", "vgchange -an good", "vgchange --addtag t good",
          "lvcreate -an -Zn -l 1 -n more good", "lvremove good/more", "vgchange --deltag t good"}) {
      const Ran ran = m.run(line);
      EXPECT_EQ(ran.status, 0) << line << ran.err;
      EXPECT_NE(ran.err.find("/dev/bad"), std::string::npos) << line << ran.err;
    }
    for (const char* line :
         {"vgck good", "repair -y", "repair -y good", "vgck --updatemetadata good", "vgreduce --removemissing good"})
      m.run(line);
    EXPECT_EQ(writes("/dev/bad"), 0U);
    VolumeGroup after = m.vg("good");
    after.seqno = before.seqno;
    EXPECT_EQ(after, before);
    m.must("pvcreate -ff -y /dev/bad");
    EXPECT_EQ(m.run("vgs").err, "");
  }
  TempDir saved;
  TestMachine m;
  VolumeGroup before, claim;
};

TEST_F(FalseClaim, ThatListsAPvThatIsNowhereCountsForNothing) {
  alone(kNowhere);
  plant();
  expect_unharmed();
}

TEST_F(FalseClaim, ThatListsThePvsOfTheVgAndNotItselfCountsForNothing) {
  plant();
  expect_unharmed();
}

TEST_F(FalseClaim, ByAnotherNameCountsForNothing) {
  alone(kNowhere);
  claim.name = "evil";
  plant();
  expect_unharmed();
}

TEST_F(FalseClaim, OfTheSameNumberCountsForNothing) {
  claim.seqno = before.seqno;
  plant();
  for (const char* line :
       {"vgs good", "lvs good/lv", "vgchange -ay good", "vgchange -an good", "vgchange --addtag t good"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line << ran.err;
    EXPECT_NE(ran.err.find("/dev/bad"), std::string::npos) << line << ran.err;
  }
  EXPECT_EQ(m.vg("good").lvs, before.lvs);
  EXPECT_EQ(writes("/dev/bad"), 0U);
}

TEST_F(FalseClaim, OfTheLastNumberCountsForNothing) {
  claim.seqno = UINT32_MAX;
  plant();
  expect_unharmed();
}

TEST_F(FalseClaim, ThatListsItselfAloneIsAnotherVgAndNeitherIsWrittenOrActivated) {
  for (std::uint32_t seqno : {1U, before.seqno, 900U}) {
    SCOPED_TRACE(seqno);
    alone(kBad);
    claim.seqno = seqno;
    if (!m.disks.find("/dev/bad")) plant();
    ForgedPv pv{.id = kBad};
    pv.mdas[0].text = text::write_vg(claim, {"Write from evil.", "evil", "", 1}, {"LVM2", "Linux"}, text::Form::Raw);
    forge(m.disks.disk("/dev/bad"), pv);
    m.disks.forget_log();
    const Ran seen = m.run("lvs -a");
    EXPECT_NE(seen.out.find(" lv "), std::string::npos) << "what the VG has is shown\n" << seen.out;
    EXPECT_NE(seen.err.find("has the same id as another VG"), std::string::npos) << seen.err;
    for (const char* line : {"vgchange --addtag t good", "vgchange -ay good", "lvcreate -an -Zn -l 1 -n more good",
                             "vgck --updatemetadata good", "vgremove -f good", "repair -y", "repair -y good",
                             "vgreduce --removemissing --force good"})
      EXPECT_EQ(m.run(line).status, 5) << line;
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_TRUE(m.kernel.devices().empty());
  }
  m.must("pvremove -ff -y /dev/bad");
  EXPECT_EQ(m.run("vgs").err, "");
  EXPECT_EQ(m.vg("good"), before);
}

}  // namespace
}  // namespace ashlar::test
