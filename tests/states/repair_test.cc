// SPDX-License-Identifier: LGPL-2.1-or-later
// repair, over damaged states that a generator makes: kind of damage, where, on how many PVs, with and without files.
#include "plan/repair.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "support/damage.h"
#include "support/figures.h"
#include "support/host.h"
#include "support/vg_builder.h"

namespace ashlar::test {
namespace {

using plan::content_of;
using testing::HasSubstr;

std::size_t damaged_states = 0, cut_repairs = 0;

const Figures kFigures("damaged VGs", [](bool whole) {
  if (whole) {
    EXPECT_GE(damaged_states, 60U);
    EXPECT_GE(cut_repairs, 1U);
  }
  return fmt::format("{} states; {} repairs cut off at every write", damaged_states, cut_repairs);
});

std::size_t files_in(const std::string& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

enum class Where { FirstArea, LastArea, FirstPv, AllButOne, All };
enum class End { Same, Older, Stuck };

struct State {
  Damage damage;
  Where where;
  int pvs = 1, areas = 1;
  bool files = true;  ///< archives and backup are there
  End end = End::Same;
};

std::string name_of(const State& s) {
  const char* where[] = {"FirstArea", "LastArea", "FirstPv", "AllButOneArea", "Everywhere"};
  return name_of(s.damage) + "In" + where[static_cast<int>(s.where)] + "Of" + std::to_string(s.pvs) + "PvsWith" +
         std::to_string(s.areas) + (s.areas == 1 ? "Area" : "Areas") + (s.files ? "" : "WithoutFiles");
}

bool of_label(Damage d) { return d == Damage::LabelByte || d == Damage::LabelZeroed || d == Damage::StartZeroed; }

/// What repair has to make of it.
End end_of(const State& s) {
  if (s.damage == Damage::LabelByte) return End::Same;
  if (s.damage == Damage::LabelZeroed || s.damage == Damage::StartZeroed) {
    if (s.where == Where::All && s.pvs > 1) return End::Stuck;  // nobody can tell disks of one size apart
    return End::Same;
  }
  if (s.where != Where::All || s.files) return End::Same;
  switch (s.damage) {
    case Damage::TextByte:
    case Damage::LocnWrong:
      return End::Older;  // a text whose checksum is wrong is not believed
    case Damage::AreaZeroed:
      return End::Stuck;
    default:
      return End::Same;  // the text still lies in the ring
  }
}

std::vector<State> states() {
  std::vector<State> all;
  for (int pvs : {1, 2, 3}) {
    for (int areas : {1, 2}) {
      if (pvs == 3 && areas == 2) continue;
      for (bool files : {true, false}) {
        for (Damage d :
             {Damage::TextByte, Damage::HeaderByte, Damage::HeaderZeroed, Damage::LocnWrong, Damage::AreaZeroed}) {
          for (Where w : {Where::FirstArea, Where::LastArea, Where::FirstPv, Where::AllButOne, Where::All}) {
            const int count = pvs * areas;
            if (count == 1 && w != Where::All) continue;  // the same states
            if ((areas == 1 || pvs == 1) && w == Where::FirstPv) continue;
            if (count == 2 && w == Where::AllButOne) continue;
            all.push_back({d, w, pvs, areas, files});
          }
        }
        for (Damage d : {Damage::LabelByte, Damage::LabelZeroed, Damage::StartZeroed}) {
          all.push_back({d, Where::FirstPv, pvs, areas, files});
          if (pvs > 1) all.push_back({d, Where::All, pvs, areas, files});
        }
      }
    }
  }
  for (State& s : all) s.end = end_of(s);
  return all;
}

class Repair : public testing::Test {
 protected:
  Repair() { m.archive.directory = folder.path(); }
  /// vg0 of `pvs` disks, changed twice.
  void make(int pvs, int areas) {
    std::string line = "vgcreate vg0";
    for (int i = 0; i < pvs; ++i) {
      const std::string path = std::string("/dev/") + static_cast<char>('a' + i);
      m.disk(path);
      m.must("pvcreate --metadatacopies " + std::to_string(areas) + " " + path);
      line += " " + path;
    }
    m.must(line);
    m.must("lvcreate -an -Zn -l 4 -n data vg0");
    older = m.vg("vg0");
    m.must("lvcreate -an -Zn -l " + std::to_string(10 * pvs) + " -n big --addtag t vg0");
    before = m.vg("vg0");
    pvs_found = m.look().scan.pvs;
  }
  void lose_files() {
    m.archive.archives.clear();
    m.archive.backups.clear();
  }
  std::size_t written() { return m.disks.write_count(); }
  /// Repairs nothing and writes nothing: what it says of that.
  std::string refused(const std::string& words = "") {
    m.disks.forget_log();
    Ran ran = m.run("repair -y " + words);
    EXPECT_EQ(ran.status, 5) << ran.out;
    EXPECT_EQ(written(), 0U);
    return ran.err;
  }
  /// Nothing more to do, said so, and nothing written.
  void expect_healthy(const std::string& words = "") {
    m.disks.forget_log();
    const std::size_t files = files_in(folder.path());
    Ran again = m.run("repair -y " + words);
    EXPECT_EQ(again.status, 0) << again.out << again.err;
    EXPECT_THAT(again.out, HasSubstr("VG vg0: nothing to repair."));
    EXPECT_EQ(written(), 0U);
    EXPECT_EQ(files_in(folder.path()), files);
    for (const char* line : {"vgs", "pvs", "lvs", "vgck"}) {
      Ran ran = m.run(line);
      EXPECT_EQ(ran.status, 0) << line << ran.err;
      EXPECT_EQ(ran.err, "") << line;
    }
  }
  TempDir folder;  ///< for what is saved
  TestMachine m;
  VolumeGroup before, older;
  std::vector<store::FoundPv> pvs_found;
};

class Damaged : public Repair, public testing::WithParamInterface<State> {};

TEST_P(Damaged, IsRepairedAfterConsentOrLeftAlone) {
  ++damaged_states;
  const State& s = GetParam();
  make(s.pvs, s.areas);
  const std::size_t count = static_cast<std::size_t>(s.pvs * s.areas);
  std::size_t n = 0;
  for (std::size_t p = 0; p < pvs_found.size(); ++p) {
    for (std::size_t a = 0; a < pvs_found[p].mdas.size(); ++a, ++n) {
      const bool hit = s.where == Where::All || (s.where == Where::FirstArea && n == 0) ||
                       (s.where == Where::LastArea && n + 1 == count) || (s.where == Where::FirstPv && p == 0) ||
                       (s.where == Where::AllButOne && n + 1 != count);
      if (hit && (a == 0 || !of_label(s.damage))) do_damage(m, pvs_found[p], a, s.damage);
    }
  }
  if (!s.files) lose_files();
  m.disks.forget_log();
  const std::string words = s.where == Where::All ? "vg0" : "";

  Ran asked = m.run("repair " + words, "n");
  EXPECT_EQ(asked.status, 5) << asked.out << asked.err;
  EXPECT_EQ(written(), 0U);
  EXPECT_EQ(files_in(folder.path()), 0U);
  m.run("repair " + words + " -y -t");
  EXPECT_EQ(written(), 0U);
  EXPECT_EQ(files_in(folder.path()), 0U);

  Ran done = m.run("repair -y " + words);
  if (s.end == End::Stuck) {
    EXPECT_EQ(done.status, 5) << done.out << done.err;
    if (s.files || s.damage != Damage::AreaZeroed) {
      EXPECT_THAT(done.out, HasSubstr("VG vg0: what was found of it\n  Seqno ")) << "every copy is shown";
    }
    EXPECT_THAT(done.err, HasSubstr(of_label(s.damage) ? "more than one device could be it" : "not found"));
    EXPECT_EQ(written(), 0U);
    EXPECT_EQ(files_in(folder.path()), 0U);
    return;
  }
  ASSERT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(s.end == End::Older ? older : before)) << done.out;
  EXPECT_GE(m.vg("vg0").seqno, s.end == End::Older ? older.seqno : before.seqno);
  EXPECT_GT(written(), 0U);
  const store::Picture now = m.look();
  for (std::size_t p = 0; p < pvs_found.size(); ++p)
    EXPECT_EQ(now.scan.pvs[p].label, pvs_found[p].label) << "as pvcreate wrote it";
  expect_healthy(words);
}

INSTANTIATE_TEST_SUITE_P(States, Damaged, testing::ValuesIn(states()),
                         [](const auto& test) { return name_of(test.param); });

TEST(DamagedStates, AreSixtyAtLeastAndAllNamesDiffer) {
  std::set<std::string> names;
  for (const State& s : states()) EXPECT_TRUE(names.insert(name_of(s)).second) << name_of(s);
  EXPECT_GE(names.size(), 60U);
}

TEST_F(Repair, WritesNothingToAHealthyVgBesideADamagedOne) {
  make(2, 1);
  m.disk("/dev/x");
  m.must("vgcreate other /dev/x");
  do_damage(m, pvs_found[0], 0, Damage::HeaderByte);
  m.disks.forget_log();
  EXPECT_THAT(m.must("repair -y"), HasSubstr("VG other: nothing to repair."));
  for (const LogEntry& entry : m.disks.log()) EXPECT_NE(m.disks.disk(entry.disk).path(), "/dev/x");
  expect_healthy();
}

TEST_F(Repair, SavesTheBytesOfWhatCannotBeRead) {
  make(1, 1);
  const std::vector<std::byte> area = m.disks.disk("/dev/a").peek({4096}, (1 << 20) - 4096);
  do_damage(m, pvs_found[0], 0, Damage::TextByte);
  const std::vector<std::byte> broken = m.disks.disk("/dev/a").peek({4096}, (1 << 20) - 4096);
  Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 0) << ran.err;
  ASSERT_EQ(files_in(folder.path()), 1U);
  const std::string path = std::filesystem::directory_iterator(folder.path())->path();
  EXPECT_THAT(ran.out, HasSubstr(path));
  auto saved = archive::read_file(path);
  ASSERT_TRUE(saved.ok());
  EXPECT_TRUE(std::equal(broken.begin(), broken.end(), saved->begin(), saved->end(),
                         [](std::byte a, char b) { return a == static_cast<std::byte>(b); }));
}

TEST_F(Repair, WritesNothingWhereTheBytesCannotBeSaved) {
  make(1, 1);
  do_damage(m, pvs_found[0], 0, Damage::TextByte);
  m.archive.directory = "/proc/nowhere";
  refused("vg0");
}

TEST_F(Repair, BringsCopiesUpToDateThatAreBehind) {
  make(2, 2);
  const OldHeaders old(m, pvs_found[1]);
  m.must("lvremove vg0/big");
  before = m.vg("vg0");
  old.put_back(m);
  EXPECT_THAT(m.must("repair -y"),
              HasSubstr("metadata area 1 of /dev/b, metadata area 2 of /dev/b are not as the others."));
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  EXPECT_EQ(files_in(folder.path()), 0U) << "old copies can be read";
  expect_healthy();
}

TEST_F(Repair, LeavesToAPersonWhetherABackupThatIsNewerThanWhatCanBeReadCounts) {
  make(2, 1);
  const OldHeaders old(m, pvs_found[1]);
  m.must("lvremove vg0/big");
  old.put_back(m);
  do_damage(m, m.look().scan.pvs[0], 0, Damage::HeaderZeroed);
  const std::string said = refused();
  EXPECT_THAT(
      said,
      HasSubstr(
          "The copies that can be read have seqno 3, but backup /memory/vg0 has seqno 4: those that cannot be read may be newer."));
  EXPECT_THAT(said, HasSubstr("ashlar diff vg0 4 shows what differs; vgck --updatemetadata vg0 keeps seqno 3"));
}

TEST_F(Repair, LooksAtEveryCopyAndNotOnlyAtTheOneThatAScanReads) {
  make(3, 2);
  for (std::size_t p = 1; p < 3; ++p) do_damage(m, pvs_found[p], 1, Damage::TextByte);
  EXPECT_EQ(m.run("vgs vg0").err, "");
  const auto checked = m.run("vgck vg0");
  EXPECT_EQ(checked.status, 5);
  EXPECT_THAT(checked.err, HasSubstr("metadata area 2 of /dev/c: "));
  EXPECT_THAT(m.must("repair -y"),
              HasSubstr("metadata area 2 of /dev/b, metadata area 2 of /dev/c are not as the others."));
  expect_healthy();
}

/// A PV goes, the VG is written without it, and it comes back.
class Returned : public Repair {
 protected:
  Returned() {
    make(2, 1);
    m.disks.remove("/dev/b");
    m.must("vgck --updatemetadata vg0");
  }
};

TEST_F(Returned, IsTakenInAgainWhereItsExtentsAreAsTheVgSays) {
  m.disks.bring_back("/dev/b");
  EXPECT_THAT(m.must("repair -y"), HasSubstr("Take /dev/b in again as PV of VG vg0: its extents lie as the VG says."));
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  expect_healthy();
}

TEST_F(Returned, IsLeftWhereNothingOnItSaysWhatItWas) {
  m.disks.bring_back("/dev/b");
  do_damage(m, pvs_found[1], 0, Damage::AreaZeroed);
  const std::string said = refused();
  EXPECT_THAT(said, HasSubstr("-> if its data is that of then: vgextend --restoremissing vg0 /dev/b"));
}

TEST_F(Repair, SaysOfAPvThatIsGoneWhatAPersonMayDo) {
  make(3, 1);
  m.disks.remove("/dev/b");
  const std::string said = refused("vg0");
  EXPECT_THAT(said, HasSubstr("(last seen at /dev/b) is on no device."));
  EXPECT_THAT(said, HasSubstr("vgreduce --removemissing vg0"));
}

TEST_F(Repair, LeavesAloneWhatTwoDevicesCouldBe) {
  make(2, 1);
  m.disk("/dev/c");
  m.disks.disk("/dev/c").poke({0}, m.disks.disk("/dev/b").peek({0}, 1 << 20));
  for (const char* path : {"/dev/b", "/dev/c"}) m.disks.disk(path).poke({0}, std::vector<std::byte>(2048));
  const std::string said = refused("vg0");
  EXPECT_THAT(said, HasSubstr("more than one device could be it: /dev/b /dev/c."));
  EXPECT_THAT(said, HasSubstr("pvcreate --uuid "));
}

TEST_F(Repair, LeavesAloneWhatMayBeAPvThatLeftTheVgWhileItWasAway) {
  make(2, 1);
  m.disks.remove("/dev/a");
  m.must("vgreduce --removemissing --force vg0");
  m.disks.bring_back("/dev/a");
  m.disks.remove("/dev/b");
  m.disks.disk("/dev/a").poke({0}, std::vector<std::byte>(2048));
  EXPECT_THAT(refused("vg0"), HasSubstr("/dev/a without a label could be PV "));
}

TEST_F(Repair, ShowsTheCopiesOnDisksThatCannotBeToldApartAndWhatAPersonMayType) {
  make(2, 1);
  for (std::size_t p = 0; p < 2; ++p) do_damage(m, pvs_found[p], 0, Damage::LabelZeroed);
  lose_files();
  std::string said;
  for (const char* words : {"", "vg0", "/dev/a /dev/b"}) {
    m.disks.forget_log();
    const Ran ran = m.run(std::string("repair -y ") + words);
    EXPECT_EQ(ran.status, 5) << words;
    EXPECT_EQ(written(), 0U) << words;
    EXPECT_THAT(ran.out, HasSubstr("lvcreate -an -Zn -l 20 -n big --addtag t vg0")) << words;
    EXPECT_THAT(ran.out, HasSubstr("Found in 2 old copies in metadata areas.")) << words;
    for (const PhysicalVolume& pv : before.pvs) {
      EXPECT_THAT(ran.err, HasSubstr("PV " + pv.id.dashed() +
                                     " has no label any more, and more than one device could be it: /dev/a /dev/b."))
          << words;
      EXPECT_THAT(ran.err, HasSubstr("pvcreate --uuid " + pv.id.dashed() + " --restorefile FILE DEVICE")) << words;
    }
    EXPECT_EQ(ran.err.find("is on no device"), std::string::npos) << words;
    said = ran.err;
  }
  const std::string file = folder.path() + "/text";
  const std::size_t at = said.find("pvck --dump");
  ASSERT_NE(at, std::string::npos) << said;
  std::string dump = said.substr(at, said.find(';', at) - at);
  m.must(dump.replace(dump.find("FILE"), 4, file));
  for (const PhysicalVolume& pv : before.pvs)
    m.must("pvcreate --uuid " + pv.id.dashed() + " --restorefile " + file + " " + pv.device);
  m.must("vgcfgrestore -f " + file + " vg0");
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  expect_healthy();
}

TEST_F(Repair, NamesTheFileThatGivesDisksTheirLabelsThatCannotBeToldApart) {
  make(2, 1);
  for (std::size_t p = 0; p < 2; ++p) do_damage(m, pvs_found[p], 0, Damage::LabelZeroed);
  const std::string said = refused("vg0");
  EXPECT_THAT(said, HasSubstr("--restorefile /memory/vg0 DEVICE"));
  EXPECT_THAT(said, HasSubstr("vgcfgrestore -f /memory/vg0 vg0"));
}

TEST_F(Repair, TakesADeviceWithoutAnyTraceOnlyIfItIsNamed) {
  make(2, 1);
  m.disks.disk("/dev/b").poke({0}, std::vector<std::byte>(1 << 20));
  EXPECT_EQ(m.run("repair -y vg0").status, 5);
  EXPECT_THAT(m.must("repair -y vg0 /dev/b"), HasSubstr("Not known: nothing on the device says that it was that PV"));
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  expect_healthy();
}

TEST_F(Repair, LeavesADeviceAloneThatCarriesAFilesystem) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::LabelZeroed);
  m.disks.disk("/dev/b").plant({"ext4", {1080}, {2}});
  refused("vg0");
}

TEST_F(Repair, DoesNotBringBackWhatWasRemoved) {
  make(2, 1);
  m.must("vgremove -f -y vg0");
  m.must("pvremove /dev/b");
  m.disks.forget_log();
  EXPECT_EQ(m.run("repair -y").status, 0);
  Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("was removed, or the PV left it, on purpose."));
  EXPECT_EQ(written(), 0U);
}

TEST_F(Repair, LeavesContradictingCopiesToAPerson) {
  make(2, 1);
  const OldHeaders old(m, pvs_found[1]);
  TestMachine other(m, Crash{"now", m.disks.log().size()});
  m.must("lvremove vg0/big");
  other.must("lvrename vg0 big large");
  m.disks.disk("/dev/b").poke({0}, other.disks.disk("/dev/b").peek({0}, 1 << 20));
  const std::string said = refused("vg0");
  EXPECT_THAT(said, HasSubstr("two different texts of VG vg0 have seqno 4"));
}

/// Whatever a crash leaves of a repair, the next one makes the same VG of it.
class CutOffRepair : public Repair, public testing::WithParamInterface<Damage> {};

TEST_P(CutOffRepair, IsFinishedByTheNextOne) {
  make(2, 1);
  const bool label = of_label(GetParam());
  for (std::size_t p = 0; p < (label ? 1 : 2); ++p) do_damage(m, pvs_found[p], 0, GetParam());
  lose_files();
  m.disks.forget_log();
  m.must("repair -y vg0");
  std::size_t states = 0;
  for (const auto& crashes : {m.disks.cuts(), m.disks.tears(), m.disks.losses()}) {
    for (const Crash& crash : crashes) {
      SCOPED_TRACE(crash.text);
      TestMachine after(m, crash);
      after.archive.directory = folder.path();
      Ran ran = after.run("repair -y vg0");
      ASSERT_EQ(ran.status, 0) << ran.out << ran.err;
      ASSERT_EQ(content_of(after.vg("vg0")), content_of(before));
      ++states;
    }
  }
  EXPECT_GT(states, 1U);
  ++cut_repairs;
}

INSTANTIATE_TEST_SUITE_P(Kinds, CutOffRepair,
                         testing::Values(Damage::HeaderByte, Damage::HeaderZeroed, Damage::LabelZeroed,
                                         Damage::StartZeroed),
                         [](const auto& test) { return name_of(test.param); });

TEST(CutCommit, IsFinishedByRepair) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.disks.forget_log();
  m.must("vgsplit vg0 vg1 /dev/b");
  std::size_t finished = 0;
  for (const Crash& crash : m.disks.cuts()) {
    SCOPED_TRACE(crash.text);
    TestMachine r(m, crash);
    if (r.look().scan.cut.empty()) continue;
    ++finished;
    r.disks.forget_log();
    EXPECT_THAT(r.run("repair vg0").out,
                HasSubstr("Write the headers that the command on VGs vg0 and vg1 left unwritten."));
    EXPECT_EQ(r.disks.cuts().size(), 1U) << "something was written";
    r.must("repair -y vg0");
    EXPECT_TRUE(r.look().scan.cut.empty());
    EXPECT_THAT(r.run("repair vg0 vg1").out, HasSubstr("VG vg0: nothing to repair."));
    EXPECT_EQ(r.vg("vg0").pvs.size(), 1U);
    EXPECT_EQ(r.vg("vg1").pvs.size(), 1U);
  }
  EXPECT_EQ(finished, 1U);
}

TEST_F(Repair, TellsItsPlanAndWhatItFoundAsJson) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::HeaderZeroed);
  m.disks.forget_log();
  EXPECT_THAT(
      m.must("repair --plan"),
      HasSubstr(
          "2. Write VG vg0, seqno 4 after 3, to all its metadata areas: metadata area 1 of /dev/b is not as the others."));
  EXPECT_EQ(written(), 0U);
  const auto doc = nlohmann::json::parse(m.must("repair -y --json"));
  ASSERT_EQ(doc.at("repairs").size(), 1U);
  EXPECT_EQ(doc["repairs"][0].at("agreed"), true);
  EXPECT_EQ(doc["repairs"][0].at("versions").size(), 3U);
  EXPECT_EQ(doc["repairs"][0].at("steps").size(), 2U);
  EXPECT_EQ(doc["repairs"][0].at("obstacles").size(), 0U);
  expect_healthy();
}

TEST(ReturnedPv, IsAsTheVgSaysAlsoWhereAnLvWentMeanwhile) {
  const VolumeGroup then =
      VgBuilder().pv("a", 10).pv("b", 10).lv("x", {{"a", 0, 4}, {"b", 0, 4}}).lv("y", {{"b", 4, 2}}).vg;
  const Uuid b = then.pvs[1].id;
  EXPECT_TRUE(plan::same_on_pv(then, then, b));
  const VolumeGroup without = VgBuilder().pv("a", 10).pv("b", 10).lv("x", {{"a", 0, 4}, {"b", 0, 4}}).vg;
  EXPECT_TRUE(plan::same_on_pv(without, then, b));
}

TEST(ReturnedPv, IsNotAsTheVgSaysWhereExtentsMoved) {
  const VolumeGroup then = VgBuilder().pv("a", 10).pv("b", 10).lv("x", {{"a", 0, 4}, {"b", 0, 4}}).vg;
  const Uuid b = then.pvs[1].id;
  EXPECT_FALSE(plan::same_on_pv(VgBuilder().pv("a", 10).pv("b", 10).lv("x", {{"a", 0, 4}, {"b", 1, 4}}).vg, then, b));
  EXPECT_FALSE(plan::same_on_pv(VgBuilder().pv("a", 10).pv("b", 10).lv("new", {{"b", 0, 4}}).vg, then, b));
  EXPECT_FALSE(plan::same_on_pv(VgBuilder().pv("a", 10).pv("b", 11).lv("x", {{"a", 0, 4}, {"b", 0, 4}}).vg, then, b));
}

/// Two PVs of one size that both lost their labels.
class LostLabels : public testing::Test {
 protected:
  LostLabels() {
    for (PhysicalVolume& pv : vg.pvs) pv.dev_size = size;
    lost = {{&vg, &vg.pvs[0]}, {&vg, &vg.pvs[1]}};
  }
  plan::Unlabelled device(const std::string& path, std::optional<Uuid> id = {}) const {
    return {path, size, id, {vg.id}, false};
  }
  Sectors size{1 << 20};
  VolumeGroup vg = VgBuilder().pv("a", 10).pv("b", 10).vg;
  std::vector<plan::LostPv> lost;
};

TEST_F(LostLabels, AreToldByTheirIds) {
  const plan::LabelMatches found =
      plan::match_labels({device("/dev/x", vg.pvs[1].id), device("/dev/y", vg.pvs[0].id)}, lost);
  ASSERT_EQ(found.matches.size(), 2U);
  EXPECT_EQ(found.matches[0].device, 1U);
  EXPECT_EQ(found.matches[0].unknown, "");
  EXPECT_TRUE(found.undecided.empty());
}

TEST_F(LostLabels, AreToldByWhatIsLeftWhereOneHasItsId) {
  const plan::LabelMatches found = plan::match_labels({device("/dev/x"), device("/dev/y", vg.pvs[0].id)}, lost);
  ASSERT_EQ(found.matches.size(), 2U);
  EXPECT_EQ(found.matches[1].device, 0U);
  EXPECT_NE(found.matches[1].unknown, "");
}

TEST_F(LostLabels, AreNotGuessed) {
  EXPECT_TRUE(plan::match_labels({device("/dev/x"), device("/dev/y")}, lost).matches.empty());
  EXPECT_TRUE(plan::match_labels({device("/dev/x")}, lost).matches.empty()) << "it could be either";
  EXPECT_TRUE(
      plan::match_labels({device("/dev/x", vg.pvs[0].id), device("/dev/y", vg.pvs[0].id)}, lost).matches.empty());
  plan::Unlabelled larger = device("/dev/x");
  larger.size = {1 << 21};
  EXPECT_TRUE(plan::match_labels({larger}, {lost[0]}).matches.empty());
}

TEST_F(Repair, CarriesASavedPlanOut) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::StartZeroed);
  m.input = m.must("repair --plan=json");
  m.must("apply -y -");
  EXPECT_EQ(content_of(m.vg("vg0")), content_of(before));
  expect_healthy();
}

TEST_F(Repair, SaysInJsonThatItChangedSomething) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::StartZeroed);
  EXPECT_EQ(nlohmann::json::parse(m.must("repair --plan=json")).at("changed"), true);
  EXPECT_EQ(nlohmann::json::parse(m.must("repair -y --json")).at("changed"), true);
  EXPECT_EQ(nlohmann::json::parse(m.must("repair -y --json")).at("changed"), false);
}

TEST_F(Repair, RefusesASavedPlanOnceSomethingElseWouldBeDone) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::StartZeroed);
  m.input = m.must("repair --plan=json");
  m.must("repair -y");
  m.disks.forget_log();
  Ran ran = m.run("apply -y -");
  EXPECT_EQ(ran.status, 5) << ran.out;
  EXPECT_NE(ran.err.find("has changed since the plan was made"), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_F(Repair, WritesNothingWhereSomethingElseIsFoundUnderTheLocks) {
  make(2, 1);
  do_damage(m, pvs_found[1], 0, Damage::LabelZeroed);
  m.on_lock = [this] {
    m.must("pvcreate /dev/b");  // somebody was faster
    m.disks.forget_log();
  };
  Ran ran = m.run("repair -y vg0");
  EXPECT_EQ(ran.status, 5) << ran.out;
  EXPECT_EQ(written(), 0U);
}

TEST_F(Repair, SaysOfAVgThatNobodyKnowsThatItIsNotThere) {
  make(1, 1);
  EXPECT_EQ(m.run("repair nope").status, 5);
  EXPECT_EQ(m.run("repair /dev/nope").status, 5);
}

}  // namespace
}  // namespace ashlar::test
