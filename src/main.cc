// SPDX-License-Identifier: LGPL-2.1-or-later
// The process around a command line: descriptors, terminal, signals, and the last word on exceptions.
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/run.h"

namespace {
std::optional<std::string> read_answer() {
  if (::isatty(STDIN_FILENO) == 0) return std::nullopt;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

/// As much as any input file may have.
ashlar::Result<std::string> read_stdin() {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  std::string text;
  char buffer[65536];
  while (std::cin.read(buffer, sizeof buffer) || std::cin.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > kMost) return ashlar::Error(ashlar::Errc::InvalidArgument, "standard input is longer than 64 MiB");
  }
  return text;
}
}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end us between two writes of a commit
  ashlar::cli::Program program{
      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); },
      [](std::string_view text) {
        std::fflush(stdout);
        std::fwrite(text.data(), 1, text.size(), stderr);
      },
      ashlar::ops::make_system, read_answer, read_stdin};
  try {
    int status = ashlar::cli::run({argv, argv + argc}, program);
    return std::fflush(stdout) == 0 ? status : static_cast<int>(ashlar::cli::Exit::Failed);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "  %s\n", e.what());
    return static_cast<int>(ashlar::cli::Exit::Failed);
  }
}
