// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that a person named: read whole, written whole.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/directory.h"
#include "archive/temp_file.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace ashlar::archive {

namespace {
Error too_large(const std::string& doing, std::size_t max) {
  return Error(Errc::Refused,
               fmt::format("{}: it is larger than {} bytes, which is more than is read of any", doing, max));
}

enum class Of : std::uint8_t { Files, Streams };

/// All of a regular file, or of what only is read to its end. `fd`: none if it could not be opened.
Result<std::string> read_open(UniqueFd fd, const std::string& doing, std::size_t max, Of of = Of::Files) {
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0) return errno_error(doing);
  const bool stream = of == Of::Streams && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
  if (!S_ISREG(st.st_mode) && !stream)
    return Error(Errc::Refused, doing + ": it is not a regular file" + (of == Of::Streams ? " or a pipe" : ""));
  if (st.st_size < 0 || static_cast<std::uint64_t>(st.st_size) > max) return too_large(doing, max);

  // The size is a hint: the file may grow, and files of /proc say 0.
  std::string text;
  text.reserve(static_cast<std::size_t>(st.st_size) + 1);
  char buffer[65536];
  while (true) {
    const ssize_t n = retry_eintr([&] { return ::read(fd.get(), buffer, sizeof buffer); });
    if (n < 0) return errno_error(doing);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > max) return too_large(doing, max);
  }
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max) {
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  return read_open(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)),
                   "Reading " + printable(path), max);
}

Result<std::string> read_input(const std::string& path, std::size_t max) {
  return read_open(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)), "Reading " + printable(path), max,
                   Of::Streams);
}

Result<std::string> read_file_in(int directory, const std::string& name, const std::string& path) {
  const std::string doing = "Reading " + printable(path);
  UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!fd && errno == ELOOP) return Error(Errc::Refused, doing + ": it is a link, which is not followed", ELOOP);
  struct stat st {};
  if (fd && ::fstat(fd.get(), &st) == 0 && st.st_uid != 0 && st.st_uid != ::geteuid())
    return Error(Errc::Refused,
                 fmt::format("{}: it belongs to user {}, who could have written anything into it", doing, st.st_uid));
  return read_open(std::move(fd), doing, kMostText);
}

Status write_file(const std::string& path, const std::string& text) {
  const std::string doing = "Writing " + printable(path);
  struct stat st {};
  if (::stat(path.c_str(), &st) == 0 && !S_ISREG(st.st_mode))
    return Error(Errc::Refused, doing + ": it exists and is not a regular file");
  const std::size_t slash = path.rfind('/');
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (name.empty()) return Error(Errc::InvalidArgument, doing + ": it names no file");
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);

  UniqueFd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error(doing + ": opening its directory");
  SystemRandom random;
  auto save = [&]() -> Status {
    TempFile temp = TRY(TempFile::create(directory.get(), random));
    TRY(temp.fill(text));
    TRY(temp.replace(name));
    return sync_directory(directory.get());
  };
  return save().context(doing);
}

Result<std::string> Archive::read(const Entry& entry) { return read_file(entry.path); }

}  // namespace ashlar::archive
