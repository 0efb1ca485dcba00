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
      "lvs -o help",
      "lvs -S help",
      // LVM2 knows no words for this field, Ashlar takes those of every yes/no field.
      "lvs -o name -S 'lv_autoactivation=enabled' vg0",
      // pe_start is a size here and can be selected by it.
      "pvs -o name -S 'pe_start=2048'",
  };
  return kCommands.contains(command);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "|\n";  // the bar shows blanks at the end
  return out;
}

void compare(const char* file, Kernel kernel) {
  setenv("TZ", "UTC", 1);
  ops::Inventory inventory = recorded_inventory(kernel);
  std::vector<Recorded> all = recorded_commands(file);
  ASSERT_GT(all.size(), 10u);
  for (const Recorded& recorded : all) {
    if (differs_on_purpose(recorded.command)) continue;
    SCOPED_TRACE(recorded.command);
    Options options = options_of(recorded.command);
    auto lines = print(inventory, options);
    std::vector<std::string> missing = missing_names(inventory, options);
    if (lines.ok()) {
      EXPECT_EQ(joined(*lines), joined(recorded.out));
      EXPECT_EQ(recorded.status, missing.empty() ? 0 : 5);
      // Of PVs the command itself says what is wrong, before it asks for a report.
      if (!missing.empty() && options.kind != Kind::Pvs) {
        // The command adds this line to that of the VG.
        std::vector<std::string> errors = recorded.errors;
        std::erase_if(errors, [](const std::string& line) { return line.starts_with("Cannot process volume group"); });
        EXPECT_EQ(joined(missing), joined(errors));
      }
    } else {
      EXPECT_EQ(recorded.status, 5);
      std::string message = lines.error().message(), last = message.substr(message.rfind('\n') + 1);
      ASSERT_FALSE(recorded.errors.empty());
      EXPECT_EQ(last, recorded.errors.back());
    }
  }
}

TEST(RecordedReports, AreTheSameWhenNobodyAsksTheKernel) { compare("unknown.txt", Kernel::Unknown); }
TEST(RecordedReports, AreTheSameWithActiveVolumes) { compare("active.txt", Kernel::Active); }

}  // namespace
}  // namespace ashlar::report::test
