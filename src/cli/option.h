// SPDX-License-Identifier: LGPL-2.1-or-later
// Options of commands as rows, and the words of a command line after parsing.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ashlar::cli {

/// How an option is written.
enum class Arg {
  Flag,   ///< alone; once, but for those that count: verbose, debug, quiet, force
  Word,   ///< alone, or with "=value"; alone its value is "text"
  Value,  ///< with a value, once
  Last,   ///< with a value; the last one counts
  List,   ///< with a value; all of them count
};

/// One option of a command. Long names are compared without their hyphens, and may be cut short while unambiguous.
struct Option {
  std::string_view name;  ///< "stripesize"
  char letter = 0;        ///< 'I'; 0: none
  Arg arg = Arg::Flag;
  std::string_view value;  ///< what help calls the value: "Size"
  std::string_view help;
};

/// Of commands that change what a VG's metadata says.
inline constexpr Option kAutobackup{"autobackup", 'A', Arg::Value, "y|n",
                                    "Archive before and back up after the change"};
inline constexpr Option kAutobackupAlone[] = {kAutobackup};

/// A parsed command line.
class Args {
 public:
  bool has(std::string_view option) const { return values_.find(option) != values_.end(); }
  int count(std::string_view option) const;
  /// The last value, or nothing.
  std::optional<std::string> value(std::string_view option) const;
  std::string value_or(std::string_view option, std::string_view otherwise) const;
  const std::vector<std::string>& list(std::string_view option) const;
  /// "y" or "n" (also "yes", "no"); Errc::InvalidArgument naming the option for anything else.
  Result<std::optional<bool>> yes_no(std::string_view option) const;

  std::vector<std::string> positionals;
  std::vector<std::pair<std::string, std::string>> sequence;  ///< options with values, in the order given

  void add(std::string_view option, std::string value) { values_[std::string(option)].push_back(std::move(value)); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Parses the words after the command's name. Errc::InvalidArgument in the words of getopt:
/// "lvs: unrecognized option '--foo'".
Result<Args> parse(std::string_view command, std::span<const Option> own, const std::vector<std::string>& words);

/// The same for many lines. Those after one another with the same options share what CLI11 was told of them.
class Parser {
 public:
  Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();
  Result<Args> parse(std::string_view command, std::span<const Option> own, const std::vector<std::string>& words);

 private:
  struct Told;
  std::unique_ptr<Told> told_;
};

/// Options every command takes.
std::span<const Option> common_options();

/// Is this a long option that LVM2 has, so that "not handled yet" can be told from a typing error?
bool is_lvm2_option(std::string_view name);

}  // namespace ashlar::cli
