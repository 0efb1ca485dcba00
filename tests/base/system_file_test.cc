// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/system_file.h"

#include <gtest/gtest.h>

namespace ashlar {
namespace {

TEST(SystemFile, IsReadToItsEndThoughItsSizeIsNought) {
  const std::string text = system_file("/proc/self/mountinfo");
  EXPECT_NE(text.find(" / "), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n');
}

TEST(SystemFile, IsEmptyWhereThereIsNoneOrAFolder) {
  EXPECT_EQ(system_file("/proc/there/is/none"), "");
  EXPECT_EQ(system_file("/proc"), "");
}

}  // namespace
}  // namespace ashlar
