// SPDX-License-Identifier: LGPL-2.1-or-later
// Command lines on real image files in a temporary folder, with settings, locks and archives of their own there. The
// words of a line are separated by blanks; DIR in it is the folder.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sstream>
#include <string>

#include "cli/run.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {

class ImageMachine {
 public:
  ImageMachine() { put_file(dir / "etc/lvm.conf", "global { locking_dir = \"" + dir.path() + "/lock\" }\n"); }

  /// `input` is what is on its standard input, a pipe or a file in memory.
  Ran run(std::string line, const std::string& input = {}) {
    for (std::size_t at; (at = line.find("DIR")) != std::string::npos;) line.replace(at, 3, dir.path());
    UniqueFd in(::memfd_create("in", MFD_CLOEXEC)), out(::memfd_create("out", MFD_CLOEXEC));
    EXPECT_EQ(::write(in.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
    ::lseek(in.get(), 0, SEEK_SET);
    Ran ran;
    cli::Program program{
        .out = [&](std::string_view text) { ran.out += text; },
        .err = [&](std::string_view text) { ran.err += text; },
        .make_system =
            [&](ops::SystemOptions options) {
              options.directory = dir / "etc";
              return ops::make_system(options);
            },
        .in_fd = in_fd >= 0 ? in_fd : in.get(),
        .out_fd = out.get(),
    };
    std::vector<std::string> words;
    std::istringstream stream(line);
    for (std::string word; stream >> word;) words.push_back(word);
    ran.status = cli::run(words, program);
    ran.report.resize(static_cast<std::size_t>(::lseek(out.get(), 0, SEEK_END)));
    EXPECT_EQ(::pread(out.get(), ran.report.data(), ran.report.size(), 0), static_cast<ssize_t>(ran.report.size()));
    return ran;
  }
  /// run() that must end well; what it wrote: to stdout, then bytes in bulk.
  std::string must(const std::string& line, const std::string& input = {}) {
    Ran ran = run(line, input);
    EXPECT_EQ(ran.status, 0) << line << "\n" << ran.out << ran.err;
    return ran.out + ran.report;
  }
  std::string bytes(const std::string& file) const {
    std::vector<std::byte> all = slurp(dir / file);
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }
  /// Whole disks of 64 MiB full of a byte, so that whatever is written besides shows.
  void full_disk(const std::string& name, char with) { put_file(dir / name, std::string(std::size_t{64} << 20, with)); }

  TempDir dir;
  int in_fd = -1;  ///< instead of `input`, if it is one
};

/// Bytes that no two places share.
inline std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  SeededRandom random(seed);
  random.fill(text.data(), size);
  return text;
}

}  // namespace ashlar::test
