// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace ashlar::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::string_literals;

Settings settings_of(const std::vector<std::string>& layers) {
  Settings settings;
  for (const std::string& text : layers) {
    Result<Document> document = Document::parse(text, "layer");
    EXPECT_TRUE(document.ok()) << text;
    if (document.ok()) settings.add_layer(std::move(document).value());
  }
  return settings;
}

/// A folder for configuration files that is removed at the end.
class LoadSettings : public ::testing::Test {
 protected:
  LoadSettings() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ashlar-config-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LoadSettings() override { std::filesystem::remove_all(directory_); }

  void write(const char* name, const std::string& text) { std::ofstream(directory_ + "/" + name) << text; }

  std::string directory_;
};

TEST(Settings, AreTheDefaultsWithoutALayer) {
  const Settings settings;
  EXPECT_TRUE(settings.flag("backup/backup"));
  EXPECT_FALSE(settings.flag("devices/issue_discards"));
  EXPECT_EQ(settings.number("backup/retain_min"), 10);
  EXPECT_EQ(settings.number("global/umask"), 077);
  EXPECT_EQ(settings.text("global/units"), "r");
  EXPECT_EQ(settings.text("log/prefix"), "  ");
  EXPECT_THAT(settings.list("devices/scan"), ElementsAre("/dev"));
  EXPECT_TRUE(settings.is_set("devices/scan"));
  EXPECT_FALSE(settings.is_set("activation/volume_list"));
  EXPECT_THAT(settings.list("activation/volume_list"), IsEmpty());
}

TEST(Settings, AStrongerLayerWins) {
  const Settings settings = settings_of({"backup/retain_min=1", "backup { retain_min=2 retain_days=3 }"});
  EXPECT_EQ(settings.number("backup/retain_min"), 1);
  EXPECT_EQ(settings.number("backup/retain_days"), 3);
}

TEST(Settings, KnowWhereAValueComesFrom) {
  const Settings settings = settings_of({"backup/retain_min=1", "a=1\nbackup {\nretain_min=2\nretain_days=3\n}"});
  EXPECT_EQ(settings.where("backup/retain_min"), "layer:1");
  EXPECT_EQ(settings.where("backup/retain_days"), "layer:4");
  EXPECT_EQ(settings.where("backup/archive"), "");
}

TEST(Settings, KnowWhereAnEntryOfAListComesFrom) {
  const Settings settings = settings_of({"devices {\nfilter = [\n\"a|x|\",\n\n\"r|\\\\.|\" ]\n}"});
  EXPECT_EQ(settings.where("devices/filter"), "layer:2");
  EXPECT_EQ(settings.where("devices/filter", 0), "layer:3");
  EXPECT_EQ(settings.where("devices/filter", 1), "layer:5") << "it has a backslash";
  EXPECT_EQ(settings.where("devices/filter", 2), "");
  EXPECT_EQ(settings.where("devices/global_filter", 0), "");
}

TEST(Settings, AnEmptyListIsSet) {
  const Settings settings = settings_of({"activation/volume_list=[]"});
  EXPECT_TRUE(settings.is_set("activation/volume_list"));
  EXPECT_THAT(settings.list("activation/volume_list"), IsEmpty());
}

TEST(Settings, ReadFlagsAsNumbersAndWords) {
  for (const char* yes : {"1", "5", "-1", "y", "yes", "on", "true", "YES", "\"True\"", "'On'"}) {
    EXPECT_TRUE(settings_of({"devices/issue_discards="s + yes}).flag("devices/issue_discards")) << yes;
  }
  for (const char* no : {"0", "n", "no", "off", "false", "NO", "\"False\""}) {
    EXPECT_FALSE(settings_of({"backup/backup="s + no}).flag("backup/backup")) << no;
  }
}

TEST(Settings, ReadASingleStringAsAListOfOne) {
  EXPECT_THAT(settings_of({"devices/filter=\"r|.*|\""}).list("devices/filter"), ElementsAre("r|.*|"));
  EXPECT_THAT(settings_of({"devices/filter=[\"a|x|\",'r|.*|']"}).list("devices/filter"), ElementsAre("a|x|", "r|.*|"));
}

TEST(Settings, ReadOctalAndEmptyValues) {
  const Settings settings = settings_of({"global/umask=022 log{prefix=\"\"}"});
  EXPECT_EQ(settings.number("global/umask"), 022);
  EXPECT_EQ(settings.text("log/prefix"), "");
}

TEST(Settings, PassOverAValueOfTheWrongTypeAndSaySo) {
  const Settings settings = settings_of(
      {"log/verbose=yes\nbackup/backup=maybe activation/volume_list=[1]\n\nlog/prefix=5",
       "log/verbose=2 activation/volume_list=\"vg\" backup/retain_days=\"3\" log/level=1.5 global/units=[\"b\",\"k\"] devices/scan=[]"});
  EXPECT_EQ(settings.number("log/verbose"), 2);
  EXPECT_TRUE(settings.flag("backup/backup"));
  EXPECT_EQ(settings.text("log/prefix"), "  ");
  EXPECT_EQ(settings.number("backup/retain_days"), 30);
  EXPECT_EQ(settings.number("log/level"), 0);
  EXPECT_EQ(settings.text("global/units"), "r");
  EXPECT_THAT(settings.list("activation/volume_list"), ElementsAre("vg"));
  EXPECT_TRUE(settings.is_set("activation/volume_list"));
  EXPECT_THAT(
      settings.check(),
      ::testing::UnorderedElementsAre(
          "layer:1: log/verbose is a whole number; the value yes is passed over",
          "layer:2: backup/backup is a flag (0 or 1); the value maybe is passed over",
          "layer:2: activation/volume_list is a list of strings; the value [1] is passed over",
          "layer:4: log/prefix is a string in quotes; the value 5 is passed over",
          "layer:1: backup/retain_days is a whole number; the value \"3\" is passed over",
          "layer:1: log/level is a whole number; the value 1.5 is passed over",
          "layer:1: global/units is a string in quotes that is not empty; the value [\"b\",\"k\"] is passed over",
          "layer:1: devices/scan is a list of strings that is not empty; the value [] is passed over"));
  EXPECT_THAT(settings.list("devices/scan"), ElementsAre("/dev"));
  EXPECT_FALSE(settings_of({"activation/volume_list=[1]"}).is_set("activation/volume_list"));
}

TEST(Settings, TakeAListOfOneAsThatOne) {
  const Settings settings = settings_of({"global/units=[\"b\"] backup/retain_min=[3] backup/backup=[0]"});
  EXPECT_EQ(settings.text("global/units"), "b");
  EXPECT_EQ(settings.number("backup/retain_min"), 3);
  EXPECT_FALSE(settings.flag("backup/backup"));
  EXPECT_THAT(settings.check(), IsEmpty());
}

TEST(Settings, MayBeEmptyWhereLvm2LetsThem) {
  EXPECT_THAT(settings_of({"log/prefix=\"\" activation/volume_list=[] log/journal=[] local/system_id=\"\""}).check(),
              IsEmpty());
  EXPECT_THAT(settings_of({"devices/filter=[] log/file=\"\" devices/scan=\"\""}).check(), testing::SizeIs(3));
}

TEST(Settings, AcceptUnknownSettingsQuietlyAndTellOfThemWhenAsked) {
  const Settings settings =
      settings_of({"global/notify_dbus=0 nonsense { x = [1,2] } top=1 devices/filter/deep=1\n"
                   "tags { a { host_list=\"x\" } b { } } allocation { cache_settings { smq { y = 1 } } }\n"
                   "devices { dri = \"/dev\" } backup = 1"});
  EXPECT_THAT(settings.check(), IsEmpty());
  EXPECT_THAT(unknown(settings.layers().front()),
              ElementsAre("layer:1: there is no section nonsense", "layer:1: there is no setting top",
                          "layer:1: there is no section devices/filter", "layer:3: there is no setting devices/dri",
                          "layer:3: there is no setting backup"));
}

TEST(Settings, KnowTheTypeOfWhatStandsUnderAnyName) {
  EXPECT_THAT(settings_of({"tags { a { host_list=5 } }"}).check(),
              ElementsAre("layer:1: tags/a/host_list is a list of strings; the value 5 is passed over"));
  EXPECT_THAT(settings_of({"devices/types=[\"fd\", 16]"}).check(), IsEmpty());
}

TEST(Settings, PutArchivesBesideTheConfigurationUnlessTold) {
  const Settings elsewhere("/tmp/sys");
  EXPECT_EQ(elsewhere.text("backup/archive_dir"), "/tmp/sys/archive");
  EXPECT_EQ(elsewhere.text("backup/backup_dir"), "/tmp/sys/backup");
  EXPECT_FALSE(elsewhere.is_set("backup/backup_dir"));
  EXPECT_EQ(Settings().text("backup/backup_dir"), "/etc/lvm/backup");

  Settings told("/tmp/sys");
  told.add_layer(Document::parse("backup/backup_dir=\"/etc/lvm/backup\"", "layer").value());
  EXPECT_EQ(told.text("backup/backup_dir"), "/etc/lvm/backup");
  EXPECT_TRUE(told.is_set("backup/backup_dir"));
}

TEST(SettingsDeathTest, AskingForWhatIsNotInTheTableIsABug) {
  const Settings settings;
  EXPECT_DEATH((void)settings.flag("backup/no_such"), "no such setting: backup/no_such");
  EXPECT_DEATH((void)settings.flag("backup/retain_min"), "broken invariant");
}

TEST(SettingsTable, NamesEachPathOnceAndHelpsWithAll) {
  std::set<std::string_view> paths;
  for (const auto section : setting_sections()) {
    EXPECT_TRUE(section.front().is_section()) << section.front().path;
    for (const Setting& row : section) {
      EXPECT_TRUE(paths.insert(row.path).second) << row.path << " is there twice";
      EXPECT_EQ(row.path.substr(0, row.path.find('/')), section.front().path);
      EXPECT_TRUE(help_of(row).ends_with(".")) << row.path;
      EXPECT_NE(row.since, Version()) << row.path;
      EXPECT_EQ(find_setting(row.path), &row);
      EXPECT_TRUE(!row.is(kUnset) || row.is_section() || !row.example.empty() || row.is_deprecated()) << row.path;
    }
  }
}

/// What `lvmconfig --typeconfig list` of 2.03.16 names: 242, and with --showdeprecated --showunsupported 25 more.
TEST(SettingsTable, HasEverySettingOfLvm2) {
  std::size_t shown = 0, all = 0;
  for (const auto section : setting_sections()) {
    for (const Setting& row : section) {
      all += !row.is_section();
      shown += !row.is_section() && !row.is_deprecated() && !row.is(kUnsupported);
    }
  }
  EXPECT_EQ(shown, 242U);
  EXPECT_EQ(all, 267U);
}

TEST(SettingsTable, FindsRowsThatStandForAnyName) {
  ASSERT_NE(find_setting("tags/x"), nullptr);
  EXPECT_EQ(find_setting("tags/x")->path, "tags/<tag>");
  EXPECT_EQ(find_setting("tags/hosttags")->path, "tags/hosttags");
  EXPECT_EQ(find_setting("tags/x/host_list")->path, "tags/<tag>/host_list");
  for (const char* none : {"", "tags/", "tags/x/", "tags/x/y", "devices/x", "x", "x/y", "/", "devices//dir"})
    EXPECT_EQ(find_setting(none), nullptr) << none;
}

TEST_F(LoadSettings, CommandLineOverLocalOverMain) {
  write("lvm.conf", "global { units=\"m\" suffix=0 test=1 }\n");
  write("lvmlocal.conf", "global { units=\"g\" suffix=1 }\n");
  const Result<Settings> settings = load_settings(directory_, "global/units=\"b\"");
  ASSERT_TRUE(settings.ok()) << settings.error().message();
  EXPECT_EQ(settings->text("global/units"), "b");
  EXPECT_TRUE(settings->flag("global/suffix"));
  EXPECT_TRUE(settings->flag("global/test"));
  EXPECT_EQ(settings->directory(), directory_);
}

TEST_F(LoadSettings, TakesBothFormsOnTheCommandLine) {
  for (const char* config :
       {"devices/filter=[\"r|.*|\"] log/verbose=1", "devices { filter=[\"r|.*|\"] } log{verbose=1}",
        "devices{filter=[\"r|.*|\"]} log/verbose = 1"}) {
    const Result<Settings> settings = load_settings(directory_, config);
    ASSERT_TRUE(settings.ok()) << config;
    EXPECT_THAT(settings->list("devices/filter"), ElementsAre("r|.*|")) << config;
    EXPECT_EQ(settings->number("log/verbose"), 1) << config;
  }
}

TEST_F(LoadSettings, TakesAbsentAndEmptyFiles) {
  EXPECT_TRUE(load_settings(directory_, "").ok());
  EXPECT_TRUE(load_settings(directory_ + "/absent", "").ok());
  write("lvm.conf", "");
  EXPECT_TRUE(load_settings(directory_, "").ok());
  std::filesystem::remove(directory_ + "/lvm.conf");
  std::filesystem::create_symlink("/dev/null", directory_ + "/lvm.conf");
  EXPECT_TRUE(load_settings(directory_, "").ok());
}

TEST_F(LoadSettings, SaysWhereATextIsWrong) {
  write("lvm.conf", "devices {\n\tfilter = [ \"a|x|\"\n}\n");
  const Result<Settings> file = load_settings(directory_, "");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message(), directory_ + "/lvm.conf:3: expected a comma or ] in the list, found \"}\"");
  const Result<Settings> option = load_settings(directory_, "devices/filter");
  ASSERT_FALSE(option.ok());
  EXPECT_THAT(option.error().message(), StartsWith("--config:1: "));
}

TEST_F(LoadSettings, RefusesAFileThatCannotBeRead) {
  std::filesystem::create_directory(directory_ + "/lvm.conf");
  const Result<Settings> settings = load_settings(directory_, "");
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().code(), Errc::Io);
  EXPECT_THAT(settings.error().message(), HasSubstr(directory_ + "/lvm.conf"));
}

TEST_F(LoadSettings, RefusesAFileWithoutEnd) {
  std::filesystem::create_symlink("/dev/zero", directory_ + "/lvm.conf");
  const Result<Settings> settings = load_settings(directory_, "");
  ASSERT_FALSE(settings.ok());
  EXPECT_THAT(settings.error().message(), HasSubstr("larger than 16 MiB"));
}

TEST_F(LoadSettings, DoesNotHangOnAFifo) {
  ASSERT_EQ(::mkfifo((directory_ + "/lvm.conf").c_str(), 0600), 0);
  EXPECT_TRUE(load_settings(directory_, "").ok());
}

TEST(Limits, ThatCannotBeReadLetNothingPass) {
  for (const char* text : {"devices/filter=3", "devices/filter=[]", "devices/global_filter=[\"r|.*|\", 3]",
                           "activation/volume_list=3", "activation { auto_activation_volume_list = 1 }"}) {
    const Status wrong = settings_of({text}).check_limits();
    ASSERT_FALSE(wrong.ok()) << text;
    EXPECT_EQ(wrong.error().code(), Errc::Refused);
    EXPECT_NE(wrong.error().message().find("nothing is used"), std::string::npos) << wrong.error().message();
  }
  for (const char* text : {"devices/filter=\"a|.*|\"", "activation/volume_list=[]", "backup/backup=\"maybe\"", ""})
    EXPECT_TRUE(settings_of({text}).check_limits().ok()) << text;
  // Of what a stronger layer says otherwise nothing depends.
  EXPECT_TRUE(settings_of({"devices/filter=[\"a|.*|\"]", "devices/filter=3"}).check_limits().ok());
  EXPECT_FALSE(settings_of({"devices/filter=3", "devices/filter=[\"a|.*|\"]"}).check_limits().ok());
}

}  // namespace
}  // namespace ashlar::config
