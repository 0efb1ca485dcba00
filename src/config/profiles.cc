// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/profiles.h"

#include <fmt/format.h>

#include "base/log.h"
#include "config/files.h"
#include "config/settings.h"

namespace ashlar::config {
namespace {

bool is_section_of(ProfileKind kind, std::string_view path) {
  if (kind == ProfileKind::Metadata)
    return path == "activation" || path == "allocation" || path.starts_with("allocation/cache_settings");
  return path == "report" || path == "global" || path == "log";
}

bool fits(ProfileKind kind, Node section, const std::string& above) {
  for (Node node : section) {
    const std::string path = above.empty() ? std::string(node.key()) : above + "/" + std::string(node.key());
    if (node.is_section() ? !is_section_of(kind, path) || !fits(kind, node, path) : !is_profilable(kind, path))
      return false;
  }
  return true;
}

}  // namespace

bool is_profilable(ProfileKind kind, std::string_view path) {
  if (path.starts_with("allocation/cache_settings/")) return kind == ProfileKind::Metadata;
  const Setting* row = find_setting(path);
  return row != nullptr && row->is(kind == ProfileKind::Metadata ? kOfMetadata : kOfCommands);
}

Result<Document> load_profile(const std::string& directory, const std::string& name, ProfileKind kind) {
  const std::string_view word = kind == ProfileKind::Command ? "command" : "metadata";
  const std::string shown = printable(name);
  auto refused = [&](const std::string& why) {
    return Error(Errc::Refused, fmt::format("{}  Failed to apply {} profile {}.", why, word, shown));
  };
  if (name.empty()) return refused("Undefined profile name.");
  if (name.find('/') != std::string::npos) return refused(fmt::format("{}: bad profile name, it contains '/'.", shown));
  const std::string path = directory + "/" + name + ".profile";
  auto text = read_file(path);
  if (!text) return refused(text.error().message() + ".");
  if (!*text) return refused(path + ": no such file.");
  auto document = Document::parse(std::move(**text), path);
  if (!document) return refused(document.error().message() + ".");
  const bool legal =
      !document->root().first_child().empty() && fits(kind, document->root(), "") && wrong_types(*document).empty();
  if (!legal) return refused(fmt::format("Ignoring invalid {} profile {}.", word, shown));
  return document;
}

}  // namespace ashlar::config
