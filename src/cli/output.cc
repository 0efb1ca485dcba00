// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/output.h"

#include <algorithm>

#include "base/log.h"

namespace ashlar::cli {

std::string Output::safe(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t end = std::min(text.find_first_of("\t\n"), text.size());
    out += printable(text.substr(0, end));
    if (end == text.size()) return out;
    out += text[end];
    text.remove_prefix(end + 1);
  }
}

}  // namespace ashlar::cli
