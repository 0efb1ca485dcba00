// SPDX-License-Identifier: LGPL-2.1-or-later
// etc/lvm.conf.example is printed from the table of settings. After a change of the table write it anew:
//   ASHLAR_WRITE_EXAMPLE=1 build/dev/tests/test_config --gtest_filter='ExampleFile.*'
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "config/settings.h"
#include "support/data_file.h"

namespace ashlar::config {
namespace {

std::filesystem::path example_path() { return test::source_path("etc/lvm.conf.example"); }

/// The example with the '#' taken from every setting, as its own head tells the user to do.
std::string uncommented(const std::string& example) {
  std::istringstream in(example);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const std::string key = line.starts_with("\t# ") ? line.substr(3, line.find(' ', 3) - 3) : "";
    const bool is_setting = !key.empty() && line.compare(3 + key.size(), 3, " = ") == 0;
    out += (is_setting ? line.substr(3) : line) + "\n";
  }
  return out;
}

TEST(ExampleFile, IsTheTableOfSettings) {
  if (std::getenv("ASHLAR_WRITE_EXAMPLE") != nullptr) {
    std::filesystem::create_directories(example_path().parent_path());
    std::ofstream(example_path(), std::ios::binary) << example_file();
  }
  std::ifstream in(example_path(), std::ios::binary);
  ASSERT_TRUE(in) << "cannot read " << example_path();
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(text.str() == example_file())
      << example_path() << " is not what the table prints; write it anew as the head of " << __FILE__ << " says";
}

TEST(ExampleFile, ChangesNothingAsItStands) {
  const Result<Document> document = Document::parse(example_file(), "example");
  ASSERT_TRUE(document.ok()) << document.error().message();
  for (const Node section : document->root()) EXPECT_TRUE(section.first_child().empty()) << section.key();
}

TEST(ExampleFile, ShowsEachSettingWithItsDefault) {
  Result<Document> document = Document::parse(uncommented(example_file()), "example");
  ASSERT_TRUE(document.ok()) << document.error().message();
  Settings shown;
  const Document& there = *document;
  std::vector<const Setting*> rows;
  for (const auto section : setting_sections()) {
    for (const Setting& row : section)
      if (!row.is_section() && !row.is_deprecated() && row.path.find('<') == std::string_view::npos)
        rows.push_back(&row);
  }
  for (const Setting* row : rows) EXPECT_FALSE(there.find_path(row->path).empty()) << row->path;
  shown.add_layer(std::move(document).value());
  EXPECT_THAT(shown.check(), ::testing::IsEmpty());
  const Settings defaults;
  for (const Setting* row : rows) {
    EXPECT_TRUE(shown.is_set(row->path)) << row->path;
    if (row->is(kUnset)) continue;
    if (std::holds_alternative<bool>(row->initial)) {
      EXPECT_EQ(shown.flag(row->path), defaults.flag(row->path)) << row->path;
    }
    if (std::holds_alternative<std::int64_t>(row->initial)) {
      EXPECT_EQ(shown.number(row->path), defaults.number(row->path)) << row->path;
    }
    if (std::holds_alternative<std::string_view>(row->initial)) {
      EXPECT_EQ(shown.text(row->path), defaults.text(row->path)) << row->path;
    }
    if (std::holds_alternative<Words>(row->initial)) {
      EXPECT_EQ(shown.list(row->path), defaults.list(row->path)) << row->path;
    }
  }
}

TEST(ExampleFile, FitsATerminal) {
  std::istringstream in(example_file());
  for (std::string line; std::getline(in, line);) {
    if (line.find(" = ") != std::string::npos) continue;
    EXPECT_LE(line.size(), 110U) << line;
  }
}

TEST(PrintValue, WritesWhatTheParserReads) {
  constexpr std::string_view kTwo[] = {"a", "b"};
  EXPECT_EQ(print_value(true), "1");
  EXPECT_EQ(print_value(std::int64_t{-3}), "-3");
  EXPECT_EQ(print_value(std::string_view("a\"b")), "\"a\\\"b\"");
  EXPECT_EQ(print_value(kTwo), "[ \"a\", \"b\" ]");
  EXPECT_EQ(print_value(kNothing), "[]");
}

}  // namespace
}  // namespace ashlar::config
