// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "cli/forms.h"
#include "cli/manual/manual.h"
#include "cli/manual/roff.h"

namespace ashlar::cli {

namespace {
constexpr const Chapter* kChapters[] = {&kPvChapter, &kVgChapter, &kLvChapter, &kChangeChapter, &kSystemChapter};

/// Forms of the arguments, a line each.
std::string synopsis(const Command& command) {
  std::string out;
  for (const Form& form : forms_of(command.arguments)) {
    out += fmt::format("{}{} [\\fIOPTION\\fR]...", out.empty() ? "" : ".br\n",
                       roff::bold("ashlar " + std::string(command.name)));
    if (!form.text.empty()) out += " " + roff::arguments(form.text);
    out += "\n";
  }
  return out;
}

bool without_effect(const Option& o) { return o.help.starts_with("Accepted"); }

/// Nobody wants to read of them, but whoever finds one in a script looks it up.
std::string accepted_options(std::span<const Option> options) {
  std::string out;
  for (const Option& o : options) {
    if (!without_effect(o)) continue;
    if (!out.empty()) out += ",\n";
    if (o.letter != 0) out += roff::bold(std::string{'-', o.letter}) + "|";
    out += roff::bold("--" + std::string(o.name));
    if (o.arg != Arg::Flag) out += " " + roff::arguments(o.value);
    constexpr std::string_view kWord = "Accepted";
    if (const std::string_view why = o.help.substr(kWord.size()); why.size() > 2)
      out += fmt::format(" ({})", roff::sentence(why.substr(2)));
  }
  return out.empty() ? out
                     : "For scripts that were made for LVM2 these are accepted, and have no effect:\n" + out + ".\n";
}

std::string option_section(const Command& command) {
  std::string out = roff::heading("Options");
  for (const Option& o : command.options) {
    if (!without_effect(o)) out += roff::option(o);
  }
  const bool some = out.find(".TP") != std::string::npos;
  if (std::string accepted = accepted_options(command.options); !accepted.empty())
    out += (some ? ".PP\n" : "") + accepted + ".PP\n";
  else if (some)
    out += ".PP\n";
  out += fmt::format("All commands also take the options in {}", roff::reference("ashlar"));
  if (command.effect != Effect::Reads && command.run_told == nullptr)  // else it is a plan itself
    out += ",\namong them " + roff::bold("--plan") + ", which shows what would be done,\nand " + roff::bold("--yes") +
           ", which answers questions";
  return out + ".\n";
}

std::string surroundings(const Command& command) {
  std::string out = roff::heading("Exit status");
  out += roff::item(roff::bold("0"), "Done.") + roff::item(roff::bold("3"), "The command line is wrong.") +
         roff::item(roff::bold("4"), "The settings cannot be read.");
  out += roff::item(roff::bold("5"), command.effect != Effect::Reads
                                         ? "It failed, as a whole or for some of what was named."
                                         : "It failed, or the answer may be incomplete.");
  out += roff::heading("Environment") +
         roff::item(roff::bold("LVM_SYSTEM_DIR"),
                    "The folder of the settings, instead of " + roff::bold("/etc/lvm") + ".");
  if (command.arguments.find("LV") != std::string_view::npos || command.name == "lvcreate")
    out += roff::item(roff::bold("LVM_VG_NAME"), "The VG where an argument or option does not name one.");
  out += ".PP\nOthers are in " + roff::reference("ashlar") + ".\n" + roff::heading("Files");
  out += roff::item(roff::bold("/etc/lvm/lvm.conf"), "Settings: " + roff::reference("lvm.conf(5)") + ".");
  if (command.effect == Effect::Changes)
    out += roff::item(roff::bold("/etc/lvm/archive") + ", " + roff::bold("/etc/lvm/backup"),
                      "The metadata of VGs before and after each change.");
  return out;
}

std::string see_also(std::string_view names) {
  std::string out = roff::heading("See also") + roff::reference("ashlar");
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    out += ",\n" + roff::reference(name);
  }
  return out + "\n";
}
}  // namespace

std::span<const Chapter* const> chapters() { return kChapters; }

const Manual* find_manual(std::string_view command) {
  for (const Chapter* chapter : kChapters) {
    for (const Manual& entry : chapter->entries) {
      if (entry.command == command) return &entry;
    }
  }
  return nullptr;
}

std::string command_page(const Command& command, std::uint64_t time) {
  const Manual* manual = find_manual(command.name);
  std::string out = roff::head("ashlar-" + std::string(command.name), 8, time, command.summary);
  out += roff::heading("Synopsis") + synopsis(command);
  if (manual != nullptr) out += roff::heading("Description") + roff::paragraphs(manual->about);
  out += option_section(command);
  if (manual != nullptr && !manual->examples.empty())
    out += roff::heading("Examples") + roff::paragraphs(manual->examples);
  return out + surroundings(command) + see_also(manual != nullptr ? manual->see : "");
}

}  // namespace ashlar::cli
