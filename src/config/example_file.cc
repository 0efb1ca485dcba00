// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace ashlar::config {
namespace {

constexpr std::size_t kWidth = 100;

constexpr std::string_view kHead =
    R"(# Configuration of Ashlar: /etc/lvm/lvm.conf, or lvm.conf in the folder that LVM_SYSTEM_DIR names.
# LVM2 reads the same file, and settings of LVM2 that are not listed here are accepted and have no effect.
# Every line below shows the default, or an example where nothing is set by default; take away its '#' to
# change it. lvmlocal.conf beside this file has the same form and is stronger; so are, in this order, files of
# the host's tags (tags/hosttags), profiles (config/profile_dir) and --config on the command line.
# Flags are 0 or 1 (or no and yes).
# This file is generated from the table of settings; do not edit it.
)";

/// `text` as comment lines of at most kWidth characters, broken at blanks.
void append_comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t length = text.size();
    if (length > kWidth) {
      length = text.rfind(' ', kWidth);
      if (length == std::string_view::npos) length = std::min(text.find(' '), text.size());
    }
    out.append("\t# ").append(text.substr(0, length)).append("\n");
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

}  // namespace

std::string example_file() {
  std::string out(kHead);
  std::string_view section;
  for (const Setting& row : all_settings()) {
    const std::size_t slash = row.path.find('/');
    if (row.path.substr(0, slash) != section) {
      if (!section.empty()) out += "}\n";
      section = row.path.substr(0, slash);
      out.append("\n").append(section).append(" {\n");
    } else {
      out += "\n";
    }
    append_comment(out, row.help);
    if (!row.defined_by_default) append_comment(out, "Not set by default.");
    out.append("\t# ").append(row.path.substr(slash + 1)).append(" = ");
    out.append(row.example.empty() ? print_value(row.initial) : std::string(row.example)).append("\n");
  }
  return out + "}\n";
}

}  // namespace ashlar::config
