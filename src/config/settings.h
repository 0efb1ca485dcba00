// SPDX-License-Identifier: LGPL-2.1-or-later
// Known settings are rows of one table (settings.cc): path, type, default, help. etc/lvm.conf.example is
// printed from it. Unknown settings in a file are accepted quietly.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/document.h"

namespace ashlar::config {

using StringList = std::vector<std::string>;
using SettingValue = std::variant<bool, std::int64_t, double, std::string, StringList>;

/// One row. The alternative of `initial` is the type. `defined_by_default` is false where "not set" means
/// something else than any value (activation/volume_list).
struct Setting {
  std::string_view path;  ///< "backup/retain_min"
  SettingValue initial;
  bool defined_by_default;
  std::string_view help;  ///< one or more sentences, shown as comments in the example file
};
std::span<const Setting> all_settings();

/// Layers of configuration, the strongest first: --config, then lvmlocal.conf, then lvm.conf, then the defaults.
class Settings {
 public:
  Settings() = default;
  Settings(Settings&&) = default;
  Settings& operator=(Settings&&) = default;

  /// Adds a layer below those already there.
  void add_layer(Document document) { layers_.push_back(std::move(document)); }

  /// The value of a row of the table; asking for a path that has no row, or as another type, is a bug and aborts.
  /// A layer's value of the wrong type is passed over (and reported by `check`). Booleans take 0/1 and
  /// y/yes/on/true, n/no/off/false in any case. A single string serves as a list of one.
  bool flag(std::string_view path) const;
  std::int64_t number(std::string_view path) const;
  std::string text(std::string_view path) const;
  StringList list(std::string_view path) const;
  bool is_set(std::string_view path) const;  ///< by a layer, rightly typed, or defined by default

  /// One sentence for each known setting with a value of the wrong type: "lvm.conf:12: backup/backup: ...".
  std::vector<std::string> check() const;

 private:
  std::vector<Document> layers_;
};

/// Reads `directory`/lvm.conf and lvmlocal.conf if present (absent is fine; unreadable or unparsable is an error)
/// and puts `--config` text above them (empty: none).
Result<Settings> load_settings(const std::string& directory, const std::string& command_line_config);

/// The text of etc/lvm.conf.example: every row with its help, sections grouped, every setting commented out.
std::string example_file();

}  // namespace ashlar::config
