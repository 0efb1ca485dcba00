// SPDX-License-Identifier: LGPL-2.1-or-later
// lvmconfig, also called config and dumpconfig: what is configured, what could be, and whether it is right.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "archive/archive.h"
#include "base/log.h"
#include "cli/table.h"
#include "config/introduced.h"
#include "config/profiles.h"
#include "config/settings.h"

namespace ashlar::cli {

namespace {
using config::Node;
using config::Setting;

/// A setting or a section of what is to be printed.
struct Entry {
  std::string name;
  std::string value;                ///< of a setting: "1", "\"r\"", "[\"a\",\"b\"]"
  const Setting* row = nullptr;     ///< where it is known
  bool commented = false;           ///< a default that nobody has set
  std::vector<Entry> children;      ///< of a section
  bool section = false;
};

std::string scalar_text(const config::Scalar& s) {
  const bool text = s.kind == config::Scalar::Kind::String || s.kind == config::Scalar::Kind::Bare;
  return text ? config::quoted(s.text) : std::string(s.text);
}

/// A list of one is shown as that one, as LVM2 does.
std::string value_text(Node node) {
  if (!node.is_array() || node.size() == 1) return scalar_text(node.at(0));
  std::string text = "[";
  for (std::size_t i = 0; i < node.size(); ++i) text += (i == 0 ? "" : ",") + scalar_text(node.at(i));
  return text + "]";
}

std::string compact(std::string text) {
  std::string out;
  bool quoted = false;
  for (char c : text) {
    if (c == '"') quoted = !quoted;
    if (c != ' ' || quoted) out += c;
  }
  return out;
}

const Setting* row_of(std::string_view path) {
  for (const Setting& row : config::all_settings()) {
    if (row.path == path) return &row;
  }
  return nullptr;
}

Entry& child(Entry& parent, std::string_view name, bool section) {
  for (Entry& e : parent.children) {
    if (e.name == name && e.section == section) return e;
  }
  parent.children.push_back({.name = std::string(name), .section = section});
  return parent.children.back();
}

/// What a document says, over what is there already.
void take(Entry& into, Node section, const std::string& path) {
  for (Node node : section) {
    std::string full = path.empty() ? std::string(node.key()) : path + "/" + std::string(node.key());
    Entry& entry = child(into, node.key(), node.is_section());
    if (node.is_section()) {
      take(entry, node, full);
    } else {
      entry.value = value_text(node);
      entry.row = row_of(full);
    }
  }
}

Entry* find(Entry& root, std::string_view path) {
  Entry* at = &root;
  while (at != nullptr && !path.empty()) {
    std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    auto next = std::find_if(at->children.begin(), at->children.end(), [&](const Entry& e) { return e.name == name; });
    at = next == at->children.end() ? nullptr : &*next;
  }
  return at;
}

/// Directories that lie below that of the configuration if nothing else is said.
bool below_directory(const Setting& row) {
  return row.path == "backup/backup_dir" || row.path == "backup/archive_dir" || row.path == "config/profile_dir";
}
bool has_default(const Setting& row) { return row.defined_by_default || below_directory(row); }

std::string default_text(const config::Settings& settings, const Setting& row) {
  if (below_directory(row)) return config::quoted(config::Settings(settings.directory()).text(row.path));
  return compact(config::print_value(row.initial));
}

/// "2.2.99" as numbers.
Result<std::array<unsigned, 3>> parse_version(std::string_view text) {
  std::array<unsigned, 3> version{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (unsigned& part : version) {
    const auto [rest, bad] = std::from_chars(at, end, part);
    if (bad != std::errc() || (&part == &version.back() ? rest != end : rest == end || *rest != '.'))
      return usage_error("lvmconfig", "Incorrect version format.");
    at = rest + 1;
  }
  return version;
}

/// Which settings there are to speak of: all, those that some version of LVM2 had, or those that were new in it or since.
struct Versions {
  enum class Of : std::uint8_t { All, At, NewAt, NewSince } of = Of::All;
  std::array<unsigned, 3> version = {2, 3, 16};

  bool has(const Setting& row) const {
    const auto since = of == Of::All ? std::nullopt : std::optional(parse_version(config::introduced(row.path)));
    if (!since) return true;
    if (!*since) return false;
    return of == Of::At ? **since <= version : of == Of::NewAt ? **since == version : **since >= version;
  }
};

Result<Versions> versions_of(const Args& args, std::string_view type) {
  const auto at = args.value("atversion"), since = args.value("sinceversion");
  if (at && since) return usage_error("lvmconfig", "Only one of --atversion and --sinceversion permitted.");
  if (at && (type == "current" || type == "full")) return usage_error("lvmconfig", fmt::format("--atversion has no effect with --type {}", type));
  if (since && type != "new") return usage_error("lvmconfig", "--sinceversion requires --type new");
  Versions versions{type == "new" ? since ? Versions::Of::NewSince : Versions::Of::NewAt : at ? Versions::Of::At : Versions::Of::All};
  if (at || since) versions.version = TRY(parse_version(at ? *at : *since));
  return versions;
}

/// Adds the known settings that are not there; `commented`: as what could be set.
void add_defaults(Entry& root, const config::Settings& settings, bool commented, const Versions& versions) {
  for (const Setting& row : config::all_settings()) {
    if (!has_default(row) || !versions.has(row)) continue;
    std::string_view section = row.path.substr(0, row.path.find('/')), name = row.path.substr(row.path.find('/') + 1);
    Entry& in = child(root, section, true);
    if (find(in, name) != nullptr) continue;
    in.children.push_back({.name = std::string(name), .value = default_text(settings, row), .row = &row, .commented = commented});
  }
}

void drop_defaults(Entry& section, const config::Settings& settings) {
  for (Entry& e : section.children) {
    if (e.section) drop_defaults(e, settings);
  }
  std::erase_if(section.children, [&](const Entry& e) {
    return e.section ? e.children.empty() : e.row != nullptr && e.row->defined_by_default && e.value == default_text(settings, *e.row);
  });
}

/// Settings that profiles of the kind may have: "profilable" stands for both.
void keep_profilable(Entry& section, std::string_view type, const std::string& path) {
  using config::ProfileKind;
  const bool command = type != "profilable-metadata", metadata = type != "profilable-command";
  std::erase_if(section.children, [&](Entry& e) {
    const std::string full = path.empty() ? e.name : path + "/" + e.name;
    if (e.section) keep_profilable(e, type, full);
    if (e.section) return e.children.empty();
    return !(command && is_profilable(ProfileKind::Command, full)) && !(metadata && is_profilable(ProfileKind::Metadata, full));
  });
}

/// How entries are printed.
struct Style {
  bool comments = false, summary = false, spaces = false, values_only = false, versions = false;
};

std::string first_sentence(std::string_view help) {
  std::size_t end = help.find(". ");
  return std::string(help.substr(0, end == std::string_view::npos ? help.size() : end + 1));
}

void print_since(std::string& out, std::string_view path, const std::string& indent) {
  if (const std::string_view version = config::introduced(path); !version.empty()) out += fmt::format("{}# Available since version {}.\n", indent, version);
}

void print(std::string& out, const Entry& e, const Style& style, std::size_t depth) {
  std::string indent(depth, '\t');
  if (e.section) {
    if (style.versions) print_since(out, e.name, indent);
    out += indent + e.name + " {\n";
    for (const Entry& each : e.children) print(out, each, style, depth + 1);
    out += indent + "}\n";
    return;
  }
  if (style.values_only) {
    out += e.value + "\n";
    return;
  }
  if (e.row != nullptr && (style.comments || style.summary)) {
    out += fmt::format("\n{0}# Configuration option {1}.\n{0}# {2}\n", indent, e.row->path, style.comments ? std::string(e.row->help) : first_sentence(e.row->help));
    if (e.row->defined_by_default) out += indent + "# This configuration option has an automatic default value.\n";
  }
  if (e.row != nullptr && style.versions) print_since(out, e.row->path, indent);
  const char* equals = style.spaces ? " = " : "=";
  out += fmt::format("{}{}{}{}{}\n", indent, e.commented ? "# " : "", e.name, equals, e.value);
}

Result<std::string> list(const std::vector<std::string>& paths, bool summary, bool with_version, const Versions& versions) {
  std::string out;
  for (const std::string& path : paths.empty() ? std::vector<std::string>{""} : paths) {
    bool any = false;
    for (const Setting& row : config::all_settings()) {
      bool below = path.empty() || row.path == path || (row.path.starts_with(path) && row.path.substr(path.size()).starts_with('/'));
      if (!below) continue;
      any = true;
      if (!versions.has(row)) continue;
      out += std::string(row.path) + (summary || with_version ? " - " : "") + (summary ? first_sentence(row.help) + " " : "");
      out += (with_version ? fmt::format("[{}]", config::introduced(row.path)) : "") + "\n";
    }
    if (!any) return Error(Errc::NotFound, fmt::format("Configuration node {} not found", printable(path)));
  }
  return out;
}

Result<Entry> tree(const Args& args, const config::Settings& settings, const std::string& type, const Versions& versions) {
  Entry root{.section = true};
  const auto& layers = settings.layers();
  // With --config alone that is what is meant; --mergedconfig puts it over the files.
  const bool only_first = (type == "current" || type == "diff") && args.has("config") && !args.has("mergedconfig") && !layers.empty();
  if (only_first)
    take(root, layers.front().root(), "");
  else if (type != "default" && type != "new" && !type.starts_with("profilable"))
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) take(root, layer->root(), "");
  if (type == "default" || type == "new" || type == "full") add_defaults(root, settings, type != "full", versions);
  if (type == "diff") drop_defaults(root, settings);
  if (type.starts_with("profilable")) {
    Entry defaults{.section = true};
    add_defaults(defaults, settings, true, versions);
    keep_profilable(defaults, type, "");
    root = std::move(defaults);
  }
  if (type == "missing") {
    Entry rest{.section = true};
    for (const Setting& row : config::all_settings()) {
      if (find(root, row.path) != nullptr || !has_default(row) || !versions.has(row)) continue;
      std::string_view name = row.path.substr(row.path.find('/') + 1);
      child(rest, row.path.substr(0, row.path.find('/')), true).children.push_back({.name = std::string(name), .value = default_text(settings, row), .row = &row, .commented = true});
    }
    root = std::move(rest);
  }
  return root;
}

Status run_lvmconfig(Session& session, const Args& args) {
  static const std::set<std::string_view> kTypes = {"current", "default", "diff", "full", "list", "missing", "new",
                                                    "profilable", "profilable-command", "profilable-metadata"};
  const std::string type = args.has("list") ? "list" : args.value_or("typeconfig", "current");
  if (!kTypes.contains(type)) return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --typeconfig: {}", printable(type)));
  const Versions versions = TRY(versions_of(args, type));
  ops::System& sys = *TRY(session.system());
  const config::Settings& settings = sys.settings;
  if (args.has("validate")) {
    std::vector<std::string> problems = settings.check();
    for (const std::string& problem : problems) session.out().error(problem);
    if (!problems.empty()) return Error(Errc::Corrupt, "LVM configuration invalid.");
    session.out().line("LVM configuration valid.");
    return ok();
  }
  std::string text;
  if (type == "list") {
    text = TRY(list(args.positionals, args.has("list") || args.has("withsummary") || args.has("withcomments"), args.has("withversions"), versions));
  } else {
    Style style{args.has("withcomments"), args.has("withsummary"), args.has("withspaces"), args.has("valuesonly"), args.has("withversions")};
    Entry root = TRY(tree(args, settings, type, versions));
    if (args.positionals.empty()) {
      for (const Entry& section : root.children) {
        if (!section.section || !section.children.empty()) print(text, section, style, 0);
      }
    }
    for (const std::string& path : args.positionals) {
      const Entry* entry = find(root, path);
      if (entry != nullptr)
        print(text, *entry, style, 0);
      else if (type == "current" || type == "diff" || row_of(path) == nullptr)
        session.fail(Error(Errc::NotFound, fmt::format("Configuration node {} not found", printable(path))));
    }
  }
  if (auto file = args.value("file"))
    TRY(archive::write_file(*file, text));
  else
    session.out().raw(text);
  return ok();
}

constexpr Option kLvmconfigOptions[] = {
    {"typeconfig", 0, Arg::Value, "current|default|diff|full|list|missing|new|profilable[-command|-metadata]", "Which settings"},
    {"list", 'l', Arg::Flag, "", "Settings with what they are for"},
    {"file", 'f', Arg::Value, "File", "Write there"},
    {"metadataprofile", 0, Arg::Value, "String", "With the settings of this profile"},
    {"validate", 0, Arg::Flag, "", "Check the configuration"},
    {"mergedconfig", 0, Arg::Flag, "", "What is configured with --config over it"},
    {"withcomments", 0, Arg::Flag, "", "With what each setting is for"},
    {"withsummary", 0, Arg::Flag, "", "The same in a sentence"},
    {"withversions", 0, Arg::Flag, "", "With the version of LVM2 that introduced each setting"},
    {"atversion", 0, Arg::Value, "String", "Only settings that this version of LVM2 had; with --typeconfig new: that were new in it"},
    {"sinceversion", 0, Arg::Value, "String", "With --typeconfig new: settings that came with this version of LVM2 or later"},
    {"withspaces", 0, Arg::Flag, "", "Blanks around ="},
    {"valuesonly", 0, Arg::Flag, "", "Only the values"},
    {"ignoreadvanced", 0, Arg::Flag, "", "Accepted"},
    {"ignoreunsupported", 0, Arg::Flag, "", "Accepted"},
    {"ignorelocal", 0, Arg::Flag, "", "Accepted"},
    {"showdeprecated", 0, Arg::Flag, "", "Accepted: no deprecated setting is known"},
    {"showunsupported", 0, Arg::Flag, "", "Accepted"},
    {"withgeneralpreamble", 0, Arg::Flag, "", "Accepted"},
    {"withlocalpreamble", 0, Arg::Flag, "", "Accepted"},
};
}  // namespace

const Command kLvmconfig{"lvmconfig", "Show and check the configuration", "[SECTION[/NAME]...]", kLvmconfigOptions, run_lvmconfig, Effect::Reads};
const Command kDumpconfig{"dumpconfig", "The same as lvmconfig", "[SECTION[/NAME]...]", kLvmconfigOptions, run_lvmconfig, Effect::Reads};
const Command kConfig{"config", "The same as lvmconfig", "[SECTION[/NAME]...]", kLvmconfigOptions, run_lvmconfig, Effect::Reads};

}  // namespace ashlar::cli
