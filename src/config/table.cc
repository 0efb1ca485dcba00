// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of settings as a whole, and what is asked of its rows.
#include <fmt/format.h>

#include "config/settings_rows.h"

namespace ashlar::config {
namespace {

/// The first name of a path, taken off it.
std::string_view take_name(std::string_view& path) {
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), name.size() + 1));
  return name;
}

/// "tags/<tag>" stands for "tags/x".
bool stands_for(std::string_view row, std::string_view path) {
  while (!row.empty() && !path.empty()) {
    const std::string_view pattern = take_name(row);
    if (const std::string_view name = take_name(path); pattern != name && !pattern.starts_with('<')) return false;
  }
  return row.empty() && path.empty();
}

}  // namespace

std::span<const std::span<const Setting>> setting_sections() {
  static const std::span<const Setting> kSections[] = {
      config_rows(),   devices_rows(), allocation_rows(), log_rows(),      backup_rows(),
      shell_rows(),    global_rows(),  activation_rows(), metadata_rows(), report_rows(),
      dmeventd_rows(), tags_rows(),    local_rows()};
  return kSections;
}

const Setting* find_setting(std::string_view path) {
  const std::string_view name = path.substr(0, path.find('/'));
  for (const std::span<const Setting> section : setting_sections()) {
    if (section.front().path != name) continue;
    for (const Setting& row : section) {
      if (row.path == path) return &row;
    }
    for (const Setting& row : section) {
      if (!path.ends_with('/') && stands_for(row.path, path)) return &row;
    }
    return nullptr;
  }
  return nullptr;
}

std::string help_of(const Setting& row) {
  std::string help(row.help);
  if (row.is_deprecated())
    help +=
        fmt::format(" LVM2 gave it up in {}.{}.{}.", row.deprecated.major, row.deprecated.minor, row.deprecated.patch);
  if (row.is(kKept)) help += " Accepted and kept for LVM2; Ashlar does not act on it.";
  return help;
}

}  // namespace ashlar::config
