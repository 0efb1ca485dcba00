// SPDX-License-Identifier: LGPL-2.1-or-later
// Power is lost in commands that move PVs between VGs: all VGs are as before or all as after, whichever PV is missing,
// and a change of either VG, which may be cut off too, goes on from there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "support/crash_judge.h"

namespace ashlar::test {
namespace {

/// PVs a, b, c stay in or are of vg0; x, y, z move or are of vg1. Of each side the first ones have metadata.
struct Sides {
  std::size_t left, left_with, right, right_with;
  std::uint64_t block = 512;
  std::string pvcreate = "";
};

void PrintTo(const Sides& sides, std::ostream* out) {
  *out << fmt::format("{} of {} and {} of {}, {}{}", sides.left_with, sides.left, sides.right_with, sides.right,
                      sides.block, sides.pvcreate);
}

class Machine {
 public:
  explicit Machine(const Sides& sides) : sides_(sides) {
    for (std::size_t i = 0; i < sides.left; ++i) add(path('a', i), i < sides.left_with);
    for (std::size_t i = 0; i < sides.right; ++i) add(path('x', i), i < sides.right_with);
    add("/dev/q", true);
  }
  std::string left() const { return all('a', sides_.left); }
  std::string right() const { return all('x', sides_.right); }
  void lvs(const std::string& of_left, const std::string& of_right) {
    m.must(fmt::format("lvcreate -an -Zn -l 3 -n one {} /dev/a", of_left));
    m.must(fmt::format("lvcreate -an -Zn -l 3 -n two {} /dev/x", of_right));
  }
  TestMachine m;

 private:
  static std::string path(char first, std::size_t i) {
    return std::string("/dev/") + static_cast<char>(first + static_cast<char>(i));
  }
  static std::string all(char first, std::size_t count) {
    std::string words;
    for (std::size_t i = 0; i < count; ++i) words += " " + path(first, i);
    return words;
  }
  void add(const std::string& path, bool with_metadata) {
    m.disk(path, {64 << 20}, {sides_.block});
    m.must(fmt::format("pvcreate {} {} {}", sides_.pvcreate, with_metadata ? "" : "--pvmetadatacopies 0", path));
  }
  Sides sides_;
};

struct Case {
  std::string name, command;
  std::vector<std::string> before;  ///< {left} and {right} stand for the PVs
  std::string standard_input = "";
};

const std::vector<Case> kCases = {
    {"into a new VG", "vgsplit vg0 vg1{right}", {"vgcreate vg0{left}{right}", "lvs vg0 vg0"}},
    {"into a VG that there is",
     "vgsplit vg0 vg1{right}",
     {"vgcreate vg0{left}{right}", "lvs vg0 vg0", "vgcreate vg1 /dev/q"}},
    {"into a VG that was changed more often",
     "vgsplit vg0 vg1{right}",
     {"vgcreate vg0{left}{right}", "lvs vg0 vg0", "vgcreate vg1 /dev/q", "vgchange --addtag t vg1",
      "vgchange --addtag u vg1", "vgchange --addtag v vg1", "vgchange --addtag w vg1"}},
    {"of all PVs", "vgsplit vg0 vg1{left}{right}", {"vgcreate vg0{left}{right}", "lvs vg0 vg0", "vgcreate vg1 /dev/q"}},
    {"merge", "vgmerge vg0 vg1", {"vgcreate vg0{left}", "vgcreate vg1{right}", "lvs vg0 vg1"}},
    {"merge with one that was changed more often",
     "vgmerge vg0 vg1",
     {"vgcreate vg0{left}", "vgcreate vg1{right}", "lvs vg0 vg1", "vgchange --addtag t vg1",
      "vgchange --addtag u vg1"}},
    {"merge into one that was changed more often",
     "vgmerge vg0 vg1",
     {"vgcreate vg0{left}", "vgcreate vg1{right}", "lvs vg0 vg1", "vgchange --addtag t vg0",
      "vgchange --addtag u vg0"}},
    {"another id", "vgchange -u vg0", {"vgcreate vg0{left}{right}", "lvs vg0 vg0"}},
    {"two merges in one batch",
     "batch",
     {"vgcreate vg0{left}", "vgcreate vg1{right}", "lvs vg0 vg1", "vgcreate vg2 /dev/q"},
     "vgmerge vg0 vg1\nvgmerge vg0 vg2\n"},
    {"a split and more in one batch",
     "batch",
     {"vgcreate vg0{left}{right}", "lvs vg0 vg0"},
     "vgsplit vg0 vg1{right}\nlvcreate -an -Zn -l 1 -n three vg1 /dev/x\nlvrename vg0 one four\n"},
};

std::string with_pvs(std::string line, const Machine& machine) {
  for (const auto& [word, pvs] :
       {std::pair(std::string("{left}"), machine.left()), std::pair(std::string("{right}"), machine.right())}) {
    for (std::size_t at; (at = line.find(word)) != std::string::npos;) line.replace(at, word.size(), pvs);
  }
  return line;
}

/// What there was before the command, whose writes are the machine's log.
Seen prepare(Machine& machine, const Case& a_case) {
  for (const std::string& line : a_case.before) {
    if (line.starts_with("lvs "))
      machine.lvs(line.substr(4, 3), line.substr(8, 3));
    else
      machine.m.must(with_pvs(line, machine));
  }
  Seen before = seen(machine.m);
  machine.m.disks.forget_log();
  machine.m.input = with_pvs(a_case.standard_input, machine);
  machine.m.must(with_pvs(a_case.command, machine));
  return before;
}

class CrashOfTwoVgs : public testing::TestWithParam<Sides> {
 protected:
  static bool bare() { return GetParam().left_with < GetParam().left || GetParam().right_with < GetParam().right; }
};

TEST_P(CrashOfTwoVgs, LeavesBothAsBeforeOrBothAsAfter) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    Machine machine(GetParam());
    const Seen before = prepare(machine, each);
    Judge judge(before, seen(machine.m));
    judge.may_both_list = bare();
    judge.every_crash_of(machine.m);
    if (HasFatalFailure()) return;
  }
}

TEST_P(CrashOfTwoVgs, IsHealedByTheNextChangeOfEitherWhichMayCrashToo) {
  for (const Case& each : kCases) {
    Machine machine(GetParam());
    const Seen before = prepare(machine, each);
    Judge judge(before, seen(machine.m));
    judge.may_both_list = bare();
    for (const Crash& crash : machine.m.disks.crashes()) {
      judge.one(machine.m, crash);
      if (HasFatalFailure()) return;
    }
    const std::vector<Crash> distinct = judge.distinct();
    for (std::size_t i = 0; i < distinct.size(); i += stride_of(distinct)) {
      const Crash& crash = distinct[i];
      for (const std::string vg : {"vg0", "vg1"}) {
        SCOPED_TRACE(each.name + " [" + crash.text + "]; " + vg);
        TestMachine again(machine.m, crash);
        const Seen then = seen(again);
        again.disks.forget_log();
        if (again.run("vgchange --addtag after " + vg).status != 0) continue;  // it is not there
        Judge twice(then, seen(again));
        twice.still_elsewhere = {before};
        twice.may_both_list = bare();
        twice.every_crash_of(again);
        if (HasFatalFailure()) return;
      }
    }
  }
}

/// Who sees the new VGs without some PV goes on from there; when that PV is back, it is where it belongs by then.
TEST_P(CrashOfTwoVgs, StaysAsItWasSeenWhenItIsChangedWithoutAPv) {
  std::size_t changed = 0;
  for (const Case& each : kCases) {
    Machine machine(GetParam());
    const Seen before = prepare(machine, each), after = seen(machine.m);
    for (const Crash& crash : machine.m.disks.crashes()) {
      TestMachine all(machine.m, crash);
      if (seen(all).vgs != after.vgs || all.look().scan.cut.empty()) continue;
      for (const store::FoundPv& pv : all.look().scan.pvs) {
        const std::string path = pv.device->path();
        SCOPED_TRACE(each.name + " [" + crash.text + "] without " + path);
        TestMachine part(machine.m, crash);
        part.disks.remove(path);
        const store::Picture picture = part.look();
        const bool as_after = std::ranges::all_of(picture.vgs, [&](const store::VgState& state) {
          return std::ranges::any_of(after.vgs, [&](const VolumeGroup& vg) {
            return vg.id == state.vg.id && vg.lvs == state.vg.lvs && vg.pvs.size() == state.vg.pvs.size();
          });
        });
        if (!as_after) continue;
        for (const store::VgState& state : picture.vgs) part.must("vgchange --addtag meanwhile " + state.vg.name);
        part.disks.bring_back(path);
        ++changed;
        const store::Picture now = part.look();
        ASSERT_EQ(now.vgs.size(), after.vgs.size());
        for (std::size_t i = 0; i < after.vgs.size(); ++i) {
          const store::VgState& state = now.vgs[i];
          ASSERT_EQ(state.vg.lvs, after.vgs[i].lvs);
          ASSERT_EQ(state.vg.pvs.size(), after.vgs[i].pvs.size());
          ASSERT_FALSE(state.read_only) << state.read_only->message();
          for (const std::string& damage : state.damage)
            ASSERT_EQ(damage.find("own metadata"), std::string::npos) << damage;
        }
      }
    }
  }
  std::printf("    %zu times changed without a PV\n", changed);
}

/// A vgsplit that was staged and came to nothing: its texts are never taken, whatever becomes of the PV that was to go.
TEST(StagedTexts, OfACommandThatCameToNothingAreNeverTaken) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  for (const char* line : {"vgcreate vg0 /dev/a /dev/b", "lvcreate -an -Zn -l 3 -n one vg0 /dev/a",
                           "lvcreate -an -Zn -l 3 -n two vg0 /dev/b"})
    m.must(line);
  const Seen before = seen(m);
  m.disks.forget_log();
  m.must("vgsplit vg0 vg1 /dev/b");
  std::size_t judged = 0;
  for (const Crash& crash : m.disks.cuts()) {
    SCOPED_TRACE(crash.text);
    TestMachine r(m, crash);
    const store::Picture picture = r.look();
    const bool staged = std::ranges::all_of(
        picture.scan.pvs, [](const store::FoundPv& pv) { return !pv.mdas[0].header->precommitted.empty(); });
    if (seen(r).vgs != before.vgs || !staged) continue;
    ++judged;
    EXPECT_TRUE(picture.scan.cut.empty());
    const auto b =
        std::ranges::find_if(picture.scan.pvs, [](const store::FoundPv& pv) { return pv.device->path() == "/dev/b"; });
    TestMachine reduced(m, crash);
    reduced.disks.remove("/dev/b");
    reduced.must("vgreduce --removemissing --force vg0");
    reduced.disks.bring_back("/dev/b");
    EXPECT_TRUE(reduced.look().scan.cut.empty());
    EXPECT_EQ(reduced.vg("vg0").lvs.size(), 1U);

    r.disks.remove("/dev/a");
    r.must("pvcreate -ff -y --norestorefile --uuid " + b->label.pv.dashed() + " /dev/b");
    r.must("vgcreate other /dev/b");
    r.disks.bring_back("/dev/a");
    EXPECT_TRUE(r.look().scan.cut.empty());
    EXPECT_EQ(r.vg("vg0").lvs, before.vgs[0].lvs);
  }
  EXPECT_EQ(judged, 1U);
}

/// One write that fails, of which the command lives to tell.
TEST(FailedWrite, OfTwoVgsLeavesBothAsBeforeOrBothAsAfter) {
  for (const std::string command : {"vgsplit vg0 vg1 /dev/b", "vgsplit vg0 vg2 /dev/b", "vgmerge vg0 vg2"}) {
    for (const std::string path : {"/dev/a", "/dev/b", "/dev/c"}) {
      for (bool for_good : {false, true}) {
        for (std::size_t n = 0;; ++n) {
          SCOPED_TRACE(command + ": write " + std::to_string(n + 1) + " of " + path + " fails" +
                       (for_good ? ", and all later ones" : ""));
          TestMachine m;
          m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
          for (const char* line :
               {"vgcreate vg0 /dev/a /dev/b", "vgcreate vg2 /dev/c", "lvcreate -an -Zn -l 3 -n one vg0 /dev/a",
                "lvcreate -an -Zn -l 3 -n two vg0 /dev/b"})
            m.must(line);
          TestMachine done(m, m.disks.power_lost());
          const Seen before = seen(m);
          done.must(command);
          const Seen after = seen(done);
          RamDisk& disk = m.disks.disk(path);
          const std::size_t written = disk.writes();
          disk.fail_write(n, for_good);
          const Ran ran = m.run(command);
          if (disk.writes() - written <= n) break;
          TestMachine again(m, m.disks.power_lost());  // with disks that work
          const store::Picture now = again.look();
          std::map<std::string, std::size_t> lvs;
          for (const store::VgState& state : now.vgs) lvs[state.vg.name] = state.vg.lvs.size();
          auto counts = [](const Seen& of) {
            std::map<std::string, std::size_t> found;
            for (const VolumeGroup& vg : of.vgs) found[vg.name] = vg.lvs.size();
            return found;
          };
          ASSERT_TRUE(lvs == counts(before) || lvs == counts(after)) << ran.out << ran.err;
          if (ran.status == 0) {
            ASSERT_EQ(lvs, counts(after));
          }
          for (const store::VgState& state : now.vgs) {
            ASSERT_EQ(std::ranges::count(state.members, store::kNoPv), 0) << ran.err;
          }
          again.must("repair -y");
          for (const store::VgState& state : again.look().vgs) {
            ASSERT_TRUE(state.damage.empty()) << state.damage[0];
            again.must("vgchange --addtag healed " + state.vg.name);
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pvs, CrashOfTwoVgs,
                         testing::Values(Sides{1, 1, 1, 1}, Sides{2, 2, 1, 1}, Sides{1, 1, 2, 2}, Sides{2, 1, 2, 1},
                                         Sides{2, 2, 2, 2, 4096}, Sides{3, 1, 3, 3}, Sides{3, 2, 2, 2},
                                         Sides{1, 1, 3, 2}, Sides{1, 1, 1, 1, 512, "--metadatasize 16k"}));

}  // namespace
}  // namespace ashlar::test
