// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/names.h"

#include <gtest/gtest.h>

#include <string>

namespace ashlar {
namespace {

const std::string kLongest(127, 'a');

TEST(Names, AcceptsWhatLvm2Accepts) {
  for (const std::string& name :
       {std::string("vg0"), std::string("0"), std::string("_"), std::string("a-b"), std::string("..."),
        std::string("a.b+c_d-e"), std::string("+x"), std::string(".hidden"), kLongest}) {
    EXPECT_TRUE(is_valid_name(name)) << name;
    EXPECT_TRUE(check_name("Volume group name", name).ok()) << name;
  }
}

TEST(Names, SaysWhatIsWrongWithAName) {
  struct {
    std::string name, word;
  } const table[] = {
      {"", "is empty"},
      {"-a", "hyphen"},
      {".", "directory"},
      {"..", "directory"},
      {"a/b", "only A-Z"},
      {"../evil", "only A-Z"},
      {"a b", "only A-Z"},
      {"a\nb", "\\x0a"},
      {"\x1b[31m", "\\x1b[31m"},
      {"gr\xc3\xb6\xc3\x9f", "only"},
      {kLongest + "a", "128 characters"},
      {std::string("a\0b", 3), "\\x00"},
  };
  for (const auto& [name, word] : table) {
    EXPECT_FALSE(is_valid_name(name)) << name;
    Status s = check_name("Logical volume name", name);
    ASSERT_FALSE(s.ok()) << name;
    EXPECT_EQ(s.error().code(), Errc::InvalidArgument);
    EXPECT_TRUE(s.error().message().starts_with("Logical volume name \"")) << s.error().message();
    EXPECT_NE(s.error().message().find(word), std::string::npos) << s.error().message();
    EXPECT_EQ(s.error().message().find_first_of("\n\x1b"), std::string::npos);
  }
}

TEST(Names, CutsAnEndlessNameInItsMessage) {
  EXPECT_LT(check_name("Volume group name", std::string(1 << 20, 'x')).error().message().size(), 1000U);
}

TEST(Names, KeepsNamesOfHiddenVolumesFromUsers) {
  for (const char* name : {"snapshot1", "pvmove0", "x_tdata", "x_rimage", "x_mlog", "x_pmspare", "a_rmetax", "x_cvol",
                           "x_wcorig", "x_vorigin", "x_vdata", "x_iorig_0"}) {
    Status s = check_new_lv_name(name);
    ASSERT_FALSE(s.ok()) << name;
    EXPECT_NE(s.error().message().find("reserved"), std::string::npos);
    EXPECT_NE(s.error().message().find(std::string("\"") + name + "\""), std::string::npos);
    EXPECT_TRUE(is_valid_name(name));
  }
  for (const char* name : {"lvol0", "my_snapshot1", "tdata", "rimage", "data_t"})
    EXPECT_TRUE(check_new_lv_name(name).ok()) << name;
  EXPECT_FALSE(check_new_lv_name("../evil").ok());
}

TEST(Names, ChecksTags) {
  for (const std::string& tag : {std::string("a"), std::string("a_b+c.d-e/f=g!h:i&j#k"), std::string(1024, 't')})
    EXPECT_TRUE(check_tag(tag).ok()) << tag;
  for (const std::string& tag : {std::string(""), std::string("a b"), std::string("@a"), std::string("a\"b"),
                                 std::string("a\n"), std::string(1025, 't')}) {
    Status s = check_tag(tag);
    ASSERT_FALSE(s.ok()) << tag;
    EXPECT_LT(s.error().message().size(), 1200U);
    EXPECT_EQ(s.error().message().find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace ashlar
