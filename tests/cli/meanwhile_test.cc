// SPDX-License-Identifier: LGPL-2.1-or-later
// Disks that are other ones by the time a command writes, and copies that a command was to mend and could not write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// vg0 on a and b, other on c.
class Meanwhile : public testing::Test {
 protected:
  Meanwhile() {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c"}) m.disk(path);
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 2 -n one vg0");
    m.must("vgcreate other /dev/c");
  }
  std::vector<std::byte> start_of(const char* path) { return m.disks.disk(path).peek({0}, 1 << 20); }
  /// The line is refused, and writes to no disk, where /dev/b has become `now` since it looked.
  void refuses(const std::string& line, const std::vector<std::byte>& now, const std::string& why) {
    SCOPED_TRACE(line);
    const std::vector<std::byte> before = start_of("/dev/b");
    m.archive.on_save = [&] {
      m.disks.disk("/dev/b").poke({0}, now);
      m.disks.forget_log();
    };
    const Ran ran = m.run(line);
    EXPECT_EQ(m.archive.on_save, nullptr) << "it did not come so far";
    EXPECT_EQ(ran.status, 5) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr("/dev/b was PV "));
    EXPECT_THAT(ran.err, HasSubstr(why));
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_EQ(start_of("/dev/b"), now);
    m.disks.disk("/dev/b").poke({0}, before);
  }
  TestMachine m;
};

TEST_F(Meanwhile, IsNoDiskWrittenThatHasBecomeAnotherPv) {
  const std::vector<std::byte> c = start_of("/dev/c"), nothing(1 << 20);
  for (const char* line :
       {"vgchange --addtag t vg0", "lvcreate -an -Zn -l 1 -n two vg0", "lvremove -y vg0/one", "vgrename vg0 vg9"}) {
    refuses(line, c, "and is PV ");
    refuses(line, nothing, "and is none by now: nothing is written");
  }
  EXPECT_EQ(m.run("vgck").status, 0);
}

TEST_F(Meanwhile, NoPvIsReleasedThatHasBecomeAnother) {
  m.must("lvremove -y vg0/one");
  const std::vector<std::byte> c = start_of("/dev/c");
  m.archive.on_save = [&] { m.disks.disk("/dev/b").poke({0}, c); };
  const Ran ran = m.run("vgreduce vg0 /dev/b");
  EXPECT_EQ(ran.status, 5) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("/dev/b was PV "));
  EXPECT_EQ(start_of("/dev/b"), c);
}

TEST_F(Meanwhile, NoVgIsRemovedFromADiskThatHasBecomeAnotherPv) {
  m.must("lvremove -y vg0/one");
  refuses("vgremove vg0", start_of("/dev/c"), "and is PV ");
  EXPECT_EQ(m.run("vgs other").status, 0);
}

/// The header of a's metadata area is gone, and cannot be written again.
class UnwritableCopy : public Meanwhile {
 protected:
  UnwritableCopy() {
    m.archive.directory = folder.path();
    m.disks.disk("/dev/a").poke({4096}, std::vector<std::byte>(512));
  }
  void writes_fail_from(std::size_t n) { m.disks.disk("/dev/a").fail_write(n, true); }
  TempDir folder;
};

TEST_F(UnwritableCopy, IsNoSuccessOfACommandThatIsToMendIt) {
  for (const char* line : {"repair -y vg0", "vgck --updatemetadata vg0"}) {
    SCOPED_TRACE(line);
    bool told = false;
    for (std::size_t n = 0; !told; ++n) {
      writes_fail_from(n);
      const Ran ran = m.run(line);
      m.disks.disk("/dev/a").heal();
      ASSERT_EQ(ran.status, 5) << n << ran.out;
      EXPECT_THAT(ran.out, Not(HasSubstr("is repaired")));
      EXPECT_THAT(ran.err, HasSubstr("/dev/a"));
      told = ran.err.find("/dev/a keeps the old metadata") != std::string::npos;
      if (told) {
        EXPECT_THAT(ran.err, HasSubstr("The same command tries again"));
      }
      m.disks.disk("/dev/a").poke({4096}, std::vector<std::byte>(512));
    }
    m.must(line);
    EXPECT_EQ(m.run("vgck vg0").status, 0);
    m.disks.disk("/dev/a").poke({4096}, std::vector<std::byte>(512));
  }
}

TEST_F(UnwritableCopy, IsAWarningOfACommandThatWantsSomethingElse) {
  for (std::size_t n = 0;; ++n) {
    writes_fail_from(n);
    const Ran ran = m.run("vgchange --addtag t vg0");
    m.disks.disk("/dev/a").heal();
    ASSERT_LT(n, 10U);
    if (ran.status == 0 && ran.err.find("WARNING: /dev/a keeps the old metadata") != std::string::npos) break;
    EXPECT_EQ(ran.status, 5) << n << ran.err;
  }
}

}  // namespace
}  // namespace ashlar::test
