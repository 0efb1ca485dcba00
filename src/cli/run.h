// SPDX-License-Identifier: LGPL-2.1-or-later
// A command line in, an exit status out. main() gives it the process; tests give it fakes.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace ashlar::cli {

/// Exit statuses, as LVM2's.
enum class Exit { Ok = 0, NoSuchCommand = 2, BadCommandLine = 3, InitFailed = 4, Failed = 5 };

/// `args[0]` is the name the program was called by: "ashlar", "lvm", or a command's.
int run(std::vector<std::string> args, const Program& program);

/// The same without the program's name: "lvs", "-a". `caller`: what stands before a command, "lvm " or nothing in the
/// shell.
int run_words(std::vector<std::string> words, const std::string& caller, const Program& program);

/// What the common options say of the System.
Result<ops::SystemOptions> system_options(const Command& command, const Args& args);

/// Errc to exit status: one table.
Exit exit_status(Errc code);

}  // namespace ashlar::cli
