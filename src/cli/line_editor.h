// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines for the shell: with editing, history and completion on a terminal, as they come otherwise.
#pragma once

#include <optional>
#include <string>

namespace ashlar::cli {

/// `on_terminal`: show the prompt, let the line be edited. Nothing at the end of input.
std::optional<std::string> read_shell_line(const std::string& prompt, bool on_terminal);

}  // namespace ashlar::cli
