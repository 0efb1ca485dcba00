// SPDX-License-Identifier: LGPL-2.1-or-later
// Power is lost in vgimportclone. The original VG is never touched, and the same command, which may be cut off too,
// brings the clone to its end.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/crash_judge.h"

namespace ashlar::test {
namespace {

struct Clones {
  std::size_t count, with_metadata;
  bool originals;  ///< are they on the machine?
};

void PrintTo(const Clones& c, std::ostream* out) {
  *out << fmt::format("{} of {}{}", c.with_metadata, c.count, c.originals ? ", beside the originals" : "");
}

class CrashOfImport : public testing::TestWithParam<Clones> {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < GetParam().count; ++i) {
      m_.disk(original(i));
      m_.must((i < GetParam().with_metadata ? "pvcreate " : "pvcreate --pvmetadatacopies 0 ") + original(i));
      all_ += " " + original(i);
    }
    m_.must("vgcreate vg0" + all_);
    m_.must("lvcreate -an -Zn -l 3 -n one vg0 /dev/a");
    original_ = seen(m_);
    for (std::size_t i = 0; i < GetParam().count; ++i) {
      m_.disk(clone(i));
      m_.disks.disk(clone(i)).poke({0}, m_.disks.disk(original(i)).peek({0}, 4 << 20));
      command_ += " " + clone(i);
      if (!GetParam().originals) m_.disks.remove(original(i));
    }
    m_.disks.forget_log();
  }

  static std::string original(std::size_t i) {
    return std::string("/dev/") + static_cast<char>('a' + static_cast<char>(i));
  }
  static std::string clone(std::size_t i) { return original(i) + "copy"; }

  /// Of the clone: not that it is there.
  bool is_whole(TestMachine& m) {
    store::Picture picture = m.look();
    for (const store::VgState& state : picture.vgs) {
      if (state.vg.name == "clone")
        return std::ranges::count(state.members, store::kNoPv) == 0 && picture.scan.cut.empty();
    }
    return false;
  }
  void check_original(TestMachine m) {
    for (std::size_t i = 0; i < GetParam().count; ++i) {
      m.disks.bring_back(original(i));
      m.disks.remove(clone(i));
    }
    EXPECT_EQ(seen(m).vgs, original_.vgs);
    for (const store::VgState& state : m.look().vgs) EXPECT_TRUE(state.damage.empty()) << state.damage[0];
  }
  void check_done(TestMachine& m) {
    store::Picture picture = m.look();
    auto vg = std::ranges::find_if(picture.vgs, [](const store::VgState& s) { return s.vg.name == "clone"; });
    ASSERT_NE(vg, picture.vgs.end());
    EXPECT_EQ(vg->vg.pvs.size(), GetParam().count);
    EXPECT_EQ(std::ranges::count(vg->members, store::kNoPv), 0);
    EXPECT_FALSE(vg->read_only) << vg->read_only->message();
    EXPECT_EQ(vg->vg.lvs.size(), 1U);
    EXPECT_NE(vg->vg.id, original_.vgs[0].id);
    EXPECT_TRUE(picture.problems.empty()) << picture.problems[0].what;
    EXPECT_EQ(picture.vgs.size(), GetParam().originals ? 2U : 1U);
    for (const store::VgState& state : picture.vgs) {
      for (std::size_t i = 0; i < state.vg.pvs.size(); ++i) {
        const std::string& path = picture.scan.pvs[state.members[i]].device->path();
        EXPECT_EQ(path, state.vg.name == "clone" ? clone(i) : original(i));
      }
    }
    m.must("vgchange --addtag healed clone");
    for (const store::VgState& state : m.look().vgs) EXPECT_TRUE(state.damage.empty()) << state.damage[0];
  }

  /// The states, one for each set of labels and headers.
  static std::string look_of(TestMachine& m) {
    std::string look;
    for (const store::FoundPv& pv : m.look().scan.pvs) {
      look += pv.device->path() + pv.label.pv.dashed();
      for (const store::Mda& mda : pv.mdas)
        look += fmt::format("{}+{:x} ", mda.header->committed.offset.n, mda.header->committed.checksum);
    }
    return look;
  }

  TestMachine m_;
  std::string all_, command_ = "vgimportclone -n clone";
  Seen original_;
};

TEST_P(CrashOfImport, IsMendedByTheSameCommandWhichMayCrashToo) {
  m_.must(command_);
  std::size_t states = 0;
  std::set<std::string> looks;
  for (const Crash& crash : m_.disks.crashes()) {
    SCOPED_TRACE(crash.text);
    ++states, ++tally().imports;
    TestMachine r(m_, crash);
    check_original(TestMachine(m_, crash));
    if (!is_whole(r)) {
      const bool fresh = looks.insert(look_of(r)).second;
      r.disks.forget_log();
      r.must(command_);
      for (const Crash& second : fresh ? r.disks.crashes() : std::vector<Crash>{}) {
        SCOPED_TRACE("then " + second.text);
        ++states, ++tally().imports;
        check_original(TestMachine(r, second));
        TestMachine again(r, second);
        if (!is_whole(again)) again.must(command_);
        check_done(again);
        if (HasFailure()) return;
      }
    }
    check_done(r);
    if (HasFailure()) return;
  }
  std::printf("    %zu states of an import, %zu of them differ\n", states, looks.size());
}

INSTANTIATE_TEST_SUITE_P(Pvs, CrashOfImport,
                         testing::Values(Clones{1, 1, true}, Clones{1, 1, false}, Clones{2, 2, true},
                                         Clones{2, 1, true}, Clones{3, 2, false}, Clones{3, 1, true}));

}  // namespace
}  // namespace ashlar::test
