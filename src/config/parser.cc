// SPDX-License-Identifier: LGPL-2.1-or-later
// One pass over the text with an explicit stack of open sections; what it keeps is in storage.h.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "config/document.h"
#include "config/lexer.h"
#include "config/section_reader.h"
#include "config/sibling_index.h"
#include "config/storage.h"

namespace ashlar::config {

namespace {

constexpr std::size_t kMaxDepth = 64;
/// Siblings that are searched one by one; those behind them are in the SiblingIndex.
constexpr std::uint32_t kNearSiblings = 16;

/// A section that takes children. `seen` has one bit for each name in it (some share a bit), so that a new name
/// is mostly known to be new without a search. A section entered again has all bits set.
struct Frame {
  std::uint32_t node = 0;
  std::uint32_t count = 0;  ///< children, counted up to kNearSiblings
  std::uint64_t seen = 0;
  std::size_t depth = 0;  ///< sections around it and itself, without the root
};

std::uint64_t name_bit(std::string_view key) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
  return std::uint64_t{1} << ((at(0) + 5U * at(key.size() / 2) + 3U * at(key.size() - 1) + key.size()) % 64);
}

}  // namespace

class Parser {
 public:
  Parser(Storage& doc, SectionReader* reader) : doc_(doc), lexer_(doc.text), index_(doc), reader_(reader) {}

  Status run() {
    doc_.nodes.push({0, 0, 0, /*is_section=*/1, 0, 0, 0, 0});
    open_.push_back({});
    while (true) {
      const Token token = lexer_.name();
      if (token.kind == Token::Kind::End) break;
      if (token.kind == Token::Kind::Close) {
        if (open_.size() == 1) return fail(token.at, "this } closes no section");
        open_.pop_back();
        continue;
      }
      if (token.kind != Token::Kind::Name && token.kind != Token::Kind::String) {
        return unexpected(token, "the name of a setting or section");
      }
      TRY(entry(token));
    }
    if (open_.size() == 1) return ok();
    const StoredNode& section = doc_.nodes[open_.back().node];
    return fail(line_offset(section), fmt::format("section {} has no closing }}", shown(doc_.key(section))));
  }

 private:
  /// A setting as a whole, or a section up to its brace.
  Status entry(const Token& token) {
    const Token next = lexer_.name();
    const bool is_section = next.kind == Token::Kind::Open;
    if (!is_section && next.kind != Token::Kind::Assign) {
      return unexpected(next, fmt::format("= or {{ after {}", shown(text_of(token))));
    }
    Span name{token.at, token.length, false};
    Frame* into = &open_.back();
    Frame inner;  // what `into` points at behind a path
    if (token.slash || token.kind == Token::Kind::String) name = TRY(descend(token, into, inner));
    if (name.length == 0) return fail(token.at, "the name of a setting or section is empty");
    if (name.length > kMaxKeyLength) return fail(token.at, "the name of a setting or section is too long");
    if (is_section) {
      if (reader_ != nullptr && token.kind == Token::Kind::Name && !token.slash && offered(text_of(token))) return ok();
      const Frame section = enter(*into, name, true);
      if (section.depth > kMaxDepth) return too_deep(token.at);
      open_.push_back(section);
      return ok();
    }
    return value(enter(*into, name, false).node);
  }

  /// Did the reader take the section whose brace was just read?
  bool offered(std::string_view name) {
    if (open_.size() != 3 || doc_.repeated) return false;
    if (top_ == 0) {
      for (std::uint32_t i = doc_.nodes[0].first; i != 0 && top_ == 0; i = doc_.nodes[i].next)
        if (doc_.nodes[i].is_section != 0) top_ = i;
    }
    if (open_[1].node != top_) return false;
    const std::uint32_t end =
        reader_->read(Node(&doc_, top_), Node(&doc_, open_[2].node), name, lexer_.text(), lexer_.position());
    if (end != 0) lexer_.go_to(end);
    return end != 0;
  }

  /// Enters the sections of the path in `token`; `into` then points at `inner`, the innermost. Returns the last name.
  Result<Span> descend(const Token& token, Frame*& into, Frame& inner) {
    std::string plain;
    if (token.escaped) plain = unescape(text_of(token));
    std::string_view path = token.escaped ? plain : text_of(token);
    std::uint32_t at = token.at;
    while (true) {
      const std::size_t slashes = std::min(path.find_first_not_of('/'), path.size());
      if (slashes == path.size() && !path.empty()) return fail(token.at, "a path ends in / without a name");
      path.remove_prefix(slashes);
      at += static_cast<std::uint32_t>(slashes);
      const std::size_t end = std::min(path.find('/'), path.size());
      Span name{at, static_cast<std::uint32_t>(end), false};
      if (token.escaped) {
        name.copied = true;
        name.at = copy(std::string(path.substr(0, end)), token.at);
      }
      if (end == path.size()) return name;
      if (name.length > kMaxKeyLength) return fail(token.at, "the name of a section is too long");
      inner = enter(*into, name, true);
      into = &inner;
      if (inner.depth > kMaxDepth) return too_deep(token.at);
      path.remove_prefix(end);
      at += static_cast<std::uint32_t>(end);
    }
  }

  /// The child of `frame` with this name, made if it is not there yet.
  Frame enter(Frame& frame, const Span& name, bool is_section) {
    const std::string_view key = doc_.bytes(name.at, name.length, name.copied);
    const std::uint64_t bit = name_bit(key);
    if ((frame.seen & bit) != 0) {
      const std::uint32_t found = search(frame, key, is_section);
      if (found != 0) {
        if (!doc_.repeated) doc_.repeated = name.copied ? doc_.copies[name.at].at : name.at;
        return {found, 0, ~std::uint64_t{0}, frame.depth + 1};
      }
    }
    const std::uint32_t added =
        doc_.nodes.push({name.at, name.length & kMaxKeyLength, name.copied, is_section, 0, 0, 0, 0});
    StoredNode& parent = doc_.nodes[frame.node];
    (parent.last != 0 ? doc_.nodes[parent.last].next : parent.first) = added;
    parent.last = added;
    if (frame.count == kNearSiblings) {
      index_.add(frame.node, added);
    } else {
      ++frame.count;
    }
    frame.seen |= bit;
    return {added, 0, 0, frame.depth + 1};
  }

  std::uint32_t search(Frame& frame, std::string_view key, bool is_section) {
    std::uint32_t count = 0;
    std::uint32_t child = doc_.nodes[frame.node].first;
    for (; child != 0 && count < kNearSiblings; ++count, child = doc_.nodes[child].next) {
      const StoredNode& node = doc_.nodes[child];
      if ((node.is_section != 0) == is_section && doc_.key(node) == key) return child;
    }
    frame.count = count;
    return child != 0 ? index_.find(frame.node, key, is_section) : 0;
  }

  /// Replaces the value of a repeated setting.
  Status value(std::uint32_t index) {
    const std::uint32_t first = doc_.scalars.size();
    const bool date = doc_.key(doc_.nodes[index]) == "creation_time";
    Token token = lexer_.value();
    const bool is_list = token.kind == Token::Kind::ListOpen;
    if (is_list) {
      TRY(list(date));
    } else {
      TRY(scalar(token, date, "a value"));
    }
    StoredNode& node = doc_.nodes[index];
    node.is_array = is_list;
    node.first = first;
    node.last = doc_.scalars.size() - first;
    return ok();
  }

  Status list(bool date) {
    Token token = lexer_.value();
    while (token.kind != Token::Kind::ListClose) {
      TRY(scalar(token, date, "a value in the list or ]"));
      token = lexer_.name();
      if (token.kind == Token::Kind::Comma) {
        token = lexer_.value();
      } else if (token.kind != Token::Kind::ListClose && token.kind != Token::Kind::String) {
        return unexpected(token, "a comma or ] in the list");
      }
    }
    return ok();
  }

  Status scalar(const Token& token, bool date, const char* expected) {
    if (token.length > kMaxKeyLength) return fail(token.at, "the value of a setting is too long");
    StoredScalar stored{token.at, token.length & kMaxKeyLength, token.escaped, 0};
    Scalar::Kind kind = Scalar::Kind::Integer;
    switch (token.kind) {
      case Token::Kind::Integer:
        // 18 digits always fit. LVM2 once wrote dates that do not (docs/format.md 3.1).
        if (token.length > 18 && !date && !read_integer(text_of(token))) return too_large(token);
        break;
      case Token::Kind::Float:
        kind = Scalar::Kind::Float;
        if (!read_float(text_of(token))) return too_large(token);
        break;
      case Token::Kind::String:
        kind = Scalar::Kind::String;
        if (token.escaped) stored.at = copy(unescape(text_of(token)), token.at);
        break;
      case Token::Kind::Bare:
        kind = Scalar::Kind::Bare;
        break;
      default:
        return unexpected(token, expected);
    }
    stored.kind = static_cast<unsigned>(kind) & 3U;
    doc_.scalars.push(stored);
    return ok();
  }

  std::uint32_t copy(std::string text, std::uint32_t at) {
    doc_.copies.push_back({std::move(text), at});
    return static_cast<std::uint32_t>(doc_.copies.size() - 1);
  }

  std::string_view text_of(const Token& token) const { return doc_.text.substr(token.at, token.length); }
  std::uint32_t line_offset(const StoredNode& node) const {
    return node.key_copied != 0 ? doc_.copies[node.key_at].at : node.key_at;
  }

  static std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 40;
    return fmt::format("\"{}{}\"", printable(text.substr(0, kMost)), text.size() > kMost ? "..." : "");
  }
  Error fail(std::uint32_t at, std::string_view what) const {
    return Error(Errc::Corrupt, fmt::format("{}:{}: {}", doc_.source, doc_.line_at(at), what));
  }
  Error unexpected(const Token& token, std::string_view expected) const {
    if (token.kind == Token::Kind::Bad) return fail(token.at, token.problem);
    if (token.kind == Token::Kind::End)
      return fail(token.at, fmt::format("expected {}, but the text ends here", expected));
    return fail(token.at, fmt::format("expected {}, found {}", expected, shown(text_of(token))));
  }
  Error too_large(const Token& token) const {
    return fail(token.at, fmt::format("the number {} is out of range", shown(text_of(token))));
  }
  Error too_deep(std::uint32_t at) const {
    return fail(at, fmt::format("sections nest deeper than {} levels", kMaxDepth));
  }

  Storage& doc_;
  Lexer lexer_;
  SiblingIndex index_;
  SectionReader* reader_;
  std::uint32_t top_ = 0;    ///< the first section of the file, once it is known
  std::vector<Frame> open_;  ///< the root and the sections around the current place
};

Result<Document> Document::parse(std::string text, std::string source) {
  auto storage = std::make_unique<Storage>();
  storage->owned = std::move(text);
  storage->text = storage->owned;
  storage->source = std::move(source);
  return parse(std::move(storage), nullptr);
}

Result<Document> Document::view(const std::string& text, std::string source, SectionReader* reader) {
  auto storage = std::make_unique<Storage>();
  storage->text = text;
  storage->source = std::move(source);
  return parse(std::move(storage), reader);
}

Result<Document> Document::parse(std::unique_ptr<Storage> storage, SectionReader* reader) {
  if (storage->text.size() >= std::numeric_limits<std::uint32_t>::max()) {
    return Error(Errc::Corrupt, storage->source + ": a text of 4 GiB or more is not taken");
  }
  TRY(Parser(*storage, reader).run());
  return Document(std::move(storage));
}

}  // namespace ashlar::config
