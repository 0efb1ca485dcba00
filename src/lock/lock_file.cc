// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "base/log.h"
#include "lock/holders.h"

namespace ashlar::lock {

namespace {
std::optional<FileId> id_by_name(int directory, const std::string& name) {
  struct stat st {};
  if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return FileId{st.st_dev, st.st_ino};
}

std::optional<FileId> id_of(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return std::nullopt;
  return FileId{st.st_dev, st.st_ino};
}

/// A waiter on NAME:aux is told who holds NAME (`main_name`), for that is what the aux file's holder waits for too.
Result<UniqueFd> take_one(int directory, const std::string& name, const std::string& main_name, Mode mode, Wait& wait,
                          const std::function<void()>& before_blocking) {
  while (true) {
    UniqueFd fd(::openat(directory, name.c_str(), O_CREAT | O_APPEND | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0700));
    if (!fd) return errno_error(fmt::format("Opening lock file {} for {}", name, wait.what()));
    const std::optional<FileId> opened = id_of(fd.get());
    if (!opened) return Error(Errc::Refused, fmt::format("Lock file {} is not a regular file; remove it", name));

    auto holders = [&] {
      const std::optional<FileId> main = id_by_name(directory, main_name);
      const std::string found = main ? holders_of(*main) : "";
      return found.empty() ? holders_of(*opened) : found;
    };
    TRY(wait.take(fd.get(), mode, holders, before_blocking));
    // The last user removes the file while it still holds the lock, so a waiter may be granted a file without a name.
    if (id_by_name(directory, name) == opened) return fd;
    ::flock(fd.get(), LOCK_UN);
    TRY(wait.begin_again());
  }
}
}  // namespace

LockFile::LockFile(std::shared_ptr<const UniqueFd> directory, std::string name, UniqueFd fd, bool unlock_first)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      fd_(std::move(fd)),
      unlock_first_(unlock_first),
      taker_(::getpid()) {}

LockFile::~LockFile() {
  if (!fd_ || ::getpid() != taker_) return;
  // Unlocked first, so that a waiter gets this very file; removed only if there was none.
  if (unlock_first_) ::flock(fd_.get(), LOCK_UN | LOCK_NB);
  const std::optional<FileId> ours = id_of(fd_.get());
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0 && ours && id_by_name(directory_->get(), name_) == ours)
    ::unlinkat(directory_->get(), name_.c_str(), 0);
  // Closing is not enough: a child that was forked meanwhile may keep a copy of the descriptor, and the lock with it.
  ::flock(fd_.get(), LOCK_UN);
}

Result<LockFile> take_lock_file(const std::shared_ptr<const UniqueFd>& directory, const std::string& name, Mode mode,
                                bool prioritise, Wait& wait, const std::function<void()>& before_blocking) {
  std::optional<LockFile> aux;
  if (prioritise) {
    const std::string aux_name = name + ":aux";
    UniqueFd fd = TRY(take_one(directory->get(), aux_name, name, Mode::Exclusive, wait, before_blocking));
    aux.emplace(directory, aux_name, std::move(fd), false);
    if (mode == Mode::Shared) aux.reset();
  }
  UniqueFd fd = TRY(take_one(directory->get(), name, name, mode, wait, before_blocking));
  log(LogLevel::Debug,
      fmt::format("took {} ({}, {})", wait.what(), name, mode == Mode::Shared ? "shared" : "exclusive"));
  return LockFile(directory, name, std::move(fd), true);
}

}  // namespace ashlar::lock
