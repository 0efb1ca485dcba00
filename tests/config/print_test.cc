// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "config/document.h"

namespace ashlar::config {
namespace {

/// What a text means, built beside the parser: a setting has `values`, a section `children`.
struct Value {
  Scalar::Kind kind = Scalar::Kind::Integer;
  std::string text;  ///< the value of a string, the token of anything else
  bool operator==(const Value&) const = default;
};
struct Entry {
  std::string key;
  bool is_section = false;
  bool is_array = false;
  std::vector<Value> values;
  std::vector<Entry> children;
  bool operator==(const Entry&) const = default;
};

void showValue(const Entry& entry, std::ostream& out) {
  out << '<' << entry.key << (entry.is_array ? "[]" : "");
  for (const Value& value : entry.values) out << " (" << static_cast<int>(value.kind) << ' ' << value.text << ')';
  for (const Entry& child : entry.children) showValue(child, out);
  out << '>';
}

Entry entry_of(Node node) {
  Entry entry{std::string(node.key()), node.is_section(), node.is_array(), {}, {}};
  for (std::size_t i = 0; i < node.size(); ++i) entry.values.push_back({node.at(i).kind, std::string(node.at(i).text)});
  for (const Node child : node) entry.children.push_back(entry_of(child));
  return entry;
}

/// Bytes that matter to the lexer, and some that do not.
rc::Gen<std::string> any_text() {
  return rc::gen::container<std::string>(rc::gen::weightedOneOf<char>({
      {8, rc::gen::inRange<char>('a', 'z')},
      {4, rc::gen::elementOf(std::string("\"'\\#={}[], \t\n/.+-0189"))},
      {1, rc::gen::map(rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); })},
  }));
}
rc::Gen<std::string> any_key() {
  return rc::gen::map(any_text(), [](std::string key) {
    std::erase(key, '/');  // always a path
    return key.empty() ? std::string("k") : key;
  });
}
rc::Gen<Value> any_value() {
  const auto of = [](Scalar::Kind kind) { return [kind](std::string text) { return Value{kind, std::move(text)}; }; };
  const auto integer =
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return std::to_string(n); });
  const auto octal = rc::gen::map(rc::gen::inRange(0, 4096), [](int n) {
    std::ostringstream out;
    out << '0' << std::oct << n;
    return out.str();
  });
  const auto real = rc::gen::map(rc::gen::pair(rc::gen::inRange(-999, 999), rc::gen::inRange(0, 9999)), [](auto parts) {
    return std::to_string(parts.first) + "." + std::to_string(parts.second);
  });
  return rc::gen::oneOf(rc::gen::map(integer, of(Scalar::Kind::Integer)),
                        rc::gen::map(octal, of(Scalar::Kind::Integer)), rc::gen::map(real, of(Scalar::Kind::Float)),
                        rc::gen::map(any_text(), of(Scalar::Kind::String)),
                        rc::gen::map(rc::gen::element<std::string>("auto", "y,n", "x\"y", "@*", "/dev/sda", "n]"),
                                     of(Scalar::Kind::Bare)));
}

rc::Gen<std::vector<Entry>> any_entries(int depth);

rc::Gen<Entry> any_entry(int depth) {
  return rc::gen::exec([depth] {
    Entry entry;
    entry.key = *any_key();
    entry.is_section = depth < 4 && *rc::gen::weightedElement<bool>({{1, true}, {3, false}});
    if (entry.is_section) {
      entry.children = *any_entries(depth + 1);
    } else {
      entry.is_array = *rc::gen::arbitrary<bool>();
      entry.values =
          entry.is_array ? *rc::gen::container<std::vector<Value>>(any_value()) : std::vector<Value>{*any_value()};
    }
    return entry;
  });
}
/// Each name at most once of a kind, since the parser merges the rest.
rc::Gen<std::vector<Entry>> any_entries(int depth) {
  return rc::gen::exec([depth] {
    std::vector<Entry> entries;
    std::set<std::pair<std::string, bool>> names;
    const int count = *rc::gen::inRange(0, depth == 0 ? 40 : 6);
    for (int i = 0; i < count; ++i) {
      Entry entry = *any_entry(depth);
      if (names.insert({entry.key, entry.is_section}).second) entries.push_back(std::move(entry));
    }
    return entries;
  });
}

/// The same meaning as a person might have written it: blanks and comments in all places, either quote.
std::string written(const std::vector<Entry>& entries) {
  const auto blank = [] { return *rc::gen::element<std::string>(" ", "\n", "\t", " # c = [\n"); };
  const auto in_quotes = [](const std::string& text) {
    const bool single = text.find('\'') == std::string::npos && *rc::gen::arbitrary<bool>();
    return single ? "'" + text + "'" : config::quoted(text);
  };
  std::string out;
  for (const Entry& entry : entries) {
    out += blank() + in_quotes(entry.key) + blank();
    if (entry.is_section) {
      out += "{" + written(entry.children) + "}";
      continue;
    }
    out += "=" + blank() + (entry.is_array ? "[" : "");
    for (std::size_t i = 0; i < entry.values.size(); ++i) {
      const Value& value = entry.values[i];
      out += blank() + (value.kind == Scalar::Kind::String ? in_quotes(value.text) : value.text) + blank();
      if (i + 1 < entry.values.size() || (entry.is_array && *rc::gen::arbitrary<bool>())) out += ",";
    }
    out += entry.is_array ? "]" : "";
  }
  return out;
}

RC_GTEST_PROP(Print, TextMeansWhatItsWriterMeant, ()) {
  const std::vector<Entry> entries = *any_entries(0);
  const std::string text = written(entries);
  const Result<Document> document = Document::parse(text, "generated");
  RC_ASSERT(document.ok());
  RC_ASSERT(entry_of(document->root()).children == entries);
}

RC_GTEST_PROP(Print, PrintedTextParsesToTheSameTree, ()) {
  const std::vector<Entry> entries = *any_entries(0);
  const Result<Document> document = Document::parse(written(entries), "generated");
  RC_ASSERT(document.ok());
  const std::string text = print(document->root());
  const Result<Document> again = Document::parse(text, "printed");
  RC_ASSERT(again.ok());
  RC_ASSERT(entry_of(again->root()).children == entries);
  RC_ASSERT(print(again->root()) == text);
  for (const Node child : document->root()) {
    const Result<Document> alone = Document::parse(print_entry(child), "entry");
    RC_ASSERT(alone.ok());
    RC_ASSERT(entry_of(alone->root().first_child()) == entry_of(child));
    RC_ASSERT(alone->root().first_child().next().empty());
  }
}

RC_GTEST_PROP(Print, QuotedTextReadsBackAsTheSameBytes, ()) {
  const std::string text = *any_text();
  const Result<Document> document = Document::parse("a=" + config::quoted(text), "quoted");
  RC_ASSERT(document.ok());
  RC_ASSERT(document->root().find("a").string() == text);
}

TEST(Print, WritesEntriesCompactlyWithTabsForDepth) {
  const Result<Document> document = Document::parse("s { n = 010 t { l = [ \"a\", 1, bare ] } }", "text");
  ASSERT_TRUE(document.ok());
  const Node section = document->root().section("s");
  EXPECT_EQ(print(section), "n=010\nt {\n\tl=[\"a\",1,bare ]\n}\n");
  EXPECT_EQ(print_entry(section), "s {\n\tn=010\n\tt {\n\t\tl=[\"a\",1,bare ]\n\t}\n}\n");
  EXPECT_EQ(print(section.find("n")), "n=010\n");
  EXPECT_EQ(print(document->root()), print_entry(section));
}

TEST(Print, KeepsAnUnreadableCreationTimeAsItWas) {
  const Result<Document> document = Document::parse("creation_time=99999999999999999999", "text");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(print(document->root()), "creation_time=99999999999999999999\n");
}

}  // namespace
}  // namespace ashlar::config
