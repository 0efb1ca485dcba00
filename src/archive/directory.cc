// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>

#include "base/log.h"

namespace ashlar::archive {

namespace {
constexpr int kOpen = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// A trailing "/" or "/." would make the kernel follow a link in the last component.
std::string without_tail(std::string path) {
  while (path.size() > 1 && (path.back() == '/' || path.ends_with("/."))) path.pop_back();
  return path;
}

Error cannot_open(const DirectoryName& name) {
  const int err = errno;
  struct stat st {};
  if (err == ENOTDIR && ::lstat(name.path.c_str(), &st) == 0) {
    return Error(Errc::Refused,
                 fmt::format("The {} is {}; give the path of a real directory in {}", name.text(),
                             S_ISLNK(st.st_mode) ? "a symbolic link" : "not a directory", name.setting),
                 err);
  }
  return errno_error("Opening " + name.text(), err);
}

Status check_private(int fd, const DirectoryName& name) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return errno_error("Examining " + name.text());
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    return Error(Errc::Refused,
                 fmt::format("The {} belongs to user {}, who could alter what a VG is restored from; chown "
                             "it, or name another in {}",
                             name.text(), st.st_uid, name.setting));
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error(Errc::Refused,
                 fmt::format("The {} is writable by others than its owner (mode {:04o}), who could alter "
                             "what a VG is restored from; run chmod go-w on it",
                             name.text(), st.st_mode & 07777));
  }
  return ok();
}

/// Components that exist are the administrator's choice and may be links; one that we make is opened without following
/// and must turn out ours.
Result<UniqueFd> open_or_make(const DirectoryName& name, int flags, Missing missing) {
  const std::string& path = name.path;
  UniqueFd fd(::open(path.c_str(), kOpen | flags));
  if (fd) return fd;
  if (errno != ENOENT || missing == Missing::Report || path.empty() || path == "/") return cannot_open(name);

  const std::size_t slash = path.rfind('/');
  DirectoryName parent = name;
  parent.path = slash == std::string::npos ? "." : slash == 0 ? "/" : without_tail(path.substr(0, slash));
  const std::string last = path.substr(slash == std::string::npos ? 0 : slash + 1);
  UniqueFd above = TRY(open_or_make(parent, 0, missing));
  if (::mkdirat(above.get(), last.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("Making " + name.text());
  fd.reset(::openat(above.get(), last.c_str(), kOpen | O_NOFOLLOW));
  if (!fd) return cannot_open(name);
  TRY(check_private(fd.get(), name));
  // An archive is durable only if the way to it is.
  if (::fsync(above.get()) != 0 && errno != EINVAL) return errno_error("Making " + name.text() + " durable");
  return fd;
}
}  // namespace

std::string DirectoryName::text() const {
  return what + " " + printable(path);
}

Result<UniqueFd> open_directory(const DirectoryName& name, Missing missing) {
  DirectoryName real = name;
  real.path = without_tail(name.path);
  UniqueFd fd = TRY(open_or_make(real, O_NOFOLLOW, missing));
  TRY(check_private(fd.get(), real));
  return fd;
}

Result<std::vector<std::string>> read_names(int directory) {
  // A descriptor of its own: the position of a shared one is shared too.
  UniqueFd fd(::openat(directory, ".", kOpen));
  if (!fd) return errno_error("Opening the directory to read it");
  auto close = [](DIR* d) { ::closedir(d); };
  std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(fd.get()), close);
  if (!stream) return errno_error("Reading the directory");
  fd.release();  // closedir closes it

  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) return errno_error("Reading the directory");
      return names;
    }
    if (entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
  }
}

}  // namespace ashlar::archive
