// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/temp_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace ashlar::archive {

namespace {
constexpr int kTries = 20;
constexpr std::size_t kMaxHost = 64;

std::string host_name() {
  char host[kMaxHost + 1] = "";
  if (::gethostname(host, kMaxHost) != 0) return "unknown";
  std::string name = host;
  std::replace(name.begin(), name.end(), '/', '?');
  return name;
}

/// The file system has no hard links: FAT, and some network and user-space ones.
bool no_hard_links(int err) { return err == EPERM || err == EOPNOTSUPP || err == ENOSYS || err == EMLINK; }

/// A network file system may have made the link and lost the answer.
bool has_two_names(int fd) {
  struct stat st {};
  return ::fstat(fd, &st) == 0 && st.st_nlink == 2;
}
}  // namespace

Result<TempFile> TempFile::create(int directory, Random& random) {
  const std::string start = fmt::format(".lvm_{}_{}_", host_name(), ::getpid());
  auto shield = std::make_unique<SignalShield>();
  for (int i = 0; i < kTries; ++i) {
    std::string name = start + std::to_string(random.number31());
    const int flags = O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    UniqueFd fd(::openat(directory, name.c_str(), flags, 0600));
    if (fd) return TempFile(std::move(shield), directory, std::move(name), std::move(fd));
    if (errno != EEXIST) return errno_error("Making a temporary file");
  }
  return Error(Errc::Exists, "Making a temporary file: " + std::to_string(kTries) + " names like " + start +
                                 "* are taken; remove these files");
}

TempFile::~TempFile() {
  if (!name_.empty()) ::unlinkat(directory_, name_.c_str(), 0);
}

Status TempFile::fill(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    ssize_t n = retry_eintr([&] { return ::write(fd_.get(), text.data() + at, text.size() - at); });
    if (n < 0) return errno_error("Writing");
    at += static_cast<std::size_t>(n);
  }
  if (::fsync(fd_.get()) != 0) return errno_error("Writing to the disk");
  return ok();
}

Status TempFile::publish_as_new(const std::string& name) {
  const bool linked = ::linkat(directory_, name_.c_str(), directory_, name.c_str(), 0) == 0;
  const int err = errno;
  if (linked || has_two_names(fd_.get())) {
    if (::unlinkat(directory_, name_.c_str(), 0) == 0) name_.clear();
    return ok();
  }
  if (!no_hard_links(err)) return errno_error("Giving it the name " + name, err);
  if (::renameat2(directory_, name_.c_str(), directory_, name.c_str(), RENAME_NOREPLACE) != 0)
    return errno_error("Giving it the name " + name);
  name_.clear();
  return ok();
}

Status TempFile::replace(const std::string& name) {
  if (::renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0)
    return errno_error("Giving it the name " + name);
  name_.clear();
  return ok();
}

Status sync_directory(int directory) {
  // Some network and user-space file systems cannot sync a directory, and say so with EINVAL.
  if (::fsync(directory) != 0 && errno != EINVAL) return errno_error("Writing the directory to the disk");
  return ok();
}

}  // namespace ashlar::archive
