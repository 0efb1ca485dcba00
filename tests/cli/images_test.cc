// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole command lines on parts of image files, signatures there, and images that come out the same twice.
#include <gmock/gmock.h>

#include "image_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMiB = 1 << 20;

TEST(Images, MayHaveColonsInTheirNamesAndRangesBehindThem) {
  ImageMachine m;
  for (const char* name : {"a", "a:0", "b:2"}) m.full_disk(name, 0);
  const std::string images = " --image DIR/a --image DIR/a:0 --image DIR/b:2";
  m.must("vgcreate vg0 DIR/a DIR/a:0 DIR/b:2" + images);
  m.must("lvcreate -l 1 -n one vg0 DIR/a:0" + images);
  m.must("lvcreate -l 1 -n two vg0 DIR/a:0:3" + images);
  m.must("lvcreate -l 2 -n three vg0 DIR/b:2:4:7-9" + images);
  m.must("lvcreate -l 1 -n four vg0 DIR/a:2" + images);
  EXPECT_THAT(
      m.must("lvs --noheadings -o lv_name,devices --separator ," + images),
      testing::AllOf(HasSubstr("one," + m.dir.path() + "/a:0(0)"), HasSubstr("two," + m.dir.path() + "/a:0(3)"),
                     HasSubstr("three," + m.dir.path() + "/b:2(7)"), HasSubstr("four," + m.dir.path() + "/a(2)")));
  EXPECT_THAT(m.run("lvcreate -l 1 vg0 DIR/c:1" + images).err, HasSubstr("/c\" not found in Volume Group"));
}

TEST(ImageParts, ArePvsUnderTheNameThatWasWritten) {
  ImageMachine m;
  m.full_disk("d", '\xdd');
  ASSERT_EQ(shell("printf 'label: gpt\\nstart=2048,size=16384\\nstart=20480,size=65536\\n' | sfdisk -q --wipe never " +
                  (m.dir / "d") + " >/dev/null 2>&1"),
            0);
  const std::string before = m.bytes("d");
  const std::string part = " --image DIR/d@p2";
  m.must("pvcreate DIR/d@p2" + part);
  m.must("vgcreate vg0 DIR/d@p2" + part);
  m.must("lvcreate -Wn -L 8m -n data vg0 DIR/d@p2:2-3" + part);
  m.must("lvextend -L +4m vg0/data" + part);
  EXPECT_THAT(m.must("pvs --noheadings -o pv_name,vg_name" + part), HasSubstr(m.dir.path() + "/d@p2 vg0"));
  EXPECT_THAT(m.must("lvs --noheadings -o devices" + part), HasSubstr("/d@p2(2)"));
  m.must("vgcfgbackup -f DIR/backup vg0" + part);
  m.must("lvremove -y vg0/data" + part);
  m.must("vgcfgrestore -f DIR/backup vg0" + part);
  EXPECT_THAT(m.must("lvs --noheadings -o lv_name" + part), HasSubstr("data"));
  // The partition grows; the PV follows.
  ASSERT_EQ(shell("echo ', 40M' | sfdisk -q --wipe never -N 2 " + (m.dir / "d") + " >/dev/null 2>&1"), 0);
  std::string grown = m.bytes("d");
  m.must("pvresize DIR/d@p2" + part);
  EXPECT_THAT(m.must("pvs --noheadings --units m -o pv_size" + part), HasSubstr("36.00m"));
  const std::string after = m.bytes("d");
  EXPECT_TRUE(after.substr(0, 10 * kMiB) == grown.substr(0, 10 * kMiB)) << "something before the partition changed";
  EXPECT_TRUE(after.substr(50 * kMiB) == grown.substr(50 * kMiB)) << "something after the partition changed";
  EXPECT_TRUE(grown.substr(kMiB, 9 * kMiB) == before.substr(kMiB, 9 * kMiB));
}

TEST(ImageParts, ThatOverlapStopEveryCommand) {
  ImageMachine m;
  m.full_disk("d", '\0');
  for (const char* command : {"pvs", "pvcreate DIR/d@1m+20m", "vgcreate vg0 DIR/d@1m+20m"}) {
    Ran ran = m.run(std::string(command) + " --image DIR/d@1m+20m --image DIR/d@20m");
    EXPECT_EQ(ran.status, 3) << command;
    EXPECT_THAT(ran.err, HasSubstr("overlap")) << command;
  }
  EXPECT_TRUE(m.bytes("d") == std::string(64 * kMiB, '\0'));
  Ran ran = m.run("pvs --image DIR/d@p0");
  EXPECT_EQ(ran.status, 3) << ran.err;
}

class ImageSignatures : public testing::Test {
 protected:
  ImageSignatures() {
    make_file(m.dir / "a", 64 * kMiB);
    make_file(m.dir / "b", 64 * kMiB);
    with("vgcreate vg0 DIR/a@512 DIR/b");
  }
  std::string with(const std::string& line) { return m.must(line + kImages); }
  /// An ext4 in a volume that then goes.
  void leave_behind(const std::string& how) {
    with("lvcreate " + how + " -L 16m -n old vg0");
    make_file(m.dir / "fs", 16 * kMiB);
    ASSERT_EQ(shell("mkfs.ext4 -q -F " + (m.dir / "fs")), 0);
    with("lv import vg0/old DIR/fs");
    with("lvremove -y vg0/old");
  }
  static constexpr char kImages[] = " --image DIR/a@512 --image DIR/b";
  ImageMachine m;
};

TEST_F(ImageSignatures, AreLeftWhereTheNewVolumeIsNotToBeActive) {
  leave_behind("");
  const std::string before = m.bytes("a");
  for (const char* options : {"-an", "-ky"}) {
    Ran ran = m.run(std::string("lvcreate ") + options + " -L 16m -n back vg0" + kImages);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("vg0/back not zeroed"));
    EXPECT_TRUE(m.bytes("a").substr(kMiB + 512) == before.substr(kMiB + 512)) << "data lost with " << options;
    with("lvremove -y vg0/back");
  }
  with("lvcreate -y -L 16m -n back vg0");
  EXPECT_FALSE(m.bytes("a").substr(kMiB + 512) == before.substr(kMiB + 512)) << "without -an it is cleared";
}

TEST_F(ImageSignatures, OfALinearAndAStripedVolumeAreFoundAskedForAndWiped) {
  for (const std::string how : {"", "-i 2 -I 4k"}) {
    leave_behind(how);
    Ran ran = m.run("lvcreate -Wy " + how + " -L 16m -n new vg0" + kImages);
    EXPECT_EQ(ran.status, 5);
    EXPECT_THAT(ran.err, HasSubstr("WARNING: ext4 signature detected on vg0/new at offset 1080"));
    EXPECT_THAT(ran.err, HasSubstr("use -y to wipe it, or -Wn to leave it there"));
    EXPECT_EQ(with("lvs --noheadings"), "") << "it was made all the same";
    EXPECT_THAT(with("lvcreate -y -Wy " + how + " -L 16m -n new vg0"), HasSubstr("Wiping ext4 signature on vg0/new."));
    with("lv export -y vg0/new DIR/out");
    EXPECT_NE(shell("blkid -p " + (m.dir / "out") + " >/dev/null"), 0) << how;
    with("lvremove -y vg0/new");
  }
}

TEST_F(ImageSignatures, AreLookedForWithoutBeingTold) {
  leave_behind("");
  EXPECT_EQ(m.run("lvcreate -L 16m -n new vg0" + std::string(kImages)).status, 5);
  with("lvcreate -Zn -Wn -L 16m -n raw vg0");
  EXPECT_EQ(with("lv read --offset 1080 --size 2 vg0/raw"), "\x53\xef");
}

TEST_F(ImageSignatures, AreWipedInABatchToo) {
  leave_behind("");
  put_file(m.dir / "lines", "lvcreate -L 16m -n new vg0\n");
  EXPECT_EQ(m.run("batch DIR/lines" + std::string(kImages)).status, 5);
  EXPECT_EQ(with("lvs --noheadings"), "");
  with("batch -y DIR/lines");
  EXPECT_EQ(with("lv read --offset 1080 --size 2 vg0/new"), std::string(2, '\0'));
}

/// All commands of a script, in a fresh folder; its image. Names in the metadata are relative, as a build's are.
std::string built(const std::string& seed) {
  ImageMachine m;
  make_file(m.dir / "d", 64 * kMiB);
  EXPECT_EQ(::chdir(m.dir.path().c_str()), 0);
  const std::string end = " --image d@1m --uuid-seed " + seed;
  for (const char* line : {"vgcreate vg0 d@1m", "lvcreate -L 8m -n root vg0", "lvcreate -l 1 vg0", "lvcreate -l 1 vg0",
                           "lvrename vg0 root sys", "lvextend -l +1 vg0/sys", "vgchange --addtag t vg0",
                           "lvremove -y vg0/lvol0", "pvchange -u d@1m", "pvchange -u d@1m"})
    m.must(line + end);
  std::string bytes = m.bytes("d");
  EXPECT_EQ(::chdir("/"), 0);
  return bytes;
}

// The disk is full of other bytes: what the filesystem leaves out must be zeros all the same.
TEST(ImageFilesystems, AreMadeByEnsureWithoutADevice) {
  ImageMachine m;
  m.full_disk("a", '\xaa');
  m.full_disk("b", '\xbb');
  put_file(m.dir / "spec",
           R"({"volume_groups": [{"name": "vg0", "devices": [")" + m.dir / "a" + R"(", ")" + m.dir / "b" + R"("],
      "volumes": [{"name": "root", "size": "32m", "stripes": 2, "filesystem": {"type": "ext4", "options": ["-L", "top"]}}]}]})");
  const std::string images = " --image DIR/a --image DIR/b", ensure = "ensure -y DIR/spec" + images;
  EXPECT_NE(m.must(ensure + " --plan").find("Make an ext4 filesystem on vg0/root (options -L top)."),
            std::string::npos);
  EXPECT_NE(m.must(ensure).find("vg0/root: created, 32.00 MiB; with a filesystem, ext4"), std::string::npos);
  EXPECT_EQ(m.must("lv read vg0/root --offset 1080 --size 2" + images), "\x53\xef");
  EXPECT_EQ(m.must("lv read vg0/root --offset 1144 --size 4" + images).substr(0, 3), "top");
  EXPECT_EQ(m.must("lv read vg0/root --size 1024" + images), std::string(1024, '\0'));
  m.must("lv export vg0/root DIR/out" + images);
  EXPECT_EQ(shell("e2fsck -f -n " + (m.dir / "out") + " >/dev/null 2>&1"), 0);
  EXPECT_NE(m.must(ensure).find("vg0/root: unchanged"), std::string::npos);
  put_file(
      m.dir / "spec",
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "bad", "size": "8m", "filesystem": {"type": "ext4", "options": ["-Z"]}}]}]})");
  const Ran ran = m.run(ensure);
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find(
                "vg0/bad was made and removed again, since no ext4 could be made on it: mkfs.ext4 failed (status 1): "),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(ran.err.find("Usage"), std::string::npos) << ran.err;
  EXPECT_EQ(m.must("lvs --noheadings -o lv_name vg0" + images), "  root\n");
  put_file(m.dir / "plan", m.must(ensure + " --plan=json"));
  const Ran applied = m.run("apply -y DIR/plan");
  EXPECT_EQ(applied.status, 5);
  EXPECT_EQ(applied.out.find("Done as planned"), std::string::npos) << applied.out;
  put_file(
      m.dir / "spec",
      R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "bad", "size": "8m", "filesystem": {"type": "ext4"}}]}]})");
  m.must(ensure);  // nothing is in its way
  m.must("lvcreate -Zn -L 8m -n raw vg0" + images);
  put_file(m.dir / "spec",
           R"({"volume_groups": [{"name": "vg0", "volumes": [{"name": "raw", "filesystem": {"type": "ext4"}}]}]})");
  const Ran raw = m.run(ensure);
  EXPECT_EQ(raw.status, 5);
  EXPECT_NE(raw.err.find("If nothing on it is wanted: lvremove vg0/raw, and run this again"), std::string::npos)
      << raw.err;
}

TEST(ImageVolumes, OfARemovedVgComeBackAsUndoSays) {
  ImageMachine m;
  make_file(m.dir / "d", std::size_t{64} << 20);
  m.must("vgcreate vg0 DIR/d --image DIR/d");
  m.must("lvcreate -L 8m -n data vg0 --image DIR/d");
  m.must("vgremove -y vg0 --image DIR/d");
  const std::string said = m.run("undo vg0 --image DIR/d").err;
  const std::size_t from = said.find("vgcfgrestore -f "), to = said.find(" brings it back");
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << said;
  m.must(said.substr(from, to - from) + " --image DIR/d");
  EXPECT_EQ(m.must("lvs --noheadings -o lv_name vg0 --image DIR/d"), "  data\n");
}

TEST(ImageVolumes, ThatAreToBeActiveAreNotMade) {
  ImageMachine m;
  make_file(m.dir / "d", std::size_t{64} << 20);
  const std::string before = m.bytes("d");
  put_file(m.dir / "spec", R"({"volume_groups": [{"name": "vg0", "devices": [")" + m.dir / "d" +
                               R"("], "volumes": [{"name": "x", "size": "4m", "active": true}]}]})");
  const Ran ran = m.run("ensure -y DIR/spec --image DIR/d");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("vg0/x: \"active\" cannot be true"), std::string::npos) << ran.err;
  EXPECT_TRUE(m.bytes("d") == before) << "a second run would be refused";
}

TEST(ImageParts, OfAFileThatIsAPvAsAWholeAreRefused) {
  ImageMachine m;
  make_file(m.dir / "d", std::size_t{64} << 20);
  m.must("vgcreate vg0 DIR/d --image DIR/d");
  m.must("lvcreate -L 8m -n data vg0 --image DIR/d");
  const std::string before = m.bytes("d");
  for (const char* line : {"pvcreate -y DIR/d@1m --image DIR/d@1m", "vgcreate vg1 DIR/d@8m+16m --image DIR/d@8m+16m"}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_NE(ran.err.find("d, which is a PV itself"), std::string::npos) << ran.err;
    EXPECT_TRUE(m.bytes("d") == before) << line;
  }
  make_file(m.dir / "fs", std::size_t{64} << 20);
  ASSERT_EQ(shell("mkfs.ext4 -q -F " + (m.dir / "fs")), 0);
  EXPECT_NE(m.run("pvcreate DIR/fs@32m --image DIR/fs@32m").err.find("fs carries ext4, which may lie in"),
            std::string::npos);
  EXPECT_EQ(shell("e2fsck -f -n " + (m.dir / "fs") + " >/dev/null 2>&1"), 0);
  m.must("pvcreate -y DIR/fs@32m --image DIR/fs@32m");
  make_file(m.dir / "two", std::size_t{64} << 20);
  m.must("vgcreate vg2 DIR/two@0+32m DIR/two@32m --image DIR/two@0+32m --image DIR/two@32m");  // side by side
}

TEST(ImageWords, ThatSayNothingAreRefused) {
  ImageMachine m;
  make_file(m.dir / "d", std::size_t{64} << 20);
  const std::string before = m.bytes("d");
  for (const char* line : {"pvcreate DIR/d --image=", "pvcreate DIR/d --image DIR/d --image=", "pvs --image="}) {
    const Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 3) << line;
    EXPECT_NE(ran.err.find("--image names no file"), std::string::npos) << ran.err;
  }
  const Ran ran = m.run("pvcreate DIR/d --image DIR/d --uuid-seed=");
  EXPECT_EQ(ran.status, 3);
  EXPECT_NE(ran.err.find("--uuid-seed has no text"), std::string::npos) << ran.err;
  EXPECT_EQ(m.bytes("d"), before);
}

TEST(Reproducible, FilesystemsThatEnsureMakesHaveTheTimeOfTheBuild) {
  EXPECT_TRUE(in_child([] {
    ::setenv("SOURCE_DATE_EPOCH", "1000000007", 1);
    ImageMachine m;
    make_file(m.dir / "d", std::size_t{64} << 20);
    put_file(m.dir / "spec", R"({"volume_groups": [{"name": "vg0", "devices": [")" + m.dir / "d" +
                                 R"("], "volumes": [{"name": "x", "size": "8m", "filesystem": {"type": "ext4"}}]}]})");
    m.must("ensure -y DIR/spec --image DIR/d");
    const std::string mkfs_time = m.must("lv read vg0/x --offset 1288 --size 4 --image DIR/d");
    EXPECT_EQ(mkfs_time, "\x07\xca\x9a\x3b");
  }));
}

TEST(Reproducible, ImagesHaveTheSameBytesEachTime) {
  EXPECT_TRUE(in_child([] {
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const std::string first = built("one");
    EXPECT_TRUE(built("one") == first);
    EXPECT_FALSE(built("two") == first) << "the seed has no effect";
    EXPECT_NE(first.find("creation_time = 1700000000"), std::string::npos);
    EXPECT_NE(first.find("creation_host = \"localhost\""), std::string::npos);
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    EXPECT_TRUE(std::string(host) == "localhost" || first.find("\"" + std::string(host) + "\"") == std::string::npos)
        << "this machine's name is in it";
    ::setenv("SOURCE_DATE_EPOCH", "1700000001", 1);
    EXPECT_FALSE(built("one") == first) << "the time has no effect";
  }));
}

TEST(Reproducible, ADateThatIsNoneIsRefused) {
  EXPECT_TRUE(in_child([] {
    for (const char* text : {"x", "-1", "1.5", "99999999999999999999"}) {
      ::setenv("SOURCE_DATE_EPOCH", text, 1);
      ImageMachine m;
      EXPECT_EQ(m.run("pvs --image DIR/x").status, 3) << text;
    }
  }));
}

}  // namespace
}  // namespace ashlar::test
