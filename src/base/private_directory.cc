// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/private_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/log.h"

namespace ashlar {

namespace {
constexpr int kOpen = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// A trailing "/" or "/." would make the kernel follow a link in the last component.
std::string without_tail(std::string path) {
  while (path.size() > 1 && (path.back() == '/' || path.ends_with("/."))) path.pop_back();
  return path;
}

Error system_error(const PrivateDirectory& d, const char* doing, int err, const char* after = "") {
  Error error = errno_error(doing + d.text() + after, err);
  return d.context.empty() ? error : std::move(error).context(d.context);
}

Error cannot_open(const PrivateDirectory& d) {
  const int err = errno;
  struct stat st {};
  if (err == ENOTDIR && ::lstat(d.path.c_str(), &st) == 0) {
    return Error(Errc::Refused,
                 fmt::format("The {} is {}; give the path of a real directory{}", d.text(),
                             S_ISLNK(st.st_mode) ? "a symbolic link" : "not a directory", d.elsewhere),
                 err);
  }
  return system_error(d, "Opening ", err);
}

Status check_private(int fd, const PrivateDirectory& d) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return system_error(d, "Examining ", errno);
  if (st.st_uid != 0 && st.st_uid != ::geteuid())
    return Error(Errc::Refused, fmt::format("The {} belongs to user {}, {}", d.text(), st.st_uid, d.if_strange));
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error(Errc::Refused, fmt::format("The {} is writable by others than its owner (mode {:04o}){}", d.text(),
                                            st.st_mode & 07777, d.if_writable));
  return ok();
}

/// Components that exist are the administrator's choice and may be links; one that we make is opened without following
/// and must turn out ours.
Result<UniqueFd> open_or_make(const PrivateDirectory& d, int flags, Missing missing) {
  const std::string& path = d.path;
  UniqueFd fd(::open(path.c_str(), kOpen | flags));
  if (fd) return fd;
  if (errno != ENOENT || missing == Missing::Report || path.empty() || path == "/") return cannot_open(d);

  const std::size_t slash = path.rfind('/');
  PrivateDirectory parent = d;
  parent.path = slash == std::string::npos ? "." : slash == 0 ? "/" : without_tail(path.substr(0, slash));
  const std::string last = path.substr(slash == std::string::npos ? 0 : slash + 1);
  UniqueFd above = TRY(open_or_make(parent, 0, missing));
  if (::mkdirat(above.get(), last.c_str(), 0700) != 0 && errno != EEXIST) return system_error(d, "Making ", errno);
  fd.reset(::openat(above.get(), last.c_str(), kOpen | O_NOFOLLOW));
  if (!fd) return cannot_open(d);
  TRY(check_private(fd.get(), d));
  // A file is durable only if the way to it is.
  if (d.durable && ::fsync(above.get()) != 0 && errno != EINVAL) return system_error(d, "Making ", errno, " durable");
  return fd;
}
}  // namespace

std::string PrivateDirectory::text() const { return what + " " + printable(path); }

Result<UniqueFd> open_private_directory(const PrivateDirectory& directory, Missing missing) {
  PrivateDirectory real = directory;
  real.path = without_tail(directory.path);
  UniqueFd fd = TRY(open_or_make(real, O_NOFOLLOW, missing));
  TRY(check_private(fd.get(), real));
  return fd;
}

}  // namespace ashlar
