// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever became of a VG and of its disks while they were apart, repair writes to no PV of another VG and to no
// released one, drops no LV that is active, and never puts one branch of the VG in the place of another.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "activation/names.h"
#include "support/damage.h"
#include "support/generators.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

const std::vector<std::string> kDisks{"/dev/a", "/dev/b", "/dev/c"};

class Story {
 public:
  Story() {
    m.archive.directory = folder.path();
    for (const std::string& disk : kDisks) m.disk(disk);
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    for (int i = pick(0, 3); i > 0; --i) grow(m);
  }

  /// One thing that happens to the disks.
  void happen() {
    const std::string disk = kDisks[pick<std::size_t>(0, kDisks.size())];
    switch (pick(0, 8)) {
      case 0:
        grow(m);
        break;
      case 1:
        run("vgchange -a" + std::string(pick(0, 3) == 0 ? "n" : "y") + " vg0");
        break;
      case 2:
      case 3:
        part(disk, pick(0, 2) == 0 ? "vgcreate -y other" + std::to_string(names++) + " " + disk : "");
        break;
      case 4:
        be_away(disk);
        break;
      case 5:
        branch();
        break;
      case 6:
        copy_of_the_past(disk);
        break;
      default:
        run("vgextend --restoremissing vg0 " + disk);
        break;
    }
  }

  void damage() {
    const store::Picture now = m.look();
    for (const store::FoundPv& pv : now.scan.pvs) {
      if (pv.mdas.empty() || !pv.mdas[0].header || pick(0, 2) != 0) continue;
      const auto kind =
          *rc::gen::element(Damage::TextByte, Damage::HeaderByte, Damage::HeaderZeroed, Damage::AreaZeroed,
                            Damage::LabelByte, Damage::LabelZeroed, Damage::StartZeroed);
      do_damage(m, pv, 0, kind);
      told += pv.device->path() + " has " + name_of(kind) + "\n";
    }
    if (pick(0, 3) == 0) m.archive.archives.clear();
    if (pick(0, 3) == 0) m.archive.backups.clear();
    if (pick(0, 6) == 0) m.disks.remove(kDisks[pick<std::size_t>(0, kDisks.size())]);
  }

  TempDir folder;
  TestMachine m;
  int names = 0;
  std::string told;  ///< what happened

 private:
  void run(const std::string& line, TestMachine* machine = nullptr) {
    const int status = (machine != nullptr ? *machine : m).run(line).status;
    told += (machine != nullptr && machine != &m ? "elsewhere: " : "") + line + ": " + std::to_string(status) + "\n";
  }
  void grow(TestMachine& machine) {
    run(std::string("lvcreate -a") + (pick(0, 2) == 0 ? "y" : "n") + " -Zn -l " + std::to_string(pick(1, 4)) +
            " -n lv" + std::to_string(names++) + " vg0 " + kDisks[pick<std::size_t>(0, kDisks.size())],
        &machine);
  }
  /// The disk is taken out of the VG where the others are not seen.
  void part(const std::string& disk, const std::string& then) {
    for (const std::string& other : kDisks) {
      if (other != disk) {
        m.disks.remove(other);
        told += "without " + other + "\n";
      }
    }
    run("vgchange -an vg0");
    run("vgreduce --removemissing --force vg0");
    run("vgremove -ff -y vg0");
    if (!then.empty()) run(then);
    for (const std::string& other : kDisks) m.disks.bring_back(other);
    if (pick(0, 2) == 0) be_away(disk);
  }
  void be_away(const std::string& disk) {
    m.disks.remove(disk);
    told += "without " + disk + "\n";
    run("vgck --updatemetadata vg0");
    if (pick(0, 2) == 0) run("vgreduce --removemissing vg0");
    m.disks.bring_back(disk);
  }
  /// Another host changes the VG, and its disks are those that are there now.
  void branch() {
    TestMachine other(m, Crash{"now", m.disks.log().size()});
    other.host = "elsewhere";
    for (int i = pick(1, 3); i > 0; --i) grow(other);
    for (int i = pick(1, 4); i > 0; --i) grow(m);
    const bool all = pick(0, 2) == 0;
    for (const std::string& disk : kDisks) {
      if (!all && pick(0, 2) != 0) continue;
      m.disks.disk(disk).poke({0}, other.disks.disk(disk).peek({0}, 1 << 20));
      told += disk + " is that from elsewhere\n";
    }
  }
  /// A disk is put back to what it was some changes ago.
  void copy_of_the_past(const std::string& disk) {
    const std::vector<std::byte> then = m.disks.disk(disk).peek({0}, 1 << 20);
    for (int i = pick(1, 3); i > 0; --i) grow(m);
    m.disks.disk(disk).poke({0}, then);
    told += disk + " is what it was\n";
  }
};

/// Paths of disks that are another VG's or nobody's: PVs of other VGs, and unused ones.
std::set<std::string> of_others(const store::Picture& picture) {
  std::set<std::string> paths;
  for (const store::VgState& state : picture.vgs) {
    if (state.vg.name == "vg0") continue;
    for (std::size_t member : state.members) {
      if (member != store::kNoPv) paths.insert(picture.scan.pvs[member].device->path());
    }
  }
  for (const store::FoundPv& pv : picture.scan.pvs) {
    // One that the newest change of its VG made a PV has its mark last, and no LV yet.
    const bool emptied = std::all_of(pv.mdas.begin(), pv.mdas.end(),
                                     [](const store::Mda& m) { return m.header && m.header->committed.empty(); });
    if (!pv.label.used() && emptied) paths.insert(pv.device->path());
  }
  return paths;
}

std::set<Uuid> lvs_of(const std::vector<VolumeGroup>& vgs, const Uuid& vg) {
  std::set<Uuid> ids;
  for (const VolumeGroup& each : vgs) {
    for (const LogicalVolume& lv : each.lvs) {
      if (each.id == vg) ids.insert(lv.id);
    }
  }
  return ids;
}

/// LVs of the VG that the kernel has.
std::set<Uuid> active_lvs_of(const FakeKernel& kernel, const Uuid& vg) {
  std::set<Uuid> ids;
  for (const auto& [uuid, device] : kernel.devices()) {
    const auto id = dm::split_uuid(uuid);
    if (id && id->vg == vg && id->suffix.empty()) ids.insert(id->lv);
  }
  return ids;
}

RC_GTEST_PROP(RepairAfterAnyStory, WritesToNobodyElseAndDropsNoActiveLv, ()) {
  Story story;
  TestMachine& m = story.m;
  for (int i = pick(0, 5); i > 0; --i) story.happen();
  story.damage();
  const store::Picture before = m.look();
  const std::set<std::string> untouchable = of_others(before);
  std::vector<VolumeGroup> others = vgs_of(before);
  std::erase_if(others, [](const VolumeGroup& vg) { return vg.name == "vg0"; });

  m.disks.forget_log();
  const Ran ran = m.run("repair -y vg0");
  RC_CLASSIFY(m.disks.write_count() != 0, "written");
  RC_CLASSIFY(!untouchable.empty(), "beside PVs of others");
  if (ran.status != 0 && ran.status != 5) RC_FAIL(ran.out + ran.err);

  for (const LogEntry& entry : m.disks.log()) {
    if (entry.kind == LogEntry::Kind::Write && untouchable.contains(m.disks.disk(entry.disk).path()))
      RC_FAIL("written to " + m.disks.disk(entry.disk).path() + ":\n" + story.told + ran.out);
  }
  const store::Picture after = m.look();
  const std::vector<VolumeGroup> now = vgs_of(after);
  for (const VolumeGroup& other : others) RC_ASSERT(std::find(now.begin(), now.end(), other) != now.end());
  auto says = [&](const char* what) { return ran.out.find(what) != std::string::npos; };
  // A label alone changes no state.
  if (m.disks.write_count() != 0 && (says("Write VG") || says("Restore VG") || says("Take "))) {
    for (const store::VgState& state : after.vgs) {
      if (state.vg.name != "vg0") continue;
      for (const Uuid& lv : active_lvs_of(m.kernel, state.vg.id)) {
        if (!lvs_of(now, state.vg.id).contains(lv))
          RC_FAIL("an active LV is in no copy any more:\n" + story.told + ran.out);
      }
      if (says("Restore VG") && says("disputed")) RC_FAIL("one of two branches was restored:\n" + story.told + ran.out);
    }
  }
  m.disks.forget_log();
  const Ran again = m.run("repair -y vg0");
  if (m.disks.write_count() != 0)
    RC_FAIL("the second repair writes again:\n" + story.told + ran.out + ran.err + "----\n" + again.out + again.err);
}

}  // namespace
}  // namespace ashlar::test
