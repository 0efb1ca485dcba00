// SPDX-License-Identifier: LGPL-2.1-or-later
// What lvmconfig shows: a tree of settings, those of the configuration and those of the table. Source: `lvmconfig
// --typeconfig …` of 2.03.16 with every option (tests/system/differential/config.txt).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/table.h"
#include "config/settings.h"

namespace ashlar::cli {

/// A setting or a section of what is to be printed.
struct ConfigEntry {
  std::string name;
  std::string value = {};  ///< of a setting: "1", "\"r\"", "[ \"a\", \"b\" ]"; empty: it has none, only comments
  const config::Setting* row = nullptr;  ///< where it is known
  bool commented = false;                ///< shown as a comment: a default that nobody has set
  bool section = false;
  std::vector<ConfigEntry> children = {};  ///< of a section
};

/// Of which rows a command line speaks.
class ConfigRows {
 public:
  /// Errc::InvalidArgument for options that do not go with `type`, and for a version that is none.
  static Result<ConfigRows> of(const Args& args, const std::string& type);
  bool has(const config::Setting& row) const;

 private:
  enum class Versions : std::uint8_t { All, At, NewAt, NewSince };
  Versions versions_ = Versions::All;
  config::Version version_ = {2, 3, 16};
  bool advanced_ = true, unsupported_ = false, deprecated_ = false, local_ = true;
  bool profiles_of_commands_ = true, profiles_of_metadata_ = true, profiles_only_ = false;
};

/// The root of what `type` means: "current", "default", "diff", "full", "missing", "new", "profilable…".
/// `above_files`: there is a --config or a profile.
ConfigEntry config_tree(const Args& args, const config::Settings& settings, const std::string& type,
                        const ConfigRows& rows, bool above_files);

/// A value without the blanks between quotes: "[\"a\",\"b\"]".
std::string without_blanks(std::string_view value);

/// The entry at "devices/filter"; nullptr: none.
const ConfigEntry* find_entry(const ConfigEntry& root, std::string_view path);

}  // namespace ashlar::cli
