// SPDX-License-Identifier: LGPL-2.1-or-later
// Tokens of the grammar in document.h. The caller says whether a word is a value or a name where it stands,
// because the grammar does: `5a` is a name, but the value 5 followed by the name `a`. Private to src/config.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashlar::config {

struct Token {
  enum class Kind : std::uint8_t {
    End,
    Open,
    Close,
    ListOpen,
    ListClose,
    Comma,
    Assign,
    Integer,
    Float,
    String,
    Bare,
    Name,
    Bad
  };
  Kind kind = Kind::End;
  bool escaped = false;           ///< String: holds backslashes that unescape() must take out
  bool slash = false;             ///< Name: holds a '/'; a String may without saying so
  std::uint32_t at = 0;           ///< offset of the first byte; of a String behind its quote
  std::uint32_t length = 0;       ///< bytes; of a String without its quotes
  const char* problem = nullptr;  ///< Bad: what is wrong, for people
};

class Lexer {
 public:
  /// `text` is shorter than 4 GiB and followed by a NUL, or has one in it; that is where it ends.
  explicit Lexer(std::string_view text);

  Token name();   ///< where a name, or anything but a value, may stand
  Token value();  ///< behind '=', '[' and ','

  std::string_view text() const { return {begin_, static_cast<std::size_t>(end_ - begin_)}; }  ///< up to its end
  std::uint32_t position() const { return offset(at_); }
  void go_to(std::uint32_t at) { at_ = begin_ + at; }

 private:
  void skip_blank();
  bool mark(Token& token);
  Token word(Token::Kind kind);
  Token number();
  Token string(char quote);
  std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }

  const char* begin_;
  const char* at_;
  const char* end_;  ///< points at a NUL
};

/// `text` with \" as " and \\ as \; before any other character a backslash stays, as in the pattern "a|x\.y|".
std::string unescape(std::string_view text);

/// An integer token as 64 bits, octal with a leading 0; nothing if it does not fit.
std::optional<std::int64_t> read_integer(std::string_view token);
/// A float token; nothing if it is out of a double's range.
std::optional<double> read_float(std::string_view token);

}  // namespace ashlar::config
