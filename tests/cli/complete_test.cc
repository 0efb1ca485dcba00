// SPDX-License-Identifier: LGPL-2.1-or-later
// What a command line that was begun may become.
#include <gmock/gmock.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

class Complete : public testing::Test {
 protected:
  Complete() {
    for (const char* disk : {"/dev/a", "/dev/b", "/dev/c"}) m.disk(disk);
    m.must("vgcreate vg0 /dev/a");
    m.must("pvcreate /dev/b");
    m.must("lvcreate -n data -l 2 vg0");
    m.must("lvcreate -n logs -l 2 vg0");
  }
  /// The words; "FILE" where a file's name may stand.
  std::vector<std::string> after(const std::string& line) {
    const Ran ran = m.run("help --complete '" + line + "'");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    std::istringstream lines(ran.out);
    std::vector<std::string> words;
    for (std::string word; std::getline(lines, word);)
      words.push_back(word == "\t" ? "FILE" : word.substr(0, word.find('\t')));
    return words;
  }
  TestMachine m;
};

TEST_F(Complete, NamesCommandsAndTheirOptions) {
  EXPECT_THAT(after("ashlar vgcf"), ElementsAre("vgcfgbackup", "vgcfgrestore"));
  EXPECT_THAT(after("ashlar help vgcf"), ElementsAre("vgcfgbackup", "vgcfgrestore"));
  EXPECT_THAT(after("ashlar lvcreate vg0 --str"), ElementsAre("--stripes", "--stripesize"));
  EXPECT_THAT(after("ashlar lvcreate --pl"), ElementsAre("--plan"));
  EXPECT_THAT(after("ashlar lvs --pl"), IsEmpty()) << "it changes nothing";
  EXPECT_THAT(after("ashlar nonsense "), IsEmpty());
  EXPECT_THAT(after("ash"), IsEmpty()) << "that is the shell's own";
  EXPECT_THAT(after("ashlar lvs \"vg"), IsEmpty());
}

TEST_F(Complete, GivesTheValuesThatTheTableKnows) {
  EXPECT_THAT(after("ashlar lvchange -a "), ElementsAre("y", "n", "ay"));
  EXPECT_THAT(after("ashlar lvchange -ya "), ElementsAre("y", "n", "ay"));
  EXPECT_THAT(after("ashlar lvcreate --alloc c"), ElementsAre("contiguous", "cling", "cling_by_tags"));
  EXPECT_THAT(after("ashlar lvcreate --alloc=c"),
              ElementsAre("--alloc=contiguous", "--alloc=cling", "--alloc=cling_by_tags"));
  EXPECT_THAT(after("ashlar vgremove --plan=j"), ElementsAre("--plan=json"));
  EXPECT_THAT(after("ashlar vgchange --vgmetadatacopies "), ElementsAre("all", "unmanaged"));
  EXPECT_THAT(after("ashlar lvs -o lv_name,+lv_si"), ElementsAre("lv_name,+lv_size"));
  EXPECT_THAT(after("ashlar lvs -o+lv_na"), ElementsAre("-o+lv_name"));
  EXPECT_THAT(after("ashlar lvs -aolv_name,lv_si"), ElementsAre("-aolv_name,lv_size"));
  EXPECT_THAT(after("ashlar lvchange -ya"), IsEmpty()) << "its value is no part of it";
  EXPECT_THAT(after("ashlar lvchange -aa"), ElementsAre("-aay"));
  EXPECT_THAT(after("ashlar lvmconfig --typeconfig pro"), ElementsAre("profilable"));
  EXPECT_THAT(after("ashlar lvmconfig backup/retain_m"), ElementsAre("backup/retain_min"));
  EXPECT_THAT(after("ashlar lvmconfig tags"), ElementsAre("tags", "tags/hosttags"));
  EXPECT_THAT(after("ashlar lvcreate -L "), IsEmpty());
}

TEST_F(Complete, NamesWhatIsThereWhereItBelongs) {
  EXPECT_THAT(after("ashlar lvextend -L +4m "), ElementsAre("vg0/data", "vg0/logs"));
  EXPECT_THAT(after("ashlar lvextend vg0/data "), ElementsAre("/dev/a", "/dev/b", "FILE"));
  EXPECT_THAT(after("ashlar lvremove vg0/data vg0/l"), ElementsAre("vg0/logs"));
  EXPECT_THAT(after("ashlar lvs "), ElementsAre("vg0", "vg0/data", "vg0/logs"));
  EXPECT_THAT(after("ashlar vgremove -- "), ElementsAre("vg0"));
  EXPECT_THAT(after("ashlar vgrename "), ElementsAre("vg0"));
  EXPECT_THAT(after("ashlar vgrename vg0 "), IsEmpty()) << "the new name is nobody's yet";
  EXPECT_THAT(after("ashlar vgextend vg0 "), ElementsAre("/dev/c", "/dev/b", "FILE")) << "devices that no VG has";
  EXPECT_THAT(after("ashlar vgreduce vg0 "), ElementsAre("/dev/a", "/dev/b", "FILE"));
  EXPECT_THAT(after("ashlar vgsplit vg0 vg1 /dev/a "), ElementsAre("/dev/a", "/dev/b", "FILE"));
  EXPECT_THAT(after("ashlar lv "), ElementsAre("read", "write", "export", "import"));
  EXPECT_THAT(after("ashlar lv export vg0/d"), ElementsAre("vg0/data"));
  EXPECT_THAT(after("ashlar lv export vg0/data "), ElementsAre("FILE"));
  EXPECT_THAT(after("ashlar apply "), ElementsAre("FILE"));
  EXPECT_THAT(after("ashlar why "), IsSupersetOf({"vg0", "vg0/data", "/dev/a", "/dev/c", "FILE"}));
}

TEST_F(Complete, TakesNoLockAndWritesNothing) {
  bool locked = false;
  m.on_lock = [&] { locked = true; };
  m.disks.forget_log();
  after("ashlar lvextend ");
  EXPECT_FALSE(locked);
  EXPECT_THAT(m.disks.log(), IsEmpty());
}
}  // namespace
}  // namespace ashlar::test
