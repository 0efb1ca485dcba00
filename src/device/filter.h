// SPDX-License-Identifier: LGPL-2.1-or-later
// devices/filter and devices/global_filter: lists of a|REGEX| and r|REGEX|. Source: docs/format.md 7.2.
// The regex dialect is libdevmapper's own, so that a filter means the same here as in LVM2.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashlar::device {

/// One regular expression, found anywhere in a text unless ^ or $ anchor it.
/// Matching builds the automaton as it goes: not for several threads at once.
class Regex {
 public:
  /// Errc::InvalidArgument with the pattern; the library's own complaint goes to the log.
  static Result<Regex> compile(std::string_view pattern);
  bool matches(const std::string& text) const;

 private:
  struct Compiled;
  struct Free {
    void operator()(Compiled* p) const;
  };
  explicit Regex(std::unique_ptr<Compiled, Free> compiled) : compiled_(std::move(compiled)) {}
  std::unique_ptr<Compiled, Free> compiled_;
};

class RegexFilter {
 public:
  RegexFilter() = default;  ///< accepts everything
  /// `setting` ("devices/filter") is for the message. No patterns: accepts everything.
  static Result<RegexFilter> compile(std::span<const std::string> patterns, std::string_view setting);

  struct Verdict {
    bool accepted = true;
    std::optional<std::size_t> name;     ///< which name a pattern accepted: it becomes the preferred one
    std::optional<std::size_t> pattern;  ///< which decided; none: no pattern matched
  };
  /// All names of one device. For each name the first pattern that matches decides; one accepted name accepts the
  /// device at once, whatever was rejected before; a device of which no name matches anything is accepted.
  Verdict judge(std::span<const std::string> names) const;
  /// A pattern as the setting has it: "r|^/dev/sd|".
  const std::string& pattern(std::size_t i) const { return patterns_[i].text; }

 private:
  struct Pattern {
    bool accepts;
    Regex regex;
    std::string text;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace ashlar::device
