// SPDX-License-Identifier: LGPL-2.1-or-later
// --json on every command: one document, whatever happens.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/ensure_spec.h"
#include "cli/json_output.h"
#include "image_machine.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;

class JsonOf : public testing::TestWithParam<const cli::Command*> {
 protected:
  JsonOf() {
    m.disk("/dev/a");
    m.must("vgcreate vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 2 -n data vg0");
    m.disks.forget_log();
  }
  std::string name() const { return std::string(GetParam()->name); }
  TestMachine m;
};

TEST_P(JsonOf, IsOneDocumentWithoutAnyArguments) {
  Ran ran = m.run(name() + " --json");
  Json answer = Json::parse(ran.out);
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("command"), name());
  EXPECT_EQ(answer.at("ok"), ran.status == 0);
  EXPECT_EQ(answer.at("errors").empty(), ran.status == 0);
}

TEST_P(JsonOf, NamesTheErrorWhenThereIsNoSuchThing) {
  if (name() == "help" || name() == "version") return;
  Ran ran = m.run(name() + " --json nothing/here");
  Json answer = Json::parse(ran.out);
  if (ran.status == 0) return;  // it takes no arguments
  EXPECT_EQ(answer.at("ok"), false);
  EXPECT_FALSE(answer.at("errors").at(0).at("code").get<std::string>().empty());
  EXPECT_FALSE(answer.at("errors").at(0).at("message").get<std::string>().empty());
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST_P(JsonOf, IsOneDocumentForAnUnknownOption) {
  Ran ran = m.run(name() + " --json --frob");
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(Json::parse(ran.out).at("errors").at(0).at("code"), "invalid_argument");
}

TEST_P(JsonOf, IsOneDocumentForHelpAndVersion) {
  if (name() == "version") return;
  const Json help = Json::parse(m.must(name() + " --help --json"));
  EXPECT_EQ(help.at("commands").at(0).at("name"), name());
  EXPECT_TRUE(Json::parse(m.must(name() + " --version --json")).at("version").is_string());
}

TEST_P(JsonOf, IsTheSameBeforeTheCommandsName) {
  TestMachine other = TestMachine();
  other.disk("/dev/a");
  other.must("vgcreate vg0 /dev/a");
  other.must("lvcreate -an -Zn -l 2 -n data vg0");
  const Ran before = m.run("ashlar --json " + name()), after = other.run("ashlar " + name() + " --json");
  EXPECT_EQ(before.status, after.status);
  EXPECT_EQ(before.out, after.out);
}

INSTANTIATE_TEST_SUITE_P(Commands, JsonOf, testing::ValuesIn(cli::commands().begin(), cli::commands().end()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(Json, OfReportsHasSizesInBytesAndSaysWhatIsMissing) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 2 -n data --addtag one --addtag two vg0");
  Json row = Json::parse(m.must("lvs --json -o lv_name,lv_size,lv_tags,seg_count")).at("report").at(0).at("lv").at(0);
  EXPECT_EQ(row, Json::parse(R"({"lv_name": "data", "lv_size": 8388608, "lv_tags": ["one", "two"], "seg_count": 1})"));
}

TEST(Json, OfReportsHasTruthAndNothing) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 2 -n data vg0");
  const std::string line =
      "lvs --json -o vg_extendable,vg_exported,lv_fixed_minor,lv_device_open,origin,lv_tags,data_percent vg0";
  EXPECT_EQ(Json::parse(m.must(line)).at("report")[0].at("lv")[0],
            Json::parse(R"({"vg_extendable": true, "vg_exported": false,
    "lv_fixed_minor": false, "lv_device_open": null, "origin": null, "lv_tags": [], "data_percent": null})"));
}

TEST(Json, OfAnUnknownFieldIsOneSentence) {
  TestMachine m;
  m.disk("/dev/a");
  EXPECT_EQ(Json::parse(m.run("lvs --json -o nosuch").out).at("errors")[0].at("message"), "Unrecognised field: nosuch");
  EXPECT_NE(m.run("lvs -o nosuch").err.find("lv_name"), std::string::npos) << "people see which there are";
}

TEST(Json, OfReportsHasBytesWhateverUnitsAreAsked) {
  TestMachine m;
  m.disk("/dev/a", {64 << 20});
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -L 8m -n data vg0");
  for (const char* units : {"", " --units h", " --units G", " --units 4m"}) {
    const Json row = Json::parse(m.must(std::string("lvs -o lv_size,lv_kernel_major,lv_major --json") + units))
                         .at("report")[0]
                         .at("lv")[0];
    EXPECT_EQ(row, Json::parse(R"({"lv_size": 8388608, "lv_kernel_major": null, "lv_major": null})")) << units;
  }
  EXPECT_EQ(m.run("lvs --json --units nonsense").status, 3);
  EXPECT_NE(m.must("lvs -o lv_size --units m --reportformat json").find("\"8.00m\""), std::string::npos);
}

TEST(Json, OfADevicesNumbersIsTyped) {
  ImageMachine m;
  make_file(m.dir / "d", std::size_t{64} << 20);
  m.must("pvcreate DIR/d --image DIR/d");
  const Json none = Json::parse(m.must("pvs -o pv_major,pv_minor --json --image DIR/d")).at("report")[0].at("pv")[0];
  EXPECT_EQ(none, Json::parse(R"({"pv_major": 0, "pv_minor": 0})")) << "a file has none";
  EXPECT_NE(m.must("pvs -o pv_major --reportformat json --image DIR/d").find("\"pv_major\":\"0\""), std::string::npos);
}

TEST(Json, OfTablesHelpAndVersionIsTyped) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 2 -n data vg0");
  EXPECT_EQ(Json::parse(m.must("tables --json vg0")).at("devices"),
            Json::parse(R"([{"name": "vg0-data", "table": ["0 16384 linear 8:0 2048"]}])"));
  EXPECT_EQ(Json::parse(m.must("help --json")).at("commands").size(), cli::commands().size());
  EXPECT_TRUE(Json::parse(m.must("version --json")).at("version").is_string());
}

TEST(Json, OfHelpAndVersionIsWhatAPlanInJsonAnswersToo) {
  TestMachine m;
  EXPECT_EQ(Json::parse(m.must("lvcreate --plan=json --help")).at("command"), "lvcreate");
  EXPECT_TRUE(Json::parse(m.must("lvcreate --plan=json --version")).contains("version"));
}

TEST(Json, BeforeNoCommandIsThatOfHelp) {
  TestMachine m;
  EXPECT_EQ(Json::parse(m.run("ashlar --json").out).at("commands").size(), cli::commands().size());
  EXPECT_EQ(Json::parse(m.run("ashlar --json --json nonsense").out).at("errors").at(0).at("code"), "invalid_argument");
}

TEST(Json, OfAReportSaysWhichPvIsMissingFromIt) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
  m.must("vgcreate vg0 /dev/a /dev/b");
  m.must("vgcreate vg1 /dev/c");
  const std::string id = m.vg("vg0").pvs[1].id.dashed();
  EXPECT_EQ(Json::parse(m.must("lvs --json")).at("partial"), false);
  m.disks.remove("/dev/b");
  for (const char* line : {"lvs", "vgs", "pvs", "lvs vg0", "fullreport", "vgs -S vg_name=nothing"}) {
    const Ran plain = m.run(line), json = m.run(std::string(line) + " --json");
    EXPECT_EQ(json.status, plain.status) << line;
    const Json doc = Json::parse(json.out);
    EXPECT_EQ(doc.at("partial"), true) << line;
    EXPECT_EQ(doc.at("missing"), Json::array({"PV " + id + " of VG vg0 is missing"})) << line;
  }
  EXPECT_NE(m.run("lvs --json").out.find("WARNING: VG vg0 is missing PV " + id), std::string::npos);
  EXPECT_EQ(Json::parse(m.must("lvs vg1 --json")).at("partial"), false);
}

TEST(Json, OfAReportSaysWhichDeviceCouldNotBeRead) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  m.disks.disk("/dev/b").bad_sectors({0}, {64 << 20});
  const Ran plain = m.run("lvs"), json = m.run("lvs --json");
  EXPECT_EQ(json.status, plain.status);
  const Json doc = Json::parse(json.out);
  EXPECT_EQ(doc.at("partial"), true);
  EXPECT_NE(doc.at("missing").at(0).get<std::string>().find("/dev/b"), std::string::npos);
}

TEST(Json, OfWhatPrintsForPeopleElseIsAReport) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  m.must("pvcreate /dev/b");
  m.must("lvcreate -an -Zn -l 2 -n data vg0");
  const auto row = [&](const std::string& line, const char* kind) {
    return Json::parse(m.must(line + " --json")).at("report").at(0).at(kind);
  };
  for (const char* line : {"lvdisplay", "lvdisplay vg0/data", "lvscan"})
    EXPECT_EQ(row(line, "lv").at(0).at("lv_size"), 8 << 20) << line;
  for (const char* line : {"vgdisplay", "vgscan"})
    EXPECT_EQ(row(line, "vg").at(0).at("vg_extent_size"), 4 << 20) << line;
  EXPECT_EQ(row("pvdisplay", "pv").size(), 2U);
  EXPECT_EQ(row("pvscan", "pv").size(), 2U);
  EXPECT_EQ(row("pvscan -n", "pv").at(0).at("pv_name"), "/dev/b");
  EXPECT_EQ(row("pvscan -n", "pv").size(), 1U);
  EXPECT_EQ(row("pvscan -e", "pv").size(), 0U);
  const Json disks = Json::parse(m.must("lvmdiskscan --json"));
  EXPECT_EQ(disks.at("devices").at(0).at("device"), "/dev/a");
  EXPECT_EQ(disks.at("devices").at(0).at("pv"), true);
  EXPECT_TRUE(Json::parse(m.must("tags --json")).at("lines").empty());
}

TEST(Json, OfAListOfArchivesNamesThem) {
  TempDir dir;
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -an -Zn -l 2 -n data vg0");
  const Json list = Json::parse(m.must("vgcfgrestore -l vg0 --json")).at("archives");
  ASSERT_FALSE(list.empty());
  EXPECT_EQ(list.at(0).at("vg"), "vg0");
  EXPECT_TRUE(list.at(0).at("time").is_number());
  EXPECT_TRUE(list.at(0).at("problem").is_null());
  EXPECT_EQ(Json::parse(m.must("vgcfgbackup --json -f " + dir / "file" + " vg0")).at("changed"), true);
  EXPECT_FALSE(Json::parse(m.must("lvs --json")).contains("changed"));
}

TEST(Json, OfAFieldThatDoesNotExistIsAnInvalidArgument) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  for (const char* line :
       {"vgs -o nothing", "vgs -S nothing=1", "vgs -S (", "vgs -o ''", "vgchange --addtag x -S nothing=1"}) {
    const Ran plain = m.run(line), json = m.run(std::string(line) + " --json");
    EXPECT_EQ(plain.status, 5) << line;
    EXPECT_EQ(json.status, 5) << line;
    EXPECT_EQ(Json::parse(json.out).at("errors").at(0).at("code"), "invalid_argument") << line;
  }
}

TEST(Json, KeepsControlBytesOutOfTheDocument) {
  TestMachine m;
  m.disk("/dev/a");
  Ran ran = m.run("vgcreate --json v\x1b[31m /dev/a");
  for (char c : ran.out) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 32) << static_cast<int>(c);
  EXPECT_NE(Json::parse(ran.out).at("errors").at(0).at("message").get<std::string>().find("\\x1b"), std::string::npos);
}

// A person who is not there has not interrupted anything.
TEST(Json, OfAQuestionThatNobodyAnswersIsARefusal) {
  TempDir dir;
  put_file(dir / "out", "mine");
  put_file(dir / "spec",
           R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "one", "size": "4m", "may_shrink": true}]}]})");
  for (const std::string& line :
       {"ensure " + dir / "spec", std::string("lvremove vg0/one"), std::string("lvreduce -l 1 vg0/one"),
        std::string("vgremove vg0"), std::string("undo vg0"), std::string("vgchange --systemid other vg0"),
        std::string("pvcreate /dev/c"), std::string("pvremove /dev/a"),
        std::string("pvresize --setphysicalvolumesize 40m /dev/b"), "lv export vg0/one " + dir / "out"}) {
    TestMachine m;
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.disks.disk("/dev/c").plant({"ext4", {1080}, {2}});
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -y -l 4 -n one vg0");
    const Ran ran = m.run(line + " --json");
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_EQ(Json::parse(ran.out).at("errors").at(0).at("code"), "refused") << ran.out;
  }
}

TEST(Json, SaysWhatKindOfErrorItIs) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 4 -n one vg0");
  for (const auto& [line, code] :
       std::vector<std::pair<std::string, std::string>>{{"lvcreate -l 4 -n one vg0", "exists"},
                                                        {"lvcreate -l 4 -n two vg0 /dev/x", "not_found"},
                                                        {"lvcreate -l 400 -n two vg0", "no_space"},
                                                        {"lvcreate -l 4 -n a@b vg0", "invalid_argument"},
                                                        {"lvremove vg0/none", "not_found"},
                                                        {"lvs vg1", "not_found"},
                                                        {"vgcreate vg0 /dev/b", "exists"},
                                                        {"vgextend vg0 /dev/a", "refused"},
                                                        {"lvextend --type raid1 -l +1 vg0/one", "unsupported"},
                                                        {"lv write vg0/one -f /nowhere", "busy"},
                                                        {"undo vg0 --to 77", "not_found"},
                                                        {"undelete vg0/one", "exists"},
                                                        {"ensure /nowhere", "not_found"},
                                                        {"vgcfgrestore -f /nowhere vg0", "not_found"},
                                                        {"apply /nowhere", "not_found"},
                                                        {"lvcreate", "invalid_argument"},
                                                        {"pvcreate /dev/nope", "not_found"}}) {
    const Ran ran = m.run(line + " --json");
    EXPECT_NE(ran.status, 0) << line;
    EXPECT_EQ(Json::parse(ran.out).at("errors").at(0).at("code"), code) << line << ran.out;
  }
}

TEST(Json, HasAStableNameForEveryCode) {
  EXPECT_EQ(cli::code_name(Errc::InvalidArgument), "invalid_argument");
  EXPECT_EQ(cli::code_name(Errc::NoSpace), "no_space");
  EXPECT_EQ(cli::code_name(Errc::Partial), "partial");
}

/// Keys of the published schema are those that the reader knows, by section.
TEST(EnsureSchema, NamesTheKeysThatTheReaderTakes) {
  std::ifstream file("docs/ensure.schema.json");
  Json schema = Json::parse(file);
  auto unknown = [](const Json& spec) {
    auto read = cli::parse_spec(spec.dump());
    return !read && read.error().message().find("there is no such key") != std::string::npos;
  };
  std::size_t keys = 0;
  for (auto [section, wrap] :
       {std::pair<const char*, Json (*)(Json)>{"volume_group",
                                               [](Json vg) {
                                                 return Json{{"volume_groups", Json::array({std::move(vg)})}};
                                               }},
        {"volume",
         [](Json lv) {
           return Json{
               {"volume_groups", Json::array({Json{{"name", "vg"}, {"volumes", Json::array({std::move(lv)})}}})}};
         }},
        {"filesystem", [](Json fs) {
           return Json{
               {"volume_groups",
                Json::array({Json{{"name", "vg"},
                                  {"volumes", Json::array({Json{{"name", "lv"}, {"filesystem", std::move(fs)}}})}}})}};
         }}}) {
    const Json& part = schema.at("$defs").at(section);
    EXPECT_EQ(part.at("additionalProperties"), false);
    for (const auto& [key, rules] : part.at("properties").items()) {
      Json object{{"name", "x"}};
      if (std::string(section) == "filesystem") object = {{"type", "ext4"}};
      if (rules.contains("examples")) object[key] = rules.at("examples").at(0);
      EXPECT_TRUE(rules.contains("examples")) << section << " " << key;
      EXPECT_TRUE(rules.contains("description")) << section << " " << key;
      EXPECT_FALSE(unknown(wrap(object))) << section << " " << key;
      ++keys;
    }
    EXPECT_TRUE(
        unknown(wrap(Json{{std::string(section) == "filesystem" ? "type" : "name", "ext4"}, {"no_such_key", 1}})));
  }
  EXPECT_EQ(keys, 9U + 13U + 2U);
}

}  // namespace
}  // namespace ashlar::test
