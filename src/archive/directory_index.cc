// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/directory_index.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/log.h"

namespace ashlar::archive {

namespace {
constexpr char kFile[] = ".ashlar_index";
constexpr int kLockTries = 2000;
constexpr long kLockNap = 5'000'000;  // ns

std::optional<Stamp> stamp_of(int directory) {
  struct stat st {};
  if (::fstat(directory, &st) != 0) return std::nullopt;
  return Stamp{st.st_ino, st.st_mtim.tv_sec, st.st_ctim.tv_sec, static_cast<std::uint32_t>(st.st_mtim.tv_nsec),
               static_cast<std::uint32_t>(st.st_ctim.tv_nsec)};
}

/// Marks the directory so that every later change shows; nothing if the file system keeps no such mark.
std::optional<Stamp> mark(int directory) {
  timespec times[2] = {{0, UTIME_OMIT}, {}};
  if (::clock_gettime(CLOCK_REALTIME, &times[1]) != 0 || ::futimens(directory, times) != 0) return std::nullopt;
  std::optional<Stamp> stamp = stamp_of(directory);
  if (!stamp || stamp->mtime != times[1].tv_sec || stamp->mtime_ns != times[1].tv_nsec) return std::nullopt;
  return stamp;
}

UniqueFd open_and_lock(int directory) {
  UniqueFd fd(::openat(directory, kFile, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  for (int i = 0; i < kLockTries; ++i) {
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK && errno != EINTR) return {};
    timespec nap{0, kLockNap};
    ::nanosleep(&nap, nullptr);
  }
  return {};
}

std::string content_of(int fd) {
  std::string bytes;
  struct stat st {};
  if (::fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > static_cast<off_t>(kMaxIndexBytes)) return bytes;
  bytes.resize(static_cast<std::size_t>(st.st_size));
  const ssize_t n = retry_eintr([&] { return ::pread(fd, bytes.data(), bytes.size(), 0); });
  bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return bytes;
}
}  // namespace

DirectoryIndex::DirectoryIndex(int directory, ReadNames read_names)
    : directory_(directory), read_names_(std::move(read_names)), file_(open_and_lock(directory)) {
  if (!file_) {
    log(LogLevel::Debug, std::string("no use of ") + kFile + ", reading the whole archive directory instead");
    return;
  }
  std::optional<IndexTable> kept = decode(content_of(file_.get()));
  if (!kept || stamp_of(directory_) != kept->stamp) return;
  table_ = std::move(*kept);
  stamp_ = table_.stamp;
}

DirectoryIndex::~DirectoryIndex() {
  if (file_) ::flock(file_.get(), LOCK_UN);
}

Status DirectoryIndex::read_directory() {
  stamp_ = mark(directory_);  // before reading: a name that comes while we read makes the stamp wrong, as it should
  table_ = IndexTable{};
  table_.complete = true;
  for (auto& [vg_name, history] : histories(TRY(read_names_(directory_))))
    table_.vgs.emplace_back(vg_name, std::move(history));
  return ok();
}

Result<History*> DirectoryIndex::of(std::string_view vg_name) {
  auto& vgs = table_.vgs;
  auto find = [&] { return std::find_if(vgs.begin(), vgs.end(), [&](const auto& vg) { return vg.first == vg_name; }); };
  auto at = find();
  if (!stamp_ || (at == vgs.end() && !table_.complete)) {
    TRY(read_directory());
    at = find();
  }
  if (at == vgs.end()) at = vgs.emplace(at, vg_name, History{});
  vgs.splice(vgs.begin(), vgs, at);
  return &vgs.front().second;
}

void DirectoryIndex::before_own_change() {
  if (stamp_ && stamp_of(directory_) != stamp_) stamp_.reset();
}

void DirectoryIndex::after_own_change() {
  if (stamp_) stamp_ = mark(directory_);
}

void DirectoryIndex::keep() {
  if (!file_ || !stamp_) return;
  table_.stamp = *stamp_;
  const std::string bytes = encode(table_);
  const auto size = static_cast<off_t>(bytes.size());
  const bool whole = ::pwrite(file_.get(), bytes.data(), bytes.size(), 0) == size;
  // No warning: nothing is lost. The archives themselves are in place, and whoever saves next finds by the stamp or the
  // checksum that this tells nothing, and reads the directory.
  if (::ftruncate(file_.get(), whole ? size : 0) != 0 || !whole)
    log(LogLevel::Debug, std::string("could not write ") + kFile);
}

}  // namespace ashlar::archive
