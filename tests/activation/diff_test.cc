// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/diff.h"

#include <gtest/gtest.h>

#include "support/table_text.h"
#include "support/vg_builder.h"

namespace ashlar::dm {
namespace {

using test::active;
using test::device;

std::string told(const Change& change) {
  std::string text;
  for (const Step& step : change.steps) text += sentence(step) + "\n";
  return text;
}

TEST(Diff, OfAKernelThatHasWhatIsWantedIsEmpty) {
  const Device a = device("vg0-a", "0 8192 linear 254:0 2048");
  const Device s = device("vg0-s", "0 16384 striped 2 128 254:0 10240 254:16 2048");
  EXPECT_TRUE(diff({active(a), active(s, 1)}, {s, a}).empty());
  EXPECT_TRUE(diff({}, {}).empty());
}

TEST(Diff, CreatesWhatIsNotThere) {
  Device s = device("vg0-s", "0 16384 striped 2 128 254:0 2048 254:16 2048 / 16384 8192 linear 254:0 90112");
  EXPECT_EQ(told(diff({}, {s})), "Create vg0-s (24576 sectors: striped and linear).\n");
  s.read_only = true;
  EXPECT_EQ(told(diff({}, {s})), "Create vg0-s (24576 sectors: striped and linear, read-only).\n");
}

TEST(Diff, ReloadsADeviceWhoseTableOrPermissionDiffers) {
  const Device has = device("vg0-a", "0 8192 linear 254:0 2048");
  EXPECT_EQ(told(diff({active(has)}, {device("vg0-a", "0 8192 linear 254:0 2048 / 8192 8192 linear 254:16 2048")})),
            "Load a new table into vg0-a and resume it.\n");
  EXPECT_EQ(told(diff({active(has)}, {device("vg0-a", "0 8192 linear 254:16 2048")})),
            "Load a new table into vg0-a and resume it.\n");
  Device read_only = has;
  read_only.read_only = true;
  EXPECT_EQ(told(diff({active(has)}, {read_only})), "Load a new table into vg0-a read-only and resume it.\n");
}

TEST(Diff, SaysWhenADeviceShrinks) {
  const Change change =
      diff({active(device("vg0-a", "0 8192 linear 254:0 2048"))}, {device("vg0-a", "0 4096 linear 254:0 2048")});
  EXPECT_TRUE(std::get<Reload>(change.steps.at(0)).shrinks);
  EXPECT_EQ(told(change), "Load a smaller table into vg0-a and resume it.\n");
}

TEST(Diff, ResumesADeviceThatWasLeftSuspended) {
  const Device a = device("vg0-a", "0 8192 linear 254:0 2048");
  ActiveDevice has = active(a);
  has.info.suspended = true;
  const Change change = diff({has}, {a});
  EXPECT_TRUE(std::get<Reload>(change.steps.at(0)).force);
  EXPECT_EQ(told(change), "Suspend, reload vg0-a and resume it.\n");
}

TEST(Diff, LoadsADeviceThatWasCreatedWithoutATable) {
  EXPECT_EQ(told(diff({active(device("vg0-a", ""))}, {device("vg0-a", "0 8192 linear 254:0 2048")})),
            "Load a new table into vg0-a and resume it.\n");
}

TEST(Diff, RenamesADeviceWithTheSameUuid) {
  Device wanted = device("vg0-a", "0 8192 linear 254:0 2048");
  const ActiveDevice has = active(wanted);
  wanted.name = "vg0-b";
  wanted.lv_name = "b";
  EXPECT_EQ(told(diff({has}, {wanted})), "Rename vg0-a to vg0-b.\n");
  wanted.table[0].length.n *= 2;
  EXPECT_EQ(told(diff({has}, {wanted})), "Rename vg0-a to vg0-b.\nLoad a new table into vg0-b and resume it.\n");
}

TEST(Diff, GivesANameOnlyAfterItsHolderLeftIt) {
  const std::string table = "0 8192 linear 254:0 2048";
  std::vector<ActiveDevice> has;
  std::vector<Device> wanted;
  // a -> b -> c -> d, in an order that does not help; d is removed, and a is made anew.
  for (const char* name : {"vg0-a", "vg0-b", "vg0-c"}) {
    Device each = device(name, table);
    has.push_back(active(each));
    each.name.back() = static_cast<char>(each.name.back() + 1);
    wanted.push_back(each);
  }
  has.push_back(active(device("vg0-d", table)));
  Device fresh = device("vg0-a", table);
  fresh.uuid = device("vg0-new", table).uuid;
  wanted.push_back(fresh);
  EXPECT_EQ(told(diff(has, wanted)),
            "Remove vg0-d.\n"
            "Rename vg0-c to vg0-d.\n"
            "Rename vg0-b to vg0-c.\n"
            "Rename vg0-a to vg0-b.\n"
            "Create vg0-a (8192 sectors: linear).\n");
}

TEST(Diff, RemovesWhatIsNotWantedUpperDevicesFirst) {
  const std::vector<ActiveDevice> has = {
      active(device("vg0-org-real", "0 81920 linear 254:0 2048"), 1),
      active(device("vg0-sn1-cow", "0 32768 linear 254:0 83968"), 2),
      active(device("vg0-org", "0 81920 snapshot-origin 253:1"), 0),
      active(device("vg0-sn1", "0 81920 snapshot 253:1 253:2 P 8"), 3),
  };
  std::vector<std::string> order;
  for (const Step& step : diff(has, {}).steps) order.push_back(std::get<Remove>(step).name);
  ASSERT_EQ(order.size(), 4U);
  const auto place = [&](const char* name) { return std::find(order.begin(), order.end(), name) - order.begin(); };
  EXPECT_LT(place("vg0-org"), place("vg0-org-real"));
  EXPECT_LT(place("vg0-sn1"), place("vg0-org-real"));
  EXPECT_LT(place("vg0-sn1"), place("vg0-sn1-cow"));
}

TEST(Diff, ComparesADeviceBelowByTheNumberItHas) {
  const Device below = device("vg0-b", "0 8192 linear 254:0 2048");
  Device wanted = device("vg0-a", "0 8192 linear 253:5 0");
  const ActiveDevice has = active(wanted, 6);
  wanted.table[0].params = LinearTarget{{below.uuid, Sectors{0}}};
  EXPECT_TRUE(diff({has, active(below, 5)}, {wanted, below}).empty());
  EXPECT_EQ(told(diff({has, active(below, 4)}, {wanted, below})), "Load a new table into vg0-a and resume it.\n");
}

TEST(Sentence, TellsEveryStep) {
  const Device a = device("vg0-a", "0 8192 linear 254:0 2048");
  EXPECT_EQ(sentence(Create{a}), "Create vg0-a (8192 sectors: linear).");
  EXPECT_EQ(sentence(Reload{a}), "Load a new table into vg0-a and resume it.");
  EXPECT_EQ(sentence(Reload{a, false, true}), "Suspend, reload vg0-a and resume it.");
  EXPECT_EQ(sentence(Rename{a.uuid, "vg0-x", "vg0-a", a}), "Rename vg0-x to vg0-a.");
  EXPECT_EQ(sentence(Remove{"vg0-a", a.uuid, "vg0", "a"}), "Remove vg0-a.");
}

}  // namespace
}  // namespace ashlar::dm
