// SPDX-License-Identifier: LGPL-2.1-or-later
// One grammar serves lvm.conf, profiles, --config, VG metadata, archives and backups:
//
//   file    := node*
//   node    := name "{" node* "}"              a section
//            | name "=" value                  a setting
//   name    := identifier | "string" | 'string'
//   value   := scalar | "[" [scalar ([","] scalar)* [","]] "]"
//   scalar  := integer | float | "string" | 'string' | bare
//
// '#' starts a comment wherever a token may start. The text ends at its end or at a NUL. After '=', '[' and ','
// a word is a value, elsewhere a name; so in a list only a quoted string may follow without a comma, and a bare
// word there runs until white space. In "..." only \" and \\ lose their backslash. `a/b = 1` is `a { b = 1 }`; repeated
// sections merge; of a repeated setting the last value counts, in the place of the first. Source: docs/format.md 3.1.
//
// Stricter than LVM2 where that would silently read something else than what is written: an unterminated string
// (LVM2: an empty one), a number without digits (0), an octal number with an 8 or 9 (cut before it), an empty
// name in a path ("a/ = 1").
// Limits against hostile input: 4 GiB of text, 64 levels of sections, linear time, memory below 16x the text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashlar::config {

class Document;
class SectionReader;
class Storage;

/// One scalar as it stood in the text. Integers are 64-bit signed, decimal, or octal with a leading 0.
struct Scalar {
  enum class Kind : std::uint8_t { Integer, Float, String, Bare };
  Kind kind = Kind::Integer;
  std::int64_t integer = 0;  ///< Kind::Integer
  double real = 0;           ///< Kind::Float
  std::string_view text;     ///< String and Bare: the value, unescaped; else the token. Lives as long as the Document
};

/// A cursor on one node of a Document: cheap to copy, valid while the Document lives (moving it is fine).
class Node {
 public:
  Node() = default;  ///< empty()
  std::string_view key() const;
  bool is_section() const;  ///< false for empty(), as is_array()
  bool is_array() const;    ///< a setting whose value is [...]
  int line() const;         ///< 1-based line of the key, for messages

  Node first_child() const;  ///< of a section; empty() if none
  Node next() const;         ///< the next sibling; empty() if none
  bool empty() const { return doc_ == nullptr; }
  explicit operator bool() const { return !empty(); }

  /// First child with this key that is a setting (find) or a section (section); empty() if none.
  Node find(std::string_view key) const;
  Node section(std::string_view key) const;
  /// The same down a path, "devices/filter": a setting or, if there is none, a section; empty() if neither.
  Node find_path(std::string_view path) const;

  /// Scalars of a setting: exactly one unless is_array(). Empty for a section.
  std::size_t size() const;
  Scalar at(std::size_t i) const;
  int line(std::size_t i) const;  ///< of that scalar

  /// The whole value as one kind, or nothing if it is something else.
  std::optional<std::int64_t> integer() const;
  std::optional<std::uint64_t> unsigned_integer() const;  ///< nothing if negative
  std::optional<std::string_view> string() const;         ///< String or Bare scalar

  /// Range-for over the children of a section.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class Document;
  friend class Parser;
  Node(const Storage* doc, std::uint32_t index) : doc_(doc), index_(index) {}
  const Storage* doc_ = nullptr;
  std::uint32_t index_ = 0;
};

class Node::Iterator {
 public:
  explicit Iterator(Node node) : node_(node) {}
  Node operator*() const { return node_; }
  Iterator& operator++() {
    node_ = node_.next();
    return *this;
  }
  bool operator!=(const Iterator& other) const {
    return node_.doc_ != other.node_.doc_ || node_.index_ != other.node_.index_;
  }

 private:
  Node node_;
};

/// A parsed text. Owns it, unless made by view(): keys and strings are views into it.
class Document {
 public:
  /// `source` names the text in messages ("/etc/lvm/lvm.conf", "mda 1 of /dev/sdb"); an error says
  /// "SOURCE:LINE: what was found and what was expected" with Errc::Corrupt.
  static Result<Document> parse(std::string text, std::string source);
  /// The same of a text that outlives the Document; `reader`, if any, is offered the sections two levels down.
  static Result<Document> view(const std::string& text, std::string source, SectionReader* reader = nullptr);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Node root() const;  ///< a section without a key
  const std::string& source() const;

  Node find_path(std::string_view path) const { return root().find_path(path); }

  /// The line of the first name that its section had already, as a setting or as a section; 0: none. For texts in
  /// which nothing may stand twice, such as metadata.
  int repeated_line() const;

 private:
  explicit Document(std::unique_ptr<Storage> storage);
  static Result<Document> parse(std::unique_ptr<Storage> storage, SectionReader* reader);
  std::unique_ptr<Storage> storage_;
};

/// `text` (without NULs) in double quotes with " and \ escaped: what the parser reads back as the same bytes.
/// Call it qualified, config::quoted: the standard iomanip has one of the same name that a std::string finds first.
std::string quoted(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

/// Is `text` read as one name without quotes?
bool is_plain_name(std::string_view text);

/// `node` itself as compact text: "key=value\n", or "key {\n", its children with a tab before each line, "}\n".
/// Numbers and bare words stay as they were written. Keeps a key that Ashlar does not know.
std::string print_entry(Node node);
void append_printed(std::string& out, Node node);

/// The children of a section (or of the root), one print_entry after the other; of a setting its print_entry.
/// parse(print(x)) is x.
std::string print(Node node);

}  // namespace ashlar::config
