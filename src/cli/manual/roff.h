// SPDX-License-Identifier: LGPL-2.1-or-later
// Text in the language of man(7).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cli/option.h"

namespace ashlar::cli::roff {

/// As typed: nothing in it means anything, and hyphens can be copied.
std::string plain(std::string_view text);
std::string bold(std::string_view text);
/// A sentence of the manual or of a table: `code`, and options like --plan, are bold.
std::string sentence(std::string_view text);
/// What stands for arguments: "VG [PV[:RANGE]...]", "y|n", "Size[m]". Words with a capital are italic, others bold.
std::string arguments(std::string_view text);
/// Paragraphs of a Manual, or its examples.
std::string paragraphs(std::string_view text);
/// "lvcreate" is "ashlar-lvcreate(8)"; names with a section are of settings, or stay as they are.
std::string reference(std::string_view name);
/// A row as an item of a list.
std::string option(const Option& option);

/// The first lines of the page `name` of a section of the manual.
std::string head(std::string_view name, int section, std::uint64_t time, std::string_view purpose);
/// .SH
std::string heading(std::string_view title);
/// .TP: what, and what it is.
std::string item(std::string_view term, std::string_view text);

}  // namespace ashlar::cli::roff
