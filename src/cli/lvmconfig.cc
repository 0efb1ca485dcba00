// SPDX-License-Identifier: LGPL-2.1-or-later
// lvmconfig, also called config and dumpconfig: what is configured, what could be, and whether it is right.
#include <fmt/format.h>

#include <set>

#include "archive/archive.h"
#include "base/log.h"
#include "cli/config_tree.h"
#include "cli/table.h"
#include "config/settings.h"

namespace ashlar::cli {

namespace {
using config::Setting;

/// How entries are printed.
struct Style {
  bool comments = false, summary = false, spaces = false, values_only = false, versions = false;
};

std::string first_sentence(std::string_view help) {
  std::size_t end = help.find(". ");
  return std::string(help.substr(0, end == std::string_view::npos ? help.size() : end + 1));
}

std::string version_text(const config::Version& v) { return fmt::format("{}.{}.{}", v.major, v.minor, v.patch); }

/// What stands above an entry that has a row.
void print_comments(std::string& out, const Setting& row, const Style& style, const std::string& indent) {
  const std::string kind = row.is_section() ? "section" : "option";
  auto line = [&](const std::string& text) { out += fmt::format("{}# {}\n", indent, text); };
  if (style.comments || style.summary) {
    out += "\n";
    line(fmt::format("Configuration {} {}.", kind, row.path));
    config::append_comment(out, indent, style.comments ? config::help_of(row) : first_sentence(row.help));
    if (row.is_deprecated()) line(fmt::format("This configuration {} is deprecated.", kind));
    if (row.is(config::kAdvanced)) line("This configuration option is advanced.");
    if (row.is(config::kUnsupported)) line(fmt::format("This configuration {} is not officially supported.", kind));
    if (row.is_section() && row.path.ends_with('>')) line("This configuration section has variable name.");
    if (row.is(config::kUnset)) line("This configuration option does not have a default value defined.");
    const bool automatic =
        row.is_section() ? row.is(config::kCommentedOut) : !row.is(config::kUnset) && !row.is(config::kAsSet);
    if (automatic) line(fmt::format("This configuration {} has an automatic default value.", kind));
  }
  if (!style.versions) return;
  line(fmt::format("Available since version {}.", version_text(row.since)));
  if (row.is_deprecated()) line(fmt::format("Deprecated since version {}.", version_text(row.deprecated)));
}

void print(std::string& out, const ConfigEntry& e, const Style& style, std::size_t depth) {
  const std::string indent(depth, '\t');
  const std::string mark = e.commented ? "# " : "";
  if (style.values_only && !e.section) {
    if (!e.value.empty()) out += without_blanks(e.value) + "\n";
    return;
  }
  if (e.row != nullptr) print_comments(out, *e.row, style, indent);
  if (e.section) {
    out += fmt::format("{}{}{} {{\n", indent, mark, e.name);
    for (const ConfigEntry& each : e.children) print(out, each, style, depth + 1);
    out += fmt::format("{}{}}}\n", indent, mark);
  } else if (!e.value.empty()) {
    out += fmt::format("{}{}{}{}{}\n", indent, mark, e.name, style.spaces ? " = " : "=",
                       style.spaces ? e.value : without_blanks(e.value));
  }
}

Result<std::string> list(const std::vector<std::string>& paths, bool summary, bool with_version,
                         const ConfigRows& rows) {
  std::string out;
  for (const std::string& path : paths.empty() ? std::vector<std::string>{""} : paths) {
    bool any = false;
    for (const auto section : config::setting_sections()) {
      for (const Setting& row : section) {
        const bool below = path.empty() || row.path == path ||
                           (row.path.starts_with(path) && row.path.substr(path.size()).starts_with('/'));
        if (!below || row.is_section() || !rows.has(row)) continue;
        any = true;
        out += std::string(row.path) + (summary || with_version ? " - " : "") +
               (summary ? first_sentence(row.help) + " " : "");
        out += (with_version ? fmt::format("[{}]", version_text(row.since)) : "") + "\n";
      }
    }
    if (!any) return Error(Errc::NotFound, fmt::format("Configuration node {} not found", printable(path)));
  }
  return out;
}

Status validate(Session& session, const config::Settings& settings) {
  std::vector<std::string> problems = settings.check();
  for (const config::Document& layer : settings.layers())
    for (std::string& problem : config::unknown(layer)) problems.push_back(std::move(problem));
  for (const std::string& problem : problems) session.out().error(problem);
  if (!problems.empty()) return Error(Errc::Corrupt, "LVM configuration invalid.");
  session.out().line("LVM configuration valid.");
  return ok();
}

constexpr std::string_view kGeneralPreamble =
    "# Settings of Ashlar and LVM2, as lvm.conf has them. /etc/lvm/lvm.conf.example says what each is for; so does\n"
    "# lvmconfig --typeconfig default --withcomments. What stands behind a # is a default, and has no effect.\n\n";
constexpr std::string_view kLocalPreamble =
    "# Settings of this host alone, as lvmlocal.conf has them; they are stronger than those of lvm.conf.\n\n";

Status run_lvmconfig(Session& session, const Args& args) {
  static const std::set<std::string_view> kTypes = {"current",
                                                    "default",
                                                    "diff",
                                                    "full",
                                                    "list",
                                                    "missing",
                                                    "new",
                                                    "profilable",
                                                    "profilable-command",
                                                    "profilable-metadata"};
  const std::string type = args.has("list") ? "list" : args.value_or("typeconfig", "current");
  if (!kTypes.contains(type))
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --typeconfig: {}", printable(type)));
  const ConfigRows rows = TRY(ConfigRows::of(args, type));
  ops::System& sys = *TRY(session.system());
  const config::Settings& settings = sys.settings;
  if (args.has("validate")) return validate(session, settings);
  std::string text;
  if (type == "list") {
    text = TRY(list(args.positionals, args.has("list") || args.has("withsummary"), args.has("withversions"), rows));
  } else {
    Style style{args.has("withcomments"), args.has("withsummary"), args.has("withspaces"), args.has("valuesonly"),
                args.has("withversions")};
    if (args.has("withgeneralpreamble")) text += kGeneralPreamble;
    if (args.has("withlocalpreamble")) text += kLocalPreamble;
    const bool profiles = session.options().command_profile || session.options().metadata_profile;
    const ConfigEntry root = config_tree(args, settings, type, rows, args.has("config") || profiles);
    if (args.positionals.empty()) {
      for (const ConfigEntry& section : root.children) {
        if (!section.section || !section.children.empty()) print(text, section, style, 0);
      }
    }
    for (const std::string& path : args.positionals) {
      const ConfigEntry* entry = find_entry(root, path);
      if (entry != nullptr)
        print(text, *entry, style, 0);
      else
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
    {"typeconfig", 0, Arg::Value, "current|default|diff|full|list|missing|new|profilable[-command|-metadata]",
     "Which settings"},
    {"list", 'l', Arg::Flag, "", "Settings with what they are for"},
    {"file", 'f', Arg::Value, "File", "Write there"},
    {"metadataprofile", 0, Arg::Value, "String", "With the settings of this profile"},
    {"validate", 0, Arg::Flag, "", "Check the configuration"},
    {"mergedconfig", 0, Arg::Flag, "", "What is configured with --config over it"},
    {"withcomments", 0, Arg::Flag, "", "With what each setting is for"},
    {"withsummary", 0, Arg::Flag, "", "The same in a sentence"},
    {"withversions", 0, Arg::Flag, "", "With the version of LVM2 that introduced each setting"},
    {"atversion", 0, Arg::Value, "String",
     "Only settings that this version of LVM2 had; with --typeconfig new: that were new in it"},
    {"sinceversion", 0, Arg::Value, "String",
     "With --typeconfig new: settings that came with this version of LVM2 or later"},
    {"withspaces", 0, Arg::Flag, "", "Blanks around ="},
    {"valuesonly", 0, Arg::Flag, "", "Only the values"},
    {"ignoreadvanced", 0, Arg::Flag, "", "Without settings that LVM2 calls advanced"},
    {"ignoreunsupported", 0, Arg::Flag, "", "Accepted: those are only shown when asked for"},
    {"ignorelocal", 0, Arg::Flag, "", "Without the section local"},
    {"showdeprecated", 0, Arg::Flag, "", "With settings that LVM2 gave up"},
    {"showunsupported", 0, Arg::Flag, "", "With settings that LVM2 does not support"},
    {"withgeneralpreamble", 0, Arg::Flag, "", "With a head as lvm.conf has it"},
    {"withlocalpreamble", 0, Arg::Flag, "", "With a head as lvmlocal.conf has it"},
};
}  // namespace

const Command kLvmconfig{"lvmconfig",           "Show and check the configuration",
                         "[SECTION[/NAME]...]", kLvmconfigOptions,
                         run_lvmconfig,         Effect::Reads};
const Command kDumpconfig{"dumpconfig",      "The same as lvmconfig", "[SECTION[/NAME]...]",
                          kLvmconfigOptions, run_lvmconfig,           Effect::Reads};
const Command kConfig{"config",          "The same as lvmconfig", "[SECTION[/NAME]...]",
                      kLvmconfigOptions, run_lvmconfig,           Effect::Reads};

}  // namespace ashlar::cli
