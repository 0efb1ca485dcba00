// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "config/settings.h"

namespace ashlar::config {
namespace {

constexpr std::size_t kWidth = 100;

constexpr std::string_view kHead =
    R"(# Configuration of Ashlar: /etc/lvm/lvm.conf, or lvm.conf in the folder that LVM_SYSTEM_DIR names.
# LVM2 reads the same file. All its settings are listed, but for those that it gave up, which are accepted.
# Every line below shows the default, or an example where nothing is set by default; take away its '#' to
# change it. lvmlocal.conf beside this file has the same form and is stronger; so are, in this order, files of
# the host's tags (tags/hosttags), profiles (config/profile_dir) and --config on the command line.
# Flags are 0 or 1 (or no and yes).
# This file is generated from the table of settings; do not edit it.
)";

}  // namespace

void append_comment(std::string& out, std::string_view indent, std::string_view text) {
  while (!text.empty()) {
    std::size_t length = text.size();
    if (length > kWidth) {
      length = text.rfind(' ', kWidth);
      if (length == std::string_view::npos) length = std::min(text.find(' '), text.size());
    }
    out.append(indent).append("# ").append(text.substr(0, length)).append("\n");
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

std::string example_file() {
  std::string out(kHead);
  for (const auto section : setting_sections()) {
    append_comment(out += "\n", "", section.front().help);
    out.append(section.front().path).append(" {\n");
    bool first = true;
    for (const Setting& row : section.subspan(1)) {
      // What lies deeper has names of the user's choice, and LVM2 gave up the deprecated.
      if (row.is_section() || row.is_deprecated() || row.path.find('<') != std::string_view::npos) continue;
      if (!std::exchange(first, false)) out += "\n";
      append_comment(out, "\t", help_of(row));
      if (row.is(kUnset) || row.is(kDerived)) append_comment(out, "\t", "Not set by default.");
      out.append("\t# ").append(row.path.substr(row.path.find('/') + 1)).append(" = ");
      out.append(row.example.empty() ? print_value(row.initial) : std::string(row.example)).append("\n");
    }
    out += "}\n";
  }
  return out;
}

}  // namespace ashlar::config
