// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

TEST(Pvcreate, RefusesASecondMetadataAreaBeyondTheDeviceBeforeItWritesAnything) {
  TestMachine m;
  m.disk("/dev/a");
  m.disks.forget_log();
  Ran ran = m.run("pvcreate -y --setphysicalvolumesize 128m --pvmetadatacopies 2 /dev/a");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("--setphysicalvolumesize"), std::string::npos) << ran.err;
  EXPECT_EQ(m.disks.write_count(), 0U);
}

TEST(Vgchange, CutsWhatTheDisksSayOfALongCommandAsLvm2DoesAndNotWhatTheArchiveSays) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  std::string line = "vgchange vg0";
  for (int i = 0; i < 30; ++i) line += " --addtag t" + std::to_string(i) + std::string(100, 'x');
  m.must(line);
  const std::string text = m.must("pvck --dump metadata /dev/a");
  const std::size_t from = text.find("description = \"") + 15;
  EXPECT_EQ(text.find('"', from) - from, 2047U);
}

TEST(Pvcreate, LeavesAPvWithoutRoomForDataThatIsAPvAllTheSame) {
  TestMachine m;
  m.disk("/dev/a", {16 << 20});
  m.must("pvcreate --pvmetadatacopies 2 --dataalignment 9616k /dev/a");
  EXPECT_THAT(m.must("pvs --noheadings -o pv_name"), testing::HasSubstr("/dev/a"));
}

TEST(Pvcreate, TakesTheMetadataSizeOfTheSettingsUnlessAnOptionGivesOne) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("pvcreate --config metadata/pvmetadatasize=8192 /dev/a");
  m.must("pvcreate --config metadata/pvmetadatasize=8192 --metadatasize 1m /dev/b");
  store::Picture picture = m.look();
  EXPECT_GE(picture.scan.pvs[0].mdas[0].area.size.n, std::uint64_t{4} << 20);
  EXPECT_LT(picture.scan.pvs[1].mdas[0].area.size.n, std::uint64_t{4} << 20);
}

TEST(Pvcreate, AsksBeforeItWritesOverALabelThatCannotBeRead) {
  struct {
    std::size_t at;
    const char* what;
  } const bytes[] = {{512 + 16, "checksum"}, {512 + 8, "belongs in sector"}, {512 + 32, "checksum"}};
  for (const auto& [at, what] : bytes) {
    for (const char* line : {"pvcreate /dev/a", "vgcreate vg1 /dev/a", "vgextend vg1 /dev/a"}) {
      TestMachine m;
      m.disk("/dev/a").disk("/dev/b").disk("/dev/c");
      m.must("vgcreate vg0 /dev/a /dev/b");
      m.must("vgcreate vg1 /dev/c");
      if (std::string(line).starts_with("vgcreate")) m.must("vgremove vg1");
      m.disks.disk("/dev/a").poke({at}, std::vector{std::byte{0x5a}});
      m.disks.forget_log();
      Ran ran = m.run(line);
      EXPECT_EQ(ran.status, 5) << line;
      EXPECT_THAT(ran.err, testing::AllOf(testing::HasSubstr("/dev/a: label in sector 1"), testing::HasSubstr(what),
                                          testing::HasSubstr("-y makes it anew")));
      EXPECT_EQ(m.run(line, "n").status, 5) << line;
      EXPECT_EQ(m.disks.write_count(), 0U) << line;
      EXPECT_EQ(m.run(std::string(line) + " -y").status, 0) << line;
    }
  }
}

TEST(Vgcreate, WipesNoSignatureOfOneDeviceWhereAnotherWillNotDo) {
  for (const char* line : {"vgcreate -y vg0 /dev/a /dev/b /dev/mounted", "vgcreate -y vg0 /dev/a /dev/b /dev/none",
                           "vgcreate -y vg0 /dev/a /dev/a"}) {
    TestMachine m;
    m.disk("/dev/a").disk("/dev/b").disk("/dev/mounted");
    m.disks.disk("/dev/a").plant({"ext4", {1080}, {2}});
    m.disks.disk("/dev/mounted").set_busy("it is mounted");
    m.disks.forget_log();
    Ran ran = m.run(line);
    EXPECT_EQ(ran.status, 5) << line;
    EXPECT_THAT(ran.err + ran.out, testing::Not(testing::HasSubstr("Wiping"))) << line;
    EXPECT_EQ(m.disks.write_count(), 0U) << line;
  }
}

TEST(Pvcreate, NamesTheOptionsThatTheCommandHasWhereItFindsASignature) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.disks.disk("/dev/a").plant({"ext4", {1080}, {2}});
  EXPECT_THAT(m.run("pvcreate /dev/a").err, testing::HasSubstr("use -y to wipe it, or -Wn to leave it there"));
  m.must("vgcreate vg1 /dev/b");
  for (const char* line : {"vgcreate vg0 /dev/a", "vgextend vg1 /dev/a"}) {
    Ran ran = m.run(line);
    EXPECT_THAT(ran.err,
                testing::AllOf(testing::HasSubstr("use -y to wipe it"), testing::Not(testing::HasSubstr("-Wn"))))
        << line;
    EXPECT_EQ(m.run(std::string(line) + " -Wn").status, 3);
  }
}

TEST(Pvcreate, IgnoresNoMetadataWhereThereIsToBeNone) {
  TestMachine m;
  m.disk("/dev/a");
  for (const char* copies : {"--metadatacopies 0", "--pvmetadatacopies 0"}) {
    Ran ran = m.run(std::string("pvcreate --metadataignore y /dev/a ") + copies);
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, testing::HasSubstr("metadataignore only applies to metadatacopies > 0."));
  }
  EXPECT_TRUE(m.look().scan.pvs.empty());
}

TEST(Pvcreate, AsksAboutASizeThatIsLargerThanTheDevice) {
  TestMachine m;
  m.disk("/dev/a");
  const std::string line = "pvcreate --setphysicalvolumesize 128m /dev/a";
  EXPECT_EQ(m.run(line).status, 5) << "nobody answers";
  EXPECT_EQ(m.run(line, "n").status, 5);
  EXPECT_TRUE(m.look().scan.pvs.empty());
  EXPECT_NE(m.run(line, "y").err.find("does not match requested size"), std::string::npos);
  EXPECT_EQ(m.must("pvs --noheadings -o pv_size,dev_size --units m --nosuffix"), "  128.00   64.00\n");
}

TEST(Pvcreate, AsksBeforeAPvBecomesOneOfAnotherSizeThanItsDevice) {
  for (const char* size : {"20m", "128m"}) {
    TestMachine m;
    m.disk("/dev/a");
    m.must("pvcreate /dev/a");
    const Uuid id = m.look().scan.pvs.front().label.pv;
    for (const char* force : {"", "-f ", "-ff ", "-t "}) {
      const std::string line = fmt::format("pvcreate {}--setphysicalvolumesize {} /dev/a", force, size);
      EXPECT_EQ(m.run(line).status, 5) << line << ": nobody answers";
      EXPECT_EQ(m.run(line, "n").status, 5) << line;
    }
    EXPECT_EQ(m.look().scan.pvs.front().label.pv, id);
    const std::string line = fmt::format("pvcreate --setphysicalvolumesize {} /dev/a", size);
    EXPECT_THAT(m.run(line, "y").err, testing::HasSubstr("does not match requested size"));
    EXPECT_NE(m.look().scan.pvs.front().label.pv, id);
    m.must("pvcreate -y --setphysicalvolumesize 64m /dev/a");
    m.must("pvcreate --setphysicalvolumesize 64m /dev/a");
  }
}

TEST(Pvcreate, TakesASizeThatIsSmallerThanTheDevice) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("pvcreate --setphysicalvolumesize 32m /dev/a");
  EXPECT_EQ(m.must("pvs --noheadings -o pv_size,dev_size --units m --nosuffix"), "  32.00   64.00\n");
}

TEST(Pvcreate, WipesASignatureOfOthersWhenForcedOrTold) {
  for (const char* how : {"-f", "-ff", "-y", "-f -Zn"}) {
    TestMachine m;
    m.disk("/dev/a");
    m.disks.disk(0).plant({"ext4", {1080}, {2}});
    EXPECT_EQ(m.run("pvcreate /dev/a").status, 5);
    EXPECT_NE(m.must(std::string("pvcreate /dev/a ") + how).find("Wiping ext4 signature on /dev/a."), std::string::npos)
        << how;
    EXPECT_NE(m.disks.disk(0).peek({1080}, 2)[0], std::byte{0xee});
  }
  TestMachine m;
  m.disk("/dev/a");
  m.disks.disk(0).plant({"ext4", {1080}, {2}});
  EXPECT_NE(m.must("vgcreate -f vg0 /dev/a").find("Wiping ext4"), std::string::npos);
}

TEST(Vgcreate, TakesNoPvThatSomebodyElseHolds) {
  TestMachine m;
  m.disk("/dev/a").disk("/dev/b");
  m.must("pvcreate /dev/a /dev/b");
  m.disks.disk(0).set_busy("held open by another program");
  EXPECT_NE(m.run("vgcreate vg0 /dev/b /dev/a").err.find("/dev/a"), std::string::npos);
  EXPECT_TRUE(m.look().vgs.empty());
}

}  // namespace
}  // namespace ashlar::test
