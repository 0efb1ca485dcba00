// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/log.h"
#include "cli/complete.h"
#include "cli/forms.h"
#include "cli/json_output.h"
#include "cli/manual/manual.h"
#include "cli/shell.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
constexpr const Command* kCommands[] = {
    &kApply,
    &kBatch,
    &kConfig,
    &kDevtypes,
    &kDiff,
    &kDumpconfig,
    &kEnsure,
    &kFormats,
    &kFullreport,
    &kHelp,
    &kHistory,
    &kLastlog,
    &kLv,
    &kLvchange,
    &kLvcreate,
    &kLvdisplay,
    &kLvextend,
    &kLvmchange,
    &kLvmconfig,
    &kLvmdevices,
    &kLvmdiskscan,
    &kLvmsadc,
    &kLvmsar,
    &kLvpoll,
    &kLvreduce,
    &kLvremove,
    &kLvrename,
    &kLvresize,
    &kLvs,
    &kLvscan,
    &kPvchange,
    &kPvck,
    &kPvcreate,
    &kPvdata,
    &kPvdisplay,
    &kPvremove,
    &kPvresize,
    &kPvs,
    &kPvscan,
    &kRepair,
    &kSegtypes,
    &kSystemid,
    &kTables,
    &kTags,
    &kUndelete,
    &kUndo,
    &kVersionCommand,
    &kVgcfgbackup,
    &kVgcfgrestore,
    &kVgchange,
    &kVgck,
    &kVgconvert,
    &kVgcreate,
    &kVgdisplay,
    &kVgexport,
    &kVgextend,
    &kVgimport,
    &kVgimportclone,
    &kVgimportdevices,
    &kVgmerge,
    &kVgmknodes,
    &kVgreduce,
    &kVgremove,
    &kVgrename,
    &kVgs,
    &kVgscan,
    &kVgsplit,
    &kWhy,
};

std::string option_line(const Option& o) {
  std::string names = o.letter != 0 ? fmt::format("-{}|--{}", o.letter, o.name) : fmt::format("   --{}", o.name);
  if (o.arg == Arg::Word) names += fmt::format("[{}]", o.value);
  if (o.arg == Arg::Value || o.arg == Arg::Last || o.arg == Arg::List) names += fmt::format(" {}", o.value);
  return fmt::format("    {:<36}{}\n", names, o.help);
}

Error no_such_command(const std::string& name) {
  return {Errc::InvalidArgument, fmt::format("No such command '{}'.  Try 'ashlar help'.", printable(name))};
}

Status print_pages(Session& session, const std::vector<std::string>& names) {
  const std::uint64_t time = session.options().time.value_or(static_cast<std::uint64_t>(std::time(nullptr)));
  for (const std::string& name : names) {
    const Command* command = find_command(name);
    if (command == nullptr && name != kOverview && name != kSettings) return no_such_command(name);
    session.out().raw(command != nullptr  ? command_page(*command, time)
                      : name == kOverview ? overview_page(time)
                                          : settings_page(time));
  }
  return ok();
}

/// For shells: a line for each word, what it is behind a tab; an empty word: a file's name may stand here.
Status print_completions(Session& session, std::string line) {
  // Up to the cursor, so the last word is begun: nothing of it behind a blank. In a comment there is none.
  auto words = split_line(line + "\x1f");
  if (!words || words->size() < 2 || !words->back().ends_with('\x1f') || session.program() == nullptr) return ok();
  std::string start = words->back().substr(0, words->back().size() - 1);
  const std::vector<std::string> before(words->begin() + 1, words->end() - 1);
  const Completions found = complete(before, start, [&](const Command& command, const std::vector<std::string>& typed) {
    return names_there(*session.program(), command, typed);
  });
  for (const Completion& one : found.words) session.out().raw(fmt::format("{}\t{}\n", one.word, one.about));
  if (found.files) session.out().raw("\t\n");
  return ok();
}

Status run_help(Session& session, const Args& args) {
  if (args.has("complete")) return print_completions(session, args.positionals.empty() ? "" : args.positionals[0]);
  if (args.has("man"))
    return print_pages(session, args.positionals.empty() ? std::vector{std::string(kOverview)} : args.positionals);
  if (args.has("json")) {
    session.document(commands_json);
    return ok();
  }
  if (args.positionals.empty()) {
    // On stderr, as LVM2 does: programs look for command names there.
    session.out().question(help_of_all());
    return ok();
  }
  for (const std::string& name : args.positionals) {
    const Command* command = find_command(name);
    if (command == nullptr) return no_such_command(name);
    session.out().raw(help_of(*command));
  }
  return ok();
}

constexpr Option kHelpOptions[] = {
    {"complete", 0, Arg::Flag, "",
     "Print what the last word of this command line, given as one argument, may become; for completion in shells"},
    {"man", 0, Arg::Flag, "", "Print pages of the manual: 'ashlar help --man lvcreate | man -l -'"},
};
}  // namespace

const Command kHelp{"help",       "Show the commands, or one command's options", "[CMD...]", kHelpOptions, run_help,
                    Effect::Reads};

std::span<const Command* const> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

std::string help_of(const Command& command) {
  std::string text = fmt::format("  {} - {}\n\n", command.name, command.summary);
  for (const Form& form : forms_of(command.arguments)) text += fmt::format("  {} {}\n", command.name, form.text);
  if (!command.options.empty()) text += "\n  Options:\n";
  for (const Option& o : command.options) text += option_line(o);
  text += "\n  Common options:\n";
  for (const Option& o : common_options()) text += option_line(o);
  return text;
}

std::string help_of_all() {
  std::string text = "  Commands:\n";
  for (const Command* command : kCommands) text += fmt::format("    {:<16}{}\n", command->name, command->summary);
  return text + "\n  'ashlar CMD --help' shows the options of a command.\n";
}

}  // namespace ashlar::cli
