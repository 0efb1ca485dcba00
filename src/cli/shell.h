// SPDX-License-Identifier: LGPL-2.1-or-later
// `lvm` without a command: command lines one after the other, from a person or a script.
#pragma once

#include "cli/command.h"
#include "cli/complete.h"

namespace ashlar::cli {

/// Runs the lines that program.read_line gives until quit, exit or the end; lines without a word are passed over. The
/// status is that of the last command.
int shell(const Program& program);

/// `path` as a script: the lines of a file whose first one starts with "#!", up to the first that fails, whose status
/// it is. Nothing if there is no such file, or the path is a bare word: that is a command with a slip of the pen in it,
/// and what lies in the current directory is not carried out for it.
std::optional<int> run_script(const std::string& path, const Program& program);

/// Words of a line: 'single' and "double" quotes keep blanks, a backslash keeps the next character (not in single
/// quotes). A # where a word would begin ends the line, also right behind a word in quotes, as in LVM2's shell.
/// Errc::InvalidArgument for a quote that is not closed.
Result<std::vector<std::string>> split_line(std::string_view line);

/// What the word that starts at `from` of the line may become; without `find` no names of what is on this machine.
std::vector<std::string> completions(std::string_view line, std::size_t from, const FindNames& find = {});

}  // namespace ashlar::cli
