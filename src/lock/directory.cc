// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/log.h"

namespace ashlar::lock {

namespace {
constexpr int kOpen = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr std::string_view kElsewhere = "global/locking_dir names the lock directory; --nolocking does without";

std::string named(const std::string& path) {
  return "lock directory " + printable(path);
}

/// A trailing "/" or "/." would make the kernel follow a link in the last component.
std::string without_tail(std::string path) {
  while (path.size() > 1 && (path.back() == '/' || path.ends_with("/."))) path.pop_back();
  return path;
}

Error cannot_open(const std::string& path) {
  const int err = errno;
  struct stat st {};
  if (err == ENOTDIR && ::lstat(path.c_str(), &st) == 0) {
    return Error(Errc::Refused,
                 fmt::format("The {} is {}; give the path of a real directory ({})", named(path),
                             S_ISLNK(st.st_mode) ? "a symbolic link" : "not a directory", kElsewhere),
                 err);
  }
  return errno_error("Opening " + named(path), err).context(fmt::format("No locks ({})", kElsewhere));
}

Status check_private(int fd, const std::string& path) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return cannot_open(path);
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    return Error(Errc::Refused,
                 fmt::format("The {} belongs to user {}, who could hold up or mislead this command; remove "
                             "it or chown it ({})",
                             named(path), st.st_uid, kElsewhere));
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error(Errc::Refused,
                 fmt::format("The {} is writable by others than its owner (mode {:04o}); run chmod go-w on "
                             "it ({})",
                             named(path), st.st_mode & 07777, kElsewhere));
  }
  return ok();
}

/// `path` exists or is made, parents first. Components that exist are the administrator's choice and may be links;
/// a component that we make is opened without following and must turn out ours.
Result<UniqueFd> open_or_make(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), kOpen | flags));
  if (fd) return fd;
  if (errno != ENOENT || path.empty() || path == "/") return cannot_open(path);

  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : without_tail(path.substr(0, slash));
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  UniqueFd above = TRY(open_or_make(parent, 0));
  if (::mkdirat(above.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_error("Making " + named(path)).context(fmt::format("No locks ({})", kElsewhere));
  }
  fd.reset(::openat(above.get(), name.c_str(), kOpen | O_NOFOLLOW));
  if (!fd) return cannot_open(path);
  TRY(check_private(fd.get(), path));
  return fd;
}
}  // namespace

Result<UniqueFd> open_lock_directory(const std::string& path) {
  const std::string real = without_tail(path);
  UniqueFd fd = TRY(open_or_make(real, O_NOFOLLOW));
  TRY(check_private(fd.get(), real));
  return fd;
}

}  // namespace ashlar::lock
