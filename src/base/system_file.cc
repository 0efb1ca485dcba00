// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/system_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace ashlar {

std::string system_file(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{256} << 20;
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return {};
  std::string text;
  char piece[8192];
  while (text.size() < kMost) {
    const ssize_t got = ::read(fd.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {};
    if (got == 0) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace ashlar
