// SPDX-License-Identifier: LGPL-2.1-or-later
// --plan, --plan=json and apply, over every command that changes something.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "metadata/text/vg_writer.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;

/// One command line for each command that changes something; DIR is a temporary folder with a backup of vg0 in it.
const std::map<std::string, std::string> kLines = {
    {"pvcreate", "pvcreate /dev/d"},
    {"pvremove", "pvremove /dev/e"},
    {"pvchange", "pvchange -xn /dev/a"},
    {"vgcreate", "vgcreate --addtag t new /dev/d /dev/e"},
    {"vgextend", "vgextend vg0 /dev/d"},
    {"vgreduce", "vgreduce vg0 /dev/c"},
    {"vgremove", "vgremove -y vg0"},
    {"vgchange", "vgchange --addtag t vg0"},
    {"lvcreate", "lvcreate -y -i 2 -l 6 -n new vg0"},
    {"lvextend", "lvextend -l +3 vg0/one"},
    {"lvreduce", "lvreduce -y -l -1 vg0/one"},
    {"lvresize", "lvresize -l 7 vg0/one"},
    {"lvremove", "lvremove -y vg0/one vg0/two"},
    {"lvrename", "lvrename vg0 one renamed"},
    {"lvchange", "lvchange -an vg0/one"},
    {"pvchange", "pvchange -u /dev/a"},
    {"pvresize", "pvresize -y --setphysicalvolumesize 48m /dev/e"},
    {"vgck", "vgck --updatemetadata vg0"},
    {"vgrename", "vgrename vg0 other"},
    {"vgexport", "vgexport vg1"},
    {"vgimport", "vgimport vg2"},
    {"vgsplit", "vgsplit vg0 split /dev/c"},
    {"vgmerge", "vgmerge vg0 vg1"},
    {"vgcfgrestore", "vgcfgrestore -y -f DIR/backup vg0"},
    {"undo", "undo -y vg0"},
    {"undelete", "undelete vg0/gone"},
};
/// Commands whose text comes from elsewhere have tests of their own. repair has nothing to do to a machine that is
/// whole, and this one has no devices file.
const std::set<std::string> kOthers = {"apply", "batch", "ensure", "repair", "vgimportdevices"};

TEST(EveryCommandThatChangesSomething, HasALineInThisTest) {
  for (const cli::Command* command : cli::commands()) {
    if (command->effect != cli::Effect::Changes || kOthers.contains(std::string(command->name))) continue;
    EXPECT_TRUE(kLines.contains(std::string(command->name)))
        << command->name
        << " changes something (Effect::Changes is what a row has unless it says otherwise): add a line for it";
  }
}

/// What a machine looks like from outside, but for the number of commits.
std::string state_of(TestMachine& m) {
  std::string text;
  for (VolumeGroup& vg : vgs_of(m.look())) {
    vg.seqno = 0;
    text += text::write_vg(vg, {}, {}, text::Form::Raw);
  }
  store::Picture picture = m.look();
  for (const store::FoundPv& pv : picture.scan.pvs)
    text += pv.device->path() + " " + pv.label.pv.dashed() + (pv.label.used() ? " used\n" : " free\n");
  for (const auto& [uuid, device] : m.kernel.devices())
    text +=
        device.name + " " + std::to_string(device.live->targets.size()) + (device.suspended ? " suspended\n" : "\n");
  return text;
}

class Planned : public testing::TestWithParam<std::pair<const std::string, std::string>> {
 protected:
  void prepare(TestMachine& m) {
    for (const char* disk : {"/dev/a", "/dev/b", "/dev/c", "/dev/d", "/dev/e", "/dev/f", "/dev/g"}) m.disk(disk);
    m.must("vgcreate vg1 /dev/f");
    m.must("vgcreate vg2 /dev/g");
    m.must("vgexport vg2");
    m.must("vgcreate vg0 /dev/a /dev/b /dev/c");
    m.must("pvcreate /dev/e");
    m.must("lvcreate -y -l 4 -n one vg0 /dev/a");
    m.must("vgcfgbackup -f " + dir_.path() + "/backup vg0");
    m.must("lvcreate -an -Zn -l 2 -n two vg0 /dev/b");
    if (line().starts_with("undelete")) {
      m.must("lvcreate -an -Zn -l 2 -n gone vg0 /dev/c");
      m.must("lvremove vg0/gone");
    }
    if (line().starts_with("vgcfgrestore") || line().starts_with("pvchange")) m.must("lvchange -an vg0/one");
    m.disks.forget_log();
    m.kernel.clear_trace();
  }
  std::string line() const {
    std::string text = GetParam().second;
    if (std::size_t at = text.find("DIR"); at != std::string::npos) text.replace(at, 3, dir_.path());
    return text;
  }
  TempDir dir_;
};

TEST_P(Planned, WritesNothingAndSaysWhatWouldBeDone) {
  TestMachine m;
  prepare(m);
  std::string before = state_of(m);
  auto archives = m.archive.archives;
  auto backups = m.archive.backups;
  for (const char* option : {" --plan", " --plan=text", " --plan=json"}) {
    Ran ran = m.run(line() + option);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.err.empty() || ran.err.starts_with("  WARNING: ")) << ran.err;
    EXPECT_NE(ran.out, "");
    EXPECT_EQ(ran.out.find("Nothing would change"), std::string::npos);
  }
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_TRUE(m.kernel.trace().empty());
  EXPECT_EQ(m.archive.archives, archives);
  EXPECT_EQ(m.archive.backups, backups);
  EXPECT_EQ(state_of(m), before);
}

TEST_P(Planned, AppliedGivesWhatTheCommandItselfWouldHaveGiven) {
  TestMachine real, planned;
  prepare(real);
  prepare(planned);
  real.must(line());
  planned.input = planned.must(line() + " --plan=json");
  planned.must("apply -");
  EXPECT_EQ(state_of(planned), state_of(real));
  const Json plan = Json::parse(planned.input);
  for (const Json& vg : plan.at("vgs")) {
    if (vg.at("seqno").is_null()) continue;
    EXPECT_EQ(planned.vg(vg.at("name")).seqno, vg.at("seqno").get<std::uint32_t>());
  }
  EXPECT_TRUE(planned.kernel.nothing_suspended());
}

TEST_P(Planned, IsRefusedAfterAChangeOfTheVg) {
  TestMachine m;
  prepare(m);
  m.input = m.must(line() + " --plan=json");
  bool of_vg0 = Json::parse(m.input).at("vgs").size() != 0 && Json::parse(m.input).at("vgs").at(0).at("name") == "vg0";
  m.must("vgchange --addtag meanwhile vg0");
  std::string before = state_of(m);
  m.disks.forget_log();
  Ran ran = m.run("apply -");
  if (!of_vg0) return;
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("VG vg0 has changed since the plan was made: its seqno is"), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_EQ(state_of(m), before);
}

TEST_P(Planned, AnswersInJsonWithTheSameChangesAndDoesThem) {
  TestMachine real, told;
  prepare(real);
  prepare(told);
  real.must(line());
  std::string plan = told.must(line() + " --plan=json");
  TestMachine twin;
  prepare(twin);
  Json answer = Json::parse(twin.must(line() + " --json"));
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("ok"), true);
  EXPECT_EQ(answer.at("errors"), Json::array());
  EXPECT_EQ(state_of(twin), state_of(real));
  Json shown = Json::parse(plan);
  for (Json& vg : shown.at("vgs")) vg.erase("metadata");
  for (const char* part : {"changed", "vgs", "pvs", "wiped", "edited"}) EXPECT_EQ(answer.at(part), shown.at(part));
}

INSTANTIATE_TEST_SUITE_P(Lines, Planned, testing::ValuesIn(kLines.begin(), kLines.end()),
                         [](const auto& test) { return test.param.first; });

TEST(Plan, TellsExtentsTablesQuestionsAndWhatCannotBeUndone) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  m.disks.disk("/dev/b").plant({"ext4", {1080}, {2}});
  EXPECT_NE(m.must("vgextend vg0 /dev/b --plan").find("2. Wipe the ext4 signature at offset 1080 of /dev/b."),
            std::string::npos);
  EXPECT_NE(m.must("vgextend vg0 /dev/b --plan")
                .find("Irreversible: the ext4 signature of /dev/b, and with it the way to its data."),
            std::string::npos);
  EXPECT_NE(m.must("vgextend vg0 /dev/b --plan")
                .find("Will be asked: WARNING: ext4 signature detected on /dev/b at offset 1080. Wipe it?"),
            std::string::npos);
  std::string text = m.must("lvextend -l +2 vg0/one --plan");
  EXPECT_NE(
      text.find("Load a new table into vg0-one (before: 0 32768 linear 8:0 2048; after: 0 49152 linear 8:0 2048)."),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("On /dev/a take extents 4-5: 2 extents (8.00 MiB)."), std::string::npos) << text;
  EXPECT_NE(text.find("Peak extra space: 8.00 MiB of VG vg0."), std::string::npos) << text;
  text = m.must("lvreduce -l 1 vg0/one --plan");
  EXPECT_NE(text.find("Will be asked: WARNING: Reducing active logical volume vg0/one may destroy your data"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Irreversible: the data of vg0/one beyond 4.00 MiB"), std::string::npos) << text;
}

TEST(Plan, TellsWhatIsDiscarded) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 4 -n one vg0");
  const std::string lost = "what is in extents 1-3 of /dev/a, at once: they are discarded (devices/issue_discards)";
  EXPECT_EQ(m.must("lvreduce -y -l 1 vg0/one --plan").find("discarded"), std::string::npos);
  EXPECT_NE(m.must("lvreduce -y -l 1 vg0/one --plan --config devices/issue_discards=1").find("Irreversible: " + lost),
            std::string::npos);
  EXPECT_NE(m.must("lvreduce -y -l 1 vg0/one --plan=json --config devices/issue_discards=1").find(lost),
            std::string::npos);
  EXPECT_EQ(m.must("lvextend -l 5 vg0/one --plan --config devices/issue_discards=1").find("discarded"),
            std::string::npos);
}

TEST(Plan, OfAChangeThatIsThereAlreadyIsThatNothingWouldChange) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate --addtag t vg0 /dev/a");
  EXPECT_EQ(m.must("vgchange --addtag t vg0 --plan"), "  Nothing would change.\n");
  EXPECT_EQ(Json::parse(m.must("vgchange --addtag t vg0 --plan=json")).at("changed"), false);
}

TEST(Plan, IsRefusedWhenTheVgChangesWhileItsLockIsWaitedFor) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.input = m.must("lvcreate -an -Zn -l 2 -n one vg0 --plan=json");
  m.on_lock = [&m] { m.must("vgchange --addtag t vg0"); };
  Ran ran = m.run("apply -");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("VG vg0 has changed since the plan was made: its seqno is 2, in the plan 1"),
            std::string::npos)
      << ran.err;
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
}

/// On the real file system: locks, archives, backups, images.
TEST(Plan, LeavesNoTraceInAnyFile) {
  TempDir dir;
  put_file(dir / "etc/lvm.conf", "global { locking_dir = \"" + (dir / "lock") + "\" }\n");
  for (const char* disk : {"a", "b"}) make_file(dir / disk, 64 << 20);
  const std::string devices = (dir / "a") + "," + (dir / "b");
  auto ashlar = [&](std::vector<std::string> words) {
    Ran ran;
    cli::Program program{.out = [&](std::string_view text) { ran.out += text; },
                         .err = [&](std::string_view text) { ran.err += text; },
                         .make_system =
                             [&](ops::SystemOptions options) {
                               options.directory = dir / "etc";
                               return ops::make_system(options);
                             }};
    words.insert(words.begin(), "ashlar");
    words.insert(words.end(), {"--devices", devices});
    ran.status = cli::run(words, program);
    return ran;
  };
  auto traces = [&] {
    std::string all;
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir.path())) {
      all += file.path().string() + " " + std::to_string(file.last_write_time().time_since_epoch().count()) + "\n";
    }
    return all + std::to_string(std::filesystem::last_write_time(dir.path()).time_since_epoch().count());
  };
  ASSERT_EQ(ashlar({"vgcreate", "vg0", dir / "a"}).status, 0);
  ASSERT_EQ(ashlar({"lvcreate", "-l", "4", "-n", "one", "vg0"}).status, 0);
  const std::string before = traces();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"pvcreate", dir / "b"},
                                                                                     {"vgextend", "vg0", dir / "b"},
                                                                                     {"lvcreate", "-l", "2", "vg0"},
                                                                                     {"lvremove", "vg0"},
                                                                                     {"vgremove", "-y", "vg0"}}) {
    std::vector<std::string> planned = words;
    planned.push_back("--plan");
    Ran ran = ashlar(planned);
    EXPECT_EQ(ran.status, 0) << words[0] << ran.err;
  }
  EXPECT_EQ(traces(), before);
}

TEST(Plan, AsksAgainWhenItIsAppliedAndKeepsEverythingIfTheAnswerIsNo) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  m.input = m.must("lvremove vg0/one --plan=json");
  EXPECT_EQ(m.run("apply -", "n").status, 5);
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
  EXPECT_EQ(m.run("apply -", "y").status, 0);
  EXPECT_EQ(m.vg("vg0").lvs.size(), 0U);
}

TEST(Plan, IsRefusedForCommandsThatOnlyReadAndTogetherWithTest) {
  TestMachine m;
  m.disk("/dev/a");
  EXPECT_EQ(m.run("lvs --plan").status, 3);
  EXPECT_EQ(m.run("pvcreate /dev/a --plan -t").status, 3);
  EXPECT_EQ(m.run("pvcreate /dev/a --plan=xml").status, 3);
}

TEST(Plan, EndsWithTheCommandsErrorWhenItCannotBeDone) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  Ran ran = m.run("lvcreate -l 100 -n big vg0 --plan=json");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(Json::parse(ran.out).at("errors").at(0).at("code"), "no_space");
  EXPECT_NE(ran.err.find("insufficient free space"), std::string::npos);
}

TEST(Apply, TellsWhatItDidInJson) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.input = m.must("lvcreate -an -Zn -l 4 -n one vg0 --plan=json");
  const Json done = Json::parse(m.must("apply - --json"));
  EXPECT_EQ(done.at("ok"), true);
  EXPECT_EQ(done.at("vgs").at(0).at("lvs").at(0).at("name"), "one");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
  Ran again = m.run("apply - --json");
  EXPECT_EQ(again.status, 5);
  EXPECT_EQ(Json::parse(again.out).at("errors").at(0).at("code"), "refused");
}

TEST(Apply, IsNoPartOfAnotherChange) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.input = m.must("lvcreate -an -Zn -l 4 -n one vg0 --plan=json");
  EXPECT_NE(m.run("apply - --plan").status, 0);
  EXPECT_EQ(m.vg("vg0").lvs.size(), 0U);
}

TEST(Plan, OfANewNameOrPermissionSaysWhatTheDeviceWas) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  EXPECT_NE(m.must("lvrename vg0 one two --plan").find("Rename the device vg0-one to vg0-two."), std::string::npos);
  EXPECT_NE(m.must("vgrename vg0 vg1 --plan").find("Rename the device vg0-one to vg1-one."), std::string::npos);
  EXPECT_NE(m.must("lvchange -pr vg0/one --plan").find("Load the table of vg0-one anew, read-only."),
            std::string::npos);
  const Json table = Json::parse(m.must("lvrename vg0 one two --plan=json")).at("vgs").at(0).at("tables").at(0);
  EXPECT_EQ(table.at("device"), "vg0-two");
  EXPECT_EQ(table.at("renamed_from"), "vg0-one");
  EXPECT_EQ(table.at("read_only"), false);
}

TEST(Apply, RefusesOptionsThatAreThePlansOwn) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.input = m.must("lvcreate -an -Zn -l 4 -n one vg0 --plan=json");
  for (const char* option : {"--config devices/issue_discards=1", "--devices /dev/a", "--nolocking", "--uuidseed x"}) {
    const Ran ran = m.run(std::string("apply - ") + option);
    EXPECT_EQ(ran.status, 3) << option;
    EXPECT_NE(ran.err.find("apply does not take --"), std::string::npos) << ran.err;
  }
  EXPECT_TRUE(m.vg("vg0").lvs.empty());
  m.must("apply -");
  m.input = m.must("lvcreate -an -Zn -l 4 -n two vg0 --nolocking --config global/umask=63 --plan=json");
  m.must("apply - --nolocking --config global/umask=63");
}

TEST(Apply, RefusesWhatIsNoPlanAndAPlanThatWasEdited) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  for (const char* text : {"", "[]", "{}", "null", "{\"kind\":\"plan\"}",
                           "{\"kind\":\"plan\",\"schema\":1,\"command\":[]}", "{\"kind\":\"plan\",\"schema\":2}"}) {
    m.input = text;
    Ran ran = m.run("apply -");
    EXPECT_EQ(ran.status, 3) << text;
    EXPECT_NE(ran.err.find("This is no plan"), std::string::npos) << ran.err;
  }
  std::string plan = m.must("lvcreate -an -Zn -l 4 -n one vg0 --plan=json");
  m.disks.forget_log();
  for (auto [key, value] : {std::pair{"random", "\"00\""},
                            {"time", "5"},
                            {"command", "[\"lvcreate\",\"-an\",\"-Zn\",\"-l5\",\"-none\",\"vg0\"]"}}) {
    Json edited = Json::parse(plan);
    edited[key] = Json::parse(value);
    m.input = edited.dump();
    Ran ran = m.run("apply -");
    EXPECT_EQ(ran.status, 5) << key;
    EXPECT_NE(ran.err.find("The situation has changed since the plan was made: "), std::string::npos) << ran.err;
  }
  for (const char* command : {"[\"lvs\"]", "[\"nonsense\"]", "[\"apply\",\"-\"]"}) {
    Json edited = Json::parse(plan);
    edited["command"] = Json::parse(command);
    m.input = edited.dump();
    EXPECT_EQ(m.run("apply -").status, 3) << command;
  }
  EXPECT_EQ(m.disks.write_count(), 0U);
}

/// A machine with one LV of four extents.
struct OneLv : TestMachine {
  OneLv() {
    disk("/dev/a").disk("/dev/b").disk("/dev/c");
    must("vgcreate vg0 /dev/a /dev/b");
    must("vgcreate --addtag t vg1 /dev/c");
    must("lvcreate -an -Zn -l 4 -n one vg0");
  }
};

TEST(Apply, RefusesEachPartOfAPlanThatWouldComeOutOtherwise) {
  OneLv m;
  const Json plan = Json::parse(m.must("lvreduce -l 1 vg0/one --plan=json"));
  m.disks.forget_log();
  for (const char* part : {"steps", "irreversible", "remarks", "questions", "warnings"}) {
    Json edited = plan;
    edited.at(part).push_back("something else");
    m.input = edited.dump();
    Ran ran = m.run("apply -y -");
    EXPECT_EQ(ran.status, 5) << part;
    EXPECT_NE(ran.err.find("The situation has changed since the plan was made: "), std::string::npos) << ran.err;
  }
  for (const char* part : {"steps", "irreversible", "questions", "locks", "unchanged_vgs"}) {
    Json edited = plan;
    edited.erase(part);
    m.input = edited.dump();
    EXPECT_EQ(m.run("apply -y -").status, 3) << part;
  }
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST(Apply, RefusesWhatWouldBeDiscardedNow) {
  OneLv m;
  for (const char* line : {"lvremove vg0/one", "lvreduce -l 1 vg0/one"}) {
    m.input = m.must(std::string(line) + " --plan=json");
    m.lvm_conf = "devices/issue_discards=1";
    Ran ran = m.run("apply -");
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("discarded"), std::string::npos) << ran.err;
    m.lvm_conf.clear();
  }
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 4U);
}

TEST(Apply, TakesAPvFromAVgOnlyWhereThatVgIsAsItWas) {
  for (const char* line : {"pvcreate -ff -y /dev/a", "pvremove -ff -y /dev/a", "vgcreate -ff -y new /dev/a"}) {
    OneLv m;
    const std::string plan = m.must(std::string(line) + " --plan=json");
    EXPECT_EQ(Json::parse(plan).at("unchanged_vgs").at(0).at("name"), "vg0") << line;
    EXPECT_NE(
        plan.find("VG vg0 as a whole: /dev/a is missing from it then, and with it what these LVs have there: one"),
        std::string::npos)
        << plan;
    m.input = plan;
    m.must("lvcreate -an -Zn -l 1 -n late vg0");
    Ran ran = m.run("apply -");
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("VG vg0 has changed since the plan was made"), std::string::npos) << ran.err;
    EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
    m.input = m.must(std::string(line) + " --plan=json");
    m.must("apply -");
  }
}

TEST(Plan, OfWhatIsRefusedForAnLvInUseHasNoSteps) {
  OneLv m;
  m.must("lvchange -ay vg0/one");
  m.kernel.open("vg0-one");
  for (const char* line : {"lvremove -y vg0/one", "lvchange -an vg0/one"}) {
    Ran ran = m.run(std::string(line) + " --plan");
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("in use"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out.find("uspend"), std::string::npos) << ran.out;
  }
}

TEST(Apply, RefusesAfterAChangeOfAVgThatThePlanOnlyLookedAt) {
  OneLv m;
  m.input = "vgchange --addtag t vg1\nlvextend -l +1 vg0/one\n";  // vg1 has that tag
  m.input = m.must("batch - --plan=json");
  EXPECT_EQ(Json::parse(m.input).at("unchanged_vgs").at(0).at("name"), "vg1");
  m.must("vgchange --addtag other vg1");
  Ran ran = m.run("apply -");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("VG vg1 has changed since the plan was made: its seqno is 2, in the plan 1"),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 4U);
}

TEST(Apply, TakesYesForTheAnswerToTheQuestionsOfAPlan) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  m.input = m.must("lvremove vg0/one --plan=json");
  EXPECT_EQ(m.run("apply - -y -An").status, 0);
  EXPECT_EQ(m.vg("vg0").lvs.size(), 0U);
}

TEST(Plan, TellsWhatIsArchivedAndBackedUpUnderWhichName) {
  OneLv m;
  const std::string text = m.must("vgrename vg0 other --plan");
  EXPECT_NE(text.find("Archive VG vg0 as it is, seqno 2."), std::string::npos) << text;
  EXPECT_NE(text.find("Back up VG other."), std::string::npos) << text;
  EXPECT_NE(text.find("Remove the backup of VG vg0"), std::string::npos) << text;
  EXPECT_EQ(m.must("lvextend -l +1 vg0/one --plan --config backup/archive=0").find("Archive"), std::string::npos);
  EXPECT_EQ(m.must("lvextend -l +1 vg0/one --plan --config backup/backup=0").find("Back up"), std::string::npos);
}

TEST(Plan, OfARestoreOfWhatIsThereIsACommitAllTheSame) {
  OneLv m;
  TempDir dir;
  m.must("vgcfgbackup -f " + dir.path() + "/now vg0");
  const std::string line = "vgcfgrestore -f " + dir.path() + "/now vg0";
  EXPECT_NE(m.must(line + " --plan").find("VG vg0, seqno 3 after 2."), std::string::npos) << m.must(line + " --plan");
  EXPECT_EQ(Json::parse(m.must(line + " --plan=json")).at("changed"), true);
  m.must(line + " --json");
  EXPECT_EQ(m.vg("vg0").seqno, 3U);
}

TEST(Plan, InJsonAnswersAnUnknownCommandOrOptionInJson) {
  OneLv m;
  for (const char* line :
       {"ashlar nonsense --plan=json", "ashlar lvcreate --nonsense --plan=json", "lvcreate --plan=json --config",
        "ashlar --plan=json", "lvcreate --plan=json --devices= -l1 vg0"}) {
    Ran ran = m.run(line);
    EXPECT_NE(ran.status, 0);
    const Json answer = Json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << line << ran.out;
    EXPECT_EQ(answer.at("ok"), false);
    EXPECT_EQ(answer.at("errors").at(0).at("code"), "invalid_argument");
  }
}

/// What changes something that is no VG is a step in words, and is done when the plan is applied.
TEST(Plan, OfWhatIsWrittenElsewhereTellsItAndWritesNothing) {
  OneLv m;
  TempDir dir;
  put_file(dir / "content", std::string(4096, 'x'));
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"vgcfgbackup -f " + dir / "backup" + " vg0",
       "Write the metadata of VG vg0, seqno 2, to " + dir / "backup" + "."},
      {"lv write -y vg0/one -f " + dir / "content" + " -o 512",
       "Write 4096 bytes of " + dir / "content" + " into vg0/one, from byte 512 on."},
      {"lv import -y vg0/one " + dir / "content",
       "Write 4096 bytes of " + dir / "content" + " into vg0/one, from byte 0 on."},
      {"lv export vg0/one " + dir / "out" + " -L 8192",
       "Write 8192 bytes of vg0/one, from byte 0 on, to " + dir / "out" + "."},
      {"vgimportclone -n clone /dev/c", "Make the copies of VG vg1 ("}};
  for (const auto& [line, sentence] : lines) {
    m.disks.forget_log();
    const std::string text = m.must(line + " --plan");
    EXPECT_NE(text.find("1. " + sentence), std::string::npos) << line << text;
    m.input = m.must(line + " --plan=json");
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_FALSE(std::filesystem::exists(dir / "backup") && line.starts_with("vgcfgbackup"));
    EXPECT_FALSE(std::filesystem::exists(dir / "out") && line.starts_with("lv export"));
    m.must("apply -y -");
    EXPECT_TRUE(std::filesystem::exists(dir / "backup") || !line.starts_with("vgcfgbackup"));
    EXPECT_TRUE(std::filesystem::exists(dir / "out") || !line.starts_with("lv export"));
    EXPECT_TRUE(m.disks.write_count() != 0 || line.find("lv write") != 0);
  }
  EXPECT_EQ(slurp(dir / "out").at(512), std::byte{'x'});
  EXPECT_EQ(m.vg("clone").pvs.size(), 1U);
}

TEST(Plan, OfACopyIsRefusedOnceTheFileOrTheVolumeIsAnother) {
  TempDir dir;
  const std::string content = dir / "content", out = dir / "out";
  const auto fresh = [&] {
    put_file(content, std::string(4096, 'x'));
    put_file(out, "old");
  };
  struct Case {
    std::string line;
    std::function<void(TestMachine&)> between;
    std::string says;
  };
  const std::string into = "lv write -y vg0/one -f " + content, from = "lv export -y vg0/one " + out;
  auto poke = [&](TestMachine& m) {
    put_file(dir / "other", "other");
    m.must("lv write -y vg0/one -o 700 -f " + dir / "other");
  };
  const std::vector<Case> cases = {
      {into, [&](TestMachine&) { put_file(content, std::string(4096, 'y')); }, "content is"},
      {into,
       [&](TestMachine&) {
         std::filesystem::remove(content);
         put_file(content, std::string(4096, 'x'));
       },
       "content is"},
      {into, poke, "What vg0/one holds"},
      {into, [](TestMachine& m) { m.must("lvextend -l +1 vg0/one"); }, "seqno"},
      {from, [&](TestMachine&) { put_file(out, "precious"); }, "out is"},
      {from, [](TestMachine& m) { m.must("lvextend -l +1 vg0/one"); }, "seqno"}};
  for (const Case& each : cases) {
    OneLv m;
    fresh();
    const std::string plan = m.must(each.line + " --plan=json");
    each.between(m);
    m.input = plan;
    m.disks.forget_log();
    const auto before = slurp(out);
    const Ran ran = m.run("apply -y -");
    EXPECT_EQ(ran.status, 5) << each.line << plan;
    EXPECT_NE(ran.err.find(each.says), std::string::npos) << ran.err;
    EXPECT_EQ(m.disks.write_count(), 0U);
    EXPECT_EQ(slurp(out), before);
  }
}

TEST(Plan, OfACopySaysWhatIsOnTheVolumeAndWhatTheFileIs) {
  OneLv m;
  TempDir dir;
  put_file(dir / "content", std::string(4096, 'x'));
  const std::string text = m.must("lv write -y vg0/one --plan -f " + dir / "content");
  EXPECT_NE(
      text.find(
          "To know: What vg0/one holds there is lost, and no archive has it: nothing that is known, and its first 4096 bytes have checksum "),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("To know: " + dir / "content" + " is 4096 bytes, inode "), std::string::npos) << text;
}

TEST(Plan, NamesWhatACopyOrABackupIsWrittenOverAsIrreversible) {
  OneLv m;
  TempDir dir;
  put_file(dir / "content", std::string(4096, 'x'));
  const std::string file = dir / "content", over_lv = "what vg0/one holds in 4096 bytes from byte 512 on",
                    over_file = "what " + file + " holds";
  const std::pair<std::string, std::string> table[] = {{"lv write -y -o 512 vg0/one -f " + file, over_lv},
                                                       {"lv import -y -o 512 vg0/one " + file, over_lv},
                                                       {"lv export -y vg0/one " + file, over_file},
                                                       {"lv read -y vg0/one -f " + file, over_file},
                                                       {"vgcfgbackup -f " + file + " vg0", over_file}};
  for (const auto& [line, lost] : table) {
    const std::string text = m.must(line + " --plan");
    EXPECT_NE(text.find("Irreversible: " + lost + ".\n"), std::string::npos) << line << text;
    const Json plan = Json::parse(m.must(line + " --plan=json"));
    EXPECT_EQ(plan.at("irreversible"), Json::array({lost})) << line;
  }
  for (const std::string& line :
       {"lv export vg0/one " + dir / "new", "vgcfgbackup -f " + dir / "new" + " vg0", std::string("vgcfgbackup vg0")})
    EXPECT_EQ(Json::parse(m.must(line + " --plan=json")).at("irreversible"), Json::array()) << line;
}

TEST(Plan, ThatWouldReadAPipeOrActivateByEventsSaysWhatIsSoAndWhatShowsIt) {
  OneLv m;
  m.input = "hi\n";
  const std::pair<std::string, std::string> table[] = {
      {"lv write vg0/one --plan",
       "a plan reads no bytes from standard input, since a copy that is planned is one of a file as it was "
       "then: give --file"},
      {"lv import vg0/one - --plan", "as it was then: name a file in place of -"},
      {"lv read vg0/one --plan", "a plan writes no bytes to standard output: give --file"},
      {"pvscan --cache -aay --plan",
       "pvscan --activate cannot be planned: it activates VGs by which PVs have appeared; "
       "vgchange -aay --plan shows what would become active"}};
  for (const auto& [line, says] : table) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_NE(ran.err.find(says), std::string::npos) << line << ran.err;
  }
}

TEST(Plan, OfACloneIsRefusedOnceTheDisksHoldAnotherVg) {
  OneLv m;
  m.input = m.must("vgimportclone -n clone /dev/c --plan=json");
  m.disks.disk("/dev/c").poke({0}, std::vector<std::byte>(1 << 20));
  m.must("vgcreate precious /dev/c");
  EXPECT_EQ(m.run("apply -").status, 5);
  EXPECT_EQ(m.vg("precious").seqno, 1U);
}

TEST(Plan, OfABackupIsRefusedOnceItsFileIsThere) {
  OneLv m;
  TempDir dir;
  m.input = m.must("vgcfgbackup -f " + dir / "backup" + " vg0 --plan=json");
  put_file(dir / "backup", "precious");
  EXPECT_EQ(m.run("apply -").status, 5);
  EXPECT_EQ(slurp(dir / "backup").size(), 8U);
  EXPECT_NE(m.must("vgcfgbackup -f " + dir / "backup" + " vg0 --plan").find("in place of what is there"),
            std::string::npos);
}

TEST(Plan, OfABackupIsRefusedOnceTheVgIsAnother) {
  OneLv m;
  TempDir dir;
  m.input = m.must("vgcfgbackup -f " + dir / "backup" + " vg0 --plan=json");
  m.must("vgchange --addtag t vg0");
  EXPECT_EQ(m.run("apply -").status, 5);
  EXPECT_FALSE(std::filesystem::exists(dir / "backup"));
}

TEST(Plan, EndsAsTheCommandWouldWhereTheMetadataFindsNoRoom) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("pvcreate --metadatasize 32k --dataalignment 64k /dev/a");
  m.must("vgcreate -s 64k vg0 /dev/a");
  int made = 0;
  Ran last;
  do {
    last = m.run("lvcreate -an -Zn -l 1 -n a_name_of_some_length_" + std::to_string(made++) + " vg0");
  } while (last.status == 0 && made < 500);
  ASSERT_EQ(last.status, 5);
  const VolumeGroup before = m.vg("vg0");
  const std::string line = "lvcreate -an -Zn -l 1 -n a_name_of_some_length_" + std::to_string(made) + " vg0";
  m.input = line + "\n";
  for (const std::string& each :
       {line + " --plan", line + " --plan=json", line + " -t", std::string("batch -"), std::string("batch - --plan")}) {
    const Ran ran = m.run(each);
    EXPECT_EQ(ran.status, 5) << each << ran.out;
    EXPECT_NE((ran.out + ran.err).find("exceeds the maximum"), std::string::npos) << each << ran.err;
  }
  EXPECT_EQ(m.vg("vg0"), before);
  m.must("lvremove -y vg0/a_name_of_some_length_0");
}

TEST(Plan, GrowsAFilesystemAfterItsVolume) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  const std::string text = m.must("lvextend -r -l +2 vg0/one --plan");
  EXPECT_NE(text.find("On /dev/a take extents 4-5"), std::string::npos) << text;
  EXPECT_NE(text.find("Check and grow the ext4 on vg0/one to 24.00 MiB."), std::string::npos) << text;
  EXPECT_NE(m.must("lvextend -r -n -l +2 vg0/one --plan").find(" Grow the ext4"), std::string::npos);
  m.input = "lvextend -r -l +2 vg0/one\n";
  EXPECT_NE(m.must("batch - --plan").find("Check and grow the ext4 on vg0/one to 24.00 MiB."), std::string::npos);
  EXPECT_EQ(m.vg("vg0").lvs[0].extents().n, 4U);
}

TEST(Plan, WithAValueOfAWrongTypeIsRefusedByItsName) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  const nlohmann::json plan = nlohmann::json::parse(m.must("vgchange --addtag t vg0 --plan=json"));
  for (const char* key : {"kind", "schema", "command", "input", "time", "random", "vgs"}) {
    nlohmann::json wrong = plan;
    wrong[key] =
        std::string(key) == "input" || std::string(key) == "kind" ? nlohmann::json(7) : nlohmann::json("seven");
    m.input = wrong.dump();
    const Ran ran = m.run("apply -");
    EXPECT_EQ(ran.status, 3) << key;
    EXPECT_NE(ran.err.find(std::string("\"") + key), std::string::npos) << key << ": " << ran.err;
    EXPECT_EQ(ran.err.find("json.exception"), std::string::npos) << ran.err;
  }
  nlohmann::json wrong = plan;
  wrong["vgs"][0]["seqno_before"] = "seven";
  m.input = wrong.dump();
  EXPECT_NE(m.run("apply -").err.find("\"vgs/seqno_before\": type must be number, but is string"), std::string::npos);
}

TEST(Plan, MakesAFilesystemSmallerBeforeItsVolume) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  m.lv_signatures = {{"ext4", {1080}, {2}}};
  const std::string step =
      "   1. Check the ext4 on vg0/one (e2fsck -f -p) and make it smaller, to 12.00 MiB (resize2fs); if that fails, nothing else is changed.\n";
  for (const char* line : {"lvreduce -r -l -1 vg0/one", "lvresize -r -l 3 vg0/one", "batch -"}) {
    m.input = "lvreduce -r -l -1 vg0/one\n";
    const std::string text = m.must(line + std::string(" --plan"));
    EXPECT_EQ(text.find(step), 0U) << text;
    EXPECT_NE(text.find("Resize LV vg0/one from 4 extents (16.00 MiB) to 3 extents (12.00 MiB)."), std::string::npos)
        << text;
    EXPECT_NE(text.find("Irreversible: the size of the ext4 on vg0/one: undo gives vg0/one its extents back"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("row the ext4"), std::string::npos) << text;
    EXPECT_EQ(text.find("Will be asked"), std::string::npos) << text;
  }
  // There is no such device, so that the programs fail: nothing else is done then.
  m.lvm_conf = "devices { dir = \"/nowhere\" }";
  const VolumeGroup before = m.vg("vg0");
  const std::string plan = m.must("lvreduce -r -l -1 vg0/one --plan=json");
  m.input = plan;
  const Ran ran = m.run("apply -");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("nothing else was changed: "), std::string::npos) << ran.err;
  EXPECT_EQ(m.vg("vg0"), before);
  EXPECT_EQ(m.run("lvreduce -r -l -1 vg0/one --json").status, 5);
  EXPECT_EQ(m.vg("vg0"), before);
  m.lv_signatures = {{"btrfs", {65600}, {8}}};
  EXPECT_NE(
      m.must("lvreduce -r -l -1 vg0/one --plan")
          .find(
              "Check the btrfs on vg0/one (btrfs check --readonly) and make it smaller, to 12.00 MiB (btrfs filesystem resize)"),
      std::string::npos);
  m.lv_signatures = {{"xfs", {0}, {4}}};
  EXPECT_NE(m.run("lvreduce -r -l -1 vg0/one --plan").err.find("an xfs cannot be made smaller"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::test
