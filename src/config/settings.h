// SPDX-License-Identifier: LGPL-2.1-or-later
// Known settings are rows of one table (rows_*.cc): path, type, default, help. etc/lvm.conf.example is
// printed from it. It has every setting of LVM2 2.03.16, with those that Ashlar does not act on. Unknown settings in a
// file are accepted quietly; `unknown()` tells of them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/document.h"

namespace ashlar::config {

using StringList = std::vector<std::string>;

/// A row that is a section: "devices", "tags/<tag>".
struct Section {};
using Words = std::span<const std::string_view>;  ///< a list of strings
/// The alternative is the type.
using SettingValue = std::variant<Section, bool, std::int64_t, std::string_view, Words>;
inline constexpr std::array<std::string_view, 0> kNothing = {};

/// A version of LVM2; {}: none.
struct Version {
  std::uint8_t major = 0, minor = 0, patch = 0;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

/// What else there is to say of a row. Source: `lvmconfig --typeconfig default --withcomments` of 2.03.16, and
/// `--validate` with values of every kind.
enum Mark : std::uint16_t {
  kPlain = 0,
  kKept = 1,            ///< known for LVM2's sake: Ashlar does not act on it
  kUnset = 2,           ///< without a default: "not set" means something else than any value
  kDerived = 4,         ///< counts as not set by default, though the value shown is the usual one
  kMayBeEmpty = 8,      ///< "" or []; elsewhere such a value is passed over
  kNumbersToo = 16,     ///< a list that may have numbers in it
  kAdvanced = 32,       ///< LVM2 calls it so
  kUnsupported = 64,    ///< LVM2 shows it only when asked
  kOfCommands = 128,    ///< profiles of commands may have it
  kOfMetadata = 256,    ///< profiles of VGs and LVs may
  kCommentedOut = 512,  ///< a section that LVM2 shows as a comment among the defaults
  kAsSet = 1024,        ///< a setting that it does not
  kFree = 2048,         ///< a section of which everything is known
  kLimits = 4096,       ///< what may be used or activated: a value that cannot be read is not to mean all
};
constexpr Mark operator|(Mark a, Mark b) {
  return static_cast<Mark>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

/// One row.
struct Setting {
  std::string_view path;  ///< "backup/retain_min"; a name in angle brackets stands for any: "tags/<tag>/host_list"
  SettingValue initial;   ///< the default; where there is none, the value that is read all the same
  Version since;          ///< the first LVM2 that had it
  Mark marks;
  std::string_view help;          ///< one or more sentences; `help_of` has the rest
  std::string_view example = {};  ///< right side of its line in the example file; empty: `initial`
  Version deprecated = {};        ///< the LVM2 that gave it up

  constexpr bool is(Mark mark) const { return (marks & mark) != 0; }
  constexpr bool is_section() const { return std::holds_alternative<Section>(initial); }
  constexpr bool is_deprecated() const { return deprecated != Version(); }
};

/// The table by sections, in LVM2's order; the first row of each is the section itself.
std::span<const std::span<const Setting>> setting_sections();
/// The row of a setting or section, "tags/x" among them; nullptr: there is none.
const Setting* find_setting(std::string_view path);
/// `row.help` and what follows from its marks, in sentences.
std::string help_of(const Setting& row);

/// `value` as it stands behind the = in a configuration file.
std::string print_value(const SettingValue& value);

/// Layers of configuration, the strongest first: --config, then lvmlocal.conf, then lvm.conf, then the defaults.
class Settings {
 public:
  /// `directory` is where lvm.conf lives: archive and backup are below it by default.
  explicit Settings(std::string directory = "/etc/lvm") : directory_(std::move(directory)) {}
  Settings(Settings&&) = default;
  Settings& operator=(Settings&&) = default;

  /// Adds a layer below those already there.
  void add_layer(Document document) { layers_.push_back(std::move(document)); }
  /// Adds layers below the strongest `above`.
  void insert_layers(std::size_t above, std::vector<Document> documents) {
    layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(above), std::make_move_iterator(documents.begin()),
                   std::make_move_iterator(documents.end()));
  }

  /// The value of a row of the table; asking for a path that has no row, or as another type, is a bug and aborts.
  /// A layer's value of the wrong type is passed over (and reported by `check`). Booleans take 0/1 and
  /// y/yes/on/true, n/no/off/false in any case. A single string serves as a list of one.
  bool flag(std::string_view path) const;
  std::int64_t number(std::string_view path) const;
  std::string text(std::string_view path) const;
  StringList list(std::string_view path) const;
  bool is_set(std::string_view path) const;  ///< by a layer, rightly typed, or defined by default
  /// Where the value read comes from: "/etc/lvm/lvm.conf:12", "--config:1"; empty: it is the default.
  std::string where(std::string_view path) const;
  /// The same of the i-th entry of a list.
  std::string where(std::string_view path, std::size_t i) const;
  const std::string& directory() const { return directory_; }
  const std::vector<Document>& layers() const { return layers_; }  ///< the strongest first

  /// One sentence for each known setting with a value of the wrong type:
  /// "/etc/lvm/lvm.conf:12: backup/backup is a flag (0 or 1); the value "maybe" is passed over".
  std::vector<std::string> check() const;
  /// Where config/checks and config/abort_on_errors are set: the first of those, or of the names that there is no setting
  /// of, weaker layers first. Errc::Refused for one of --config, Errc::Corrupt for one of a file.
  Status check_strictly() const;
  /// Errc::Refused if one that says what may be used has a value of the wrong type, where it counts.
  Status check_limits() const;

  /// Tags that the configuration gives this host, in the order found.
  const std::vector<std::string>& host_tags() const { return host_tags_; }
  void set_host_tags(std::vector<std::string> tags) { host_tags_ = std::move(tags); }

 private:
  /// The strongest layer that has a value of the right type for it, and that; null if none has.
  std::pair<const Document*, Node> deciding(const Setting& row) const;
  Node effective(const Setting& row) const;  ///< the strongest rightly typed node, or empty()
  template <class T>
  T initial(const Setting& row) const;  ///< a bug unless it is of this type

  std::string directory_;
  std::vector<Document> layers_;
  std::vector<std::string> host_tags_;
};

/// The same of one document.
std::vector<std::string> wrong_types(const Document& layer);

/// One sentence for each setting and section that has no row: "/etc/lvm/lvm.conf:12: there is no setting devices/dri".
std::vector<std::string> unknown(const Document& layer);

/// The text of --config. Errc::InvalidArgument if it cannot be read: the command line is wrong, not a file.
Result<Document> parse_config_option(const std::string& text);

/// What the command line and the host add to the files.
struct SettingsRequest {
  std::string directory = "/etc/lvm";
  std::string command_line_config =
      {};  ///< --config; both forms: "devices/filter=[...] a/b=1" and "devices { filter = [...] }"
  std::optional<std::string> command_profile = {}, metadata_profile = {};  ///< names
  std::string host = {};  ///< its name, for the tags that the section "tags" gives it; empty: none
};
/// Reads `directory`/lvm.conf and lvmlocal.conf if present (absent is fine; unreadable or unparsable is an error; more
/// than 16 MiB is refused), and lvm_TAG.conf for each tag of the host. The strongest first: --config, the command's
/// profile, the metadata's, the files of tags from the last to the first, lvmlocal.conf, lvm.conf. A profile that
/// cannot be used is Errc::Refused.
Result<Settings> load_settings(const SettingsRequest& request);
Result<Settings> load_settings(const std::string& directory, const std::string& command_line_config);

/// `text` as comment lines of at most 100 characters behind `indent`, broken at blanks.
void append_comment(std::string& out, std::string_view indent, std::string_view text);

/// The text of etc/lvm.conf.example: every row with its help, sections grouped, every setting commented out.
std::string example_file();

}  // namespace ashlar::config
