// SPDX-License-Identifier: LGPL-2.1-or-later
// The process around a command line: descriptors, terminal, signals, and the last word on exceptions.
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <malloc.h>
#include <optional>
#include <string>
#include <sys/stat.h>
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
}  // namespace

int main(int argc, char** argv) {
  // A large VG's text and values come and go several times: memory given back to the system costs more to get again
  // than all that is done with it.
  ::mallopt(M_MMAP_THRESHOLD, 256 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 1 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end us between two writes of a commit
  ashlar::cli::Program program{
      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); },
      [](std::string_view text) {
        std::fflush(stdout);
        std::fwrite(text.data(), 1, text.size(), stderr);
      },
      ashlar::ops::make_system, read_answer, [](unsigned mask) { ::umask(mask); }};
  try {
    int status = ashlar::cli::run({argv, argv + argc}, program);
    return std::fflush(stdout) == 0 ? status : static_cast<int>(ashlar::cli::Exit::Failed);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "  %s\n", e.what());
    return static_cast<int>(ashlar::cli::Exit::Failed);
  }
}
