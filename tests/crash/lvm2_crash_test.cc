// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's lvm2 reads what a crash left, too: a random sample of states on loop devices. Its lvs and vgs see the same
// VG as Ashlar, pvck finds sound headers, and once Ashlar has made a change lvm2 has nothing left to say. SEED repeats
// a run, LVM2_STATES lengthens it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <set>

#include "support/crash_judge.h"
#include "support/host.h"
#include "support/seed.h"

namespace ashlar::test {
namespace {

constexpr Bytes kSize{64 << 20};
constexpr std::size_t kWritten = 8 << 20;  ///< nothing but metadata is written: it all lies below
const std::vector<std::string> kPaths = {"/dev/a", "/dev/b", "/dev/x"};

struct Lvm2Run {
  int status;
  std::string text;
};

class CrashForLvm2 : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "lvm2 wants root";
    if (shell("command -v lvm >/dev/null") != 0) GTEST_SKIP() << "needs the package lvm2";
    std::string filter;
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      make_file(dir_ / fmt::format("disk{}", i), kSize.n);
      loops_.push_back(std::make_unique<LoopDevice>(dir_ / fmt::format("disk{}", i)));
      filter += fmt::format("\"a|^{}$|\", ", loops_.back()->path());
    }
    put_file(dir_ / "etc/lvm.conf",
             fmt::format("global {{ locking_dir = \"{}\" activation = 0 event_activation = 0 use_aio = 0 }}\n"
                         "devices {{ hints = \"none\" use_devicesfile = 0 filter = [ {} \"r|.*|\" ] }}\n"
                         "backup {{ archive = 0 backup = 0 }}\n",
                         dir_ / "lock", filter));
  }

  Lvm2Run lvm(const std::string& words) {
    Lvm2Run run{};
    FILE* pipe = ::popen(
        fmt::format("exec 2>&1; LC_ALL=C LVM_SUPPRESS_FD_WARNINGS=1 LVM_SYSTEM_DIR={} lvm {}", dir_ / "etc", words)
            .c_str(),
        "r");
    char buffer[512];
    while (std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) run.text.append(buffer, n);
    run.status = WEXITSTATUS(::pclose(pipe));
    return run;
  }

  void put(TestMachine& m) {
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      UniqueFd fd(::open(loops_[i]->path().c_str(), O_WRONLY | O_CLOEXEC));
      std::vector<std::byte> bytes = m.disks.disk(kPaths[i]).peek({0}, kWritten);
      ASSERT_EQ(::pwrite(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
      ASSERT_EQ(::fsync(fd.get()), 0);
    }
  }

  /// What lvm2 made of the disks.
  void take(TestMachine& m) {
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      UniqueFd fd(::open(loops_[i]->path().c_str(), O_RDONLY | O_CLOEXEC));
      std::vector<std::byte> bytes(kWritten);
      ASSERT_EQ(::pread(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
      m.disks.disk(kPaths[i]).poke({0}, bytes);
    }
  }

  /// The VG as both programs print it.
  static std::string ours(TestMachine& m) {
    std::string text;
    for (const VolumeGroup& vg : vgs_of(m.look())) {
      text += fmt::format("{}:{}:{}:{}\n", vg.name, vg.seqno, vg.pvs.size(), vg.lvs.size());
    }
    return text;
  }
  std::string theirs() {
    Lvm2Run run = lvm("vgs --noheadings --separator : -o vg_name,vg_seqno,pv_count,lv_count 2>/dev/null");
    EXPECT_EQ(run.status, 0) << run.text;
    std::string text;
    for (char c : run.text)
      if (c != ' ') text += c;
    return text;
  }

  TempDir dir_;
  std::vector<std::unique_ptr<LoopDevice>> loops_;
};

TEST_F(CrashForLvm2, IsTheOldVgOrTheNewOneToo) {
  const char* count_text = std::getenv("LVM2_STATES");
  const std::uint32_t seed = drawn_seed();
  const std::size_t count = count_text != nullptr ? std::stoull(count_text) : 200;
  std::printf("    SEED=%u\n", seed);
  std::mt19937_64 draw(seed);
  const std::vector<std::string> commands = {"vgchange --addtag t vg0",
                                             "lvcreate -an -Zn -l 1 -n three vg0",
                                             "lvremove -f vg0/one",
                                             "lvrename vg0 one three",
                                             "lvextend -l +2 vg0/one",
                                             "vgextend vg0 /dev/x",
                                             "vgremove vg0",
                                             "lvchange -pr vg0/one"};
  std::size_t judged = 0;
  for (std::size_t c = 0; judged < count; c = (c + 1) % commands.size()) {
    TestMachine m;
    for (const std::string& path : kPaths) m.disk(path, kSize);
    m.must("vgcreate vg0 /dev/a /dev/b");
    if (commands[c] != "vgremove vg0") m.must("lvcreate -an -Zn -l 3 -n one vg0");
    m.disks.forget_log();
    m.must(commands[c]);
    const std::vector<Crash> crashes = m.disks.crashes();
    for (std::size_t i = 0; i < 10 && judged < count; ++i, ++judged, ++tally().lvm2) {
      const Crash& crash = crashes[draw() % crashes.size()];
      SCOPED_TRACE(commands[c] + ": " + crash.text);
      TestMachine after(m, crash);
      put(after);
      ASSERT_EQ(theirs(), ours(after));
      const store::Picture picture = after.look();
      if (!picture.scan.pvs.empty()) {
        const std::string& path = picture.scan.pvs[draw() % picture.scan.pvs.size()].device->path();
        Lvm2Run run =
            lvm("pvck " + loops_[static_cast<std::size_t>(std::ranges::find(kPaths, path) - kPaths.begin())]->path());
        EXPECT_EQ(run.status, 0) << run.text;
      }
      if (picture.vgs.empty()) continue;
      ASSERT_EQ(lvm("lvs vg0").status, 0);
      after.must("vgchange --addtag healed vg0");
      put(after);
      Lvm2Run healed = lvm("vgck vg0");
      ASSERT_EQ(healed.status, 0) << healed.text;
      ASSERT_EQ(theirs(), ours(after));
      if (HasFailure()) return;
    }
  }
  std::printf("    lvm2 judged %zu states\n", judged);
}

/// lvm2 does not look at what is staged, and shows a PV missing in between. Whichever program makes the next change, no
/// PV is in two VGs then; and if it is Ashlar, lvm2 agrees with it.
TEST_F(CrashForLvm2, GoesOnFromACommandOfTwoVgsThatWasCutOff) {
  const std::vector<std::string> two{"vgcreate vg0 /dev/a", "vgcreate vg1 /dev/b", "lvcreate -an -Zn -l 3 -n one vg0",
                                     "lvcreate -an -Zn -l 3 -n two vg1"};
  const std::vector<std::string> one{"vgcreate vg0 /dev/a /dev/b", "lvcreate -an -Zn -l 3 -n one vg0 /dev/a",
                                     "lvcreate -an -Zn -l 3 -n two vg0 /dev/b"};
  std::size_t judged = 0, cut = 0;
  std::set<std::string> shown;
  for (const auto& [before, command] : {std::pair(one, "vgsplit vg0 vg1 /dev/b"), std::pair(two, "vgmerge vg0 vg1"),
                                        std::pair(one, "pvchange -u /dev/a")}) {
    TestMachine m;
    for (const std::string& path : kPaths) m.disk(path, kSize);
    for (const std::string& line : before) m.must(line);
    Seen then = seen(m);
    m.disks.forget_log();
    m.must(command);
    Judge judge(then, seen(m));
    for (const Crash& crash : m.disks.crashes()) {
      judge.one(m, crash);
      if (HasFatalFailure()) return;
    }
    for (const Crash& crash : judge.distinct()) {
      SCOPED_TRACE(std::string(command) + ": " + crash.text);
      ++judged, ++tally().lvm2;
      TestMachine after(m, crash);
      put(after);
      const bool in_between = !after.look().scan.cut.empty();
      Lvm2Run lvs = lvm("lvs --noheadings -o vg_name,lv_name,lv_attr,devices 2>/dev/null");
      ASSERT_EQ(lvs.status, 0) << lvs.text;
      if (in_between) {
        ++cut;
        shown.insert(std::string(command) + "\n" + lvm("pvs --noheadings -o vg_name,pv_attr 2>/dev/null").text +
                     lvs.text);
      } else {
        EXPECT_EQ(theirs(), ours(after));
      }
      after.must("vgchange --addtag healed vg0");
      put(after);
      for (const VolumeGroup& vg : vgs_of(after.look())) {
        Lvm2Run healed = lvm("vgck " + vg.name);
        EXPECT_EQ(healed.status, 0) << healed.text;
      }
      EXPECT_EQ(theirs(), ours(after));

      for (const std::string vg : {"vg0", "vg1"}) {
        TestMachine turn(m, crash);
        put(turn);
        lvm("vgchange --addtag theirs " + vg);
        take(turn);
        const store::Picture picture = turn.look();
        std::set<std::size_t> members;
        for (const store::VgState& state : picture.vgs) {
          EXPECT_FALSE(state.unsafe) << state.unsafe->message();
          for (std::size_t member : state.members) EXPECT_TRUE(member == store::kNoPv || members.insert(member).second);
        }
      }
      if (HasFailure()) return;
    }
  }
  for (const std::string& text : shown) std::printf("    lvm2 shows of %s", text.c_str());
  std::printf("    lvm2 saw %zu states, %zu of them in between\n", judged, cut);
}

}  // namespace
}  // namespace ashlar::test
