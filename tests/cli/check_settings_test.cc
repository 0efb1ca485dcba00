// SPDX-License-Identifier: LGPL-2.1-or-later
// Settings that keep every command from running, as they keep lvm2 2.03.16's.
#include "cli/check_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;

/// What becomes of a line of lvm.conf; Errc::Partial: it is taken.
Errc in_lvm_conf(const std::string& line, std::string* said = nullptr) {
  config::Settings settings;
  settings.add_layer(config::Document::parse(line, "/etc/lvm/lvm.conf").value());
  const Status status = cli::check_settings(settings);
  if (said != nullptr && !status) *said = status.error().message();
  return status ? Errc::Partial : status.error().code();
}

constexpr const char* kWrong[] = {"report/time_format=\"%Q\"",    "global/units=\"x\"",
                                  "activation/readahead=\"x\"",   "activation/readahead=\"256\"",
                                  "devices/types=[\"loop\"]",     "devices/types=[\"fd\", 16, \"a\"]",
                                  "devices/types=[\"a\", \"b\"]", "devices/types=[16, \"a\"]",
                                  "devices/types=[\"a\", 0]",     "devices/types=\"a\""};

TEST(CheckSettings, AFileWithThemKeepsEveryCommandFromStarting) {
  std::string said;
  for (const char* line : kWrong) EXPECT_EQ(in_lvm_conf(line, &said), Errc::Corrupt) << line;
  EXPECT_EQ(
      said,
      "/etc/lvm/lvm.conf:1: devices/types: behind \"a\" stands how many partitions such a device can have, as [ \"fd\", 16 "
      "]; here it is \"\"");
  EXPECT_EQ(in_lvm_conf("report/output_format=\"x\"", &said), Errc::Refused);
  EXPECT_EQ(said, "/etc/lvm/lvm.conf:1: report/output_format: \"x\" is none of basic, json and json_std");
  EXPECT_EQ(in_lvm_conf("activation/activation_mode=\"x\""), Errc::InvalidArgument);
}

TEST(CheckSettings, WhatLvm2TakesIsTaken) {
  for (const char* line : {"report/time_format=\"%s\"", "global/units=\"H\"", "activation/readahead=\"None\"",
                           "activation/readahead=\"auto\"", "activation/readahead=128", "report/output_format=\"json\"",
                           "activation/activation_mode=\"partial\"", "devices/types=[\"fd\", 16, \"a\", -1]",
                           "devices/scan=\"/dev\"", "report/time_format=3", "global/units=\"\""})
    EXPECT_EQ(in_lvm_conf(line), Errc::Partial) << line;
}

TEST(CheckSettings, AnyMistakeKeepsEveryCommandFromStartingWhereTheConfigurationSaysSo) {
  const std::string strict = "config/abort_on_errors=1\n";
  std::string said;
  for (const char* line : {"foo/bar=1", "foo=1", "devices/zzz=1", "backup/retain_min=\"x\"", "devices/dir=\"\"",
                           "backup/backup=\"maybe\"", "tags { a { x=1 } }", "devices/filter=[]"}) {
    EXPECT_EQ(in_lvm_conf(line), Errc::Partial) << line;
    EXPECT_EQ(in_lvm_conf(strict + line, &said), Errc::Corrupt) << line;
    EXPECT_THAT(said, testing::StartsWith("/etc/lvm/lvm.conf:2: "));
    EXPECT_THAT(said, testing::EndsWith("or add --config config/abort_on_errors=0"));
    EXPECT_EQ(in_lvm_conf(strict + "config/checks=0\n" + line), Errc::Partial) << line;
  }
  for (const char* line : {"global/locking_type=1", "tags { a { host_list=[\"x\"] } }", "backup/archive=\"yes\"",
                           "activation/volume_list=[]"})
    EXPECT_EQ(in_lvm_conf(strict + line), Errc::Partial) << line;
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  EXPECT_EQ(m.run("vgchange --addtag t vg0 --config 'config/abort_on_errors=1 backup/retain_min=\"x\"'").status, 5);
  EXPECT_TRUE(m.vg("vg0").tags.empty());
}

TEST(CheckSettings, OfTheCommandLineAreRefusedByCommandsThatHaveNoUseForThem) {
  TestMachine m;
  m.disk("/dev/a");
  m.must("vgcreate vg0 /dev/a");
  const std::uint32_t seqno = m.vg("vg0").seqno;
  for (const std::string setting : kWrong)
    for (const std::string line : {"vgchange --addtag t vg0", "lvdisplay -c", "lvmconfig", "pvs", "pvcreate /dev/a"})
      EXPECT_EQ(m.run(line + " --config '" + setting + "'").status, 5) << line << " " << setting;
  EXPECT_EQ(m.run("vgchange --addtag t vg0 --config report/output_format=\"x\"").status, 5);
  EXPECT_EQ(m.run("pvs --config activation/activation_mode=\"x\"").status, 3);
  EXPECT_EQ(m.vg("vg0").seqno, seqno);
  EXPECT_THAT(m.run("lvscan --config global/units=\"x\"").err, HasSubstr("--config:1: global/units"));
}

}  // namespace
}  // namespace ashlar::test
