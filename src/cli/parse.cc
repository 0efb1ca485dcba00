// SPDX-License-Identifier: LGPL-2.1-or-later
// Words to Args. LVM2's rules for long names (hyphens do not count, unambiguous beginnings do) are applied first; CLI11
// does the rest. The only file that includes CLI11.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/log.h"
#include "cli/option.h"

namespace ashlar::cli {

namespace {
using Rows = std::vector<const Option*>;

Rows rows_of(std::span<const Option> own) {
  Rows rows;
  for (const Option& o : own) rows.push_back(&o);
  for (const Option& o : common_options()) {
    // A command's own letter or name wins over the common one.
    bool taken = std::any_of(own.begin(), own.end(), [&](const Option& mine) { return mine.name == o.name; });
    if (!taken) rows.push_back(&o);
  }
  return rows;
}

std::string without_hyphens(std::string_view name) {
  std::string out;
  std::copy_if(name.begin(), name.end(), std::back_inserter(out), [](char c) { return c != '-'; });
  return out == "available" ? "activate" : out == "configtype" ? "typeconfig" : out;
}

/// The one option that `typed` names in full or by its beginning.
Result<const Option*> resolve(std::string_view command, const Rows& rows, const std::string& typed) {
  std::string name = without_hyphens(typed);
  Rows candidates;
  for (const Option* row : rows) {
    if (row->name == name) return row;
    if (!name.empty() && row->name.starts_with(name)) candidates.push_back(row);
  }
  if (candidates.size() == 1) return candidates[0];
  if (candidates.size() > 1) {
    std::string list;
    for (const Option* row : candidates) list += fmt::format(" '--{}'", row->name);
    return Error(Errc::InvalidArgument,
                 fmt::format("{}: option '--{}' is ambiguous; possibilities:{}", command, printable(typed), list));
  }
  if (is_lvm2_option(name))
    return Error(Errc::InvalidArgument, fmt::format("{}: option '--{}' is not handled by Ashlar yet", command, name));
  return Error(Errc::InvalidArgument, fmt::format("{}: unrecognized option '--{}'", command, printable(typed)));
}

/// Long options spelled in full, values glued on with '='. What follows "--" stays as it is.
Result<std::vector<std::string>> spell_out(std::string_view command, const Rows& rows,
                                           const std::vector<std::string>& words) {
  std::vector<std::string> out;
  const Option* waiting = nullptr;  // the next word is its value, whatever it looks like
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (waiting != nullptr) {
      out.push_back(word);
      waiting = nullptr;
      continue;
    }
    if (word == "--") {
      out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (!word.starts_with("--")) {
      if (word.size() == 2 && word[0] == '-') {
        for (const Option* row : rows) {
          if (row->letter == word[1] && row->arg != Arg::Flag) waiting = row;
        }
      }
      out.push_back(word);
      continue;
    }
    std::size_t equals = word.find('=');
    const Option* row = TRY(resolve(command, rows, word.substr(2, equals == std::string::npos ? equals : equals - 2)));
    if (row->arg == Arg::Word) {
      out.push_back("--" + std::string(row->name));
      out.push_back(equals == std::string::npos ? "text" : word.substr(equals + 1));
    } else if (row->arg == Arg::Flag) {
      if (equals != std::string::npos)
        return Error(Errc::InvalidArgument,
                     fmt::format("{}: option '--{}' doesn't allow an argument", command, row->name));
      out.push_back("--" + std::string(row->name));
    } else if (equals != std::string::npos) {
      // Two words: CLI11 would take quotes or an empty value off a glued one.
      out.push_back("--" + std::string(row->name));
      out.push_back(word.substr(equals + 1));
    } else {
      out.push_back("--" + std::string(row->name));
      waiting = row;
    }
  }
  if (waiting != nullptr)
    return Error(Errc::InvalidArgument, fmt::format("{}: option '--{}' requires an argument", command, waiting->name));
  return out;
}

Error unknown_letter(std::string_view command, const std::string& word) {
  constexpr std::string_view kLvm2Letters = "ABCDEFHIKLMOPRSTVWZabcdefghijklmnopqrstuvwxyz";  // of all its commands
  const char letter = word.size() > 1 ? word[1] : '?';
  if (kLvm2Letters.find(letter) != std::string_view::npos)
    return Error(Errc::InvalidArgument, fmt::format("{}: option '-{}' is not handled by Ashlar yet", command, letter));
  return Error(Errc::InvalidArgument,
               fmt::format("{}: invalid option -- '{}'", command, printable(std::string(1, letter))));
}

/// Whether any of the words can name it. CLI11 compares each option it is told of with all others, which would be most
/// of what a short command computes: it is told of these alone.
bool may_occur(const Option& row, const std::vector<std::string>& spelled) {
  return std::any_of(spelled.begin(), spelled.end(), [&](const std::string& word) {
    if (word.size() < 2 || word[0] != '-') return false;
    if (word[1] == '-') return std::string_view(word).substr(2) == row.name;
    return row.letter != 0 && word.find(row.letter, 1) != std::string::npos;
  });
}

std::string spelling(const Option& row) {
  std::string text = "--" + std::string(row.name);
  if (row.letter != 0) text = fmt::format("-{},", row.letter) + text;
  return text;
}

/// "-L/--size"
std::string slashed(const Option& row) {
  return row.letter == 0 ? fmt::format("--{}", row.name) : fmt::format("-{}/--{}", row.letter, row.name);
}
/// Those that say more, or mean it more, the more often they are given.
bool counts(const Option& row) {
  static constexpr std::string_view kCounted[] = {"verbose", "debug", "quiet", "force"};
  return std::find(std::begin(kCounted), std::end(kCounted), row.name) != std::end(kCounted);
}
}  // namespace

/// What CLI11 is told of some options.
struct Parser::Told {
  explicit Told(std::vector<Option> kept) : rows(std::move(kept)), values(rows.size()) {
    app.set_help_flag();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].arg == Arg::Flag)
        options.push_back(app.add_flag(spelling(rows[i])));
      else
        options.push_back(
            app.add_option(spelling(rows[i]), values[i])->expected(1)->take_all()->allow_extra_args(false));
    }
    app.add_option("arguments", positionals)->expected(0, -1);
  }
  bool is_of(const std::vector<Option>& kept) const {
    return std::ranges::equal(kept, rows, [](const Option& a, const Option& b) {
      return a.name == b.name && a.letter == b.letter && a.arg == b.arg && a.value == b.value;
    });
  }
  void forget_values() {
    for (std::vector<std::string>& of_option : values) of_option.clear();
    positionals.clear();
  }
  Result<Args> take_args();

  std::vector<Option> rows;
  CLI::App app;
  std::vector<CLI::Option*> options;             ///< of the rows
  std::vector<std::vector<std::string>> values;  ///< of the rows
  std::vector<std::string> positionals;
};

Result<Args> Parser::Told::take_args() {
  Args args;
  args.positionals = std::move(positionals);
  std::map<const CLI::Option*, std::size_t> seen;
  for (const CLI::Option* option : app.parse_order()) {
    auto at = std::find(options.begin(), options.end(), option);
    if (at == options.end()) continue;
    auto i = static_cast<std::size_t>(at - options.begin());
    std::size_t nth = seen[option]++;
    if (rows[i].arg != Arg::Flag && nth < values[i].size()) args.sequence.emplace_back(rows[i].name, values[i][nth]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].arg == Arg::Flag) {
      if (options[i]->count() > 1 && !counts(rows[i]))
        return Error(Errc::InvalidArgument, fmt::format("Option {} may not be repeated.", slashed(rows[i])));
      for (std::size_t n = 0; n < options[i]->count(); ++n) args.add(rows[i].name, "");
    } else {
      if (rows[i].arg == Arg::Value && values[i].size() > 1)
        return Error(Errc::InvalidArgument, fmt::format("Option {} may not be repeated.", slashed(rows[i])));
      for (std::string& v : values[i]) {
        // Others say themselves what they take.
        if (rows[i].value == "y|n" && rows[i].name != "activate" && v != "y" && v != "n" && v != "yes" && v != "no")
          return Error(Errc::InvalidArgument,
                       fmt::format("Invalid argument for --{}: {} (y or n)", rows[i].name, printable(v)));
        args.add(rows[i].name, std::move(v));
      }
    }
  }
  return args;
}

Parser::Parser() = default;
Parser::~Parser() = default;

Result<Args> Parser::parse(std::string_view command, std::span<const Option> own,
                           const std::vector<std::string>& words) {
  Rows rows = rows_of(own);
  // A letter that the command uses itself is not the common option's.
  std::vector<Option> kept;
  for (const Option* row : rows) {
    Option o = *row;
    bool mine = row >= own.data() && row < own.data() + own.size();
    if (!mine && std::any_of(own.begin(), own.end(), [&](const Option& other) { return other.letter == o.letter; }))
      o.letter = 0;
    kept.push_back(o);
  }
  rows.clear();
  for (const Option& o : kept) rows.push_back(&o);

  std::vector<std::string> spelled = TRY(spell_out(command, rows, words));
  std::erase_if(kept, [&](const Option& row) { return !may_occur(row, spelled); });
  std::reverse(spelled.begin(), spelled.end());  // CLI11 takes them from the back
  try {
    if (told_ == nullptr || !told_->is_of(kept)) told_ = std::make_unique<Told>(std::move(kept));
    told_->forget_values();
    told_->app.parse(spelled);
    return told_->take_args();
  } catch (const CLI::ExtrasError&) {  // long names are known by now: it is a letter
    std::vector<std::string> left = told_->app.remaining();
    std::erase(left, "--");
    return unknown_letter(command, left.empty() ? "" : left[0]);
  } catch (const CLI::Error& e) {
    return Error(Errc::InvalidArgument, fmt::format("{}: {}", command, printable(e.what())));
  }
}

Result<Args> parse(std::string_view command, std::span<const Option> own, const std::vector<std::string>& words) {
  return Parser().parse(command, own, words);
}

int Args::count(std::string_view option) const {
  auto at = values_.find(option);
  return at == values_.end() ? 0 : static_cast<int>(at->second.size());
}

std::optional<std::string> Args::value(std::string_view option) const {
  auto at = values_.find(option);
  if (at == values_.end()) return std::nullopt;
  return at->second.back();
}

std::string Args::value_or(std::string_view option, std::string_view otherwise) const {
  return value(option).value_or(std::string(otherwise));
}

const std::vector<std::string>& Args::list(std::string_view option) const {
  static const std::vector<std::string> kNone;
  auto at = values_.find(option);
  return at == values_.end() ? kNone : at->second;
}

Result<std::optional<bool>> Args::yes_no(std::string_view option) const {
  std::optional<std::string> word = value(option);
  if (!word) return std::optional<bool>();
  if (*word == "y" || *word == "yes") return std::optional<bool>(true);
  if (*word == "n" || *word == "no") return std::optional<bool>(false);
  return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --{}: {} (y or n)", option, printable(*word)));
}

}  // namespace ashlar::cli
