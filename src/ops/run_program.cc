// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/run_program.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unique_fd.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kMostKept = 4096;  // of what it says

std::string path_of(const std::string& name) {
  if (name.find('/') != std::string::npos) return {};
  for (const char* directory : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    std::string path = directory + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

/// Reads to the end; keeps the beginning.
std::string read_all(int fd) {
  std::string said;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return said;
    said.append(buffer, std::min(static_cast<std::size_t>(n), kMostKept - std::min(kMostKept, said.size())));
  }
}
}  // namespace

Status run_program(const std::vector<std::string>& arguments) {
  ASHLAR_REQUIRE(!arguments.empty());
  const std::string path = path_of(arguments[0]);
  if (path.empty()) return Error(Errc::NotFound, fmt::format("there is no program {} in /usr/sbin, /usr/bin, /sbin or /bin", printable(arguments[0])));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error(Errc::Io, "no pipe for " + path, errno);
  UniqueFd from(ends[0]), to(ends[1]);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, to.get(), STDERR_FILENO);
  std::vector<std::string> words = arguments;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale = "LC_ALL=C";
  char* environment[] = {search.data(), locale.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Error(Errc::Io, "cannot start " + path, failed);

  to = UniqueFd();
  const std::string said = read_all(from.get());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Error(Errc::Io, "nobody knows how " + path + " ended", errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ok();
  return Error(Errc::Io, fmt::format("{} failed ({} {}): {}", path, WIFEXITED(status) ? "status" : "signal",
                                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), printable(said)));
}

}  // namespace ashlar::ops
