// SPDX-License-Identifier: LGPL-2.1-or-later
// Two commands, one after the other: cut anywhere in both of them; and the second run after a crash in the first, and
// cut off in turn.
#include <gtest/gtest.h>

#include "support/crash_judge.h"

namespace ashlar::test {
namespace {

const std::vector<std::string> kCommands = {
    "vgchange --addtag t vg0", "lvcreate -an -Zn -l 1 -n three vg0",
    "lvextend -l +2 vg0/one",  "lvreduce -y -l 1 vg0/one",
    "lvremove -f vg0/one",     "lvremove -f vg0",
    "lvrename vg0 one three",  "lvchange -pr vg0/one",
    "vgextend vg0 /dev/x",     "vgreduce vg0 /dev/c",
    "vgreduce vg0 /dev/x",     "vgremove vg0",
    "pvcreate /dev/x",         "pvremove /dev/x",
};

void prepare(TestMachine& m, std::size_t with_metadata) {
  const char* paths[] = {"/dev/a", "/dev/b", "/dev/c"};
  for (std::size_t i = 0; i < 3; ++i) {
    m.disk(paths[i]);
    m.must(std::string(i < with_metadata ? "pvcreate " : "pvcreate --pvmetadatacopies 0 ") + paths[i]);
  }
  m.disk("/dev/x");
  m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
  m.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
  m.disks.forget_log();
}

class CrashOfTwo : public testing::TestWithParam<std::size_t> {};

TEST_P(CrashOfTwo, LeavesWhatTheFirstOrTheSecondLeft) {
  std::size_t pairs = 0;
  for (const std::string& first : kCommands) {
    for (const std::string& second : kCommands) {
      SCOPED_TRACE(first + "; " + second);
      TestMachine m;
      prepare(m, GetParam());
      const Seen before = seen(m);
      if (m.run(first).status != 0) break;
      const Seen between = seen(m);
      const std::size_t cut = m.disks.log().size();
      if (m.run(second).status != 0) continue;
      ++pairs;
      Judge one(before, between), two(between, seen(m));
      for (const Crash& crash : m.disks.crashes()) {
        (crash.done < cut ? one : two).one(m, crash);
        if (HasFatalFailure()) return;
      }
    }
  }
  std::printf("    %zu sequences of two: %zu states so far\n", pairs, tally().states);
}

TEST_P(CrashOfTwo, IsHealedByTheSecondWhichMayCrashToo) {
  const std::vector<std::string> seconds = {"vgchange --addtag t vg0", "lvcreate -an -Zn -l 1 -n after vg0",
                                            "vgextend vg0 /dev/x", "vgremove -f vg0"};
  for (const std::string& first : kCommands) {
    TestMachine m;
    prepare(m, GetParam());
    const Seen before = seen(m);
    if (m.run(first).status != 0) continue;
    Judge judge(before, seen(m));
    for (const Crash& crash : m.disks.crashes()) {
      judge.one(m, crash);
      if (HasFatalFailure()) return;
    }
    const std::vector<Crash>& distinct = judge.distinct();
    for (std::size_t i = 0; i < distinct.size(); i += stride_of(distinct)) {
      const Crash& crash = distinct[i];
      for (const std::string& second : seconds) {
        SCOPED_TRACE(first + " [" + crash.text + "]; " + second);
        TestMachine again(m, crash);
        const Seen then = seen(again);
        if (second == "vgremove -f vg0" && !then.vgs.empty() && !then.vgs[0].lvs.empty()) continue;
        if (again.run(second).status != 0) continue;
        Judge twice(then, seen(again));
        twice.still_elsewhere = {before};
        twice.every_crash_of(again);
        if (HasFatalFailure()) return;
      }
    }
  }
  std::printf("    with a crash in the first: %zu states so far\n", tally().states);
}

INSTANTIATE_TEST_SUITE_P(MetadataOn, CrashOfTwo, testing::Values(3, 1));

}  // namespace
}  // namespace ashlar::test
