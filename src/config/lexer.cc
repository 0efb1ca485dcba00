// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <system_error>

#include "config/document.h"

namespace ashlar::config {
namespace {

constexpr std::uint8_t kSpace = 1;
constexpr std::uint8_t kEndsWord = 2;
constexpr std::uint8_t kDigit = 4;
constexpr std::uint8_t kSlash = 8;
constexpr std::uint8_t kMark = 16;  ///< a token of its own, or the start of a quoted one, where a token starts

constexpr std::array<std::uint8_t, 256> make_classes() {
  using namespace std::string_view_literals;
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) {
      std::uint8_t& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  add(" \t\n\v\f\r"sv, kSpace | kEndsWord);
  add("\0#={}"sv, kEndsWord | kMark);
  add("[],\"'"sv, kMark);
  add("0123456789"sv, kDigit);
  add("/"sv, kSlash);
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return (class_of(c) & kDigit) != 0; }

std::string_view without_plus(std::string_view token) {
  if (!token.empty() && token.front() == '+') token.remove_prefix(1);
  return token;
}

}  // namespace

Lexer::Lexer(std::string_view text) : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {
  if (const void* nul = std::memchr(begin_, '\0', text.size())) end_ = static_cast<const char*>(nul);
}

void Lexer::skip_blank() {
  while (true) {
    while ((class_of(*at_) & kSpace) != 0) ++at_;
    if (*at_ != '#') return;
    const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
    at_ = newline != nullptr ? static_cast<const char*>(newline) : end_;
  }
}

/// Tokens that are the same in both positions; false leaves the token to the caller.
bool Lexer::mark(Token& token) {
  skip_blank();
  if ((class_of(*at_) & kMark) == 0) return false;
  switch (*at_) {
    case '\0':
      token.kind = Token::Kind::End;
      break;
    case '{':
      token.kind = Token::Kind::Open;
      break;
    case '}':
      token.kind = Token::Kind::Close;
      break;
    case '[':
      token.kind = Token::Kind::ListOpen;
      break;
    case ']':
      token.kind = Token::Kind::ListClose;
      break;
    case ',':
      token.kind = Token::Kind::Comma;
      break;
    case '=':
      token.kind = Token::Kind::Assign;
      break;
    default:
      token = string(*at_);
      return true;
  }
  token.at = offset(at_);
  if (token.kind != Token::Kind::End) {
    token.length = 1;
    ++at_;
  }
  return true;
}

Token Lexer::name() {
  Token token;
  return mark(token) ? token : word(Token::Kind::Name);
}

Token Lexer::value() {
  Token token;
  if (mark(token)) return token;
  if (is_digit(*at_) || *at_ == '-' || *at_ == '+' || *at_ == '.') return number();
  return word(Token::Kind::Bare);
}

Token Lexer::word(Token::Kind kind) {
  Token token{.kind = kind, .at = offset(at_)};
  std::uint8_t seen = 0;
  while ((class_of(*at_) & kEndsWord) == 0) seen = static_cast<std::uint8_t>(seen | class_of(*at_++));
  token.slash = (seen & kSlash) != 0;
  token.length = offset(at_) - token.at;
  return token;
}

Token Lexer::number() {
  Token token{.kind = Token::Kind::Integer, .at = offset(at_)};
  if (*at_ == '-' || *at_ == '+') ++at_;
  const char* digits = at_;
  while (is_digit(*at_)) ++at_;
  std::size_t count = static_cast<std::size_t>(at_ - digits);
  if (*at_ == '.') {
    token.kind = Token::Kind::Float;
    ++at_;
    while (is_digit(*at_)) ++at_;
    count = static_cast<std::size_t>(at_ - digits) - 1;  // without the point
  } else if (count > 1 && *digits == '0' && std::any_of(digits, at_, [](char c) { return c > '7'; })) {
    token.kind = Token::Kind::Bad;
    token.problem = "a number with a leading 0 is octal and has only the digits 0 to 7";
  }
  if (count == 0) {
    token.kind = Token::Kind::Bad;
    token.problem = "a number needs at least one digit";
  }
  token.length = offset(at_) - token.at;
  return token;
}

Token Lexer::string(char quote) {
  Token token{.kind = Token::Kind::String, .at = offset(at_ + 1)};
  const char* start = at_ + 1;
  const char* close = static_cast<const char*>(std::memchr(start, quote, static_cast<std::size_t>(end_ - start)));
  if (close != nullptr && quote == '"') {
    const void* backslash = std::memchr(start, '\\', static_cast<std::size_t>(close - start));
    if (backslash != nullptr) {
      token.escaped = true;
      close = static_cast<const char*>(backslash);
      while (close < end_ && *close != '"') close += *close == '\\' ? 2 : 1;
      if (close >= end_) close = nullptr;
    }
  }
  if (close == nullptr) {
    at_ = end_;
    token.kind = Token::Kind::Bad;
    token.problem = "the string that starts here has no closing quote";
    token.length = offset(end_) - token.at;
    return token;
  }
  token.length = offset(close) - token.at;
  at_ = close + 1;
  return token;
}

std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (pair) ++i;
    plain += text[i];
  }
  return plain;
}

std::optional<std::int64_t> read_integer(std::string_view token) {
  token = without_plus(token);
  const bool octal = token.starts_with("0") || token.starts_with("-0");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value, octal ? 8 : 10);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

std::optional<double> read_float(std::string_view token) {
  token = without_plus(token);
  double value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

bool is_plain_name(std::string_view text) {
  if (text.empty() || (class_of(text.front()) & kMark) != 0) return false;
  return std::none_of(text.begin(), text.end(), [](char c) { return (class_of(c) & (kEndsWord | kSlash)) != 0; });
}

}  // namespace ashlar::config
