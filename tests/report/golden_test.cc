// SPDX-License-Identifier: LGPL-2.1-or-later
// Every recorded command of tests/data/report gives what lvm2 2.03.16 printed, byte for byte; and the LVs of types that
// Ashlar only carries through have the fields that lvm2 shows of them.
#include <gtest/gtest.h>

#include <map>
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

/// A VG that lvm2 wrote, on PVs that are all there.
ops::Inventory inventory_of(const std::string& name) {
  ops::VgInfo info;
  info.vg = recorded_vg(std::ifstream("tests/data/lvm2-2.03.16/" + name + ".vg"), name);
  info.usage = pv_usage(info.vg);
  for (const PhysicalVolume& pv : info.vg.pvs) {
    ops::PvInfo pv_info;
    pv_info.pv = pv;
    pv_info.device = pv.device;
    info.pvs.push_back(pv_info);
  }
  ops::Inventory out;
  out.vgs.push_back(std::move(info));
  return out;
}

TEST(RecordedReports, AreTheSameOfTypesThatAreOnlyCarriedThrough) {
  Options options;
  options.all = options.segments = true;
  options.headings = false;
  options.separator = "|";
  options.units = *parse_units("b");
  options.units.suffix = true;
  options.sort = "lv_name,seg_start";
  std::string fields, name;
  std::getline(open_data("carried_fields.txt") >> std::ws, fields);
  options.fields = {fields};
  std::ifstream recorded = open_data("carried.txt");
  std::map<std::string, std::vector<std::string>> wanted;
  for (std::string line; std::getline(recorded, line);) {
    if (line.starts_with("# "))
      name = line.substr(2);
    else
      wanted[name].push_back(line);
  }
  ASSERT_GT(wanted.size(), 10u);
  for (const auto& [vg, lines] : wanted) {
    auto shown = print(inventory_of(vg), options);
    ASSERT_TRUE(shown.ok()) << vg;
    EXPECT_EQ(joined(*shown), joined(lines)) << vg;
  }
}

TEST(RecordedReports, AreTheSameWhenNobodyAsksTheKernel) { compare("unknown.txt", Kernel::Unknown); }
TEST(RecordedReports, AreTheSameWithActiveVolumes) { compare("active.txt", Kernel::Active); }

}  // namespace
}  // namespace ashlar::report::test
