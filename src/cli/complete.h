// SPDX-License-Identifier: LGPL-2.1-or-later
// What the last word of a command line may become: the table's commands, options and values, and the names of what is
// there. The built-in shell asks directly, bash and zsh by `help --complete`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace ashlar::cli {

struct Completion {
  std::string word;   ///< the whole word
  std::string about;  ///< for people; may be empty
};
struct Completions {
  std::vector<Completion> words;
  bool files = false;  ///< a file's name may stand here too
};

/// Names on this machine.
struct Names {
  std::vector<std::string> vgs, lvs, pvs;  ///< "vg0/data"; paths
  std::vector<std::string> unused;         ///< devices that no VG has
};
/// Finds them, for a command with these options before its last word; called at most once, and only if there is use for
/// it.
using FindNames = std::function<Names(const Command&, const std::vector<std::string>& words)>;

/// `before`: the words that are there, the command's name first. `start`: what there is of the last one.
Completions complete(const std::vector<std::string>& before, const std::string& start, const FindNames& find);

/// Looks at the devices that the words name, or at all. Takes no lock, says nothing, writes nothing, not even to the
/// log.
Names names_there(const Program& program, const Command& command, const std::vector<std::string>& words);

}  // namespace ashlar::cli
