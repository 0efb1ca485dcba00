// SPDX-License-Identifier: LGPL-2.1-or-later
// Profiles and the host's tags: which files count, and which of them is stronger.
#include "config/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/host_tags.h"
#include "config/settings.h"
#include "support/host.h"

namespace ashlar::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Files : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { test::put_file(std::string(dir_ / name), text); }
  Result<Settings> load(SettingsRequest request = {}) {
    request.directory = dir_ / "";
    request.directory.pop_back();
    if (request.host.empty()) request.host = "here";
    return load_settings(request);
  }
  std::string units(const SettingsRequest& request = {}) {
    auto settings = load(request);
    EXPECT_TRUE(settings.ok()) << settings.error().message();
    return settings.ok() ? settings->text("global/units") : "";
  }
  std::string refusal(const std::string& profile, bool metadata = false) {
    SettingsRequest request;
    (metadata ? request.metadata_profile : request.command_profile) = profile;
    auto settings = load(request);
    if (settings.ok()) return "";
    EXPECT_EQ(settings.error().code(), Errc::Refused) << profile;
    return settings.error().message();
  }

  test::TempDir dir_;
};

TEST_F(Files, AreStrongerTheNearerTheyAreToTheCommand) {
  put("lvm.conf", "global { units = \"b\" } tags { one { } two { } }");
  EXPECT_EQ(units(), "b");
  put("lvmlocal.conf", "global { units = \"s\" }");
  EXPECT_EQ(units(), "s");
  put("lvm_one.conf", "global { units = \"k\" }");
  EXPECT_EQ(units(), "k");
  put("lvm_two.conf", "global { units = \"m\" }");
  EXPECT_EQ(units(), "m") << "of two tags the later one's file is stronger";
  put("profile/p.profile", "global { units = \"g\" }");
  EXPECT_EQ(units({.command_profile = "p"}), "g");
  EXPECT_EQ(units({.command_line_config = "global/units=\"t\"", .command_profile = "p"}), "t");
}

TEST_F(Files, OfTagsMayGiveFurtherTags) {
  put("lvm.conf", "tags { hosttags = 1 one { } }");
  put("lvmlocal.conf", "tags { local { } }");
  put("lvm_one.conf", "tags { four { } one { } }");
  put("lvm_four.conf", "global { units = \"k\" }");
  auto settings = load();
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(settings->host_tags(), ElementsAre("here", "one", "local", "four"));
  EXPECT_EQ(settings->text("global/units"), "k");
  put("lvm_four.conf", "global { ");
  EXPECT_FALSE(load().ok());
}

TEST_F(Files, OnTheCommandLineGiveNoTags) {
  auto settings = load({.command_line_config = "tags { one { } }"});
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(settings->host_tags(), IsEmpty());
}

TEST_F(Files, OfProfilesAreRefusedIfTheyCannotBeUsed) {
  put("profile/c.profile", "report { headings = 0 output_format = json } log { report_command_log = 1 }");
  put("profile/m.profile", "allocation { thin_pool_chunk_size = 128 cache_settings { smq { x = 1 } } }");
  put("profile/both.profile", "report { headings = 0 } allocation { thin_pool_chunk_size = 128 }");
  put("profile/other.profile", "activation { volume_list = [ \"x\" ] }");
  put("profile/unknown.profile", "report { foo = 1 }");
  put("profile/type.profile", "report { aligned = \"x\" }");
  put("profile/cut.profile", "report { ");
  put("profile/empty.profile", "# nothing\n");
  EXPECT_EQ(refusal("c"), "");
  EXPECT_EQ(refusal("m", true), "");
  EXPECT_THAT(refusal("c", true),
              HasSubstr("Ignoring invalid metadata profile c.  Failed to apply metadata profile c."));
  for (const char* wrong : {"m", "both", "other", "unknown", "type", "empty"})
    EXPECT_THAT(refusal(wrong), HasSubstr("Ignoring invalid command profile " + std::string(wrong))) << wrong;
  for (const char* wrong : {"cut", "absent", "a/b", "", "../profile/c"})
    EXPECT_THAT(refusal(wrong), HasSubstr("Failed to apply command profile")) << wrong;
  EXPECT_THAT(refusal("a/b"), HasSubstr("it contains '/'"));
}

TEST_F(Files, OfProfilesLieWhereTheConfigurationSays) {
  put("elsewhere/p.profile", "global { units = \"g\" }");
  EXPECT_NE(refusal("p"), "");
  put("lvm.conf", "config { profile_dir = \"" + std::string(dir_ / "elsewhere") + "\" }");
  EXPECT_EQ(units({.command_profile = "p"}), "g");
}

std::vector<std::string> tags(const std::string& text, const std::string& host = "here") {
  auto file = Document::parse(text, "lvm.conf");
  EXPECT_TRUE(file.ok());
  std::vector<std::string> found;
  Status added = add_host_tags(*file, host, found);
  EXPECT_TRUE(added.ok()) << added.error().message();
  return found;
}

std::string wrong_tags(const std::string& text) {
  auto file = Document::parse(text, "lvm.conf");
  std::vector<std::string> found;
  Status added = add_host_tags(*file, "here", found);
  return added.ok() ? "" : added.error().message();
}

TEST(HostTags, AreThoseOfEveryHostAndThoseThatNameIt) {
  EXPECT_THAT(
      tags(
          "tags { one { } two { host_list = [ \"here\" ] } three { host_list = [ \"there\" ] } @four { host_list = \"here\" }\n"
          "five { host_list = [] } seven { foo = 1 } eight = 5 }"),
      ElementsAre("one", "two", "four", "seven"));
  EXPECT_THAT(tags("tags { hosttags = 1 one { } }"), ElementsAre("here", "one"));
  EXPECT_THAT(tags("tags { hosttags = 0 }"), IsEmpty());
  EXPECT_THAT(tags("global { }"), IsEmpty());
}

TEST(HostTags, ThatNoFileCouldHaveAreRefused) {
  for (const char* name : {"\"a b\"", "-y", "@@six", "\"a:b\""})
    EXPECT_THAT(wrong_tags("tags { " + std::string(name) + " { } }"), HasSubstr("Invalid tag in config file")) << name;
  EXPECT_THAT(wrong_tags("tags { x { host_list = 5 } }"), HasSubstr("Invalid hostname string for tag x"));
}

}  // namespace
}  // namespace ashlar::config
