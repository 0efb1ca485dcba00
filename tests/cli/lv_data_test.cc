// SPDX-License-Identifier: LGPL-2.1-or-later
// lv read, write, export, import on image files and parts of them: every byte where the metadata says, and no other.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "image_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::size_t kMiB = 1 << 20;

class LvData : public testing::Test {
 protected:
  LvData() {
    m.full_disk("a", '\xaa');
    m.full_disk("b", '\xbb');
    with("vgcreate vg0 DIR/a@1049088+40m DIR/b@8m");
    with("lvcreate -Wn -L 12m -n lin vg0 DIR/a@1049088+40m");
    with("lvcreate -Wn -i 2 -I 16k -L 16m -n two vg0");
  }
  std::string with(const std::string& line, const std::string& input = {}) { return m.must(line + kImages, input); }
  Ran run(const std::string& line, const std::string& input = {}) { return m.run(line + kImages, input); }
  /// The tables' own words: "0 24576 linear DIR/a@… 2048".
  std::vector<std::pair<std::string, std::uint64_t>> areas(const std::string& lv) {
    std::istringstream words(with("tables vg0/" + lv));
    std::string word;
    std::vector<std::pair<std::string, std::uint64_t>> found;
    for (std::string last; words >> word; last = word)
      if (last.starts_with(m.dir.path())) found.emplace_back(last, std::stoull(word) * 512);
    return found;
  }
  /// Both disks as they must be once `data` lies at `at` of the striped LV.
  void put_striped(std::string& a, std::string& b, std::size_t at, const std::string& data) {
    auto two = areas("two");
    ASSERT_EQ(two.size(), 2U);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::size_t chunk = (at + i) / 16384;
      const auto& [name, start] = two[chunk % 2];
      const std::size_t place = start + chunk / 2 * 16384 + (at + i) % 16384;
      (name.ends_with("@8m") ? b[place + 8 * kMiB] : a[place + 1049088]) = data[i];
    }
  }
  std::uint64_t blocks_of(const std::string& file) {
    struct stat st {};
    EXPECT_EQ(::stat((m.dir / file).c_str(), &st), 0);
    return static_cast<std::uint64_t>(st.st_blocks) * 512;
  }
  static constexpr char kImages[] = " --image DIR/a@1049088+40m --image DIR/b@8m";
  ImageMachine m;
};

TEST_F(LvData, LiesOnTheStripesAndNowhereElse) {
  std::string a = m.bytes("a"), b = m.bytes("b");
  for (auto [at, size] : {std::pair<std::size_t, std::size_t>{0, 1},
                          {16383, 2},
                          {100001, 70003},
                          {16 * kMiB - 5, 5},
                          {3 * kMiB, 2 * kMiB + 1}}) {
    std::string data = pattern(size, static_cast<unsigned>(at));
    with("lv write vg0/two --offset " + std::to_string(at), data);
    put_striped(a, b, at, data);
    ASSERT_TRUE(m.bytes("a") == a && m.bytes("b") == b) << at << "+" << size;
    EXPECT_TRUE(with("lv read vg0/two --offset " + std::to_string(at) + " --size " + std::to_string(size)) == data)
        << at;
  }
}

TEST_F(LvData, OfALinearVolumeIsReadAndWrittenWhole) {
  const std::string a = m.bytes("a"), b = m.bytes("b"), data = pattern(12 * kMiB, 1);
  put_file(m.dir / "in", data);
  with("lv import vg0/lin DIR/in");
  std::string wanted = a;
  const std::size_t at = areas("lin").at(0).second + 1049088;
  wanted.replace(at, data.size(), data);
  EXPECT_TRUE(m.bytes("a") == wanted && m.bytes("b") == b);
  with("lv export vg0/lin DIR/out");
  EXPECT_TRUE(m.bytes("out") == data);
  EXPECT_TRUE(with("lv read vg0/lin") == data);
  with("lv read vg0/lin -f DIR/out2");
  EXPECT_TRUE(m.bytes("out2") == data);
  EXPECT_TRUE(m.bytes("a") == wanted && m.bytes("b") == b) << "reading changed something";
}

TEST_F(LvData, KeepsHolesAndMakesZerosOfThem) {
  make_file(m.dir / "in", 16 * kMiB);
  ASSERT_EQ(shell("printf x | dd status=none conv=notrunc bs=1 seek=5000000 of=" + (m.dir / "in")), 0);
  std::string a = m.bytes("a"), b = m.bytes("b");
  put_striped(a, b, 0, m.bytes("in"));
  with("lv import vg0/two DIR/in");
  EXPECT_TRUE(m.bytes("a") == a && m.bytes("b") == b) << "what lay there is not zero, or something else is";
  with("lv export vg0/two DIR/out");
  EXPECT_TRUE(m.bytes("out") == m.bytes("in"));
  EXPECT_LE(blocks_of("out"), 65536U);
  // Zeros that were written are holes in the copy too.
  with("lv write vg0/two --size 1m", std::string(kMiB, '\0'));
  with("lv export -y vg0/two DIR/out");
  EXPECT_LE(blocks_of("out"), 65536U);
}

TEST_F(LvData, StaysUnderHolesWhenToldSo) {
  const std::string old = with("lv read vg0/lin");
  make_file(m.dir / "in", 2 * kMiB);
  ASSERT_EQ(shell("printf xyz | dd status=none conv=notrunc bs=1 seek=1048576 of=" + (m.dir / "in")), 0);
  with("lv import --keepunderholes vg0/lin DIR/in");
  const std::string now = with("lv read vg0/lin");
  EXPECT_EQ(now.substr(kMiB, 3), "xyz");
  EXPECT_TRUE(now.substr(0, kMiB) == old.substr(0, kMiB) && now.substr(2 * kMiB) == old.substr(2 * kMiB));
  EXPECT_EQ(run("lv write --keepunderholes vg0/lin", "x").status, 3);
}

TEST_F(LvData, OfACopyThatWasCutIsWrittenOnlyWhereItDiffers) {
  const std::string data = pattern(12 * kMiB, 2);
  put_file(m.dir / "in", data);
  with("lv write vg0/lin", data.substr(0, 5000000));
  Json answer = Json::parse(with("lv import --resume --json vg0/lin DIR/in"));
  EXPECT_EQ(answer.at("bytes"), data.size());
  EXPECT_LE(answer.at("written"), data.size() - 5000000 + 4096);
  EXPECT_TRUE(with("lv read vg0/lin") == data);
  EXPECT_EQ(Json::parse(with("lv import --resume --json vg0/lin DIR/in")).at("written"), 0);

  put_file(m.dir / "out", data.substr(0, 7000000));
  EXPECT_LE(Json::parse(with("lv export --resume --json vg0/lin DIR/out")).at("written"), data.size() - 7000000 + 4096);
  EXPECT_TRUE(m.bytes("out") == data);
  // What is longer, or has data where the volume has a hole, becomes the same all the same.
  with("lv import vg0/two DIR/in");
  put_file(m.dir / "out", std::string(20 * kMiB, 'z'));
  Ran unasked = run("lv export --resume vg0/two DIR/out");
  EXPECT_EQ(unasked.status, 5);
  EXPECT_THAT(unasked.err, HasSubstr("it is no copy that was cut: -y overwrites it"));
  EXPECT_TRUE(m.bytes("out") == std::string(20 * kMiB, 'z'));
  with("lv export -y --resume vg0/two DIR/out");
  EXPECT_TRUE(m.bytes("out") == with("lv read vg0/two"));
}

TEST_F(LvData, WithoutAFilesNameIsNotTakenFromOrPutIntoAPipe) {
  // What a script gets from a variable that is not set.
  UniqueFd empty(::open((m.dir / "nothing").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  for (std::vector<std::string> words : {std::vector<std::string>{"lv", "import", "vg0/lin", ""},
                                         {"lv", "export", "vg0/lin", ""},
                                         {"lv", "write", "vg0/lin", "--file", ""}}) {
    std::string err;
    cli::Program program{.out = [](std::string_view) {},
                         .err = [&](std::string_view text) { err += text; },
                         .make_system = [](ops::SystemOptions options) { return ops::make_system(options); },
                         .in_fd = empty.get(),
                         .out_fd = empty.get()};
    EXPECT_EQ(cli::run(words, program), 3) << words[1];
    EXPECT_THAT(err, HasSubstr("no name")) << words[1];
  }
}

TEST_F(LvData, AndMetadataOfAFileThatIsALoopDeviceAreNotWritten) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
  put_file(m.dir / "in", "new");
  const std::string a = m.bytes("a"), b = m.bytes("b");
  {
    const LoopDevice loop(m.dir / "a");
    for (const char* line : {"lv import vg0/lin DIR/in", "lvcreate -l1 -n more vg0", "lvremove -y vg0/two",
                             "vgrename vg0 vg1", "vgchange --addtag t vg0", "vgremove -y -f vg0"}) {
      Ran ran = run(line);
      EXPECT_EQ(ran.status, 5) << line;
      EXPECT_THAT(ran.err, HasSubstr("is attached to " + loop.path())) << line;
      EXPECT_TRUE(m.bytes("a") == a && m.bytes("b") == b) << line;
    }
    EXPECT_EQ(run("lvs vg0").status, 0);
  }
  with("vgchange --addtag t vg0");
}

TEST_F(LvData, ThatDoesNotFitIsRefusedBeforeAnythingIsWritten) {
  const std::string a = m.bytes("a");
  put_file(m.dir / "in", pattern(12 * kMiB + 1, 3));
  Ran ran = run("lv import vg0/lin DIR/in");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("lvextend -L +512b vg0/lin"));
  EXPECT_EQ(run("lv import --offset 8192 --size 12m vg0/lin DIR/in").status, 5);
  EXPECT_EQ(run("lv import --size 13m vg0/lin DIR/in").status, 5);
  EXPECT_EQ(run("lv import --offset 99999999999999 vg0/lin DIR/in").status, 3);
  EXPECT_EQ(run("lv read --offset 18446744073709551615 vg0/lin").status, 3);
  EXPECT_EQ(run("lv read --offset 4096 --size 18446744073709551615 vg0/lin").status, 3);
  EXPECT_TRUE(m.bytes("a") == a);
  // How much a pipe has shows only at the volume's end.
  ran = run("lv write vg0/lin --offset 12582910", "xyz");
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("more than the 2 bytes that fit"));
  EXPECT_EQ(with("lv read vg0/lin --offset 12582910"), "xy");
  EXPECT_TRUE(m.bytes("b") == m.bytes("b"));
  EXPECT_EQ(run("lv write vg0/lin --size 10", "short").status, 5);
}

TEST_F(LvData, GoesThroughPipesUnderTheNameOfADash) {
  const std::string data = pattern(12 * kMiB, 5);
  with("lv import vg0/lin -", data);
  EXPECT_TRUE(with("lv export vg0/lin -") == data);
  EXPECT_EQ(run("lv export vg0/lin - --json").status, 3);
  EXPECT_EQ(run("lv export vg0/lin - --resume").status, 3);
}

TEST_F(LvData, DoesNotGoIntoTheDiskItComesFromNorOverAFileUnasked) {
  const std::string a = m.bytes("a");
  ASSERT_EQ(::link((m.dir / "a").c_str(), (m.dir / "hard").c_str()), 0);
  for (const char* file : {"DIR/a", "DIR/hard"}) {
    Ran ran = run(std::string("lv export -y vg0/lin ") + file);
    EXPECT_EQ(ran.status, 5);
    EXPECT_THAT(ran.err, HasSubstr("a PV of VG vg0"));
    EXPECT_EQ(run(std::string("lv export --resume vg0/lin ") + file).status, 5);
    EXPECT_EQ(run(std::string("lv import vg0/lin ") + file).status, 5);
  }
  EXPECT_TRUE(m.bytes("a") == a);
  put_file(m.dir / "mine", "precious");
  EXPECT_THAT(run("lv export vg0/lin DIR/mine").err, HasSubstr("-y overwrites it"));
  EXPECT_EQ(m.bytes("mine"), "precious");
  with("lv export -y vg0/lin DIR/mine");
  EXPECT_EQ(m.bytes("mine").size(), 12 * kMiB);
}

TEST_F(LvData, GoesOverADiskOnlyWhenToldSoAndNotWhileItIsInUse) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
  put_file(m.dir / "mine", std::string(12 * kMiB, 'p'));
  const LoopDevice disk(m.dir / "mine");
  for (const char* line : {"lv export vg0/lin ", "lv export --resume vg0/lin ", "lv read vg0/lin -f "}) {
    Ran ran = run(line + disk.path());
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("-y overwrites what is on it")) << line;
  }
  {
    const UniqueFd user(::open(disk.path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
    ASSERT_TRUE(user);
    EXPECT_THAT(run("lv export -y vg0/lin " + disk.path()).err, HasSubstr("is in use"));
  }
  EXPECT_TRUE(m.bytes("mine") == std::string(12 * kMiB, 'p'));
  with("lv export -y vg0/lin " + disk.path());
  EXPECT_TRUE(m.bytes("mine") == with("lv read vg0/lin"));
}

TEST_F(LvData, DoesNotGoOverAFileThatALoopDeviceShows) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
  put_file(m.dir / "mine", std::string(12 * kMiB, 'p'));
  const LoopDevice disk(m.dir / "mine");
  for (const char* line :
       {"lv export -y vg0/lin DIR/mine", "lv export -y --resume vg0/lin DIR/mine", "lv read -y vg0/lin -f DIR/mine"}) {
    const Ran ran = run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("mine is in use as " + disk.path() + ": it is not overwritten")) << line;
  }
  EXPECT_TRUE(m.bytes("mine") == std::string(12 * kMiB, 'p'));
  put_file(m.dir / "in", "abc");
  with("lv write vg0/lin -f DIR/in");
  EXPECT_THAT(with("lv read vg0/lin --size 3"), testing::StartsWith("abc"));
}

TEST_F(LvData, IsNeverExportedOverAPvOfAnotherVg) {
  m.full_disk("c", '\0');
  m.must("vgcreate vg1 DIR/c --image DIR/c");
  const std::string c = m.bytes("c");
  for (const char* line : {"lv export -y vg0/lin DIR/c", "lv export --resume vg0/lin DIR/c",
                           "lv read -y --resume vg0/lin -f DIR/c", "lv export --resume vg0/lin DIR/c --plan"}) {
    Ran ran = run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("it is not overwritten")) << line;
    EXPECT_TRUE(m.bytes("c") == c) << line;
  }
}

/// A disk image as a virtual machine has it: an MBR, and in its first partition a PV.
void make_partitioned(ImageMachine& m, const std::string& name) {
  m.full_disk(name, '\0');
  ASSERT_EQ(shell("printf 'label: dos\\nstart=2048,size=65536,type=8e\\n' | sfdisk -q --wipe never " + (m.dir / name) +
                  " >/dev/null 2>&1"),
            0);
  m.must("vgcreate guest DIR/" + name + "@p1 --image DIR/" + name + "@p1");
}

TEST_F(LvData, IsNeverExportedOverAnImageWithAPvInAPartition) {
  make_partitioned(m, "c");
  const std::string c = m.bytes("c");
  for (const char* line : {"lv export -y vg0/lin DIR/c", "lv export -y --resume vg0/lin DIR/c",
                           "lv read -y vg0/lin -f DIR/c", "lv export -y vg0/lin DIR/c --plan"}) {
    Ran ran = run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err, HasSubstr("c has a PV in partition 1 (id ")) << line;
    EXPECT_THAT(ran.err, HasSubstr("it is not overwritten")) << line;
    EXPECT_TRUE(m.bytes("c") == c) << line;
  }
}

TEST_F(LvData, OfAGuestsDiskGoesOnIntoItsOwnCutCopy) {
  make_partitioned(m, "c");
  const std::string disk = m.bytes("c").substr(0, 40 * kMiB);
  with("lvextend -L 40m vg0/lin");
  with("lv write vg0/lin", disk);
  put_file(m.dir / "copy", disk.substr(0, 5 * kMiB));
  with("lv export --resume vg0/lin DIR/copy");
  EXPECT_TRUE(m.bytes("copy") == disk);
  with("lv export -y vg0/lin DIR/copy");
}

TEST_F(LvData, BeyondItsEndIsNotThereToBeRead) {
  const Ran ran = run("lv read vg0/lin --offset 12582900 --size 100");
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr("vg0/lin has 12582912 bytes: from 12582900 on there are 12 to read, not 100"));
}

// Whoever reads the pipe may work on the VG before the pipe is empty: a copy from one volume into another does.
TEST_F(LvData, ReadThroughAPipeKeepsNobodyOut) {
  struct Case {
    const char* meanwhile;
    bool whole;
  };
  for (auto [meanwhile, whole] : {Case{"vgs", true}, Case{"vgchange --addtag x vg0", true},
                                  Case{"lvextend -l +1 vg0/lin", true}, Case{"lvremove -y vg0/lin", false}}) {
    const std::string fifo = m.dir / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const pid_t reader = ::fork();
    if (reader == 0) _exit(m.run(std::string("lv read vg0/lin -f DIR/fifo") + kImages).status);
    UniqueFd pipe(::open(fifo.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<char> got(1 << 16);
    EXPECT_GT(::read(pipe.get(), got.data(), 1), 0);
    EXPECT_EQ(run(std::string(meanwhile) + " --config global/wait_for_locks=0").status, 0) << meanwhile;
    std::size_t size = 1;
    for (ssize_t n; (n = ::read(pipe.get(), got.data(), got.size())) > 0;) size += static_cast<std::size_t>(n);
    EXPECT_GE(size, 12 * kMiB);
    int status = 0;
    EXPECT_EQ(::waitpid(reader, &status, 0), reader);
    EXPECT_EQ(WEXITSTATUS(status), whole ? 0 : 5) << meanwhile;
    ::unlink(fifo.c_str());
  }
}

// Both ends start at once: neither may wait for the other.
TEST_F(LvData, WrittenFromAPipeLocksTheVgNotBeforeTheFirstByte) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::close(ends[1]);
    m.in_fd = ends[0];
    _exit(m.run(std::string("lv write vg0/lin") + kImages).status);
  }
  ::close(ends[0]);
  ::usleep(200000);  // it waits for bytes by now; were it slower, less would be tested
  int changed = 5;
  for (int i = 0; i < 50 && changed != 0; ++i) {  // it looks for the volume first, under a lock
    changed = run("vgchange --addtag x vg0 --config global/wait_for_locks=0").status;
    if (changed != 0) ::usleep(100000);
  }
  EXPECT_EQ(changed, 0);
  EXPECT_EQ(::write(ends[1], "bytes", 5), 5);
  ::close(ends[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(writer, &status, 0), writer);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(with("lv read vg0/lin --size 5"), "bytes");
}

// Opening it waits for whoever is at its other end.
TEST_F(LvData, WaitsForTheOtherEndOfANamedPipeWithoutALock) {
  const std::string fifo = m.dir / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const bool into : {true, false}) {
    const pid_t copy = ::fork();
    if (copy == 0) _exit(run(into ? "lv write vg0/lin -f DIR/fifo" : "lv read vg0/lin -f DIR/fifo --size 5").status);
    ::usleep(200000);  // it waits by now; were it slower, less would be tested
    int changed = 5;
    for (int i = 0; i < 50 && changed != 0; ++i) {
      changed = run("vgchange --addtag x" + std::to_string(into) + " vg0 --config global/wait_for_locks=0").status;
      if (changed != 0) ::usleep(100000);
    }
    EXPECT_EQ(changed, 0);
    UniqueFd other(::open(fifo.c_str(), (into ? O_WRONLY : O_RDONLY) | O_CLOEXEC));
    char got[5] = {};
    EXPECT_EQ(into ? ::write(other.get(), "bytes", 5) : ::read(other.get(), got, 5), 5);
    other = UniqueFd();
    int status = 0;
    EXPECT_EQ(::waitpid(copy, &status, 0), copy);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(into || std::string(got, 5) == "bytes");
  }
  EXPECT_THAT(with("lv write vg0/lin -f DIR/fifo --plan"),
              HasSubstr("Write what comes out of " + fifo + ", at most 12582912 bytes, into vg0/lin, from byte 0 on."));
}

TEST_F(LvData, IsLeftAloneInTestModeAndReadOnly) {
  const std::string a = m.bytes("a");
  put_file(m.dir / "in", "new");
  with("lv import -t vg0/lin DIR/in");
  with("lv export -t vg0/lin DIR/none");
  EXPECT_NE(::access((m.dir / "none").c_str(), F_OK), 0);
  EXPECT_EQ(run("lv import --readonly vg0/lin DIR/in").status, 5);
  with("lvchange -pr vg0/lin");
  EXPECT_THAT(run("lv import vg0/lin DIR/in").err, HasSubstr("lvchange -prw"));
  with("lv export --readonly vg0/lin DIR/out");
}

TEST_F(LvData, OfZeroAndErrorVolumes) {
  with("lvcreate --type zero -L 4m -n z vg0");
  with("lvcreate --type error -L 4m -n e vg0");
  EXPECT_TRUE(with("lv read vg0/z") == std::string(4 * kMiB, '\0'));
  with("lv export vg0/z DIR/z");
  EXPECT_LE(blocks_of("z"), 4096U);
  EXPECT_THAT(run("lv read vg0/e").err, HasSubstr("error segment"));
  EXPECT_EQ(run("lv write vg0/e", "x").status, 5);
}

TEST_F(LvData, WithWrongWordsIsRefused) {
  for (const char* line : {"lv", "lv frob vg0/lin", "lv read", "lv read vg0", "lv read vg0/lin x", "lv export vg0/lin",
                           "lv import vg0/lin a b", "lv export -f x vg0/lin DIR/x", "lv read --resume vg0/lin",
                           "lv read --keepunderholes -f DIR/x vg0/lin", "lv read --json vg0/lin",
                           "lv read --offset -1 vg0/lin", "lv read --size x vg0/lin"}) {
    Ran ran = run(line);
    EXPECT_EQ(ran.status, 3) << line << ran.err;
  }
  EXPECT_EQ(run("lv read vg0/none").status, 5);
  EXPECT_EQ(run("lv read none/lin").status, 5);
  EXPECT_EQ(run("lv import vg0/lin DIR/none").status, 5);
}

TEST_F(LvData, OfAVolumeWithAMissingPvIsRefused) {
  Ran ran = m.run("lv read vg0/two --image DIR/b@8m");
  EXPECT_EQ(ran.status, 5);
  EXPECT_EQ(ran.report, "");
}

TEST(LvDataOfDisks, IsNotWrittenWhileTheVolumeIsActive) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  m.must("lvcreate -y -l 1 -n on vg0");
  put_file(TempDir() / "x", "");
  TempDir dir;
  put_file(dir / "in", "hello");
  m.disks.forget_log();
  Ran ran = m.run("lv import vg0/on " + (dir / "in"));
  EXPECT_EQ(ran.status, 5);
  EXPECT_THAT(ran.err, HasSubstr("lvchange -an vg0/on"));
  EXPECT_EQ(m.disks.write_count(), 0U);
  EXPECT_THAT(m.run("lv export vg0/on " + (dir / "out")).err, HasSubstr("WARNING: vg0/on is active"));
  m.must("lvchange -an vg0/on");
  m.must("lv import vg0/on " + (dir / "in"));
  m.must("lv read --size 5 vg0/on -f " + (dir / "back"));
  EXPECT_EQ(slurp(dir / "back").size(), 5U);
}

}  // namespace
}  // namespace ashlar::test
