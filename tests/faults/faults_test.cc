// SPDX-License-Identifier: LGPL-2.1-or-later
// The n-th call of every kind fails, for n = 1, 2, ... until the command no longer makes so many: reads, writes and
// flushes of each disk, kernel operations, archive files, allocations; once, and from then on. The command then says
// what failed and leaves the old VG or the new one, nothing suspended, and claims success only for what is on the
// disks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "metadata/model/query.h"
#include "support/damage.h"
#include "support/figures.h"
#include "support/heap.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

const std::vector<std::string> kPaths = {"/dev/a", "/dev/b", "/dev/x"};
const std::vector<std::string> kCopies = {"/dev/acopy", "/dev/bcopy"};  ///< of the first two, for vgimportclone

/// A command, and what there is before it.
struct Case {
  std::string name, command;
  bool active = false;  ///< LVs are active before
  std::vector<std::string> before{};
  void (*mishap)(TestMachine&) = nullptr;             ///< what befell the disks then, behind everybody's back
  bool (*finished)(const store::Picture&) = nullptr;  ///< what else success claims
  std::string input{};                                ///< the command's standard input
};

/// Where the text of the VG before its last change is kept.
std::string saved_text() {
  static const TempDir dir;
  return dir / "text";
}

/// It is away while its VG changes, and marked as missing.
void x_misses_a_change(TestMachine& m) {
  m.disks.remove("/dev/x");
  m.must("vgchange --addtag meanwhile vg0");
  m.disks.bring_back("/dev/x");
}

/// A copy is behind: its header is what it was before the last change.
void is_behind(TestMachine& m) {
  const store::Picture before = m.look();
  const OldHeaders old(m, before.scan.pvs.at(1));
  m.must("vgchange --addtag meanwhile vg0");
  old.put_back(m);
}

/// No area has a text of vg0 that can be read: the backup has.
void loses_its_text(TestMachine& m) {
  const store::Picture before = m.look();
  for (const store::FoundPv& pv : before.scan.pvs) do_damage(m, pv, 0, Damage::TextByte);
}

bool exported(const store::VgState& state) { return state.vg.status.has(VgFlag::Exported); }

bool nothing_is_stale(const store::Picture& picture) {
  return std::ranges::all_of(picture.vgs, [](const store::VgState& state) {
    return (state.damage.empty() && state.outdated.empty()) || is_partial(state.vg);
  });
}

bool x_is_back(const store::Picture& picture) {
  return std::ranges::none_of(picture.vgs, [](const store::VgState& state) {
    return std::ranges::any_of(
        state.vg.pvs, [](const PhysicalVolume& pv) { return pv.device == "/dev/x" && pv.status.has(PvFlag::Missing); });
  });
}

const std::vector<std::string> kVg = {"vgcreate vg0 /dev/a /dev/b", "lvcreate -an -Zn -l 3 -n one vg0 /dev/a",
                                      "lvcreate -an -Zn -i 2 -l 4 -n two vg0"};
const std::vector<Case> kCases = {
    {"pvcreate", "pvcreate /dev/x"},
    {"pvremove", "pvremove /dev/x", false, {"pvcreate /dev/x"}},
    {"vgcreate", "vgcreate vg1 /dev/x"},
    {"vgextend", "vgextend vg0 /dev/x"},
    {"vgreduce", "vgreduce vg0 /dev/x", false, {"vgextend vg0 /dev/x"}},
    {"vgremove", "vgremove -y vg0"},
    {"vgchange", "vgchange --addtag t vg0"},
    {"vgchange_activates", "vgchange -ay vg0"},
    {"vgchange_deactivates", "vgchange -an vg0", true},
    {"lvcreate", "lvcreate -an -Zn -l 1 -n three vg0"},
    {"lvcreate_active", "lvcreate -l 1 -n three vg0"},
    {"lvextend", "lvextend -l +2 vg0/one", true},
    {"lvreduce", "lvreduce -y -l 1 vg0/one", true},
    {"lvremove", "lvremove -f vg0/one", true},
    {"lvrename", "lvrename vg0 one three", true},
    {"lvchange", "lvchange -pr vg0/one", true},
    {"undo", "undo -y vg0", false, {"lvextend -l +2 vg0/one"}},
    {"undelete", "undelete -y vg0/one", false, {"lvremove -f vg0/one"}},
    {"vgrename", "vgrename vg0 vg1"},
    {"vgsplit", "vgsplit vg0 vg1 /dev/x", false, {"vgextend vg0 /dev/x", "lvcreate -an -Zn -l 2 -n four vg0 /dev/x"}},
    {"vgsplit_of_two", "vgsplit vg0 vg1 /dev/b", false, {"lvremove -f vg0/two"}},
    {"vgmerge", "vgmerge vg0 vg1", false, {"vgcreate vg1 /dev/x", "lvcreate -an -Zn -l 2 -n four vg1"}},
    {"pvchange_new_id", "pvchange -u /dev/a"},
    {"vgimportclone", "vgimportclone -n vg1 /dev/acopy /dev/bcopy"},
    {.name = "pvresize",
     .command = "pvresize /dev/b",
     .mishap = [](TestMachine& m) { m.disks.disk("/dev/b").resize({96 << 20}); }},
    {"pvchange", "pvchange -xn /dev/b"},
    {"pvchange_ignores_the_area", "pvchange --metadataignore y /dev/b"},
    {"vgexport", "vgexport vg0"},
    {"vgimport", "vgimport vg0", false, {"vgexport vg0"}},
    {.name = "vgreduce_gives_up_what_is_missing",
     .command = "vgreduce --removemissing vg0",
     .before = {"vgextend vg0 /dev/x"},
     .mishap = [](TestMachine& m) { m.disks.remove("/dev/x"); }},
    {.name = "vgextend_takes_back_what_was_missing",
     .command = "vgextend --restoremissing vg0 /dev/x",
     .before = {"vgextend vg0 /dev/x", "lvcreate -an -Zn -l 2 -n four vg0 /dev/x"},
     .mishap = x_misses_a_change,
     .finished = x_is_back},
    {.name = "vgck_updates", .command = "vgck --updatemetadata vg0", .mishap = is_behind, .finished = nothing_is_stale},
    {.name = "repair_of_a_stale_copy", .command = "repair -y vg0", .mishap = is_behind, .finished = nothing_is_stale},
    {.name = "repair_from_the_archive", .command = "repair -y", .mishap = loses_its_text, .finished = nothing_is_stale},
    {"vgcfgrestore",
     "vgcfgrestore -f " + saved_text() + " vg0",
     false,
     {"vgcfgbackup -f " + saved_text() + " vg0", "lvremove -f vg0/one", "vgchange --addtag t vg0"}},
    {.name = "batch",
     .command = "batch",
     .input = "lvcreate -an -Zn -l 1 -n three vg0\nlvextend -l +1 vg0/one\nlvremove -f vg0/two\n"},
    {.name = "batch_with_a_new_vg",
     .command = "batch",
     .input = "pvcreate /dev/x\nvgcreate vg1 /dev/x\nlvcreate -an -Zn -l 1 -n three vg1\n"},
    {.name = "ensure",
     .command = "ensure - -y",
     .input =
         R"({"volume_groups": [{"name": "vg0", "tags": ["t"], "volumes": [{"name": "three", "size": "8m", "active": false}]}]})"},
};

/// Over all tests of the program.
struct Counts {
  std::size_t faults = 0, failed = 0, survived = 0;
} counts;

const Figures kFigures("test_faults", [](bool whole) {
  if (whole) {
    EXPECT_GE(counts.faults, 2'500U);
  }
  return fmt::format("{} faults; {} commands failed with them, {} went on without", counts.faults, counts.failed,
                     counts.survived);
});

bool soak() { return std::getenv("ASHLAR_SOAK") != nullptr; }

class Fault : public testing::TestWithParam<Case> {
 protected:
  std::unique_ptr<TestMachine> prepared() {
    auto m = std::make_unique<TestMachine>();
    for (const std::string& path : kPaths) m->disk(path);
    for (const std::string& line : kVg) m->must(line);
    for (const std::string& line : GetParam().before) m->must(line);
    if (GetParam().active) m->must("vgchange -ay vg0");
    if (GetParam().mishap != nullptr) GetParam().mishap(*m);
    m->input = GetParam().input;
    for (std::size_t i = 0; clones() && i < kCopies.size(); ++i) {
      m->disk(kCopies[i]);
      m->disks.disk(kCopies[i]).poke({0}, m->disks.disk(kPaths[i]).peek({0}, 4 << 20));
    }
    m->disks.forget_log();
    return m;
  }
  static bool clones() { return GetParam().name == "vgimportclone"; }
  /// Commits two VGs, or a VG and a label: what is cut off between them the next change brings to its end.
  static bool commits_two() {
    return GetParam().name.starts_with("vgsplit") || GetParam().name == "vgmerge" ||
           GetParam().name == "pvchange_new_id";
  }
  static bool repairs() { return GetParam().name.starts_with("repair"); }
  /// What a command says of what went wrong: repair names what it found in its report.
  static std::string said(const Ran& ran) { return repairs() ? ran.out + ran.err : ran.err; }
  static std::vector<std::string> paths() {
    std::vector<std::string> all = kPaths;
    if (clones()) all.insert(all.end(), kCopies.begin(), kCopies.end());
    return all;
  }

  /// What the command makes of it when nothing fails.
  void SetUp() override {
    auto m = prepared();
    old_ = original_ = m->look();
    if (clones()) {
      for (const std::string& copy : kCopies) m->disks.remove(copy);
      original_ = m->look();
      for (const std::string& copy : kCopies) m->disks.bring_back(copy);
    }
    m->must(GetParam().command);
    new_ = m->look();
    if (GetParam().name != "vgremove") return;
    m = prepared();
    m->must("lvremove -f vg0");
    emptied_ = m->look();
  }

  bool same(const store::Picture& a, const store::Picture& b) const {
    std::set<Uuid> known;
    for (const VolumeGroup& vg : vgs_of(old_))
      for (const PhysicalVolume& pv : vg.pvs) known.insert(pv.id);
    auto values = [&](const store::Picture& p) {
      std::vector<VolumeGroup> vgs = vgs_of(p);
      for (VolumeGroup& vg : vgs) {
        vg.seqno = 0;  // a change that is taken back has cost some
        for (LogicalVolume& lv : vg.lvs) lv.id = {}, lv.creation_time.reset(), lv.creation_host.clear();
        if (vg.name == "vg1") vg.id = {};
        // Who could not read a PV goes on without it, where that is allowed, and says so.
        for (PhysicalVolume& pv : vg.pvs) {
          if (!known.contains(pv.id)) pv.id = {};  // a new one
          pv.status.set(PvFlag::Missing, false);
        }
        for (LogicalVolume& lv : vg.lvs) {
          for (Segment& segment : lv.segments) {
            auto* striped = std::get_if<Striped>(&segment.body);
            if (striped == nullptr) continue;
            for (Area& area : striped->areas) {
              if (auto* on = std::get_if<PvArea>(&area); on != nullptr && !known.contains(on->pv)) on->pv = {};
            }
          }
        }
        std::erase(vg.tags, "healed");
      }
      return vgs;
    };
    // A PV that vgextend made of a plain disk stays one; a PV that was away is told apart by its flag.
    return values(a) == values(b) &&
           ((GetParam().name != "pvcreate" && GetParam().name != "pvremove") || a.orphans.size() == b.orphans.size());
  }

  static std::string shown(const store::Picture& p) {
    std::string text;
    for (const VolumeGroup& vg : vgs_of(p)) {
      text += fmt::format("{} #{}, {} PVs, {} tags;", vg.name, vg.seqno, vg.pvs.size(), vg.tags.size());
      for (const LogicalVolume& lv : vg.lvs) text += fmt::format(" {} {}", lv.name, lv.extents().n);
    }
    return text + fmt::format(" {} orphans", p.orphans.size());
  }

  /// After a command with a fault: `ran`, or nothing where it ended in std::bad_alloc.
  void judge(TestMachine& m, const std::optional<Ran>& ran, const std::string& named) {
    SCOPED_TRACE(GetParam().command);
    ++counts.faults;
    const bool success = ran && ran->status == 0;
    ++(success ? counts.survived : counts.failed);
    EXPECT_TRUE(m.kernel.nothing_suspended());
    EXPECT_FALSE(m.kernel.in_flight());
    for (std::size_t i = 0; i < m.disks.disk_count(); ++i) m.disks.disk(i).heal();
    m.archive.fail = false;
    m.kernel.fail_at(0);

    if (clones()) return judge_clone(m, ran, named);
    store::Picture now = m.look();
    if (repairs() && !same(now, old_) && !same(now, new_)) {
      EXPECT_FALSE(success) << "success was claimed, but it is not done: " << shown(now);
      for (const VolumeGroup& vg : vgs_of(now))
        EXPECT_EQ(m.run("vgchange --addtag fork " + vg.name).status, 5) << "a state between can be changed";
      m.must(GetParam().command);
      now = m.look();
      EXPECT_TRUE(same(now, new_)) << "the same command does not bring it to its end: " << shown(now);
    }
    for (const store::VgState& state : now.vgs)
      EXPECT_FALSE(state.read_only && !exported(state)) << state.read_only->message();
    const bool is_old = same(now, old_), is_new = same(now, new_);
    EXPECT_TRUE(is_old || is_new || commits_two() || (emptied_ && same(now, *emptied_)))
        << "neither the old state nor the new one: " << shown(now) << "\nold: " << shown(old_)
        << "\nnew: " << shown(new_);
    if (success) {
      EXPECT_TRUE(is_new) << "success was claimed, but it is not done\n" << ran->out << ran->err;
      EXPECT_TRUE(GetParam().finished == nullptr || GetParam().finished(now)) << "success was claimed too early\n"
                                                                              << ran->err;
      // Nor is it lost with the power.
      TestMachine after(m, m.disks.power_lost());
      EXPECT_TRUE(!is_new || same(after.look(), new_)) << "success was claimed before it was on stable storage";
    } else if (ran) {
      expect_told(*ran, named);
    }
    for (const VolumeGroup& vg : vgs_of(now)) {
      if (vg.status.has(VgFlag::Exported)) m.must("vgimport " + vg.name);
      Ran healed = m.run("vgchange --addtag healed " + vg.name);
      EXPECT_EQ(healed.status, 0) << healed.err;
    }
    if (emptied_ && !is_new) {
      m.must(GetParam().command);
      EXPECT_TRUE(same(m.look(), new_)) << "the same command does not bring it to its end: " << shown(m.look());
    }
    if (commits_two() && !is_old && !is_new) {
      const store::Picture healed = m.look();
      EXPECT_TRUE(same(healed, old_) || same(healed, new_))
          << "the next change does not bring it to its end: " << shown(healed);
    }
    for (const store::VgState& state : m.look().vgs) {
      const bool missing = is_partial(state.vg);
      if (missing && ran) {
        EXPECT_NE(said(*ran).find(named), std::string::npos)
            << "goes on without " << named << " and does not say so: " << ran->err;
      }
      EXPECT_TRUE(state.damage.empty() || !state.outdated.empty() || missing) << state.damage[0];
    }
  }

  static void expect_told(const Ran& ran, const std::string& named) {
    EXPECT_EQ(ran.status, 5);
    EXPECT_NE(ran.err, "");
    if (!named.empty()) {
      EXPECT_NE(said(ran).find(named), std::string::npos) << "does not name " << named << ": " << ran.err;
    }
  }

  void expect_original(TestMachine& m) {
    for (const std::string& copy : kCopies) m.disks.remove(copy);
    EXPECT_EQ(vgs_of(m.look()), vgs_of(original_)) << "the original was touched";
    for (const std::string& copy : kCopies) m.disks.bring_back(copy);
  }

  /// The original is what it was; the same command brings the clone to its end, if it is not there. Where the memory
  /// was gone, and what was begun could not all be taken back, it may also refuse; but it never gives the copies the
  /// original's name and ids.
  void judge_clone(TestMachine& m, const std::optional<Ran>& ran, const std::string& named) {
    expect_original(m);
    const bool done = same(m.look(), new_);
    if (ran && ran->status == 0) {
      EXPECT_TRUE(done) << "success was claimed, but it is not done\n" << ran->out << ran->err << shown(m.look());
    } else if (ran) {
      expect_told(*ran, named);
    }
    Ran again;
    if (!done) again = m.run(GetParam().command);
    EXPECT_TRUE(again.status == 0 || !ran) << again.err;
    const store::Picture now = m.look();
    EXPECT_TRUE(again.status != 0 || same(now, new_))
        << "the same command does not bring it to its end: " << shown(now);
    for (const VolumeGroup& vg : vgs_of(now)) {
      if (vg.name == "vg0") {
        EXPECT_EQ(vg, vgs_of(original_)[0]) << "a copy passes for the original";
      }
    }
    expect_original(m);
  }

  store::Picture old_, new_, original_;
  std::optional<store::Picture> emptied_;  ///< vgremove's first commit is of a VG without LVs
};

TEST_P(Fault, OfADisk) {
  struct Kind {
    const char* name;
    void (RamDisk::*fail)(std::size_t, bool);
    std::size_t (RamDisk::*calls)() const;
  };
  const Kind kinds[] = {{"read", &RamDisk::fail_read, &RamDisk::reads},
                        {"write", &RamDisk::fail_write, &RamDisk::writes},
                        {"flush", &RamDisk::fail_flush, &RamDisk::flushes}};
  for (const Kind& kind : kinds) {
    for (const std::string& path : paths()) {
      for (bool for_good : {false, true}) {
        for (std::size_t n = 0; n < 1000; ++n) {
          SCOPED_TRACE(
              fmt::format("{} {} of {} fails{}", kind.name, n + 1, path, for_good ? " and all later ones" : ""));
          auto m = prepared();
          RamDisk& disk = m->disks.disk(path);
          const std::size_t before = (disk.*kind.calls)();
          (disk.*kind.fail)(n, for_good);
          Ran ran = m->run(GetParam().command);
          if ((disk.*kind.calls)() - before <= n) break;
          judge(*m, ran, path);
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_P(Fault, OfTheKernel) {
  for (std::size_t n = 1; n < 1000; ++n) {
    SCOPED_TRACE(fmt::format("kernel operation {} fails", n));
    auto m = prepared();
    m->kernel.clear_trace();
    m->kernel.fail_at(n);
    Ran ran = m->run(GetParam().command);
    if (m->kernel.trace().size() < n) break;
    judge(*m, ran, "vg0");
    if (HasFailure()) return;
  }
}

TEST_P(Fault, OfTheArchive) {
  auto m = prepared();
  m->archive.fail = true;
  Ran ran = m->run(GetParam().command);
  judge(*m, ran, ran.status == 0 ? "" : "/etc/lvm");
}

TEST_P(Fault, OfAnAllocation) {
  for (bool for_good : {false, true}) {
    // The fake kernel undoes a change with memory of its own, which the real one has beside this program's.
    if (for_good && (GetParam().active || GetParam().command.find("lvcreate -l") == 0 ||
                     GetParam().command.find("-ay") != std::string::npos))
      continue;
    std::size_t step = 1, calls = 0;
    for (std::size_t n = 1; n < 10'000'000; n += step) {
      SCOPED_TRACE(fmt::format("allocation {} fails{}", n, for_good ? " and all later ones" : ""));
      auto m = prepared();
      std::optional<Ran> ran;
      auto begin = [&] {
        heap::calls = 0;
        heap::fail_for_good = for_good;
        heap::fail_from = n;
      };
      // nlohmann ends the process where reading JSON finds no memory: nothing has been opened by then.
      if (GetParam().input.starts_with('{'))
        m->on_lock = begin;
      else
        begin();
      try {
        ran = m->run(GetParam().command);
      } catch (const std::bad_alloc&) {
      }
      heap::fail_from = 0;
      calls = heap::calls;
      if (calls < n) break;
      judge(*m, ran, "");
      if (HasFailure()) return;
      // Every one of them takes minutes: the fast part draws a hundred from all over the command.
      if (!soak()) step = 1 + std::max<std::size_t>(calls, 1000) / 100;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCommand, Fault, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ashlar::test
