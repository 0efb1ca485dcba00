// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of the layers of the configuration lvmconfig shows. Found by running lvm2 2.03.16.
#include "cli/config_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/table.h"

namespace ashlar::cli {
namespace {

using testing::ElementsAre;

/// A profile over lvm.conf, as load_settings() has them.
config::Settings profile_and_file() {
  config::Settings settings;
  settings.add_layer(config::Document::parse("report/headings=0\nglobal/units=\"b\"", "c.profile").value());
  settings.add_layer(config::Document::parse("global/activation=0", "/etc/lvm/lvm.conf").value());
  return settings;
}

std::vector<std::string> paths(const std::string& type, bool above_files, const std::vector<std::string>& words = {}) {
  const Args args = parse("lvmconfig", kLvmconfig.options, words).value();
  const ConfigEntry root = config_tree(args, profile_and_file(), type, ConfigRows::of(args, type).value(), above_files);
  std::vector<std::string> all;
  for (const ConfigEntry& section : root.children)
    for (const ConfigEntry& entry : section.children) all.push_back(section.name + "/" + entry.name);
  return all;
}

TEST(ConfigTree, OfAProfileIsThatOfTheProfileAlone) {
  EXPECT_THAT(paths("current", true), ElementsAre("report/headings", "global/units"));
  EXPECT_THAT(paths("current", true, {"--mergedconfig"}),
              ElementsAre("global/activation", "global/units", "report/headings"));
  EXPECT_THAT(paths("current", false), ElementsAre("global/activation", "global/units", "report/headings"));
}

TEST(ConfigTree, OfWhatAProfileDoesNotSayHasTheSettingsOfTheFile) {
  const std::vector<std::string> missing = paths("missing", true);
  EXPECT_TRUE(std::find(missing.begin(), missing.end(), "global/activation") != missing.end());
  EXPECT_TRUE(std::find(missing.begin(), missing.end(), "global/units") == missing.end());
}

TEST(ConfigTree, OfDifferencesHasBoth) {
  EXPECT_THAT(paths("diff", true), ElementsAre("global/activation", "global/units", "report/headings"));
}

}  // namespace
}  // namespace ashlar::cli
