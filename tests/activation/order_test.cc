// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/order.h"

#include <gtest/gtest.h>

#include "support/table_text.h"

namespace ashlar::dm {
namespace {

using test::device;

constexpr const char* kTable = "0 8192 linear 254:0 2048";

Rename rename(const std::string& from, const std::string& to) {
  Device wanted = device(from, kTable);
  wanted.name = to;
  return {wanted.uuid, from, to, wanted};
}
Remove remove(const std::string& name) { return {name, device(name, kTable).uuid, "vg0", name}; }

TEST(Phases, RenameAndReloadOfADeviceAreOneTouch) {
  Device longer = device("vg0-a", "0 16384 linear 254:0 2048");
  longer.name = "vg0-b";
  for (const Change& change :
       {Change{{rename("vg0-a", "vg0-b"), Reload{longer}}}, Change{{Reload{longer}, rename("vg0-a", "vg0-b")}}}) {
    const Result<Phases> sorted = phases(change);
    ASSERT_TRUE(sorted.ok()) << sorted.error().message();
    ASSERT_EQ(sorted->touched.size(), 1U);
    EXPECT_EQ(sorted->touched[0].current_name, "vg0-a");
    EXPECT_EQ(sorted->touched[0].wanted.name, "vg0-b");
    EXPECT_TRUE(sorted->touched[0].reload);
    EXPECT_TRUE(sorted->touched[0].renamed());
  }
}

TEST(Phases, RemovesWhoseNameIsNeededComeFirst) {
  const Result<Phases> sorted = phases(Change{
      {remove("vg0-x"), remove("vg0-b"), remove("vg0-c"), rename("vg0-a", "vg0-b"), Create{device("vg0-c", kTable)}}});
  // The same UUID for the old and the new vg0-c would be two fates of one device.
  EXPECT_EQ(sorted.ok() ? Errc::Exists : sorted.error().code(), Errc::InvalidArgument);
  const Result<Phases> good = phases(Change{{remove("vg0-x"), remove("vg0-b"), rename("vg0-a", "vg0-b")}});
  ASSERT_TRUE(good.ok());
  ASSERT_EQ(good->first.size(), 1U);
  EXPECT_EQ(good->first[0].name, "vg0-b");
  ASSERT_EQ(good->last.size(), 1U);
  EXPECT_EQ(good->last[0].name, "vg0-x");
}

TEST(Phases, RefusesTwoFatesOfOneDevice) {
  const Device a = device("vg0-a", kTable);
  for (const Change& change :
       {Change{{Create{a}, Create{a}}}, Change{{Create{a}, remove("vg0-a")}}, Change{{Reload{a}, remove("vg0-a")}},
        Change{{Reload{a}, Reload{a}}}, Change{{rename("vg0-a", "vg0-b"), rename("vg0-a", "vg0-c")}},
        Change{{remove("vg0-a"), remove("vg0-a")}}}) {
    const Result<Phases> sorted = phases(change);
    EXPECT_EQ(sorted.ok() ? Errc::Exists : sorted.error().code(), Errc::InvalidArgument)
        << sentence(change.steps[0]) << " " << sentence(change.steps[1]);
  }
}

TEST(Phases, RefusesTablesThatTheKernelWould) {
  for (const char* table : {"", "8 8192 linear 254:0 2048", "0 8 linear 254:0 0 / 16 8 linear 254:0 0",
                            "0 8 linear 254:0 0 / 0 8 linear 254:0 0", "0 0 linear 254:0 0"}) {
    const Result<Phases> sorted = phases(Change{{Create{device("vg0-a", table)}}});
    EXPECT_EQ(sorted.ok() ? Errc::Exists : sorted.error().code(), Errc::InvalidArgument) << table;
  }
  const Result<Phases> foreign = phases(Change{{Reload{device("vg0-a", "0 8192 snapshot-origin 253:1")}}});
  EXPECT_EQ(foreign.ok() ? Errc::Exists : foreign.error().code(), Errc::Unsupported);
}

TEST(Phases, RefusesDevicesThatExchangeTheirNames) {
  const Change rings[] = {
      Change{{rename("vg0-a", "vg0-b"), rename("vg0-b", "vg0-a")}},
      Change{{rename("vg0-x", "vg0-a"), rename("vg0-a", "vg0-b"), rename("vg0-b", "vg0-c"), rename("vg0-c", "vg0-a")}},
  };
  for (const Change& ring : rings) {
    const Result<Phases> sorted = phases(ring);
    EXPECT_EQ(sorted.ok() ? Errc::Exists : sorted.error().code(), Errc::Unsupported);
  }
  EXPECT_TRUE(phases(Change{{rename("vg0-c", "vg0-d"), rename("vg0-b", "vg0-c"), rename("vg0-a", "vg0-b")}}).ok());
}

}  // namespace
}  // namespace ashlar::dm
