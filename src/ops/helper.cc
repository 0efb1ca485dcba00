// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>

#include "base/log.h"
#include "base/unique_fd.h"

namespace ashlar::ops {

namespace {
constexpr std::size_t kMostOutput = 64 << 10;
}  // namespace

Result<std::string> find_program(const std::string& name) {
  for (const char* directory : {"/usr/sbin", "/sbin", "/usr/bin", "/bin"}) {
    std::string path = std::string(directory) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Error(Errc::NotFound, fmt::format("The program {} is not installed", name));
}

Result<HelperResult> run_helper(const std::vector<std::string>& words, const HelperOptions& options) {
  const std::string path = TRY(find_program(words.at(0)));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return Error(Errc::Io, fmt::format("making a pipe: {}", std::strerror(errno)), errno);
  UniqueFd reading(ends[0]), writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (!options.our_stdin) ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
  std::vector<std::string> copy = words;
  std::vector<char*> argv;
  for (std::string& word : copy) argv.push_back(word.data());
  argv.push_back(nullptr);
  char locale[] = "LC_ALL=C", search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  // The second is what e2fsprogs before 1.47.1 listen to.
  std::string date = fmt::format("SOURCE_DATE_EPOCH={}", options.time.value_or(0)),
              of_ext = fmt::format("E2FSPROGS_FAKE_TIME={}", options.time.value_or(0));
  char* environment[] = {locale, search, options.time ? date.data() : nullptr, of_ext.data(), nullptr};
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

Error helper_error(const std::string& what, const HelperResult& result) {
  return Error(Errc::Io, fmt::format("{} failed with status {}: {}", what, result.status, complaint(result.output)));
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view name) {
  const std::size_t named = text.find(name);
  if (named == std::string_view::npos) return std::nullopt;
  const std::size_t at = text.find_first_of("0123456789", named + name.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t n = 0;
  const auto read = std::from_chars(text.data() + at, text.data() + text.size(), n);
  return read.ec == std::errc() ? std::optional(n) : std::nullopt;
}

std::string complaint(const std::string& output) {
  constexpr std::size_t kMostLines = 2, kMostBytes = 200;  // of a line
  // "mke2fs 1.47.0 (5-Feb-2023)"
  auto is_version = [](const std::string& line) {
    const std::size_t blank = line.find(' ');
    return blank != std::string::npos && blank + 1 < line.size() && line.find(':') > blank &&
           std::isdigit(static_cast<unsigned char>(line[blank + 1])) != 0;
  };
  std::string said;
  std::size_t lines = 0;
  std::istringstream in(output);
  for (std::string line; lines < kMostLines && std::getline(in, line);) {
    const std::size_t from = line.find_first_not_of(" \t\r");
    if (from == std::string::npos || is_version(line)) continue;
    line = line.substr(from, line.find_last_not_of(" \t\r") + 1 - from);
    if (line.starts_with("Usage") || line.starts_with("usage")) break;
    said +=
        (lines++ == 0 ? "" : "; ") + printable(line.substr(0, kMostBytes)) + (line.size() > kMostBytes ? "..." : "");
  }
  return said.empty() ? "it does not say why" : said;
}

}  // namespace ashlar::ops
