// SPDX-License-Identifier: LGPL-2.1-or-later
// Options, variables and answers that scripts written for LVM2 use, as LVM2 takes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/option.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Options : public testing::Test {
 protected:
  Options() {
    for (const char* path : {"/dev/a", "/dev/b", "/dev/c", "/dev/d"}) m.disk(path);
    m.must("vgcreate vg0 /dev/a /dev/b");
    m.must("vgcreate vg1 /dev/c");
    for (const char* vg : {"vg0", "vg1"}) m.must(std::string("lvcreate -an -Zn -l 2 -n lv0 ") + vg);
  }
  ~Options() override { ::unsetenv("LVM_VG_NAME"); }
  TestMachine m;
};

TEST_F(Options, TakesABareNameForAnLvOfTheVgThatTheVariableNames) {
  EXPECT_EQ(m.run("lvs lv0").status, 5) << "a VG";
  EXPECT_EQ(m.run("lvextend -l +1 lv0").status, 3);
  ::setenv("LVM_VG_NAME", "vg0", 1);
  EXPECT_EQ(m.must("lvs --noheadings -o vg_name,lv_name lv0"), "  vg0 lv0 \n");
  EXPECT_EQ(m.must("lvdisplay -C --noheadings -o vg_name lv0"), "  vg0\n");
  EXPECT_THAT(m.must("lvdisplay lv0"), HasSubstr("/dev/vg0/lv0"));
  m.must("lvchange --addtag t lv0");
  EXPECT_EQ(m.must("lvs --noheadings -o vg_name,lv_name @t"), "  vg0 lv0 \n");
  m.must("lvextend -l +1 lv0");
  m.must("lvrename lv0 other");
  m.must("lvcreate -an -Zn -l 1 -n two");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 2U);
  Ran vg = m.run("lvs vg1");
  EXPECT_EQ(vg.status, 5);
  EXPECT_THAT(vg.err, HasSubstr("Failed to find logical volume \"vg0/vg1\""));
  EXPECT_EQ(m.must("lvs --noheadings -o vg_name vg1/lv0"), "  vg1\n");
  EXPECT_EQ(m.must("lvs --noheadings -o vg_name /dev/vg1/lv0"), "  vg1\n");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_name vg1"), "  vg1\n");
  m.must("lvremove other");
  EXPECT_EQ(m.vg("vg0").lvs.size(), 1U);
  EXPECT_EQ(m.vg("vg1").lvs.size(), 1U);
  ::setenv("LVM_VG_NAME", "/dev/vg0", 1);
  EXPECT_EQ(m.must("lvs --noheadings -o lv_name two"), "  two \n");
  ::setenv("LVM_VG_NAME", "nosuch", 1);
  EXPECT_THAT(m.run("lvs two").err, HasSubstr("Volume group \"nosuch\" not found"));
}

TEST_F(Options, TakesFsAsNewerLvm2DoesAndResizesNoFilesystemWithIgnore) {
  m.must("lvresize -f -l 4 --fs ignore vg0/lv0");
  m.must("lvreduce -f --fs=ignore -l 2 vg0/lv0");
  EXPECT_EQ(m.must("lvs --noheadings --units m --nosuffix -o lv_size vg0/lv0"), "   8.00\n");
  EXPECT_EQ(m.run("lvextend -l +1 --fs resize vg0/lv0").status, m.run("lvextend -l +1 -r vg0/lv0").status)
      << "it is -r";
  Ran both = m.run("lvextend -l +1 -r --fs ignore vg0/lv0");
  EXPECT_EQ(both.status, 3);
  EXPECT_THAT(both.err, HasSubstr("--resizefs and --fs ignore contradict each other"));
  EXPECT_EQ(m.run("lvextend -l +1 --fs nothing vg0/lv0").status, 3);
  EXPECT_EQ(m.must("lvs --noheadings --units m --nosuffix -o lv_size vg0/lv0"), "   8.00\n");
}

TEST_F(Options, ExtendsByATypeThatItHas) {
  m.must("lvextend --type linear -l +1 vg0/lv0");
  m.must("lvresize --type striped -i 2 -l +2 vg0/lv0");
  EXPECT_EQ(m.must("lvs --noheadings --segments -o stripes vg0/lv0"), "     1\n     2\n");
  Ran raid = m.run("lvextend --type raid1 -l +1 vg0/lv0");
  EXPECT_EQ(raid.status, 5);
  EXPECT_THAT(raid.err, HasSubstr("VolumeType does not match (raid1)"));
  Ran stripes = m.run("lvextend --type linear -i 2 -l +2 vg0/lv0");
  EXPECT_EQ(stripes.status, 3);
  EXPECT_THAT(stripes.err, HasSubstr("Cannot use stripes with linear type."));
  EXPECT_EQ(m.run("lvreduce -y --type linear -l -1 vg0/lv0").status, 3);
}

TEST_F(Options, PutsTheLabelWhereTheVgCommandSays) {
  m.must("vgextend -M2 --labelsector 2 vg1 /dev/d");
  EXPECT_EQ(m.vg("vg1").pvs.size(), 2U);
  EXPECT_THAT(m.must("pvck --dump headers /dev/d"), HasSubstr("label_header at 1024"));
  m.must("vgreduce vg1 /dev/d");
  m.must("pvremove /dev/d");
  m.must("vgcreate --locktype none --labelsector 3 vg2 /dev/d");
  EXPECT_THAT(m.must("pvck --dump headers /dev/d"), HasSubstr("label_header at 1536"));
  EXPECT_EQ(m.run("vgextend -M1 vg1 /dev/d").status, 3);
  EXPECT_EQ(m.run("vgcreate --labelsector 4 vg3 /dev/d").status, 3);
  Ran shared = m.run("vgcreate --locktype sanlock vg3 /dev/d");
  EXPECT_NE(shared.status, 0);
  EXPECT_THAT(shared.err, HasSubstr("requires lvmlockd"));
}

TEST_F(Options, AcceptsWhatChangesNothing) {
  for (const char* line :
       {"pvcreate --reportformat json /dev/d", "pvremove --reportformat json /dev/d",
        "vgcreate --reportformat json vg2 /dev/d", "vgcfgbackup --reportformat basic --ignorelockingfailure vg0",
        "lvs --history vg0", "lvs -H", "pvs --trustcache", "vgs --trustcache -a"})
    m.must(line);
  Ran bogus = m.run("vgremove --reportformat bogus vg2");
  EXPECT_EQ(bogus.status, 3);
  EXPECT_THAT(bogus.err, HasSubstr("Invalid argument for --reportformat: bogus"));
}

TEST_F(Options, GivesFieldsToTheReportThatIsNamedBeforeThem) {
  EXPECT_EQ(m.must("vgs --noheadings --configreport vg -o vg_name --configreport log -o nosuch -S nosuch=1 -O nosuch"),
            "  vg0\n  vg1\n");
  EXPECT_EQ(m.must("vgs --noheadings -o vg_name --configreport lv -o lv_name"), "  vg0\n  vg1\n");
  EXPECT_EQ(m.must("lvs --segments --noheadings --configreport vg -o nosuch --configreport seg -o lv_name"),
            "  lv0 \n  lv0 \n");
  Ran unknown = m.run("vgs --configreport vgs");
  EXPECT_EQ(unknown.status, 3);
  EXPECT_THAT(unknown.err, HasSubstr("Invalid argument for --configreport: vgs"));
  EXPECT_EQ(m.must("vgs --logonly"),
            "  Seq LogType Context ObjType ObjName ObjID   ObjGrp  ObjGrpID Msg     Errno RetCode\n");
  EXPECT_EQ(m.must("lvs --logonly --reportformat json"), "  {\n      \"log\": [\n      ]\n  }\n");
}

TEST_F(Options, ShowsDevicesThatAreNoPvs) {
  EXPECT_THAT(m.must("pvs --noheadings -o pv_name"), Not(HasSubstr("/dev/d")));
  EXPECT_THAT(
      m.must(
          "pvs -a --noheadings --separator , -o pv_name,vg_name,pv_fmt,pv_attr,pv_size,pv_free,dev_size,pv_uuid,pv_mda_count,pv_ext_vsn"),
      HasSubstr("\n  /dev/d,,,---,0 ,0 ,64.00m,,0,\n"));
  EXPECT_THAT(m.must("pvdisplay -a -C --noheadings -o pv_name,vg_name"), HasSubstr("/dev/d"));
  EXPECT_EQ(m.must("pvs -a --noheadings -o pv_name -S pv_size=0"), "  /dev/d    \n");
  EXPECT_EQ(m.run("pvs -a /dev/d").status, 5);
  EXPECT_EQ(m.run("pvdisplay -a").status, 3);
}

TEST_F(Options, PrintsTheTablesOfLvsBesideOneThatIsNotHandled) {
  m.must("lvcreate -an -Zn -l 1 -n odd vg0");
  const TempDir dir;
  const std::string file = dir / "vg0";
  m.must("vgcfgbackup -f " + file + " vg0");
  ASSERT_EQ(shell("sed -i '/odd {/,$ s/\"striped\"/\"elsewhere\"/' " + file), 0);
  m.must("vgcfgrestore -f " + file + " vg0");
  Ran all = m.run("tables vg0");
  EXPECT_EQ(all.status, 5);
  EXPECT_EQ(all.out, "vg0-lv0: 0 16384 linear 8:0 2048\n");
  EXPECT_THAT(all.err, HasSubstr("vg0/odd"));
  Ran odd = m.run("tables vg0/odd");
  EXPECT_EQ(odd.status, 5);
  EXPECT_EQ(odd.out, "");
}

TEST_F(Options, AsksUntilThereIsAnAnswer) {
  m.must("lvchange -ay vg0/lv0");
  Ran no = m.run("lvremove vg0/lv0", "n");
  EXPECT_EQ(no.status, 5);
  EXPECT_THAT(no.err, Not(HasSubstr("Invalid input")));
  Ran nobody = m.run("lvremove vg0/lv0");
  EXPECT_EQ(nobody.status, 5);
  EXPECT_THAT(nobody.err, HasSubstr("Do you really want to remove active logical volume vg0/lv0? [y/n]: [n]"));
  Ran neither = m.run("lvremove vg0/lv0", "perhaps");
  EXPECT_EQ(neither.status, 5);
  EXPECT_THAT(neither.err, HasSubstr("WARNING: Invalid input 'perhaps'."));
  EXPECT_EQ(m.run("lvremove vg0/lv0", "y").status, 0);
}

TEST_F(Options, SaysWhichVgAnOpenLvKeepsActive) {
  m.must("lvcreate -l 1 -n other vg0");
  m.must("lvchange -ay vg0/lv0");
  m.kernel.open("vg0-lv0");
  Ran ran = m.run("vgchange -an vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("Logical volume vg0/lv0 in use."));
  EXPECT_THAT(ran.err, HasSubstr("Can't deactivate volume group \"vg0\" with 1 open logical volume(s)"));
  EXPECT_THAT(ran.out, Not(HasSubstr("now active")));
  EXPECT_THAT(m.must("lvs --noheadings -o lv_active vg0/other"), HasSubstr("active"))
      << "it went down though the VG could not";
  m.kernel.close("vg0-lv0");
  EXPECT_THAT(m.must("vgchange -an vg0"), HasSubstr("0 logical volume(s) in volume group \"vg0\" now active"));
}

TEST_F(Options, RefusesWhatWouldLeaveAFilesystemBehind) {
  Ran ran = m.run("lvreduce --fs resize -y -l -1 vg0/lv0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("must be activated before resizing filesystem"));
  EXPECT_EQ(m.run("lvreduce --fs checksize -y -l -1 vg0/lv0").status, 3);
}

TEST_F(Options, WarnsOfAnUpdateWithoutABackup) {
  constexpr char kWarning[] = "WARNING: This metadata update is NOT backed up.";
  EXPECT_THAT(m.run("vgchange --addtag a vg0").err, Not(HasSubstr(kWarning)));
  EXPECT_THAT(m.run("vgchange --addtag b --config backup/archive=0 vg0").err, Not(HasSubstr(kWarning)));
  EXPECT_THAT(m.run("vgchange --addtag c --config backup/backup=0 vg0").err, HasSubstr(kWarning));
  EXPECT_THAT(m.run("vgchange --addtag d -An vg0").err, HasSubstr(kWarning));
}

TEST_F(Options, WarnsOfAVgOfAnotherHost) {
  m.must("vgcreate --systemid elsewhere vg2 /dev/d");
  for (const char* line : {"vgs", "lvs", "pvs", "vgdisplay"}) {
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 0) << line;
    EXPECT_THAT(ran.err, HasSubstr("Cannot access VG vg2 with system ID elsewhere")) << line;
  }
  EXPECT_EQ(m.run("vgs --foreign").err, "");
  EXPECT_EQ(m.run("vgs vg0").err, "");
}

TEST_F(Options, WarnsOfAMajorNumberThatTheKernelDoesNotGive) {
  Ran made = m.run("lvcreate -an -Zn -l 1 -n fixed -My --major 1 --minor 77 vg0");
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.err,
              HasSubstr("WARNING: Ignoring supplied major number 1 - kernel assigns major numbers dynamically."));
  EXPECT_THAT(m.run("lvchange -My --major 2 --minor 78 vg0/fixed").err,
              HasSubstr("WARNING: Ignoring supplied major number 2"));
}

TEST_F(Options, TellsWhichPvsABackupOfAPartialVgMisses) {
  m.disks.remove("/dev/b");
  Ran ran = m.run("vgcfgbackup vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("WARNING: VG vg0 is missing PV"));
  EXPECT_THAT(ran.err, HasSubstr("No backup taken"));
}

TEST_F(Options, SaysOfAPlanThatWasOnlyTriedThatItWasNotDone) {
  const TempDir dir;
  put_file(dir / "plan", m.must("lvcreate --plan=json -an -Zn -l 1 -n planned vg0"));
  Ran tried = m.run("apply -t " + (dir / "plan"));
  EXPECT_EQ(tried.status, 0) << tried.err;
  EXPECT_THAT(tried.out, HasSubstr("Can be done as planned, and was not: lvcreate"));
  EXPECT_EQ(m.run("lvs vg0/planned").status, 5);
  EXPECT_THAT(m.must("apply " + (dir / "plan")), HasSubstr("Done as planned: lvcreate"));
  m.must("lvs vg0/planned");
}

/// Options of one command, and lines that are parsed one after another.
class Parsers : public testing::Test {
 protected:
  static constexpr cli::Option kOptions[] = {{"size", 'L', cli::Arg::Value, "Size", ""},
                                             {"addtag", 0, cli::Arg::List, "Tag", ""},
                                             {"zero", 'Z', cli::Arg::Value, "y|n", ""},
                                             {"snapshot", 's', cli::Arg::Flag, "", ""}};
  Result<cli::Args> parse(const std::vector<std::string>& words) { return parser.parse("make", kOptions, words); }
  cli::Parser parser;
};

TEST_F(Parsers, TakeNothingFromTheLineBefore) {
  const std::vector<std::vector<std::string>> lines = {{"-L1", "--addtag", "a", "--addtag", "b", "-s", "one"},
                                                       {"-L2", "--addtag", "c", "-s", "two", "three"},
                                                       {"-L3", "--addtag", "d", "-s"},
                                                       {"-s", "four"},
                                                       {"-L4", "-L5"},
                                                       {"-L6", "five"}};
  for (const std::vector<std::string>& words : lines) {
    const auto alone = cli::parse("make", kOptions, words), after_others = parse(words);
    ASSERT_EQ(alone.ok(), after_others.ok());
    if (!alone) {
      EXPECT_EQ(alone.error().message(), after_others.error().message());
      continue;
    }
    EXPECT_EQ(alone->positionals, after_others->positionals);
    EXPECT_EQ(alone->sequence, after_others->sequence);
    EXPECT_EQ(alone->count("snapshot"), after_others->count("snapshot"));
    EXPECT_EQ(alone->list("size"), after_others->list("size"));
    EXPECT_EQ(alone->list("addtag"), after_others->list("addtag"));
  }
}

TEST_F(Parsers, GoOnAfterALineThatTheyRefuse) {
  EXPECT_FALSE(parse({"-L1", "-q1", "-Q"}).ok());
  EXPECT_FALSE(parse({"-L1", "-Z", "maybe"}).ok());
  const auto args = parse({"-L2", "-Z", "y", "vg"});
  ASSERT_TRUE(args.ok()) << args.error().message();
  EXPECT_EQ(args->value("size"), "2");
  EXPECT_EQ(args->positionals, std::vector<std::string>{"vg"});
}

// As the manual of LVM2 from 2.03.17 on has it.
TEST(Headings, AreAsTheOptionSaysWhateverTheSettingIs) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  const std::string line = "vgs -o vg_name,pv_count,vg_extent_count";
  const std::string rows = "  vg0   1   15\n";
  const std::string abbreviated = "  VG  #PV #Ext\n" + rows;
  const std::string full = "  vg_name pv_count vg_extent_count\n  vg0            1              15\n";
  for (const std::string setting : {"", " --config report/headings=0"}) {
    for (const char* word : {"none", "0"}) EXPECT_EQ(m.must(line + " --headings " + word + setting), rows) << word;
    for (const char* word : {"abbrev", "1"})
      EXPECT_EQ(m.must(line + " --headings " + word + setting), abbreviated) << word;
    for (const char* word : {"full", "2"}) {
      EXPECT_EQ(m.must(line + " --headings " + word + setting), full) << word;
      EXPECT_EQ(m.must(line + " -S all --headings " + word + setting), full) << word;  // by the other engine
      EXPECT_EQ(m.must(line + " --noheadings --headings " + word + setting), rows) << word;
    }
  }
  EXPECT_EQ(m.must("vgs -o vg_name,pv_count --rows --headings full"), "  vg_name vg0\n  pv_count 1\n");
  EXPECT_THAT(m.must("devtypes --headings full"), testing::StartsWith("  devtype_name "));
  for (const char* word : {"3", "x", "''", "-1"}) EXPECT_EQ(m.run(line + " --headings " + word).status, 3) << word;
  EXPECT_EQ(m.run("vgdisplay --headings full").status, 3);
}

}  // namespace
}  // namespace ashlar::test
