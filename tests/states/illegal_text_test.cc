// SPDX-License-Identifier: LGPL-2.1-or-later
// Copies of metadata whose checksums are right and whose text is no legal VG. One that cannot be at all counts as one that
// cannot be read where another is left; what can be shown is shown, and changed by nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "metadata/disk/mda_header.h"
#include "plan/history.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using plan::content_of;
using testing::HasSubstr;
using testing::Not;

class IllegalText : public testing::Test {
 protected:
  IllegalText() {
    m.archive.directory = folder.path();
    m.disk("/dev/a").disk("/dev/b");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 4 -n data vg0");
    m.must("lvcreate -an -Zn -l 9 -n big vg0");
    before = m.vg("vg0");
  }
  store::FoundPv pv(const std::string& path) {
    for (const store::FoundPv& found : m.look().scan.pvs) {
      if (found.device->path() == path) return found;
    }
    ADD_FAILURE() << path;
    return {};
  }
  /// The committed text, without its NUL.
  std::string text_on(const std::string& path) {
    const store::Mda mda = pv(path).mdas.at(0);
    const disk::RawLocn at = mda.header->committed;
    const std::vector<std::byte> bytes = m.disks.disk(path).peek(mda.area.offset + at.offset, at.size.n - 1);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static std::string with(std::string text, const std::string& was, const std::string& is) {
    const std::size_t at = text.find(was);
    EXPECT_NE(at, std::string::npos) << was;
    return text.replace(at, was.size(), is);
  }
  /// Without extents of any size, and so no VG that can be.
  static std::string broken(const std::string& text) { return with(text, "extent_size = 8192", "extent_size = 0"); }
  /// Commits it, behind what is committed or in its place.
  void put(const std::string& path, const std::string& text, bool in_place = false) {
    const store::Mda mda = pv(path).mdas.at(0);
    disk::MdaHeader header = *mda.header;
    const std::string with_nul = text + '\0';
    const auto bytes = as_bytes(with_nul);
    if (!in_place) header.committed.offset = {(header.committed.offset + header.committed.size).n / 512 * 512 + 512};
    header.committed.size = {with_nul.size()};
    header.committed.checksum = crc32(bytes);
    m.disks.disk(path).poke(mda.area.offset + header.committed.offset, {bytes.begin(), bytes.end()});
    m.disks.disk(path).poke(mda.area.offset, disk::encode_mda_header(header));
  }
  void lose_files() {
    m.archive.archives.clear();
    m.archive.backups.clear();
  }
  /// The two commands that the hint of a refused repair names: one makes FILE, the other restores it.
  void follow(const std::string& hint) {
    const auto between = [&](const std::string& from, const std::string& to) {
      const std::size_t begin = hint.find(from) + from.size();
      return hint.substr(begin, hint.find(to, begin) - begin);
    };
    ASSERT_THAT(hint, HasSubstr("no file has a state of the VG; pvck --dump metadata_search "));
    std::string dump = between("no file has a state of the VG; ", " makes one, ");
    const std::string file = folder.path() + "/old";
    dump.replace(dump.find("FILE"), 4, file);
    m.must(dump);
    m.must("vgcfgrestore -y -f " + file + " vg0");
  }
  TempDir folder;  ///< for what is saved
  TestMachine m;
  VolumeGroup before;
};

TEST_F(IllegalText, ThatCannotBeGivesWayToTheCopyOnAnotherPvHoweverHighItsSeqno) {
  put("/dev/a", broken(with(text_on("/dev/a"), "seqno = 3", "seqno = 4")));
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  m.disks.forget_log();
  const Ran shown = m.run("lvs --noheadings -o name vg0");
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.out, "  big \n  data\n");
  EXPECT_THAT(m.run("vgck vg0").err, HasSubstr("metadata area 1 of /dev/a: its text at offset "));
  EXPECT_EQ(m.disks.write_count(), 0U);
  const Ran asked = m.run("repair vg0", "n");
  EXPECT_EQ(asked.status, 5);
  EXPECT_THAT(asked.out, HasSubstr("(VG vg0, seqno 4) is not legal: VG vg0 has an extent size of 0 sectors"));
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_THAT(m.must("repair -y vg0"), HasSubstr("What lay in metadata area 1 of /dev/a is saved as "));
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  EXPECT_THAT(m.must("repair -y vg0"), HasSubstr("VG vg0: nothing to repair."));
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(IllegalText, ThatCannotBeGivesWayToTheCopyOfTheSameSeqnoAndLowerChecksum) {
  const std::string legal = text_on("/dev/b") + '\0';
  std::string text = broken(text_on("/dev/a"));
  const auto sum = [](const std::string& of) { return crc32(as_bytes(of)); };
  while (sum(text + '\0') <= sum(legal)) text += '\n';
  put("/dev/a", text);
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  m.must("lvcreate -an -Zn -l 1 -n next vg0");
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(IllegalText, OnEveryPvIsShownAndWhatRepairNamesRestoresTheOlderStateInTheRing) {
  m.must("lvcreate -an -Zn -l 2 -n extra vg0");
  lose_files();
  for (const char* path : {"/dev/a", "/dev/b"}) put(path, broken(text_on(path)), true);
  m.disks.forget_log();
  const Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(m.disks.write_count(), 0U);
  follow(ran.err);
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
}

TEST_F(IllegalText, ThatCanBeShownRulesByItsSeqnoAndWhatRepairNamesRestoresTheOtherCopy) {
  lose_files();
  put("/dev/a", with(with(text_on("/dev/a"), "seqno = 3", "seqno = 4"), "\"pv0\", 4", "\"pv0\", 0"));
  EXPECT_EQ(m.vg("vg0").seqno, 4U);
  m.disks.forget_log();
  const Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("both use extents 0-3 of"));
  EXPECT_EQ(m.disks.write_count(), 0U);
  follow(ran.err);
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  EXPECT_EQ(m.run("vgck vg0").err, "");
}

TEST_F(IllegalText, IsSaidToBeWhatRulesAndNotToBeUnreadable) {
  for (const char* path : {"/dev/a", "/dev/b"}) put(path, broken(text_on(path)), true);
  const Ran ran = m.run("history vg0");
  EXPECT_THAT(ran.out, HasSubstr("Found in the metadata areas, as what rules now."));
  EXPECT_THAT(ran.out, Not(HasSubstr("no copy that can be read")));
}

TEST_F(IllegalText, WithNothingElseLeftIsShownWithoutAFileThatIsNotThere) {
  m.disk("/dev/c");
  m.must("vgcreate vg1 /dev/c");
  lose_files();
  put("/dev/c", broken(text_on("/dev/c")), true);
  m.disks.forget_log();
  const Ran ran = m.run("repair -y vg1");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("VG vg1 is not legal: "));
  EXPECT_THAT(ran.err, HasSubstr("-> no file and no disk has another state of the VG that can be read"));
  EXPECT_THAT(ran.err, Not(HasSubstr("vgcfgrestore")));
  EXPECT_EQ(m.disks.write_count(), 0U);
}

}  // namespace
}  // namespace ashlar::test
