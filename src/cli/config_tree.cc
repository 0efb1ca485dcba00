// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/config_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "config/document.h"

namespace ashlar::cli {

namespace {
using config::Node;
using config::Setting;

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

std::string default_text(const config::Settings& settings, const Setting& row) {
  if (!row.example.empty() && !row.is(config::kUnset)) return std::string(row.example);
  if (std::holds_alternative<std::string_view>(row.initial))
    return config::quoted(config::Settings(settings.directory()).text(row.path));
  const std::string text = config::print_value(row.initial);
  return text == "[]" ? "[ ]" : text;
}

/// The last name of a row, without the brackets of one that stands for any.
std::string_view own_name(const Setting& row) {
  std::string_view name = row.path.substr(row.path.rfind('/') + 1);
  if (name.starts_with('<')) name = name.substr(1, name.size() - 2);
  return name;
}
bool is_variable(const Setting& row) { return row.path.find('<') != std::string_view::npos; }

ConfigEntry* child_of(ConfigEntry& parent, std::string_view name, bool section) {
  for (ConfigEntry& e : parent.children) {
    if (e.name == name && e.section == section) return &e;
  }
  return nullptr;
}

/// What a document says, over what is there already.
void take(ConfigEntry& into, Node section, const std::string& path) {
  for (const Node node : section) {
    const std::string full = path.empty() ? std::string(node.key()) : path + "/" + std::string(node.key());
    ConfigEntry* entry = child_of(into, node.key(), node.is_section());
    if (entry == nullptr) {
      into.children.push_back(
          {.name = std::string(node.key()), .row = config::find_setting(full), .section = node.is_section()});
      entry = &into.children.back();
    }
    if (node.is_section())
      take(*entry, node, full);
    else
      entry->value = value_text(node);
  }
}

/// Adds entries to one section as LVM2 does to what is configured: the first before that, the others behind.
class Adder {
 public:
  explicit Adder(ConfigEntry& into) : into_(into) {}
  ConfigEntry& add(ConfigEntry entry) {
    auto& all = into_.children;
    return *all.insert(std::exchange(first_, false) ? all.begin() : all.end(), std::move(entry));
  }

 private:
  ConfigEntry& into_;
  bool first_ = true;
};

/// Which rows become entries, and how.
struct Wanted {
  bool as_comments;  ///< defaults are shown as what could be set
  bool inner;        ///< sections in sections
};

/// The rows of one section that are not in `into`. Rows of inner sections follow their section's.
void add_rows(ConfigEntry& into, std::span<const Setting> section, const config::Settings& settings,
              const ConfigRows& rows, Wanted wanted) {
  Adder adder(into);
  std::vector<std::pair<std::string_view, ConfigEntry>> inner;  // the innermost last
  auto close = [&] {
    ConfigEntry done = std::move(inner.back().second);
    inner.pop_back();
    if (inner.empty())
      adder.add(std::move(done));
    else
      inner.back().second.children.push_back(std::move(done));
  };
  for (const Setting& row : section.subspan(1)) {
    while (!inner.empty() && !(row.path.starts_with(inner.back().first) && row.path[inner.back().first.size()] == '/'))
      close();
    if (!rows.has(row) || ((row.is_section() || is_variable(row)) && !wanted.inner)) continue;
    ConfigEntry entry{.name = std::string(own_name(row)),
                      .row = &row,
                      .commented = wanted.as_comments && !row.is(config::kAsSet),
                      .section = row.is_section()};
    if (row.is_section()) {
      inner.emplace_back(row.path, std::move(entry));
      continue;
    }
    if (!row.is(config::kUnset)) entry.value = default_text(settings, row);
    if (!inner.empty()) {
      inner.back().second.children.push_back(std::move(entry));
    } else if (child_of(into, entry.name, false) == nullptr) {
      adder.add(std::move(entry));
    }
  }
  while (!inner.empty()) close();
}

void add_defaults(ConfigEntry& root, const config::Settings& settings, const ConfigRows& rows, Wanted wanted) {
  Adder adder(root);
  for (const auto section : config::setting_sections()) {
    const Setting& head = section.front();
    if (ConfigEntry* there = child_of(root, head.path, true)) {
      add_rows(*there, section, settings, rows, wanted);
      continue;
    }
    ConfigEntry entry{.name = std::string(head.path),
                      .row = &head,
                      .commented = wanted.as_comments && head.is(config::kCommentedOut),
                      .section = true};
    add_rows(entry, section, settings, rows, wanted);
    if (!entry.children.empty()) adder.add(std::move(entry));
  }
}

/// Drops what says what is the default anyhow, and sections that are empty.
void drop_defaults(ConfigEntry& section, const config::Settings& settings) {
  auto is_default = [&](const ConfigEntry& e) {
    if (e.row == nullptr || e.row->is(config::kUnset)) return false;
    const std::string usual = without_blanks(default_text(settings, *e.row));
    return e.value == usual || "[" + e.value + "]" == usual;
  };
  std::erase_if(section.children, [&](ConfigEntry& e) {
    if (!e.section) return is_default(e);
    drop_defaults(e, settings);
    return e.children.empty();
  });
}

/// What `known` has and `configured` does not.
void drop_configured(ConfigEntry& known, const ConfigEntry& configured) {
  for (ConfigEntry& section : known.children)
    std::erase_if(section.children,
                  [&](const ConfigEntry& e) { return find_entry(configured, section.name + "/" + e.name) != nullptr; });
  std::erase_if(known.children, [](const ConfigEntry& section) { return section.children.empty(); });
}

/// "2.2.99".
Result<config::Version> parse_version(std::string_view text) {
  config::Version version;
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::uint8_t* part : {&version.major, &version.minor, &version.patch}) {
    unsigned number = 0;
    const auto [rest, bad] = std::from_chars(at, end, number);
    if (bad != std::errc() || (part == &version.patch ? rest != end : rest == end || *rest != '.'))
      return usage_error("lvmconfig", "Incorrect version format.");
    *part = static_cast<std::uint8_t>(std::min(number, 255U));
    at = rest + 1;
  }
  return version;
}
}  // namespace

Result<ConfigRows> ConfigRows::of(const Args& args, const std::string& type) {
  auto refuse = [](const std::string& why) { return usage_error("lvmconfig", why); };
  const auto at = args.value("atversion"), since = args.value("sinceversion");
  const bool configured = type == "current" || type == "full";
  if (at && since) return refuse("Only one of --atversion and --sinceversion permitted.");
  if (at && configured) return refuse(fmt::format("--atversion has no effect with --type {}", type));
  if (since && type != "new") return refuse("--sinceversion requires --type new");
  if (args.has("mergedconfig") && !configured)
    return refuse("--mergedconfig has no effect without --type current or --type full");
  if (type == "current" && (args.has("ignoreadvanced") || args.has("ignoreunsupported")))
    return refuse("--ignoreadvanced and --ignoreunsupported has no effect with --type current");
  for (const char* option : {"withcomments", "withgeneralpreamble", "withlocalpreamble"})
    if (type == "list" && args.has(option)) return refuse(fmt::format("--{} has no effect with --type list", option));
  ConfigRows rows;
  rows.versions_ = type == "new" ? since ? Versions::NewSince : Versions::NewAt : at ? Versions::At : Versions::All;
  if (at || since) rows.version_ = TRY(parse_version(at ? *at : *since));
  rows.advanced_ = !args.has("ignoreadvanced");
  rows.local_ = !args.has("ignorelocal");
  rows.unsupported_ = args.has("showunsupported");
  rows.deprecated_ = type == "full" || args.has("showdeprecated");
  rows.profiles_only_ = type.starts_with("profilable");
  rows.profiles_of_commands_ = type != "profilable-metadata";
  rows.profiles_of_metadata_ = type != "profilable-command";
  return rows;
}

bool ConfigRows::has(const Setting& row) const {
  if (row.is(config::kAdvanced) && !advanced_) return false;
  if (row.is(config::kUnsupported) && !unsupported_) return false;
  if (row.path.starts_with("local") && !local_) return false;
  if (row.is_deprecated() && row.deprecated <= version_ && !deprecated_) return false;
  if (profiles_only_ && !(row.is(config::kOfCommands) && profiles_of_commands_) &&
      !(row.is(config::kOfMetadata) && profiles_of_metadata_))
    return false;
  switch (versions_) {
    case Versions::At:
      return row.since <= version_;
    case Versions::NewAt:
      return row.since == version_;
    case Versions::NewSince:
      return row.since >= version_;
    case Versions::All:
      break;
  }
  return true;
}

ConfigEntry config_tree(const Args& args, const config::Settings& settings, const std::string& type,
                        const ConfigRows& rows, bool above_files) {
  ConfigEntry root{.name = "", .section = true};
  const auto& layers = settings.layers();
  const bool configured = type == "current" || type == "diff" || type == "full" || type == "missing";
  // The strongest of what is above the files is meant alone; --mergedconfig puts all of it over them.
  if ((type == "current" || type == "missing") && above_files && !args.has("mergedconfig") && !layers.empty()) {
    take(root, layers.front().root(), "");
  } else if (configured) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) take(root, layer->root(), "");
  }
  if (type == "current") return root;
  if (type == "diff") {
    drop_defaults(root, settings);
    if (args.has("ignorelocal")) std::erase_if(root.children, [](const ConfigEntry& e) { return e.name == "local"; });
  } else if (type == "missing") {
    ConfigEntry known{.name = "", .section = true};
    add_defaults(known, settings, rows, {.as_comments = true, .inner = false});
    drop_configured(known, root);
    return known;
  } else {
    add_defaults(root, settings, rows, {.as_comments = type != "full", .inner = type != "full"});
  }
  return root;
}

std::string without_blanks(std::string_view value) {
  std::string out;
  bool quoted = false;
  for (const char c : value) {
    if (c == '"') quoted = !quoted;
    if (c != ' ' || quoted) out += c;
  }
  return out;
}

const ConfigEntry* find_entry(const ConfigEntry& root, std::string_view path) {
  const ConfigEntry* at = &root;
  while (at != nullptr && !path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const auto next =
        std::find_if(at->children.begin(), at->children.end(), [&](const ConfigEntry& e) { return e.name == name; });
    at = next == at->children.end() ? nullptr : &*next;
  }
  return at;
}

}  // namespace ashlar::cli
