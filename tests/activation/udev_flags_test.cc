// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/udev_flags.h"

#include <gtest/gtest.h>

namespace ashlar::dm {
namespace {

// The table of docs/format.md 8.6.
TEST(UdevFlags, OfAVisibleLvAreThoseOfLvm2) {
  EXPECT_EQ(udev_flags(true, false), 0x20);
  EXPECT_EQ(udev_flags(false, false), 0x23);
  EXPECT_EQ(udev_flags(true, true), 0x00);
}

}  // namespace
}  // namespace ashlar::dm
