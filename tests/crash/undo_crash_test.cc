// SPDX-License-Identifier: LGPL-2.1-or-later
// Power is lost after every write of undo and undelete: readers then find the VG as it was before them or after.
#include <gtest/gtest.h>

#include "support/crash_judge.h"

namespace ashlar::test {
namespace {

/// Judges all crashes of one command, behind the others.
void crashes_of(const std::vector<std::string>& before, const std::string& command, bool archives) {
  SCOPED_TRACE(command);
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b").disk("/dev/x").disk("/dev/y");
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
  for (const std::string& line : before) m.must(line);
  if (!archives) {
    m.archive.archives.clear();
    m.archive.backups.clear();
  }
  const Seen seen_before = seen(m);
  m.disks.forget_log();
  Ran ran = m.run(command);
  ASSERT_EQ(ran.status, 0) << ran.err;
  Judge(seen_before, seen(m)).every_crash_of(m);
}

TEST(CrashOfUndo, LeavesTheOldVgOrTheNewOne) {
  for (bool archives : {true, false}) {
    crashes_of({"lvremove vg0/one"}, "undo vg0", archives);
    crashes_of({"lvremove vg0/one"}, "undelete vg0/one", archives);
    crashes_of({"lvcreate -y -l 2 -n two vg0"}, "undo -y vg0", archives);
    crashes_of({"lvextend -l +2 vg0/one"}, "undo -y vg0", archives);
    crashes_of({"vgextend vg0 /dev/x"}, "undo vg0", archives);
    crashes_of({"vgextend vg0 /dev/x", "vgreduce vg0 /dev/x"}, "undo vg0", archives);
  }
}

}  // namespace
}  // namespace ashlar::test
