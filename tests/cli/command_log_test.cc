// SPDX-License-Identifier: LGPL-2.1-or-later
// log/report_command_log: what a command says and how each object fares, as rows behind its report. What is expected is
// what lvm2 2.03.16 prints, but for ids.
#include "cli/command_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kOn =
    "log{report_command_log=1 command_log_selection=\"all\" command_log_cols=\"log_seq_num,log_type,log_object_type,"
    "log_object_name,log_object_group,log_message,log_errno,log_ret_code\"} report/aligned=0 report/separator=\"|\"";
constexpr const char* kHead = "  Command Log\n  ===========\n  Seq|LogType|ObjType|ObjName|ObjGrp|Msg|Errno|RetCode\n";

class CommandLog : public testing::Test {
 protected:
  CommandLog() {
    m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("lvcreate -an -Zn -l 3 -n one vg0");
    m.must("lvcreate -an -Zn -l 3 -n two vg0");
    m.must("pvcreate /dev/c");
  }
  Ran run(const std::string& line) { return m.run(line + " --config '" + kOn + "'"); }
  /// The log's rows alone.
  std::string rows(const std::string& line) {
    Ran ran = run(line);
    const std::size_t at = ran.out.find(kHead);
    EXPECT_NE(at, std::string::npos) << ran.out << ran.err;
    EXPECT_THAT(ran.err, IsEmpty());
    return at == std::string::npos ? ran.out : ran.out.substr(at + std::string_view(kHead).size());
  }
  TestMachine m;
};

TEST_F(CommandLog, FollowsAReportUnderTitlesOfBoth) {
  EXPECT_EQ(m.must("vgs --config log/report_command_log=1"),
            "  Volume Group\n  ============\n"
            "  VG  #PV #LV #SN Attr   VSize   VFree \n"
            "  vg0   2   2   0 wz--n- 120.00m 96.00m\n"
            "  \n"
            "  Command Log\n  ===========\n"
            "  Seq LogType Context ObjType ObjName ObjID   ObjGrp  ObjGrpID Msg     Errno RetCode\n");
  // No row, no title; the line between them is there all the same.
  EXPECT_THAT(m.must("lvs -S lv_name=none --config log/report_command_log=1"),
              ::testing::StartsWith("  \n  Command Log\n  ===========\n  Seq "));
}

TEST_F(CommandLog, IsNotThereUnlessItIsAskedFor) {
  EXPECT_THAT(m.must("vgs"), Not(HasSubstr("Seq")));
  EXPECT_THAT(m.must("vgs --configreport log -o nosuch"), Not(HasSubstr("Seq")));
}

TEST_F(CommandLog, NamesWhatAReportHasGoneOver) {
  EXPECT_EQ(rows("lvs"),
            "  1|status|lv|one|vg0|success|0|1\n  2|status|lv|two|vg0|success|0|1\n"
            "  3|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("lvs -S lv_name=one"), rows("lvs"));
  EXPECT_EQ(rows("lvs vg0/two"), "  1|status|lv|two|vg0|success|0|1\n  2|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("vgs"), "  1|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("vgs -o lv_name"), rows("lvs"));
  EXPECT_EQ(rows("vgs -o pv_name"),
            "  1|status|pv|/dev/a|vg0|success|0|1\n  2|status|pv|/dev/b|vg0|success|0|1\n"
            "  3|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("pvs"),
            "  1|status|pv|/dev/a|vg0|success|0|1\n  2|status|pv|/dev/b|vg0|success|0|1\n"
            "  3|status|vg|vg0||success|0|1\n  4|status|pv|/dev/c||success|0|1\n"
            "  5|status|orphan|lvm2||success|0|1\n");
  EXPECT_EQ(rows("pvs -S vg_name=x -o pv_name"), rows("pvs"));
  EXPECT_EQ(rows("pvs /dev/b"), "  1|status|pv|/dev/b|vg0|success|0|1\n  2|status|vg|vg0||success|0|1\n");
  // What stands in the labels needs no VG.
  EXPECT_EQ(rows("pvs -o pv_name,pv_uuid /dev/b"), "  1|status|label|/dev/b||success|0|1\n");
  EXPECT_EQ(rows("fullreport vg0"),
            "  1|status|pv|/dev/a|vg0|success|0|1\n  2|status|pv|/dev/b|vg0|success|0|1\n"
            "  3|status|lv|one|vg0|success|0|1\n  4|status|lv|two|vg0|success|0|1\n"
            "  5|status|pv|/dev/a|vg0|success|0|1\n  6|status|pv|/dev/b|vg0|success|0|1\n"
            "  7|status|lv|one|vg0|success|0|1\n  8|status|lv|two|vg0|success|0|1\n  9|status|vg|vg0||success|0|1\n");
}

TEST_F(CommandLog, TakesWhatWouldBeToldElsewhere) {
  EXPECT_EQ(rows("lvs nope vg0/one vg0/xx"),
            "  1|error|vg|nope||Volume group \"nope\" not found|-1|0\n"
            "  2|error|vg|nope||Cannot process volume group nope|-1|0\n"
            "  3|status|vg|nope||failure|-1|5\n"
            "  4|status|lv|one|vg0|success|-1|1\n"
            "  5|error|lv|xx|vg0|Failed to find logical volume \"vg0/xx\"|-1|0\n"
            "  6|status|lv|xx|vg0|failure|-1|5\n"
            "  7|status|vg|vg0||failure|-1|5\n");
  EXPECT_EQ(run("lvs nope").status, 5);
  EXPECT_EQ(rows("fullreport nope"),
            "  1|error|vg|nope||Volume group \"nope\" not found|-1|0\n"
            "  2|error|vg|nope||Cannot process volume group nope|-1|0\n"
            "  3|status|vg|nope||failure|-1|5\n");
  EXPECT_THAT(rows("lvs -o nosuch"), HasSubstr("warn||||Logical Volume Fields|0|0\n"));
  EXPECT_THAT(rows("lvs -o nosuch"), ::testing::EndsWith("|error||||Unrecognised field: nosuch|-1|0\n"));
}

TEST_F(CommandLog, TellsOfAChangeToAVg) {
  EXPECT_EQ(rows("lvcreate -an -Zn -l 3 -n three vg0"),
            "  1|warn|vg|vg0||WARNING: Logical volume vg0/three not zeroed.|0|0\n"
            "  2|print|vg|vg0||Logical volume \"three\" created.|0|0\n  3|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("lvcreate -an -Zn -l 3 -n three vg0"),
            "  1|error|vg|vg0||Logical Volume \"three\" already exists in volume group \"vg0\"|-1|0\n"
            "  2|status|vg|vg0||failure|-1|5\n");
  EXPECT_EQ(rows("lvextend -l+1 nope/x"),
            "  1|error|vg|nope||Volume group \"nope\" not found|-1|0\n"
            "  2|error|vg|nope||Cannot process volume group nope|-1|0\n  3|status|vg|nope||failure|-1|5\n");
  EXPECT_EQ(rows("vgchange --addtag t nope vg0"),
            "  1|error|vg|nope||Volume group \"nope\" not found|-1|0\n"
            "  2|error|vg|nope||Cannot process volume group nope|-1|0\n  3|status|vg|nope||failure|-1|5\n"
            "  4|print|vg|vg0||Volume group \"vg0\" successfully changed|-1|0\n  5|status|vg|vg0||success|-1|1\n");
  EXPECT_EQ(rows("vgck vg0"), "  1|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("vgreduce vg0 /dev/b"),
            "  1|print|pv|/dev/b|vg0|Removed \"/dev/b\" from volume group \"vg0\"|0|0\n"
            "  2|status|pv|/dev/b|vg0|success|0|1\n  3|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("vgrename vg0 vg1"),
            "  1|print|vg|vg0||Volume group \"vg0\" successfully renamed to \"vg1\"|0|0\n"
            "  2|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("pvremove /dev/c"), "  1|print||||Labels on physical volume \"/dev/c\" successfully wiped.|0|0\n");
}

TEST_F(CommandLog, TellsOfAChangeToLvs) {
  EXPECT_EQ(rows("lvchange --addtag a vg0/one vg0/no"),
            "  1|print|lv|one|vg0|Logical volume vg0/one changed.|0|0\n  2|status|lv|one|vg0|success|0|1\n"
            "  3|error|lv|no|vg0|Failed to find logical volume \"vg0/no\"|-1|0\n  4|status|lv|no|vg0|failure|-1|5\n"
            "  5|status|vg|vg0||failure|-1|5\n");
  EXPECT_EQ(rows("lvchange -an vg0"),
            "  1|status|lv|one|vg0|success|0|1\n  2|status|lv|two|vg0|success|0|1\n"
            "  3|status|vg|vg0||success|0|1\n");
  EXPECT_EQ(rows("lvremove vg0/no"),
            "  1|error|lv|no|vg0|Failed to find logical volume \"vg0/no\"|-1|0\n  2|status|lv|no|vg0|failure|-1|5\n"
            "  3|status|vg|vg0||failure|-1|5\n");
  EXPECT_EQ(rows("lvremove nope/x"),
            "  1|error|vg|nope||Volume group \"nope\" not found|-1|0\n"
            "  2|error|vg|nope||Cannot process volume group nope|-1|0\n  3|status|vg|nope||failure|-1|5\n");
  EXPECT_EQ(rows("lvremove vg0"),
            "  1|print|lv|one|vg0|Logical volume \"one\" successfully removed.|0|0\n"
            "  2|status|lv|one|vg0|success|0|1\n"
            "  3|print|lv|two|vg0|Logical volume \"two\" successfully removed.|0|0\n"
            "  4|status|lv|two|vg0|success|0|1\n  5|status|vg|vg0||success|0|1\n");
}

TEST_F(CommandLog, TellsOfAChangeToPvs) {
  EXPECT_EQ(rows("pvchange --addtag t /dev/a"),
            "  1|print|pv|/dev/a|vg0|Physical volume \"/dev/a\" changed|0|0\n  2|status|pv|/dev/a|vg0|success|0|1\n"
            "  3|print||||1 physical volume changed / 0 physical volumes not changed|0|0\n");
}

TEST_F(CommandLog, HasTheIdsOfBeforeTheCommand) {
  const std::string vg = m.vg("vg0").id.dashed(), lv = m.vg("vg0").lvs[0].id.dashed();
  const std::string out =
      m.must("lvremove vg0/one --reportformat json --config 'log{report_command_log=1 command_log_selection=\"all\"}'");
  const json log = json::parse(out)["log"];
  EXPECT_EQ(log[1]["log_object_id"], lv);
  EXPECT_EQ(log[1]["log_object_group_id"], vg);
  EXPECT_EQ(log[2]["log_object_id"], vg);
}

TEST_F(CommandLog, IsPartOfTheJsonOfAReport) {
  const std::string on = " --reportformat json --config 'log{report_command_log=1 command_log_selection=\"all\"}'";
  json lvs = json::parse(m.must("lvs" + on));
  EXPECT_EQ(lvs["report"][0]["lv"].size(), 2u);
  EXPECT_EQ(lvs["log"].size(), 3u);
  EXPECT_EQ(lvs["log"][2]["log_ret_code"], "1");
  EXPECT_THAT(m.must("lvs" + on), HasSubstr("      ]\n      ,\n      \"log\": [\n          {\"log_seq_num\":\"1\""));
  json wrong = json::parse(m.run("lvs -o nosuch" + on).out);
  EXPECT_TRUE(wrong["report"].empty());
  EXPECT_EQ(wrong["log"].back()["log_message"], "Unrecognised field: nosuch");
  json full = json::parse(m.must("fullreport" + on));
  EXPECT_EQ(full["report"].size(), 2u);
  EXPECT_EQ(full["log"].back()["log_object_type"], "orphan");
  // A command that is no report has no array of them.
  json change = json::parse(m.must("vgchange --addtag t vg0" + on));
  EXPECT_FALSE(change.contains("report"));
  EXPECT_EQ(change["log"].size(), 2u);
  json typed = json::parse(m.must("vgs --reportformat json_std --config 'log/report_command_log=1'"));
  EXPECT_TRUE(typed["log"].empty());
}

TEST_F(CommandLog, HasColumnsOrderAndSelectionOfItsOwn) {
  EXPECT_THAT(
      run("lvs -o lv_name --configreport log -o log_type,log_object_name -O -log_seq_num -S log_object_type=lv").out,
      ::testing::EndsWith("  LogType|ObjName\n  status|two\n  status|one\n"));
  Ran wrong = m.run("vgchange --addtag x vg0 --config 'log{report_command_log=1 command_log_cols=\"nosuch\"}'");
  EXPECT_EQ(wrong.status, 5);
  EXPECT_THAT(wrong.err, HasSubstr("Unrecognised field: nosuch\n  Failed to create log report.\n"));
  EXPECT_THAT(m.vg("vg0").tags, IsEmpty());  // nothing was done
  EXPECT_EQ(run("lvs --configreport log -S nosuch=1").status, 5);
  const std::string help = run("lvs --noheadings -o lv_name --configreport log -o help").out;
  EXPECT_THAT(help, HasSubstr("  Command Log Fields\n"));
  EXPECT_THAT(help, ::testing::EndsWith("  one\n  two\n"));
}

TEST_F(CommandLog, StandsAloneWithLogonlyWhateverTheSettings) {
  EXPECT_EQ(m.must("vgs --logonly"),
            "  Seq LogType Context ObjType ObjName ObjID   ObjGrp  ObjGrpID Msg     Errno RetCode\n");
  Ran ran = m.run("lvs nope --logonly --configreport log -o log_type,log_message");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.out,
            "  LogType Msg                             \n  error   Volume group \"nope\" not found   \n"
            "  error   Cannot process volume group nope\n  status  failure                         \n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(m.must("lvs --logonly --reportformat json"), "  {\n      \"log\": [\n      ]\n  }\n");
}

TEST_F(CommandLog, IsNoneOfAWrongCommandLineNorOfADocument) {
  Ran wrong = run("lvcreate -an -l 3 -n 'a b' vg0");
  EXPECT_EQ(wrong.status, 3);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("a b"));
  EXPECT_TRUE(json::parse(run("vgs --json").out).is_object());
  EXPECT_THAT(run("vgchange --addtag t vg0 --plan").out, Not(HasSubstr("Command Log")));
  EXPECT_THAT(run("pvck /dev/a").out, Not(HasSubstr("Command Log")));
}

TEST_F(CommandLog, GoesWithTheReports) {
  Ran ran = m.run(std::string("vgchange --addtag t vg0 --config '") + kOn + "'", {}, true);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.report, HasSubstr("successfully changed"));
  ran = m.run(std::string("fullreport --config '") + kOn + "'", {}, true);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.report, HasSubstr("Physical Volume Segment"));
}

TEST_F(CommandLog, IsToldAfterAllWhereAnExceptionEndsTheCommand) {
  std::string err;
  cli::Output output([](std::string_view) {}, [&](std::string_view text) { err += text; });
  cli::ShellLog shell;
  {
    cli::CommandLog log(output, "vgs", &shell);
    output.error("first");
    output.line("second");
    EXPECT_EQ(err, "");
  }
  EXPECT_EQ(err, "  first\n  second\n");
}

class ShellsLog : public CommandLog {
 protected:
  ShellsLog() {
    m.lvm_conf =
        "log { report_command_log = 1 command_log_cols = \"log_seq_num,log_type,log_context,log_object_type,"
        "log_object_name,log_message,log_errno,log_ret_code\" } report { aligned = 0 separator = \"|\" headings = 0 }";
  }
};

TEST_F(ShellsLog, EndsWithHowTheCommandFared) {
  m.lvm_conf += " log/command_log_selection = \"log_context=shell\"";
  EXPECT_EQ(m.shell("lvchange --addtag t vg0/one\n").out,
            "  Command Log\n  ===========\n  4|status|shell|cmd|lvchange|success|0|1\n");
  EXPECT_EQ(m.shell("lvs nope\n").out, "  \n  Command Log\n  ===========\n  4|status|shell|cmd|lvs|failure|0|5\n");
}

TEST_F(ShellsLog, IsShownInFullByLastlog) {
  Ran ran = m.shell("vgchange -p1 vg0\nlastlog\n\n# again\nlastlog -S log_type=error\n");
  EXPECT_EQ(ran.status, 0);
  const std::string error =
      "  1|error|processing|vg|vg0|MaxPhysicalVolumes is less than the current number 2 of PVs for \"vg0\"|-1|0\n";
  const std::string title = "  Command Log\n  ===========\n";
  const std::string all =
      title + error + "  2|status|processing|vg|vg0|failure|-1|5\n  3|status|shell|cmd|vgchange|failure|0|5\n";
  EXPECT_EQ(ran.out, all + all + title + error);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(
      m.shell("vgs -o vg_name\nlastlog\n").out,
      ::testing::EndsWith(title + "  1|status|processing|vg|vg0|success|0|1\n  2|status|shell|cmd|vgs|success|0|1\n"));
  json log = json::parse(m.shell("vgs nope --logonly --configreport log -S none=\nlastlog --reportformat json\n").out);
  EXPECT_EQ(log["log"].back()["log_object_name"], "vgs");
}

TEST_F(ShellsLog, HasWhatIsWrongWithALine) {
  Ran ran = m.shell("vgs --nonsense\nnonsense\nlvremove\n");
  EXPECT_THAT(ran.out, HasSubstr("  1|error|shell|cmd|vgs|Error during parsing of command line.|-1|0\n"
                                 "  2|status|shell|cmd|vgs|failure|-1|3\n"));
  EXPECT_THAT(ran.out, HasSubstr("  1|error|shell|cmd|nonsense|No such command 'nonsense'.  Try 'help'.|-1|0\n"
                                 "  2|status|shell|cmd|nonsense|failure|-1|2\n"));
  EXPECT_THAT(ran.out, HasSubstr("  2|status|shell|cmd|lvremove|failure|-1|3\n"));
  Ran own = m.shell("lvs --config log/command_log_selection=all\n");
  EXPECT_EQ(own.status, 3);
  EXPECT_THAT(own.out, HasSubstr("\"log/command_log_selection\" is not allowed here"));
}

TEST_F(ShellsLog, IsNotStoredWhereThereIsNone) {
  Ran ran = m.shell("lastlog\n");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.err, "  No log report stored.\n");
  EXPECT_EQ(m.run("lastlog --reportformat json").out, "");
}

}  // namespace
}  // namespace ashlar::test
