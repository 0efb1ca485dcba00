// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines for the shell: with editing, history and completion on a terminal, as they come otherwise.
#pragma once

#include <optional>
#include <string>

#include "cli/complete.h"

namespace ashlar::cli {

/// `on_terminal`: show the prompt, let the line be edited, with the names that `find` finds. Nothing at the end of
/// input.
std::optional<std::string> read_shell_line(const std::string& prompt, bool on_terminal, const FindNames& find);

}  // namespace ashlar::cli
