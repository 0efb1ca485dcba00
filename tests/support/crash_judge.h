// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the disks after power was lost in a command, and counts of what was judged.
//
//   Judge judge(before, after);             // machines: what there was, and what the command made of it
//   judge.every_crash_of(m);                // m ran the command since its log was forgotten
#pragma once

#include <set>
#include <string>
#include <vector>

#include "support/test_machine.h"

namespace ashlar::test {

/// What any reader sees: VGs without hints, and for each device the PV without a VG that is on it.
struct Seen {
  std::vector<VolumeGroup> vgs;
  std::vector<std::string> orphans;  ///< "PATH ID", by path
};
Seen seen(TestMachine& m);

/// Of `states` that are each gone on from, every how manieth is: there are hundreds, and tools/soak takes them all.
std::size_t stride_of(const std::vector<Crash>& states);

/// Over all judges of a program.
struct Tally {
  std::size_t states = 0;    ///< disks as a crash left them, each opened and judged
  std::size_t distinct = 0;  ///< of these, such as differ to a reader: healed, and judged without each PV
  std::size_t views = 0;     ///< openings without one of the PVs
  std::size_t heals = 0;     ///< changes made after a crash
  std::size_t returns = 0;   ///< a PV with the only new copy was away during a change, and came back
  std::size_t imports = 0;   ///< as states: of vgimportclone, judged by its own rules
  std::size_t lvm2 = 0;      ///< states on loop devices that lvm2 judged
};
Tally& tally();

class Judge {
 public:
  /// Legal are exactly these.
  Judge(Seen before, Seen after) : legal_{std::move(before), std::move(after)} {}

  /// Also asks each PV that is old or new by itself (pvcreate, pvremove).
  bool each_pv = false;
  /// A PV without metadata may be claimed by two VGs, and neither be written, once a VG was changed without the PV that
  /// alone had been reached by a commit of both.
  bool may_both_list = false;
  /// Part of what a person is told of the VG before the command: a change may leave it told.
  std::string told_before{};
  /// What a reader may also see who misses the one PV that has more: the state before an earlier crash.
  std::vector<Seen> still_elsewhere{};

  /// All states that a crash within the log can leave. Writes end as test failures.
  void every_crash_of(const TestMachine& m);
  void one(const TestMachine& m, const Crash& crash);
  /// For each state that differs to a reader: the machine after it.
  const std::vector<Crash>& distinct() const { return distinct_; }

 private:
  int verdict(const std::vector<VolumeGroup>& vgs) const;
  void without_each_pv(const TestMachine& m, const Crash& crash, const store::Picture& whole, int verdict);
  void heals(TestMachine& m);

  Seen legal_[2];
  std::set<std::string> looks_;
  std::vector<Crash> distinct_;
};

}  // namespace ashlar::test
