// SPDX-License-Identifier: LGPL-2.1-or-later
// The legal forms of a command, as its row in the table writes them:
//
//     VG PV... | --all VG | --removemissing [--mirrorsonly] VG
//
// Forms stand between " | ". A word is an argument, of which "..." takes any number and brackets none too; an option
// that the form needs, "(--a|--b)": at least one of them; or one that it allows, in brackets, "[--a|--b]": one of them
// at most. An option that a form names belongs to the forms that name it; others go with all. --select stands for
// arguments.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"

namespace ashlar::cli {

struct Form {
  std::string_view text;
  std::string_view arguments;                             ///< the words of `text` behind its options
  std::vector<std::vector<std::string_view>> needs = {};  ///< one of each
  std::vector<std::string_view> allows = {};              ///< of the options that forms name: these and those needed
  std::vector<std::vector<std::string_view>> at_most_one = {};  ///< of each
  std::size_t least = 0, most = 0;                              ///< how many arguments
};
std::vector<Form> forms_of(std::string_view text);

/// Errc::InvalidArgument, naming what is too much or too little and the nearest form, if none is that of `args`.
Status check_form(const Command& command, const Args& args);

}  // namespace ashlar::cli
