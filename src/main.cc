// SPDX-License-Identifier: LGPL-2.1-or-later
// The process around a command line: descriptors, terminal, signals, and the last word on exceptions.
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/line_editor.h"
#include "cli/run.h"

namespace {
/// A line of a pipe or file, and nothing after it: the rest is for whoever reads next. Whoever holds the pipe open and
/// says nothing has not answered.
std::optional<std::string> read_piped_answer() {
  constexpr int kPatience = 60'000;  // ms
  constexpr std::size_t kLongest = 256;
  std::string line;
  for (char c = 0; line.size() < kLongest; line += c) {
    pollfd in{STDIN_FILENO, POLLIN, 0};
    if (::poll(&in, 1, kPatience) <= 0 || ::read(STDIN_FILENO, &c, 1) != 1) return std::nullopt;
    if (c == '\n') return line;
  }
  return std::nullopt;
}

std::optional<std::string> read_answer() {
  if (::isatty(STDIN_FILENO) == 0) return read_piped_answer();
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

/// What could not be written where results go.
struct Lost {
  const char* variable = nullptr;  ///< that names the descriptor; null: nothing is lost
  int error = 0;
};

/// The open descriptor that a variable of the environment names.
std::optional<int> descriptor_of(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  int fd = -1;
  const char* end = text + std::strlen(text);
  if (auto [rest, ec] = std::from_chars(text, end, fd); ec != std::errc() || rest != end || ::fcntl(fd, F_GETFD) < 0)
    return std::nullopt;
  return fd;
}

/// Is what the variable names, if it is set, one that can be written to?
bool is_usable(const char* variable) {
  if (std::getenv(variable) == nullptr) return true;
  const std::optional<int> fd = descriptor_of(variable);
  const int flags = fd ? ::fcntl(*fd, F_GETFL) : -1;
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/// What writes to that descriptor, or nothing. `lost`: where its first failure is kept.
ashlar::cli::Output::Sink sink_of(const char* variable, Lost* lost = nullptr) {
  const std::optional<int> named = descriptor_of(variable);
  if (!named) return {};
  return [variable, lost, fd = *named](std::string_view line) {
    std::fflush(stdout);  // it may be the same file
    while (!line.empty()) {
      const ssize_t n = ::write(fd, line.data(), line.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        if (lost != nullptr && lost->variable == nullptr) *lost = {variable, n < 0 ? errno : EIO};
        return;
      }
      line.remove_prefix(static_cast<std::size_t>(n));
    }
  };
}

/// For a person who watches stderr.
ashlar::cli::Output::Sink progress_sink() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
}

/// As much as any input file may have.
ashlar::Result<std::string> read_stdin() {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  std::string text;
  char buffer[65536];
  while (std::cin.read(buffer, sizeof buffer) || std::cin.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > kMost)
      return ashlar::Error(ashlar::Errc::InvalidArgument, "standard input is longer than 64 MiB");
  }
  return text;
}

/// Started with 0, 1 or 2 closed, the next disk or lock file opened would get that number, and our own words with it.
void fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDWR);  // gets the lowest number that is free: this one
  }
}

/// The command line, and whether its output could be written.
int run(int argc, char** argv) {
  // Before anything is done whose answer would then be lost.
  for (const char* variable : {"LVM_OUT_FD", "LVM_ERR_FD", "LVM_REPORT_FD"}) {
    if (is_usable(variable)) continue;
    std::fprintf(
        stderr,
        "  %s=%s names no descriptor that is open for writing: unset it, or open that one, as in %s=3 … 3>FILE\n",
        variable, ashlar::printable(std::getenv(variable)).c_str(), variable);
    return static_cast<int>(ashlar::cli::Exit::InitFailed);
  }
  const bool on_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  Lost lost;
  ashlar::cli::Program program{
      .out = sink_of("LVM_OUT_FD", &lost),
      .err = sink_of("LVM_ERR_FD"),
      .make_system = ashlar::ops::make_system,
      .read_answer = read_answer,
      .read_stdin = read_stdin,
      .set_umask = [](unsigned mask) { ::umask(mask); },
      .read_line =
          [on_terminal](const std::string& prompt) {
            std::fflush(stdout);
            return ashlar::cli::read_shell_line(
                prompt, on_terminal, [](const ashlar::cli::Command& command, const std::vector<std::string>& words) {
                  return ashlar::cli::names_there({.make_system = ashlar::ops::make_system}, command, words);
                });
          },
      .in_fd = STDIN_FILENO,
      .out_fd = STDOUT_FILENO,
      .progress = progress_sink(),
      .on_terminal = on_terminal,
      .answers_piped = ::isatty(STDIN_FILENO) == 0,
      .out_on_terminal = ::isatty(descriptor_of("LVM_OUT_FD").value_or(STDOUT_FILENO)) != 0,
      .report = sink_of("LVM_REPORT_FD", &lost),
  };
  if (!program.out) program.out = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  if (!program.err)
    program.err = [](std::string_view text) {
      std::fflush(stdout);
      std::fwrite(text.data(), 1, text.size(), stderr);
    };
  const int status = ashlar::cli::run({argv, argv + argc}, program);
  errno = 0;
  // Who closed the pipe does not want to know.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    if (errno != EPIPE)
      std::fprintf(stderr, "  Cannot write the output: %s\n",
                   errno != 0 ? std::strerror(errno) : "some of it is missing");
  } else if (lost.variable != nullptr) {
    if (lost.error != EPIPE)
      std::fprintf(stderr, "  Cannot write to the descriptor that %s names: %s\n", lost.variable,
                   std::strerror(lost.error));
  } else {
    return status;
  }
  return static_cast<int>(ashlar::cli::Exit::Failed);
}
}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  // A large report goes out in large pieces; what is written to stderr flushes it first.
  static char output[1 << 16];
  if (::isatty(STDOUT_FILENO) == 0) std::setvbuf(stdout, output, _IOFBF, sizeof output);
  // A large VG's text and values come and go several times: memory given back to the system costs more to get again
  // than all that is done with it.
  ::mallopt(M_MMAP_THRESHOLD, 256 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 1 << 20);
  // A reader that goes away, or a file that may not grow, must not end us between two writes of a commit.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs(
        "  There is not enough memory: the command was stopped. With more, or with --devices for fewer, it can be run again.\n",
        stderr);
    return static_cast<int>(ashlar::cli::Exit::Failed);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "  %s\n", e.what());
    return static_cast<int>(ashlar::cli::Exit::Failed);
  }
}
