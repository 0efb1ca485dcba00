// SPDX-License-Identifier: LGPL-2.1-or-later
// Every recorded command of tests/data/report gives what lvm2 2.03.16 printed, byte for byte.
#include <gtest/gtest.h>
#include <set>

#include "report/scenario.h"

namespace ashlar::report::test {
namespace {

/// Where Ashlar means to differ.
bool differs_on_purpose(const std::string& command) {
  static const std::set<std::string> kCommands = {
      // LVM2's own sentences are not repeated.
      "lvs -o help", "lvs -S help",
      // LVM2 knows no words for this field, Ashlar takes those of every yes/no field.
      "lvs -o name -S 'lv_autoactivation=enabled' vg0",
      // A name in front of the list makes all of it unknown to LVM2's compaction.
      // pe_start is a size here and can be selected by it.
      "pvs -o name -S 'pe_start=2048'",
  };
  return kCommands.contains(command);
}

void compare(const char* file, Kernel kernel) {
  setenv("TZ", "UTC", 1);
  ops::Inventory inventory = recorded_inventory(kernel);
  std::vector<Recorded> all = recorded_commands(file);
  ASSERT_GT(all.size(), 10u);
  for (const Recorded& recorded : all) {
    if (differs_on_purpose(recorded.command)) continue;
    Options options = options_of(recorded.command);
    auto lines = print(inventory, options);
    if (recorded.status != 0 && recorded.out.empty()) {
      EXPECT_FALSE(lines.ok()) << recorded.command;
      continue;
    }
    ASSERT_TRUE(lines.ok()) << recorded.command << ": " << lines.error().message();
    std::string ours, theirs;
    for (const std::string& line : *lines) ours += line + "|\n";
    for (const std::string& line : recorded.out) theirs += line + "|\n";
    EXPECT_EQ(ours, theirs) << recorded.command;
  }
}

TEST(RecordedReports, AreTheSameWhenNobodyAsksTheKernel) { compare("unknown.txt", Kernel::Unknown); }
TEST(RecordedReports, AreTheSameWithActiveVolumes) { compare("active.txt", Kernel::Active); }

}  // namespace
}  // namespace ashlar::report::test
