// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/columns.h"
#include "report/row.h"
#include "report/scenario.h"

namespace ashlar::report::test {
namespace {

using nlohmann::json;

/// A VG "vg" of 4 MiB extents on one PV with the LVs given.
ops::Inventory one_vg(std::vector<LogicalVolume> lvs) {
  ops::VgInfo info;
  info.vg.name = "vg";
  info.vg.id = *parse_uuid("00000000000000000000000000000vg0");
  info.vg.extent_size = {8192};
  info.vg.status.set(VgFlag::Write);
  PhysicalVolume pv;
  pv.id = *parse_uuid("00000000000000000000000000000pv0");
  pv.pe_start = {2048};
  pv.pe_count = {100};
  info.vg.pvs.push_back(pv);
  ops::PvInfo pv_info;
  pv_info.pv = pv;
  pv_info.device = "/dev/sda";
  pv_info.device_size = {std::uint64_t{512} << 20};
  info.pvs.push_back(pv_info);
  info.vg.lvs = std::move(lvs);
  info.usage = pv_usage(info.vg);
  ops::Inventory out;
  out.vgs.push_back(std::move(info));
  return out;
}

LogicalVolume linear(std::string name, std::uint64_t start, std::uint64_t length) {
  LogicalVolume lv;
  lv.name = std::move(name);
  lv.status.set(LvFlag::Visible);
  lv.status.set(LvFlag::Write);
  Striped body{{0}, {PvArea{*parse_uuid("00000000000000000000000000000pv0"), {start}}}};
  lv.segments.push_back({.start = {0}, .length = {length}, .tags = {}, .body = body, .extra = {}});
  return lv;
}

std::vector<std::string> must_print(const ops::Inventory& inventory, const Options& options) {
  auto lines = print(inventory, options);
  EXPECT_TRUE(lines.ok()) << (lines.ok() ? "" : lines.error().message());
  return lines.ok() ? *lines : std::vector<std::string>();
}

json must_parse(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  json document = json::parse(text, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << text;
  return document;
}

constexpr const char* kHostile[] = {
    "\x1b[31mred", "new\nline", "quote\"", "apos'trophe", "back\\slash", "trailing\\", "\xff\xfe bad utf-8",
    "tab\t",       "\x7f",      "%s%n",    "{}",          "a,b",         "\x1e\x1f",   "\xc3\xa9"};

ops::Inventory hostile_inventory() {
  std::vector<LogicalVolume> lvs;
  std::uint64_t at = 0;
  for (const char* text : kHostile) {
    LogicalVolume lv = linear(std::string("lv") + text, at++, 1);
    lv.tags = {text, "plain"};
    lv.creation_host = text;
    lv.profile = text;
    lvs.push_back(lv);
  }
  ops::Inventory inventory = one_vg(std::move(lvs));
  inventory.vgs[0].pvs[0].device = "/dev/\x1b]0;title\x07\"\\";
  inventory.vgs[0].vg.system_id = "id\"\\\n";
  return inventory;
}

TEST(HostileStrings, LeaveJsonValidAndKeepEveryRow) {
  for (auto format : {Options::Format::Json, Options::Format::JsonStd}) {
    for (Kind kind : {Kind::Lvs, Kind::Vgs, Kind::Pvs}) {
      Options options;
      options.kind = kind;
      options.format = format;
      options.fields = {"lv_all,vg_all,seg_all"};
      json document = must_parse(must_print(hostile_inventory(), options));
      std::string name = kind == Kind::Pvs ? "pv" : kind == Kind::Vgs ? "vg" : "lv";
      ASSERT_TRUE(document["report"][0].contains(name));
      EXPECT_GE(document["report"][0][name].size(), std::size(kHostile));
    }
  }
}

TEST(HostileStrings, ComeThroughJsonAsTheyWouldBePrinted) {
  ops::Inventory inventory = one_vg({linear("a\\b\"c", 0, 1)});
  for (auto format : {Options::Format::Json, Options::Format::JsonStd}) {
    Options options;
    options.format = format;
    options.fields = {"lv_name"};
    EXPECT_EQ(must_parse(must_print(inventory, options))["report"][0]["lv"][0]["lv_name"], "a\\b\"c");
  }
}

TEST(HostileStrings, NeverReachTheTerminal) {
  for (bool prefixes : {false, true}) {
    Options options;
    options.fields = {"lv_all,vg_all,seg_all"};
    options.name_prefixes = prefixes;
    std::vector<std::string> lines = must_print(hostile_inventory(), options);
    EXPECT_EQ(lines.size(), std::size(kHostile) + 1);
    for (const std::string& line : lines)
      for (char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << line;
  }
}

TEST(HostileStrings, CannotLeaveTheQuotesOfNamePrefixes) {
  Options options;
  options.name_prefixes = true;
  options.headings = false;
  options.fields = {"lv_host"};
  for (const std::string& line : must_print(hostile_inventory(), options))
    EXPECT_EQ(std::count(line.begin(), line.end(), '\''), 2) << line;
}

TEST(JsonStd, HasNumbersListsAndNulls) {
  LogicalVolume lv = linear("root", 0, 2);
  lv.tags = {"b", "a"};
  Options options;
  options.format = Options::Format::JsonStd;
  options.units = *parse_units("b");
  options.units.suffix = false;
  options.fields = {"lv_name,lv_size,seg_count,data_percent,lv_tags,lv_role,lv_skip_activation,devices,lv_minor"};
  std::vector<std::string> lines = must_print(one_vg({lv}), options);
  EXPECT_EQ(lines.front(), "{");
  EXPECT_EQ(lines[3], "            \"lv\": [");
  json row = must_parse(lines)["report"][0]["lv"][0];
  EXPECT_EQ(row["lv_name"], "root");
  EXPECT_EQ(row["lv_size"], "8388608");
  EXPECT_EQ(row["seg_count"], 1);
  EXPECT_TRUE(row["data_percent"].is_null());
  EXPECT_EQ(row["lv_tags"], json::array({"a", "b"}));
  EXPECT_EQ(row["lv_role"], json::array({"public"}));
  EXPECT_EQ(row["lv_skip_activation"], 0);
  EXPECT_EQ(row["devices"], json::array({"/dev/sda(0)"}));
  EXPECT_EQ(row["lv_minor"], -1);
}

TEST(JsonStd, IsAnEmptyListWithoutRows) {
  Options options;
  options.format = Options::Format::JsonStd;
  EXPECT_EQ(must_parse(must_print({}, options)), json::parse(R"({"report":[{"lv":[]}]})"));
}

TEST(Fields, HaveNamesTheEngineCanHoldAndSayWhatTheyAre) {
  std::set<std::string> ids;
  for (const Field* field : all_fields()) {
    EXPECT_LT(std::string_view(field->id).size(), 32u);
    EXPECT_LT(std::string_view(field->heading).size(), 32u);
    EXPECT_GT(std::string_view(field->help).size(), 4u) << field->id;
    EXPECT_TRUE(ids.insert(field->id).second) << field->id;
    EXPECT_EQ(field->type == Type::Flag, *field->word != '\0') << field->id;
    EXPECT_GT(field->width, 0) << field->id;
  }
  EXPECT_EQ(ids.size(), 218u);
}

TEST(Fields, HaveAValueForALineWithoutAnything) {
  Row row;
  for (const Field* field : all_fields()) {
    Value value = field->value(row);
    EXPECT_TRUE(value.list.empty() || field->type == Type::TextList) << field->id;
  }
}

TEST(Fields, AreAllInTheHelp) {
  Options options;
  options.fields = {"help"};
  std::string help;
  for (const std::string& line : must_print({}, options)) help += line + "\n";
  for (const Field* field : all_fields())
    EXPECT_NE(help.find(std::string("  ") + field->id + " "), std::string::npos) << field->id;
  EXPECT_NE(help.find("Logical Volume Segment Fields"), std::string::npos);
}

TEST(Fields, AreFoundByAnyOfTheirNames) {
  for (const char* name : {"lv_name", "name", "LV_NAME", "lvname", "Name"}) {
    ASSERT_NE(find_field(name, Line::Lv), nullptr) << name;
    EXPECT_STREQ(find_field(name, Line::Lv)->id, "lv_name");
  }
  EXPECT_STREQ(find_field("name", Line::Vg)->id, "vg_name");
  EXPECT_STREQ(find_field("name", Line::Pv)->id, "pv_name");
  EXPECT_STREQ(find_field("size", Line::Segment)->id, "lv_size");
  EXPECT_EQ(find_field("nofield", Line::Lv), nullptr);
}

TEST(Columns, AreSetAddedToAndTakenFrom) {
  Options options;
  options.kind = Kind::Vgs;
  options.fields = {"vg_name,vg_size", "+vg_tags", "-Size", "#vg_tags"};
  EXPECT_EQ(columns(options).shown, "vg_name,vg_tags");
  EXPECT_EQ(columns(options).compact, "vg_tags");
  options.fields = {","};
  EXPECT_EQ(columns(options).shown, "");
  options.fields = {};
  options.default_fields = "vg_uuid";
  options.default_sort = "vg_uuid";
  EXPECT_EQ(columns(options).shown, "vg_uuid");
  EXPECT_EQ(columns(options).sort, "vg_uuid");
  options.sort = "-vg_name";
  EXPECT_EQ(columns(options).sort, "-vg_name");
}

TEST(Report, HidesEmptyColumnsWhenCompact) {
  Options options;
  options.compact = true;
  EXPECT_EQ(must_print(one_vg({linear("root", 0, 2)}), options).front(), "LV   VG Attr       LSize ");
}

TEST(Report, UsesTheTimeFormatAndTheListSeparator) {
  LogicalVolume lv = linear("root", 0, 1);
  lv.creation_time = 1700000000;
  lv.creation_host = "h";
  lv.tags = {"x", "y"};
  Options options;
  options.fields = {"lv_time,lv_tags"};
  options.time_format = "%s";
  options.list_item_separator = ";";
  options.separator = "|";
  options.headings = false;
  EXPECT_EQ(must_print(one_vg({lv}), options), std::vector<std::string>{"1700000000|x;y"});
}

TEST(Report, DoesNotAnswerWhatDoesNotAriseWithBinaryEither) {
  Options options;
  options.binary = true;
  options.fields = {"lv_skip_activation,lv_suspended,vdo_compression"};
  options.separator = "|";
  options.headings = false;
  EXPECT_THAT(must_print(one_vg({linear("l", 0, 1)}), options), testing::ElementsAre("0|-1|"));
}

TEST(Report, MarksHiddenLvsUnlessToldNotTo) {
  LogicalVolume hidden = linear("below", 0, 1), above = linear("above", 1, 1);
  hidden.status.set(LvFlag::Visible, false);
  above.segments[0].body = Striped{{0}, {LvArea{"below", {0}}}};
  Options options;
  options.all = true;
  options.fields = {"lv_name,seg_le_ranges"};
  options.separator = "|";
  options.headings = false;
  EXPECT_THAT(must_print(one_vg({hidden, above}), options),
              testing::ElementsAre("above|[below]:0-0", "[below]|/dev/sda:0-0"));
  options.values.mark_hidden_devices = false;
  EXPECT_THAT(must_print(one_vg({hidden, above}), options),
              testing::ElementsAre("above|below:0-0", "below|/dev/sda:0-0"));
}

TEST(Report, SaysWhichFieldIsUnknown) {
  Options options;
  options.fields = {"nofield"};
  auto lines = print({}, options);
  ASSERT_FALSE(lines.ok());
  EXPECT_EQ(lines.error().code(), Errc::InvalidArgument);
  EXPECT_EQ(lines.error().message(), "Unrecognised field: nofield");
  EXPECT_NE(fmt::format("{}", fmt::join(lines.error().notes(), "\n")).find("lv_size"), std::string::npos)
      << "the list of fields";
}

TEST(Report, HidesVgsOfOtherHostsUnlessAsked) {
  ops::Inventory inventory = one_vg({linear("root", 0, 1)});
  inventory.vgs[0].foreign = true;
  inventory.vgs[0].vg.system_id = "elsewhere";
  for (Kind kind : {Kind::Lvs, Kind::Vgs, Kind::Pvs}) {
    Options options;
    options.kind = kind;
    EXPECT_TRUE(must_print(inventory, options).empty());
    options.foreign = true;
    EXPECT_EQ(must_print(inventory, options).size(), 2u);
  }
  Options options;
  options.names = {"vg"};
  ASSERT_EQ(missing_names(inventory, options).size(), 1u);
  EXPECT_NE(missing_names(inventory, options)[0].find("elsewhere"), std::string::npos);
}

/// The engine's lines and those of the plain table, with a bar at each end.
void compare_with_engine(const ops::Inventory& inventory, Options options) {
  auto plain = print(inventory, options);
  options.engine_only = true;
  auto engine = print(inventory, options);
  ASSERT_EQ(plain.ok(), engine.ok());
  if (plain.ok()) {
    EXPECT_EQ(fmt::format("{}", fmt::join(*plain, "|\n")), fmt::format("{}", fmt::join(*engine, "|\n")));
  }
}

TEST(PlainTable, IsWhatTheEnginePrintsForEveryFieldInEveryLayout) {
  setenv("TZ", "UTC", 1);
  std::map<Object, std::string> every;
  for (const Field* field : all_fields())
    every[field->object] += (every[field->object].empty() ? "" : ",") + std::string(field->id);
  std::set<Object> printed;
  for (Kernel kernel : {Kernel::Unknown, Kernel::Active}) {
    ops::Inventory inventory = recorded_inventory(kernel);
    for (Kind kind : {Kind::Lvs, Kind::Vgs, Kind::Pvs}) {
      for (bool segments : {false, true}) {
        for (const auto& [object, fields] : every) {
          Options options{.kind = kind, .fields = {"+" + fields}, .all = true, .segments = segments, .foreign = true};
          compare_with_engine(inventory, options);
          options.headings = false;
          compare_with_engine(inventory, options);
          if (print(inventory, options).ok()) printed.insert(object);
        }
      }
    }
  }
  EXPECT_EQ(printed.size(), every.size()) << "of some object no report was made";
}

TEST(PlainTable, IsWhatTheEnginePrintsSortedByEachField) {
  setenv("TZ", "UTC", 1);
  ops::Inventory inventory = recorded_inventory(Kernel::Active);
  for (Kind kind : {Kind::Lvs, Kind::Vgs, Kind::Pvs}) {
    for (const Field* field : all_fields()) {
      // The engine sorts lists by what happens to lie behind them in memory, and the plain table leaves that to it.
      if (field->type == Type::TextList) continue;
      SCOPED_TRACE(field->id);
      for (bool segments : {false, true}) {
        Options options{.kind = kind, .fields = {field->id}, .all = true, .segments = segments, .foreign = true};
        options.headings = false;
        options.sort = std::string("-") + field->id;
        options.separator = ";";
        options.binary = true;
        compare_with_engine(inventory, options);
        options.sort = std::string(field->id) + ",vg_name,-lv_name";
        options.headings = options.aligned = true;
        compare_with_engine(inventory, options);
      }
    }
  }
}

TEST(PlainTable, IsNothingWithoutRowsLikeTheEngines) {
  compare_with_engine({}, {.kind = Kind::Lvs});
  compare_with_engine({}, {.kind = Kind::Pvs});
}

TEST(Report, TellsEachMissingNameOnce) {
  Options options;
  options.names = {"nope/a", "nope/b", "vg/nolv", "@notag", "vg/root"};
  EXPECT_EQ(missing_names(one_vg({linear("root", 0, 1)}), options),
            (std::vector<std::string>{"Volume group \"nope\" not found", "Failed to find logical volume \"vg/nolv\""}));
}

TEST(Report, SurvivesRelationsThatGoInCirclesOrNowhere) {
  LogicalVolume a = linear("a", 0, 1), b = linear("b", 1, 1), pool = linear("pool", 2, 1);
  a.segments[0].body = Foreign{"thin", "thin_pool = \"pool\"\norigin = \"b\"\n"};
  b.segments[0].body = Foreign{"thin", "thin_pool = \"pool\"\norigin = \"a\"\n"};
  pool.segments[0].body = Foreign{"thin-pool", "pool = \"pool\"\nmetadata = \"gone\"\n"};
  LogicalVolume cache = linear("cache", 3, 1);
  cache.segments[0].body = Foreign{"cache", "this is no metadata {{{"};
  LogicalVolume empty = linear("empty", 4, 1);
  empty.segments.clear();
  ops::Inventory inventory = one_vg({a, b, pool, cache, empty});
  inventory.vgs[0].pvs[0].missing = true;
  Options options;
  options.fields = {"lv_all,vg_all,seg_all"};
  options.all = true;
  EXPECT_GT(must_print(inventory, options).size(), 4u);
  options.fields = {"lv_name,lv_ancestors,lv_descendants,lv_parent"};
  options.separator = "|";
  options.headings = false;
  EXPECT_EQ(must_print(inventory, options)[0], "a|b,a|b,a|");
}

TEST(Report, GoesOverRemovedSnapshotsInTheFullAncestryAloneAndRoundNoCircle) {
  LogicalVolume root = linear("root", 0, 1), last = linear("last", 1, 1), lost = linear("lost", 2, 1);
  for (LogicalVolume* lv : {&root, &last, &lost}) lv->segments[0].body = Foreign{"thin", "thin_pool = \"pool\"\n"};
  ops::Inventory inventory = one_vg({root, last, lost});
  inventory.vgs[0].vg.historical =
      "second { origin = \"-first\"\n descendants = [\"last\", \"gone\"] }\n"
      "first { origin = \"root\"\n descendants = [\"-second\"] }\n"
      "round { origin = \"-and\"\n descendants = [\"lost\"] }\n"
      "and { origin = \"-round\" }\n";
  Options options;
  options.fields = {"lv_name,lv_ancestors,lv_full_ancestors,lv_descendants,lv_full_descendants"};
  options.separator = "|";
  options.headings = false;
  EXPECT_THAT(must_print(inventory, options), testing::ElementsAre("last||root||", "lost||||", "root||||last"));
}

RC_GTEST_PROP(Report, OfAnyNamesIsValidJsonWithARowForEach, (const std::vector<std::string>& names)) {
  std::vector<LogicalVolume> lvs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    LogicalVolume lv = linear(std::to_string(i) + names[i], i, 1);
    lv.tags = {names[i]};
    lvs.push_back(lv);
  }
  for (auto format : {Options::Format::Json, Options::Format::JsonStd}) {
    Options options;
    options.format = format;
    options.fields = {"lv_name,lv_tags,lv_full_name"};
    json document = must_parse(must_print(one_vg(lvs), options));
    RC_ASSERT(document["report"][0]["lv"].size() == names.size());
  }
}

}  // namespace
}  // namespace ashlar::report::test
