// SPDX-License-Identifier: LGPL-2.1-or-later
// Command lines run in a transaction: --plan, --json, batch, apply and ensure do it, each with its own end.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "ops/describe.h"

namespace ashlar::cli {

/// What a command said on the way, instead of printing it.
struct Said {
  std::vector<std::string> warnings;
  std::vector<Error> failures;            ///< of single objects; the command went on
  std::function<std::string()> document;  ///< a JSON object of its own, or nothing; to be asked for last
  std::vector<Session::Afterwards> afterwards;
  bool understood = false;  ///< Session::understood()
};

/// Runs one command on the System of a transaction, silently.
Status run_line(ops::System& sys, const Command& command, const Args& args, const std::optional<std::string>& input,
                Said& said);

/// What is told of it: what the command leaves for later are the last steps.
ops::Facts facts_of(const ops::System& sys, const ops::Changes& changes, const Said& said);

/// Does what a command left for later; failures are told one by one.
void run_afterwards(ops::System& sys, const std::vector<Session::Afterwards>& steps,
                    const std::function<void(const Error&)>& fail);

/// Carries `body` out as one transaction; inside another transaction it only becomes part of that. What is about to
/// happen is shown to `check` first.
Result<ops::Changes> in_transaction(ops::System& sys, const std::function<Status()>& body,
                                    std::vector<std::string>& notes,
                                    const std::function<Status(const ops::Changes&)>& check = {});

/// The words of a command line without --plan itself, in whatever format.
std::vector<std::string> without_plan(std::vector<std::string> words);

/// CMD --plan: `words` are the command line without the program's name.
Status run_plan(Session& session, const Command& command, const Args& args, const std::vector<std::string>& words);

/// CMD --json, for a command that changes something: as a transaction, so that what it did can be told.
Result<ops::Changes> run_told(Session& session, const Command& command, const Args& args, Said& said);

}  // namespace ashlar::cli
