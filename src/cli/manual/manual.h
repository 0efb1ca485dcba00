// SPDX-License-Identifier: LGPL-2.1-or-later
// The manual: what stands in man pages beside names, arguments and options, which come from the command table, and
// settings, which come from theirs. `ashlar help --man` prints a page in the language of man(7).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace ashlar::cli {

/// Texts are paragraphs with an empty line between them; line breaks within one do not count. `code` is set apart, and
/// so are options (-y, --plan), which need no quotes. A paragraph that starts with "* " is an item of a list.
struct Manual {
  std::string_view command;
  std::string_view about;     ///< what it does, and what one should know before
  std::string_view examples;  ///< lines that start with two blanks are typed; the paragraph above says what for
  std::string_view see;       ///< names of related commands, and of other pages as "lvm.conf(5)"
};

/// Entries that belong together: a group in the overview. A file of this folder each.
struct Chapter {
  std::string_view title;
  std::span<const Manual> entries;
};
extern const Chapter kPvChapter, kVgChapter, kLvChapter, kChangeChapter, kSystemChapter;
std::span<const Chapter* const> chapters();

/// The entry of a command; null: it has none, which a test finds.
const Manual* find_manual(std::string_view command);

/// Names of the overview's page, ashlar(8), and of that of the settings, ashlar-lvm.conf(5), as `help --man` takes
/// them.
inline constexpr std::string_view kOverview = "ashlar", kSettings = "lvm.conf";

/// The pages. `time` is their date, in seconds since 1970.
std::string command_page(const Command& command, std::uint64_t time);
std::string overview_page(std::uint64_t time);
std::string settings_page(std::uint64_t time);

}  // namespace ashlar::cli
