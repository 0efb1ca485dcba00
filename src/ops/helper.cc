// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/helper.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unique_fd.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kMostOutput = 64 << 10;

Result<std::string> find_program(const std::string& name) {
  for (const char* directory : {"/usr/sbin", "/sbin", "/usr/bin", "/bin"}) {
    std::string path = std::string(directory) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Error(Errc::NotFound, fmt::format("The program {} is not installed", name));
}
}  // namespace

Result<HelperResult> run_helper(const std::vector<std::string>& words) {
  const std::string path = TRY(find_program(words.at(0)));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error(Errc::Io, fmt::format("making a pipe: {}", std::strerror(errno)), errno);
  UniqueFd reading(ends[0]), writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
  std::vector<std::string> copy = words;
  std::vector<char*> argv;
  for (std::string& word : copy) argv.push_back(word.data());
  argv.push_back(nullptr);
  char locale[] = "LC_ALL=C", search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {locale, search, nullptr};
  log(LogLevel::Verbose, "Running " + path + ".");
  pid_t child = -1;
  int failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  writing = UniqueFd();
  if (failed != 0) return Error(Errc::Io, fmt::format("starting {}: {}", path, std::strerror(failed)), failed);

  HelperResult result;
  char buffer[4096];
  for (;;) {
    ssize_t got = ::read(reading.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (result.output.size() < kMostOutput) result.output.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace ashlar::ops
