// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/system_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"

namespace ashlar {

std::optional<std::string> read_system_file(const std::string& path, std::size_t most) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return std::nullopt;
  std::string text;
  char piece[8192];
  while (text.size() < most) {
    const ssize_t got =
        retry_eintr([&] { return ::read(fd.get(), piece, std::min(sizeof piece, most - text.size())); });
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

std::string system_file(const std::string& path, std::size_t most) { return read_system_file(path, most).value_or(""); }

}  // namespace ashlar
