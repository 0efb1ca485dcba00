// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/log.h"

namespace ashlar::cli {

namespace {
using OptionNames = std::vector<std::string_view>;

std::string_view cut(std::string_view& rest, std::string_view separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + separator.size());
  return word;
}

/// "--a|--b" without the hyphens in front.
OptionNames option_names(std::string_view word) {
  OptionNames names;
  while (!word.empty()) names.push_back(cut(word, "|").substr(2));
  return names;
}

bool contains(const OptionNames& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Form form_of(std::string_view text) {
  Form form{.text = text, .arguments = {}};
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view before = rest;
    std::string_view word = cut(rest, " ");
    const bool bracket = word.starts_with('['), group = word.starts_with("(--");
    if (group || word.starts_with("--") || word.starts_with("[--")) {
      if (bracket || group) word = word.substr(1, word.size() - 2);
      const OptionNames names = option_names(word);
      form.allows.insert(form.allows.end(), names.begin(), names.end());
      if (!bracket)
        form.needs.push_back(names);
      else if (names.size() > 1)
        form.at_most_one.push_back(names);
      continue;
    }
    if (form.arguments.empty()) form.arguments = before;
    if (!bracket) ++form.least;
    form.most = word.find("...") != std::string_view::npos ? SIZE_MAX
                : form.most == SIZE_MAX                    ? form.most
                                                           : form.most + 1;
  }
  return form;
}

std::string spelled(const OptionNames& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{}--{}", i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", names[i]);
  return text;
}

/// What of a command line is not as a form has it. The further down, the nearer the form.
struct Misfit {
  enum class Kind : std::uint8_t { LacksOption, HasOption, HasArgument, LacksArgument, None } kind = Kind::None;
  std::string what;
};

Misfit misfit(const Form& form, const OptionNames& named_by_forms, const Args& args) {
  for (const OptionNames& names : form.needs) {
    if (std::none_of(names.begin(), names.end(), [&](std::string_view name) { return args.has(name); }))
      return {Misfit::Kind::LacksOption, fmt::format("Please give {}.", spelled(names))};
  }
  for (std::string_view name : named_by_forms) {
    if (args.has(name) && !contains(form.allows, name))
      return {Misfit::Kind::HasOption, fmt::format("Command does not accept option: --{}.", name)};
  }
  for (const OptionNames& names : form.at_most_one) {
    OptionNames given;
    std::copy_if(names.begin(), names.end(), std::back_inserter(given),
                 [&](std::string_view name) { return args.has(name); });
    if (given.size() > 1)
      return {Misfit::Kind::HasOption, fmt::format("Command does not accept --{} with --{}.", given[0], given[1])};
  }
  if (args.positionals.size() > form.most)
    return {Misfit::Kind::HasArgument,
            fmt::format("Command does not accept argument: {}.", printable(args.positionals[form.most]))};
  if (args.positionals.size() < form.least && !args.has("select"))
    return {Misfit::Kind::LacksArgument, "An argument is missing."};
  return {};
}
}  // namespace

std::vector<Form> forms_of(std::string_view text) {
  std::vector<Form> forms;
  do forms.push_back(form_of(cut(text, " | ")));
  while (!text.empty());
  return forms;
}

Status check_form(const Command& command, const Args& args) {
  const std::vector<Form> forms = forms_of(command.arguments);
  OptionNames named;
  for (const Form& form : forms) named.insert(named.end(), form.allows.begin(), form.allows.end());
  const Form* nearest = nullptr;
  Misfit least;
  OptionNames any_of;  // what each form needs first, where all lack something
  for (const Form& form : forms) {
    Misfit found = misfit(form, named, args);
    if (found.kind == Misfit::Kind::LacksOption)
      for (std::string_view name : form.needs.front())
        if (!contains(any_of, name)) any_of.push_back(name);
    if (found.kind == Misfit::Kind::None) return ok();
    // Of two that are as near, the one that asks for options which are there.
    if (nearest != nullptr &&
        (found.kind < least.kind || (found.kind == least.kind && form.needs.size() <= nearest->needs.size())))
      continue;
    nearest = &form;
    least = std::move(found);
  }
  const bool nothing_said = least.kind == Misfit::Kind::LacksOption &&
                            std::none_of(named.begin(), named.end(), [&](std::string_view n) { return args.has(n); });
  if (nothing_said) return usage_error(command.name, fmt::format("Please give {}.", spelled(any_of)));
  return usage_error(command.name,
                     fmt::format("{}  The nearest form is: {} {}", least.what, command.name, nearest->text));
}

}  // namespace ashlar::cli
