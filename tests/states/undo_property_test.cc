// SPDX-License-Identifier: LGPL-2.1-or-later
// After any sequence of changes, undo gives exactly the VG as it was, or refuses because data is not what it was.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "plan/history.h"
#include "support/disk_marks.h"
#include "support/generators.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

/// May the VG be what it was, by looking at every PE of every state since?
bool data_is_as_it_was(const std::vector<VolumeGroup>& states, std::size_t then) {
  const Owners old = owners_of(states[then]), now = owners_of(states.back());
  for (const auto& [pe, owner] : old) {
    auto here = now.find(pe);
    if (here != now.end() && here->second == owner) continue;
    for (std::size_t i = then + 1; i < states.size(); ++i) {
      const Owners since = owners_of(states[i]);
      if (auto other = since.find(pe); other != since.end() && other->second != owner) return false;
    }
  }
  // What lies elsewhere now, and not behind the LV's end of then, would be left behind.
  for (const LogicalVolume& lv : states.back().lvs) {
    for (const LogicalVolume& was : states[then].lvs) {
      if (was.id != lv.id) continue;
      for (const auto& [pe, owner] : now) {
        if (!owner.starts_with(std::string(lv.id.raw()) + " ")) continue;
        const std::uint64_t le = std::stoull(owner.substr(lv.id.raw().size() + 1));
        auto there = old.find(pe);
        if (le < was.extents().n && (there == old.end() || there->second != owner)) return false;
      }
    }
  }
  return true;
}

/// Did an LV that was there all the time give up one of its extents of then, and get it again?
bool was_smaller_between(const std::vector<VolumeGroup>& states, std::size_t then) {
  for (const auto& each : owners_of(states[then])) {
    const std::string& owner = each.second;
    bool lacked = false;
    for (std::size_t i = then + 1; i < states.size(); ++i) {
      const Owners since = owners_of(states[i]);
      const auto at = since.find(each.first);
      const bool has = at != since.end() && at->second == owner;
      if (has && lacked) return true;
      const auto& lvs = states[i].lvs;
      lacked = !has && std::any_of(lvs.begin(), lvs.end(), [&](const LogicalVolume& lv) {
        return owner.starts_with(std::string(lv.id.raw()) + " ");
      });
    }
  }
  return false;
}

std::string any_command(const VolumeGroup& vg, int& names) {
  const int kind = vg.lvs.empty() ? 0 : pick(0, 6);
  if (kind <= 1) {
    const int stripes = pick(0, 4) == 0 ? 2 : 1;
    return "lvcreate -an -Zn -l " + std::to_string(pick(1, 5) * stripes) + (stripes == 2 ? " -i2" : "") + " -n lv" +
           std::to_string(names++) + " vg0";
  }
  const std::string& lv = vg.lvs[pick<std::size_t>(0, vg.lvs.size())].name;
  switch (kind) {
    case 2:
      return "lvremove -y vg0/" + lv;
    case 3:
      return "lvextend -l +" + std::to_string(pick(1, 4)) + " vg0/" + lv;
    case 4:
      return "lvreduce -y -l -" + std::to_string(pick(1, 3)) + " vg0/" + lv;
    default:
      return "lvrename vg0 " + lv + " lv" + std::to_string(names++);
  }
}

RC_GTEST_PROP(UndoAfterAnySequence, GivesTheVgAsItWasOrRefusesWithReason, ()) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a /dev/b");
  const bool from_rings = pick(0, 2) == 0;
  const bool active = pick(0, 3) == 0;
  std::vector<VolumeGroup> states{m.vg("vg0")};
  int names = 0;
  const int steps = pick(2, 16);
  for (int i = 0; i < steps; ++i) {
    if (active && pick(0, 3) == 0) m.run("vgchange -ay vg0");
    m.run(any_command(states.back(), names));
    if (VolumeGroup now = m.vg("vg0"); now.seqno != states.back().seqno) states.push_back(std::move(now));
    if (from_rings) {
      m.archive.archives.clear();
      m.archive.backups.clear();
    }
    if (states.size() < 2 || pick(0, 3) != 0) continue;
    std::size_t then = states.size() - 2;
    std::string line = "undo -y vg0";
    if (pick(0, 2) == 0) {
      then = pick<std::size_t>(0, states.size() - 1);
      line += " --to " + std::to_string(states[then].seqno);
    }
    const bool same = plan::content_of(states[then]) == plan::content_of(states.back());
    const bool possible = !same && data_is_as_it_was(states, then);
    RC_TAG(possible ? "undone" : same ? "nothing to undo" : "refused");
    Ran ran = m.run(line);
    VolumeGroup now = m.vg("vg0");
    if (possible) {
      if (ran.status != 0) RC_FAIL(line + ": " + ran.err);
      RC_ASSERT(ran.out.find(was_smaller_between(states, then) ? "likely: " : "certain: ") != std::string::npos);
      RC_ASSERT(plan::content_of(now) == plan::content_of(states[then]));
      RC_ASSERT(now.seqno == states.back().seqno + 1);
      states.push_back(std::move(now));
    } else {
      if (ran.status != 5) RC_FAIL(line + ": " + ran.out);
      RC_ASSERT(now == states.back());
    }
    RC_ASSERT(m.kernel.nothing_suspended());
  }
}

}  // namespace
}  // namespace ashlar::test
