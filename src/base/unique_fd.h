// SPDX-License-Identifier: LGPL-2.1-or-later
// Owns a file descriptor, a directory stream; and the one place where errno becomes an Error.
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"

namespace ashlar {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using UniqueDir = std::unique_ptr<DIR, CloseDir>;

/// "what: strerror(err)" with the Errc that fits: ENOENT NotFound, EBUSY Busy, EEXIST Exists, ENOSPC NoSpace,
/// EINTR Interrupted, else Io.
Error errno_error(const std::string& what, int err = errno);

/// Calls `f` again while it fails with EINTR.
template <class F>
auto retry_eintr(F f) {
  while (true) {
    auto r = f();
    if (r != -1 || errno != EINTR) return r;
  }
}

}  // namespace ashlar
